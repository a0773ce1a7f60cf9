from __future__ import annotations

import json

import cv2
import pytest
import torch

from benchmarks.steadiness.modes import EMA, NONE, POST, Mode
from benchmarks.steadiness.page import write_page
from benchmarks.steadiness.pictures import draw_curves, draw_sheet
from benchmarks.steadiness.results import Results
from benchmarks.steadiness.steadying import Steadying
from benchmarks.steadiness.table import Judged, judge, rows_of
from ff_vfx.shot import prepare
from ff_vfx.types.settings import settings_from
from tests.benchmarks.made_shot import MadeFuser, made_shot, made_solve

MEDIAN = Mode("naive median", "", "none", naive="median")


@pytest.fixture(scope="module")
def judged() -> Judged:
    results = Results(made_shot(), lambda _, smoother: made_solve(smoother), MadeFuser(0.1), MadeFuser(0.0))
    return judge(made_shot(), results, (NONE, EMA, MEDIAN, POST))


def test_post_takes_the_flicker_away_and_passes(judged):
    post, none = judged.scores["post"], judged.scores["none"]
    assert post.psnr_db > none.psnr_db + 6.0
    assert judged.verdict("post") == "pass" and judged.verdict("none") == ""


def test_the_naive_ways_fail(judged):
    assert judged.verdict("naive EMA").startswith("smears")
    assert judged.verdict("naive median") != "pass"


def test_the_reference_is_charged_for_no_resampling(judged):
    assert max(judged.truth.errors.values()) == 0.0


@pytest.mark.parametrize(
    ("preset", "steady"),
    [("post", {}), ("post", {"keyframe_interval": 4}), ("post", {"merge": "median"}), ("live", {})],
)
def test_steadying_is_put_together_as_the_pipeline_does(preset, steady):
    shot, solve, fuser = made_shot(), made_solve("zero_phase"), MadeFuser(0.1)
    settings = settings_from(preset, {"steady": steady})
    ours = Steadying(shot.plate, solve, fuser)
    ours.steadier(settings_from()).hold(5)  # what another mode has left behind changes nothing
    mine, pipeline = ours.steadier(settings), prepare(shot.plate, solve, solve.tracks[0], fuser, settings).steadier
    for n in shot.plate.numbers[:6]:
        assert torch.equal(mine.hold(n).held.picture, pipeline.hold(n).held.picture), n


def test_rows_are_plain_values_that_json_has(judged):
    rows = rows_of(judged)
    assert [row["mode"] for row in rows] == ["truth", "none", "naive EMA", "naive median", "post"]
    json.dumps(rows, allow_nan=False)
    errors = rows[-1]["error stops by frame"]
    assert isinstance(errors, dict) and list(errors) == [str(n) for n in range(1, 11)]


def test_page_and_pictures_are_made(judged, tmp_path):
    pytest.importorskip("matplotlib")
    draw_curves([judged], tmp_path / "time_curves.png")
    draw_sheet([judged], tmp_path / "time_shots.jpg")
    write_page([judged], {"other": "its data is not here"}, tmp_path / "time.md")
    for name in ("time_curves.png", "time_shots.jpg"):
        picture = cv2.imread(str(tmp_path / name))
        assert picture is not None and picture.shape[1] > 1000
    page = (tmp_path / "time.md").read_text()
    assert "| post |" in page and "not in this run: its data is not here" in page and "nan" not in page
