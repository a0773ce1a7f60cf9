"""What a plate's file shows besides its picture: a face that is covered there must not be open elsewhere. Read by door.

Planes that lie over the picture are treated like it. What cannot be (another view, another size, deep samples, the
header's thumbnail) is left out of the frame, and said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import torch

from ff_vfx.plate.source import Source, SourceChannel, SourcePart
from ff_vfx.types.frame import Frame

Treat = Callable[[np.ndarray], np.ndarray]
_PICTURES = ("scanlineimage", "tiledimage")
_SIDES = re.compile(r"(?:^|[._ ])(left|right)(?:$|[._ ])", re.IGNORECASE)
_IDS = re.compile(r"crypto", re.IGNORECASE)  # floats that are names: a mean of two is a third


def beside_treated(frame: Frame, treat: Treat) -> tuple[Frame, list[str]]:
    """The frame with everything but R, G, B treated or left out; its picture is not touched.

    Args:
        treat: (h, w) plane over the data window -> the same with heads covered; the very same array where there is
            none.

    Returns:
        The frame, and what was left out: 'part right', 'channel right.R', 'thumbnail in the header'.
    """
    pixels = frame.pixels
    if len(pixels) == 4:
        alpha = torch.from_numpy(np.ascontiguousarray(treat(pixels[3].numpy())))
        pixels = torch.cat([pixels[:3], alpha[None].to(pixels.dtype)])
    source = frame.source
    if not isinstance(source, Source) or not source.parts:
        return replace(frame, pixels=pixels), []
    left_out: list[str] = []
    main = source.parts[source.main]
    parts = list[SourcePart]()
    index = 0
    for k, part in enumerate(source.parts):
        if k == source.main:
            index = len(parts)
        elif (why := _unlike(part, main)) is not None:
            left_out.append(f"part {part.name or k} ({why})")
            continue
        parts.append(_treated(part, treat, source.names if k == source.main else (), left_out))
    return replace(frame, pixels=pixels, source=replace(source, parts=tuple(parts), main=index)), left_out


def _treated(part: SourcePart, treat: Treat, picture: tuple[str, ...], left_out: list[str]) -> SourcePart:
    """One part over the picture. picture: names of its R, G, B, which the writer sets; their A is treated here."""
    header = dict(part.header)
    if header.pop("preview", None) is not None:
        left_out.append("thumbnail in the header")
    views = _views(header)
    channels: dict[str, SourceChannel] = {}
    for name, channel in part.channels.items():
        if name in picture[:3]:
            channels[name] = channel
        elif name.rpartition(".")[0].split(".")[-1] in views[1:] or _other_side(name, picture):
            left_out.append(f"channel {name} (another view)")
        elif _IDS.search(name):
            channels[name] = replace(channel, pixels=_zeroed(channel.pixels, treat))
        else:
            channels[name] = replace(channel, pixels=np.ascontiguousarray(treat(channel.pixels)))
    return SourcePart(header, channels, part.name)


def _zeroed(plane: np.ndarray, treat: Treat) -> np.ndarray:
    """0 wherever treating ids changes them: floats that are names are treated as whole numbers are."""
    marks = treat(np.ones(plane.shape, np.uint32))
    return np.where(marks == 0, np.zeros((), plane.dtype), plane)


def _unlike(part: SourcePart, main: SourcePart) -> str | None:
    """Why a part does not lie over the picture; None where it does."""
    if str(part.header.get("type", "")).rsplit(".", 1)[-1].lower() not in _PICTURES and not _flat(part):
        return "deep samples"
    if any(channel.pixels.shape != _shape(main, channel) for channel in part.channels.values()):
        return "another size"
    boxes = [_box(one.header) for one in (part, main)]
    if boxes[0] != boxes[1]:
        return "another window"
    if str(part.header.get("view", "")) != str(main.header.get("view", "")) or _other_side(part.name, (main.name,)):
        return "another view"
    return None


def _flat(part: SourcePart) -> bool:
    return all(channel.pixels.dtype != object and channel.pixels.ndim == 2 for channel in part.channels.values())


def _shape(main: SourcePart, channel: SourceChannel) -> tuple[int, ...]:
    """The main part's size; by its window where it keeps no channel of its own."""
    box = _box(main.header)
    if box is None:
        return channel.pixels.shape
    x0, y0, x1, y1 = box
    return (y1 - y0 + 1, x1 - x0 + 1)


def _box(header: Mapping[str, object]) -> tuple[int, int, int, int] | None:
    window = header.get("dataWindow")
    if window is None:
        return None
    (x0, y0), (x1, y1) = (np.asarray(corner).tolist() for corner in window)  # type: ignore[attr-defined]
    return int(x0), int(y0), int(x1), int(y1)


def _views(header: Mapping[str, object]) -> list[str]:
    """Names of the views that share one part, the first of which has the plain channels."""
    views = header.get("multiView", ())
    return [str(view) for view in views] if isinstance(views, (list, tuple)) else []


def _other_side(name: str, mine: tuple[str, ...]) -> bool:
    """Whether a name says 'left' or 'right' and the picture's own do not say the same."""
    sides = {side.lower() for side in _SIDES.findall(name)}
    own = {side.lower() for one in mine for side in _SIDES.findall(one)}
    return bool(sides) and sides != own
