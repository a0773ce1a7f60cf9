"""What the command line reads and writes itself."""

import json

import pytest

from ff_vfx.apps.cli.files import FrameLog, read_json, settings_changes, write_report
from ff_vfx.errors import BadInput, WriteRefused
from ff_vfx.types.report import FrameEntry, Report


def test_set_reads_numbers_words_and_truth_values():
    changes = settings_changes("", ["composite.skin_tone=1", "fuse.eyes=plate", "output.motion=false"])
    assert changes == {"composite": {"skin_tone": 1}, "fuse": {"eyes": "plate"}, "output": {"motion": False}}


def test_set_wins_over_the_settings_file_field_by_field(tmp_path):
    file = tmp_path / "s.json"
    file.write_text('{"composite": {"skin_tone": 0.1, "grain": 0.2}}')
    changes = settings_changes(str(file), ["composite.skin_tone=0.9"])
    assert changes == {"composite": {"skin_tone": 0.9, "grain": 0.2}}


@pytest.mark.parametrize("text", ["skin_tone=1", "composite.skin_tone", "composite.=1", ""])
def test_a_set_of_another_form_is_shown_the_right_one(text):
    with pytest.raises(BadInput, match=r"group\.name=value"):
        settings_changes("", [text])


def test_a_settings_file_that_is_not_json_says_where(tmp_path):
    (tmp_path / "s.json").write_text('{"a": 1,\n "b": }')
    with pytest.raises(BadInput, match="line 2"):
        read_json(str(tmp_path / "s.json"), "settings")


def test_a_settings_file_that_is_absent_is_named(tmp_path):
    with pytest.raises(BadInput, match="none.json"):
        read_json(str(tmp_path / "none.json"), "settings")


def test_a_settings_file_that_holds_a_list_is_refused(tmp_path):
    (tmp_path / "s.json").write_text("[]")
    with pytest.raises(BadInput, match="holds a list"):
        read_json(str(tmp_path / "s.json"), "settings")


def test_a_report_is_written_whole_with_its_exit_code(tmp_path):
    report = Report("render", frames=(FrameEntry(1, "failed", fault="frame 1: broken"), FrameEntry(2, "rendered")))
    write_report(report, str(tmp_path / "deep" / "r.json"))
    data = json.loads((tmp_path / "deep" / "r.json").read_text())
    assert data["exit_code"] == 3 and data["frames"][0]["fault"] == "frame 1: broken"
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["r.json"]


def test_a_report_that_cannot_be_written_is_refused_in_words(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(WriteRefused, match="choose a folder"):
        write_report(Report("render"), str(tmp_path / "file" / "r.json"))


def test_the_log_has_one_json_line_a_frame_and_is_appended_to(tmp_path):
    for number in (1, 2):
        with FrameLog(str(tmp_path / "l.jsonl")) as log:
            log.add(FrameEntry(number, "rendered", times_ms={"read": 1.5}))
    lines = [json.loads(line) for line in (tmp_path / "l.jsonl").read_text().splitlines()]
    assert [line["number"] for line in lines] == [1, 2] and lines[0]["times_ms"] == {"read": 1.5}


def test_without_a_path_there_is_no_log():
    with FrameLog("") as log:
        log.add(FrameEntry(1, "rendered"))
