"""ff_vfx.steady.live: looks back alone."""

import torch

from tests.steady.stream import Stream, off, still_plate


def run(stream: Stream, numbers, **changes) -> dict[int, torch.Tensor]:
    steadier = stream.steadier(causal=True, scales=1, **changes)
    return {n: steadier.hold(n).held.picture for n in numbers}


def test_flicker_falls_as_time_goes_on():
    stream = Stream()
    made = run(stream, range(1, 13))
    assert torch.equal(made[1], stream.raw(1))
    assert off(made[12]) < 0.5 * off(stream.raw(12)) and off(made[12]) < off(made[2])


def test_a_frame_does_not_know_what_comes_after_it():
    def otherwise(number: int) -> torch.Tensor:
        return still_plate(number) * (3.0 if number > 5 else 1.0)

    whole, short, changed = (
        run(Stream(), range(1, 9)),
        run(Stream(last=5), range(1, 6)),
        run(Stream(otherwise), range(1, 9)),
    )
    for number in range(1, 6):
        assert torch.equal(whole[number], short[number]) and torch.equal(whole[number], changed[number])


def test_nothing_but_the_frames_before_is_asked_for():
    stream = Stream()
    steadier = stream.steadier(causal=True)
    for number in (4, 5, 6):
        steadier.hold(number)
        assert max(stream.drawn) == number
    assert stream.drawn == [4, 5, 6]


def test_a_jump_back_or_over_a_gap_and_a_cut_start_anew():
    stream = Stream()
    steadier = stream.steadier(causal=True, cuts=(6,))
    for number, anew in ((3, True), (4, False), (5, False), (6, True), (7, False), (9, True), (2, True), (3, False)):
        assert torch.equal(steadier.hold(number).held.picture, stream.raw(number)) is anew, number


def test_no_memory_is_the_frames_own_picture():
    stream = Stream()
    made = run(stream, range(1, 5), memory=0.0)
    assert all(torch.equal(made[n], stream.raw(n)) for n in made)


def test_a_bad_frame_shows_what_was_before():
    made = run(Stream(wild=(8,)), range(1, 9), weights={7: 1.0, 8: 0.0, 9: 1.0})
    assert off(made[8]) < 0.1


def test_a_plate_that_changes_is_not_smeared_over():
    def dark(number: int) -> torch.Tensor:
        return still_plate(number) * (0.1 if number > 6 else 1.0)

    stream = Stream(dark)
    made = run(stream, range(1, 8))
    assert off(made[7], stream.raw(7)) < 0.02


def test_motion_is_told_backward_alone():
    steadier = Stream().steadier(causal=True)
    assert not steadier.hold(3).motion and set(steadier.hold(4).motion) == {"backward"}
