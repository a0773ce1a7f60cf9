from __future__ import annotations

import errno
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import OpenImageIO as oiio
import pytest
import torch

from ff_vfx.errors import BadInput, WriteRefused
from ff_vfx.plate import open_plate, read_still, valid_output, write_frame
from ff_vfx.plate.exr_layout import as_half
from ff_vfx.types.frame import Frame
from ff_vfx.types.layers import Layers
from ff_vfx.types.settings import OutputSettings
from ff_vfx.types.window import Window
from tests.plate.making import box, contents, layers_of, noise, rich_exr, untouched, write_exr

ALL, FACE = OutputSettings(), OutputSettings(layers="face")
WINDOW = Window(1, 1, 7, 6)


def channel(path: Path, name: str) -> np.ndarray:
    return OpenEXR.File(str(path), separate_channels=True).parts[0].channels[name].pixels


def test_every_channel_attribute_and_part_comes_back(tmp_path: Path) -> None:
    source = rich_exr(tmp_path / "rich.1001.exr")
    out = tmp_path / "out.exr"
    write_frame(untouched(read_still(source)), out, ALL)
    before, after = contents(source), contents(out)
    assert [part[0] for part in after] == ["beauty", "mattes"]
    for (_, old, planes), (_, new, written) in zip(before, after, strict=True):
        changed = {name for name in old if old[name] != new.get(name)}
        assert changed <= {"compression"}
        assert {name: written.get(name) for name in planes} == planes
    assert set(after[0][1]) - set(before[0][1]) == {"colorInteropID"}
    assert set(after[0][2]) - set(before[0][2]) == {"A"}
    assert after[1][1].keys() == before[1][1].keys()


def seen_by_openimageio(path: Path, part: int) -> tuple[dict[str, bytes], dict[str, object], tuple[int, ...]]:
    file: Any = oiio.ImageInput.open(str(path))
    file.seek_subimage(part, 0)
    spec = file.spec()
    channels = {
        name: file.read_image(part, 0, index, index + 1, spec.channelformat(index)).tobytes()
        for index, name in enumerate(spec.channelnames)
    }
    attributes = {a.name: a.value for a in spec.extra_attribs if not isinstance(a.value, np.ndarray)}
    return channels, attributes, (spec.x, spec.y, spec.width, spec.height, spec.full_width, spec.full_height)


def test_another_reader_finds_the_same_picture_and_attributes(tmp_path: Path) -> None:
    source, out = rich_exr(tmp_path / "rich.1001.exr"), tmp_path / "out.exr"
    write_frame(untouched(read_still(source)), out, ALL)
    for part in (0, 1):
        channels, attributes, windows = seen_by_openimageio(source, part)
        written, here, there = seen_by_openimageio(out, part)
        assert windows == there and len(channels) == (5, 1)[part]
        assert {name: written[name] for name in channels} == channels
        for name, value in attributes.items():
            assert name in ("compression", "oiio:ColorSpace", "oiio:RowsPerChunk") or here[name] == value, name


def test_a_file_written_twice_is_the_same_file(tmp_path: Path) -> None:
    layers = layers_of(read_still(rich_exr(tmp_path / "rich.exr")), WINDOW)
    write_frame(layers, tmp_path / "a.exr", ALL)
    write_frame(layers, tmp_path / "b.exr", ALL)
    assert (tmp_path / "a.exr").read_bytes() == (tmp_path / "b.exr").read_bytes()


@pytest.mark.parametrize("compression", ["none", "zips", "zip", "piz"])
def test_all_half_patterns_survive_where_nothing_is_covered(tmp_path: Path, compression: str) -> None:
    bits = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    planes = {name: bits.view(np.float16) for name in "RGBA"}
    frame = read_still(write_exr(tmp_path / "in.exr", size=(256, 256), channels=planes))
    out = tmp_path / "out.exr"
    nothing = Window(0, 0, 0, 0)
    write_frame(layers_of(frame, Window(0, 0, 256, 256), covered=nothing), out, OutputSettings(compression=compression))
    for name in "RGBA":
        assert np.array_equal(channel(out, name).view(np.uint16), bits)


