"""The texts of a label: what each says, and that nothing in them depends on when or where."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from ff_vfx.trust.label import (
    AIGC,
    COMPOSITE,
    CONSENT,
    GENERATED,
    LABEL,
    LAYERS,
    MARKED,
    MODELS,
    PLATE,
    SOURCE_TYPE,
    UNCHANGED,
    attributes_of,
    is_labelled,
    label_of,
    movie_attributes,
    settings_sha256,
)
from ff_vfx.types.clearance import Clearance
from ff_vfx.types.manifest import FileHash
from ff_vfx.types.settings import Settings
from tests.trust.made_manifest import EVE, origin

PLATE_FILE = FileHash("plate.1001.exr", "7" * 64, 9)


def told(passed: bool = False, earlier=None, **changes: object) -> dict[str, str]:
    label = label_of(origin(**changes), "ab" * 16)
    return attributes_of(label, 1001, PLATE_FILE, passed=passed, earlier=earlier or {})


def test_known_texts():
    said = told(settings={"output": {"producer": "Studio Ä", "layers": "all"}})
    assert said[LABEL] == "AI-manipulated: a face was replaced (ff-vfx 9)"
    assert said[SOURCE_TYPE] == COMPOSITE == (
        "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
    )  # fmt: skip
    assert said[LAYERS] == f"ffFace, ffRaw: {GENERATED}"
    assert said[AIGC] == (
        '{"Label":"1","ContentProducer":"Studio Ä","ProduceID":"' + "ab" * 16 + '-1001","ReservedCode1":"",'
        '"ContentPropagator":"","PropagateID":"","ReservedCode2":""}'
    )
    assert said[MODELS] == f"net {'4' * 64} MIT any" and said[PLATE] == f"plate.1001.exr sha256:{'7' * 64}"
    assert said[CONSENT] == f"r1 synthetic sha256:{'3' * 64} key k"
    assert (said["ffvfx/stamp"], said["ffvfx/version"]) == ("ab" * 16, "9")


def test_nobodys_name_is_in_a_header():
    assert "Eve" not in json.dumps(told()) and "Eve" not in json.dumps(told(clearances=(replace(EVE, cleared=False),)))


def test_each_performer_is_told_and_who_is_not_cleared_is_marked():
    other = Clearance("Ada", False, why_not="expired", record_id="r2")
    assert told(clearances=(EVE, other, other))[CONSENT] == f"r1 synthetic sha256:{'3' * 64} key k; {MARKED}"
    assert told(clearances=())[CONSENT].startswith("none needed")


def test_a_frame_that_passed_has_no_mark_of_ai():
    said = told(passed=True)
    assert said[LABEL].startswith(UNCHANGED) and not {AIGC, SOURCE_TYPE, LAYERS, CONSENT} & set(said)
    assert not is_labelled(said) and said[PLATE]


@pytest.mark.parametrize("method", ["blur", "pixelate"])
def test_a_face_that_was_only_covered_is_not_called_ai(method):
    said = told(job={"method": method})
    assert said[LABEL].startswith("not AI-generated here: faces were covered")
    assert not is_labelled(said) and AIGC not in said and SOURCE_TYPE not in said
    assert is_labelled(told(job={"method": "synthetic"}))


@pytest.mark.parametrize("mark", [{AIGC: "{}"}, {SOURCE_TYPE: GENERATED}, {LABEL: "AI-manipulated: x"}])
def test_a_plate_that_was_ai_made_before_stays_so(mark):
    assert is_labelled(mark)
    said = told(passed=True, earlier=mark)
    assert "it was AI-labelled before" in said[LABEL] and AIGC not in said and SOURCE_TYPE not in said


def test_two_earlier_renders_are_both_remembered():
    first = told(clearances=(EVE,))
    second = told(clearances=(replace(EVE, record_id="r9"),), earlier=first)
    third = told(clearances=(replace(EVE, record_id="r10"),), earlier={**first, **second})
    assert second["ffvfx/earlier.consent"] == first[CONSENT]
    assert third["ffvfx/earlier.consent"] == f"{second[CONSENT]} | {first[CONSENT]}"
    assert third[CONSENT].startswith("r10 ")


def test_the_settings_hash_leaves_out_what_changes_no_frame():
    plain = Settings().model_dump(mode="json")
    same = {**plain, "preset": "live", "track": {}, "output": {**plain["output"], "c2pa": "none"}}
    other = {**plain, "output": {**plain["output"], "producer": "A"}}
    assert settings_sha256(plain) == settings_sha256(same) != settings_sha256(other)


def test_a_movie_says_it_of_the_whole():
    said = movie_attributes(label_of(origin(), "ab" * 16))
    assert json.loads(said[AIGC])["ProduceID"] == "ab" * 16 and LAYERS not in said and PLATE not in said
