"""EXR files to frames, losing nothing: halves stay halves, and all else the file holds travels in `Frame.source`.

Read by sequence and still. OpenEXR leaves a part it cannot decode out of its answer without an error: counted here.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import torch

from ff_vfx.errors import FrameBroken
from ff_vfx.plate.exr_header import PartHeader, read_header
from ff_vfx.plate.source import FileId, Source, SourceChannel, SourcePart
from ff_vfx.types.frame import Frame

_TRIPLES = (("R", "G", "B", "A"), ("r", "g", "b", "a"), ("red", "green", "blue", "alpha"))
_LAYERS = ("rgba", "rgb", "beauty", "Beauty", "RGBA", "RGB", "C")
_DERIVED = ("channels", "chunkCount", "name")  # the library makes these anew


def read_exr(path: Path, number: int, colour_space: str, where: str, guarded: frozenset[FileId] = frozenset()) -> Frame:
    """One EXR file.

    Args:
        colour_space: what its pixels are in. where: start of every message. guarded: see Source.

    Raises:
        FrameBroken, HostileFile: the message says what and how to fix it.

    Domain: as stored; float16 or float32 (float32 where R, G, B differ in type).
    """
    header = read_header(path, where)
    main, names = picture_channels(header, where)
    parts = read_parts(path, header, where)
    arrays = [parts[main].channels[name].pixels for name in names]
    if any(array.dtype == np.uint32 for array in arrays):
        raise FrameBroken(f"{where}: its R, G, B are whole numbers (uint32); export half or float")
    alike = len({array.dtype for array in arrays}) == 1
    pixels = torch.from_numpy(np.stack(arrays) if alike else np.stack([array.astype(np.float32) for array in arrays]))
    linear = {name: parts[main].channels[name].linear for name in names}
    if alike:
        kept = {name: channel for name, channel in parts[main].channels.items() if name not in names}
        parts[main] = SourcePart(parts[main].header, kept, parts[main].name)
    source = Source(path, guarded, tuple(parts), main, names, linear)
    part = header[main]
    aspect = part.numbers("pixelAspectRatio", "f") or (1.0,)
    return Frame(pixels, number, colour_space, part.data_window, part.display_window, float(aspect[0]), source)


def picture_channels(header: Sequence[PartHeader], where: str) -> tuple[int, tuple[str, ...]]:
    """Which part holds the picture, and the names of its R, G, B (and A, if there is one).

    Plain names win over layers' ('beauty.R'), and earlier parts over later.

    Raises:
        FrameBroken: no part has them.
    """
    prefixes = ["", *(f"{layer}." for layer in _LAYERS)]
    for part in header:
        prefixes += sorted({name.rpartition(".")[0] + "." for name in part.channels if "." in name} - set(prefixes))
    for prefix in prefixes:
        for index, part in enumerate(header):
            for triple in _TRIPLES:
                names = [prefix + name for name in triple]
                if part.kind.endswith("image") and all(name in part.channels for name in names[:3]):
                    return index, tuple(names[: 4 if names[3] in part.channels else 3])
    found = [name for part in header for name in part.channels]
    if "Y" in found:
        raise FrameBroken(f"{where}: holds luminance alone (Y), no colour; export R, G, B")
    raise FrameBroken(f"{where}: has no R, G, B channels (it has {', '.join(found[:8]) or 'none'}); export R, G, B")


def read_parts(path: Path, header: Sequence[PartHeader], where: str) -> list[SourcePart]:
    """All parts and channels, decoded to the last line.

    Raises:
        FrameBroken: one of them cannot be decoded.
    """
    try:
        file = OpenEXR.File(str(path), separate_channels=True)
        read = list(file.parts)
    except Exception as error:  # the library raises RuntimeError, IndexError and more
        raise FrameBroken(f"{where}: cannot be decoded ({error}); render or copy it again") from error
    if len(read) != len(header):
        raise FrameBroken(
            f"{where}: damaged: {len(header) - len(read)} part(s) cannot be decoded; render or copy it again"
        )
    parts = [_source_part(part) for part in read]
    for part, wanted in zip(parts, header, strict=True):
        size = (wanted.data_window.height, wanted.data_window.width)
        if set(part.channels) != set(wanted.channels) or any(c.pixels.shape != size for c in part.channels.values()):
            raise FrameBroken(f"{where}: damaged: channels are missing; render or copy it again")
    return parts


def _source_part(part: Any) -> SourcePart:
    channels = {name: SourceChannel(channel.pixels, bool(channel.pLinear)) for name, channel in part.channels.items()}
    header = {name: value for name, value in part.header.items() if name not in _DERIVED}
    return SourcePart(header, channels, part.name())
