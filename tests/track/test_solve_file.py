"""The solve on disk: canonical, editable, and deaf to nonsense."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from ff_vfx.errors import SolveMismatch, WriteRefused
from ff_vfx.track import load_solve, merge_keyframes, save_solve
from ff_vfx.types.solve import Keyframe
from tests.track.made import made_solve, made_track


def _saved(tmp_path: Path, solve=None) -> Path:
    path = tmp_path / "shot.solve.json"
    save_solve(made_solve() if solve is None else solve, path)
    return path


def test_what_is_loaded_is_what_was_saved_to_the_last_bit(tmp_path):
    solve = merge_keyframes(
        made_solve(made_track(lost=(0, 7)), made_track("face1")), [Keyframe("face1", 1003, 9, 7, 8)]
    )
    loaded = load_solve(_saved(tmp_path, solve))
    for name in ("plate_key", "settings_key", "size", "colour_space", "cuts", "exposure_stops", "grain", "keyframes"):
        assert getattr(loaded, name) == getattr(solve, name), name
    assert loaded.made_with == solve.made_with
    for a, b in zip(loaded.tracks, solve.tracks, strict=True):
        assert (a.name, a.status, a.reasons) == (b.name, b.status, b.reasons)
        for name in ("numbers", "confidence", "weight", "landmarks", "raw", "pose", "crop_to_plate"):
            assert np.array_equal(getattr(a, name), getattr(b, name), equal_nan=True), name


def test_loading_and_saving_again_gives_the_same_bytes(tmp_path):
    path = _saved(tmp_path, made_solve(made_track(lost=(2,)), cuts=(1004,)))
    again = tmp_path / "again.json"
    save_solve(load_solve(path), again)
    assert again.read_bytes() == path.read_bytes()


def test_a_tracked_shot_comes_back_bit_for_bit(tmp_path, solves):
    for solve in solves.values():
        path = _saved(tmp_path, solve)
        loaded = load_solve(path, plate_key=solve.plate_key)
        a, b = solve.tracks[0], loaded.tracks[0]
        for name in ("confidence", "weight", "landmarks", "raw", "pose", "crop_to_plate"):
            assert np.array_equal(getattr(a, name), getattr(b, name), equal_nan=True), name
        assert loaded.grain == solve.grain and loaded.exposure_stops == solve.exposure_stops


def test_it_is_json_with_one_line_a_frame_and_keyframes_near_the_top(tmp_path):
    text = _saved(tmp_path).read_text()
    data = json.loads(text)
    assert list(data)[:4] == ["format", "version", "_help", "keyframes"]
    assert "reach_frames" in data["_help"]
    assert sum('"landmarks": [' in line for line in text.splitlines()) == 9
    assert len(max(text.splitlines(), key=len)) < 60_000


def test_a_keyframe_written_by_hand_is_applied(tmp_path):
    path = _saved(tmp_path)
    key = '{"track": "face0", "number": 1004, "landmark": 61, "x": 170.5, "y": 230.25}'
    path.write_text(path.read_text().replace('"keyframes": [],', f'"keyframes": [\n {key}\n],'))
    loaded = load_solve(path)
    assert tuple(loaded.tracks[0].face(1004).landmarks[61, :2]) == (170.5, 230.25)
    again = tmp_path / "again.json"
    save_solve(loaded, again)
    assert load_solve(again).keyframes == loaded.keyframes
    assert np.array_equal(load_solve(again).tracks[0].landmarks, loaded.tracks[0].landmarks)


def test_another_plate_is_refused_unless_told_otherwise(tmp_path):
    path = _saved(tmp_path)
    with pytest.raises(SolveMismatch, match="another plate, or the plate has changed since; track the plate again"):
        load_solve(path, plate_key="other")
    assert load_solve(path, plate_key="other", check=False).plate_key == "plate-key"


def _edited(path: Path, edit) -> Path:
    data = json.loads(path.read_text())
    edit(data)
    path.write_text(json.dumps(data))
    return path


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda d: d.update(format="else"), "not a solve file"),
        (lambda d: d.update(version=99), "version 99, this ff-vfx reads version 1; track the plate again"),
        (lambda d: d.pop("tracks"), "tracks is missing"),
        (lambda d: d.update(size=[1]), "size: not a list of 2"),
        (lambda d: d.update(size="12"), "size: not a list"),
        (lambda d: d.update(cuts=[1.5]), "cuts: 1.5 is not a whole number"),
        (lambda d: d["grain"].update(slope=[0, 0, "x"]), "grain slope: not all are numbers"),
        (lambda d: d["tracks"][0]["frames"][2].update(landmarks=[1, 2]), "frame 1003 landmarks: not a list of 1434"),
        (lambda d: d["tracks"][0]["frames"][2].update(landmarks=None), "'tracked', but it has no landmarks"),
        (lambda d: d["tracks"][0]["frames"][2].update(status="fine"), "status 'fine'; use one of tracked, held"),
        (lambda d: d["tracks"][0]["frames"][2].update(number=1001), "frame numbers do not rise"),
        (lambda d: d["tracks"][0]["frames"][2].update(weight=1e99), "out of range"),
        (lambda d: d["tracks"][0]["frames"][2].update(weight=True), "not all are numbers"),
        (lambda d: d["tracks"].append(7), "tracks: not an object"),
        (lambda d: d["keyframes"].append({"track": "face0"}), "number is missing"),
        (
            lambda d: d["keyframes"].append({"track": "face0", "number": 1003, "landmark": 900, "x": 1, "y": 2}),
            "landmark 900; give one from 0 to 477",
        ),
        (lambda d: d["keyframes"].append({"trak": "face0"}), "has 'trak', which is not one of its fields"),
    ],
)
def test_a_wrong_edit_is_told_with_its_place(tmp_path, edit, words):
    path = _edited(_saved(tmp_path), edit)
    with pytest.raises(SolveMismatch) as told:
        load_solve(path)
    assert words in str(told.value) and str(path) in str(told.value)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{",
        b"null",
        b"\xff\xfe\x00",
        b'{"format": NaN}',
        b"[" * 100_000,
        b'{"format": 1e999}',
        b"\x00" * 64,
    ],
)
def test_damaged_and_hostile_files_are_refused_politely(tmp_path, content):
    path = tmp_path / "bad.json"
    path.write_bytes(content)
    with pytest.raises(SolveMismatch, match=r"bad\.json: "):
        load_solve(path)


def test_a_file_cut_short_anywhere_is_refused(tmp_path):
    whole = _saved(tmp_path).read_bytes()
    path = tmp_path / "short.json"
    for part in np.linspace(1, len(whole) - 3, 12).astype(int):
        path.write_bytes(whole[:part])
        with pytest.raises(SolveMismatch, match="track the plate again"):
            load_solve(path)


def test_no_file_and_a_folder_are_told(tmp_path):
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(SolveMismatch, match="give the path of a solve file, or track the plate first"):
            load_solve(path)


def test_a_refused_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = _saved(tmp_path)
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WriteRefused, match="No space left on device; free some space"):
        save_solve(made_solve(made_track(frames=3)), path)
    assert path.read_bytes() == before and os.listdir(tmp_path) == [path.name]
    with pytest.raises(WriteRefused, match="choose a folder you may write to"):
        save_solve(made_solve(), tmp_path / "no" / "such" / "folder.json")
