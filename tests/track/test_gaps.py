"""Runs, ramps and the steady path."""

from __future__ import annotations

import numpy as np

from ff_vfx.track.gaps import Run, find_runs, ramp_weights, steady


def test_a_short_gap_is_bridged_and_a_long_one_is_not():
    assert find_runs([0, 1, 4, 5], [], 6, 2) == [Run(0, 5, False, False)]
    assert find_runs([0, 1, 5], [], 6, 2) == [Run(0, 1, False, True), Run(5, 5, True, False)]


def test_a_cut_ends_a_run_and_nothing_fades_there():
    assert find_runs([0, 1, 2, 3], [2], 4, 6) == [Run(0, 1, False, False), Run(2, 3, False, False)]


def test_nobody_has_no_runs():
    assert find_runs([], [], 10, 6) == []


def test_weights_fade_only_beside_a_long_gap():
    assert np.allclose(ramp_weights(Run(2, 8, True, False), 3), [0.25, 0.5, 0.75, 1, 1, 1, 1])
    assert np.allclose(ramp_weights(Run(2, 8, False, True), 3), [1, 1, 1, 1, 0.75, 0.5, 0.25])
    assert np.allclose(ramp_weights(Run(0, 3, False, False), 3), 1)
    assert np.allclose(ramp_weights(Run(0, 3, True, True), 0), 1)


def test_a_straight_path_is_not_changed_not_even_at_its_ends():
    line = np.stack([np.arange(9) * 3.0 + 1.0, np.arange(9) * -1.0], 1)
    assert np.allclose(steady(line, 2.0), line)


def test_jitter_of_a_path_shrinks():
    noise = np.random.default_rng(0).normal(size=(60, 1))
    assert np.diff(steady(noise, 2.0), 2, axis=0).std() < 0.1 * np.diff(noise, 2, axis=0).std()
