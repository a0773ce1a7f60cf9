"""A host's picture in memory: where it may lie, what it is, and how values come and go."""

from __future__ import annotations

import numpy as np
import pytest

from ff_vfx.door.hosts.picture import BadPicture, HostPicture, as_float, put

BOUNDS = (2, 3, 6, 6)  # 4 x 3


def of(size: int = 192, **changes) -> HostPicture:
    whole = {"block": 1, "format": 1, "offset": 0, "row_bytes": 64, "bounds": BOUNDS, **changes}
    return HostPicture(memoryview(bytearray(size)), **whole)


def test_it_is_the_memory_itself_bottom_row_first():
    picture = of()
    picture.array()[0, 0, 0], picture.array()[2, 3, 3] = 1.0, 2.0
    values = np.frombuffer(picture.memory, np.float32)
    assert values[0] == 1.0 and values[-1] == 2.0 and picture.size == (4, 3)


def test_rows_may_run_down_and_have_room_between():
    picture = of(48 * 3 + 64 * 3, offset=2 * 80, row_bytes=-80)
    picture.array()[...] = 0.0
    picture.array()[0] = 1.0
    assert picture.span == (0, 2 * 80 + 64)
    assert np.frombuffer(picture.memory, np.float32)[40:56].tolist() == [1.0] * 16


@pytest.mark.parametrize(
    "changes",
    [
        {"format": 0}, {"bounds": (2, 3, 2, 6)}, {"bounds": (0, 0, 40000, 1)}, {"row_bytes": 60}, {"row_bytes": -64},
        {"row_bytes": 66}, {"offset": 4}, {"offset": -4}, {"offset": 2}, {"offset": 2**64 - 1}, {"row_bytes": 2**62},
        {"size": 191}, {"format": 2, "offset": 1},
    ],
)  # fmt: skip
def test_what_does_not_lie_in_its_memory_is_refused(changes):
    with pytest.raises(BadPicture, match="image: "):
        of(**changes)


def test_values_come_and_go_within_what_a_format_holds():
    values = np.array([[[0.0, 1.0, 0.5, 2.0], [-1.0, np.nan, np.inf, 0.25]]], np.float32)
    for kind, off in ((np.float32, 0.0), (np.float16, 0.0), (np.uint16, 1e-5), (np.uint8, 3e-3)):
        there = np.empty((1, 2, 4), kind)
        put(there, values)
        wanted = values if kind in (np.float32, np.float16) else np.nan_to_num(values, nan=0.0).clip(0.0, 1.0)
        assert np.allclose(as_float(there), wanted, rtol=0, atol=off, equal_nan=True), kind
    assert as_float(values) is values


def test_a_digest_tells_pixels_place_and_format_apart():
    one, other, moved = of(), of(), of(bounds=(0, 0, 4, 3))
    assert one.digest() == other.digest() != moved.digest() and len(one.digest()) == 16
    other.array()[1, 1, 1] = 1e-30
    assert one.digest() != other.digest()
