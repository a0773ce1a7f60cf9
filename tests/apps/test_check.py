"""`ff-vfx check`: its table, its JSON, its exit codes, and what cannot be left out when something leaves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ff_vfx import door
from ff_vfx.apps.cli.entry import run
from ff_vfx.plate.exr_attributes import copy_with_attributes
from ff_vfx.types.verdict import NOT_FIT
from tests.door.made_sequence import job_of, render

NUMBERS = (1001, 1002)
# Of these small frames: made without all of a real render's layers.
SMALL = ("--skip", "quality,layers")


@pytest.fixture
def output(tmp_path: Path, own_user: Path) -> str:
    """A small finished sequence: one frame with a face, one through which the plate passed."""
    job = job_of(tmp_path, NUMBERS)
    render(job, NUMBERS, passed=NUMBERS[1:])
    return job.output


def test_a_sound_sequence_is_fit_and_the_table_says_so(output: str, capsys: pytest.CaptureFixture[str]):
    assert run(["check", output, *SMALL]) == 0
    said = capsys.readouterr().out
    assert "fit to be published" in said and "plate-untouched" in said and "not fit" not in said


def test_a_fault_is_told_with_its_frame_and_ends_in_five(output: str, capsys: pytest.CaptureFixture[str]):
    Path(output.replace("####", "1002")).unlink()
    assert run(["check", output, *SMALL]) == NOT_FIT
    told = capsys.readouterr()
    assert "FAULT" in told.out and "1002: missing" in told.out and "not fit" in told.err


def test_json_alone_is_on_stdout_and_says_everything(output: str, capsys: pytest.CaptureFixture[str]):
    assert run(["check", output, *SMALL, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["passed"] and report["numbers"] == list(NUMBERS) and report["facts"]["size"] == [32, 24]
    names = [info.name for info in door.delivery_checks() if info.name not in ("quality", "layers")]
    assert [finding["check"] for finding in report["findings"]] == names


def test_the_report_is_written_where_it_is_asked_for(output: str, tmp_path: Path):
    assert run(["--quiet", "check", output, *SMALL, "--report", str(tmp_path / "r" / "check.json")]) == 0
    assert json.loads((tmp_path / "r" / "check.json").read_text())["verb"] == "check-delivery"


def test_one_check_can_be_run_alone(output: str, capsys: pytest.CaptureFixture[str]):
    assert run(["check", output, "--only", "finite", "--only", "label", "--json"]) == 0
    assert [one["check"] for one in json.loads(capsys.readouterr().out)["findings"]] == ["finite", "label"]


@pytest.mark.parametrize("named", ["folder", "manifest"])
def test_a_folder_or_a_manifest_stands_for_its_sequence(output: str, named: str, capsys: pytest.CaptureFixture[str]):
    folder = Path(output).parent
    path = folder if named == "folder" else next(folder.glob("*.ffmanifest.json"))
    assert run(["check", str(path), *SMALL, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["pattern"] == output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nowhere/comp.####.exr"], "nowhere"), (["comp.mov"], "is a movie"), (["one.exr"], "names no EXR sequence"),
        ([], "OUTPUT is missing"), (["OUT", "--skip", "mattes"], "'mattes' is unknown"),
        (["OUT", "--frames", "1-2000"], "outside"), (["OUT", "--waivers", "none.json"], "none.json"),
        (["OUT", "--publish", "--skip", "consent"], "'consent' cannot be left out"),
        (["OUT", "--publish", "--only", "quality"], "cannot be left out"),
        (["OUT", "--repair", "finite"], "cannot be mended without rendering"),
    ],
)  # fmt: skip
def test_what_cannot_be_checked_ends_in_two_and_says_why(
    output: str, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
):
    assert run(["check", *(output if word == "OUT" else word for word in words)]) == 2
    assert message in capsys.readouterr().err


def test_the_list_names_every_check(capsys: pytest.CaptureFixture[str]):
    assert run(["check", "--list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in listed] == [info.name for info in door.delivery_checks()]
    assert run(["check", "--list"]) == 0 and "keeps from" in capsys.readouterr().out


def test_nothing_leaves_that_cannot_be_written_down(output: str, own_user: Path, capsys: pytest.CaptureFixture[str]):
    from ff_vfx.door.audit_places import audit_folders

    folder = audit_folders()[0][0]
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("a file where the log's folder should be")
    assert run(["check", output, "--publish", "--skip", "quality", "--json"]) == 2
    assert "must be written down" in json.loads(capsys.readouterr().out)["faults"][0]


def test_check_does_not_change_a_byte(output: str):
    before = {path: path.read_bytes() for path in Path(output).parent.iterdir()}
    assert run(["check", output, *SMALL]) == 0
    assert before == {path: path.read_bytes() for path in Path(output).parent.iterdir()}


def test_a_waiver_with_a_name_lets_an_empty_matte_pass_and_a_late_one_does_not(
    tmp_path: Path, own_user: Path, capsys: pytest.CaptureFixture[str]
):
    job = job_of(tmp_path, NUMBERS)
    render(job, NUMBERS, passed=NUMBERS)
    path = tmp_path / "waivers.json"
    outcomes = {}
    for until in ("2999-12-31", "2020-01-01"):
        waiver = {"check": "matte-present", "who": "Ada Lead", "why": "the shot was cut", "until": until}
        path.write_text(json.dumps({"waivers": [waiver]}))
        code = run(["check", job.output, *SMALL, "--waivers", str(path), "--json"])
        findings = {one["check"]: one for one in json.loads(capsys.readouterr().out)["findings"]}
        outcomes[until] = (code, findings["matte-present"])
    code, found = outcomes["2999-12-31"]
    assert (code, found["outcome"]) == (0, "waived") and found["waiver"].startswith("Ada Lead, until 2999-12-31")
    code, found = outcomes["2020-01-01"]
    assert (code, found["outcome"]) == (NOT_FIT, "failed") and "ran out on 2020-01-01" in found["message"]


def test_a_sequence_over_a_sequence_of_ours_is_as_sound_as_the_first(
    output: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """The plate has our layers and our label already: both are replaced, and what they said is kept."""
    (tmp_path / "again").mkdir()
    job = job_of(tmp_path / "again", NUMBERS, plate=output)
    render(job, NUMBERS, passed=NUMBERS[:1])
    run(["check", job.output, "--skip", "quality,layers", "--json"])
    report = json.loads(capsys.readouterr().out)
    assert [one["message"] for one in report["findings"] if one["outcome"] == "failed"] == []
    assert run(["check", job.output, "--only", "layers", "--json"]) == NOT_FIT
    (layers,) = json.loads(capsys.readouterr().out)["findings"]
    assert layers["frames"] == [1002], "the frame through which the plate passed has none of ours, and needs none"


@pytest.mark.parametrize("check", ["quality", "consent", "intact"])
def test_nobody_signs_for_quality_as_a_whole_nor_for_what_is_no_matter_of_taste(
    output: str, tmp_path: Path, check: str, capsys: pytest.CaptureFixture[str]
):
    waiver = {"check": check, "who": "Ada Lead", "why": "it is late", "until": "2999-12-31"}
    (tmp_path / "waivers.json").write_text(json.dumps({"waivers": [waiver]}))
    assert run(["check", output, *SMALL, "--waivers", str(tmp_path / "waivers.json")]) == 2
    assert f"there is no check '{check}'" in capsys.readouterr().err


def test_an_anonymised_plate_is_no_delivery_of_a_face(output: str, capsys: pytest.CaptureFixture[str]):
    file = Path(output.replace("####", "1001"))
    copy_with_attributes(file, file.with_name("other"), 0, {"ffvfx/anonymised": ("string", b"blur")})
    file.with_name("other").rename(file)
    assert run(["check", output, "--skip", "quality"]) == 2
    assert "is an anonymised plate" in capsys.readouterr().err
