"""How near to the truth a track is and how still it holds: detections as they come, smoothers, and ours.

`rmse` is what is left after each landmark's constant offset is taken away (two tables of landmarks differ); `jitter` is
the root mean square second difference of the error, so that true motion costs nothing. Both in px. The blink's points
are left out of a real shot: an event is not jitter. `rmse, 3 % wild`: the same detections with outliers among them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # run as a file by `ff-vfx bench`

from ff_vfx.door.linear import open_linear_plate  # noqa: E402
from ff_vfx.engine import models_folder  # noqa: E402
from ff_vfx.errors import FfVfxError  # noqa: E402
from ff_vfx.track import open_detectors  # noqa: E402
from ff_vfx.track.follow import Follower  # noqa: E402
from ff_vfx.track.one_euro import follow_take, one_euro  # noqa: E402
from ff_vfx.track.regions import firm_points  # noqa: E402
from ff_vfx.track.smooth import forward_and_back, smooth_take  # noqa: E402
from ff_vfx.types.face_mesh import face_mesh  # noqa: E402
from ff_vfx.types.settings import TrackSettings, settings_from  # noqa: E402

Row = dict[str, object]
_SHARED = ROOT.parent / "shared" / "data" / "shots"
_ACCELERATION_PX = 20.0  # `forward_and_back` takes a twentieth
_WILD, _WILD_PX = 0.03, 20.0
# The mesh point nearest to each of the 68 true landmarks, without the eyes' twelve.
_MESH = np.array(
    (162, 234, 93, 58, 172, 136, 149, 148, 152, 377, 378, 365, 397, 288, 323, 454, 389,
     70, 63, 105, 66, 107, 336, 296, 334, 293, 300, 168, 197, 5, 4, 75, 97, 2, 326, 305,
     61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181, 78, 82, 13, 312, 308, 317, 14, 87)
)  # fmt: skip
_TRUE = np.array([*range(36), *range(48, 68)])


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """raw: (n, 478, 3), shift: (n, 478, 2) px. trust: (n, 478) in the shift. truth: (n, k, 2) of `points`."""

    raw: np.ndarray
    shift: np.ndarray
    trust: np.ndarray
    truth: np.ndarray
    points: np.ndarray


def rows(quick: bool) -> list[Row]:
    """One row a shot and smoother; quick: the made take alone."""
    takes: dict[str, Callable[[], Take]] = {"made, sigma 1 px": made_take}
    if not quick:
        takes["s010"] = lambda: _tracked(ROOT / "examples" / "s010", _landmarks_of_example())
        if (_SHARED / "s020").is_dir():
            takes["s020"] = lambda: _tracked(_SHARED / "s020", _landmarks_of(_SHARED / "s020"))
    found: list[Row] = []
    for name, make in takes.items():
        try:
            found += _measured(name, make())
        except FfVfxError as error:
            found.append({"shot": name, "fault": str(error)})
    return found


def made_take(frames: int = 60, sigma_px: float = 1.0, flow_sigma_px: float = 0.2) -> Take:
    """A head that sways fast, detected and followed with noise of known size."""
    rng = np.random.default_rng(7)
    t = np.arange(frames)[:, None, None]
    sway = np.concatenate([20.0 * np.sin(t / 3.0), 8.0 * np.cos(t / 4.0), 0.0 * t], 2)
    truth = face_mesh().canonical[None] * 140.0 + 300.0 + sway
    raw = truth + rng.normal(0.0, sigma_px / np.sqrt(2.0), truth.shape)
    shift = np.full((frames, truth.shape[1], 2), np.nan)
    shift[1:] = np.diff(truth[..., :2], axis=0)
    shift[1:] += rng.normal(0.0, flow_sigma_px / np.sqrt(2.0), shift[1:].shape)
    trust = np.where(np.isnan(shift[..., 0]), 0.0, 0.9)
    firm = firm_points()
    return Take(raw, shift, trust, truth[:, firm, :2], firm)


def _tracked(folder: Path, truth: np.ndarray) -> Take:
    plate = open_linear_plate(str(folder / "plate.####.exr"), "")
    person = Follower(plate, TrackSettings(), open_detectors(models_folder())).run(None).people[0]
    seen = [person.rows[row] for row in range(len(truth))]
    nothing = np.full((478, 2), np.nan)
    return Take(
        np.stack([s.face.landmarks for s in seen]),
        np.stack([nothing if s.shift is None else s.shift for s in seen]),
        np.stack([np.zeros(478) if s.trust is None else s.trust for s in seen]),
        truth[:, _TRUE],
        _MESH,
    )


def _landmarks_of_example() -> np.ndarray:
    told = json.loads((ROOT / "examples" / "s010" / "truth" / "landmarks68.json").read_text())["plate"]
    return np.array([told[number] for number in sorted(told)], np.float64)


def _landmarks_of(folder: Path) -> np.ndarray:
    return np.stack([np.load(path)["plate_landmarks68"] for path in sorted(folder.glob("gt.*.npz"))]).astype(np.float64)


def _measured(name: str, take: Take) -> Iterator[Row]:
    wild = take.raw.copy()
    rng = np.random.default_rng(3)
    hit = rng.random(wild.shape[:2]) < _WILD
    wild[hit, :2] += rng.normal(0.0, _WILD_PX / np.sqrt(2.0), (int(hit.sum()), 2))
    for smoother, smooth in _smoothers(take).items():
        off, off_wild = (smooth(raw)[:, take.points, :2] - take.truth for raw in (take.raw, wild))
        yield {
            "shot": name,
            "smoother": smoother,
            "rmse": _rms(off - off.mean(0)),
            "jitter": _rms(np.diff(off, 2, axis=0)),
            "rmse, 3 % wild": _rms(off_wild - off_wild.mean(0)),
        }


def _smoothers(take: Take) -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    post, live = settings_from("post").track, settings_from("live").track
    times_s = np.arange(len(take.raw)) / 24.0
    height_px = float(np.median(np.ptp(take.raw[:, :468, 1], axis=1)))
    found: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "none": lambda raw: raw,
        "one-euro on each point": lambda raw: one_euro(raw, times_s, live.min_cutoff_hz, live.beta / height_px),
        "ours, live": lambda raw: follow_take(raw, times_s, 1.0, live),
        "RTS without flow": lambda raw: _without_flow(raw, post.landmark_sigma_px),
        "ours, post": lambda raw: smooth_take(raw, take.shift, take.trust, post),
    }
    try:
        from scipy.signal import savgol_filter
    except ImportError:
        return found
    return {**found, "Savitzky-Golay 7, 2": lambda raw: np.asarray(savgol_filter(raw, 7, 2, axis=0))}


def _without_flow(raw: np.ndarray, sigma_px: float) -> np.ndarray:
    """Constant velocity, which may change by a pixel a frame."""
    nothing = np.zeros(raw.shape[:2])
    return forward_and_back(raw, nothing, np.full_like(nothing, sigma_px), _ACCELERATION_PX)


def _rms(values: np.ndarray) -> float:
    """Root mean square length of (..., 2)."""
    return float(np.sqrt((values**2).sum(-1).mean()))
