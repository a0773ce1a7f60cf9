"""Tests of light below black."""

import torch

from ff_vfx.qc.measures.values import new_negatives


def test_the_plates_own_negatives_are_the_plates():
    plate = torch.full((3, 4, 4), 0.2)
    plate[:, 0, 0] = -0.1
    made = plate.clone()
    assert new_negatives(made, plate) == (0, 0.0)
    made[:, 1, 1] = -0.05  # not below what the plate has somewhere: its grain goes as far
    assert new_negatives(made, plate)[0] == 0


def test_what_goes_below_the_plates_darkest_is_counted_with_its_depth():
    plate = torch.full((3, 4, 4), 0.2)
    made = plate.clone()
    made[1, 2, 3] = -0.5
    made[0, 0, 0] = -0.25
    count, depth = new_negatives(made.half(), plate.half())
    assert (count, depth) == (2, 0.5)


def test_nan_and_inf_are_another_check():
    plate = torch.full((3, 4, 4), 0.2)
    made = plate.clone()
    made[:, 0, 0], made[:, 1, 1] = torch.nan, -torch.inf
    assert new_negatives(made, plate) == (0, 0.0)
    assert new_negatives(plate, made) == (0, 0.0)
