from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import torch

from benchmarks.truth.draw import Beat, Drawing, draw_shot
from benchmarks.truth.example_still import example_still, key_stops
from benchmarks.truth.grain_field import FLOOR, SLOPE
from benchmarks.truth.made_shots import NAMES, all_shots, gentle, made_shot, sweep
from benchmarks.truth.measures import warp_error
from benchmarks.truth.motion import Pose, backward, forward
from benchmarks.truth.real_shot import why_absent
from ff_vfx.image.sample import pixel_grid, sample
from ff_vfx.types.face_mesh import face_mesh

QUIET = Drawing("quiet", "no grain", grain=0.0)
POSES = [gentle(9.0), sweep(0.0, 24), Pose(x=26.0, y=-14.0, growth=-0.22, roll=-0.1, yaw=-0.18, pitch=0.1, smile=3.0)]


@cache
def short(name: str, frames: int = 4):
    return made_shot(name, frames)


@pytest.mark.parametrize("pose", POSES)
def test_the_map_has_an_inverse_everywhere(pose):
    relief = example_still().relief
    back = backward(pose, relief)
    assert float((forward(back, pose, relief) - pixel_grid(512, 512)).abs().max()) < 1e-3
    across, down = back.diff(dim=1)[:-1], back.diff(dim=0)[:, :-1]
    assert float((across[..., 0] * down[..., 1] - across[..., 1] * down[..., 0]).min()) > 0.2


@pytest.mark.parametrize(("path", "shrink"), [(gentle, 1), (lambda t: sweep(t + 10, 24), 1), (gentle, 4)])
def test_the_flow_carries_the_truth_onto_its_next_frame(path, shrink):
    drawing = Drawing("quiet", "", grain=0.0, shrink=shrink)
    shot = draw_shot(drawing, [example_still()], [Beat(path(t), 0) for t in range(2)])
    first, second = (shot.truth[n] for n in shot.plate.numbers)
    slack = 0.02 if shrink == 1 else 0.04  # a face of 68 px has detail that no interpolation carries
    assert warp_error([first, second], [shot.flow[1001]], [shot.face[1001]]) < slack


def test_the_landmarks_move_with_the_flow():
    shot = short("fast_turn")
    for number in shot.flow:
        points = torch.from_numpy(shot.landmarks[number][None, :, :2].astype(np.float32))
        flow = torch.from_numpy(shot.flow[number]).permute(2, 0, 1)
        moved = points + sample(flow, points, mode="bilinear").permute(1, 2, 0)
        assert np.abs(moved[0].numpy() - shot.landmarks[number + 1][:, :2]).max() < 0.05


def test_plate_and_truth_have_one_grain():
    beats = [Beat(gentle(0), 7)]
    loud, still = (draw_shot(Drawing("", "", grain=g), [example_still()], beats) for g in (1.0, 0.0))

    def field(noisy: torch.Tensor, clean: torch.Tensor) -> torch.Tensor:
        return (noisy.float() - clean.float()) / (SLOPE * clean.float() + FLOOR).sqrt()

    plate = field(loud.plate.read(1001).pixels, still.plate.read(1001).pixels)
    truth = field(loud.truth[1001], still.truth[1001])
    assert float((plate - truth).abs().mean()) < 0.02  # what rounding to half leaves
    assert abs(float(truth.std()) - 1.0) < 0.01


def test_every_frame_has_another_grain_but_a_repeated_one():
    shot = short("duplicated", 9)
    numbers = list(shot.plate.numbers)
    twice = [n for n in numbers[:-1] if torch.equal(shot.truth[n], shot.truth[n + 1])]
    assert len(twice) == 2
    assert all(torch.equal(shot.plate.read(n).pixels, shot.plate.read(n + 1).pixels) for n in twice)
    assert all(not shot.flow[n].any() for n in twice)


def test_a_dropped_frame_is_a_jump_and_not_a_hole():
    shot = short("dropped", 9)
    assert list(shot.plate.numbers) == list(range(1001, 1010))
    step = [np.abs(shot.flow[n]).max() for n in sorted(shot.flow)]
    assert sum(a > 1.4 * np.median(step) for a in step) == 2


def test_the_occluder_is_before_plate_and_truth_alike_and_is_not_judged():
    shot = draw_shot(QUIET, [example_still()], [Beat(gentle(0), 0, hand=0.5)])
    alpha = shot.occluder[1001]
    assert float(alpha.min()) >= 0.0 and float(alpha.max()) == 1.0
    assert 0.0 < float(((alpha > 0.0) & (alpha < 1.0)).float().mean()) < 0.02
    covered = (alpha == 1.0).expand(3, -1, -1)
    assert torch.allclose(shot.plate.read(1001).pixels.float()[covered], shot.truth[1001][covered], rtol=1e-3)
    assert float((shot.face[1001] * (alpha > 0.01)).max()) == 0.0
    assert float((shot.face[1001]).sum()) > 10_000


def test_no_flow_crosses_a_cut():
    shot = short("cut")
    assert shot.cuts == (1003,)
    assert sorted(shot.flow) == [1001, 1003]


def test_lids_close_and_open_and_only_then_is_there_an_event():
    shot = short("blink", 8)
    loops = face_mesh().loops
    opening = [np.ptp(shot.landmarks[n][loops["eye_l"], 1]) for n in shot.plate.numbers]
    assert sorted(shot.events) == list(range(1002, 1008))
    assert min(opening) < 0.7 * opening[0]
    assert opening[-1] == pytest.approx(opening[0], abs=1.0)
    for mask in shot.events.values():
        assert 500 < float(mask.sum()) < 12_000


def test_the_exposure_flickers_alike_in_plate_and_truth():
    shot, steady = short("exposure"), short("still")
    for n in shot.plate.numbers:
        plate = shot.plate.read(n).pixels.float().mean() / steady.plate.read(n).pixels.float().mean()
        truth = shot.truth[n].mean() / steady.truth[n].mean()
        assert float(plate) == pytest.approx(float(truth), rel=2e-3)
        assert abs(float(truth.log2())) < 0.16


def test_the_key_changes_the_face_by_about_a_stop():
    still = example_still()
    stops = key_stops(still.relief, 1.1)[still.face > 0]
    assert 0.6 < float(stops.max()) < 1.3
    assert -1.3 < float(stops.min()) < -0.6


def test_a_shot_is_the_same_each_time():
    again = made_shot("still", 2)
    assert torch.equal(again.truth[1002], short("still").truth[1002])
    assert torch.equal(again.plate.read(1002).pixels, short("still").plate.read(1002).pixels)


def test_all_shots_are_named_and_a_missing_one_says_why(tmp_path):
    assert [entry.name for entry in all_shots()] == ["s010", *NAMES]
    assert str(tmp_path) in why_absent(tmp_path)


@pytest.mark.shared
def test_the_rendered_shot_has_its_own_truth():
    if reason := why_absent():
        pytest.skip(reason)
    shot = all_shots(quick=True)[0]()
    numbers = list(shot.plate.numbers)
    assert numbers == sorted(shot.truth) == sorted(shot.face) == sorted(shot.landmarks) == list(range(1005, 1017))
    assert sorted(shot.flow) == numbers[:-1]
    assert sorted(shot.events) == list(range(1009, 1014))
    assert warp_error([shot.truth[1005], shot.truth[1006]], [shot.flow[1005]], [shot.face[1005]]) < 0.15
