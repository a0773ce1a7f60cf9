"""How alike two versions look: SSIM and FLIP of display pictures, no trained weights. Read by the door, benchmarks.

Written from the papers; tests hold FLIP against its authors' program where that is installed.
"""

from __future__ import annotations

import math

import torch

from ff_vfx.image.blur import gaussian

_SIGMA = 1.5  # px. Source: Wang 2004
_K1, _K2 = 0.01, 0.03
# Contrast sensitivity as sums of Gaussians exp(-pi^2 x^2 / b), degrees. Source: Andersson 2020, table 1.
_SENSITIVITY = {"luma": ((1.0, 0.0047),), "red_green": ((1.0, 0.0053),), "blue_yellow": ((34.1, 0.04), (13.5, 0.025))}
_QC, _PC, _PT = 0.7, 0.4, 0.95  # colour's exponent, and where its map bends
_QF, _FEATURE_DEGREES = 0.5, 0.082
PIXELS_PER_DEGREE = 67.0
_WHITE = (0.950428545, 1.0, 1.088900371)
_TO_XYZ = (
    (10135552 / 24577794, 8788810 / 24577794, 4435075 / 24577794),
    (2613072 / 12288897, 8788810 / 12288897, 887015 / 12288897),
    (1425312 / 73733382, 8788810 / 73733382, 70074185 / 73733382),
)


def ssim(one: torch.Tensor, other: torch.Tensor, mask: torch.Tensor) -> float:
    """Structural similarity of brightness over a mask, [-1, 1]; 1 the same.

    Args:
        one, other: (3, h, w) display sRGB in [0, 1]. mask: (1, h, w) {0, 1}.

    Source: Wang 2004.
    """
    a, b = (_luma(picture) for picture in (one, other))
    mean_a, mean_b = gaussian(a, _SIGMA), gaussian(b, _SIGMA)
    var_a, var_b = gaussian(a * a, _SIGMA) - mean_a**2, gaussian(b * b, _SIGMA) - mean_b**2
    both = gaussian(a * b, _SIGMA) - mean_a * mean_b
    c1, c2 = _K1**2, _K2**2
    alike = (2 * mean_a * mean_b + c1) * (2 * both + c2) / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))
    return _over(alike, mask)


def flip(one: torch.Tensor, other: torch.Tensor, mask: torch.Tensor) -> float:
    """LDR FLIP over a mask, [0, 1]: what an eye sees that goes to and fro between two pictures; 0 the same.

    Args:
        as ssim.

    Source: Andersson 2020, at 67 pixels a degree.
    """
    return _over(flip_map(one, other), mask)


def flip_map(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """(1, h, w) of the same, by pixel."""
    a, b = (_opponent(_linear(picture)) for picture in (one, other))
    seen = [_hunt(_lab(_from_opponent(_filtered(picture)).clamp(0.0, 1.0))) for picture in (a, b)]
    colour = _colour_error(*seen)
    feature = _feature_error((a[:1] + 16.0) / 116.0, (b[:1] + 16.0) / 116.0)
    return colour ** (1.0 - feature)


def _over(values: torch.Tensor, mask: torch.Tensor) -> float:
    total = float(mask.sum())
    return float((values * mask).sum()) / total if total > 0.0 else float("nan")


def _luma(display: torch.Tensor) -> torch.Tensor:
    return (display * torch.tensor((0.2126, 0.7152, 0.0722))[:, None, None]).sum(0, keepdim=True)


def _linear(display: torch.Tensor) -> torch.Tensor:
    return torch.where(display <= 0.04045, display / 12.92, ((display.clamp(min=0.0) + 0.055) / 1.055) ** 2.4)


def _by_matrix(matrix: torch.Tensor, picture: torch.Tensor) -> torch.Tensor:
    return torch.einsum("ij,jhw->ihw", matrix, picture)


def _white() -> torch.Tensor:
    return torch.tensor(_WHITE)[:, None, None]


def _opponent(linear: torch.Tensor) -> torch.Tensor:
    """YyCxCz: lightness, red against green, blue against yellow, all linear in light."""
    x, y, z = _by_matrix(torch.tensor(_TO_XYZ), linear) / _white()
    return torch.stack([116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)])


