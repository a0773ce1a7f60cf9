"""Take the detector's jitter out of a whole take without lag, led by how the plate itself moved. Read by `track_plate`.

A zero-phase (forward, then backward) Kalman smoother for each point and coordinate. The plate's motion is its control
input, so what is smoothed is only the slow disagreement of detector and motion: a head that turns fast is not held back.
Where the motion cannot be trusted (lids and lips that open and close) the detector wins at once.
"""

from __future__ import annotations

import numpy as np

from ff_vfx.track.regions import firm_points, soft_groups
from ff_vfx.types.settings import TrackSettings

_DRIFT = 0.05  # change of the motion's bias a frame, in flow_sigma_px: skin slides under standing light
_FIRST_BIAS = 1.0  # spread of that bias before anything was seen, in flow_sigma_px
_SOFT_NOISE = 0.5  # detection noise of lids, lips and brows, in landmark_sigma_px
_LEAST_TRUST = 0.02
_GATE = 3.0  # robust deviations beyond which a detection counts less. Source: Huber 1964
_GATE_ROUNDS = 3
_GATE_FLOOR = 0.35  # px; ordinary noise is never gated
_EVENT = 0.25  # part of the disagreement of detector and motion in a soft group that is let through as spread
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
    control, spread = _control(raw, shift, trust, settings)
    noise = np.full(raw.shape[:2], settings.landmark_sigma_px)
    for group in soft_groups():
        noise[:, group] *= _SOFT_NOISE
    travelled = np.cumsum(control, 0)
    rest = raw - travelled
    weight = np.ones(raw.shape[:2])
    for _ in range(_GATE_ROUNDS):
        smooth = np.empty_like(raw)
        smooth[..., :2] = _smoother(rest[..., :2], spread, noise / np.sqrt(weight), settings.flow_sigma_px)
        depth = np.full_like(spread, _DEPTH_SIGMA * settings.landmark_sigma_px)
        smooth[..., 2:] = _smoother(rest[..., 2:], depth, noise / np.sqrt(weight), settings.flow_sigma_px)
        weight = _gate(rest[..., :2] - smooth[..., :2], there)
    return smooth + travelled


def _control(
    raw: np.ndarray, shift: np.ndarray, trust: np.ndarray, settings: TrackSettings
) -> tuple[np.ndarray, np.ndarray]:
    """(n, 478, 3) motion from the row before, and (n, 478) how far it may be off, px; row 0 is 0."""
    n = len(raw)
    control, spread = np.zeros_like(raw), np.full(raw.shape[:2], settings.flow_sigma_px)
    there = np.flatnonzero(np.isfinite(raw[:, 0, 0]))
    for before, after in zip(there, there[1:]):
        step = (raw[after] - raw[before]) / (after - before)
        for row in range(before + 1, after + 1):
            known = after - before == 1 and np.isfinite(shift[row, 0, 0])
            if known:
                moved, sure = _mended(raw[before, :, :2], shift[row], trust[row])
                control[row, :, :2] = moved
                spread[row] /= np.sqrt(np.maximum(sure, _LEAST_TRUST))
                _let_events_through(step[:, :2] - moved, spread[row])
            else:
                control[row] = step
                spread[row] = settings.landmark_sigma_px + 0.25 * np.linalg.norm(step[:, :2], axis=1)
    assert n == len(control)
    return control, spread


def _mended(points: np.ndarray, shift: np.ndarray, trust: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Motion of each point; where it is not trusted, that of the face as a whole (an affine fit of the trusted)."""
    rows = np.concatenate([points - points.mean(0), np.ones((len(points), 1))], 1)
    firm = firm_points()
    weight = np.zeros(len(points))
    weight[firm] = trust[firm] ** 2 + 1e-6
    for _ in range(3):
        root = np.sqrt(weight)[:, None]
        fit = rows @ np.linalg.lstsq(rows * root, shift * root, rcond=None)[0]
        miss = np.linalg.norm(shift - fit, axis=1)
        scale = 1.5 * np.median(miss[firm]) + 0.05
        weight[firm] = (trust[firm] ** 2 + 1e-6) / (1.0 + (miss[firm] / scale) ** 2)
    share = np.clip(trust * 2.0, 0.0, 1.0)[:, None]
    return share * shift + (1.0 - share) * fit, trust


def _let_events_through(disagreement: np.ndarray, spread: np.ndarray) -> None:
    """A lid or lip that jumps as a group, and not with the face, did move: widen its spread (in place, ours)."""
    common = np.median(disagreement[firm_points()], 0)
    for group in soft_groups():
        jump = float(np.linalg.norm(np.mean(disagreement[group] - common, 0)))
        spread[group] = np.hypot(spread[group], max(0.0, jump - _EVENT) * 2.0)


def _gate(miss: np.ndarray, there: np.ndarray) -> np.ndarray:
    """(n, 478) weights in (0, 1]: a frame whose firm points are all off counts less; so does a single firm point.

    Lids and lips are never gated alone: what looks like an outlier there is a blink.
    """
    firm = firm_points()
    length = np.linalg.norm(miss, axis=2)
    length[~there] = 0.0
    typical = 1.4826 * np.median(length[there][:, firm]) + _GATE_FLOOR
    frame = np.median(length[:, firm], 1)
    weight = np.repeat(_huber(frame / typical)[:, None], miss.shape[1], 1)
    weight[:, firm] = np.minimum(weight[:, firm], _huber(length[:, firm] / (2.0 * typical)))
    return weight


def _huber(off: np.ndarray) -> np.ndarray:
    return np.minimum(1.0, (_GATE / np.maximum(off, 1e-9)) ** 2)


def _smoother(rest: np.ndarray, spread: np.ndarray, noise: np.ndarray, flow_sigma: float) -> np.ndarray:
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
    return state[..., 0]
