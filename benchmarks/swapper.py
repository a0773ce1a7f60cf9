"""A swapper on faces of several sizes: what size it is run at, what a frame costs, what runs of several at once gain.

The network is a small one of our own with weights of no meaning, once of a fixed 128 px and once of an open size; its
milliseconds say how the cost grows with the face, not what a real network costs. Times are CPU time of one thread.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from torch import nn

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # run as a file by `ff-vfx bench`

from ff_vfx.colour import Bridge  # noqa: E402
from ff_vfx.fuse.crop import crop_side  # noqa: E402
from ff_vfx.fuse.swap.fuser import SwapFuser  # noqa: E402
from ff_vfx.fuse.swap.plan import aligned_side, swap_plan  # noqa: E402
from ff_vfx.types.engine import EngineSpec, TensorSpec  # noqa: E402
from ff_vfx.types.face import Face, FaceTrack  # noqa: E402
from ff_vfx.types.face_mesh import face_mesh  # noqa: E402
from ff_vfx.types.fused import Crop  # noqa: E402
from ff_vfx.types.settings import FuseSettings  # noqa: E402
from ff_vfx.types.template import TEMPLATES  # noqa: E402

Row = dict[str, object]
_SPACE, _TEMPLATE = "ACEScg", TEMPLATES["arcface_128"]
_FACES_PX = (30, 60, 120, 240, 480)
_AT_ONCE = 8


class Small:
    """Implements types.engine.Engine: 0.4 GMAC at 128 px."""

    def __init__(self, side: int | None) -> None:
        given, made = (
            TensorSpec(name, (None, 3, side, side), encoding="srgb", channels="rgb") for name in ("in", "out")
        )
        self.spec = EngineSpec("small", "swapper", (given,), (made,), template=_TEMPLATE, multiple=8)
        torch.manual_seed(0)
        wide = [layer for _ in range(4) for layer in (nn.Conv2d(64, 64, 3, padding=1), nn.ReLU())]
        ends = nn.Conv2d(3, 64, 4, 4), nn.ReLU(), nn.ConvTranspose2d(64, 3, 4, 4), nn.Tanh()
        self._net = nn.Sequential(*ends[:2], *wide, *wide, *wide, *ends[2:]).eval()

    def run(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Run once."""
        shown = torch.from_numpy(inputs["in"])
        with torch.inference_mode():
            return {"out": (shown + 0.2 * self._net(shown)).numpy()}


def rows(quick: bool) -> list[Row]:
    """One row a face size and network."""
    torch.set_num_threads(1)
    faces = _FACES_PX[1:3] if quick else _FACES_PX
    return [_row(px, name, Small(side)) for name, side in (("fixed 128", 128), ("open", None)) for px in faces]


def _row(face_px: int, name: str, engine: Small) -> Row:
    track = _track(float(face_px))
    settings = FuseSettings()
    plan = swap_plan(engine, track, settings)
    fuser = SwapFuser(engine, Bridge(_SPACE, 0.0), plan)
    crops = [_crop(track, crop_side(track, settings), number) for number in range(plan.most)]
    side = plan.side or 0
    picture = np.random.default_rng(1).random((_AT_ONCE, 3, side, side), np.float32)
    together = _least_ms(lambda: engine.run({"in": picture})) / _AT_ONCE
    alone = _least_ms(lambda: engine.run({"in": picture[:1]}))
    return {
        "network": name,
        "face px": face_px,
        "boost": plan.boost,
        "side px": side,
        "crop px": crops[0].pixels.shape[-1],
        "ms a frame": round(_least_ms(lambda: fuser.fuse(crops[0])), 1),
        "of it network ms": round(alone * plan.boost**2, 1),
        "frames at once": plan.most,
        "ms a frame then": round(_least_ms(lambda: fuser.fuse_many(crops)) / len(crops), 1),
        "8 pictures at once, gain": round(alone / together, 2),
    }


def _least_ms(call: Callable[[], object]) -> float:
    """CPU time of the quickest of a few."""
    call()
    spent = []
    for _ in range(5):
        start = time.thread_time()
        call()
        spent.append((time.thread_time() - start) * 1000.0)
    return min(spent)


def _track(face_px: float) -> FaceTrack:
    """A still face whose aligned square is so many plate px wide."""
    unit = _one(100.0)
    scale = 100.0 * face_px / aligned_side(unit, _TEMPLATE)
    return _one(scale)


def _one(scale: float) -> FaceTrack:
    pose = np.concatenate([np.eye(3) * scale, np.zeros((3, 1))], 1)
    points = (face_mesh().canonical * scale)[None]
    side, middle = scale * 3.4, np.array([0.0, 0.3 * scale])
    crop = np.array([[side, 0, middle[0] - side / 2], [0, side, middle[1] - side / 2], [0, 0, 1.0]])
    one = np.ones(1)
    return FaceTrack("face0", np.array([0]), ("tracked",), ("",), one, one, points, points, pose[None], crop[None])


def _crop(track: FaceTrack, size: int, number: int) -> Crop:
    face: Face = track.face(0)
    pixels = torch.rand(3, size, size, generator=torch.Generator().manual_seed(number))
    to_plate = torch.from_numpy(face.crop_to_plate @ np.diag([1.0 / size, 1.0 / size, 1.0]))
    return Crop(pixels, to_plate, face, number)


if __name__ == "__main__":
    for row in rows(quick=False):
        print(row)
