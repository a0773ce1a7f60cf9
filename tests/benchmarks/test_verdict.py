from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

from benchmarks.steadiness.clip import Clip
from benchmarks.steadiness.verdict import Score, reduced, score, verdict
from ff_vfx.colour import from_stops, to_stops
from ff_vfx.image.blur import gaussian
from tests.benchmarks.made_clip import FLOOR, brighter, clip_of_moving_texture


@pytest.fixture(scope="module")
def clip() -> Clip:
    return clip_of_moving_texture()


@pytest.fixture(scope="module")
def truth(clip) -> Score:
    return score(clip.truth, clip)


@pytest.fixture(scope="module")
def flickering(clip) -> dict[int, torch.Tensor]:
    """The truth with jitter, a drift of brightness and noise of its own on each frame."""
    generator = torch.Generator().manual_seed(3)
    made = {}
    for n, picture in clip.truth.items():
        noise = 0.08 * torch.randn(picture.shape[1:], generator=generator)
        moved = torch.roll(picture, (n * 7 % 3 - 1, n * 5 % 3 - 1), (1, 2))
        made[n] = brighter(moved, 0.1 * (n * 11 % 5 - 2)) * torch.exp2(noise)
    return made


@pytest.fixture(scope="module")
def none(clip, flickering) -> Score:
    return score(flickering, clip)


def smeared(made: dict[int, torch.Tensor], memory: float) -> dict[int, torch.Tensor]:
    """An exponential mean over time, in stops, without any motion."""
    held, past = {}, None
    for n, picture in made.items():
        stops = to_stops(picture, FLOOR)
        past = stops if past is None else memory * past + (1.0 - memory) * stops
        held[n] = from_stops(past, FLOOR)
    return held


def test_the_truth_passes(truth, none):
    assert verdict(truth, none, truth) == "pass"


def test_a_strong_exponential_mean_has_a_fine_warp_error_and_fails_as_a_smear(clip, flickering, none, truth):
    found = score(smeared(flickering, 0.9), clip)
    assert found.warp < 0.5 * none.warp
    assert verdict(found, none, truth).startswith("smears: sharpness 0.")


def test_a_blur_fails_as_a_smear(clip, none, truth):
    blurred = {n: gaussian(picture, 1.5) for n, picture in clip.truth.items()}
    assert verdict(score(blurred, clip), none, truth).startswith("smears")


def test_half_the_flicker_gone_passes(clip, flickering, none, truth):
    halves = {
        n: from_stops((to_stops(flickering[n], FLOOR) + to_stops(p, FLOOR)) / 2, FLOOR) for n, p in clip.truth.items()
    }
    found = score(halves, clip)
    if found.sharpness < 0.95 * truth.sharpness:  # half of a moved picture is a little softer; that is not asked here
        found = replace(found, sharpness=truth.sharpness)
    assert verdict(found, none, truth) == "pass"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sharpness": 0.57}, "smears: sharpness 0.57"),
        ({"psnr_db": math.nan, "sharpness": math.nan}, "broken: pixels that are not finite"),
        ({"warp": 0.5}, "stiller than the truth: E_warp 0.50"),
        ({"warp": 4.0}, "less still: E_warp 4.00, was 3.00"),
        ({"psnr_db": 24.0}, "further off: -1.0 dB"),
        ({"flip": 0.25}, "looks worse: FLIP 0.250, was 0.200"),
        ({"event": 0.5}, "harms events: 0.500, was 0.400"),
        ({"event": math.nan, "flip": math.nan, "motion_px": math.nan}, "pass"),
        ({"warp": 0.97, "sharpness": 0.96}, "pass"),
    ],
)
def test_the_first_rule_broken_is_named(change, words):
    truth = Score(math.inf, 1.0, 0.0, 0.1, 1.0, 0.0, 0.0, {}, (), ())
    none = Score(25.0, 3.0, 1.0, 0.5, 1.0, 0.4, 0.2, {}, (), ())
    found = replace(Score(30.0, 1.2, 0.1, 0.12, 0.99, 0.1, 0.05, {}, (), ()), **change)
    assert verdict(found, none, truth) == words


def test_detail_that_the_fuser_never_made_is_not_smeared_by_steadying():
    truth = Score(math.inf, 1.0, 0.0, 0.1, 1.0, 0.0, 0.0, {}, (), ())
    none = Score(25.0, 3.0, 1.0, 0.5, 0.9, 0.4, 0.2, {}, (), ())
    soft = Score(30.0, 1.2, 0.1, 0.12, 0.88, 0.1, 0.05, {}, (), ())
    assert verdict(soft, none, truth) == "pass"
    assert verdict(replace(soft, sharpness=0.8), none, truth) == "smears: sharpness 0.89"


def test_reduced_is_the_part_of_the_excess_that_is_gone():
    assert reduced(1.2, 3.0, 1.0) == pytest.approx(0.9)
    assert reduced(0.8, 3.0, 1.0) > 1.0
    assert math.isnan(reduced(1.0, 1.0, 1.0)) and math.isnan(reduced(1.0, math.nan, 1.0))
