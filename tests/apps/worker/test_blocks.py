"""Shared memory: what a client makes a worker can take, and what could hurt the worker is refused."""

from __future__ import annotations

import fcntl
import mmap
import os

import pytest

from ff_vfx.apps.worker import place, wire
from ff_vfx.apps.worker.blocks import Block, nameless
from ff_vfx.apps.worker.taken import BlockRefused, take_descriptor, take_named

SIZE = 8192


@pytest.fixture
def where(runtime):
    found = place.place_of()
    place.make_private(found.folder)
    return found


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def taken_of(block: Block, where):
    if block.how == wire.SHARED:
        return take_descriptor(os.dup(block.descriptor), block.size)
    return take_named(block.name, block.size, where)


@pytest.mark.parametrize("how", [wire.SHARED, wire.NAMED])
def test_both_ends_see_the_same_memory_and_nothing_of_it_stays(how, where):
    before = descriptors()
    block = Block(1, SIZE, how, where)
    taken = taken_of(block, where)
    block.memory[10] = 77
    taken.view()[11] = 78
    assert taken.view()[10] == 77 and block.memory[11] == 78
    if where.blocks.exists():
        assert list(where.blocks.iterdir()) == []
    taken.close()
    block.close()
    assert descriptors() == before


def test_a_closed_block_is_kept_by_who_still_looks_at_it(where):
    block = Block(1, SIZE, wire.SHARED, where)
    taken = taken_of(block, where)
    view = taken.view()
    taken.close()
    view[0] = 5
    assert block.memory[0] == 5
    with pytest.raises(BlockRefused, match="closed"):
        taken.view()
    block.close()


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="Linux alone can seal memory")
def test_memory_that_could_shrink_or_not_be_written_is_refused():
    for seals in (0, 0x0004, 0x0002 | 0x0008):
        descriptor = os.memfd_create("x", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(descriptor, SIZE)
        fcntl.fcntl(descriptor, 1033, seals)
        with pytest.raises(BlockRefused, match="seal it"):
            take_descriptor(descriptor, SIZE)


@pytest.mark.parametrize("kind", ["pipe", "file", "folder", "socket"])
def test_a_descriptor_that_is_no_memory_is_refused_and_closed(kind, tmp_path):
    before = descriptors()
    if kind == "pipe":
        end, other = os.pipe()
        os.close(other)
    elif kind == "file":
        (tmp_path / "x").write_bytes(bytes(SIZE))
        end = os.open(tmp_path / "x", os.O_RDWR)
    elif kind == "folder":
        end = os.open(tmp_path, os.O_RDONLY)
    else:
        import socket

        end = socket.socket(socket.AF_UNIX).detach()
    with pytest.raises(BlockRefused):
        take_descriptor(end, SIZE)
    assert descriptors() == before


@pytest.mark.parametrize("size", [0, SIZE + 1, wire.MOST_BLOCK_BYTES + 1, 2**63])
def test_a_size_that_is_not_there_is_refused(size):
    before = descriptors()
    with pytest.raises(BlockRefused, match="bytes"):
        take_descriptor(nameless(SIZE), size)
    assert descriptors() == before


@pytest.mark.parametrize("name", ["", "../secret", "a" * 31, "A" * 32, "a" * 32 + "/x", "/" + "a" * 31])
def test_a_name_that_is_none_is_refused(name, where):
    with pytest.raises(BlockRefused, match="32 hexadecimal"):
        take_named(name, SIZE, where)


def test_a_link_a_pipe_and_what_is_absent_are_refused(where, tmp_path):
    place.make_private(where.blocks)
    (tmp_path / "mine").write_bytes(bytes(SIZE))
    os.symlink(tmp_path / "mine", where.blocks / ("a" * 32))
    os.mkfifo(where.blocks / ("b" * 32))
    for letter in "abc":
        with pytest.raises(BlockRefused):
            take_named(letter * 32, SIZE, where)
    assert (tmp_path / "mine").read_bytes() == bytes(SIZE)


def test_a_file_that_shrinks_is_noticed_before_it_is_touched(where):
    block = Block(1, SIZE, wire.NAMED, where)
    held = os.open(where.blocks / block.name, os.O_RDWR)
    taken = taken_of(block, where)
    os.ftruncate(held, 100)
    with pytest.raises(BlockRefused, match="shrunk"):
        taken.view()
    taken.close()
    os.close(held)


def test_a_renewed_block_keeps_what_it_held(where):
    block = Block(1, SIZE, wire.NAMED, where)
    block.memory[:4] = b"abcd"
    old = block.name
    taken_of(block, where).close()
    block.renew()
    assert block.name != old and block.memory[:4] == b"abcd"
    again = taken_of(block, where)
    assert bytes(again.view()[:4]) == b"abcd"
    again.close()
    block.close()


def test_memory_is_unmapped_with_its_last_view(where):
    def maps() -> int:
        with open("/proc/self/maps") as lines:
            return sum("memfd:ff-vfx" in line for line in lines)

    before = maps()
    block = Block(1, mmap.PAGESIZE, wire.SHARED, where)
    taken = taken_of(block, where)
    view = taken.view()
    assert maps() == before + 2
    taken.close()
    block.close()
    assert maps() == before + 1
    del view
    assert maps() == before
