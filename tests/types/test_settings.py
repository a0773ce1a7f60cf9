"""Every knob with its unit and range; presets are whole."""

import pytest

from ff_vfx.types.settings import Settings, settings_from


def test_post_is_the_default():
    assert settings_from() == Settings()


def test_changes_touch_only_what_they_name():
    changed = settings_from("post", {"steady": {"window": 1}})
    assert changed.steady.window == 1 and changed.model_copy(update={"steady": Settings().steady}) == Settings()


def test_a_change_on_top_of_a_preset_keeps_the_presets_other_values():
    live = settings_from("live", {"steady": {"gate_px": 1.0}})
    assert live.steady.causal and live.steady.gate_px == 1.0


def test_settings_cannot_be_changed_after_they_are_made():
    with pytest.raises(ValueError, match="frozen"):
        Settings().steady.window = 4  # type: ignore[misc]


def test_settings_come_back_from_their_own_json():
    live = settings_from("live")
    assert Settings.model_validate_json(live.model_dump_json()) == live
