"""The invisible mark in a job: only in the face, only when asked for, the same in a host, found again in a movie."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import numpy as np
import OpenEXR
import pytest

from ff_vfx import door
from ff_vfx.door.hosts import invisible as hosts_invisible
from ff_vfx.door.hosts.invisible import stamp_in_host
from ff_vfx.door.hosts.session_job import SessionJob
from ff_vfx.door.invisible.keys import key_print, mark_key_id, studio_key
from ff_vfx.door.invisible.laying import MARK_ATTRIBUTE, invisible_of
from ff_vfx.errors import BadInput, WriteRefused
from ff_vfx.types.settings import OutputSettings
from ff_vfx.types.user_folders import config_folder
from tests.conftest import example_job

_FRAMES = "1008"


def channels(path: Path) -> dict[str, np.ndarray]:
    found = OpenEXR.File(str(path), separate_channels=True).parts[0].channels
    return {name: channel.pixels for name, channel in found.items()}


def header(path: Path) -> dict[str, object]:
    return dict(OpenEXR.File(str(path)).parts[0].header)


@pytest.fixture(scope="module")
def pair(
    models_dir: str, example_shot: Path, example_solve: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """Two frames of the example shot, without the mark and with it."""
    folders = []
    for name, marked in (("plain", False), ("marked", True)):
        folder = tmp_path_factory.mktemp(name)
        data = {**example_job(models_dir, example_shot, example_solve, folder), "frames": _FRAMES}
        report = door.render(door.make_job(data, changes={"output": {"invisible_mark": marked}}))
        assert report.exit_code == 0, report.faults
        folders.append(folder)
    return folders[0], folders[1]


def test_it_changes_the_face_alone_and_hardly(pair: tuple[Path, Path]) -> None:
    plain, marked = (channels(folder / "comp.1008.exr") for folder in pair)
    covered = plain["ffMatte.red"] > 0.0
    for name in "RGB":
        before, after = plain[name], marked[name]
        assert np.array_equal(before[~covered].view(np.uint16), after[~covered].view(np.uint16))
        assert (before[covered] != after[covered]).mean() > 0.5
        inside = covered & (np.abs(before) > 0.01)
        assert np.abs(after[inside].astype(float) / before[inside] - 1.0).max() < 0.25
    kept = [name for name in plain if name not in "RGB" and not name.startswith("ffFace")]
    assert all(np.array_equal(plain[name], marked[name], equal_nan=True) for name in kept)


def test_the_face_layer_over_the_plate_is_still_the_picture(pair: tuple[Path, Path], example_shot: Path) -> None:
    marked, plate = channels(pair[1] / "comp.1008.exr"), channels(example_shot / "plate.1008.exr")
    for name in "RGB":
        over = marked[f"ffFace.{name}"].astype(float) + plate[name] * (1.0 - marked["ffFace.A"].astype(float))
        assert np.abs(over - marked[name]).max() < 0.01


def test_what_it_says_is_what_the_stamp_begins_with(pair: tuple[Path, Path]) -> None:
    told = header(pair[1] / "comp.1008.exr")
    found = door.find_mark(str(pair[1] / "comp.####.exr"))
    assert found["present"] and found["payload"] == str(told["ffvfx/stamp"])[:8]
    assert str(told[MARK_ATTRIBUTE]) == f"{found['payload']} public"
    assert MARK_ATTRIBUTE not in header(pair[0] / "comp.1008.exr")
    assert not door.find_mark(str(pair[0] / "comp.####.exr"))["present"]


def test_a_host_s_session_lays_the_mark_of_the_render(
    pair: tuple[Path, Path], models_dir: str, example_shot: Path, example_solve: Path
) -> None:
    data = {**example_job(models_dir, example_shot, example_solve, Path("unused"))}
    session = SessionJob({"job": {**data, "settings": {"output": {"invisible_mark": True}}}})
    assert stamp_in_host(session, session.cleared()) == header(pair[1] / "comp.1008.exr")["ffvfx/stamp"]
    plain = SessionJob({"job": data})
    assert plain.key != session.key


def test_a_session_works_its_mark_out_once_and_again_for_another_solve(
    models_dir: str, example_shot: Path, example_solve: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    solve = Path(shutil.copy(example_solve, tmp_path / "solve.json"))
    data = example_job(models_dir, example_shot, solve, Path("unused"))
    session = SessionJob({"job": {**data, "settings": {"output": {"invisible_mark": True}}}})
    stamps: list[str] = []

    class Laid:
        def laid(self, layers: object) -> str:
            return f"{layers} under {len(stamps)}"

    def worked_out(output: OutputSettings, stamp: str, people: object) -> Laid:
        stamps.append(stamp)
        return Laid()

    monkeypatch.setattr(hosts_invisible, "invisible_of", worked_out)
    mark = hosts_invisible.HostMark(session)
    frames: list[object] = [mark.laid((), session.cleared(), name) for name in ("a", "b")]  # type: ignore[arg-type]
    assert frames == ["a under 1", "b under 1"]
    solve.write_text(solve.read_text() + "\n")
    assert mark.laid((), session.cleared(), "c") == "c under 2" and len(set(stamps)) == 2  # type: ignore[arg-type,comparison-overlap]


def test_a_studio_s_key_is_made_once_kept_private_and_asked_for(own_user: Path) -> None:
    wanted = OutputSettings(invisible_mark=True, mark_key="studio")
    with pytest.raises(BadInput, match="ff-vfx mark key"):
        mark_key_id(wanted)
    path, known_by = door.new_mark_key()
    assert Path(path).is_relative_to(config_folder())
    assert stat.S_IMODE(Path(path).stat().st_mode) == 0o600
    key = studio_key()
    assert key and known_by == key_print(key) and key.hex() not in known_by
    assert mark_key_id(wanted) == (f"mark key {known_by}",)
    assert mark_key_id(OutputSettings(invisible_mark=True)) == mark_key_id(OutputSettings()) == ()
    with pytest.raises(WriteRefused, match="already"):
        door.new_mark_key()


@pytest.mark.parametrize("text", ["", "xyz", "00" * 31, "00" * 33, "é" * 64])
def test_a_file_that_is_no_key_is_refused(own_user: Path, text: str) -> None:
    path = config_folder() / "trust" / "mark.key"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    with pytest.raises(BadInput, match=r"mark\.key"):
        studio_key()


def test_without_being_asked_for_there_is_none() -> None:
    assert invisible_of(OutputSettings(), "0" * 32, ()) is None
