"""Pictures kept in bounded memory."""

from __future__ import annotations

import numpy as np

from ff_vfx.door.hosts.remembered import Made, Picture, Pictures


def picture(side: int) -> Picture:
    return Picture((0, 0, side, side), np.zeros((side, side, 4), np.float32), np.ones((side, side), bool))


def test_the_longest_unused_goes_first_and_the_bound_holds():
    kept = Pictures(3 * picture(10).nbytes)
    for key in "abc":
        kept.keep(key, picture(10))
    assert kept.picture("a") is not None
    kept.keep("d", picture(10))
    assert [kept.picture(key) is not None for key in "abcd"] == [True, False, True, True]
    assert kept.held == 3 * picture(10).nbytes
    kept.keep("d", picture(5))
    assert kept.held == 2 * picture(10).nbytes + picture(5).nbytes


def test_what_does_not_fit_at_all_is_not_kept_and_drives_nothing_out():
    kept = Pictures(picture(10).nbytes)
    kept.keep("a", picture(10))
    kept.keep("b", picture(11))
    assert kept.picture("b") is None and kept.picture("a") is not None
    Pictures(0).keep("a", picture(1))


def test_a_frame_and_a_picture_of_one_key_are_told_apart():
    kept = Pictures(1 << 20)
    kept.keep("a", Made({"result": picture(4)}, (0, 0, 4, 4)))
    assert kept.picture("a") is None and kept.made("a") is not None
    assert kept.held == picture(4).nbytes
