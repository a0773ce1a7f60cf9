"""PNG, TIFF, DPX, JPEG and what else OpenImageIO reads, as frames. Read by sequence, still and matte.

Integer pixels become code / largest code: float16 up to 10 bits (its step there is a quarter of a code), else float32.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import torch

from ff_vfx.errors import FrameBroken, HostileFile
from ff_vfx.plate.exr_header import MAX_CHANNELS, MAX_PIXELS, MAX_SIDE
from ff_vfx.plate.source import FileId, Source
from ff_vfx.types.frame import Frame
from ff_vfx.types.window import Window

KINDS = frozenset(
    {".png", ".tif", ".tiff", ".dpx", ".cin", ".jpg", ".jpeg", ".tga", ".bmp", ".webp", ".hdr", ".jp2", ".psd"}
)
_INTEGER_STILLS = frozenset({"png", "tiff", "jpeg", "jpg"})
_LOW_BITS = 10
_DPX_SPACES = {"Linear": "", "ITU-R 709-4": "camera_rec709"}  # a linear one does not say of which primaries
_FORMATS = {np.dtype("uint8"): 255, np.dtype("uint16"): 65535}


@dataclass(frozen=True, slots=True)
class PictureHeader:
    """What a file says before its pixels are read.

    bits: of an integer channel, 0 for floats. space: '' when it does not say.
    """

    data_window: Window
    display_window: Window
    channels: tuple[str, ...]
    bits: int
    space: str
    aspect: float
    rate: float


def read_picture_header(path: Path, where: str) -> PictureHeader:
    """Size, channels and colour of a picture file.

    `space` is the file's own tag; integer PNG, TIFF and JPEG without one count as sRGB ('srgb_tx'), as such files are.

    Raises:
        FrameBroken: cannot be read. HostileFile: claims an absurd size.
    """
    if path.stat().st_size == 0:
        raise FrameBroken(f"{where}: the file is empty (0 bytes); render or copy it again")
    file = oiio.ImageInput.open(str(path))
    if file is None:
        raise FrameBroken(f"{where}: cannot be read ({_reason(oiio.geterror())}); render or copy it again")
    try:
        return _header(file.spec(), file.format_name(), where)
    finally:
        file.close()


def read_picture(
    path: Path, number: int, colour_space: str, where: str, guarded: frozenset[FileId] = frozenset()
) -> Frame:
    """One picture file; grey becomes R = G = B.

    Raises:
        FrameBroken, HostileFile: the message says what and how to fix it.

    Domain: as encoded in the file, [0, 1] for integers.
    """
    header = read_picture_header(path, where)
    pixels = read_channels(path, header, where)
    if len(pixels) < 3:
        pixels = np.concatenate([pixels[:1]] * 3 + [pixels[1:2]])
    kept = torch.from_numpy(np.ascontiguousarray(pixels[:4]))
    source = Source(path, guarded)
    return Frame(kept, number, colour_space, header.data_window, header.display_window, header.aspect, source)


def read_channels(path: Path, header: PictureHeader, where: str) -> np.ndarray:
    """All channels in the file's order, (c, h, w) float16 or float32, integers scaled to [0, 1].

    Raises:
        FrameBroken: the pixels cannot be decoded.
    """
    file = oiio.ImageInput.open(str(path))
    try:
        stored = None if file is None else file.read_image(oiio.UNKNOWN)
        if stored is None:
            reason = _reason(file.geterror() if file is not None else oiio.geterror())
            raise FrameBroken(f"{where}: truncated or damaged ({reason}); render or copy it again")
    finally:
        if file is not None:
            file.close()
    stored = np.moveaxis(stored.reshape(header.data_window.height, header.data_window.width, -1), 2, 0)
    if not header.bits:
        return np.ascontiguousarray(stored if stored.dtype == np.float16 else stored.astype(np.float32))
    largest = _FORMATS.get(stored.dtype, np.iinfo(stored.dtype).max)
    scaled = stored.astype(np.float32) / np.float32(largest)
    return np.ascontiguousarray(scaled.astype(np.float16 if header.bits <= _LOW_BITS else np.float32))


def _header(spec: oiio.ImageSpec, kind: str, where: str) -> PictureHeader:
    if spec.width < 1 or spec.height < 1 or spec.full_width < 1 or spec.full_height < 1:
        raise HostileFile(f"{where}: claims {spec.width}x{spec.height} pixels; it was not read")
    if (
        max(spec.width, spec.height) > MAX_SIDE
        or spec.width * spec.height > MAX_PIXELS
        or spec.nchannels > MAX_CHANNELS
    ):
        raise HostileFile(f"{where}: claims {spec.width}x{spec.height} with {spec.nchannels} channels; it was not read")
    if spec.deep:
        raise FrameBroken(f"{where}: holds deep samples; flatten it")
    whole = np.dtype(str(spec.format)).kind in "ui"
    bits = int(spec.getattribute("oiio:BitsPerSample") or np.dtype(str(spec.format)).itemsize * 8) if whole else 0
    data = Window(spec.x, spec.y, spec.x + spec.width, spec.y + spec.height)
    display = Window(spec.full_x, spec.full_y, spec.full_x + spec.full_width, spec.full_y + spec.full_height)
    shift = (-display.x0, -display.y0)
    rate = float(spec.getattribute("FramesPerSecond") or spec.getattribute("dpx:FrameRate") or 0.0)
    aspect = float(spec.getattribute("PixelAspectRatio") or 1.0)
    return PictureHeader(
        _moved(data, shift),
        _moved(display, shift),
        tuple(spec.channelnames),
        bits,
        _space(spec, kind, whole),
        aspect,
        rate,
    )


def _space(spec: oiio.ImageSpec, kind: str, whole: bool) -> str:
    transfer = str(spec.getattribute("dpx:Transfer") or "")
    if kind in ("dpx", "cineon"):
        return _DPX_SPACES.get(transfer, "" if transfer in ("", "Undefined", "User defined") else transfer)
    said = str(spec.getattribute("oiio:ColorSpace") or "")
    return said or ("srgb_tx" if whole and kind in _INTEGER_STILLS else "")


def _moved(window: Window, shift: tuple[int, int]) -> Window:
    return Window(window.x0 + shift[0], window.y0 + shift[1], window.x1 + shift[0], window.y1 + shift[1])


def _reason(text: str) -> str:
    return text.strip().splitlines()[0] if text.strip() else "unknown format"
