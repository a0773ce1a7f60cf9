"""Contact sheets for people."""

import numpy as np
import pytest

from ff_vfx.errors import BadInput
from ff_vfx.image.sheet import captioned, contact_sheet, fit_inside


def picture(height: int, width: int, value: int = 200) -> np.ndarray:
    return np.full((height, width, 3), value, np.uint8)


def test_a_wide_picture_is_fitted_and_centred_in_a_square_cell():
    cell = fit_inside(picture(50, 100), 80, 80)
    assert cell.shape == (80, 80, 3)
    assert (cell[20:60] == 200).all() and (cell[:20] != 200).all() and (cell[60:] != 200).all()


def test_a_picture_of_one_pixel_fills_its_cell():
    assert (fit_inside(picture(1, 1), 8, 8) == 200).all()


def test_a_very_long_picture_keeps_at_least_a_pixel():
    assert fit_inside(picture(1, 4000), 40, 40).shape == (40, 40, 3)


def test_a_caption_adds_a_strip_and_leaves_the_picture_alone():
    given = picture(40, 60)
    with_caption = captioned(given, "frame 1001, \u00e9")
    assert with_caption.shape[0] > 40 and (with_caption[:40] == given).all()
    assert with_caption[40:].max() > 100  # something is written


def test_a_sheet_places_its_pictures_row_by_row():
    sheet = contact_sheet([picture(10, 10, v) for v in (60, 120, 180, 240)], list("abcd"), columns=2, cell=(32, 32))
    assert (sheet[10:30, 10:30] == 60).all() and (sheet[10:30, 50:65] == 120).all()
    assert (sheet[75:90, 10:30] == 180).all() and (sheet[75:90, 50:65] == 240).all()


def test_the_pictures_given_are_not_written_into():
    given = picture(10, 10)
    contact_sheet([given], ["a"])
    assert (given == 200).all()


def test_a_sheet_of_nothing_is_refused_in_words():
    with pytest.raises(BadInput, match="0 pictures and 0 captions"):
        contact_sheet([], [])


def test_a_float_picture_is_refused_in_words():
    with pytest.raises(BadInput, match="uint8 is needed"):
        fit_inside(np.zeros((4, 4, 3)), 8, 8)
