"""The visible label: large enough, legible on anything, off the face, and nothing else touched."""

from __future__ import annotations

import numpy as np
import pytest

from ff_vfx.errors import BadInput
from ff_vfx.image.label import AI_GENERATED, LEGAL_PART, make_label
from ff_vfx.image.lettering import text_line
from ff_vfx.types.window import Window


@pytest.mark.parametrize("size", [(64, 36), (512, 512), (1920, 1080), (1080, 1920), (4096, 1716)])
def test_letters_are_a_twentieth_of_the_shorter_side_at_least(size: tuple[int, int]) -> None:
    label = make_label(AI_GENERATED, size)
    rows = np.flatnonzero(label.ink.any(1))
    assert rows[-1] - rows[0] + 1 >= min(LEGAL_PART * min(size), size[1]) - 1
    assert Window(0, 0, *size).intersect(label.window) == label.window


@pytest.mark.parametrize("behind", [0, 90, 180, 255])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_letters_stand_out_on_anything(behind: int, kind: type) -> None:
    full = np.iinfo(kind).max
    picture = np.full((540, 960, 3), behind / 255 * full, kind)
    label = make_label(AI_GENERATED, (960, 540))
    shown = label.on(picture)[label.window.slices(Window(0, 0, 960, 540))].astype(float) / full
    light, dark = shown[label.ink > 0.99].mean(), shown[label.ink == 0.0].mean()

    def luminance(value: float) -> float:
        return value**2.2 + 0.05

    assert luminance(light) / luminance(dark) >= 4.5  # WCAG 2.2, 1.4.3


def test_nothing_else_of_the_picture_changes_and_the_argument_never() -> None:
    picture = np.random.default_rng(5).integers(0, 256, (240, 320, 3)).astype(np.uint8)
    before = picture.copy()
    label = make_label(AI_GENERATED, (320, 240))
    shown = label.on(picture)
    assert np.array_equal(picture, before)
    shown[label.window.slices(Window(0, 0, 320, 240))] = before[label.window.slices(Window(0, 0, 320, 240))]
    assert np.array_equal(shown, before)


def test_it_goes_to_the_corner_where_no_face_is() -> None:
    size = (640, 360)
    low = Window(0, 250, 640, 360)
    first = make_label(AI_GENERATED, size).window
    assert first.x0 < 40 and first.y1 > 320
    away = make_label(AI_GENERATED, size, keep_off=[low, Window(0, 0, 200, 90)]).window
    assert away.intersect(low).empty and away.x0 > 320


def test_where_faces_are_everywhere_it_hides_the_least() -> None:
    faces = [Window(0, 0, 400, 360), Window(400, 0, 640, 340)]
    assert make_label("AI", (640, 360), keep_off=faces).window.x0 > 400


def test_a_long_text_is_broken_into_lines_and_stays_inside() -> None:
    text = "This picture was made with artificial intelligence and shows nobody who was there"
    label = make_label(text, (400, 300))
    letters = -int(-300 * LEGAL_PART // 1)
    assert label.ink.shape[0] > 3 * letters
    assert label.window.x1 <= 400 and label.window.y1 <= 300


def test_a_word_wider_than_the_picture_is_made_smaller_and_whole() -> None:
    word = "W" * 60
    label = make_label(word, (300, 300))
    assert label.window.width <= 300
    share = text_line(word, 20).mean()
    rows = np.flatnonzero(label.ink.any(1))
    assert label.ink[rows[0] : rows[-1] + 1].mean() > 0.6 * float(share)


@pytest.mark.parametrize("size", [(1, 1), (3, 500), (20, 10)])
def test_the_smallest_pictures_are_labelled_as_far_as_they_can_be(size: tuple[int, int]) -> None:
    label = make_label(AI_GENERATED, size)
    shown = label.on(np.zeros((size[1], size[0], 3), np.uint8))
    assert shown.shape == (size[1], size[0], 3)


def test_a_text_without_letters_is_refused() -> None:
    with pytest.raises(BadInput, match="letters"):
        make_label(" ", (640, 360))
