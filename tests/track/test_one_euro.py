"""Live: nothing looks ahead, whatever happens later."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from ff_vfx.errors import FrameBroken
from ff_vfx.track import track_plate
from ff_vfx.track.gaps import Run, find_runs, ramp_ahead
from ff_vfx.track.one_euro import one_euro
from ff_vfx.types.settings import TrackSettings, settings_from
from tests.track.shots import MemoryPlate, grey, picture_of

LIVE = settings_from("live").track.model_copy(update={"hold_frames": 2, "ramp_frames": 1})
KEPT = ("landmarks", "raw", "pose", "crop_to_plate", "weight", "confidence")
Frames = dict[int, Callable[[], np.ndarray] | Exception]


def _frames() -> Frames:
    """A shot with a broken frame, three frames without a face, and a cut."""
    made: Frames = {n: (lambda n=n: picture_of("s010", n)) for n in range(1001, 1009)}  # type: ignore[misc]
    made |= {n: (lambda n=n: picture_of("s020", n)) for n in range(1009, 1013)}  # type: ignore[misc]
    made[1003] = FrameBroken("frame 1003: truncated")
    for n in (1005, 1006, 1007):
        made[n] = lambda: grey(512, 512)
    return made


def test_a_plate_cut_off_anywhere_gives_the_same_rows(engines, shots):
    frames = _frames()
    whole = track_plate(MemoryPlate(frames, (512, 512)), LIVE, engines)
    for length in (2, 3, 6, 8, 10):
        part = track_plate(MemoryPlate({n: frames[n] for n in sorted(frames)[:length]}, (512, 512)), LIVE, engines)
        assert part.exposure_stops == whole.exposure_stops
        assert part.cuts == tuple(c for c in whole.cuts if c < 1001 + length)
        for track in part.tracks:
            other = next(t for t in whole.tracks if t.name == track.name)
            assert track.status == other.status[:length] and track.reasons == other.reasons[:length]
            for name in KEPT:
                same = np.array_equal(getattr(track, name), getattr(other, name)[:length], equal_nan=True)
                assert same, (length, track.name, name)


def test_who_goes_missing_is_held_as_he_was_and_fades(engines, shots):
    track = track_plate(MemoryPlate(_frames(), (512, 512)), LIVE, engines).tracks[0]
    assert track.status[:3] == ("tracked", "tracked", "held") and "truncated" in track.reasons[2]
    assert np.array_equal(track.landmarks[2], track.landmarks[1])


def test_holding_ends_at_a_cut_and_at_the_plates_end():
    assert find_runs([0, 1], [], 9, 3, ahead=True) == [Run(0, 4, False, True)]
    assert find_runs([0, 1], [3], 9, 3, ahead=True) == [Run(0, 2, False, False)]
    assert find_runs([7], [], 9, 3, ahead=True) == [Run(7, 8, True, False)]


def test_weight_falls_while_held_and_rises_when_seen_again():
    run = Run(2, 9, True, True)
    assert np.allclose(ramp_ahead(run, [2, 3, 6, 7], 2, 1), [0.5, 1.0, 1.0, 0.5, 1.0, 1.0, 1.0, 0.5])


def test_at_rest_it_is_firm_and_in_motion_it_follows():
    rng = np.random.default_rng(1)
    times_s = np.arange(80) / 24.0
    still = rng.normal(0.0, 0.002, (80, 50, 2))
    fast = still + np.stack([np.minimum(times_s * 3.0, 6.0), 0.0 * times_s], -1)[:, None]
    held, led = (one_euro(v, times_s, 2.0, 10.0) for v in (still, fast))
    assert np.diff(held[20:], 2, axis=0).std() < 0.4 * np.diff(still[20:], 2, axis=0).std()
    assert np.abs(led - fast)[40:].max() < 0.1


@pytest.mark.parametrize("rate", [Fraction(24), Fraction(60000, 1001)])
def test_time_and_not_frames_is_what_counts(rate):
    """The same motion in time lags the same in time, whatever the plate's rate; a missing row repeats."""
    times_s = np.arange(int(2 * rate)) / float(rate)
    values = (times_s * 0.5)[:, None, None] * np.ones((1, 3, 2))
    lag = (values - one_euro(values, times_s, 2.0, 0.0))[-1, 0, 0] / 0.5
    assert lag == pytest.approx(1.0 / (2.0 * np.pi * 2.0), rel=0.02)
    values[5] = np.nan
    made = one_euro(values, times_s, 2.0, 0.0)
    assert np.array_equal(made[5], made[4]) and np.isfinite(made).all()


def test_live_is_one_euro_and_post_is_not():
    assert LIVE.causal and not TrackSettings().causal
