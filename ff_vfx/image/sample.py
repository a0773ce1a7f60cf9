"""Read a picture between its pixels. Read by every stage that warps; coordinates are pixels, centres at +0.5."""

from __future__ import annotations

import torch
from torch.nn.functional import grid_sample

from ff_vfx.image.blur import gaussian

# A sample beyond this many source pixels apart would alias; below it the cubic kernel alone is clean.
_SHRINK_LIMIT = 1.2


def pixel_grid(height: int, width: int, *, device: torch.device | None = None) -> torch.Tensor:
    """(height, width, 2) float32 x, y of every pixel's centre."""
    y = torch.arange(height, dtype=torch.float32, device=device) + 0.5
    x = torch.arange(width, dtype=torch.float32, device=device) + 0.5
    return torch.stack([x[None].expand(height, width), y[:, None].expand(height, width)], -1)


def affine_grid(matrix: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """Where each pixel of a (height, width) picture lies in another one.

    Args:
        matrix: (3, 3), this picture's pixels to the other's.

    Returns:
        (height, width, 2) float32.
    """
    m = matrix.to(torch.float64)
    y = torch.arange(height, dtype=torch.float64, device=m.device)[:, None] + 0.5
    x = torch.arange(width, dtype=torch.float64, device=m.device)[None] + 0.5
    return torch.stack([m[0, 0] * x + m[0, 1] * y + m[0, 2], m[1, 0] * x + m[1, 1] * y + m[1, 2]], -1).float()


def sample(
    pixels: torch.Tensor, coords: torch.Tensor, *, mode: str = "bicubic", outside: str = "border"
) -> torch.Tensor:
    """The picture at any positions.

    Args:
        pixels: (c, h, w) float. coords: (h', w', 2) x, y in its pixels.
        mode: 'bicubic' (a = -0.75, may over- and undershoot), 'bilinear' or 'nearest'.
        outside: 'border' repeats the edge, 'zeros' is black.

    Returns:
        (c, h', w') float32.

    Domain: linear, unbounded; nan and inf spread to the samples that touch them.
    """
    h, w = pixels.shape[-2:]
    size = torch.tensor([2.0 / w, 2.0 / h], dtype=coords.dtype, device=coords.device)
    return grid_sample(
        pixels[None].float(), (coords * size - 1.0)[None], mode=mode, padding_mode=outside, align_corners=False
    )[0]


def sample_clamped(pixels: torch.Tensor, coords: torch.Tensor, slack: float = 0.1) -> torch.Tensor:
    """`sample`, bicubic, without the dark rims that a cubic kernel rings around highlights.

    Args:
        pixels: (c, h, w). coords: (h', w', 2). slack: overshoot allowed, part of the local contrast.

    Returns:
        (c, h', w') float32, within the four nearest pixels' range widened by slack; downwards by no more than that part
        of the darkest, for beside a highlight a tenth of the contrast is blacker than black.
    """
    sharp = sample(pixels, coords)
    least, most = neighbour_range(pixels)
    h, w = pixels.shape[-2:]
    column = (coords[..., 0] - 0.5).floor().clamp(0, w - 1).long()
    row = (coords[..., 1] - 0.5).floor().clamp(0, h - 1).long()
    least, most = least[:, row, column], most[:, row, column]
    room = (most - least) * slack
    below = torch.minimum(room, least.abs() * slack)
    return torch.minimum(torch.maximum(sharp, least - below), most + room)


def neighbour_range(pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Least and most of each pixel and its right, lower and lower-right neighbours, (c, h, w) each."""
    right = torch.cat([pixels[..., 1:], pixels[..., -1:]], -1)
    least, most = torch.minimum(pixels, right), torch.maximum(pixels, right)
    below = torch.cat([least[..., 1:, :], least[..., -1:, :]], -2), torch.cat([most[..., 1:, :], most[..., -1:, :]], -2)
    return torch.minimum(least, below[0]), torch.maximum(most, below[1])


def sample_affine(pixels: torch.Tensor, matrix: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """A (height, width) view of the picture; blurred first when the view shrinks it, so that nothing aliases.

    Args:
        pixels: (c, h, w) float32. matrix: (3, 3), the view's pixels to the picture's.
    """
    step = float(torch.linalg.matrix_norm(matrix[:2, :2].double(), ord=2))
    if step > _SHRINK_LIMIT:
        pixels = gaussian(pixels, 0.45 * (step * step - 1.0) ** 0.5)
    return sample_clamped(pixels, affine_grid(matrix, height, width).to(pixels.device))
