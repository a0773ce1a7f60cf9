"""One finished frame as quality control sees it: facts of the file, and each face beside its plate. Read by judging.

A frame that cannot be read is a fact, not an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
import torch

from ff_vfx.colour import Transform, working_space
from ff_vfx.door.linear import as_linear
from ff_vfx.errors import FfVfxError
from ff_vfx.plate.source import Source
from ff_vfx.qc.delivered import Planes, measure
from ff_vfx.qc.look import Look, window_of
from ff_vfx.qc.measures.matte import cut_edge
from ff_vfx.qc.measures.track import Marks
from ff_vfx.qc.measures.values import new_negatives
from ff_vfx.types.delivery import PixelFacts
from ff_vfx.types.face import FaceTrack
from ff_vfx.types.face_mesh import face_mesh
from ff_vfx.types.frame import Frame
from ff_vfx.types.plate import Plate
from ff_vfx.types.solve import Solve
from ff_vfx.types.window import Window

_ROOM = 0.25  # of the face's size, kept around it
_OURS = 0.5  # of the most coverage: where the result is ours as far as it is anywhere
_LEAST = 0.1  # of coverage, below which nothing is to be seen of a face
_ROUND_FACE = 0.15  # of a face's size around its landmarks, which is still its own
_MARKS = range(0, 468, 6)
_EYES = (33, 263)  # outer corners


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One frame. fault: why it could not be read; nothing else is known then.

    facts: of the file. cut: see cut_edge; None without a matte. negatives: see new_negatives, parts of
    the face's white. looks, marks: each face and its
    landmarks, by the track's name. made: the result itself.
    """

    number: int
    fault: str = ""
    facts: PixelFacts | None = None
    cut: float | None = None
    negatives: tuple[int, float] = (0, 0.0)
    looks: Mapping[str, Look] = field(default_factory=dict)
    marks: Mapping[str, Marks] = field(default_factory=dict)
    made: Frame | None = None


class Eye:
    """Looks at frames. Safe from several threads once `gain` is known."""

    def __init__(self, made: Plate, plate: Plate, solve: Solve | None) -> None:
        self._made, self._plate, self._solve = made, plate, solve
        self.gain = 2.0**solve.exposure_stops if solve else 0.0
        space = working_space(plate.colour_space)
        self._to_light = None if space == plate.colour_space else Transform.between(plate.colour_space, space)

    def see(self, number: int) -> Seen:
        """One frame of the result, and the plate's."""
        try:
            made, plate = self._made.read(number), self._plate.read(number)
            made = made if made.colour_space == plate.colour_space else as_linear(made, plate.colour_space)
            return self._seen(number, made, plate)
        except (FfVfxError, OSError) as error:
            return Seen(number, str(error) or type(error).__name__)

    def _seen(self, number: int, made: Frame, plate: Frame) -> Seen:
        ours, theirs = planes_of(made), planes_of(plate)
        face_only = "ffMatte.red" in ours.channels and "ffFace.A" not in ours.channels
        facts = measure(ours, theirs, face_only=face_only)
        shared = made.data_window.intersect(plate.data_window)
        under = plate.pixels[:3][:, *shared.slices(plate.data_window)]
        over = made.pixels[:3][:, *shared.slices(made.data_window)]
        if face_only:
            alpha = made.pixels[3:4][:, *shared.slices(made.data_window)].float()
            over = over.float() + under.float().nan_to_num(0.0) * (1.0 - alpha)
        seen = Seen(number, facts=facts, made=made)
        matte = _plane(ours, "ffMatte.red", shared)
        if matte is not None:
            seen = replace(seen, cut=cut_edge(matte, shared, plate.data_window))
        face = self._face(ours, matte, shared, number)
        looks = dict(self._looks(number, face, shared, (over, under))) if face is not None else {}
        count, depth = new_negatives(over, under)
        below = (count, depth * (self.gain or 1.0))
        return replace(seen, negatives=below, looks=looks, marks=dict(self._marks(number, looks)))

    def _face(self, ours: Planes, matte: torch.Tensor | None, at: Window, number: int) -> torch.Tensor | None:
        """(1, h, w) {0, 1} over `at`: where the new face is; from the layers, else from the solve, else unknown."""
        if matte is not None:
            raw = _plane(ours, "ffRaw.A", at)
            covered = matte.nan_to_num(0.0).clamp(0.0, 1.0)
            face = covered > _OURS * max(float(covered.max()), _LEAST)
            return (face & (raw > _OURS) if raw is not None and bool((raw > _OURS).any()) else face).float()
        if self._solve is None:
            return None
        canvas = np.zeros((at.height, at.width), np.float32)
        for track in self._solve.tracks:
            if not track.why_lost(number):
                ring = track.face(number).landmarks[face_mesh().loops["oval"], :2] - (at.x0, at.y0)
                cv2.fillPoly(canvas, [np.round(ring - 0.5).astype(np.int32)], 1.0)
        return torch.from_numpy(canvas)[None]

    def _looks(
        self, number: int, face: torch.Tensor, at: Window, pictures: tuple[torch.Tensor, torch.Tensor]
    ) -> Iterator[tuple[str, Look]]:
        for name, window in self._regions(number, at):
            mask = face[:, *window.slices(at)]
            box = window_of(mask, window)
            if box.empty:
                continue
            room = int(_ROOM * max(box.width, box.height)) + 1
            wide = Window(box.x0 - room, box.y0 - room, box.x1 + room, box.y1 + room).intersect(at)
            made, plate = (self._light(picture[:, *wide.slices(at)]) for picture in pictures)
            own = torch.zeros(1, wide.height, wide.width)
            own[:, *box.slices(wide)] = face[:, *box.slices(at)]
            self.gain = self.gain or _gain(plate, own)
            weight = self._weight(name, number)
            yield name, Look(number, wide, made * self.gain, plate * self.gain, own, weight)

    def _weight(self, name: str, number: int) -> float:
        """How much of the effect the solve lets show; 1 where there is no solve to ask."""
        tracks = [track for track in (self._solve.tracks if self._solve else ()) if track.name == name]
        return track.face(number).weight if (track := next(iter(tracks), None)) and not track.why_lost(number) else 1.0

    def _regions(self, number: int, at: Window) -> Iterator[tuple[str, Window]]:
        """Whose face is where; all is one where nobody tells several apart."""
        tracks = self._solve.tracks if self._solve else ()
        if len(tracks) < 2:
            yield (tracks[0].name if tracks else ""), at
            return
        for track in tracks:
            if not track.why_lost(number):
                yield track.name, _around(track, number).intersect(at)

    def _marks(self, number: int, looks: Mapping[str, Look]) -> Iterator[tuple[str, Marks]]:
        for track in self._solve.tracks if self._solve else ():
            if track.name in looks and not track.why_lost(number) and track.face(number).status != "held":
                points = track.face(number).landmarks[:, :2]
                yield track.name, Marks(points[_MARKS], float(np.linalg.norm(points[_EYES[0]] - points[_EYES[1]])))

    def _light(self, pixels: torch.Tensor) -> torch.Tensor:
        picture = pixels.float()
        return torch.nan_to_num(self._to_light(picture) if self._to_light else picture, 0.0, 0.0, 0.0)


