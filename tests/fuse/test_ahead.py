"""ff_vfx.fuse.ahead: frames fused together; the time changes, never a pixel."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from ff_vfx.errors import FrameBroken, ModelError, TrackLost
from ff_vfx.fuse.ahead import Company, FusedAhead
from ff_vfx.fuse.crop import crop_and_fuse, take_crop
from ff_vfx.types.fused import Fused
from tests.synthetic import AS_IT_IS, SyntheticPlate, posed_face, track_of

NUMBERS = range(1, 13)


class Batched:
    """Doubles the light; notes who was made together; fails in a run with one of the `bad` frames in it."""

    def __init__(self, most=4, bad=()):
        self.most, self.bad, self.runs = most, bad, []

    def fuse_many(self, crops):
        self.runs.append([crop.number for crop in crops])
        for crop in crops:
            if crop.number in self.bad:
                raise ModelError(f"frame {crop.number}: model toy: no")
        return [
            Fused(c.pixels * 2.0, c.pixels, torch.zeros(2, 64, 64), torch.zeros(1, 64, 64), np.zeros((478, 3)))
            for c in crops
        ]

    def fuse(self, crop):
        return self.fuse_many([crop])[0]

    def place(self, crop):
        return self.fuse(crop)


def making(fuser, frames=None, faces=None, wanted=lambda number: True):
    plate = SyntheticPlate(frames or {n: torch.full((3, 240, 240), 0.1 * n) for n in NUMBERS}, torch.float32)
    track = track_of(faces or {n: posed_face() for n in NUMBERS})
    return crop_and_fuse(plate, track, fuser, 64, AS_IT_IS, None, wanted), plate


def test_frames_asked_for_in_order_are_made_together():
    fuser = Batched()
    make, plate = making(fuser)
    made = {n: make(n, None)[1].picture for n in NUMBERS}
    assert fuser.runs == [[1], [2, 3, 4, 5], [6, 7, 8, 9], [10, 11, 12]]
    assert plate.reads == list(NUMBERS), "each frame is read once"
    assert all(torch.allclose(made[n], torch.full((3, 64, 64), 0.2 * n)) for n in NUMBERS)


@pytest.mark.parametrize("order", [range(1, 13), range(12, 0, -1), (5, 1, 2, 3, 4, 5, 6, 9), (1, 4, 7, 10)])
def test_any_order_gives_the_same_bits(order):
    make, _ = making(Batched())
    alone, _ = making(Batched(most=1))
    for number in order:
        assert torch.equal(make(number, None)[1].picture, alone(number, None)[1].picture)


def test_a_single_frame_and_samples_spread_over_the_shot_cost_no_more():
    fuser = Batched()
    make, plate = making(fuser)
    for number in (1, 5, 9):
        make(number, None)
    assert fuser.runs == [[1], [5], [9]] and plate.reads == [1, 5, 9]


def test_only_frames_that_will_be_asked_for_are_made():
    fuser = Batched()
    make, plate = making(fuser, wanted=lambda number: number % 3 == 1)
    for number in (1, 4, 7, 10):
        make(number, None)
    assert fuser.runs == [[1], [4, 7, 10]] and plate.reads == [1, 4, 7, 10]


def test_a_frame_that_nobody_foresaw_is_made_by_itself():
    fuser = Batched()
    make, _ = making(fuser, wanted=lambda number: number % 3 == 1)
    for number in (1, 2, 4, 5):
        make(number, None)
    assert fuser.runs == [[1], [2], [4, 7, 10], [5]]


def test_several_threads_get_the_bits_of_one():
    make, _ = making(Batched())
    alone, _ = making(Batched(most=1))
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda number: make(number, None)[1].picture, [*NUMBERS, *NUMBERS]))
    for number, one in zip([*NUMBERS, *NUMBERS], made):
        assert torch.equal(one, alone(number, None)[1].picture)


class Told(SyntheticPlate):
    order = (1, 2, 3, 4)


def test_a_plate_that_foresees_its_reads_bounds_the_batch():
    fuser = Batched()
    plate = Told({n: torch.full((3, 240, 240), 0.1 * n) for n in NUMBERS}, torch.float32)
    track = track_of({n: posed_face() for n in NUMBERS})
    make = crop_and_fuse(plate, track, fuser, 64, AS_IT_IS, None, lambda number: True)
    for number in plate.order:
        make(number, None)
    assert fuser.runs == [[1], [2, 3, 4]]


def test_a_frame_that_cannot_be_read_or_has_no_face_is_not_in_the_batch_and_says_so_itself():
    fuser = Batched()
    frames = {n: torch.full((3, 240, 240), 0.1 * n) if n != 3 else None for n in NUMBERS}
    make, _ = making(fuser, frames, {n: posed_face() if n != 5 else None for n in NUMBERS})
    make(1, None), make(2, None)
    assert fuser.runs == [[1], [2, 4, 6]]
    with pytest.raises(FrameBroken, match="frame 3"):
        make(3, None)
    with pytest.raises(TrackLost, match="frame 5"):
        make(5, None)


def test_a_network_that_throws_at_frame_7_fails_frame_7_alone_and_is_not_asked_with_others_again():
    fuser = Batched(bad=(7,))
    make, _ = making(fuser)
    failed = []
    for _ in range(2):
        for number in NUMBERS:
            try:
                make(number, None)
            except ModelError as error:
                failed.append((number, str(error)))
    assert failed == [(7, "frame 7: model toy: no")] * 2
    together = [run for run in fuser.runs if len(run) > 1 and 7 in run]
    assert len(together) == 1


def test_what_is_no_fault_of_a_run_comes_out():
    class Broken(Batched):
        def fuse_many(self, crops):
            raise KeyError("a bug")

    with pytest.raises(KeyError):
        making(Broken())[0](1, None)


def test_memory_is_bounded_whatever_the_length():
    import gc
    import weakref

    alive = []

    class Counted(Batched):
        def fuse_many(self, crops):
            made = super().fuse_many(crops)
            alive.extend(weakref.ref(one.picture) for one in made)
            return made

    fuser = Counted(most=2)
    numbers = range(1, 60)
    faces = {n: dataclasses.replace(posed_face()) for n in numbers}
    make, _ = making(fuser, {n: torch.full((3, 240, 240), 0.1) for n in numbers}, faces)
    for number in numbers:
        make(number, None)
    gc.collect()
    assert sum(ref() is not None for ref in alive) <= fuser.most + 1
    assert isinstance(make, FusedAhead)


def company_of(*fusers, frames=None):
    """A Company of toys, their makers, and the sizes of its runs."""
    runs = []

    def together(works):
        runs.append([[crop.number for crop in crops] for _, crops in works])
        return [fuser.fuse_many(crops) for fuser, crops in works]

    company = Company(together)
    plate = SyntheticPlate(frames or {n: torch.full((3, 240, 240), 0.1 * n) for n in NUMBERS}, torch.float32)
    track = track_of({n: posed_face() for n in NUMBERS})

    def take(number, frame):
        return take_crop(frame or plate.read(number), track.face(number), 64, AS_IT_IS)

    return [FusedAhead(take, fuser, lambda: NUMBERS, company) for fuser in fusers], runs


def test_people_whose_faces_one_network_draws_are_made_in_one_run():
    (left, right), runs = company_of(Batched(), Batched())
    pairs = {n: (left(n, None)[1].picture, right(n, None)[1].picture) for n in NUMBERS}
    assert runs == [[[2, 3, 4, 5], [2, 3, 4, 5]], [[6, 7, 8, 9], [6, 7, 8, 9]], [[10, 11, 12], [10, 11, 12]]]
    make, _ = making(Batched(most=1))
    for n in NUMBERS:
        alone = make(n, None)[1].picture
        assert torch.equal(pairs[n][0], alone) and torch.equal(pairs[n][1], alone)


def test_a_person_a_run_fails_on_takes_nobody_with_him():
    (good, bad), _ = company_of(Batched(), Batched(bad=(3,)))
    for n in NUMBERS:
        assert good(n, None)[0].number == n
        if n == 3:
            with pytest.raises(ModelError, match="frame 3"):
                bad(n, None)
        else:
            assert bad(n, None)[0].number == n
