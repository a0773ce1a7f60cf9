"""Each planted fault turns its own check red in a headless pyblish run, and no other, and names the frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ff_vfx import door
from ff_vfx.trust.manifest import read_manifest
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


def test_a_model_is_held_against_its_file_where_the_job_had_it(delivered: Delivered):
    file = plants_trust.model_of(delivered, "any")
    manifest = read_manifest(delivered.manifest)
    job = dict(next(iter(manifest.origins.values())).job) | {"models": str(file.parent)}
    delivered.seal(job=job)
    delivered.job = delivered.job.model_copy(update={"models": ""})
    assert door.check_delivery(delivered.job).passed
    file.write_bytes(b"another")
    (finding,) = [one for one in door.check_delivery(delivered.job).findings if one.stops]
    assert finding.check == "model-hash" and str(file) in finding.message
    file.unlink()
    report = door.check_delivery(delivered.job)
    (finding,) = [one for one in report.findings if one.check == "model-hash"]
    assert report.passed and "not on this machine, so by their manifests alone: swap" in finding.message
