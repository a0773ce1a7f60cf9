"""Stage by stage: open, track, prepare, render, write. What door.render does, without its threads and reports."""

import sys
from dataclasses import replace
from pathlib import Path

from ff_vfx.engine import models_folder
from ff_vfx.fuse.performer import fuser_from_stills
from ff_vfx.plate import open_plate, output_path, read_still, write_frame
from ff_vfx.shot import FLOOR, prepare, render_frame
from ff_vfx.track import choose_track, detect_still, load_solve, open_detectors, save_solve, track_plate
from ff_vfx.types.identity import Identity, Still
from ff_vfx.types.settings import settings_from

SHOT = Path(__file__).parent / "s010"


def main(output: Path) -> None:
    output.mkdir(parents=True, exist_ok=True)
    settings = settings_from("post", {"output": {"layers": "face"}})
    plate = open_plate(str(SHOT / "plate.####.exr"))
    detectors = open_detectors(models_folder())

    # Pass 1: the whole shot, once. The solve is a file: edit it, keyframe it, use it for any performer.
    solve_file = output / "s010.ffsolve.json"
    save_solve(track_plate(plate, settings.track, detectors), solve_file)
    solve = load_solve(solve_file, plate_key=plate.key)
    track = choose_track(solve, plate, "")

    # The performer: each still with its one face.
    stills = []
    for path in sorted((SHOT / "performer").glob("*.exr")):
        frame = read_still(str(path))
        stills.append(Still(frame, detect_still(frame, detectors, path.name), path.name))
    performer = Identity("C", tuple(stills))

    # Pass 2: any frame, in any order. Nothing is carried from one to the next.
    floor = FLOOR * 2.0**-solve.exposure_stops
    fuser = fuser_from_stills(performer, track, settings.fuse, plate.colour_space, floor)
    shot = prepare(plate, solve, track, fuser, settings)
    for number in (1006, 1001):
        layers = render_frame(shot, number)
        layers = replace(layers, attributes={**layers.attributes, "artist": "by hand"})
        write_frame(layers, output_path(str(output / "hand.####.exr"), number), settings.output)
        print(number, layers.window, *sorted(layers.planes))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "out/stages_by_hand"))
