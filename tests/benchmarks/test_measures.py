from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from benchmarks.steadiness.clip import Clip, box_of, cut_out
from benchmarks.steadiness.metrics import (
    event_error,
    flicker,
    flip,
    flow_difference,
    frame_errors,
    psnr,
    sharpness_of,
    warp_error,
)
from ff_vfx.image.blur import gaussian
from ff_vfx.image.sample import pixel_grid, sample
from ff_vfx.types.window import Window
from tests.benchmarks.made_clip import SIDE, STEP, brighter, clip_of_moving_texture


@pytest.fixture(scope="module")
def clip() -> Clip:
    return clip_of_moving_texture()


def test_the_truth_has_no_error_at_all(clip):
    errors = frame_errors(clip.truth, clip)
    assert set(errors.values()) == {0.0} and psnr(errors) == math.inf
    assert flow_difference(clip.truth, clip) == 0.0
    assert event_error(clip.truth, clip) == 0.0


def test_a_tenth_of_a_stop_everywhere_is_forty_decibels(clip):
    made = {n: brighter(picture, 0.1) for n, picture in clip.truth.items()}
    errors = frame_errors(made, clip)
    assert list(errors.values()) == pytest.approx([0.1] * len(clip.numbers), abs=1e-4)
    assert psnr(errors) == pytest.approx(40.0, abs=0.01)
    assert event_error(made, clip) == pytest.approx(0.1, abs=1e-4)


def test_light_that_alternates_by_a_known_amount_is_that_much_warp_error_and_flicker(clip):
    made = {n: brighter(p, 0.1 if n % 2 else -0.1) for n, p in clip.truth.items()}
    plain = warp_error(clip.truth, clip)
    assert math.sqrt(warp_error(made, clip) ** 2 - plain**2) == pytest.approx(0.2, rel=0.02)
    assert flicker(made, clip).fast == pytest.approx(0.1, rel=0.05)
    assert flicker(clip.truth, clip).fast < 0.01


def test_light_that_drifts_slowly_is_no_flicker(clip):
    made = {n: brighter(p, 0.2 * math.sin(n / 16 * math.tau)) for n, p in clip.truth.items()}
    assert flicker(made, clip).fast < 0.01
    spectrum = flicker(made, clip)
    assert spectrum.hz[int(np.argmax(spectrum.stops))] == pytest.approx(1.5)


def test_a_jump_at_a_cut_is_neither_warp_error_nor_flicker(clip):
    flows = {n: flow for n, flow in clip.flows.items() if n != 8}
    cut = clip_of_moving_texture(flows=flows)
    made = {n: brighter(p, 0.5 if n > 8 else 0.0) for n, p in cut.truth.items()}
    assert warp_error(made, cut) == pytest.approx(warp_error(cut.truth, cut))
    assert flicker(made, cut).fast == pytest.approx(flicker(cut.truth, cut).fast, abs=1e-4)
    assert flicker(made, clip).fast > 0.02
    assert cut.takes() == [tuple(range(1, 9)), tuple(range(9, 17))]


def test_jitter_of_one_pixel_is_seen_as_motion_the_truth_does_not_have(clip):
    made = {n: (torch.roll(p, 1, 2) if n % 2 else p) for n, p in clip.truth.items()}
    assert flow_difference(made, clip) == pytest.approx(1.0, abs=0.25)


def test_a_blur_lowers_sharpness_and_a_frozen_picture_moves_otherwise_than_the_truth(clip):
    blurred = {n: gaussian(p, 1.5) for n, p in clip.truth.items()}
    assert sharpness_of(blurred, clip) < 0.6 * sharpness_of(clip.truth, clip)
    frozen = dict.fromkeys(clip.numbers, clip.truth[1])
    assert flow_difference(frozen, clip) == pytest.approx(np.hypot(*STEP), abs=0.4)


def test_flip_is_zero_for_the_truth_and_grows_with_the_difference(clip):
    small, large = ({n: brighter(p, by) for n, p in clip.truth.items()} for by in (0.1, 0.5))
    assert flip(clip.truth, clip) == 0.0
    assert 0.0 < flip(small, clip) < flip(large, clip) < 1.0


def test_the_box_holds_every_face_and_stays_in_the_picture():
    first, second = torch.zeros(2, 1, 100, 80)
    first[0, 20:30, 0:10] = 1.0
    second[0, 40:50, 30:40] = 1.0
    box = box_of([first, second])
    assert (box.x0, box.y0, box.x1, box.y1) == (0, 8, 52, 62)
    assert cut_out(first, box).shape == (1, 54, 52) and cut_out(torch.zeros(100, 80, 2), box).shape == (54, 52, 2)
    assert box_of([torch.zeros(1, 9, 7)]) == Window(0, 0, 7, 9)


def test_the_made_clips_motion_is_true(clip):
    there = pixel_grid(SIDE, SIDE) + clip.flows[1]
    off = (sample(clip.truth[2], there) - clip.truth[1]) * clip.faces[1]
    assert float(off.abs().max()) < 0.05
