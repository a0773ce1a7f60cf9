"""One finished frame to one EXR file, whole or not at all. Read by the door.

Every channel is made contiguous first: OpenEXR writes wrong pixels for any other array, without a word.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

import numpy as np
import OpenEXR

from ff_vfx.errors import BadInput, FfVfxError, PlateError, WriteRefused
from ff_vfx.plate.atomic import refuse_guarded, write_atomically
from ff_vfx.plate.exr_header import read_header
from ff_vfx.plate.exr_layout import parts_of_all, parts_of_face
from ff_vfx.plate.exr_read import read_parts
from ff_vfx.plate.source import Source, SourcePart
from ff_vfx.types.layers import Layers
from ff_vfx.types.settings import OutputSettings

STAMP_ATTRIBUTE = "ffvfx/stamp"
_COMPRESSIONS = {
    "none": OpenEXR.NO_COMPRESSION,
    "zips": OpenEXR.ZIPS_COMPRESSION,
    "zip": OpenEXR.ZIP_COMPRESSION,
    "piz": OpenEXR.PIZ_COMPRESSION,
}


def write_frame(layers: Layers, path: Path, settings: OutputSettings) -> None:
    """Write one frame; docs/layers.md says what is in it.

    Args:
        path: one frame's file. settings: `layers` is 'all' or 'face'; `compression` is for every part, lossless.

    Raises:
        WriteRefused: `path` is a file of the plate, or the disk says no; what was there before is still there.
        BadInput: a layer does not fit the window, or an attribute is no text or number.

    Domain: see exr_layout.
    """
    source = layers.frame.source
    if isinstance(source, Source):
        refuse_guarded(path, source.guarded, [source.file])
    _check(layers)
    parts = parts_of_all(layers) if settings.layers == "all" else parts_of_face(layers)
    file = OpenEXR.File([_part(part, settings.compression) for part in parts])

    def write(hidden: Path) -> None:
        try:
            file.write(str(hidden))
            read_header(hidden, str(path))  # a disk that filled up late leaves a short file and no error
        except (RuntimeError, ValueError, PlateError) as error:
            raise WriteRefused(f"{path}: could not be written ({error}); check the disk's space and rights") from error

    write_atomically(path, write)


def valid_output(path: Path, *, number: int, channels: Collection[str] | None = None, stamp: str = "") -> bool:
    """Whether a finished frame is on disk, whole, so that it need not be made again.

    Args:
        number: the frame's. channels: names it must have. stamp: what its `ffvfx/stamp` must be; '' asks nothing.

    Returns:
        False for anything less: no file, truncated, another stamp, a channel short, a number missing where we wrote.
    """
    where = f"frame {number}: {path}"
    try:
        header = read_header(path, where)
        if stamp and not any(part.text(STAMP_ATTRIBUTE) == stamp for part in header):
            return False
        parts = read_parts(path, header, where)
    except (FfVfxError, OSError):
        return False
    found = {name for part in parts for name in part.channels}
    return found.issuperset(channels or ()) and all(_finite_where_ours(part) for part in parts)


def _part(part: SourcePart, compression: str) -> OpenEXR.Part:
    channels = {
        name: OpenEXR.Channel(name, np.ascontiguousarray(channel.pixels), 1, 1, channel.linear)
        for name, channel in part.channels.items()
    }
    header = {"type": OpenEXR.scanlineimage, **part.header}
    if header["type"] in (OpenEXR.scanlineimage, OpenEXR.tiledimage):
        header["compression"] = _COMPRESSIONS[compression]  # deep parts know few, all lossless: theirs stays
    return OpenEXR.Part(header, channels, part.name)


def _check(layers: Layers) -> None:
    shape = (layers.window.height, layers.window.width)
    planes = [("fused", layers.fused[0]), ("coverage", layers.coverage[0]), *layers.planes.items()]
    planes += [(name, plane) for ids in layers.cryptomattes for name, plane in ids.coverage.items()]
    for name, plane in planes:
        if tuple(plane.shape) != shape:
            raise BadInput(f"frame {layers.frame.number}: layer {name} is {tuple(plane.shape)}, its window {shape}")
    for name, value in layers.attributes.items():
        if not isinstance(value, (str, int, float)):
            raise BadInput(
                f"frame {layers.frame.number}: attribute {name} is {type(value).__name__}; give text or a number"
            )


def _finite_where_ours(part: SourcePart) -> bool:
    """No NaN or Inf in our layers, nor in the picture where our matte covers it; without our layers all is plate."""
    planes = {name: channel.pixels for name, channel in part.channels.items()}
    ours: Iterable[np.ndarray] = (
        plane for name, plane in planes.items() if name.startswith("ff") and plane.dtype != np.uint32
    )
    if not all(map(_finite, ours)):
        return False
    matte = planes.get("ffFace.A", planes.get("ffMatte.red"))
    if matte is None:
        return True
    covered = matte > 0
    return all(_finite(planes[name][covered]) for name in "RGB" if name in planes)


def _finite(plane: np.ndarray) -> bool:
    """No NaN or Inf; halves by their exponent bits, which is many times faster than numpy's own test of them."""
    if plane.dtype == np.float16:
        return not bool(((plane.view(np.uint16) & 0x7C00) == 0x7C00).any())
    return bool(np.isfinite(plane).all())
