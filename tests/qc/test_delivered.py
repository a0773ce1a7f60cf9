"""What is measured in one delivered frame: known numbers, and each value counted against one fact only."""

from __future__ import annotations

import numpy as np

from ff_vfx.qc.delivered import Planes, measure
from ff_vfx.types.delivery import PixelFacts
from ff_vfx.types.window import Window

HEIGHT, WIDTH = 12, 16
WINDOW = Window(-2, 3, WIDTH - 2, HEIGHT + 3)


def planes(**changes: np.ndarray) -> Planes:
    """A picture of 0.5 with a face of 1 in the middle, and its mattes."""
    matte = np.zeros((HEIGHT, WIDTH), np.float16)
    matte[4:8, 5:11] = 1.0
    channels = {name: np.where(matte > 0, 1.0, 0.5).astype(np.float16) for name in "RGB"}
    channels |= {"A": np.ones_like(matte), "ffFace.A": matte, "ffMatte.red": matte.copy(), "depth.Z": _depth()}
    return Planes({**channels, **changes}, WINDOW, ("R", "G", "B", "A"))


def plate(**changes: np.ndarray) -> Planes:
    channels = {name: np.full((HEIGHT, WIDTH), 0.5, np.float16) for name in "RGB"} | {"depth.Z": _depth()}
    return Planes({**channels, **changes}, WINDOW, ("R", "G", "B"))


def facts(made: Planes, under: Planes | None = None) -> PixelFacts:
    return measure(made, under or plate(), face_only=False)


def test_a_sound_frame_has_nothing_to_tell():
    found = facts(planes())
    assert (found.not_finite, found.changed, found.at_edge) == ({}, {}, {})
    assert (found.matte_low, found.matte_high, found.covered) == (0.0, 1.0, 24) and found.compared and found.generated


def test_one_bit_outside_the_matte_is_found_and_where_it_is():
    made = planes()
    made.channels["G"].view(np.uint16)[2, 3] ^= 1
    found = facts(made)
    assert found.changed == {"G": 1} and found.changed_at == (3 - 2, 2 + 3)


def test_minus_zero_is_another_bit_than_zero():
    under, made = plate(R=np.zeros((HEIGHT, WIDTH), np.float16)), planes()
    made.channels["R"][:] = np.where(made.channels["ffFace.A"] > 0, 1.0, 0.0)
    made.channels["R"][0, 0] = -0.0
    assert facts(made, under).changed == {"R": 1}


def test_other_channels_of_the_plate_are_held_even_where_the_face_is():
    made = planes()
    made.channels["depth.Z"][5, 6] += 1
    assert facts(made).changed == {"depth.Z": 1}


def test_a_nan_is_a_nan_and_no_changed_pixel_besides():
    made = planes()
    made.channels["R"][0, 0] = np.nan
    found = facts(made)
    assert found.not_finite == {"R": 1} and found.changed == {}


def test_the_plates_own_nans_are_its_own():
    under, made = plate(), planes()
    for one in (under, made):
        one.channels["R"][0, 0] = np.inf
    assert facts(made, under).not_finite == {} and facts(made, under).changed == {}
    made.channels["R"][5, 6] = np.nan
    assert facts(made, under).not_finite == {"R": 1}


def test_a_nan_in_a_matte_is_neither_a_range_nor_a_hole():
    made = planes()
    made.channels["ffMatte.red"][5, 6] = np.nan
    found = facts(made)
    assert found.not_finite == {"ffMatte.red": 1} and (found.matte_low, found.matte_high) == (0.0, 1.0)


def test_the_matte_that_is_farthest_out_is_named():
    made = planes()
    made.channels["ffMatte.red"][5, 6] = 1.5
    made.channels["ffFace.A"][5, 6] = -0.25
    found = facts(made)
    assert (found.matte_low, found.matte_high, found.matte_worst) == (-0.25, 1.5, "ffMatte.red")


def test_coverage_against_each_side_is_told_by_its_highest_value():
    made = planes()
    made.channels["ffFace.A"][0, 3], made.channels["ffMatte.red"][5, -1] = 0.25, 0.75
    assert facts(made).at_edge == {"top": 0.25, "right": 0.75}


def test_without_a_plate_or_with_another_window_nothing_is_compared():
    assert not measure(planes(), None, face_only=False).compared
    other = Planes(plate().channels, Window(0, 0, WIDTH, HEIGHT), ("R", "G", "B"))
    assert not facts(planes(), other).compared


def test_a_frame_without_our_layers_must_be_the_plate_everywhere():
    made = Planes({name: plate().channels[name].copy() for name in "RGB"}, WINDOW, ("R", "G", "B"))
    assert facts(made).changed == {} and not facts(made).generated
    made.channels["B"][6, 6] = 0.75
    assert facts(made).changed == {"B": 1}


def test_a_face_alone_is_black_where_it_is_not():
    made = planes()
    alone = {name: made.channels[name] * (made.channels["ffFace.A"] > 0) for name in "RGB"}
    alone |= {"A": made.channels["ffFace.A"], "ffMatte.red": made.channels["ffMatte.red"]}
    face = Planes(alone, WINDOW, ("R", "G", "B", "A"))
    assert measure(face, None, face_only=True).changed == {}
    alone["R"][0, 0] = 0.1
    assert measure(face, None, face_only=True).changed == {"R": 1}


def test_nothing_that_is_measured_is_written_to():
    made, under = planes(), plate()
    before = {name: plane.tobytes() for name, plane in {**made.channels, **under.channels}.items()}
    facts(made, under)
    assert before == {name: plane.tobytes() for name, plane in {**made.channels, **under.channels}.items()}


def _depth() -> np.ndarray:
    return np.arange(HEIGHT * WIDTH, dtype=np.float32).reshape(HEIGHT, WIDTH)
