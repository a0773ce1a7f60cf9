"""One way to call a network of one picture. Read by every part of track that has one.

Outputs are told apart by their number of values, so that another runtime's names do not matter.
"""

from __future__ import annotations

import numpy as np
import torch

from ff_vfx.engine.pictures import to_network
from ff_vfx.errors import ModelError
from ff_vfx.types.engine import Engine


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
