"""Each planted fault turns its own check red in a headless pyblish run, and no other, and names the frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.apps.publish import plants_files, plants_trust
from tests.apps.publish.made_delivery import NUMBERS, Delivered
from tests.apps.publish.plants_files import FRAME, Plant

PLANTS = {**plants_files.PLANTS, **plants_trust.PLANTS}


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_a_planted_fault_turns_its_own_check_red_and_no_other(
    delivered: Delivered, publish: Callable[..., Any], plant: Plant
):
    plant(delivered)
    results = publish(delivered).data["results"]
    red = {result["plugin"].check: str(result["error"]) for result in results if result["error"]}
    assert list(red) == [PLANTS[plant]], red
    findings = _report(results)["findings"]
    (finding,) = [one for one in findings if one["outcome"] == "failed"]
    assert tuple(finding["frames"]) == _frames(plant), finding
    assert all(str(number) in finding["message"] for number in finding["frames"][:1])


def test_what_nobody_spoilt_is_all_green(delivered: Delivered, publish: Callable[..., Any]):
    results = publish(delivered).data["results"]
    assert [str(result["error"]) for result in results if result["error"]] == []
    outcomes = {one["check"]: one["outcome"] for one in _report(results)["findings"]}
    assert set(outcomes.values()) <= {"passed", "skipped"} and outcomes["intact"] == outcomes["consent"] == "passed"


def test_at_least_twenty_kinds_of_fault_are_planted_and_every_check_is_hit():
    from ff_vfx import door

    assert len(PLANTS) >= 20
    every = {info.name for info in door.delivery_checks()}
    assert every - set(PLANTS.values()) == {"quality"}  # test_quality_red


def _frames(plant: Plant) -> tuple[int, ...]:
    if plant in plants_trust.EVERY:
        return NUMBERS
    whole = plant in plants_trust.WHOLE or PLANTS[plant] == "folder-tidy"
    return () if whole else (FRAME,)


def _report(results: list[dict[str, Any]]) -> dict[str, Any]:
    instance = next(result["instance"] for result in results if result["instance"] is not None)
    report: dict[str, Any] = instance.data["ffvfxReport"]
    return report
