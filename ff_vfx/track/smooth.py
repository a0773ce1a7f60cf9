"""Take the detector's jitter out of a whole take without lag, led by how the plate itself moved. Read by `track_plate`.

A zero-phase (forward, then backward) Kalman smoother for each point and coordinate. The plate's motion is its control
input, so what is smoothed is only the slow disagreement of detector and motion: a fast head is not held back.
Where the motion cannot be trusted (lids and lips that open and close) the detector wins at once; where the detector
cannot (a hand before the face), the motion does. Neither overrules the other on one frame's word: see `track/jumps.py`.
"""

from __future__ import annotations

import numpy as np

from ff_vfx.track.consensus import over_region
from ff_vfx.track.control import control_of
from ff_vfx.track.gate import in_group, near_track, steps_along
from ff_vfx.track.jumps import lasting_jumps
from ff_vfx.track.regions import LIDS, firm_points, soft_groups
from ff_vfx.track.shared import shared_by_all
from ff_vfx.types.settings import TrackSettings

_DRIFT = 0.05  # change of the motion's bias a frame, in flow_sigma_px: skin slides under standing light
_FIRST_BIAS = 1.0  # spread of that bias before anything was seen, in flow_sigma_px
_LID_NOISE = 0.5  # detection noise of lids and irises, in landmark_sigma_px
_GATE_ROUNDS = 3
_BROW_OF = (8, 8, 8, 9, 9, 9)  # of `soft_groups`: a blink leaves the brow in sight, a hand does not
_AT_ONCE = 80  # points
_CARRIED, _LEAST = 0.5, 1e-6  # weight of a lid that is carried with the face; of one that is covered
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
    control = control_of(raw, shift, trust, settings.flow_sigma_px, settings.landmark_sigma_px)
    noise = np.full(raw.shape[:2], settings.landmark_sigma_px)
    for k in LIDS:
        noise[:, soft_groups()[k]] *= _LID_NOISE
    travelled = np.cumsum(control.motion, 0)
    rest = raw - travelled
    depth = np.full_like(control.spread, _DEPTH_SIGMA * settings.landmark_sigma_px)
    spread = np.hypot(control.spread, lasting_jumps(rest[..., :2], control.unit)[:, None])
    region, whole = steps_along(rest[..., :2], spread, control.unit)
    along, alone = region * whole, in_group(rest[..., :2], control.unit)
    smooth, weight = np.empty_like(raw), along * alone
    for _ in range(_GATE_ROUNDS):
        firmly = noise / np.sqrt(weight)
        smooth[..., :2] = _smoother(rest[..., :2], spread, firmly, settings.flow_sigma_px)
        smooth[..., 2:] = _smoother(rest[..., 2:], depth, firmly, settings.flow_sigma_px)
        miss = rest[..., :2] - smooth[..., :2]
        weight = near_track(miss, there, control.unit) * along * alone
    soft = np.setdiff1d(np.arange(raw.shape[1]), firm_points())
    off, believed = _with_the_face(raw[..., :2], miss, along, whole, control.seen)
    smooth[:, soft, :2] = _smoother(
        (rest[..., :2] - off)[:, soft],
        spread[:, soft],
        (noise / np.sqrt(np.maximum(believed * alone, _LEAST)))[:, soft],
        settings.flow_sigma_px,
    )
    return smooth + travelled


def _with_the_face(
    raw: np.ndarray, miss: np.ndarray, along: np.ndarray, whole: np.ndarray, seen: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Lids and lips on a frame whose mesh is off: their place in the mesh still counts where nothing covers them.

    Args:
        raw: (n, 478, 2) px, nan where missing. miss: (n, 478, 2) px, detection minus smoothed.
        along, whole: from `steps_along`. seen: (n, 478) of control.

    Returns:
        (n, 478, 2) px by which the firm points around are off, on such frames, and by which the whole face is, for lids
        on all others; (n, 478) weights in [0, 1].
    """
    shared, lids = np.zeros_like(miss), np.concatenate([soft_groups()[k] for k in LIDS])
    for row in np.flatnonzero(np.isfinite(miss[:, 0, 0])):
        shared[row, lids] = shared_by_all(raw[row], miss[row])[lids]
    off = over_region(miss[:, firm_points()].transpose(0, 2, 1)).transpose(0, 2, 1)
    either = np.maximum(seen, np.concatenate([seen[1:], np.zeros_like(seen[:1])]))
    doubted = along.copy()
    for k in LIDS:
        brow = either[:, soft_groups()[_BROW_OF[k]]].mean(1, keepdims=True)
        lid = soft_groups()[k]
        doubted[:, lid] = brow * whole + (1.0 - brow) * along[:, lid]
    believed = np.where(doubted < 1.0, np.maximum(along, _CARRIED * either**4), 1.0)
    return shared + (1.0 - doubted)[..., None] * (off - shared), believed


def _smoother(rest: np.ndarray, spread: np.ndarray, noise: np.ndarray, flow_sigma: float) -> np.ndarray:
    """`forward_and_back`, some points at a time: the filter keeps ten times what it is given."""
    groups = [slice(k, k + _AT_ONCE) for k in range(0, rest.shape[1], _AT_ONCE)]
    return np.concatenate([forward_and_back(rest[:, g], spread[:, g], noise[:, g], flow_sigma) for g in groups], 1)


def forward_and_back(rest: np.ndarray, spread: np.ndarray, noise: np.ndarray, flow_sigma: float) -> np.ndarray:
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
