"""Tests of limits files."""

import pytest

from ff_vfx.errors import BadInput
from ff_vfx.qc.limits import Limits, limits_from
from ff_vfx.qc.rules import RULES


def test_a_file_need_only_name_what_differs():
    found = limits_from({"tone_stops": 0.05, "slip_px": None}, "limits x.json")
    assert (found.tone_stops, found.slip_px, found.jump_stops) == (0.05, None, Limits().jump_stops)


@pytest.mark.parametrize(
    "data", [{"tone": 1}, {"tone_stops": -1}, {"tone_stops": "much"}, {"tone_stops": float("nan")}]
)
def test_what_is_no_limit_is_refused_by_name(data):
    with pytest.raises(BadInput, match=rf"limits x.json: {next(iter(data))}: .*docs/qc.md"):
        limits_from(data, "limits x.json")


def test_every_limit_is_some_rules_and_every_rule_has_its_limits():
    named = {name for rule in RULES for name in (rule.least, rule.most) if name}
    assert named == set(Limits.model_fields)
