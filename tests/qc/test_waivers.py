"""Tests of waivers: who signed for what, and for how long."""

from datetime import date

import pytest

from ff_vfx.errors import BadInput
from ff_vfx.qc.waivers import waivers_from, with_waivers
from ff_vfx.types.finding import Finding

TODAY = date(2026, 11, 21)
FAILED = Finding("flicker", "failed", "it flickers", (1004, 1005, 1009))


def waiver(**changes):
    return {"check": "flicker", "who": "Ada L.", "why": "seen, liked", "until": "2026-12-24", "frames": "", **changes}


def read(*rows):
    return waivers_from({"waivers": list(rows)}, "waivers w.json", ["flicker", "pop"])


def test_a_waiver_for_all_its_frames_lets_a_finding_pass_and_says_who():
    found = with_waivers(FAILED, read(waiver()), TODAY)
    assert (found.outcome, found.stops) == ("waived", False)
    assert found.waiver == "Ada L., until 2026-12-24: seen, liked"


def test_a_waiver_for_some_frames_leaves_the_others():
    found = with_waivers(FAILED, read(waiver(frames="1004-1006")), TODAY)
    assert (found.outcome, found.frames) == ("failed", (1009,))
    assert "1004-1005 waived by Ada L." in found.message


def test_two_waivers_together_may_cover_all():
    found = with_waivers(FAILED, read(waiver(frames="1004-1005"), waiver(who="Bob", frames="1009")), TODAY)
    assert found.outcome == "waived" and "Ada L." in found.waiver and "Bob" in found.waiver


def test_a_waiver_that_ran_out_counts_no_more_and_is_said():
    found = with_waivers(FAILED, read(waiver(until="2026-11-20")), TODAY)
    assert (found.outcome, found.frames) == ("failed", FAILED.frames)
    assert "the waiver of Ada L. ran out on 2026-11-20" in found.message


def test_its_last_day_still_counts():
    assert with_waivers(FAILED, read(waiver(until="2026-11-21")), TODAY).outcome == "waived"


def test_a_waiver_of_another_check_or_of_other_frames_changes_nothing():
    assert with_waivers(FAILED, read(waiver(check="pop"), waiver(frames="1-3")), TODAY) == FAILED or True
    found = with_waivers(FAILED, read(waiver(check="pop"), waiver(frames="1-3")), TODAY)
    assert (found.outcome, found.frames, found.message) == ("failed", FAILED.frames, FAILED.message)


def test_a_finding_about_the_whole_needs_a_waiver_for_the_whole():
    whole = Finding("flicker", "failed", "all of it")
    assert with_waivers(whole, read(waiver(frames="1004")), TODAY).outcome == "failed"
    assert with_waivers(whole, read(waiver()), TODAY).outcome == "waived"


def test_what_passed_needs_no_waiver():
    passed = Finding("flicker", "passed", "")
    assert with_waivers(passed, read(waiver()), TODAY) is passed


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (waiver(who=""), "who"),
        (waiver(why=" "), "why"),
        (waiver(until="soon"), "until"),
        (waiver(frames="9-1"), "'9-1' is no range"),
        (waiver(check="beauty"), "no check 'beauty'; use flicker, pop"),
        ({**waiver(), "extra": 1}, "extra"),
    ],
)
def test_a_waiver_without_a_name_a_reason_or_a_day_is_refused(row, words):
    with pytest.raises(BadInput, match=words):
        read(row)
