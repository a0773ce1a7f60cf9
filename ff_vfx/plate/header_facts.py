"""What an EXR's header says, as plain data for checks. Read by the door."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from fractions import Fraction

from ff_vfx.colour import resolve_space, space_of_chromaticities
from ff_vfx.errors import UnknownColourSpace
from ff_vfx.plate.exr_header import PartHeader
from ff_vfx.plate.spaces import EXR_ATTRIBUTES, config_name
from ff_vfx.types.delivery import HeaderFacts

_TYPES = ("uint", "half", "float")
_LOSSY = {5: "pxr24", 6: "b44", 7: "b44a", 8: "dwaa", 9: "dwab"}
_LOSSLESS = {0, 1, 2, 3, 4, 10, 11}  # Source: ImfCompression.h of OpenEXR 3.4: none, RLE, ZIPS, ZIP, PIZ, HTJ2K
_MOST_TEXT = 1 << 14


def header_facts(header: Sequence[PartHeader], main: int) -> HeaderFacts:
    """What a file says of itself. main: the part with the picture; channels of others are named 'part:channel'."""
    part = header[main]
    chromaticities = part.numbers("chromaticities", "8f")
    primaries = space_of_chromaticities(chromaticities)
    return HeaderFacts(
        data_window=part.data_window,
        display_window=part.display_window,
        aspect=float((part.numbers("pixelAspectRatio", "f") or (1.0,))[0]),
        rate=_rate(part),
        timecode=part.values.get("timeCode", ("", b""))[1].hex(),
        spaces=tuple(_config_name(text) for name in EXR_ATTRIBUTES if (text := part.text(name))),
        primaries=_config_name(primaries) if primaries else "",
        chromaticities=tuple(chromaticities),
        interop=part.text("colorInteropID"),
        channels={
            _name(header, one, main, name): _TYPES[kind]
            for one in header
            for name, (kind, _, _) in one.channels.items()
        },
        lossy={
            _name(header, one, main, name): codec
            for one in header
            for name, (kind, _, _) in one.channels.items()
            if (codec := _lossy(one.compression, kind))
        },
        attributes={name: value for name in part.values if (value := _plain(part, name)) is not None},
    )


def _name(header: Sequence[PartHeader], part: PartHeader, main: int, channel: str) -> str:
    return channel if part is header[main] else f"{part.name}:{channel}"


def _lossy(compression: int, kind: int) -> str:
    """The codec that does not keep a channel of this type bit for bit, '' where it does.

    DWAA and DWAB name those as lossy that they bend or may: which channels those are is a rule of names, which other
    programs read otherwise. PXR24 keeps halves and whole numbers.
    """
    if compression in _LOSSLESS or (compression == 5 and _TYPES[kind] != "float"):
        return ""
    return _LOSSY.get(compression, f"compression {compression}")


def _rate(part: PartHeader) -> str:
    said = part.numbers("framesPerSecond", "iI")
    if not said or not said[1]:
        return ""
    rate = Fraction(int(said[0]), int(said[1]))
    return f"{rate.numerator}/{rate.denominator}"


def _plain(part: PartHeader, name: str) -> str | int | float | None:
    kind, value = part.values[name]
    if kind == "string":
        return part.text(name) if len(value) <= _MOST_TEXT else None
    form = {"int": "<i", "float": "<f", "double": "<d"}.get(kind)
    if form is None or len(value) != struct.calcsize(form):
        return None
    number: int | float = struct.unpack(form, value)[0]
    return number


def _config_name(said: str) -> str:
    """The config's own name for what a file says; that itself where the config does not know it."""
    try:
        return resolve_space(config_name(said))
    except UnknownColourSpace:
        return said
