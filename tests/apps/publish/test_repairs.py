"""What `ff-vfx check --repair` mends, and what it leaves alone and says why."""

from __future__ import annotations

import json
import os
import time

import pytest

from ff_vfx import door
from ff_vfx.door.audit_places import audit_folders
from ff_vfx.errors import BadInput, TrustError
from tests.apps.publish import plants_files, plants_trust
from tests.apps.publish.made_delivery import Delivered
from tests.apps.publish.plants_files import FRAME, Plant
from tests.conftest import ROOT

PLATE = str(ROOT / "examples" / "s010" / "plate.####.exr")


@pytest.mark.parametrize(
    ("plant", "check"),
    [
        (plants_trust.label_taken_out, "label"), (plants_trust.label_that_lies, "label"),
        (plants_files.other_rate, "timing"), (plants_files.other_timecode, "timing"),
        (plants_files.wrong_interop_id, "colour-space"),
    ],
)  # fmt: skip
def test_a_header_is_put_back_to_the_last_byte_and_written_down(delivered: Delivered, plant: Plant, check: str):
    before = delivered.file(FRAME).read_bytes()
    plant(delivered)
    lines = door.repair_delivery(delivered.job, (check,))
    assert lines == [f"{check}: frames {FRAME} are again, to the last byte, what was rendered"]
    assert delivered.file(FRAME).read_bytes() == before
    assert door.check_delivery(delivered.job).passed
    assert _log()[-1]["verb"] == "repair" and _log()[-1]["result"]["done"] == lines


def test_a_file_of_which_more_was_changed_is_left_as_it_is(delivered: Delivered):
    plants_trust.edited_face(delivered)
    plants_trust.label_taken_out(delivered)
    before = delivered.file(FRAME).read_bytes()
    (line,) = door.repair_delivery(delivered.job, ("label",))
    assert "more was changed than this" in line
    assert delivered.file(FRAME).read_bytes() == before
    assert [path.name for path in delivered.folder.iterdir() if path.name.startswith(".comp")] == []


def test_what_was_rendered_so_is_not_mended_here(delivered: Delivered):
    plants_files.wrong_chromaticities(delivered)
    before = delivered.file(FRAME).read_bytes()
    (line,) = door.repair_delivery(delivered.job, ("colour-space",))
    assert "is as it was rendered" in line and delivered.file(FRAME).read_bytes() == before


def test_without_a_manifest_no_header_is_mended(delivered: Delivered):
    plants_trust.label_taken_out(delivered)
    plants_files.other_rate(delivered)
    delivered.manifest.unlink()
    with pytest.raises(TrustError, match="the manifest cannot be believed"):
        door.repair_delivery(delivered.job.model_copy(update={"plate": PLATE}), ("timing",))


def test_half_written_files_go_once_they_are_old_and_second_files_stay(delivered: Delivered):
    plants_files.half_written_file(delivered)
    plants_files.second_file_for_a_frame(delivered)
    young = delivered.folder / ".comp.1004.exr.1-2.tmp"
    young.touch()
    lines = "\n".join(door.repair_delivery(delivered.job, ("folder-tidy",)))
    assert "deleted .comp.1005.exr.4242-139812.tmp" in lines and "younger than an hour" in lines
    assert "comp.01005.exr is whole" in lines
    assert young.exists() and (delivered.folder / "comp.01005.exr").exists()
    (delivered.folder / "comp.01005.exr").unlink()
    os.utime(young, (time.time() - 7200, time.time() - 7200))
    door.repair_delivery(delivered.job, ("folder-tidy",))
    assert door.check_delivery(delivered.job).passed


def test_what_is_sound_is_not_touched(delivered: Delivered):
    before = {path.name: path.stat().st_mtime_ns for path in delivered.folder.iterdir()}
    assert door.repair_delivery(delivered.job, ("label", "timing")) == [
        "timing: nothing to mend",
        "label: nothing to mend",
    ]
    assert before == {path.name: path.stat().st_mtime_ns for path in delivered.folder.iterdir()}


@pytest.mark.parametrize("check", ["finite", "plate-untouched", "lossless", "consent", "manifest"])
def test_what_needs_a_render_or_a_person_has_no_repair(delivered: Delivered, check: str):
    with pytest.raises(BadInput, match=f"repair {check}: cannot be mended without rendering"):
        door.repair_delivery(delivered.job, (check,))


def _log() -> list[dict]:
    lines = [line for path in sorted(audit_folders()[0][0].glob("*.jsonl")) for line in path.read_text().splitlines()]
    return [json.loads(line) for line in lines]
