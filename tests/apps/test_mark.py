"""`ff-vfx mark`: says what is there and what is not, makes a studio's key once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ff_vfx.apps.cli.entry import run
from ff_vfx.plate import write_png
from tests.trust.invisible.made import PAYLOAD, laid, made_shot, shown


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sequences of PNG: marked.####.png and plain.####.png."""
    folder, shot = tmp_path_factory.mktemp("pictures"), made_shot(2)
    for name, lights in (("marked", laid(shot)), ("plain", [light for light, _ in shot])):
        for index, light in enumerate(lights):
            write_png(shown(light), folder / f"{name}.{1001 + index}.png")
    return folder


def test_a_mark_is_told_with_its_number_and_its_chance(pictures: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["mark", "find", str(pictures / "marked.####.png")]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert f"invisible mark {PAYLOAD:08x} (public key; the chance of a false alarm is" in said


def test_the_same_as_json_with_every_bit(pictures: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["mark", "find", str(pictures / "marked.####.png"), "--json", "--frames", "1002"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["payload"], told["frames"], told["cut"]) == (f"{PAYLOAD:08x}", [1002], False)
    assert len(told["bits"]) == 32 and min(told["bits"]) > 0.9


def test_no_mark_is_said_to_be_none_and_leaves_with_3(pictures: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["mark", "find", str(pictures / "plain.####.png"), "--made-px", "640"]) == 3
    assert "no invisible mark" in capsys.readouterr().out


def test_what_is_no_picture_cannot_be_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.mov").write_bytes(b"nothing")
    assert run(["mark", "find", str(tmp_path / "a.mov")]) == 2
    assert "a.mov" in capsys.readouterr().err


def test_a_key_is_made_once(own_user: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["mark", "key"]) == 0
    assert "mark.key" in capsys.readouterr().out
    assert run(["mark", "key"]) == 2
    assert "is there already" in capsys.readouterr().err
