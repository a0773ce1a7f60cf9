"""Pictures for people, made at the door: before / performer / after, review movies, track overlays.

Read by ff_vfx.door.public and tracking. All are 8-bit display pictures of files that are there already; no pixel of the
shot comes through here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from ff_vfx.colour import to_display
from ff_vfx.door.cast import roles_of
from ff_vfx.door.deliverables import Deliverable
from ff_vfx.door.doubt import doubt_planes, frame_doubt
from ff_vfx.door.folders import make_folder
from ff_vfx.door.labelled import Burnt
from ff_vfx.door.linear import open_plate_to_render
from ff_vfx.errors import PlateError, TrackLost
from ff_vfx.image.overlay import ArtistsSay, doubt_curves, doubt_overlay
from ff_vfx.image.sheet import contact_sheet
from ff_vfx.plate import open_plate, output_path, parse_frames, read_still, write_movie, write_png
from ff_vfx.steady.parts import curve_at
from ff_vfx.track.picture import overlay, track_sheet
from ff_vfx.types.frame import Frame
from ff_vfx.types.job import Job
from ff_vfx.types.plate import Plate
from ff_vfx.types.report import ProgressCall
from ff_vfx.types.solve import Solve

_SHEET_ROWS = 3


def before_after_sheet(job: Job, path: str) -> None:
    """See ff_vfx.door.write_sheet: a few frames spread over the job, each beside a still of the performer.

    Raises:
        PlateError: no frame of the output can be read.
    """
    make_folder(Path(path).parent)
    plate, output, numbers = _pair(job)
    stills = [still for role in roles_of(job) for still in role.stills]
    burnt = Burnt(job, numbers, output.size)
    pictures, captions = [], []
    for row, number in enumerate(_spread(numbers, _SHEET_ROWS)):
        still = stills[row % len(stills)]
        pictures += [
            shown(plate.read(number)),
            shown(read_still(str(still), colour_space=job.stills_colour)),
            burnt.on(shown(output.read(number)), number),
        ]
        captions += [f"plate {number}", f"performer: {still.name}", f"fused {number}"]
    deliverable = Deliverable(job.output, _spread(numbers, _SHEET_ROWS))
    write_png(contact_sheet(pictures, captions, columns=3), Path(path), about=deliverable.about)
    deliverable.finish(Path(path), "picture")


def review_movie(job: Job, path: str, *, progress: ProgressCall) -> None:
    """See ff_vfx.door.write_review."""
    make_folder(Path(path).parent)
    plate, output, numbers = _pair(job)

    burnt = Burnt(job, numbers, output.size)

    def pictures() -> Iterator[np.ndarray]:
        for done, number in enumerate(numbers, 1):
            yield burnt.on(shown(output.read(number)), number)
            progress("review", done, len(numbers))

    deliverable = Deliverable(job.output, numbers)
    write_movie(pictures(), Path(path), rate=plate.rate, about=deliverable.about)
    deliverable.finish(Path(path), "movie")


def doubt_movie(job: Job, path: str, *, progress: ProgressCall) -> None:
    """See ff_vfx.door.write_review, view 'confidence'."""
    make_folder(Path(path).parent)
    plate, output, numbers = _pair(job)

    burnt = Burnt(job, numbers, output.size)

    def pictures() -> Iterator[np.ndarray]:
        for done, number in enumerate(numbers, 1):
            file = output_path(job.output, number)
            planes = doubt_planes(file, number)
            told = frame_doubt(file, number)
            picture = burnt.on(shown(output.read(number)), number)
            yield doubt_overlay(picture, planes.confidence, planes.coverage, told)
            progress("review", done, len(numbers))

    deliverable = Deliverable(job.output, numbers)
    write_movie(pictures(), Path(path), rate=plate.rate, about=deliverable.about)
    deliverable.finish(Path(path), "movie")


def doubt_picture(job: Job, path: str) -> None:
    """See ff_vfx.door.write_curves."""
    make_folder(Path(path).parent)
    _, _, numbers = _pair(job)
    frames = [frame_doubt(output_path(job.output, number), number) for number in numbers]
    steady = job.settings.steady
    weights = {number: curve_at(number, steady) for number in numbers} if steady.weights else {}
    write_png(doubt_curves(frames, ArtistsSay(weights, steady.trusted)), Path(path))


def overlay_pictures(
    plate: Plate, solve: Solve, numbers: Sequence[int], *, sheet: str, movie: str, progress: ProgressCall
) -> None:
    """The track drawn over the plate: a sheet of the first track, a movie of all.

    Args:
        numbers: the frames of the movie. sheet, movie: paths; empty: not made.
    """
    if sheet and solve.tracks:
        pages = [
            track_sheet(track, lambda number: _readable(plate, number, solve.exposure_stops), cuts=solve.cuts)
            for track in solve.tracks
        ]
        write_png(np.concatenate(pages), Path(sheet))
    if movie:
        write_movie(_overlays(plate, solve, numbers, progress), Path(movie), rate=plate.rate)


def shown(frame: Frame, exposure_stops: float = 0.0) -> np.ndarray:
    """A frame as it would be looked at: sRGB in its display window, (h, w, 3) uint8; black outside the data window."""
    inside = frame.data_window.intersect(frame.display_window)
    rows, columns = inside.slices(frame.data_window)
    picture = to_display(frame.pixels[:3, rows, columns].float(), frame.colour_space, exposure_stops)
    if inside == frame.display_window:
        return picture
    canvas = np.zeros((frame.display_window.height, frame.display_window.width, 3), np.uint8)
    rows, columns = inside.slices(frame.display_window)
    canvas[rows, columns] = picture
    return canvas


def _pair(job: Job) -> tuple[Plate, Plate, list[int]]:
    """The plate, what was made of it, and the frames of the job that were made."""
    plate = open_plate_to_render(job.plate, job.plate_colour)
    numbers = parse_frames(job.frames, plate.numbers)
    made = [number for number in numbers if output_path(job.output, number).is_file()]
    if not made:
        raise PlateError(f"{job.output}: no frame of it is there; render it first")
    return plate, open_plate(job.output, colour_space=plate.colour_space), made


def _spread(numbers: Sequence[int], count: int) -> list[int]:
    places = np.linspace(0, len(numbers) - 1, min(count, len(numbers))).round().astype(int)
    return [numbers[place] for place in places]


def _readable(plate: Plate, number: int, stops: float) -> np.ndarray | None:
    try:
        return shown(plate.read(number), stops)
    except PlateError:
        return None


def _overlays(plate: Plate, solve: Solve, numbers: Sequence[int], progress: ProgressCall) -> Iterator[np.ndarray]:
    for done, number in enumerate(numbers, 1):
        picture = _readable(plate, number, solve.exposure_stops)
        if picture is None:
            picture = np.zeros((plate.size[1], plate.size[0], 3), np.uint8)
        if not solve.tracks:
            picture = overlay(picture, None, "no face in this shot")
        for track in solve.tracks:
            try:
                picture = overlay(picture, track.face(number))
            except TrackLost as lost:
                picture = overlay(picture, None, str(lost))
        progress("movie", done, len(numbers))
        yield picture
