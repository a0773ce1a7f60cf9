"""Which channels, windows and attributes a written frame has. Read by exr_write; it touches no disk.

'all': the plate's file with the fused picture in it and our layers beside it. 'face': the face's window alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import numpy as np

from ff_vfx.image.st_map import own_place
from ff_vfx.plate.cryptomatte import encode
from ff_vfx.plate.source import Source, SourceChannel, SourcePart
from ff_vfx.types.layers import Layers
from ff_vfx.types.window import Window

_HALF_MAX = 65504.0
_OURS = re.compile(r"ff[A-Z]\w*\.|(forward|backward)\.[uv]$")  # channels an earlier render left
_RENDERED = "ffvfx/stamp"  # only a file of ours has it
# OpenEXR attribute names of the colour spaces whose scene-linear encodings have an interop id.
_INTEROP = {
    "ACEScg": "lin_ap1_scene",
    "ACES2065-1": "lin_ap0_scene",
    "Linear Rec.709 (sRGB)": "lin_rec709_scene",
    "Linear P3-D65": "lin_p3d65_scene",
    "Linear Rec.2020": "lin_rec2020_scene",
    "sRGB - Texture": "srgb_rec709_scene",
    "Gamma 2.2 Rec.709 - Texture": "g22_rec709_scene",
    "Gamma 2.4 Rec.709 - Texture": "g24_rec709_scene",
}


def interop_id(colour_space: str) -> str:
    """What `colorInteropID` says of a space; '' where it has no id."""
    return _INTEROP.get(colour_space, "")


def parts_of_all(layers: Layers) -> list[SourcePart]:
    """The plate's parts with the fused picture in the first of its names, and our layers beside it.

    Alpha is the plate's own where it had one, else 1 over the data window. A layer of ours takes the place of a channel
    of that name, and of all an earlier render left.

    Domain: coverage 0: the plate's own bits. Else the fused value in the plate's type; halves stop at +-65504.
    """
    frame = layers.frame
    source = frame.source if isinstance(frame.source, Source) else None
    parts = list(source.parts) if source and source.parts else [SourcePart({}, {})]
    main = source.main if source and source.parts else 0
    names = source.names if source and source.parts else ("R", "G", "B", "A")[: len(frame.pixels)]
    old = parts[main]
    planes = _planes(layers, frame.data_window)
    crypto, texts = _cryptomattes(layers)
    planes |= {name: _placed(plane, layers.window, frame.data_window) for name, plane in crypto.items()}
    again = _RENDERED in old.header
    channels = {
        name: channel
        for name, channel in old.channels.items()
        if name not in planes and name not in names and not (again and _OURS.match(name))
    }
    channels |= _picture(layers, old, names, source)
    channels |= {name: SourceChannel(plane) for name, plane in planes.items()}
    parts[main] = SourcePart(_header(layers, old.header, frame.data_window, texts), channels, old.name)
    return parts


def parts_of_face(layers: Layers) -> list[SourcePart]:
    """One part, cut to the face's window: R, G, B, A are the premultiplied face (ffFace.*) and the planes beside them.

    Without a window: one black pixel, since an EXR cannot be empty.
    """
    frame = layers.frame
    window = layers.window.intersect(frame.data_window)
    if window.empty:
        x, y = frame.data_window.x0, frame.data_window.y0
        window = Window(x, y, x + 1, y + 1)
    planes = _planes(layers, window)
    crypto, texts = _cryptomattes(layers)
    planes |= {name: _placed(plane, layers.window, window) for name, plane in crypto.items()}
    for name in "RGBA":
        nothing = np.zeros((window.height, window.width), np.float16)
        planes[name] = planes.pop(f"ffFace.{name}", nothing)
    source = frame.source if isinstance(frame.source, Source) and frame.source.parts else None
    old = source.parts[source.main].header if source else {}
    kept = {name: value for name, value in old.items() if name not in ("preview", "tiles", "type", "lineOrder")}
    channels = {name: SourceChannel(np.ascontiguousarray(plane)) for name, plane in planes.items()}
    return [SourcePart(_header(layers, kept, window, texts), channels)]


def as_half(plane: np.ndarray) -> np.ndarray:
    """float16; what is too large for it stops at +-65504 instead of becoming Inf."""
    return np.clip(plane, -_HALF_MAX, _HALF_MAX).astype(np.float16)


def _picture(
    layers: Layers, old: SourcePart, names: tuple[str, ...], source: Source | None
) -> dict[str, SourceChannel]:
    """R, G, B (, A): the plate's planes copied once, the covered pixels set."""
    frame = layers.frame
    window = layers.window.intersect(frame.data_window)
    inside, there = window.slices(frame.data_window), window.slices(layers.window)
    covered = layers.coverage[0][there].detach().cpu().numpy() > 0
    linear = source.linear if source else {}
    picture: dict[str, SourceChannel] = {}
    for index, name in enumerate(names):
        stored = old.channels[name].pixels if name in old.channels else frame.pixels[index].detach().cpu().numpy()
        if index < 3 and not window.empty:
            plane = np.array(stored, order="C")
            fused = layers.fused[index][there].detach().cpu().numpy()
            ours = as_half(fused) if plane.dtype == np.float16 else fused.astype(plane.dtype, copy=False)
            np.copyto(plane[inside], ours, where=covered)
        else:
            plane = np.ascontiguousarray(stored)
        picture[name] = SourceChannel(plane, linear.get(name, False))
    if len(names) == 3:
        alpha = names[0][:-1] + "A" if names[0].endswith("R") else names[0].rpartition(".")[0] + ".alpha"
        picture[alpha.lstrip(".")] = SourceChannel(np.ones_like(picture[names[0]].pixels))
    return picture


