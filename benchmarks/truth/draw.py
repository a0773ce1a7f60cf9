"""Draw a made shot, frame by frame, from a still and a list of beats. Read by `made_shots`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn.functional import avg_pool2d

from benchmarks.truth.example_still import Still, key_stops
from benchmarks.truth.grain_field import grained, unit_field
from benchmarks.truth.lids import closed_points, draw_closed, eye_region, lid_motion
from benchmarks.truth.motion import Pose, backward, forward, moved_points
from benchmarks.truth.occluder import draw_hand, hand_motion
from benchmarks.truth.shot import MemoryPlate, TruthShot
from ff_vfx.image.blur import gaussian
from ff_vfx.image.sample import pixel_grid, sample

FIRST, FPS = 1001, 24.0
_LENS = 0.4  # px of the small picture: what a lens blurs before the sensor's pixels gather light
_COVERED = 0.004  # alpha from which a place is no longer judged


@dataclass(frozen=True, slots=True)
class Beat:
    """One frame. pose: the head's. grain: seed. stops: exposure. key: radians, None for no key. closed: lids, [0, 1].

    hand: how far across, None for no hand. take: row of the stills.
    """

    pose: Pose
    grain: int
    stops: float = 0.0
    key: float | None = None
    closed: float = 0.0
    hand: float | None = None
    take: int = 0


@dataclass(frozen=True, slots=True)
class Drawing:
    """What holds for a whole shot. grain: times its sigma. shrink: by area, a whole factor."""

    name: str
    about: str
    grain: float = 1.0
    shrink: int = 1


def draw_shot(drawing: Drawing, stills: Sequence[Still], beats: Sequence[Beat]) -> TruthShot:
    """Every frame of a made shot. stills: one a take."""
    plates: dict[int, torch.Tensor] = {}
    truth: dict[int, torch.Tensor] = {}
    flow: dict[int, np.ndarray] = {}
    face: dict[int, torch.Tensor] = {}
    events: dict[int, torch.Tensor] = {}
    occluder: dict[int, torch.Tensor] = {}
    landmarks: dict[int, np.ndarray] = {}
    cuts: list[int] = []
    for k, beat in enumerate(beats):
        number, still = FIRST + k, stills[beat.take]
        if k > 0 and beats[k - 1].take != beat.take:
            cuts.append(number)
        at = backward(beat.pose, still.relief)
        hand = draw_hand(beat.hand, at.shape[0]) if beat.hand is not None else None
        plates[number], truth[number] = _pictures(still, beat, at, hand, drawing)
        landmarks[number] = _points(still, beat) * (1.0 / drawing.shrink)
        face[number] = _shrunk(sample(still.face, at, mode="bilinear"), drawing.shrink)
        if hand is not None:
            occluder[number] = _shrunk(hand[0], drawing.shrink)
            face[number] = face[number] * (occluder[number] < _COVERED)
        if beat.closed > 0.0:
            region = eye_region(still.truth_lids, at.shape[0])
            events[number] = _shrunk(sample(region, at, mode="bilinear"), drawing.shrink)
        if k + 1 < len(beats) and beats[k + 1].take == beat.take:
            flow[number] = _flow(still, beat, beats[k + 1], at, drawing.shrink)
    plate = MemoryPlate(drawing.name, plates, FPS)
    return TruthShot(
        drawing.name, drawing.about, plate, truth, flow, face, events, occluder, landmarks, tuple(cuts), FPS
    )


def _pictures(
    still: Still,
    beat: Beat,
    at: torch.Tensor,
    hand: tuple[torch.Tensor, torch.Tensor] | None,
    drawing: Drawing,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Plate (float16, as files keep it) and truth (float32), with one grain."""
    gain = torch.tensor(2.0**beat.stops)
    key = key_stops(still.relief, beat.key) if beat.key is not None else None
    field = None
    made = []
    for picture, lids, head in (
        (still.plate, still.plate_lids, still.plate_head),
        (still.truth, still.truth_lids, still.truth_head),
    ):
        drawn = draw_closed(picture, at, lids, beat.closed).clamp_min(0.0) * gain
        if key is not None:
            drawn = drawn * torch.exp2(sample(key * head, at, mode="bilinear"))
        if hand is not None:
            drawn = drawn * (1.0 - hand[0]) + hand[1] * gain * hand[0]
        drawn = _shrunk(gaussian(drawn, _LENS * drawing.shrink) if drawing.shrink > 1 else drawn, drawing.shrink)
        field = unit_field(beat.grain, drawn.shape[-2], drawn.shape[-1]) if field is None else field
        made.append(grained(drawn, field, drawing.grain))
    return made[0].half(), made[1]


def _points(still: Still, beat: Beat) -> np.ndarray:
    return moved_points(closed_points(still.points, beat.closed), beat.pose, still.relief)


def _flow(still: Still, beat: Beat, after: Beat, at: torch.Tensor, shrink: int) -> np.ndarray:
    """(h, w, 2) float32 px: what the truth shows here lies there on the next frame."""
    size = at.shape[0]
    if (beat.pose, beat.closed, beat.hand) == (after.pose, after.closed, after.hand):
        return np.zeros((size // shrink, size // shrink, 2), np.float32)
    there = lid_motion(at, still.truth_lids, beat.closed, after.closed)
    flow = forward(there, after.pose, still.relief) - pixel_grid(size, size)
    if beat.hand is not None and after.hand is not None:
        alpha = draw_hand(beat.hand, size)[0][0, ..., None]
        flow = torch.where(alpha > 0.5, hand_motion(beat.hand, after.hand, size), flow)
    small = _shrunk(flow.permute(2, 0, 1), shrink) / shrink
    return np.ascontiguousarray(small.permute(1, 2, 0).numpy())


def _shrunk(picture: torch.Tensor, factor: int) -> torch.Tensor:
    return picture if factor == 1 else avg_pool2d(picture[None], factor)[0]
