"""ff_vfx.composite.over: the crop laid over the plate."""

import numpy as np
import torch

from ff_vfx.composite.over import Finished, carry, change_over, novelty_of, place
from ff_vfx.fuse.crop import take_crop
from ff_vfx.types.solve import Grain
from ff_vfx.types.window import Window
from tests.synthetic import AS_IT_IS, frame_of, picture, posed_face

S = 256
NO_GRAIN = (Grain(), "key")


def case(change: torch.Tensor | None = None, where: slice = slice(60, 190)):
    frame = frame_of(picture(70), 1, torch.float32)
    crop = take_crop(frame, posed_face(), S, AS_IT_IS)
    coverage = torch.zeros(1, S, S)
    coverage[:, where, where] = 1.0
    made = crop.pixels if change is None else crop.pixels + change
    done = Finished(made, coverage, novelty_of(made, crop.pixels, 0.01), torch.ones(1, S, S))
    placement = place(coverage, crop.to_plate, frame.data_window)
    rows, columns = placement.window.slices(frame.data_window)
    return frame, frame.pixels[:, rows, columns], crop, done, placement


def test_an_unchanged_crop_changes_nothing_at_all():
    _, plate, crop, done, placement = case()
    coverage = carry(done.coverage, placement)
    grain = (Grain((1e-3,) * 3, (1e-4,) * 3, 0.5), "key")
    assert not done.novelty.any() and not change_over(plate, crop, done, placement, coverage, grain).any()


def test_a_new_face_replaces_the_plate_even_its_finest_detail():
    target = picture(71, S, S)
    _, plate, crop, _, _ = case()
    _, plate, crop, done, placement = case(target - crop.pixels)
    plate = plate + 0.02 * torch.randn(plate.shape, generator=torch.Generator().manual_seed(1))
    out = plate + change_over(plate, crop, done, placement, carry(done.coverage, placement), NO_GRAIN)
    whole = carry(done.coverage, placement)[0] == 1.0
    there = carry(target, placement)
    assert (out - there)[:, whole].abs().mean() < 0.006


def test_where_coverage_is_zero_nothing_changes():
    _, plate, crop, done, placement = case(torch.full((3, S, S), 0.3))
    coverage = carry(done.coverage, placement)
    change = change_over(plate, crop, done, placement, coverage, NO_GRAIN)
    assert not change[:, coverage[0] == 0].any() and change.any()


def test_the_window_is_the_covered_part_and_stays_in_the_picture():
    frame, _, crop, _done, placement = case()
    step = float(np.sqrt(abs(np.linalg.det(crop.to_plate[:2, :2].numpy()))))
    assert abs(placement.window.width - 130 * step) < 6
    assert placement.window == placement.window.intersect(frame.data_window)
    assert place(torch.zeros(1, S, S), crop.to_plate, Window(5, 5, 9, 9)).window.empty


def test_the_cost_is_the_faces_not_the_frames():
    small = place(case()[3].coverage, case()[2].to_plate, Window(0, 0, 240, 240))
    large = place(case()[3].coverage, case()[2].to_plate, Window(0, 0, 4096, 2160))
    assert small.window == large.window


def test_grain_is_added_where_the_face_is_new():
    _, plate, crop, done, placement = case(torch.full((3, S, S), 0.2))
    coverage = carry(done.coverage, placement)
    grain = (Grain((0.0,) * 3, (1e-3,) * 3, 0.5), "key")
    clean = change_over(plate, crop, done, placement, coverage, NO_GRAIN)
    grained = change_over(plate, crop, done, placement, coverage, grain)
    assert abs(float((grained - clean)[:, coverage[0] == 1.0].std()) - 1e-3**0.5) < 0.004
