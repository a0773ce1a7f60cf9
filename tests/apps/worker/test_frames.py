"""What FRAME hands over, as the door sees it: whose keys of pictures are whose."""

from __future__ import annotations

from types import SimpleNamespace

from ff_vfx.apps.worker import wire
from ff_vfx.apps.worker.frames import wanted_of


class Block:
    def view(self) -> memoryview:
        return memoryview(bytes(4096))


def digest(pid: int, key: bytes, flags: int) -> bytes:
    image = wire.Image(1, 1, 0, 8 * 16, 0, 0, 8, 4)
    out = wire.Image(1, 1, 2048, 8 * 16, 0, 0, 8, 4)
    ask = wire.FrameAsk(1, 1001, (1.0, 1.0), flags, (wire.Input(1001, image, key),), (wire.Output(1, out),))
    return wanted_of(ask, SimpleNamespace(blocks={1: Block()}, pid=pid)).digests()[1001]  # type: ignore[arg-type]


def test_a_programs_own_keys_are_its_own_and_sums_of_pixels_are_everybodys():
    key, other = b"k" * 16, b"o" * 16
    assert digest(1, key, 0) == digest(1, key, 0) != digest(2, key, 0)
    assert digest(1, key, wire.KEYS_OF_PIXELS) == digest(2, key, wire.KEYS_OF_PIXELS)
    found = [digest(1, key, 0), digest(1, key, 2), digest(1, other, 2), digest(1, bytes(16), 2), digest(1, other, 0)]
    assert len(set(found)) == 5
