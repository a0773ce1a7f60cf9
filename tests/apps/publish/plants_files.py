"""Faults of files, headers and pixels, each planted into a small delivery: one function, one fault.

A fault that a render could have made is sealed, as a render would; one that came after is not.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable

import numpy as np
import OpenEXR

from tests.apps.publish.made_delivery import Channels, Delivered

FRAME = 1005
Plant = Callable[[Delivered], None]
Header = dict[str, object]


def missing_frame(made: Delivered) -> None:
    made.file(FRAME).unlink()


def frame_beyond_the_range(made: Delivered) -> None:
    made.job = made.job.model_copy(update={"frames": "1004,1006"})


def truncated_frame(made: Delivered) -> None:
    content = made.file(FRAME).read_bytes()
    made.file(FRAME).unlink()
    made.file(FRAME).write_bytes(content[: len(content) * 2 // 3])


def empty_file(made: Delivered) -> None:
    made.file(FRAME).unlink()
    made.file(FRAME).write_bytes(b"")


def hostile_header(made: Delivered) -> None:
    window = struct.pack("<4i", 0, 0, 2**30, 2**30)
    made.header(FRAME, {"dataWindow": ("box2i", window)}, sealed=False)


def half_written_file(made: Delivered) -> None:
    path = made.folder / f".comp.{FRAME}.exr.4242-139812.tmp"
    path.write_bytes(b"\0" * 100)
    os.utime(path, (1.0, 1.0))


def second_file_for_a_frame(made: Delivered) -> None:
    os.link(made.file(FRAME), made.folder / f"comp.0{FRAME}.exr")


def missing_layer(made: Delivered) -> None:
    made.pixels(FRAME, lambda header, channels: [channels.pop(f"ffMatte.{c}") for c in ("red", "green")])


def plate_channel_lost(made: Delivered) -> None:
    made.pixels(FRAME, lambda header, channels: channels.pop("depth.Z"))


def other_display_window(made: Delivered) -> None:
    made.header(FRAME, {"displayWindow": ("box2i", struct.pack("<4i", 0, 0, 1023, 511))})


def other_pixel_aspect(made: Delivered) -> None:
    made.header(FRAME, {"pixelAspectRatio": ("float", struct.pack("<f", 2.0))})


def other_rate(made: Delivered) -> None:
    made.header(FRAME, {"framesPerSecond": ("rational", struct.pack("<iI", 25, 1))}, sealed=False)


def other_timecode(made: Delivered) -> None:
    made.header(FRAME, {"timeCode": ("timecode", struct.pack("<II", 0x01000000, 0))}, sealed=False)


def wrong_interop_id(made: Delivered) -> None:
    made.header(FRAME, {"colorInteropID": ("string", b"srgb_rec709_scene")}, sealed=False)


def wrong_chromaticities(made: Delivered) -> None:
    rec709 = struct.pack("<8f", 0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 0.3127, 0.329)
    made.header(FRAME, {"chromaticities": ("chromaticities", rec709)})


def lossy_dwaa(made: Delivered) -> None:
    made.pixels(FRAME, _compressed(OpenEXR.DWAA_COMPRESSION))


def lossy_b44(made: Delivered) -> None:
    made.pixels(FRAME, _compressed(OpenEXR.B44_COMPRESSION), sealed=False)


def lossy_pxr24(made: Delivered) -> None:
    made.pixels(FRAME, _compressed(OpenEXR.PXR24_COMPRESSION))


def nan_in_the_picture(made: Delivered) -> None:
    made.pixels(FRAME, _set("R", 20, 20, np.nan))


def inf_in_a_layer(made: Delivered) -> None:
    made.pixels(FRAME, _set("ffFace.G", 250, 250, np.inf), sealed=False)


def nan_in_the_matte(made: Delivered) -> None:
    made.pixels(FRAME, _set("ffMatte.red", 250, 250, np.nan))


def matte_above_one(made: Delivered) -> None:
    made.pixels(FRAME, _set("ffMatte.red", 250, 250, 1.25))


def matte_below_zero(made: Delivered) -> None:
    made.pixels(FRAME, _set("ffMatte.alpha", 250, 250, -0.1))


def empty_matte(made: Delivered) -> None:
    def change(header: Header, channels: Channels) -> None:
        for name in ("ffFace.A", "ffMatte.red", "ffMatte.green"):
            channels[name][:] = 0

    made.pixels(FRAME, change)


def matte_at_the_edge(made: Delivered) -> None:
    def change(header: Header, channels: Channels) -> None:
        for name in ("ffFace.A", "ffMatte.red"):
            channels[name][200:300, -1] = 0.8

    made.pixels(FRAME, change)


def plate_pixel_changed(made: Delivered) -> None:
    made.pixels(FRAME, _set("G", 500, 500, 0.123))


def plate_pixel_changed_by_one_bit_afterwards(made: Delivered) -> None:
    def change(header: Header, channels: Channels) -> None:
        channels["B"].view(np.uint16)[500, 500] ^= 1

    made.pixels(FRAME, change, sealed=False)


def plate_depth_changed(made: Delivered) -> None:
    made.pixels(FRAME, _set("depth.Z", 250, 250, 3.0))


def _compressed(kind: object) -> Callable[[Header, Channels], None]:
    return lambda header, channels: header.update(compression=kind)


def _set(name: str, y: int, x: int, value: float) -> Callable[[Header, Channels], None]:
    def change(header: Header, channels: Channels) -> None:
        channels[name][y, x] = value

    return change


PLANTS: dict[Plant, str] = {
    missing_frame: "frames-complete", frame_beyond_the_range: "frames-complete", truncated_frame: "files-whole",
    empty_file: "files-whole", hostile_header: "files-whole", half_written_file: "folder-tidy",
    second_file_for_a_frame: "folder-tidy", missing_layer: "layers", plate_channel_lost: "layers",
    other_display_window: "windows", other_pixel_aspect: "windows", other_rate: "timing", other_timecode: "timing",
    wrong_interop_id: "colour-space", wrong_chromaticities: "colour-space", lossy_dwaa: "lossless",
    lossy_b44: "lossless", lossy_pxr24: "lossless", nan_in_the_picture: "finite", inf_in_a_layer: "finite",
    nan_in_the_matte: "finite", matte_above_one: "matte-range", matte_below_zero: "matte-range",
    empty_matte: "matte-present", matte_at_the_edge: "matte-edge", plate_pixel_changed: "plate-untouched",
    plate_pixel_changed_by_one_bit_afterwards: "plate-untouched", plate_depth_changed: "plate-untouched",
}  # fmt: skip
"""What is planted, and the check that must turn red, and no other."""