def test_the_fused_picture_is_written_only_where_covered(tmp_path: Path) -> None:
    frame = read_still(rich_exr(tmp_path / "rich.exr"))
    write_frame(layers_of(frame, WINDOW, fused=1e9), tmp_path / "out.exr", ALL)
    red = channel(tmp_path / "out.exr", "R").view(np.uint16)
    covered = np.zeros((10, 14), bool)
    covered[3:6, 4:8] = True  # the window less one pixel, seen from a data window that starts at (-2, -1)
    assert set(red[covered]) == {np.float16(65504).view(np.uint16)}
    assert np.array_equal(red[~covered], frame.pixels[0].numpy().view(np.uint16)[~covered])
    assert red[0, 0] == 0x7C01 and red[0, 3] == 0x7C00


def test_a_float_plate_keeps_its_floats(tmp_path: Path) -> None:
    planes = {name: noise(8, 8, seed, "f4") for seed, name in enumerate("RGB")}
    frame = read_still(write_exr(tmp_path / "in.exr", size=(8, 8), channels=planes))
    write_frame(layers_of(frame, WINDOW, fused=1e9), tmp_path / "out.exr", ALL)
    red = channel(tmp_path / "out.exr", "R")
    assert red.dtype == np.float32 and red[3, 3] == np.float32(1e9) and red[0, 0] == planes["R"][0, 0]


def test_mixed_types_are_written_as_they_were(tmp_path: Path) -> None:
    planes = {"R": noise(8, 8, 0, "f4"), "G": noise(8, 8, 1), "B": noise(8, 8, 2)}
    frame = read_still(write_exr(tmp_path / "in.exr", size=(8, 8), channels=planes))
    write_frame(layers_of(frame, WINDOW), tmp_path / "out.exr", ALL)
    assert channel(tmp_path / "out.exr", "G").dtype == np.float16
    assert channel(tmp_path / "out.exr", "R")[0].tobytes() == planes["R"][0].tobytes()


def test_halves_stop_at_their_largest_and_nan_stays() -> None:
    out = as_half(np.array([1e9, -1e9, 65519.0, np.inf, np.nan, -0.0, 1e-9], np.float32))
    assert out[:4].tolist() == [65504.0, -65504.0, 65504.0, 65504.0] and np.isnan(out[4]) and np.signbit(out[5])


def test_planes_are_halves_data_planes_floats_and_the_st_map_is_the_identity_outside(tmp_path: Path) -> None:
    frame = read_still(write_exr(tmp_path / "in.exr", size=(8, 8)))
    write_frame(layers_of(frame, WINDOW), tmp_path / "out.exr", ALL)
    face, u, v = (channel(tmp_path / "out.exr", name) for name in ("ffFace.A", "ffSt.u", "ffSt.v"))
    assert face.dtype == np.float16 and u.dtype == np.float32
    assert face[0, 0] == 0 and face[3, 3] == 1
    assert u[3, 3] == 0.25 and v[3, 3] == 0.75
    assert u[0].tolist() == [(x + 0.5) / 8 for x in range(8)]
    assert v[:, 0].tolist() == [1 - (y + 0.5) / 8 for y in range(8)]


def test_an_alpha_of_the_plate_stays_and_a_missing_one_is_opaque(tmp_path: Path) -> None:
    alpha = np.linspace(0, 1, 64, dtype=np.float16).reshape(8, 8)
    planes = {name: noise(8, 8) for name in "RGB"}
    write_exr(tmp_path / "with.exr", size=(8, 8), channels={**planes, "A": alpha})
    write_exr(tmp_path / "without.exr", size=(8, 8), channels=planes)
    for name in ("with", "without"):
        write_frame(layers_of(read_still(tmp_path / f"{name}.exr"), WINDOW), tmp_path / f"{name}.out.exr", ALL)
    assert channel(tmp_path / "with.out.exr", "A").tobytes() == alpha.tobytes()
    assert bool((channel(tmp_path / "without.out.exr", "A") == 1).all())


