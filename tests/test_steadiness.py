"""What steadying must be worth, against exact truth: the bounds of the table of steadiness, on one short shot."""

from __future__ import annotations

import pytest

from benchmarks.steadiness.modes import EMA, MODES, NONE, POST
from benchmarks.steadiness.results import Results
from benchmarks.steadiness.table import Judged, judge
from benchmarks.steadiness.verdict import reduced
from benchmarks.truth.fusers import FlickeringFuser, TruthFuser
from benchmarks.truth.made_shots import made_shot
from benchmarks.truth.solve_of import DetectionNoise, solve_of

FRAMES = 16  # enough for a spectrum above 6 Hz; the table's own shots have 24 and gain a decibel more
MEDIAN, LIVE = (next(mode for mode in MODES if mode.name == name) for name in ("naive median", "live"))
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def judged() -> Judged:
    shot = made_shot("blink", FRAMES)
    results = Results(
        shot,
        lambda given, smoother: solve_of(given, smoother, None if smoother == "true" else DetectionNoise()),
        FlickeringFuser(shot),
        TruthFuser(shot),
    )
    return judge(shot, results, (NONE, EMA, MEDIAN, POST, LIVE))


def test_post_passes_the_verdict(judged):
    assert judged.verdict("post") == "pass"


def test_post_takes_nine_tenths_of_flicker_and_of_the_warp_errors_excess(judged):
    post, none, truth = judged.scores["post"], judged.scores["none"], judged.truth
    assert reduced(post.flicker, none.flicker, truth.flicker) >= 0.9
    assert reduced(post.warp, none.warp, truth.warp) >= 0.9


def test_post_is_nearer_to_the_truth_keeps_its_detail_and_the_blink(judged):
    post, none = judged.scores["post"], judged.scores["none"]
    assert post.psnr_db >= none.psnr_db + 7.0
    assert post.sharpness >= 0.97 * min(judged.truth.sharpness, none.sharpness)
    assert post.event <= none.event


def test_live_passes_the_verdict(judged):
    assert judged.verdict("live") == "pass"


@pytest.mark.parametrize("name", [EMA.name, MEDIAN.name])
def test_the_naive_ways_fail_it(judged, name):
    assert judged.verdict(name) != "pass"
