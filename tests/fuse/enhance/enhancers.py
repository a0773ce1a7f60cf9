"""Enhancers of known answer, in numpy. Read by tests alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch.nn.functional import interpolate

from ff_vfx.types.engine import EngineSpec, TensorSpec
from ff_vfx.types.template import TEMPLATES

FFHQ = TEMPLATES["ffhq_512"]
Makes = Callable[[np.ndarray], np.ndarray]


class Network:
    """An Engine: makes: (b, 3, h, w) in the network's range -> the answer. seen: every input it was given."""

    def __init__(self, makes: Makes, kind: str = "enhancer", size: int | None = None, **given) -> None:
        low, high = given.pop("range", (0.0, 1.0))
        made = given.pop("made", size)
        picture = TensorSpec("input", (1, 3, size, size), "nchw", low, high, "srgb", given.pop("channels", "rgb"))
        output = TensorSpec("output", (1, 3, made, made), "nchw", low, high, "srgb", picture.channels)
        more = given.pop("more", ())
        self.spec = EngineSpec(given.pop("name", "net"), kind, (picture, *more), (output,), **given)
        self.makes, self.seen = makes, []

    def run(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        self.seen.append(dict(inputs))
        return {"output": self.makes(inputs["input"])}


def itself(picture: np.ndarray) -> np.ndarray:
    return picture.copy()


def brighter(step: float) -> Makes:
    return lambda picture: picture + np.float32(step)


def grown(picture: np.ndarray, times: int = 2) -> np.ndarray:
    """Every pixel four or sixteen times: brought back to its size, itself."""
    return picture.repeat(times, -1).repeat(times, -2)


def enlarged(picture: np.ndarray) -> np.ndarray:
    """Plainly, twice: what an upscaler that knows nothing gives."""
    return np.asarray(interpolate(torch.from_numpy(picture), scale_factor=2.0, mode="bicubic", align_corners=False))


def gfpgan(makes: Makes = itself) -> Network:
    """The layout of GFPGAN: 512 px, -1 to 1, an FFHQ face."""
    return Network(makes, size=512, range=(-1.0, 1.0), template=FFHQ)


class _Coded(Network):
    def run(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        return {"output": super().run(inputs)["output"] + 0.2 * inputs["w"].reshape(())}


def codeformer() -> Network:
    """The layout of CodeFormer: the same, and an input that says how far to stay true; here it brightens by it."""
    weight = TensorSpec("w", (1,), "flat", role="strength")
    return _Coded(itself, size=512, range=(-1.0, 1.0), template=FFHQ, more=(weight,))