def test_a_second_render_replaces_the_first_ones_layers_and_spares_strangers(tmp_path: Path) -> None:
    planes = {name: noise(8, 8) for name in ("R", "G", "B", "forward.u", "ffstranger.R", "depth.Z")}
    frame = read_still(write_exr(tmp_path / "in.exr", size=(8, 8), channels=planes))
    write_frame(untouched(frame), tmp_path / "kept.exr", ALL)
    assert channel(tmp_path / "kept.exr", "forward.u").tobytes() == planes["forward.u"].tobytes()
    write_frame(layers_of(frame, WINDOW), tmp_path / "first.exr", ALL)
    assert channel(tmp_path / "first.exr", "forward.u")[3, 3] == 1
    again = replace(
        layers_of(read_still(tmp_path / "first.exr"), WINDOW), planes={}, cryptomattes=(), data_planes=frozenset()
    )
    write_frame(again, tmp_path / "second.exr", ALL)
    part = OpenEXR.File(str(tmp_path / "second.exr"), separate_channels=True).parts[0]
    assert sorted(part.channels) == ["A", "B", "G", "R", "depth.Z", "ffstranger.R"]
    assert not [name for name in part.header if name.startswith("cryptomatte")]


def test_face_alone_is_cut_to_its_window_in_the_plates_display(tmp_path: Path) -> None:
    frame = read_still(rich_exr(tmp_path / "rich.exr"))
    write_frame(layers_of(frame, WINDOW), tmp_path / "face.exr", FACE)
    file = OpenEXR.File(str(tmp_path / "face.exr"), separate_channels=True)
    header, channels = file.parts[0].header, file.parts[0].channels
    assert len(file.parts) == 1
    assert [edge.tolist() for edge in header["dataWindow"]] == [[1, 1], [6, 5]]
    assert [edge.tolist() for edge in header["displayWindow"]] == [[0, 0], [9, 7]]
    assert channels["R"].pixels[2, 2] == 0.5 and channels["A"].pixels[0, 0] == 0
    assert not [name for name in channels if name.startswith("ffFace")] and "depth.Z" not in channels
    assert header["take"] == 7 and header["studioBlob"].typeName == "studio::blob"
    assert header["colorInteropID"] == "lin_ap1_scene" and header["ffvfx/count"] == 3


def test_no_face_is_one_black_pixel(tmp_path: Path) -> None:
    frame = read_still(rich_exr(tmp_path / "rich.exr"))
    write_frame(untouched(frame), tmp_path / "face.exr", FACE)
    face = read_still(tmp_path / "face.exr")
    assert tuple(face.pixels.shape) == (4, 1, 1) and float(face.pixels.sum()) == 0
    assert face.display_window == frame.display_window


def test_a_window_that_leaves_the_picture_is_cut(tmp_path: Path) -> None:
    frame = read_still(write_exr(tmp_path / "in.exr", size=(8, 8)))
    window = Window(-3, -3, 4, 4)
    for settings in (ALL, FACE):
        write_frame(layers_of(frame, window), tmp_path / "out.exr", settings)
        assert channel(tmp_path / "out.exr", "R").shape == ((8, 8) if settings is ALL else (4, 4))


def test_a_frame_from_no_exr_is_written_too(tmp_path: Path) -> None:
    window = Window(0, 0, 8, 6)
    frame = Frame(torch.rand(3, 6, 8), 3, "ACEScg", window, window)
    write_frame(untouched(frame), tmp_path / "out.exr", ALL)
    assert torch.equal(read_still(tmp_path / "out.exr").pixels[:3], frame.pixels)


