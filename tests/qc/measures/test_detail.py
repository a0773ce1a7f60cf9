"""Tests of sharpness: over a face, at its softest place, beside the plate."""

import math

import torch

from ff_vfx.image.blur import gaussian
from ff_vfx.qc.look import Look
from ff_vfx.qc.measures.detail import band_of, patches, sharpness, softest_patch
from ff_vfx.types.window import Window
from tests.qc.made import look_at


def softened(sigma, box=None):
    def plant(number, new):
        soft = gaussian(new, sigma)
        if box is None:
            return soft
        out = new.clone()
        out[:, box, box] = soft[:, box, box]
        return out

    return plant


def test_a_face_as_sharp_as_its_plate_is_about_one():
    assert 0.9 < sharpness(look_at(1001)) < 1.1
    assert softest_patch(look_at(1001)) > 0.6


def test_a_blurred_face_is_found_by_both():
    look = look_at(1001, softened(1.5))
    assert sharpness(look) < 0.6
    assert softest_patch(look) < 0.3


def test_a_smeared_window_is_found_though_the_face_as_a_whole_is_sharp():
    look = look_at(1001, softened(1.2, slice(60, 84)))
    assert sharpness(look) > 0.85
    assert softest_patch(look) < 0.35


def test_the_place_of_a_smear_is_told():
    ratio, there = patches(look_at(1001, softened(1.2, slice(60, 84))))
    assert bool(there[72, 72]) and float(ratio[72, 72]) < 0.35 < 0.7 < float(ratio[110, 110])


def test_a_plate_without_detail_says_nothing():
    flat = torch.full((3, 40, 40), 0.2)
    look = Look(1, Window(0, 0, 40, 40), flat, flat, torch.ones(1, 40, 40))
    assert math.isnan(sharpness(look)) or sharpness(look) >= 0.0
    assert math.isnan(softest_patch(look))


def test_exposure_does_not_change_the_answer_much():
    assert abs(sharpness(look_at(1001, gain=1.0)) - sharpness(look_at(1001, gain=4.0))) < 0.03


def test_a_band_of_detail_has_neither_tone_nor_the_finest():
    assert float(band_of(torch.full((3, 30, 30), 0.4)).abs().max()) < 1e-5
