"""Whose face: the artist's choice among the people of a shot. Read by shot and the door."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from ff_vfx.errors import BadInput, FaceNotFound, PlateError
from ff_vfx.track.detect import detect_still
from ff_vfx.track.networks import Detectors
from ff_vfx.track.pose import fit_pose
from ff_vfx.track.recognise import Recogniser, likeness
from ff_vfx.track.signature import signature, unlikeness
from ff_vfx.types.face import Face, FaceTrack
from ff_vfx.types.frame import Frame
from ff_vfx.types.identity import Still
from ff_vfx.types.plate import Plate
from ff_vfx.types.solve import Solve

_LOOKS = 4  # frames of each track that a still is compared with


def choose_track(
    solve: Solve,
    plate: Plate,
    choice: str,
    engines: Detectors | None = None,
    *,
    open_still: Callable[[Path], Frame] | None = None,
    same_person: float = 0.35,
) -> FaceTrack:
    """The track an artist means.

    Args:
        choice: '' the one with the largest face for the longest time; '0', '1'... counts from the left on the first
            frame that shows anybody; 'x,y' the nearest to that plate pixel on that frame; a track's name; else the path
            of a picture of the person.
        engines, open_still: needed for a picture alone; open_still reads it scene-linear.
        same_person: with a recogniser, the cosine from which two faces are one person.

    Returns:
        One of the solve's tracks. By picture it is the person a recogniser sees in it, where the engines have one.
        Without one it is the track that looks most like it, by proportions of the face and by colour. That is NOT
        recognition: it tells people of one shot apart in a still from that shot or light, and for any other picture it
        only guesses. Check the track sheet.

    Raises:
        FaceNotFound: the solve has nobody, or not that many, or the picture shows nobody, or nobody of the shot.
        BadInput: a choice that is none of the above.
    """
    if not solve.tracks:
        raise FaceNotFound(f"{plate.name}: no face on any frame; lower track.confidence or set track.tiles to 'always'")
    text = choice.strip()
    if not text:
        return max(solve.tracks, key=_presence)
    named = [t for t in solve.tracks if t.name == text]
    if named:
        return named[0]
    if text.lstrip("-").isdigit():
        return _counted(solve, int(text))
    spot = _spot(text)
    if spot is not None:
        return _nearest(solve, spot)
    still, engines = _still(Path(text), engines, open_still)
    if engines.recogniser is not None:
        return _recognised(solve, plate, still, engines.recogniser, same_person)
    return _like_picture(solve, plate, still)


def _presence(track: FaceTrack) -> float:
    """Sum over the frames of the face's height: large and long wins."""
    there = [s != "lost" for s in track.status]
    return float(np.ptp(track.landmarks[there][:, :468, 1], axis=1).sum()) if any(there) else 0.0


def _first_shown(solve: Solve) -> list[tuple[FaceTrack, np.ndarray]]:
    """Everybody with his centre, on the first frame that shows anybody; those who come later follow, in order."""
    first = min((_first_row(t) for t in solve.tracks), default=0)
    here = [t for t in solve.tracks if _first_row(t) == first]
    later = sorted((t for t in solve.tracks if _first_row(t) != first), key=_first_row)
    here.sort(key=lambda t: float(t.landmarks[first, :468, 0].mean()))
    return [(t, t.landmarks[_first_row(t), :468, :2].mean(0)) for t in (*here, *later)]


def _first_row(track: FaceTrack) -> int:
    return next((k for k, s in enumerate(track.status) if s != "lost"), len(track.status) - 1)


def _counted(solve: Solve, index: int) -> FaceTrack:
    people = _first_shown(solve)
    if not 0 <= index < len(people):
        raise FaceNotFound(
            f"face {index}: the shot has {len(people)}; count from 0 at the left, up to {len(people) - 1}"
        )
    return people[index][0]


def _spot(text: str) -> np.ndarray | None:
    parts = text.replace(" ", "").split(",")
    try:
        values = np.array([float(p) for p in parts])
    except ValueError:
        return None
    return values if len(values) == 2 and np.isfinite(values).all() else None


def _nearest(solve: Solve, spot: np.ndarray) -> FaceTrack:
    people = _first_shown(solve)
    first = min(_first_row(t) for t, _ in people)
    here = [(t, c) for t, c in people if _first_row(t) == first]
    return min(here, key=lambda pair: float(np.linalg.norm(pair[1] - spot)))[0]


def _still(
    path: Path, engines: Detectors | None, open_still: Callable[[Path], Frame] | None
) -> tuple[Still, Detectors]:
    if not path.is_file():
        raise BadInput(
            f"face '{path}': give nothing, a number from the left, 'x,y' in plate pixels, or a picture's path"
        )
    if engines is None or open_still is None:
        raise BadInput(f"face '{path}': a picture needs the networks and a reader; use a number or 'x,y' here")
    frame = open_still(path)
    return Still(frame, detect_still(frame, engines, str(path)), str(path)), engines


def _recognised(solve: Solve, plate: Plate, still: Still, recogniser: Recogniser, same_person: float) -> FaceTrack:
    wanted = recogniser.embed(still.frame, still.face)
    scored = []
    for k, track in enumerate(solve.tracks):
        found = [likeness(recogniser.embed(frame, face), wanted) for frame, face in _looks(track, plate)]
        scored.append((max(found, default=-1.0), -k))
    cosine, k = max(scored)
    if cosine < same_person:
        raise FaceNotFound(
            f"face '{still.name}': nobody in the shot is that person: {solve.tracks[-k].name} is the nearest with a "
            f"cosine of {cosine:.2f}, {same_person:.2f} needed; lower track.same_person, or give a number or 'x,y'"
        )
    return solve.tracks[-k]


def _like_picture(solve: Solve, plate: Plate, still: Still) -> FaceTrack:
    wanted = signature(still.frame, still.face)
    scored = []
    for k, track in enumerate(solve.tracks):
        # The best of a few well-seen frames: one of them is turned most like the picture.
        found = [unlikeness(signature(frame, face), wanted) for frame, face in _looks(track, plate)]
        scored.append((min(found, default=np.inf), k))
    return solve.tracks[min(scored)[1]]


def _looks(track: FaceTrack, plate: Plate) -> Iterator[tuple[Frame, Face]]:
    """A few frames of a track, evenly spread, with the face as it was detected there."""
    rows = [k for k, s in enumerate(track.status) if s == "tracked"]
    picked = np.linspace(0, len(rows) - 1, min(_LOOKS, len(rows))).round().astype(int)
    for k in np.unique(picked):
        number = int(track.numbers[rows[int(k)]])
        try:
            frame = plate.read(number)
        except PlateError:
            continue
        raw = track.raw[rows[int(k)]]
        shown = track.face(number)
        yield frame, Face(raw, shown.confidence, fit_pose(raw, frame.pixel_aspect), shown.crop_to_plate)
