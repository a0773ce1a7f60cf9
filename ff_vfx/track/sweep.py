"""Everything on a plate that could be a face, frame by frame, with nothing left out on purpose. Read by anonymising.

Detection for fusing wants few mistakes; here a face that is missed is published, and a wall that is covered is only
ugly. So each frame is searched whole and in tiles, darker, finer and turned, by every finder there is, and a box counts
on its finder's word alone; a weaker one on the mesh network's, or as part of a row of boxes with a strong one in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ff_vfx.errors import ModelError, PlateError
from ff_vfx.track.detect import face_exposure
from ff_vfx.track.finders import EmbeddedFinder, Finder
from ff_vfx.track.mesh import face_box, mesh_once
from ff_vfx.track.networks import Detectors
from ff_vfx.track.search import Box, Pass, overlap, search
from ff_vfx.types.frame import Frame
from ff_vfx.types.plate import Plate
from ff_vfx.types.settings import TrackSettings

Progress = Callable[[int, int], None]
_PASSES = (
    Pass(), Pass(percentile=85.0), Pass(fine=True), Pass(fine=True, percentile=85.0),
    Pass(turn=np.pi / 2.0), Pass(turn=-np.pi / 2.0), Pass(turn=np.pi),
)  # fmt: skip
_TURNED = 1.6  # a head that lies is rare: so much more of the score is asked for
_MESH = 0.2  # the mesh network's score that makes a weak box a face
_SAME_PLACE = 0.4  # of the smaller side: boxes nearer than this are one
_BOX_MARGIN = 1.5  # side of the mesh's crop in sides of a box, as in detection
_FACE_SIDE = 0.9  # side of a finder's box in sides of the mesh's
_MOST = 64  # boxes of one frame, the best


@dataclass(frozen=True, slots=True)
class Sighting:
    """Something like a face. x, y, side: square px, see search.Box; angle in radians. score: of its finder, [0, 1].

    mesh: the mesh network's score. strong: it counts as a face by itself.
    """

    x: float
    y: float
    side: float
    angle: float
    score: float
    mesh: float
    strong: bool


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """sightings: frame number -> what was seen. faults: frame number -> why nobody could look. aspect: pixel aspect."""

    sightings: Mapping[int, tuple[Sighting, ...]]
    faults: Mapping[int, str] = field(default_factory=dict)
    aspect: float = 1.0


def sweep_plate(plate: Plate, engines: Detectors, least: float, progress: Progress | None = None) -> Sweep:
    """Look at every frame by itself.

    Args:
        least: finder's score from which a box counts as a face, [0, 1]; from 0.6 of it with the mesh network's consent.

    Returns:
        A frame that cannot be read, or that a network fails on, is a fault: nobody has looked at it.
    """
    sightings: dict[int, tuple[Sighting, ...]] = {}
    faults: dict[int, str] = {}
    aspect = 1.0
    for done, number in enumerate(plate.numbers, 1):
        try:
            frame = plate.read(number)
            sightings[number] = tuple(sweep_frame(frame, engines, least))
            aspect = frame.pixel_aspect
        except (PlateError, ModelError) as error:
            faults[number] = str(error)
        if progress is not None:
            progress(done, len(plate.numbers))
    return Sweep(sightings, faults, aspect)


def sweep_frame(frame: Frame, engines: Detectors, least: float) -> list[Sighting]:
    """All that looks like a face on one frame, the surest first; weak ones among them. Arguments as `sweep_plate`."""
    settings = TrackSettings(confidence=least, tiles="always")
    found: list[Sighting] = []
    for finder in finders_of(engines):
        for how in _PASSES:
            for box in search(frame, finder, settings, how):
                place, mesh = _looked_at(frame, engines, box)
                asked = least * (_TURNED if how.turn else 1.0)
                strong = box.score >= asked or mesh >= _MESH
                found.append(Sighting(*_numbers(place), round(mesh, 4), strong))
    return _merged(found)[:_MOST]


def finders_of(engines: Detectors) -> Sequence[Finder]:
    """The chosen finder and the embedded one: they miss different faces."""
    embedded = EmbeddedFinder(engines.detector)
    return [embedded] if engines.finder is None else [engines.finder, embedded]


def box_of(sighting: Sighting) -> Box:
    """The box as search has it."""
    return Box(np.array([sighting.x, sighting.y]), sighting.side, sighting.angle, sighting.score)


def same_place(a: Sighting, b: Sighting) -> bool:
    """Whether two boxes are one face: their middles are near for the smaller, and they are not of quite other sizes."""
    apart = float(np.hypot(a.x - b.x, a.y - b.y))
    small, large = sorted((a.side, b.side))
    return apart < _SAME_PLACE * small and large < 2.0 * small and overlap(box_of(a), box_of(b)) > 0.0


def _numbers(box: Box) -> tuple[float, float, float, float, float]:
    """Rounded as the file keeps them, so that from memory and from disk the same heads are hidden."""
    x, y = (round(float(value), 2) for value in box.centre)
    return x, y, round(float(box.side), 2), round(float(box.angle), 4), round(box.score, 4)


def _looked_at(frame: Frame, engines: Detectors, box: Box) -> tuple[Box, float]:
    """What the mesh network thinks of a box on its second look, and where it sees the face, if it does."""
    crop = (box.centre, box.side * _BOX_MARGIN, box.angle)
    stops = face_exposure(frame, crop)
    points, score = mesh_once(frame, engines, crop, stops)
    if score < _MESH / 2.0 or not np.isfinite(points).all():
        return box, score
    points, again = mesh_once(frame, engines, face_box(points), stops)
    if again < _MESH or not np.isfinite(points).all():
        return box, max(score, again)
    centre, side, angle = face_box(points)
    # A box beside a face leads the mesh to it: then that is the face, and not the box.
    return Box(centre, _FACE_SIDE * side / _BOX_MARGIN, angle, box.score), max(score, again)


def _merged(found: list[Sighting]) -> list[Sighting]:
    """One for each place, the surest: what two networks say goes first."""
    kept: list[Sighting] = []
    for one in sorted(found, key=lambda s: (not s.strong, -(s.score + s.mesh), s.x, s.y)):
        if not any(same_place(one, other) for other in kept):
            kept.append(one)
    return kept
