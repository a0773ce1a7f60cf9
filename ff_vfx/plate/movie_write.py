"""Pictures people look at: review movies and PNGs. Read by the door. Display-referred in, nothing scene-linear."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any, Literal

import av
import numpy as np
import OpenImageIO as oiio

from ff_vfx.errors import BadInput, WriteRefused
from ff_vfx.plate.atomic import write_atomically

Codec = Literal["h265-10", "prores", "h264"]
# encoder, pixel format, options, endings that can hold it
_CODECS: dict[str, tuple[str, str, dict[str, str], tuple[str, ...]]] = {
    "h265-10": (
        "libx265",
        "yuv420p10le",
        {"crf": "16", "preset": "medium", "x265-params": "log-level=error"},
        (".mp4", ".mov", ".mkv"),
    ),
    "prores": ("prores_ks", "yuv422p10le", {"profile": "3", "vendor": "apl0"}, (".mov", ".mkv")),
    "h264": ("libx264", "yuv420p", {"crf": "16", "preset": "medium"}, (".mp4", ".mov", ".mkv")),
}
_BT709, _MPEG = 1, 1
_FORMATS = {np.dtype("uint8"): "rgb24", np.dtype("uint16"): "rgb48le"}


def write_movie(
    pictures: Iterable[np.ndarray],
    path: Path,
    *,
    rate: Fraction,
    codec: Codec = "h264",
    about: Mapping[str, str] | None = None,
) -> None:
    """A review movie, tagged BT.709 throughout, whole or not at all.

    Args:
        pictures: (h, w, 3) uint8 or uint16, display-referred, all of one size; an odd last row or column is repeated,
            since chroma comes in twos. path: .mov, .mp4 or .mkv; ProRes not in .mp4. rate: frames per second.
        about: metadata of the file, by name.

    Raises:
        BadInput: no picture, sizes differ, or the ending cannot hold the codec. WriteRefused: the disk says no.
    """
    if path.suffix.lower() not in _CODECS[codec][3]:
        raise BadInput(f"{path}: a {codec} movie ends in {' or '.join(_CODECS[codec][3])}; rename it")
    supply = iter(pictures)
    first = next(supply, None)
    if first is None:
        raise BadInput(f"{path}: no picture to put in the movie; choose a range that has frames")
    write_atomically(
        path,
        lambda hidden: _encode(chain([first], supply), first, hidden, (rate, codec, about or {})),
        suffix=path.suffix,
    )


def write_png(picture: np.ndarray, path: Path, *, about: Mapping[str, str] | None = None) -> None:
    """(h, w, 3|4) uint8 or uint16 display-referred to a PNG, tagged sRGB, whole or not at all.

    Args:
        about: texts of the file, by name.

    Raises:
        BadInput: another shape or type. WriteRefused: the disk says no.
    """
    if picture.ndim != 3 or picture.shape[2] not in (3, 4) or picture.dtype not in _FORMATS:
        raise BadInput(f"{path}: a picture of {picture.shape} {picture.dtype}; give (h, w, 3) uint8")

    def write(hidden: Path) -> None:
        height, width, channels = picture.shape
        spec = oiio.ImageSpec(width, height, channels, str(picture.dtype))
        spec.attribute("oiio:ColorSpace", "srgb_rec709_scene")
        for name, text in (about or {}).items():
            spec.attribute(name, text)
        file = oiio.ImageOutput.create("png")
        good = (
            file is not None
            and file.open(str(hidden), spec)
            and file.write_image(np.ascontiguousarray(picture))
            and file.close()
        )
        if not good:
            raise WriteRefused(f"{path}: could not be written ({oiio.geterror().strip()}); check the disk's space")

    write_atomically(path, write)


def _encode(
    pictures: Iterator[np.ndarray], first: np.ndarray, hidden: Path, how: tuple[Fraction, str, Mapping[str, str]]
) -> None:
    rate, codec, about = how
    encoder, layout, options, _ = _CODECS[codec]
    height, width = first.shape[0], first.shape[1]
    kind = {".mp4": "mp4", ".mov": "mov", ".mkv": "matroska"}[hidden.suffix.lower()]
    # Without this flag MOV and MP4 keep only names they know.
    with av.open(str(hidden), "w", format=kind, container_options={"movflags": "use_metadata_tags"}) as container:
        container.metadata.update(about)
        stream: Any = container.add_stream(encoder, rate=rate, options=options)
        stream.width, stream.height, stream.pix_fmt = width + width % 2, height + height % 2, layout
        context = stream.codec_context
        context.color_primaries = context.color_trc = context.colorspace = _BT709
        context.color_range = _MPEG
        for index, picture in enumerate(pictures):
            if picture.shape != first.shape or picture.dtype != first.dtype:
                raise BadInput(
                    f"picture {index} is {picture.shape} {picture.dtype}, the first {first.shape} {first.dtype}"
                )
            _put(container, stream, _frame(picture, layout, index, rate))
        _put(container, stream, None)


def _put(container: Any, stream: Any, frame: Any) -> None:
    """Encode one frame (None: what is left) into the file."""
    try:
        for packet in stream.encode(frame):
            container.mux(packet)
    except av.error.FFmpegError as error:
        raise WriteRefused(f"movie: could not be written ({error}); check the disk's space and the codec") from error


def _frame(picture: np.ndarray, layout: str, index: int, rate: Fraction) -> Any:
    """One picture as the encoder wants it, tagged: prores_ks takes its tags from the frames."""
    height, width = picture.shape[:2]
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype not in _FORMATS:
        raise BadInput(f"picture {index} is {picture.shape} {picture.dtype}; give (h, w, 3) uint8 or uint16")
    even = np.pad(picture, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    rgb = av.VideoFrame.from_ndarray(np.ascontiguousarray(even), format=_FORMATS[picture.dtype])
    frame = rgb.reformat(
        format=layout, src_colorspace="ITU709", dst_colorspace="ITU709", src_color_range="JPEG", dst_color_range="MPEG"
    )
    frame.color_primaries = frame.color_trc = frame.colorspace = _BT709
    frame.color_range = _MPEG
    frame.pts, frame.time_base = index, 1 / rate
    return frame
