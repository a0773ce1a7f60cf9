"""The stamp changes with whatever changes pixels, and with nothing else."""

from pathlib import Path

import pytest

from ff_vfx.door.stamp import make_stamp
from ff_vfx.types.settings import settings_from


@pytest.fixture
def parts(tmp_path: Path) -> dict[str, object]:
    (tmp_path / "solve.json").write_text("{}")
    (tmp_path / "a.exr").write_bytes(b"a")
    return {
        "plate_key": "k",
        "solve_file": tmp_path / "solve.json",
        "stills": [tmp_path / "a.exr"],
        "settings": settings_from("post"),
        "choices": ("face0",),
    }


def test_the_same_things_give_the_same_stamp(parts):
    assert make_stamp(**parts) == make_stamp(**parts)


@pytest.mark.parametrize(
    "change",
    [
        {"plate_key": "other"},
        {"choices": ("face1",)},
        {"stills": []},
        {"settings": settings_from("post", {"composite": {"grain": 0.5}})},
    ],
)
def test_what_changes_pixels_changes_the_stamp(parts, change):
    assert make_stamp(**{**parts, **change}) != make_stamp(**parts)


def test_an_edited_solve_changes_the_stamp(parts):
    before = make_stamp(**parts)
    Path(str(parts["solve_file"])).write_text('{"keyframes": []}')
    assert make_stamp(**parts) != before


def test_track_settings_do_not_count_since_the_solve_does(parts):
    changed = {**parts, "settings": settings_from("post", {"track": {"confidence": 0.4}})}
    assert make_stamp(**changed) == make_stamp(**parts)
