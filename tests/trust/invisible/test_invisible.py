"""The invisible mark: what it survives, that it is told from nothing, and that it stays invisible."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from ff_vfx.plate import open_plate, read_still
from ff_vfx.trust.invisible import PUBLIC_KEY, STRENGTH_STOPS, display_of, pattern_of, payload_from, stops_of
from ff_vfx.trust.invisible.code import read, spell
from ff_vfx.types.window import Window
from tests.trust.invisible.made import PAYLOAD, SIZE, found_in, halved, laid, made_shot, shown, through

WHOLE = Window(0, 0, *SIZE)


@pytest.fixture(scope="module")
def shot() -> list[tuple[torch.Tensor, torch.Tensor]]:
    return made_shot()


@pytest.fixture(scope="module")
def marked(shot: list[tuple[torch.Tensor, torch.Tensor]]) -> list[torch.Tensor]:
    return laid(shot)


@pytest.mark.parametrize("payload", [0, 1, 0xFFFFFFFF, PAYLOAD, 0x80000001])
def test_a_payload_is_read_as_it_was_spelt_and_one_wrong_sign_is_seen(payload: int) -> None:
    symbols = spell(payload)
    assert read(symbols) == payload
    flipped = (type(symbols[0])(symbols[0].row, symbols[0].column, -symbols[0].sign), *symbols[1:])
    assert read(flipped) is None


@pytest.mark.parametrize(("codec", "crf"), [("prores", 0), ("h265-10", 0), ("h264", 0), ("x264", 18), ("x264", 20)])
def test_all_bits_survive_the_codecs(marked: list[torch.Tensor], tmp_path: Path, codec: str, crf: int) -> None:
    seen = through([shown(light) for light in marked], tmp_path / "a.mov", codec, crf)
    found = found_in(seen)
    assert found.payload == PAYLOAD and found.false_alarm < 1e-9 and found.sure > 0.99
    assert found.cut == (0, 0) and found.key == "public"


@pytest.mark.parametrize("stops", [-1.0, 1.0])
def test_all_bits_survive_a_stop_more_or_less(marked: list[torch.Tensor], tmp_path: Path, stops: float) -> None:
    seen = through([shown(light * 2.0**stops) for light in marked], tmp_path / "a.mov", "x264", 18)
    assert found_in(seen).payload == PAYLOAD


@pytest.mark.parametrize("codec", ["prores", "h265-10"])
def test_all_bits_survive_half_the_size(marked: list[torch.Tensor], tmp_path: Path, codec: str) -> None:
    seen = through(halved([shown(light) for light in marked]), tmp_path / "a.mov", codec)
    assert found_in(seen).payload == PAYLOAD


def test_one_frame_is_enough_where_little_was_lost(marked: list[torch.Tensor]) -> None:
    assert found_in([shown(marked[2])]).payload == PAYLOAD


def test_a_picture_that_was_cut_is_read_where_its_width_is_known_as_made(marked: list[torch.Tensor]) -> None:
    cut = [np.ascontiguousarray(shown(light)[31:333, 53:611]) for light in marked]
    found = found_in(cut, made_px=SIZE[0])
    assert found.payload == PAYLOAD and found.cut != (0, 0)


def test_without_its_key_a_mark_is_not_found_and_with_it_is(shot: list[tuple[torch.Tensor, torch.Tensor]]) -> None:
    pictures = [shown(light) for light in laid(shot, key=b"a studio's own secret")]
    assert not found_in(pictures).present
    found = found_in(pictures, {"public": PUBLIC_KEY, "studio": b"a studio's own secret"})
    assert (found.payload, found.key) == (PAYLOAD, "studio")


def test_no_mark_is_found_where_there_is_none(shot: list[tuple[torch.Tensor, torch.Tensor]]) -> None:
    found = found_in([shown(light) for light, _ in shot])
    assert found.payload is None and not found.present and found.bits == ()


def test_no_mark_is_found_in_a_plate_and_a_still(example_shot: Path) -> None:
    plate = open_plate(str(example_shot / "plate.####.exr"))
    frame = plate.read(plate.numbers[0])
    keys = {str(number): b"key %d" % number for number in range(3)}
    assert not found_in([shown(frame.pixels[:3].float())], keys).present
    still = read_still(str(next((example_shot / "performer").glob("*.*g"), None) or example_shot / "plate.1001.exr"))
    assert not found_in([shown(still.pixels[:3].float())], keys).present


@pytest.mark.parametrize("size", [(1, 1), (5, 400), (40, 30)])
def test_a_picture_too_small_to_say_anything_says_nothing(size: tuple[int, int]) -> None:
    assert not found_in([np.zeros((size[1], size[0], 3), np.uint16)]).present
    assert not found_in([np.full((size[1], size[0], 3), 40000, np.uint16)]).present


def test_it_lies_52_decibels_below_white_and_adds_no_flicker(
    shot: list[tuple[torch.Tensor, torch.Tensor]], marked: list[torch.Tensor]
) -> None:
    errors, before, after = [], [], []
    for (light, coverage), made in zip(shot, marked, strict=True):
        inside = (coverage > 0.0).expand_as(light)
        coded, plain = made.clamp(0, 1).pow(1 / 2.4), light.clamp(0, 1).pow(1 / 2.4)
        errors.append(float((coded - plain)[inside].square().mean()))
        before.append(plain)
        after.append(coded)
    assert -10.0 * np.log10(np.mean(errors)) >= 51.5

    def flicker(frames: list[torch.Tensor]) -> float:
        return float(np.mean([(b - a).square().mean() for a, b in pairwise(frames)]))

    assert flicker(after) <= 1.01 * flicker(before)


def test_outside_the_face_and_in_what_is_no_number_nothing_changes() -> None:
    light = torch.full((3, 8, 8), 0.5)
    light[:, 0, 0], light[:, 0, 1], light[:, 0, 2] = float("nan"), float("inf"), float("-inf")
    light[:, 0, 3], light[:, 0, 4], light[:, 0, 5] = 0.0, -0.25, 60000.0
    before, version = light.clone(), light._version
    noise = pattern_of(PAYLOAD, PUBLIC_KEY).over(Window(0, 0, 8, 8), WHOLE)
    stops = stops_of(light, noise)
    assert light._version == version and torch.isfinite(stops).all()
    made = light * torch.exp2(stops)
    assert torch.isnan(made[:, 0, 0]).all()
    assert torch.equal(made[:, 0, 1:3], before[:, 0, 1:3])
    assert (made[:, 0, 3] == 0.0).all() and (made[:, 0, 4] < 0.0).all()
    assert float(stops.abs().max()) < 10.0 * STRENGTH_STOPS


def test_the_pattern_of_a_window_is_that_of_the_whole_picture() -> None:
    pattern = pattern_of(PAYLOAD, PUBLIC_KEY)
    whole = pattern.over(WHOLE, WHOLE)
    window = Window(201, 33, 307, 290)
    assert torch.equal(pattern.over(window, WHOLE), whole[window.slices(WHOLE)])
    moved = Window(1000, -50, 1640, 310)
    assert torch.equal(pattern.over(moved, moved), whole)


def test_a_wide_pixel_has_a_tile_that_is_square_when_shown() -> None:
    noise = pattern_of(PAYLOAD, PUBLIC_KEY).over(Window(0, 0, 640, 720), Window(0, 0, 640, 720), 2.0)
    half = cv2.resize(noise.numpy(), (640, 360), interpolation=cv2.INTER_AREA)
    square = pattern_of(PAYLOAD, PUBLIC_KEY).over(WHOLE, WHOLE).numpy()
    assert np.corrcoef(half.ravel(), square.ravel())[0, 1] > 0.98


def test_a_stamp_stands_for_its_own_first_digits_and_a_name_for_its_hash() -> None:
    assert payload_from("DEADBEEF00112233-1001") == PAYLOAD
    assert payload_from("shot s010") == payload_from("shot s010") != payload_from("shot s020")


def test_light_and_code_are_heard_alike() -> None:
    light = torch.rand(3, 20, 30, generator=torch.Generator().manual_seed(1))
    light[:, 0, 0] = float("nan")
    heard = display_of(light, linear=True)
    assert heard.shape == (20, 30) and np.isfinite(heard).all()
    assert np.allclose(
        heard[1:], display_of(light[:, 1:].mean(0, keepdim=True).expand(3, -1, -1), linear=True), atol=0.3
    )
