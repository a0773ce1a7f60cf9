"""Blurs with exact kernels of any size, the same on every device. Read by light, mattes and grain.

A small kernel is added up tap by tap, a large one is a product with a matrix: each is the faster where it is used.
"""

from __future__ import annotations

from functools import lru_cache

import torch
from torch.nn.functional import adaptive_avg_pool2d, interpolate, pad

_TAPS_REACH = 16  # px; the kernel's reach up to which adding taps is the faster way


def gaussian(pixels: torch.Tensor, sigma_px: float) -> torch.Tensor:
    """Gaussian blur, edges repeated.

    Args:
        pixels: (c, h, w) float32. sigma_px: standard deviation in px; 0 or less returns the same tensor.
    """
    if sigma_px <= 0.0:
        return pixels
    sigma = round(sigma_px, 4)
    if _reach(sigma) <= _TAPS_REACH:
        return _along(_along(pixels, sigma, -1), sigma, -2)
    h, w = pixels.shape[-2:]
    rows = _kernel_matrix(h, sigma).to(pixels.device)
    columns = _kernel_matrix(w, sigma).to(pixels.device)
    return torch.matmul(torch.matmul(rows, pixels), columns.T)


def _reach(sigma: float) -> int:
    return max(1, int(4.0 * sigma + 0.5))


def _taps(sigma: float) -> torch.Tensor:
    reach = _reach(sigma)
    taps = torch.exp(-0.5 * (torch.arange(-reach, reach + 1, dtype=torch.float64) / sigma) ** 2)
    return taps / taps.sum()


def _along(pixels: torch.Tensor, sigma: float, axis: int) -> torch.Tensor:
    """Blurred along the last (-1) or last but one (-2) axis."""
    reach, size = _reach(sigma), pixels.shape[axis]
    wide = pad(pixels, (reach, reach, 0, 0) if axis == -1 else (0, 0, reach, reach), mode="replicate")
    taps = _taps(sigma).tolist()
    total = wide.narrow(axis, 0, size) * taps[0]
    for place, tap in enumerate(taps[1:], 1):
        total.add_(wide.narrow(axis, place, size), alpha=tap)
    return total


@lru_cache(maxsize=64)
def _kernel_matrix(size: int, sigma: float) -> torch.Tensor:
    """(size, size): row i holds the Gaussian around pixel i; what falls outside is counted on the edge pixel."""
    reach, taps = _reach(sigma), _taps(sigma)
    rows = torch.arange(size)[:, None].expand(size, taps.numel())
    columns = (rows + torch.arange(-reach, reach + 1)).clamp(0, size - 1)
    matrix = torch.zeros(size, size, dtype=torch.float64)
    matrix.index_put_((rows.reshape(-1), columns.reshape(-1)), taps.repeat(size), accumulate=True)
    return matrix.float()


def weighted_gaussian(pixels: torch.Tensor, weight: torch.Tensor, sigma_px: float, floor: float = 1e-4) -> torch.Tensor:
    """Blur that looks only where weight says, and fills the rest from there.

    Args:
        pixels: (c, h, w). weight: (1, h, w) >= 0. floor: weight below which the fill fades to 0.
    """
    return gaussian(pixels * weight, sigma_px) / (gaussian(weight, sigma_px) + floor)


def shrink(pixels: torch.Tensor, factor: int) -> torch.Tensor:
    """Area average by a whole factor. pixels: (c, h, w); h and w are multiples of factor, or are rounded down."""
    h, w = pixels.shape[-2:]
    if h % factor or w % factor:
        return adaptive_avg_pool2d(pixels[None], (max(1, h // factor), max(1, w // factor)))[0]
    rows = _added(pixels.unflatten(-2, (h // factor, factor)).unbind(-2))
    return _added(rows.unflatten(-1, (w // factor, factor)).unbind(-1)) / (factor * factor)


def _added(parts: tuple[torch.Tensor, ...]) -> torch.Tensor:
    total = parts[0] + parts[1] if len(parts) > 1 else parts[0].clone()
    for part in parts[2:]:
        total.add_(part)
    return total


def enlarge(pixels: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """Smooth (bicubic) enlargement of a low-frequency picture (c, h, w) to (c, height, width)."""
    return interpolate(pixels[None], size=(height, width), mode="bicubic", align_corners=False)[0]