def test_tiled_and_deep_parts_come_back(tmp_path: Path) -> None:
    picture = oiio.ImageBuf(oiio.ImageSpec(64, 48, 3, "half"))
    oiio.ImageBufAlgo.noise(picture, "uniform", 0, 1)
    picture.set_write_tiles(16, 16)
    picture.write(str(tmp_path / "tiled.exr"))
    write_frame(untouched(read_still(tmp_path / "tiled.exr", colour_space="ACEScg")), tmp_path / "t.exr", ALL)
    assert OpenEXR.File(str(tmp_path / "t.exr"), separate_channels=True).parts[0].header["type"] == OpenEXR.tiledimage

    deep = np.empty((6, 8), object)
    for y, x in np.ndindex(6, 8):
        deep[y, x] = np.arange((x + y) % 3, dtype=np.float32)
    header = {"type": OpenEXR.scanlineimage, "compression": OpenEXR.ZIP_COMPRESSION, "dataWindow": box(0, 0, 8, 6)}
    header["displayWindow"] = box(0, 0, 8, 6)
    planes = {name: noise(6, 8, seed) for seed, name in enumerate("RGB")}
    below = {**header, "type": OpenEXR.deepscanline, "compression": OpenEXR.ZIPS_COMPRESSION}
    parts = [OpenEXR.Part(header, planes, "rgb"), OpenEXR.Part(below, {"Z": deep}, "deep")]
    OpenEXR.File(parts).write(str(tmp_path / "deep.exr"))
    write_frame(untouched(read_still(tmp_path / "deep.exr", colour_space="ACEScg")), tmp_path / "d.exr", ALL)
    back = OpenEXR.File(str(tmp_path / "d.exr"), separate_channels=True).parts[1].channels["Z"].pixels
    for y, x in np.ndindex(6, 8):
        assert (back[y, x] is None and deep[y, x].size == 0) or np.array_equal(back[y, x], deep[y, x])


def test_the_plate_is_never_overwritten_by_any_name(tmp_path: Path) -> None:
    (tmp_path / "plate").mkdir()
    files = [write_exr(tmp_path / "plate" / f"a.{n:04d}.exr", size=(8, 8)) for n in (1, 2)]
    before = [file.read_bytes() for file in files]
    layers = layers_of(open_plate(str(tmp_path / "plate" / "a.####.exr")).read(1), WINDOW)
    (tmp_path / "link.exr").symlink_to(files[1])
    os.link(files[1], tmp_path / "hard.exr")
    (tmp_path / "other").symlink_to(tmp_path / "plate")
    for path in (*files, tmp_path / "link.exr", tmp_path / "hard.exr", tmp_path / "other" / "a.0002.exr"):
        with pytest.raises(WriteRefused, match="is a frame of the plate itself; write to another folder or name"):
            write_frame(layers, path, ALL)
    assert [file.read_bytes() for file in files] == before


def refuse_with(code: int) -> Callable[..., int]:
    def call(*_: object, **__: object) -> int:
        raise OSError(code, os.strerror(code))

    return call


@pytest.mark.parametrize(
    ("call", "code", "message"),
    [
        ("open", errno.EROFS, "the disk is read-only; choose another folder"),
        ("open", errno.EACCES, "no permission to write there"),
        ("fsync", errno.ENOSPC, "the disk is full; free some space"),
        ("replace", errno.EDQUOT, "quota is used up"),
    ],
)
def test_a_disk_that_refuses_says_what_to_do_and_keeps_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, code: int, message: str
) -> None:
    layers = layers_of(read_still(write_exr(tmp_path / "in.exr", size=(8, 8))), WINDOW)
    out = tmp_path / "out" / "a.exr"
    out.parent.mkdir()
    out.write_bytes(b"old")
    monkeypatch.setattr(f"ff_vfx.plate.atomic.os.{call}", refuse_with(code))
    with pytest.raises(WriteRefused, match=message):
        write_frame(layers, out, ALL)
    monkeypatch.undo()
    assert os.listdir(out.parent) == ["a.exr"] and out.read_bytes() == b"old"


def test_a_folder_that_is_a_file_or_absent_is_refused(tmp_path: Path) -> None:
    source = write_exr(tmp_path / "in.exr", size=(8, 8))
    layers = layers_of(read_still(source), WINDOW)
    with pytest.raises(WriteRefused, match="its folder is a file; choose another folder"):
        write_frame(layers, source / "out.exr", ALL)
    with pytest.raises(WriteRefused, match="its folder does not exist; make it"):
        write_frame(layers, tmp_path / "none" / "out.exr", ALL)


