"""The solve of a shot with truth: from its true points, or from detections with known noise. Read by the benchmark.

What is smoothed is smoothed by the tracker's own code, led by the plate's own motion at the noisy places.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np

from benchmarks.truth.shot import TruthShot
from ff_vfx.track.first_pass import build_track, settings_key
from ff_vfx.track.follow import Followed
from ff_vfx.track.grain import measure_grain
from ff_vfx.track.look import bright_samples, exposure_for
from ff_vfx.track.motion import FlowCrop, displacement, flow_crop, flow_side
from ff_vfx.track.people import Person, Seen
from ff_vfx.track.pose import crop_from, fit_pose, placement
from ff_vfx.types.face import Face
from ff_vfx.types.settings import TrackSettings
from ff_vfx.types.solve import Solve

Smoother = Literal["true", "none", "zero_phase", "one_euro"]


@dataclass(frozen=True, slots=True)
class DetectionNoise:
    """Errors of a detector, sigma, new on every frame. shift_px: of the whole face. growth, turn: log, radians.

    point_px: of every landmark by itself. seed: added to the frame number. Lengths are plate px whatever the face.
    """

    shift_px: float = 1.0
    growth: float = 0.004
    turn: float = 0.004
    point_px: float = 0.3
    seed: int = 0


def solve_of(shot: TruthShot, smoother: Smoother = "true", detection: DetectionNoise | None = None) -> Solve:
    """A solve as `track_plate` would give it, had its detector this noise and no other.

    Args:
        smoother: 'true' has no noise at all; else as in TrackSettings. detection: None for the usual noise.

    Repeats: seeded by frame number; the same shot, the same solve.
    """
    settings = TrackSettings(smoother="none" if smoother == "true" else smoother)
    numbers = np.array(list(shot.plate.numbers), np.int64)
    cuts = [int(np.flatnonzero(numbers == cut)[0]) for cut in shot.cuts]
    followed = Followed(cuts=cuts, rate=Fraction(shot.plate.rate))
    noise = None if smoother == "true" else detection or DetectionNoise()
    track = build_track("face0", _seen(shot, noise, settings, followed), numbers, followed, settings)
    return Solve(
        plate_key=shot.plate.key,
        settings_key=settings_key(settings),
        size=shot.plate.size,
        colour_space=shot.plate.colour_space,
        tracks=(track,),
        cuts=shot.cuts,
        exposure_stops=exposure_for(followed.bright[:1] if settings.causal else followed.bright),
        grain=measure_grain(shot.plate, (track,), shot.cuts, first_only=settings.causal),
    )


def detected(points: np.ndarray, noise: DetectionNoise, number: int) -> np.ndarray:
    """(478, 3) true points with a detector's errors."""
    chance = np.random.default_rng((noise.seed, number))
    shift = chance.normal(0.0, noise.shift_px, 2)
    scale, angle = np.exp(chance.normal(0.0, noise.growth)), chance.normal(0.0, noise.turn)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * scale
    centre, made = points[:, :2].mean(0), points.copy()
    made[:, :2] = (points[:, :2] - centre) @ turn.T + centre + shift
    made[:, 2] *= scale
    return made + chance.normal(0.0, noise.point_px, points.shape)


def _seen(shot: TruthShot, noise: DetectionNoise | None, settings: TrackSettings, followed: Followed) -> Person:
    """Everything the follower would keep of the person; `followed` gets the bright samples."""
    person: Person | None = None
    before: tuple[FlowCrop, np.ndarray] | None = None
    led = noise is not None and settings.smoother == "zero_phase"
    for row, number in enumerate(shot.plate.numbers):
        points = shot.landmarks[number]
        face = _face(points if noise is None else detected(points, noise, number))
        person = person or Person("face0", np.zeros(1), flow_side(face))
        shift = trust = None
        frame = shot.plate.read(number)
        if led:
            crop = flow_crop(frame, face, person.side)
            if before is not None and number not in shot.cuts:
                shift, trust = displacement(before[0], crop, before[1])
            before = (crop, face.landmarks[:, :2])
        person.rows[row] = Seen(face, shift, trust)
        followed.bright.append(bright_samples(frame, face.crop_to_plate))
    assert person is not None
    return person


def _face(points: np.ndarray) -> Face:
    pose = fit_pose(points)
    return Face(points, 1.0, pose, crop_from(placement(pose)))
