"""The whole first pass: a plate in, a solve out. Read by shot and the door; the story of this package in one place."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from itertools import pairwise

import cv2
import numpy as np
import torch

import ff_vfx
from ff_vfx.track.follow import NOT_IN_TAKE, Followed, Follower, Progress
from ff_vfx.track.gaps import Run, find_runs, ramp_ahead, ramp_weights, steady
from ff_vfx.track.grain import measure_grain
from ff_vfx.track.keyframes import DIGITS, MATRIX_DIGITS, merge_keyframes
from ff_vfx.track.look import exposure_for
from ff_vfx.track.networks import Detectors
from ff_vfx.track.one_euro import follow_places, follow_take
from ff_vfx.track.people import Person
from ff_vfx.track.pose import crop_from, fit_pose, placement
from ff_vfx.track.smooth import smooth_take
from ff_vfx.types.face import LANDMARKS, FaceTrack
from ff_vfx.types.plate import Plate
from ff_vfx.types.settings import TrackSettings
from ff_vfx.types.solve import Keyframe, Solve, cut_between

_CROP_SIGMA = 2.0  # frames over which the crop is steadied beyond the points
_FEWEST = 3  # frames a person must be seen on in a longer plate; fewer are mistakes


def track_plate(
    plate: Plate,
    settings: TrackSettings,
    engines: Detectors,
    *,
    keyframes: Iterable[Keyframe] = (),
    progress: Progress | None = None,
) -> Solve:
    """Find and follow every face of a shot, once.

    Args:
        plate: read once, in order; a frame that cannot be read is missed, with its reason kept, and the pass goes on.
        keyframes: an artist's, of an earlier solve too: they are applied to the new one.
        progress: told (frames done, frames in all).

    Returns:
        A solve whose numbers are rounded as its file keeps them: from memory and from disk the same pixels.

    Repeats: fixed order, no chance; the same plate, the same solve on one machine.
    """
    followed = Follower(plate, settings, engines).run(progress)
    numbers = np.array(list(plate.numbers), np.int64)
    readable = len(numbers) - len(followed.faults)
    fewest = 1 if settings.causal else min(_FEWEST, readable)
    people = [p for p in followed.people if len(p.rows) >= fewest]
    tracks = tuple(build_track(f"face{k}", p, numbers, followed, settings) for k, p in enumerate(people))
    cuts = tuple(int(numbers[row]) for row in followed.cuts)
    solve = Solve(
        plate_key=plate.key,
        settings_key=settings_key(settings, engines.key),
        size=(int(plate.size[0]), int(plate.size[1])),
        colour_space=plate.colour_space,
        tracks=tracks,
        cuts=cuts,
        exposure_stops=round(exposure_for(followed.bright[:1] if settings.causal else followed.bright), DIGITS) + 0.0,
        grain=measure_grain(plate, tracks, cuts, first_only=settings.causal),
        made_with=made_with(engines),
    )
    return merge_keyframes(solve, keyframes)


def settings_key(settings: TrackSettings, models: str = "") -> str:
    """Tells whether a solve was made with these settings. models: the key of networks that are not embedded, or ''."""
    return hashlib.sha256((settings.model_dump_json() + models).encode()).hexdigest()[:16]


def made_with(engines: Detectors) -> tuple[tuple[str, str], ...]:
    """Names and versions of what a solve's numbers depend on."""
    models = ", ".join(e.spec.name for e in (engines.detector, engines.mesh, engines.iris))
    versions = {"ff_vfx": ff_vfx.__version__, "opencv": cv2.__version__, "numpy": np.__version__}
    return (*versions.items(), ("torch", str(torch.__version__)), ("models", models), *engines.made_with)


def build_track(
    name: str, person: Person, numbers: np.ndarray, followed: Followed, settings: TrackSettings
) -> FaceTrack:
    """One person's smoothed rows, holds, losses and reasons."""
    n = len(numbers)
    raw = np.full((n, LANDMARKS, 3), np.nan)
    confidence, weight = np.zeros(n), np.zeros(n)
    for row, seen in person.rows.items():
        raw[row] = seen.face.landmarks
        confidence[row] = seen.face.confidence
    points = np.full_like(raw, np.nan)
    crop, pose = np.full((n, 3, 3), np.nan), np.full((n, 3, 4), np.nan)
    status = ["lost"] * n
    reasons = [_reason(row, person, followed, settings) for row in range(n)]
    found = sorted(person.rows)
    times_s = (numbers - numbers[0]) / float(followed.rate)
    for run in find_runs(found, followed.cuts, n, settings.hold_frames, ahead=settings.causal):
        rows = slice(run.first, run.last + 1)
        if settings.causal:
            smoothed = follow_take(raw[rows], times_s[rows], followed.aspect, settings)
            weight[rows] = ramp_ahead(run, found, settings.hold_frames, settings.ramp_frames)
        else:
            smoothed = _smoothed(run, raw, person, settings)
            weight[rows] = ramp_weights(run, settings.ramp_frames)
        points[rows] = np.round(smoothed, DIGITS) + 0.0
        for row in range(run.first, run.last + 1):
            status[row] = "tracked" if row in person.rows else "held"
            reasons[row] = "" if row in person.rows else reasons[row]
        pose[rows] = [fit_pose(p, followed.aspect) for p in points[rows]]
        crop[rows] = _steady_crops(pose[rows], times_s[rows], followed.aspect, settings)
    return FaceTrack(
        name, numbers, tuple(status), tuple(reasons), np.round(confidence, DIGITS), np.round(weight, DIGITS),
        points, np.round(raw, DIGITS) + 0.0, np.round(pose, MATRIX_DIGITS) + 0.0, np.round(crop, MATRIX_DIGITS) + 0.0,
    )  # fmt: skip


def _smoothed(run: Run, raw: np.ndarray, person: Person, settings: TrackSettings) -> np.ndarray:
    rows = range(run.first, run.last + 1)
    shift = np.full((len(rows), LANDMARKS, 2), np.nan)
    trust = np.zeros((len(rows), LANDMARKS))
    for k, row in enumerate(rows):
        seen = person.rows.get(row)
        if seen is not None and seen.shift is not None and seen.trust is not None and k > 0:
            shift[k], trust[k] = seen.shift, seen.trust
    part = raw[run.first : run.last + 1]
    if settings.smoother != "none":
        return smooth_take(part, shift, trust, settings)
    filled = part.copy()
    there = np.flatnonzero(np.isfinite(part[:, 0, 0]))
    for before, after in pairwise(there):
        for row in range(before + 1, after):
            share = (row - before) / (after - before)
            filled[row] = (1.0 - share) * part[before] + share * part[after]
    return filled


def _steady_crops(poses: np.ndarray, times_s: np.ndarray, aspect: float, settings: TrackSettings) -> np.ndarray:
    places = np.array([placement(pose, aspect) for pose in poses])
    if settings.causal:
        return np.array([crop_from(place, aspect) for place in follow_places(places, times_s, settings)])
    places[:, 3] = np.unwrap(places[:, 3])
    return np.array([crop_from(place, aspect) for place in steady(places, _CROP_SIGMA)])


def _reason(row: int, person: Person, followed: Followed, settings: TrackSettings) -> str:
    if row in person.rows:
        return ""
    if row in followed.faults:
        return followed.faults[row]
    unseen = f"no face above confidence {settings.confidence:.2f}"
    said = person.reasons.get(row, unseen)
    before = max((r for r in person.rows if r < row), default=-1)
    if said == NOT_IN_TAKE and not cut_between(followed.cuts, before, row):
        return unseen  # a flash looked like a take of its own
    return said
