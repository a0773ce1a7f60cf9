"""The modules that networks is made of. Read by networks alone."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.functional import avg_pool2d, grid_sample, interpolate, pad, unfold


def _block(taken: int, given: int, stride: int = 1, groups: int = 1, size: int = 3) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(taken, given, size, stride, size // 2, groups=groups, bias=False), nn.BatchNorm2d(given), nn.ReLU()
    )


class Column(nn.Module):
    """A column of halvings, then one vector an output. first: what a picture is multiplied with."""

    def __init__(self, width: int, sizes: tuple[int, ...], first: float = 1.0) -> None:
        super().__init__()
        self.first = first
        steps = [_block(3, 16, 2)] + [_block(16 if i == 0 else width, width, 2) for i in range(3)]
        self.column = nn.Sequential(*steps, nn.AdaptiveAvgPool2d(2), nn.Flatten())
        self.heads = nn.ModuleList(nn.Linear(4 * width, size) for size in sizes)

    def forward(self, picture: torch.Tensor) -> tuple[torch.Tensor, ...]:
        found = self.column(picture * self.first)
        return tuple(head(found) for head in self.heads)


class Cells(nn.Module):
    """Scores, boxes, points at three strides, flat and without a batch, as detectors of this family are exported."""

    def __init__(self, width: int = 24, anchors: int = 2) -> None:
        super().__init__()
        self.stem = nn.Sequential(_block(3, 16, 2), _block(16, width, 2), _block(width, width, 2))
        self.down = nn.ModuleList([_block(width, width, 2), _block(width, width, 2)])
        self.sizes = (1, 4, 10)
        self.heads = nn.ModuleList(nn.Conv2d(width, anchors * size, 3, padding=1) for size in self.sizes)

    def forward(self, picture: torch.Tensor) -> tuple[torch.Tensor, ...]:
        levels = [self.stem(picture)]
        for down in self.down:
            levels.append(down(levels[-1]))
        levels[1] = levels[1] + interpolate(levels[2], scale_factor=2.0, mode="nearest")
        levels[0] = levels[0] + interpolate(levels[1], scale_factor=2.0, mode="nearest")
        found = [
            head(level).permute(0, 2, 3, 1).reshape(-1, size)
            for head, size in zip(self.heads, self.sizes)
            for level in levels
        ]
        return tuple(value.sigmoid() if i < len(levels) else value for i, value in enumerate(found))


class Recogniser(nn.Module):
    """Depthwise blocks down to 7 px, one number a channel, an embedding."""

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.prelu = nn.PReLU(width)
        self.stem = nn.Sequential(nn.Conv2d(3, width, 3, 2, 1, bias=False), nn.BatchNorm2d(width))
        self.blocks = nn.ModuleList(self._pair(width, 2 if i in (0, 2, 5) else 1) for i in range(8))
        self.pool = nn.Conv2d(width, width, 7, groups=width, bias=False)
        self.last = nn.Sequential(nn.Flatten(), nn.Linear(width, 512, bias=False), nn.BatchNorm1d(512))

    @staticmethod
    def _pair(width: int, stride: int) -> nn.Sequential:
        wide = nn.Sequential(nn.Conv2d(width, 2 * width, 1, bias=False), nn.BatchNorm2d(2 * width), nn.PReLU(2 * width))
        narrow = nn.Sequential(nn.Conv2d(2 * width, width, 1, bias=False), nn.BatchNorm2d(width))
        return nn.Sequential(wide, _block(2 * width, 2 * width, stride, groups=2 * width), narrow)

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        found = self.prelu(self.stem(picture))
        for block in self.blocks:
            made = block(found)
            found = 0.5 * (found + made) if made.shape == found.shape else made
        return self.last(self.pool(found))


class Identity(nn.Module):
    """A face made over in the style of an identity: instance norm, then scale and shift from the identity."""

    def __init__(self, width: int = 32, blocks: int = 3) -> None:
        super().__init__()
        first = nn.Conv2d(3, width, 7, padding=3)
        self.down = nn.Sequential(first, nn.LeakyReLU(0.2), nn.Conv2d(width, width, 3, 2, 1))
        self.convs = nn.ModuleList(nn.Conv2d(width, width, 3) for _ in range(blocks))
        self.styles = nn.ModuleList(nn.Linear(512, 2 * width) for _ in range(blocks))
        self.up = nn.Sequential(nn.Conv2d(width, width, 3, padding=1), nn.LeakyReLU(0.2))
        self.last = nn.Conv2d(width, 3, 7)

    def forward(self, target: torch.Tensor, source: torch.Tensor) -> torch.Tensor:
        found = self.down(target)
        for conv, style in zip(self.convs, self.styles):
            made = conv(pad(found, (1, 1, 1, 1), mode="reflect"))
            made = made - made.mean((2, 3), keepdim=True)
            made = made * (made.square().mean((2, 3), keepdim=True) + 1e-8).rsqrt()
            scale, shift = style(source)[:, :, None, None].chunk(2, dim=1)
            found = found + torch.relu(made * scale + shift)
        found = self.up(interpolate(found, scale_factor=2.0, mode="bilinear", align_corners=False))
        return (self.last(pad(found, (3, 3, 3, 3), mode="reflect")).tanh() + 1.0) / 2.0


class Hourglass(nn.Module):
    """Down three halvings and up again with what was seen on the way; a map of the picture's size.

    sigmoid: a matte in [0, 1]. attend: channels weighed by what the whole picture shows. residual: the picture and a
    change to it.
    """

    def __init__(
        self, channels: int, width: int, *, sigmoid: bool = False, attend: bool = False, residual: bool = False
    ) -> None:
        super().__init__()
        self.sigmoid, self.residual = sigmoid, residual
        widths = (width, 2 * width, 2 * width)
        self.down = nn.ModuleList(_block(taken, given, 2) for taken, given in zip((3, *widths), widths))
        weigh = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(widths[-1], widths[-1], 1), nn.Sigmoid())
        self.attention = weigh if attend else None
        self.up = nn.ModuleList([_block(4 * width, width), _block(2 * width, width)])
        self.last = nn.Conv2d(width, channels, 1)

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        seen = [picture]
        for down in self.down:
            seen.append(down(seen[-1]))
        found = seen[3] if self.attention is None else seen[3] * self.attention(seen[3])
        for up, level in zip(self.up, (seen[2], seen[1])):
            larger = interpolate(found, scale_factor=2.0, mode="bilinear", align_corners=False)
            found = up(torch.cat([larger, level], 1))
        made = interpolate(self.last(found), scale_factor=2.0, mode="bilinear", align_corners=True)
        if self.residual:
            return (picture + 0.1 * made).clamp(-1.0, 1.0)
        return made.sigmoid() if self.sigmoid else made


class Correlation(nn.Module):
    """One look: how alike every place of one picture is to those around its match, and what moves it nearer."""

    def __init__(self, width: int = 16, levels: int = 2, radius: int = 1) -> None:
        super().__init__()
        self.levels, self.radius = levels, radius
        first = nn.Sequential(nn.Conv2d(3, width, 7, 2, 3), nn.InstanceNorm2d(width), nn.ReLU())
        self.encoder = nn.Sequential(first, _block(width, width, 2), _block(width, width, 2))
        looked = levels * (2 * radius + 1) ** 2
        self.update = nn.Sequential(nn.Conv2d(looked + 2 + width, width, 3, padding=1), nn.ReLU())
        self.move = nn.Conv2d(width, 2, 3, padding=1)
        self.mask = nn.Conv2d(width, 9 * 64, 1)

    def volume(self, first: torch.Tensor, second: torch.Tensor) -> list[torch.Tensor]:
        batch, width, height, across = first.shape
        alike = torch.matmul(first.flatten(2).transpose(1, 2), second.flatten(2)) / width**0.5
        found = [alike.reshape(batch * height * across, 1, height, across)]
        for _ in range(self.levels - 1):
            found.append(avg_pool2d(found[-1], 2))
        return found

    def look(self, volume: list[torch.Tensor], at: torch.Tensor) -> torch.Tensor:
        """at: (b, 2, h, w) x, y in coarse px."""
        batch, _, height, across = at.shape
        reach = torch.arange(-self.radius, self.radius + 1, dtype=at.dtype)
        around = torch.stack(torch.meshgrid(reach, reach, indexing="xy"), -1).reshape(1, -1, 1, 2)
        places = at.permute(0, 2, 3, 1).reshape(batch * height * across, 1, 1, 2)
        found = []
        for level, values in enumerate(volume):
            where = (
                places / 2**level + around
            )  # sizes stay sizes: as a constant they would be frozen into the ONNX file
            x, y = where[..., 0] / (values.shape[-1] - 1), where[..., 1] / (values.shape[-2] - 1)
            grid = 2.0 * torch.stack([x, y], -1) - 1.0
            picked = grid_sample(values, grid, mode="bilinear", padding_mode="zeros", align_corners=True)
            found.append(picked.reshape(batch, height, across, -1))
        return torch.cat(found, -1).permute(0, 3, 1, 2)


class Unrolled(nn.Module):
    """So many looks, then full size by a mask of its own."""

    def __init__(self, step: Correlation, looks: int = 3) -> None:
        super().__init__()
        self.step, self.looks = step, looks

    def forward(self, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        one, other = (self.step.encoder(picture / 127.5 - 1.0) for picture in (first, second))
        volume = self.step.volume(one, other)
        height, across = one.shape[-2:]
        y, x = torch.meshgrid(
            torch.arange(height, dtype=one.dtype), torch.arange(across, dtype=one.dtype), indexing="ij"
        )
        here = torch.stack([x, y])[None]
        flow, state = torch.zeros_like(here), one
        for _ in range(self.looks):
            seen = self.step.look(volume, here + flow)
            state = self.step.update(torch.cat([seen, flow, state], 1))
            flow = flow + self.step.move(state).tanh()
        return self._full(flow, self.step.mask(state))

    @staticmethod
    def _full(flow: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Each fine px a weighted mean of the nine coarse ones around."""
        batch, _, height, across = flow.shape
        weights = mask.reshape(batch, 1, 9, 8, 8, height, across).softmax(2)
        near = unfold(8.0 * flow, 3, padding=1).reshape(batch, 2, 9, 1, 1, height, across)
        fine = (weights * near).sum(2).permute(0, 1, 4, 2, 5, 3)
        return fine.reshape(batch, 2, 8 * height, 8 * across)