def planes_of(frame: Frame) -> Planes:
    """A frame's channels by name, as its file has them."""
    channels: dict[str, np.ndarray] = {}
    names: tuple[str, ...] = ("R", "G", "B", "A")[: len(frame.pixels)]
    if isinstance(frame.source, Source) and frame.source.parts:
        names = frame.source.names
        for index, part in enumerate(frame.source.parts):
            prefix = "" if index == frame.source.main else f"{part.name}:"
            flat = {n: c.pixels for n, c in part.channels.items() if c.pixels.dtype.kind in "fu"}
            channels |= {prefix + name: pixels for name, pixels in flat.items()}
    for index, name in enumerate(names):
        channels.setdefault(name, frame.pixels[index].numpy())
    return Planes(channels, frame.data_window, names)


def _plane(planes: Planes, name: str, at: Window) -> torch.Tensor | None:
    """(1, h, w) float32 over `at`; None where there is none of that name and size."""
    pixels = planes.channels.get(name)
    if pixels is None or pixels.shape != (planes.window.height, planes.window.width):
        return None
    return torch.from_numpy(pixels[at.slices(planes.window)].astype(np.float32))[None]


def _around(track: FaceTrack, number: int) -> Window:
    points = track.face(number).landmarks[:, :2]
    low, high = points.min(0), points.max(0)
    room = _ROUND_FACE * float((high - low).max())
    x0, y0, x1, y1 = (int(v) for v in (*np.floor(low - room), *np.ceil(high + room)))
    return Window(x0, y0, x1, y1)


def _gain(plate: torch.Tensor, face: torch.Tensor) -> float:
    """Brings the face's bright end to 1, in whole stops, so that the same shot is judged alike from any frame on."""
    bright = plate.amax(0)[face[0] > 0.0].float()
    level = float(bright.kthvalue(max(1, round(0.99 * bright.numel()))).values)
    return float(2.0 ** round(-np.log2(max(level, 1e-6))))