def _planes(layers: Layers, window: Window) -> dict[str, np.ndarray]:
    """Our layers over `window`: colour as halves, data as floats."""
    planes: dict[str, np.ndarray] = {}
    unmoved = dict(zip(("ffSt.u", "ffSt.v"), own_place(window, layers.frame.display_window), strict=True))
    for name, plane in layers.planes.items():
        data = name in layers.data_planes
        values = plane.detach().cpu().numpy()
        ours = values.astype(np.float32, copy=False) if data else as_half(values)
        planes[name] = _placed(ours, layers.window, window, unmoved.get(name))
    return planes


def _placed(plane: np.ndarray, at: Window, window: Window, around: np.ndarray | None = None) -> np.ndarray:
    """A plane that covers `at`, over `window`; outside it `around`, or 0."""
    if at == window:
        return np.ascontiguousarray(plane)
    shape = (window.height, window.width)
    out = np.zeros(shape, plane.dtype) if around is None else np.array(around, plane.dtype, order="C")
    shared = at.intersect(window)
    if not shared.empty:
        out[shared.slices(window)] = plane[shared.slices(at)]
    return out


def _cryptomattes(layers: Layers) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    channels: dict[str, np.ndarray] = {}
    texts: dict[str, str] = {}
    for ids in layers.cryptomattes:
        if ids.coverage:
            made, attributes = encode(ids)
            channels |= made
            texts |= attributes
    return channels, texts


def _header(layers: Layers, old: Mapping[str, object], window: Window, texts: Mapping[str, str]) -> dict[str, object]:
    """The plate's attributes, our windows, and what we have to say."""
    stale = _stale_cryptomattes(old)
    header = {name: value for name, value in old.items() if name.split("/")[:2] not in stale}
    frame = layers.frame
    header["dataWindow"], header["displayWindow"] = _box(window), _box(frame.display_window)
    header.setdefault("pixelAspectRatio", frame.pixel_aspect)
    if frame.colour_space in _INTEROP:
        header.setdefault("colorInteropID", _INTEROP[frame.colour_space])
    return {**header, **texts, **layers.attributes}


def _stale_cryptomattes(old: Mapping[str, object]) -> list[list[str]]:
    """Attribute groups of Cryptomattes an earlier render of ours left."""
    names: Iterable[str] = (name for name in old if name.startswith("cryptomatte/") and name.endswith("/name"))
    return [name.split("/")[:2] for name in names if re.match(r"ff[A-Z]", str(old[name]))]


def _box(window: Window) -> tuple[np.ndarray, np.ndarray]:
    return np.array([window.x0, window.y0], np.int32), np.array([window.x1 - 1, window.y1 - 1], np.int32)