@pytest.mark.parametrize("raised", [RuntimeError("disk"), KeyboardInterrupt(), MemoryError()])
def test_nothing_is_left_behind_when_writing_ends_early(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raised: BaseException
) -> None:
    layers = layers_of(read_still(write_exr(tmp_path / "in.exr", size=(8, 8))), WINDOW)
    (tmp_path / "out").mkdir()

    def half_written(path: Path, where: str) -> None:
        assert path.name.startswith(".") and path.suffix != ".exr" and path.stat().st_size > 0
        raise raised

    monkeypatch.setattr("ff_vfx.plate.exr_write.read_header", half_written)
    with pytest.raises((WriteRefused, KeyboardInterrupt, MemoryError)):
        write_frame(layers, tmp_path / "out" / "a.exr", ALL)
    assert os.listdir(tmp_path / "out") == []


def test_a_layer_that_does_not_fit_and_an_odd_attribute_are_refused(tmp_path: Path) -> None:
    layers = layers_of(read_still(write_exr(tmp_path / "in.7.exr", size=(8, 8))), WINDOW)
    with pytest.raises(BadInput, match=r"frame 7: layer ffX.R is \(2, 2\), its window \(5, 6\)"):
        write_frame(replace(layers, planes={"ffX.R": torch.zeros(2, 2)}), tmp_path / "out.exr", ALL)
    with pytest.raises(BadInput, match="attribute a is list"):
        write_frame(replace(layers, attributes={"a": [1]}), tmp_path / "out.exr", ALL)  # type: ignore[dict-item]


def test_writing_changes_nothing_it_was_given(tmp_path: Path) -> None:
    frame = read_still(rich_exr(tmp_path / "rich.exr"))
    layers: Layers = layers_of(frame, WINDOW)
    before = [frame.pixels.clone(), layers.fused.clone(), layers.planes["ffSt.u"].clone()]
    versions = [frame.pixels._version, layers.fused._version]
    write_frame(layers, tmp_path / "a.exr", ALL)
    write_frame(layers, tmp_path / "b.exr", FACE)
    after = [frame.pixels, layers.fused, layers.planes["ffSt.u"]]
    assert [a.numpy().tobytes() for a in before] == [b.numpy().tobytes() for b in after]
    assert [frame.pixels._version, layers.fused._version] == versions


def test_a_planes_memory_order_does_not_matter(tmp_path: Path) -> None:
    frame = read_still(write_exr(tmp_path / "in.exr", size=(8, 8)))
    layers = layers_of(frame, Window(0, 0, 8, 8))
    plane = torch.arange(64.0).reshape(8, 8)
    write_frame(replace(layers, planes={"ffX.R": plane.t().contiguous().t()}), tmp_path / "out.exr", ALL)
    assert np.array_equal(channel(tmp_path / "out.exr", "ffX.R"), plane.numpy())


def test_a_finished_frame_is_valid_only_with_its_stamp_channels_and_last_byte(tmp_path: Path) -> None:
    frame = read_still(rich_exr(tmp_path / "rich.exr"))
    out = tmp_path / "out.exr"
    assert not valid_output(out, number=1)
    for settings in (ALL, FACE):
        write_frame(layers_of(frame, WINDOW), out, settings)
        assert valid_output(out, number=1) and valid_output(out, number=1, stamp="abc", channels=["R", "ffSt.u"])
        assert not valid_output(out, number=1, stamp="other")
        assert not valid_output(out, number=1, channels=["ffNone.R"])
        whole = out.read_bytes()
        out.write_bytes(whole[:-1])
        assert not valid_output(out, number=1)
        out.write_bytes(b"")
        assert not valid_output(out, number=1)


def test_a_number_missing_where_we_wrote_is_not_valid_but_the_plates_own_is(tmp_path: Path) -> None:
    frame = read_still(rich_exr(tmp_path / "rich.exr"))  # has NaN and Inf outside the window
    good = layers_of(frame, WINDOW)
    write_frame(good, tmp_path / "a.exr", ALL)
    assert valid_output(tmp_path / "a.exr", number=1)
    write_frame(replace(good, fused=good.fused * float("nan")), tmp_path / "b.exr", ALL)
    assert not valid_output(tmp_path / "b.exr", number=1)
