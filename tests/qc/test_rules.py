"""Tests of the rules: which limit a measure breaks, and how that is said."""

from ff_vfx.qc.limits import Limits
from ff_vfx.qc.rules import RULES, curves_of, findings_of, over_time
from ff_vfx.qc.watch import Measured


def finding(values, check, limits=None, missing=None):
    return next(f for f in findings_of(values, limits or Limits(), missing or {}) if f.check == check)


def test_a_check_fails_with_exactly_the_frames_outside_its_limits():
    found = finding({"jump": {1001: 0.0, 1002: 0.5, 1003: 0.019, 1004: 0.03}}, "colour-jump")
    assert (found.outcome, found.frames) == ("failed", (1002, 1004))
    assert "0.5 stops at 1002, at most 0.02 allowed" in found.message
    assert found.values["jump"] == {"worst": 0.5, "frame": 1002, "least": None, "most": 0.02}


def test_a_check_that_passed_says_how_near_it_came():
    found = finding({"softest": {1001: 0.9, 1002: 0.6}}, "smear")
    assert found.outcome == "passed" and "0.6 at 1002, limit 0.35" in found.message


def test_two_measures_of_one_check_name_their_own_frames():
    values = {"pop-tone": {1001: 0.5, 1002: 0.0}, "pop-patch": {1001: 0.0, 1002: 0.9}}
    found = finding(values, "pop")
    assert found.frames == (1001, 1002)
    assert "1001: the face changes tone" in found.message and "1002: part of the face" in found.message


def test_a_limit_that_is_switched_off_lets_all_pass():
    values = {"slip": {1001: 50.0}}
    assert finding(values, "slip").stops
    assert finding(values, "slip", Limits(slip_px=None)).outcome == "passed"


def test_what_has_no_value_is_skipped_with_its_reason():
    assert finding({}, "track", missing={"track": "no solve is known"}).message == "no solve is known"
    assert finding({}, "flicker").outcome == "skipped"


def test_every_check_has_one_finding_in_the_order_of_the_rules():
    assert [f.check for f in findings_of({}, Limits(), {})] == list(dict.fromkeys(rule.check for rule in RULES))


def test_of_several_faces_the_worst_counts_on_each_frame():
    one, two = Measured(), Measured()
    for face, soft, warp in ((one, 0.9, 1.1), (two, 0.3, 0.6)):
        face.add("softest", 1001, soft)
        face.add("warp", 1002, warp)
        face.add("slip", 1001, 1.0 - soft)
    found = over_time([one, two])
    assert (found["softest"][1001], found["slip"][1001]) == (0.3, 0.7)
    assert found["warp"] == {1001: 0.6, 1002: 0.6}


def test_a_curve_has_its_limits_with_it():
    (curve,) = curves_of({"warp": {1001: 1.0}, "softest": {}}, Limits())
    assert (curve.check, curve.least, curve.most) == ("steadiness", 0.75, 1.5)
