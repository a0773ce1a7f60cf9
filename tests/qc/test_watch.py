"""Tests of the watch: planted faults are found on their frames and on no other, from made pictures."""

from dataclasses import replace

import pytest
import torch

from ff_vfx.image.blur import gaussian
from ff_vfx.qc.limits import Limits
from ff_vfx.qc.watch import Watch
from tests.qc.made import FRAMES, brighter, curves, look_at, true_flows, watched

LIMITS = Limits()


def out(row, least=None, most=None):
    return [n for n, v in row.items() if (most is not None and v > most) or (least is not None and v < least)]


def faults(measured):
    """Check -> frames outside the default limits."""
    found, tone, patch = curves(measured), LIMITS.tone_stops, LIMITS.patch_stops
    return {
        "flicker": out(found["flicker-tone"], most=tone) + out(found["flicker-patch"], most=patch),
        "pop": out(found["pop-tone"], most=tone) + out(found["pop-patch"], most=patch),
        "jump": out(found["jump"], most=LIMITS.jump_stops),
        "smear": out(measured.values["softest"], least=LIMITS.softest_least),
        "slip": out(measured.values["slip"], most=LIMITS.slip_px),
    }


@pytest.fixture(scope="module")
def clean():
    return watched()


def test_a_clean_shot_is_accused_of_nothing(clean):
    assert not any(faults(clean).values())


def test_light_that_flickers_in_the_plate_itself_is_not_the_faces_fault():
    assert not any(faults(watched(light=lambda n: 0.3 * (n % 2))).values())


def test_planted_flicker_is_found_on_its_frames_alone():
    planted = {n: 0.03 * (-1) ** n for n in range(1004, 1009)}
    assert {k: v for k, v in faults(watched(brighter(planted))).items() if v} == {"flicker": [*planted]}


def test_a_planted_pop_is_found_on_its_frame_alone():
    assert {k: v for k, v in faults(watched(brighter({1006: 0.05}))).items() if v} == {"pop": [1006]}


def test_a_planted_jump_of_one_channel_is_found_on_its_frame_alone():
    planted = brighter({n: 0.06 for n in FRAMES if n >= 1007}, (1.0, 0.0, 0.0))
    assert {k: v for k, v in faults(watched(planted)).items() if v} == {"jump": [1007]}


def test_a_smeared_window_is_found_on_its_frames_alone():
    def smeared(number, new):
        soft = new.clone()
        soft[:, 60:90, 60:90] = gaussian(new, 1.2)[:, 60:90, 60:90]
        return soft if number in (1005, 1006) else new

    assert {k: v for k, v in faults(watched(smeared)).items() if v} == {"smear": [1005, 1006]}


def test_a_hole_ends_the_row_and_nothing_is_compared_over_it():
    numbers = [n for n in FRAMES if n not in (1005, 1006)]
    found = watched(brighter({n: 0.5 for n in FRAMES if n > 1006}), numbers)
    assert 1007 not in found.tones and 1008 in found.tones
    assert not any(faults(found).values())


def test_a_cut_that_the_solve_knows_ends_the_row():
    watch = Watch(true_flows, cuts=(1004,))
    for number in range(1001, 1008):
        watch.add(look_at(number, brighter(dict.fromkeys(range(1004, 1008), 0.5))))
    assert 1004 not in watch.measured.tones
    assert set(watch.measured.tones) == {1002, 1003, 1005, 1006, 1007}


def test_a_face_that_fades_beside_a_gap_is_not_compared_while_it_fades():
    watch, weights = Watch(true_flows), {1004: 0.75, 1005: 0.5, 1006: 0.25}
    for number in range(1001, 1007):
        look = look_at(number)
        fading = weights.get(number, 1.0)
        made = look.plate + (look.made - look.plate) * fading
        watch.add(replace(look, made=made, weight=fading))
    assert set(watch.measured.tones) == {1002, 1003}


def test_a_face_that_grows_is_judged_in_one_size():
    watch = Watch(true_flows)
    for number in range(1001, 1006):
        look = look_at(number)
        if number >= 1004:
            look = type(look)(number, look.window, look.made, look.plate, torch.ones_like(look.face))
        watch.add(look)
    assert set(watch.measured.values["warp"]) == {1002, 1003, 1004, 1005}


def test_three_frames_are_held_however_long_the_shot():
    watch = Watch(true_flows)
    for number in range(1001, 1013):
        watch.add(look_at(number))
        assert len(watch._row) <= 3 and len(watch._views) <= 3 and len(watch._between) <= 2
