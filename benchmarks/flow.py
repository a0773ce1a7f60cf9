"""Optical flow against true motion: each quality, near and far steps, at one leap or led by short ones, under flicker.

On the shots with exact truth where ../shared lies beside the checkout, else on the example shot's first frame moved by
a known map. Errors are px of a 448 px crop, on the face; times are parts of the 'fast' leap's in the same run.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # run as a file by `ff-vfx bench`

from benchmarks.truth.measures import read_rgb  # noqa: E402
from ff_vfx.image.sample import affine_grid, pixel_grid, sample, sample_affine  # noqa: E402
from ff_vfx.steady.flow import DenseFlow, Flow, flow_between  # noqa: E402

Row = dict[str, object]
_SHOTS = ROOT.parent / "shared" / "data" / "shots"
_SIDE, _FIRST, _FRAMES, _STOPS = 448, 1001, 16, 1.0
_STARTS = (0, 3, 6, 9, 11)
_AROUND = 2.0  # the crop's side in heights of the box around the 68 points
_GRAIN = 0.03  # added to the moved still, part of the light
_TRUST_PX = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """crops: (3, s, s) by frame from 0. true: (first, steps) -> flow (2, s, s) px and where it is known, (s, s)."""

    name: str
    crops: list[torch.Tensor]
    true: Callable[[int, int], tuple[torch.Tensor, torch.Tensor]]


def rows(quick: bool) -> list[Row]:
    """One row a take, quality, gap, way and flicker of the exposure."""
    takes = [_rendered(name) for name in ("s010", "s020") if (_SHOTS / name).is_dir()] or [_moved()]
    made: list[Row] = []
    for take in takes[:1] if quick else takes:
        made += _of(take, 0.0, ("fine",) if quick else ("fast", "medium", "fine", "finest"))
        made += _of(take, 0.3, ("fine",))
    return made


def _of(take: Take, flicker: float, qualities: tuple[str, ...]) -> list[Row]:
    fast = _median_ms(_leaps(take, DenseFlow("fast", _STOPS), flicker), 1)
    made: list[Row] = []
    for quality in qualities:
        method = DenseFlow(quality, _STOPS)
        ways = {"leap": _leaps(take, method, flicker)}
        if method.chains:
            ways["chain"] = _chains(take, method, flicker)
        for gap in (1, 4) if len(qualities) == 1 else (1, 2, 3, 4):
            for way, found in ways.items():
                if way == "chain" and gap == 1:
                    continue
                row: Row = {"take": take.name, "flicker": flicker, "flow": quality, "gap": gap, "way": way}
                made.append(row | _errors(take, found, gap) | {"time / fast": _median_ms(found, gap) / fast})
    return made


Found = Callable[[int, int], tuple[Flow, float]]


def _leaps(take: Take, method: DenseFlow, flicker: float) -> Found:
    """(first, gap) -> its flow and the seconds of both ways."""
    pictures = _pictures(take, method, flicker)

    def find(first: int, gap: int) -> tuple[Flow, float]:
        began = time.process_time()
        there, _ = method.between(pictures[first], pictures[first + gap])
        return there, time.process_time() - began

    return find


def _chains(take: Take, method: DenseFlow, flicker: float) -> Found:
    pictures = _pictures(take, method, flicker)
    steps = {n: method.between(pictures[n], pictures[n + 1]) for n in range(len(pictures) - 1)}

    def find(first: int, gap: int) -> tuple[Flow, float]:
        began = time.process_time()
        there, _ = flow_between((first, first + gap), pictures.__getitem__, lambda n, _: steps[n], method)
        return there, time.process_time() - began

    return find


def _pictures(take: Take, method: DenseFlow, flicker: float) -> list[np.ndarray]:
    stops = [flicker * (1 if n * 7 % 5 < 2 else -1) for n in range(len(take.crops))]
    return [method.picture(crop * 2.0**stop) for crop, stop in zip(take.crops, stops, strict=True)]


def _errors(take: Take, found: Found, gap: int) -> Row:
    """error: mean end-point error; trusted: the same weighted by the round trip; trust: mean of those weights."""
    sums = np.zeros(3)
    for first in _STARTS:
        true, known = take.true(first, gap)
        flow, _ = found(first, gap)
        missed = (flow.there - true).square().sum(0).sqrt()[known]
        trust = torch.exp(-(flow.error_px[0] / _TRUST_PX).square())[known]
        sums += [float(missed.mean()), float((missed * trust).sum() / trust.sum()), float(trust.mean())]
    return dict(zip(("error px", "trusted px", "trust"), (sums / len(_STARTS)).tolist(), strict=True))


def _median_ms(found: Found, gap: int) -> float:
    return float(np.median([found(first, gap)[1] for first in _STARTS]))


def _rendered(name: str) -> Take:
    """A shot with true motion, in crops that follow the face."""
    folder = _SHOTS / name
    truth = [np.load(folder / f"gt.{_FIRST + n}.npz") for n in range(_FRAMES)]
    flows = [torch.from_numpy(t["plate_flow_forward"].astype(np.float32)).permute(2, 0, 1) for t in truth[:-1]]
    faces = [torch.from_numpy(t["plate_face"].astype(np.float32))[None] for t in truth]
    boxes = _boxes(np.stack([t["plate_landmarks68"] for t in truth]))
    crops = [
        sample_affine(read_rgb(folder / f"plate.{_FIRST + n}.exr"), box, _SIDE, _SIDE) for n, box in enumerate(boxes)
    ]

    def true(first: int, gap: int) -> tuple[torch.Tensor, torch.Tensor]:
        at = affine_grid(boxes[first], _SIDE, _SIDE)
        known = sample(faces[first], at, mode="bilinear", outside="zeros")[0] > 0.999
        for n in range(first, first + gap):
            at = at + sample(flows[n], at, mode="bilinear").permute(1, 2, 0)
            known = known & (sample(faces[n + 1], at, mode="bilinear", outside="zeros")[0] > 0.999)
        back = torch.linalg.inv(boxes[first + gap]).float()
        landed = at @ back[:2, :2].T + back[:2, 2]
        return (landed - pixel_grid(_SIDE, _SIDE)).permute(2, 0, 1), known

    return Take(name, crops, true)


def _boxes(points: np.ndarray) -> list[torch.Tensor]:
    """Crop px to plate px around the 68 points, (3, 3) float64; one size for the shot."""
    side = float((points.max(1) - points.min(1))[:, 1].mean()) * _AROUND
    corners = points.mean(1) - side / 2.0
    step = side / _SIDE
    return [torch.tensor([[step, 0.0, x], [0.0, step, y], [0.0, 0.0, 1.0]], dtype=torch.float64) for x, y in corners]


def _moved() -> Take:
    """The example's first frame, turned, grown and shifted a little more on each frame, with grain of its own."""
    plate = read_rgb(ROOT / "examples" / "s010" / f"plate.{_FIRST}.exr")
    still = sample_affine(plate, torch.diag(torch.tensor([0.8, 0.8, 1.0], dtype=torch.float64)), _SIDE, _SIDE)
    back = [torch.linalg.matrix_power(_step(), n) for n in range(_FRAMES)]  # of frame n, to the still
    crops = []
    for n, matrix in enumerate(back):
        crop = sample(still, affine_grid(matrix, _SIDE, _SIDE))
        grain = torch.randn(crop.shape, generator=torch.Generator().manual_seed(n))
        crops.append(crop * (1.0 + _GRAIN * grain))

    def true(first: int, gap: int) -> tuple[torch.Tensor, torch.Tensor]:
        landed = affine_grid(torch.linalg.inv(back[first + gap]) @ back[first], _SIDE, _SIDE)
        near = (affine_grid(back[first], _SIDE, _SIDE) - _SIDE / 2.0).abs().amax(-1) < _SIDE / 4.0
        return (landed - pixel_grid(_SIDE, _SIDE)).permute(2, 0, 1), near

    return Take("moved still", crops, true)


def _step() -> torch.Tensor:
    """(3, 3): half a degree, half a percent and a shift of 1.5 px about the middle."""
    turn, grow, middle = np.radians(0.5), 1.005, _SIDE / 2.0
    cos, sin = grow * np.cos(turn), grow * np.sin(turn)
    shift = middle - (cos - sin) * middle + 1.2, middle - (cos + sin) * middle - 0.9
    return torch.tensor([[cos, -sin, shift[0]], [sin, cos, shift[1]], [0.0, 0.0, 1.0]], dtype=torch.float64)
