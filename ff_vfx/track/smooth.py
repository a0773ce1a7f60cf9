"""Take the detector's jitter out of a whole take without lag, led by how the plate itself moved. Read by `track_plate`.

A zero-phase (forward, then backward) Kalman smoother for each point and coordinate. The plate's motion is its control
input, so what is smoothed is only the slow disagreement of detector and motion: a fast head is not held back.
Where the motion cannot be trusted (lids and lips that open and close) the detector wins at once.
"""

from __future__ import annotations

import numpy as np

from ff_vfx.track.control import control_of
from ff_vfx.track.regions import LIDS, firm_points, soft_groups
from ff_vfx.types.settings import TrackSettings

_DRIFT = 0.05  # change of the motion's bias a frame, in flow_sigma_px: skin slides under standing light
_FIRST_BIAS = 1.0  # spread of that bias before anything was seen, in flow_sigma_px
_LID_NOISE = 0.5  # detection noise of lids and irises, in landmark_sigma_px
_GATE = 3.0  # robust deviations beyond which a detection counts less. Source: Huber 1964
_GATE_ROUNDS = 3
_AT_ONCE = 80  # points
_GATE_FLOOR = 0.0025  # of the outer-eye distance; ordinary noise is never gated
_DEPTH_SIGMA = 0.3  # depth's motion a frame in landmark_sigma_px: no flow leads it


def smooth_take(raw: np.ndarray, shift: np.ndarray, trust: np.ndarray, settings: TrackSettings) -> np.ndarray:
    """One person through one take.

    Args:
        raw: (n, 478, 3) detections, nan where missing; the first and last row are there.
        shift: (n, 478, 2) the plate's motion from the row before, nan where unknown. trust: (n, 478) in [0, 1].

    Returns:
        (n, 478, 3), every row filled.

    Repeats: closed form, float64; the same take, the same points.
    """
    there = np.isfinite(raw[:, 0, 0])
    if there.sum() < 2:
        return np.broadcast_to(raw[there], raw.shape).copy()
    control, spread = control_of(raw, shift, trust, settings.flow_sigma_px, settings.landmark_sigma_px)
    noise = np.full(raw.shape[:2], settings.landmark_sigma_px)
    for k in LIDS:
        noise[:, soft_groups()[k]] *= _LID_NOISE
    travelled = np.cumsum(control, 0)
    rest = raw - travelled
    depth = np.full_like(spread, _DEPTH_SIGMA * settings.landmark_sigma_px)
    floor = _GATE_FLOOR * float(np.median(np.linalg.norm(raw[there, 33, :2] - raw[there, 263, :2], axis=1)))
    smooth, weight = np.empty_like(raw), np.ones(raw.shape[:2])
    for _ in range(_GATE_ROUNDS):
        smooth[..., :2] = _smoother(rest[..., :2], spread, noise / np.sqrt(weight), settings.flow_sigma_px)
        smooth[..., 2:] = _smoother(rest[..., 2:], depth, noise / np.sqrt(weight), settings.flow_sigma_px)
        weight = _gate(rest[..., :2] - smooth[..., :2], there, floor)
    return smooth + travelled


def _gate(miss: np.ndarray, there: np.ndarray, floor: float) -> np.ndarray:
    """(n, 478) weights in (0, 1]: a frame whose firm points are all off counts less; so does a single firm point.

    Lids and lips are never gated alone: what looks like an outlier there is a blink.
    """
    firm = firm_points()
    length = np.linalg.norm(miss, axis=2)
    length[~there] = 0.0
    typical = 1.4826 * np.median(length[there][:, firm]) + floor
    frame = np.median(length[:, firm], 1)
    weight = np.repeat(_huber(frame / typical)[:, None], miss.shape[1], 1)
    weight[:, firm] = np.minimum(weight[:, firm], _huber(length[:, firm] / (2.0 * typical)))
    return weight


def _huber(off: np.ndarray) -> np.ndarray:
    return np.minimum(1.0, (_GATE / np.maximum(off, 1e-9)) ** 2)


def _smoother(rest: np.ndarray, spread: np.ndarray, noise: np.ndarray, flow_sigma: float) -> np.ndarray:
    """`_smoothed_points`, some points at a time: the filter keeps ten times what it is given."""
    groups = [slice(k, k + _AT_ONCE) for k in range(0, rest.shape[1], _AT_ONCE)]
    return np.concatenate([_smoothed_points(rest[:, g], spread[:, g], noise[:, g], flow_sigma) for g in groups], 1)


def _smoothed_points(rest: np.ndarray, spread: np.ndarray, noise: np.ndarray, flow_sigma: float) -> np.ndarray:
    """Forward filter and backward pass of (position, bias) for each point.

    Args:
        rest: (n, p, c) detection minus travelled control, nan where missing. spread, noise: (n, p) px.

    Source: Rauch, Tung, Striebel 1965.
    """
    n, p, c = rest.shape
    state = np.zeros((n, p, c, 2))
    kept = np.zeros((n, p, 2, 2))
    ahead_state, ahead_kept = np.zeros_like(state), np.zeros_like(kept)
    step = np.array([[1.0, 1.0], [0.0, 1.0]])
    state[0, :, :, 0] = rest[0]
    kept[0, :, 0, 0] = noise[0] ** 2
    kept[0, :, 1, 1] = (_FIRST_BIAS * flow_sigma) ** 2
    for t in range(1, n):
        ahead_state[t] = state[t - 1] @ step.T
        ahead_kept[t] = step @ kept[t - 1] @ step.T
        ahead_kept[t, :, 0, 0] += spread[t] ** 2
        ahead_kept[t, :, 1, 1] += (_DRIFT * flow_sigma) ** 2
        state[t], kept[t] = ahead_state[t], ahead_kept[t]
        if np.isfinite(rest[t, 0, 0]):
            gain = ahead_kept[t, :, :, 0] / (ahead_kept[t, :, 0, 0] + noise[t] ** 2)[:, None]
            state[t] = ahead_state[t] + gain[:, None] * (rest[t] - ahead_state[t, :, :, 0])[..., None]
            kept[t] = ahead_kept[t] - gain[:, :, None] * ahead_kept[t, :, None, 0]
    for t in range(n - 2, -1, -1):
        back = kept[t] @ step.T @ np.linalg.inv(ahead_kept[t + 1])
        state[t] += np.einsum("pij,pcj->pci", back, state[t + 1] - ahead_state[t + 1])
    return state[..., 0].copy()
