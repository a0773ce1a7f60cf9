"""ff_vfx.steady.code: a network's code held still, and changes let through."""

from __future__ import annotations

import random

import pytest
import torch

from ff_vfx.errors import FrameBroken, TrackLost
from ff_vfx.steady.code import CodeMemory, code_holder, code_reach, remember, steady_code
from ff_vfx.types.settings import SteadySettings

D = 64
POST, LIVE = SteadySettings(), SteadySettings(causal=True)


def noise(number: int, size: float = 0.1, d: int = D) -> torch.Tensor:
    return size * torch.randn(80, d, generator=torch.Generator().manual_seed(7))[number]


def place(seed: int, d: int = D) -> torch.Tensor:
    return torch.randn(d, generator=torch.Generator().manual_seed(900 + seed))


def live(codes) -> list[torch.Tensor]:
    memory: CodeMemory | None = None
    held = []
    for code in codes:
        memory = remember(memory, code, LIVE)
        held.append(memory.held)
    return held


@pytest.mark.parametrize("d", [1, 8, 512])
def test_flicker_of_a_still_face_falls_as_the_window_says(d: int):
    codes = {n: place(0, d) + noise(n, d=d) for n in range(80)}
    held = torch.stack([steady_code(codes, n, POST) for n in range(20, 60)])
    raw = torch.stack([codes[n] for n in range(20, 60)])
    assert (held - place(0, d)).norm(dim=1).mean() < 0.35 * (raw - place(0, d)).norm(dim=1).mean()
    assert (held[1:] - held[:-1]).norm(dim=1).mean() < 0.1 * (raw[1:] - raw[:-1]).norm(dim=1).mean()


def test_a_frame_that_jumps_moves_neither_itself_nor_its_neighbours():
    codes = {n: place(0) + noise(n) for n in range(40)}
    jumped = codes | {20: codes[20] + 5.0 * place(1)}
    for number in (15, 19, 20, 21, 25):
        assert (steady_code(jumped, number, POST) - steady_code(codes, number, POST)).norm() < 0.1 * noise(1).norm()


def test_two_frames_that_jump_apart_move_nothing_either():
    codes = {n: place(0) + noise(n) for n in range(40)}
    jumped = codes | {18: codes[18] + 5.0 * place(1), 21: codes[21] - 9.0 * place(2)}
    for number in range(15, 25):
        assert (steady_code(jumped, number, POST) - place(0)).norm() < 0.5 * noise(1).norm()


@pytest.mark.parametrize("at", [8, 20, 31])
def test_a_change_that_lasts_passes_at_its_own_frame(at: int):
    codes = {n: place(0 if n < at else 1) + noise(n) for n in range(40)}
    for number in range(40):
        held = steady_code(codes, number, POST)
        assert (held - place(0 if number < at else 1)).norm() < 0.9 * noise(1).norm()
    before, after = steady_code(codes, at - 1, POST), steady_code(codes, at, POST)
    assert (after - before).norm() > 0.9 * (place(1) - place(0)).norm()


def test_a_jump_beside_a_change_does_not_hide_it():
    codes = {n: place(0 if n < 20 else 1) + noise(n) for n in range(40)}
    codes[18] = codes[18] + 6.0 * place(3)
    assert (steady_code(codes, 19, POST) - place(0)).norm() < 0.9 * noise(1).norm()
    assert (steady_code(codes, 20, POST) - place(1)).norm() < 0.9 * noise(1).norm()


def test_a_slow_drift_is_followed_without_lag():
    way = place(4) / place(4).norm() * noise(1).norm()
    codes = {n: place(0) + n * 0.1 * way + noise(n) for n in range(80)}
    for number in range(20, 60):
        held = steady_code(codes, number, POST)
        assert (held - place(0) - number * 0.1 * way).norm() < 0.5 * noise(1).norm()


def test_equal_codes_come_back_bit_for_bit_and_no_memory_is_the_frames_own():
    codes = {n: place(0) for n in range(30)}
    assert torch.equal(steady_code(codes, 12, POST), place(0))
    flickering = {n: place(0) + noise(n) for n in range(30)}
    assert torch.equal(steady_code(flickering, 12, SteadySettings(code_memory=0.0)), flickering[12])
    assert torch.equal(steady_code({5: flickering[5]}, 5, POST), flickering[5])


def test_order_and_what_lies_beyond_reach_change_no_bit():
    codes = {n: place(0) + noise(n) for n in range(80)}
    shuffled = list(codes.items())
    random.Random(3).shuffle(shuffled)
    near = {n: c for n, c in shuffled if abs(n - 40) <= code_reach(POST)}
    kept = {n: c.clone() for n, c in codes.items()}
    assert torch.equal(steady_code(codes, 40, POST), steady_code(near, 40, POST))
    assert all(torch.equal(codes[n], kept[n]) for n in codes)


def test_live_calms_a_still_face():
    held = live(place(0) + noise(n) for n in range(80))
    assert torch.stack([h - place(0) for h in held[40:]]).norm(dim=1).mean() < 0.3 * noise(1).norm()


def test_live_holds_over_one_frame_and_jumps_on_the_second_that_agrees():
    codes = [place(0) + noise(n) for n in range(40)]
    held = live([*codes[:30], codes[30] + 5.0 * place(1), *codes[31:]])
    assert torch.equal(held[30], held[29]) and (held[31] - place(0)).norm() < 0.4 * noise(1).norm()
    stepped = live([*codes[:30], *(c + place(1) - place(0) for c in codes[30:])])
    assert torch.equal(stepped[30], stepped[29])
    assert (stepped[31] - place(1)).norm() < noise(1).norm()


def test_live_follows_a_slow_drift_within_the_gate():
    way = place(4) / place(4).norm() * noise(1).norm()
    held = live(place(0) + n * 0.05 * way + noise(n) for n in range(80))
    assert (held[79] - place(0) - 79 * 0.05 * way).norm() < 1.5 * noise(1).norm()


def source(asked: list[int]):
    def code(number: int) -> torch.Tensor:
        asked.append(number)
        if number == 25:
            raise FrameBroken("frame 25: truncated")
        if not 0 <= number < 50:
            raise TrackLost("outside")
        return place(number >= 30) + noise(number)

    return code


def test_in_post_any_order_gives_the_same_bits_and_a_range_makes_each_code_once():
    asked: list[int] = []
    held = code_holder((), POST)(source(asked))
    forward = {n: held(n) for n in range(10, 24)}
    assert len(asked) == len(set(asked))
    alone = [code_holder((), POST)(source([]))(n) for n in (23, 10)]
    assert torch.equal(alone[0], forward[23]) and torch.equal(alone[1], forward[10])


def test_no_vote_crosses_a_cut_and_a_frame_without_a_code_is_an_error():
    held = code_holder((30,), POST)(source([]))
    own_take = {n: place(0) + noise(n) for n in range(50) if n < 30 and n != 25}
    assert torch.equal(held(29), steady_code(own_take, 29, POST))
    with pytest.raises(FrameBroken):
        held(25)


def test_in_live_a_cut_and_going_back_start_anew_and_asking_twice_does_not_count_twice():
    held = code_holder((30,), LIVE)(source([]))
    for number in range(5, 25):
        kept = held(number)
        assert torch.equal(held(number), kept)
    assert torch.equal(held(30), place(1) + noise(30))
    assert torch.equal(held(3), place(0) + noise(3))