def _from_opponent(picture: torch.Tensor) -> torch.Tensor:
    y = (picture[0] + 16.0) / 116.0
    xyz = torch.stack([y + picture[1] / 500.0, y, y - picture[2] / 200.0]) * _white()
    return _by_matrix(torch.linalg.inv(torch.tensor(_TO_XYZ, dtype=torch.float64)).float(), xyz)


def _lab(linear: torch.Tensor) -> torch.Tensor:
    ratio = _by_matrix(torch.tensor(_TO_XYZ), linear) / _white()
    delta = 6.0 / 29.0
    curved = torch.where(ratio > delta**3, ratio.clamp(min=0.0) ** (1 / 3), ratio / (3 * delta**2) + 4.0 / 29.0)
    return torch.stack([116.0 * curved[1] - 16.0, 500.0 * (curved[0] - curved[1]), 200.0 * (curved[1] - curved[2])])


def _hunt(lab: torch.Tensor) -> torch.Tensor:
    """Colours are paler in the dark."""
    return torch.cat([lab[:1], 0.01 * lab[:1] * lab[1:]])


def _hyab(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    apart = one - other
    return apart[:1].abs() + apart[1:].norm(dim=0, keepdim=True)


def _colour_error(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    green, blue = (torch.tensor(rgb)[:, None, None] for rgb in ((0.0, 1.0, 0.0), (0.0, 0.0, 1.0)))
    most = float(_hyab(_hunt(_lab(green)), _hunt(_lab(blue)))) ** _QC
    error, bend = _hyab(one, other) ** _QC, _PC * most
    return torch.where(error < bend, _PT / bend * error, _PT + (error - bend) / (most - bend) * (1.0 - _PT))


def _filtered(picture: torch.Tensor) -> torch.Tensor:
    """As the eye's contrast sensitivity leaves it."""
    reach = math.ceil(3.0 * math.sqrt(0.04 / (2.0 * math.pi**2)) * PIXELS_PER_DEGREE)
    along = torch.arange(-reach, reach + 1, dtype=torch.float32) / PIXELS_PER_DEGREE
    square = along[:, None] ** 2 + along[None] ** 2
    planes = []
    for plane, terms in zip(picture, _SENSITIVITY.values(), strict=True):
        kernel = torch.zeros_like(square)
        for weight, width in terms:
            kernel += weight * math.sqrt(math.pi / width) * torch.exp(-(math.pi**2) * square / width)
        planes.append(_convolved(plane[None], kernel / kernel.sum()))
    return torch.cat(planes)


def _feature_error(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """Edges and points that one has and the other has not."""
    sigma = 0.5 * _FEATURE_DEGREES * PIXELS_PER_DEGREE
    reach = math.ceil(3.0 * sigma)
    along = torch.arange(-reach, reach + 1, dtype=torch.float32)
    bell = torch.exp(-(along[:, None] ** 2 + along[None] ** 2) / (2.0 * sigma**2))
    edge = -along[None] * bell
    point = (along[None] ** 2 / sigma**2 - 1.0) * bell
    found = []
    for kernel in (_balanced(edge), _balanced(point)):
        sizes = [
            torch.cat([_convolved(p, kernel), _convolved(p, kernel.T)]).norm(dim=0, keepdim=True) for p in (one, other)
        ]
        found.append((sizes[0] - sizes[1]).abs())
    return (torch.maximum(*found) / math.sqrt(2.0)) ** _QF


def _balanced(kernel: torch.Tensor) -> torch.Tensor:
    """Positive weights that add up to 1, negative ones to -1."""
    above, below = kernel.clamp(min=0.0), kernel.clamp(max=0.0)
    return above / above.sum() - below / below.sum()


def _convolved(plane: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
    """(1, h, w), edges repeated."""
    reach = kernel.shape[-1] // 2
    wide = torch.nn.functional.pad(plane[None], (reach, reach, reach, reach), mode="replicate")
    return torch.nn.functional.conv2d(wide, kernel[None, None])[0]
