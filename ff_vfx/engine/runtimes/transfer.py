"""Numbers to a card and back, through pinned memory. Read by every runtime that has a card."""

from __future__ import annotations

import numpy as np
import torch


def card(index: int) -> torch.device:
    """The place of a card's memory."""
    return torch.device("cuda", index)


def to_card(array: np.ndarray, place: torch.device, number: torch.dtype = torch.float32) -> torch.Tensor:
    """A copy on the card. number: its type there."""
    return torch.from_numpy(array).pin_memory().to(place, non_blocking=True).to(number)


def to_host(tensor: torch.Tensor) -> np.ndarray:
    """A copy in memory of its own, float32; whole numbers stay so."""
    return (tensor.float() if tensor.is_floating_point() else tensor).cpu().numpy()


def number_of(kind: object) -> torch.dtype:
    """torch's type for one of numpy's."""
    return torch.from_numpy(np.empty(0, np.dtype(kind))).dtype  # type: ignore[call-overload]
