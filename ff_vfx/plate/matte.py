"""An artist's own matte for one frame. Read by the door, which hands it to the shot."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from ff_vfx.errors import FrameBroken
from ff_vfx.plate.exr_header import read_header
from ff_vfx.plate.exr_read import read_parts
from ff_vfx.plate.picture_read import read_channels, read_picture_header
from ff_vfx.plate.sequence import is_exr
from ff_vfx.plate.sequence_path import sequence_path
from ff_vfx.types.window import Window

_NAMES = ("A", "rgba.A", "alpha", "mask.a", "mask.A", "matte", "matte.A", "matte.a", "R", "rgba.R", "red", "Y")
_ALPHA = ("A", "rgba.A", "alpha")  # skipped where constant 1: a picture saved with an alpha no one painted


def read_matte(pattern: str, number: int, window: Window) -> torch.Tensor | None:
    """The matte over a window of the plate.

    The channel is A unless it is 1 everywhere, then `mask.a`, `matte`, R or Y, the first there is.

    Args:
        pattern: as for open_plate, no movie; one file without a token serves every frame. window: plate pixels.

    Returns:
        (1, h, w) float32 in [0, 1], 0 outside the file's data window and where it holds no number; None where the frame
        has no file.

    Raises:
        FrameBroken, HostileFile: it is there and cannot be read, or has no channel that can be a matte.
    """
    path = sequence_path(pattern)
    file = path.found().get(number) if path.numbered else path.at(number)
    if file is None or not file.is_file():
        return None
    where = f"frame {number}: matte {file}"
    channels, data = _exr(file, where) if is_exr(file, where) else _picture(file, where)
    plane = _chosen(channels, where)
    out = np.zeros((1, window.height, window.width), np.float32)
    shared = window.intersect(data)
    if not shared.empty:
        part = plane[shared.slices(data)].astype(np.float32)
        out[(0, *shared.slices(window))] = np.clip(np.nan_to_num(part, nan=0.0), 0.0, 1.0)
    return torch.from_numpy(out)


def _exr(file: Path, where: str) -> tuple[dict[str, np.ndarray], Window]:
    """Of the first part that has a channel a matte can be in; in plate pixels, which the display window counts."""
    header = read_header(file, where)
    parts = read_parts(file, header, where)
    for index, part in enumerate(parts):
        if any(name in part.channels for name in _NAMES):
            return {name: channel.pixels for name, channel in part.channels.items()}, header[index].data_window
    return {name: channel.pixels for name, channel in parts[0].channels.items()}, header[0].data_window


def _picture(file: Path, where: str) -> tuple[dict[str, np.ndarray], Window]:
    header = read_picture_header(file, where)
    return dict(zip(header.channels, read_channels(file, header, where))), header.data_window


def _chosen(channels: dict[str, np.ndarray], where: str) -> np.ndarray:
    for name in _NAMES:
        plane = channels.get(name)
        if plane is not None and not (name in _ALPHA and len(channels) > 1 and bool((plane == 1).all())):
            return plane
    if len(channels) == 1:
        return next(iter(channels.values()))
    raise FrameBroken(
        f"{where}: has no channel A, mask.a, matte, R or Y (it has {', '.join(list(channels)[:8])}); rename one"
    )
