"""One call: a job in, a report out. Two frames of the example shot."""

import sys
from pathlib import Path

from ff_vfx import door

SHOT = Path(__file__).parent / "s010"


def main(output: Path) -> None:
    job = door.make_job(
        {
            "plate": str(SHOT / "plate.####.exr"),
            "performer": str(SHOT / "performer"),
            "output": str(output / "fused.####.exr"),
            "frames": "1001,1006",
        },
        changes={"composite": {"skin_tone": 0.5}},
    )
    report = door.render(job)
    for frame in report.frames:
        print(frame.number, frame.outcome, frame.path, frame.fault)
    sys.exit(report.exit_code)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "out/one_call"))
