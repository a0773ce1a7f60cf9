"""What a file shows besides its picture: a head that is covered there is covered everywhere, or left out."""

from __future__ import annotations

import numpy as np
import OpenEXR
import pytest

from ff_vfx.plate import open_plate
from ff_vfx.plate.beside import beside_treated
from ff_vfx.plate.source import Source
from ff_vfx.types.frame import Frame
from tests.plate.making import ACESCG, box, noise, write_exr

SIZE = (8, 6)  # w, h
HIDDEN = (slice(1, 4), slice(2, 6))


def treat(plane: np.ndarray) -> np.ndarray:
    """Floats become 7 under the head, whole numbers 0."""
    out = plane.copy()
    out[HIDDEN] = 7 if np.issubdtype(plane.dtype, np.floating) else 0
    return out


def untouched(plane: np.ndarray) -> np.ndarray:
    return plane


def read(path) -> Frame:
    return open_plate(str(path)).read(1)


def source_of(frame: Frame) -> Source:
    assert isinstance(frame.source, Source)
    return frame.source


def channels(frame: Frame) -> dict[str, np.ndarray]:
    return {name: channel.pixels for part in source_of(frame).parts for name, channel in part.channels.items()}


def planes(**more: np.ndarray) -> dict[str, np.ndarray]:
    return {**{name: noise(6, 8, seed) for seed, name in enumerate("RGB")}, **more}


def outside(plane: np.ndarray) -> np.ndarray:
    kept = np.ones(plane.shape, bool)
    kept[HIDDEN] = False
    return plane[kept]


def test_every_plane_over_the_picture_is_covered_and_keeps_its_bits_elsewhere(tmp_path):
    more = {
        "diffuse.R": noise(6, 8, 4),
        "depth.Z": noise(6, 8, 5, "f4"),
        "id": np.arange(48, dtype=np.uint32).reshape(6, 8),
        "A": noise(6, 8, 6),
    }
    frame = read(write_exr(tmp_path / "a.1.exr", channels=planes(**more)))
    done, left_out = beside_treated(frame, treat)
    assert left_out == []
    found = channels(done)
    for name in ("diffuse.R", "depth.Z", "id"):
        assert found[name].dtype == more[name].dtype
        assert (found[name][HIDDEN] == (0 if name == "id" else 7)).all()
        assert (outside(found[name]) == outside(more[name])).all()
    assert (done.pixels[3].numpy()[HIDDEN] == 7).all(), "alpha too: it is the shape of a head"
    assert (done.pixels[:3] == frame.pixels[:3]).all(), "the picture itself is the writer's"


def test_a_cryptomattes_names_are_emptied_not_mixed(tmp_path):
    names = noise(6, 8, 4, "f4")
    frame = read(write_exr(tmp_path / "a.1.exr", channels=planes(**{"CryptoAsset00.red": names})))
    found = channels(beside_treated(frame, treat)[0])["CryptoAsset00.red"]
    assert (found[HIDDEN] == 0).all() and (outside(found) == outside(names)).all()


def test_another_view_is_left_out_whatever_it_is_called(tmp_path):
    right = {"right.R": noise(6, 8, 7)}
    frame = read(write_exr(tmp_path / "a.1.exr", channels=planes(**right), multiView=["left", "right"]))
    done, left_out = beside_treated(frame, untouched)
    assert "right.R" not in channels(done) and left_out == ["channel right.R (another view)"]
    frame = read(write_exr(tmp_path / "b.1.exr", channels=planes(**right)))
    assert "right.R" not in channels(beside_treated(frame, untouched)[0]), "even where the header does not say so"


def two_parts(path, second: dict[str, object], planes2: dict[str, np.ndarray], name: str):
    header = {"type": OpenEXR.scanlineimage, "compression": OpenEXR.ZIP_COMPRESSION, "chromaticities": ACESCG}
    first = OpenEXR.Part(header, planes(), "rgba")
    OpenEXR.File([first, OpenEXR.Part({**header, **second}, planes2, name)]).write(str(path))
    return read(path)


@pytest.mark.parametrize(
    ("header", "size", "name", "why"),
    [
        ({"view": "right"}, (6, 8), "aov", "another view"),
        ({}, (6, 8), "rgba.right", "another view"),
        ({"dataWindow": box(0, 0, 4, 3), "displayWindow": box(0, 0, 8, 6)}, (3, 4), "small", "another size"),
        ({}, (6, 8), "specular", None),
    ],
)
def test_a_part_is_covered_where_it_lies_over_the_picture_and_left_out_elsewhere(tmp_path, header, size, name, why):
    frame = two_parts(tmp_path / "a.1.exr", header, {"spec.R": noise(size[0], size[1], 9)}, name)
    done, left_out = beside_treated(frame, treat)
    if why is None:
        assert left_out == [] and (channels(done)["spec.R"][HIDDEN] == 7).all()
    else:
        assert left_out == [f"part {name} ({why})"] and "spec.R" not in channels(done)


def test_a_thumbnail_in_the_header_goes(tmp_path):
    frame = read(write_exr(tmp_path / "a.1.exr", channels=planes()))
    part = source_of(frame).parts[0]
    part.header["preview"] = object()  # type: ignore[index]  # a face of 64 px, in the open
    done, left_out = beside_treated(frame, untouched)
    assert left_out == ["thumbnail in the header"] and "preview" not in source_of(done).parts[0].header


def test_a_picture_without_a_file_behind_it_keeps_its_alpha_covered():
    from tests.synthetic import frame_of, picture

    pixels = picture(1, 6, 8)
    frame = frame_of(pixels.new_ones(4, 6, 8), 1)
    done, left_out = beside_treated(frame, treat)
    assert left_out == [] and (done.pixels[3].numpy()[HIDDEN] == 7).all() and (frame.pixels[3] == 1).all()
