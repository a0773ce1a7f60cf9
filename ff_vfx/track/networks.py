"""The four networks of the embedded default, and one way to call them. Read by detection and mattes.

Outputs are told apart by their number of values, so that another runtime's names do not matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from ff_vfx.engine.pictures import to_network
from ff_vfx.errors import ModelError
from ff_vfx.types.engine import Engine

DETECTOR_PX, MESH_PX, EYE_PX, MATTE_PX = 128, 192, 64, 256


@dataclass(frozen=True, slots=True, eq=False)
class Detectors:
    """detector: short-range faces (128 px). mesh: 468 points (192 px). iris: eye and iris (64 px). person: matte."""

    detector: Engine
    mesh: Engine
    iris: Engine
    person: Engine


def open_detectors(models_folder: Path) -> Detectors:
    """Load the four networks from a model folder.

    Raises:
        ModelError: one is absent or damaged; the message says how to get it.
    """
    from ff_vfx.engine import open_model  # here, so that reading a solve needs no runtime

    names = ("face_detection_short_range", "face_landmark", "iris_landmark", "selfie_segmentation")
    return Detectors(*(open_model(name, models_folder) for name in names))


def run_on(engine: Engine, picture: torch.Tensor) -> dict[int, np.ndarray]:
    """One picture through one network.

    Args:
        picture: (3, s, s) display RGB in [0, 1]; brought to the network's range and layout here.

    Returns:
        number of values -> flat float64 array.
    """
    spec = engine.spec.inputs[0]
    given = engine.run({spec.name: to_network(picture[None], spec)})
    return {value.size: value.reshape(-1).astype(np.float64) for value in given.values()}


def output(engine: Engine, given: dict[int, np.ndarray], size: int) -> np.ndarray:
    """The output with this many values, flat.

    Raises:
        ModelError: the network has none; it is not the one its name says.
    """
    if size not in given:
        raise ModelError(f"model {engine.spec.name}: outputs of {sorted(given)} values, {size} needed; pull it again")
    return given[size]


def sigmoid(value: np.ndarray) -> np.ndarray:
    """Logits to [0, 1], safe at any size."""
    return 1.0 / (1.0 + np.exp(-np.clip(value, -60.0, 60.0)))


def person_matte(crop: torch.Tensor, engines: Detectors) -> torch.Tensor:
    """Who is person and who is background in a picture.

    Args:
        crop: (3, s, s) display sRGB in [0, 1].

    Returns:
        (1, s, s) float32 in [0, 1].
    """
    size = crop.shape[-1]
    small = torch.nn.functional.interpolate(
        crop[None].float().clamp(0, 1), size=(MATTE_PX, MATTE_PX), mode="bilinear", antialias=True, align_corners=False
    )[0]
    matte = output(engines.person, run_on(engines.person, small), MATTE_PX * MATTE_PX).reshape(1, 1, MATTE_PX, MATTE_PX)
    return torch.nn.functional.interpolate(
        torch.from_numpy(matte.astype(np.float32)),
        size=(size, size),
        mode="bilinear",
        antialias=True,
        align_corners=False,
    )[0].clamp(0.0, 1.0)
