"""A plan is found only if it is this model's, this card's and this version's, and the one that was written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ff_vfx.engine.runtimes.plans import PlanKey, cache_folder, find_plan, gpu_name, store_plan
from tests.engine.stubs import pretend_cards

KEY = PlanKey("ab" * 32, "Stub_sm90", "tensorrt-10.3.0", "fp16", "in=1x3:4x3:8x3")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FF_VFX_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_what_was_stored_is_found_whatever_sizes_are_asked_for():
    path = store_plan(KEY, b"plan")
    assert find_plan(replace(KEY, profile="")) == (path, "") and path.read_bytes() == b"plan"
    assert path.parent == cache_folder()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"sha256": "cd" * 32}, "no plan was built"),
        ({"precision": "fp32"}, "no plan was built"),
        ({"gpu": "Other_sm80"}, "its plan is for Stub_sm90, tensorrt-10.3.0; here are Other_sm80"),
        ({"version": "tensorrt-10.4.0"}, "here are Stub_sm90, tensorrt-10.4.0"),
    ],
)
def test_a_plan_of_anything_else_is_stale_and_why_is_said(change: dict[str, str], why: str):
    store_plan(KEY, b"plan")
    found, said = find_plan(replace(KEY, **change))
    assert found is None and why in said


def test_a_plan_that_was_changed_is_not_loaded(cache: Path):
    store_plan(KEY, b"plan").write_bytes(b"other")
    found, why = find_plan(KEY)
    assert found is None and "is not the one that was written" in why
    (cache / f"{KEY.name}.json").write_text("{")
    assert find_plan(KEY)[0] is None


def test_each_part_of_the_key_gives_another_name():
    others = [replace(KEY, **{name: "other"}) for name in ("sha256", "gpu", "version", "precision", "profile")]
    assert len({one.name for one in (KEY, *others)}) == 6


def test_no_half_written_plan_is_left(cache: Path):
    store_plan(KEY, b"plan")
    assert sorted(path.suffix for path in cache.iterdir()) == [".json", ".plan"]


def test_a_card_has_a_name_and_none_has_none(monkeypatch: pytest.MonkeyPatch):
    pretend_cards(monkeypatch, 2)
    assert gpu_name(1) == "Stub_Card_1_sm90" and gpu_name(2) == "none"
    pretend_cards(monkeypatch, 0)
    assert gpu_name(0) == "none"


def test_the_cache_is_the_environments_then_the_users(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FF_VFX_CACHE", "/show/cache")
    assert cache_folder() == Path("/show/cache")
    monkeypatch.delenv("FF_VFX_CACHE")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", "/home/a/.c")
    assert cache_folder() == Path("/home/a/.c/ff-vfx")
