"""Jitter leaves, motion stays: on made-up takes whose truth is known."""

from __future__ import annotations

import numpy as np

from ff_vfx.track.regions import firm_points, soft_groups
from ff_vfx.track.smooth import smooth_take
from ff_vfx.types.face_mesh import face_mesh
from ff_vfx.types.settings import TrackSettings

FRAMES = 40


def _take(noise: float = 1.0, flow_noise: float = 0.2) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """truth, raw, shift, trust of a head that sways fast."""
    rng = np.random.default_rng(7)
    t = np.arange(FRAMES)[:, None, None]
    sway = np.concatenate([20 * np.sin(t / 3.0), 8 * np.cos(t / 4.0), 0 * t], 2)
    truth = face_mesh().canonical[None] * 140.0 + 300.0 + sway
    raw = truth + rng.normal(0, noise, truth.shape)
    shift = np.full((FRAMES, 478, 2), np.nan)
    shift[1:] = np.diff(truth[..., :2], axis=0) + rng.normal(0, flow_noise, (FRAMES - 1, 478, 2))
    return truth, raw, shift, np.where(np.isnan(shift[..., 0]), 0.0, 0.9)


def _rms(difference: np.ndarray) -> float:
    return float(np.sqrt((difference[..., :2] ** 2).sum(-1).mean()))


def test_noise_shrinks_to_a_third_and_jitter_to_a_tenth():
    truth, raw, shift, trust = _take()
    smooth = smooth_take(raw, shift, trust, TrackSettings())
    firm = firm_points()
    before, after = (raw - truth)[:, firm], (smooth - truth)[:, firm]
    assert _rms(after) < 0.33 * _rms(before)
    assert _rms(np.diff(after, 2, axis=0)) < 0.1 * _rms(np.diff(before, 2, axis=0))


def test_outliers_do_not_pull():
    _, raw, shift, trust = _take()
    broken = raw.copy()
    broken[[9, 23], :, :2] += 12.0
    firm = firm_points()
    clean, pulled = (smooth_take(r, shift, trust, TrackSettings())[:, firm] for r in (raw, broken))
    assert _rms(pulled - clean) < 0.25
    assert np.abs((pulled - clean)[[9, 23]]).max() < 2.0


def test_three_wild_points_of_a_hundred_are_found_out_lids_and_lips_too():
    truth, raw, shift, trust = _take()
    rng = np.random.default_rng(3)
    wild = rng.random(raw.shape[:2]) < 0.03
    broken = raw.copy()
    broken[wild, :2] += rng.normal(0.0, 14.0, (int(wild.sum()), 2))
    clean, pulled = (smooth_take(r, shift, trust, TrackSettings()) for r in (raw, broken))
    assert _rms((broken - truth)[:, firm_points()]) > 3.0
    assert _rms((pulled - truth)[:, firm_points()]) < 0.7
    assert _rms((pulled - clean)[:, np.concatenate(soft_groups())]) < 1.2


def test_a_blink_closes_on_its_frame_and_opens_on_its_frame():
    truth, raw, shift, trust = _take(noise=0.15)
    upper = soft_groups()[0]
    closed = np.zeros(FRAMES)
    closed[18:22] = (6.0, 12.0, 12.0, 5.0)
    truth[:, upper, 1] += closed[:, None]
    raw[:, upper, 1] += closed[:, None]  # the flow does not see it: a lid appears, it does not move
    smooth = smooth_take(raw, shift, trust, TrackSettings())
    miss = np.abs((smooth - truth)[:, upper, 1].mean(1))
    assert miss.max() < 1.0, miss.round(2)


def test_without_any_flow_it_is_still_steadier_and_does_not_lag():
    truth, raw, shift, trust = _take()
    smooth = smooth_take(raw, np.full_like(shift, np.nan), np.zeros_like(trust), TrackSettings())
    assert _rms(smooth - truth) < 1.05 * _rms(raw - truth)


def test_missing_rows_are_filled_along_the_motion():
    truth, raw, shift, trust = _take(noise=0.1)
    raw[10:13], shift[10:14] = np.nan, np.nan
    smooth = smooth_take(raw, shift, trust, TrackSettings())
    assert np.isfinite(smooth).all()
    assert np.abs((smooth - truth)[10:13, :, :2]).max() < 9.0  # the sway turns inside the gap


def test_one_frame_and_two_frames_work():
    _, raw, shift, trust = _take()
    for n in (1, 2):
        assert np.isfinite(smooth_take(raw[:n], shift[:n], trust[:n], TrackSettings())).all()


def test_the_inputs_are_not_written_to_and_the_answer_repeats():
    _, raw, shift, trust = _take()
    copies = [a.copy() for a in (raw, shift, trust)]
    a, b = (smooth_take(raw, shift, trust, TrackSettings()) for _ in range(2))
    assert np.array_equal(a, b)
    for now, before in zip((raw, shift, trust), copies, strict=True):
        assert np.array_equal(now, before, equal_nan=True)


def test_soft_groups_are_apart_and_firm_points_are_the_rest():
    groups = [set(g.tolist()) for g in soft_groups()]
    assert sum(map(len, groups)) == len(set().union(*groups))
    assert not set().union(*groups) & set(firm_points().tolist())
    assert {159, 145}.isdisjoint(groups[0] & groups[1])
    assert 159 in groups[0] and 145 in groups[1] and 468 in groups[2]
