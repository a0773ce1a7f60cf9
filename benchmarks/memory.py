"""Peak memory of a whole run, tracking and rendering, over few and many frames: it should not grow.

Each run is a process of its own; `growth` compares its peak with the first run's.
"""

from __future__ import annotations

import runpy
import subprocess
import sys
import tempfile
from pathlib import Path

_OVERLAP = runpy.run_path(str(Path(__file__).with_name("overlap.py")))
_RUN = """
import resource, sys
from ff_vfx import door
plate, stills, output = sys.argv[1:]
job = door.make_job({"plate": plate, "performer": stills, "output": output},
                    changes={"steady": {"window": 1}, "fuse": {"crop_px": 128}, "track": {"crop_variants": 1}})
report = door.render(job)
assert report.exit_code == 0, report.faults
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0)
"""


def rows(quick: bool) -> list[dict[str, object]]:
    """One row a length."""
    found: list[dict[str, object]] = []
    for count in (8, 24) if quick else (50, 500):
        with tempfile.TemporaryDirectory() as folder:
            plate = _OVERLAP["long_plate"](Path(folder), count)
            still = str(_OVERLAP["SHOT"] / "performer" / "still_0.exr")
            command = [sys.executable, "-c", _RUN, plate, still, f"{folder}/out.####.exr"]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            peak = float(done.stdout.split()[-1])
        first = float(str(found[0]["peak MiB"])) if found else peak
        found.append({"frames": count, "peak MiB": peak, "growth": peak / first})
    return found
