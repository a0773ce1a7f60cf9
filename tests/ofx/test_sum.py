"""The plugin's copy that tells pixels from others on its way: copies whole, and no two pictures alike."""

from __future__ import annotations

import ctypes
import subprocess
from collections.abc import Callable

import numpy as np
import pytest

from tests.ofx.conftest import PLUGIN, STRICT, compiler

Sum = Callable[..., bytes]


class State(ctypes.Structure):
    _fields_ = [("high", ctypes.c_uint64), ("low", ctypes.c_uint64), ("at", ctypes.c_uint64)]


@pytest.fixture(scope="module")
def key_of(tmp_path_factory: pytest.TempPathFactory) -> Sum:
    path = tmp_path_factory.mktemp("sum") / "sum.so"
    subprocess.run([compiler(), *STRICT, "-fPIC", "-shared", str(PLUGIN / "ff_sum.c"), "-o", str(path)], check=True)
    library = ctypes.CDLL(str(path))

    def run(*parts: bytes, shift: int = 0) -> bytes:
        state, key = State(), (ctypes.c_uint8 * 16)()
        for part in parts:
            source = ctypes.create_string_buffer(bytes(shift) + part, shift + len(part) + 64)
            target = ctypes.create_string_buffer(b"\xa5" * (shift + len(part) + 64), shift + len(part) + 64)
            library.ff_copy_sum(
                ctypes.byref(target, shift),
                ctypes.byref(source, shift),
                ctypes.c_size_t(len(part)),
                ctypes.byref(state),
            )
            assert target.raw[shift : shift + len(part)] == part, "the copy"
            assert set(target.raw[:shift] + target.raw[shift + len(part) :]) == {0xA5}, "a byte too far"
        library.ff_sum_key(ctypes.byref(state), key)
        return bytes(key)

    return run


def picture(number: int, size: int = 4096) -> bytes:
    return np.random.default_rng(number).random(size // 4, np.float32).tobytes()


def test_it_copies_any_size_from_any_place_and_parts_are_as_the_whole(key_of):
    for size in (0, 1, 4, 15, 16, 17, 31, 32, 33, 48, 63, 64, 4095):
        data = picture(1)[:size]
        assert key_of(data) == key_of(data, shift=3) == key_of(data, shift=8)
    data = picture(2)
    assert key_of(data) == key_of(data[:1024], data[1024:]) != key_of(data[1024:], data[:1024])


def test_no_bit_is_without_a_say(key_of):
    data = bytearray(picture(3, 256))
    seen = {key_of(bytes(data))}
    for bit in range(8 * len(data)):
        data[bit // 8] ^= 1 << bit % 8
        seen.add(key_of(bytes(data)))
        data[bit // 8] ^= 1 << bit % 8
    assert len(seen) == 1 + 8 * len(data)


def test_flat_pictures_shifted_ones_and_other_sizes_differ(key_of):
    seen = [key_of(np.full(1024, value, np.float32).tobytes()) for value in np.linspace(0.0, 1.0, 500)]
    seen += [key_of(bytes(size)) for size in range(0, 512, 16)]
    rows = [picture(number, 64) for number in range(64)]
    seen += [key_of(b"".join(rows[step:] + rows[:step])) for step in range(64)]
    seen += [key_of(b"".join(rows[:n] + [rows[n + 1], rows[n]] + rows[n + 2 :])) for n in range(63)]
    assert len(set(seen)) == len(seen) and bytes(16) not in seen
