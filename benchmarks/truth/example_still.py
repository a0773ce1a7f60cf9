"""The one committed picture from which shots are made: plate, truth, masks, points and relief. Read by `made_shots`."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import torch

from benchmarks.truth.grain_field import denoised, unit_field
from benchmarks.truth.lids import Lid, lids_of
from benchmarks.truth.measures import read_rgb
from benchmarks.truth.motion import Relief, relief_of
from ff_vfx.image.blur import gaussian

_EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "s010"
_POINTS = Path(__file__).with_name("s010_points.npz")
FRAME = 1001
_BOTH = ("plate", "truth")
_MARGIN = 96  # px beyond the picture, so that a blurred field is as even at its rim
_EDGE_PX = 0.7  # softness of the head's outline before another background
_NORMAL_PX = 14.0  # relief finer than this casts no light of its own


@dataclass(frozen=True, slots=True, eq=False)
class Still:
    """One picture to be moved. plate, truth: (3, h, w) scene-linear, next to no grain. face: (1, h, w) {0, 1}.

    points: (478, 3) px on the plate. relief: depth and place of the head. plate_lids, truth_lids: both eyes.
    plate_head, truth_head: (1, h, w) coverage of each person before the background.
    """

    plate: torch.Tensor
    truth: torch.Tensor
    face: torch.Tensor
    points: np.ndarray
    relief: Relief
    plate_lids: tuple[Lid, ...]
    truth_lids: tuple[Lid, ...]
    plate_head: torch.Tensor
    truth_head: torch.Tensor


def track_points() -> np.ndarray:
    """(16, 478, 3) float64 plate px: the tracker's own landmarks of s010, frames 1001 to 1016."""
    return np.asarray(np.load(_POINTS)["points"], np.float64)


@cache
def example_still() -> Still:
    """Frame 1001 of examples/s010."""
    parts = np.load(_EXAMPLE / "truth" / "parts.npz")
    marks = json.loads((_EXAMPLE / "truth" / "landmarks68.json").read_text())
    face = parts[f"truth_face_{FRAME}"] & parts[f"plate_face_{FRAME}"]
    points = track_points()[0]
    eyes = {name: lids_of(parts[f"{name}_parts_{FRAME}"], np.array(marks[name][str(FRAME)])) for name in _BOTH}
    return Still(
        denoised(read_rgb(_EXAMPLE / f"plate.{FRAME}.exr")),
        read_rgb(_EXAMPLE / "truth" / f"truth.{FRAME}.exr"),
        torch.from_numpy(face).float()[None],
        points,
        relief_of(points, face.shape[0]),
        eyes["plate"],
        eyes["truth"],
        *(gaussian(torch.from_numpy(parts[f"{name}_parts_{FRAME}"] > 0).float()[None], _EDGE_PX) for name in _BOTH),
    )


@cache
def other_place() -> Still:
    """The same head before another background and in another light: what comes after a cut."""
    still = example_still()
    size = still.face.shape[-1]
    key = key_stops(still.relief, -1.0)
    warm = torch.tensor([1.15, 1.0, 0.75])[:, None, None] * 2.0**-0.6
    rough = unit_field(5, size + 2 * _MARGIN, size + 2 * _MARGIN, 16.0, 1)[:, _MARGIN:-_MARGIN, _MARGIN:-_MARGIN]
    wall = torch.tensor([0.16, 0.22, 0.26])[:, None, None] * torch.exp2(0.5 * rough)
    plate, truth = (
        picture * warm * torch.exp2(key * head) * head + wall * (1.0 - head)
        for picture, head in ((still.plate, still.plate_head), (still.truth, still.truth_head))
    )
    return replace(still, plate=plate, truth=truth)


def key_stops(relief: Relief, angle: float) -> torch.Tensor:
    """(1, h, w) stops that a key from one side adds, about +-1 over the face. angle: radians, right of the camera > 0.

    Shading of the relief's normals; 0 far from the head.
    """
    near = gaussian(relief.nearness, _NORMAL_PX)
    slope = torch.gradient(near[0])
    normal_x = -slope[1] / (1.0 + slope[0].square() + slope[1].square()).sqrt()
    return (1.6 * float(np.sin(angle)) * normal_x)[None]
