"""`ff-vfx export` as an artist runs it, on the example shot's solve."""

from __future__ import annotations

import json

import numpy as np
import pytest

from ff_vfx import door
from ff_vfx.apps.cli.entry import CANNOT_START, run
from ff_vfx.export.marks import POINTS, chosen_shapes
from tests.export import lua_table
from tests.export.nk import keys, paste, roto_shapes

WORST_PX = 0.01


def frames_of(solve) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """Frame -> landmarks (478, 2) and crop (2, 3), straight from the file."""
    data = json.loads(solve.read_text())
    return {
        row["number"]: (np.array(row["landmarks"]).reshape(-1, 3)[:, :2], np.array(row["crop_to_plate"]).reshape(2, 3))
        for row in data["tracks"][0]["frames"]
    }


def height(solve) -> int:
    return int(json.loads(solve.read_text())["size"][1])


def test_a_tracker_of_the_example_replays_on_its_solve(example_solve, tmp_path, capsys):
    out = tmp_path / "t.nk"
    assert run(["export", str(example_solve), "--format", "nuke-tracker", "-o", str(out)]) == 0
    assert "nuke-tracker of face0: frames 16 known, 0 held, 0 lost" in capsys.readouterr().out
    (node,) = paste(out.read_text())
    for row in node.knobs["tracks"][2]:
        x, y = keys(row[2]), keys(row[3])
        for number, (points, _) in frames_of(example_solve).items():
            got = (x[number], height(example_solve) - y[number])
            assert np.abs(got - points[POINTS[row[1]]]).max() < WORST_PX


def test_a_pin_and_a_roto_of_the_example_replay_on_its_solve(example_solve, capsys):
    h, frames = height(example_solve), frames_of(example_solve)
    assert run(["export", str(example_solve), "--format", "nuke-cornerpin", "--face", "0"]) == 0
    (node,) = paste(capsys.readouterr().out)
    to = [[keys(axis) for axis in node.knobs[f"to{k}"]] for k in (1, 2, 3, 4)]
    for number, (_, crop) in frames.items():
        for (x, y), corner in zip(to, [(0, 1, 1), (1, 1, 1), (1, 0, 1), (0, 0, 1)], strict=True):
            assert np.abs(crop @ corner - (x[number], h - y[number])).max() < WORST_PX
    assert run(["export", str(example_solve), "--format", "nuke-roto", "--shapes", "oval,eyes"]) == 0
    (node,) = paste(capsys.readouterr().out)
    shapes = roto_shapes(node.knobs["curves"])
    assert list(shapes) == ["oval", "eye_l", "eye_r"]
    for name, ring in chosen_shapes(list(shapes)).items():
        for number, (points, _) in frames.items():
            got = shapes[name].keys[number][:, 1] * (1, -1) + (0, h)
            assert np.abs(got - points[ring]).max() < WORST_PX


def test_a_fusion_text_counts_from_the_clips_own_first_frame(example_solve, capsys):
    line = ["export", str(example_solve), "--format", "fusion-tracker", "--points", "chin", "--offset", "-1001"]
    assert run(line) == 0
    tools = lua_table.read(capsys.readouterr().out)["Tools"]
    assert list(lua_table.keys(tools, "ff_face0_chinPathX")) == list(range(16))


@pytest.mark.parametrize("format", door.EXPORT_FORMATS)
def test_every_format_is_written_and_its_size_stays_in_bounds(example_solve, tmp_path, format):
    out = tmp_path / "x.txt"
    assert run(["export", str(example_solve), "--format", format, "-o", str(out), "-q"]) == 0
    assert 1000 < out.stat().st_size < 16 * 16_000


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--format", "shake"], "use one of nuke-tracker"),
        (["--format", "nuke-roto", "--shapes", "ear"], "shape 'ear'"),
        (["--format", "nuke-cornerpin", "--reference", "900"], "reference 900"),
        (["--format", "nuke-cornerpin", "--reference", "first"], "one frame number"),
        (["--format", "nuke-tracker", "--face", "3"], "face 3"),
        (["--format", "nuke-tracker", "--tolerance", "1"], "means nothing to nuke-tracker"),
        ([], "--format"),
    ],
)
def test_a_mistake_is_one_line_and_exit_2(example_solve, more, said, capsys):
    assert run(["export", str(example_solve), *more]) == CANNOT_START
    error = capsys.readouterr().err
    assert said in error and "Traceback" not in error


def test_a_solve_that_is_not_there_is_named(tmp_path, capsys):
    assert run(["export", str(tmp_path / "no.json"), "--format", "nuke-tracker"]) == CANNOT_START
    assert "no.json" in capsys.readouterr().err
