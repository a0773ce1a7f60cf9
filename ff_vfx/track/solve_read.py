"""Checked values out of a solve file's JSON; whatever does not fit raises ValueError with its place in the file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ff_vfx.track.keyframes import DIGITS, MATRIX_DIGITS
from ff_vfx.types.face import LANDMARKS, FaceTrack
from ff_vfx.types.solve import Grain, Keyframe, Solve

_STATUS = ("tracked", "held", "keyframe", "lost")
_FARTHEST = 1e7


def solve_from(data: Mapping[str, Any]) -> Solve:
    """The solve in a file's data, keyframes listed but not yet applied.

    Raises:
        ValueError, KeyError, TypeError: what is wrong, and where.
    """
    size = [_whole(v, "size") for v in _list(data["size"], "size", 2)]
    grain = _mapping(data["grain"], "grain")
    slope, floor = (_numbers(grain[name], f"grain {name}", 3, None) for name in ("slope", "floor"))
    return Solve(
        plate_key=_string(data["plate_key"], "plate_key"),
        settings_key=_string(data["settings_key"], "settings_key"),
        size=(size[0], size[1]),
        colour_space=_string(data["colour_space"], "colour_space"),
        tracks=tuple(_track(_mapping(t, "tracks"), k) for k, t in enumerate(_list(data["tracks"], "tracks"))),
        cuts=tuple(_whole(v, "cuts") for v in _list(data["cuts"], "cuts")),
        exposure_stops=_number(data["exposure_stops"], "exposure_stops"),
        grain=Grain(
            (slope[0], slope[1], slope[2]), (floor[0], floor[1], floor[2]), _number(grain["sigma_px"], "sigma_px")
        ),
        keyframes=tuple(_keyframe(_mapping(k, "keyframes")) for k in _list(data["keyframes"], "keyframes")),
        made_with=tuple((str(k), _string(v, "made_with")) for k, v in _mapping(data["made_with"], "made_with").items()),
    )


def _keyframe(row: Mapping[str, Any]) -> Keyframe:
    unknown = set(row) - {"track", "number", "landmark", "x", "y", "reach_frames"}
    if unknown:
        raise ValueError(f"a keyframe has '{sorted(unknown)[0]}', which is not one of its fields")
    return Keyframe(
        _string(row["track"], "keyframe track"),
        _whole(row["number"], "keyframe number"),
        _whole(row["landmark"], "keyframe landmark"),
        _number(row["x"], "keyframe x"),
        _number(row["y"], "keyframe y"),
        _whole(row.get("reach_frames", 4), "keyframe reach_frames"),
    )


def _track(data: Mapping[str, Any], k: int) -> FaceTrack:
    name = _string(data["name"], f"track {k} name")
    rows = [_mapping(row, f"{name} frames") for row in _list(data["frames"], f"{name} frames")]
    numbers = np.array([_whole(row["number"], f"{name} number") for row in rows], np.int64)
    if len(numbers) > 1 and not (np.diff(numbers) > 0).all():
        raise ValueError(f"{name}: frame numbers do not rise from line to line")
    status = tuple(_one_of(row["status"], _STATUS, name) for row in rows)
    crops = np.zeros((len(rows), 3, 3))
    crops[:, 2, 2] = 1.0
    arrays = {key: _rows(rows, key, count, name) for key, count in _COUNTS.items()}
    for at, state in enumerate(status):
        if state != "lost" and not all(np.isfinite(arrays[key][at]).all() for key in _NEEDED):
            raise ValueError(f"{name} frame {numbers[at]}: '{state}', but it has no landmarks")
    crops[:, :2] = arrays["crop_to_plate"].reshape(-1, 2, 3)
    crops[np.isnan(crops[:, 0, 0])] = np.nan
    return FaceTrack(
        name,
        numbers,
        status,
        tuple(_string(row["reason"], f"{name} reason") for row in rows),
        np.array([_number(row["confidence"], f"{name} confidence", DIGITS) for row in rows]),
        np.array([_number(row["weight"], f"{name} weight", DIGITS) for row in rows]),
        arrays["landmarks"].reshape(-1, LANDMARKS, 3),
        arrays["raw"].reshape(-1, LANDMARKS, 3),
        arrays["pose"].reshape(-1, 3, 4),
        crops,
    )


_COUNTS = {"crop_to_plate": 6, "pose": 12, "landmarks": LANDMARKS * 3, "raw": LANDMARKS * 3}
_NEEDED = ("crop_to_plate", "pose", "landmarks")


def packed(data: dict[str, object]) -> dict[str, object]:
    """A JSON object with its long lists of numbers as arrays: as Python floats a long shot's would fill the memory."""
    for key in ("landmarks", "raw"):
        value = data.get(key)
        if isinstance(value, list) and all(type(v) in (int, float) for v in value):
            data[key] = np.array(value, np.float64)
    return data


def _rows(rows: list[Mapping[str, Any]], key: str, count: int, name: str) -> np.ndarray:
    digits = DIGITS if key in ("landmarks", "raw") else MATRIX_DIGITS
    values = np.full((len(rows), count), np.nan)
    for at, row in enumerate(rows):
        if row[key] is not None:
            values[at] = _numbers(row[key], f"{name} frame {row['number']} {key}", count, digits)
    return values


def _numbers(value: object, where: str, count: int, digits: int | None) -> list[float]:
    listed = _list(value.tolist() if isinstance(value, np.ndarray) else value, where, count)
    if not all(type(v) in (int, float) for v in listed):
        raise ValueError(f"{where}: not all are numbers")
    array = np.array(listed, np.float64)
    if not np.isfinite(array).all() or np.abs(array).max(initial=0.0) > _FARTHEST:
        raise ValueError(f"{where}: a number is out of range")
    return [float(v) for v in (array if digits is None else np.round(array, digits) + 0.0)]


def _number(value: object, where: str, digits: int | None = None) -> float:
    return _numbers([value], where, 1, digits)[0]


def _whole(value: object, where: str) -> int:
    if type(value) is not int or abs(value) > _FARTHEST:
        raise ValueError(f"{where}: {str(value)[:40]} is not a whole number")
    return value


def _string(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{where}: not a text")
    return value


def _one_of(value: object, names: tuple[str, ...], where: str) -> str:
    text = _string(value, where)
    if text not in names:
        raise ValueError(f"{where}: status '{text[:40]}'; use one of {', '.join(names)}")
    return text


def _list(value: object, where: str, count: int | None = None) -> list[Any]:
    if not isinstance(value, list) or (count is not None and len(value) != count):
        raise ValueError(f"{where}: not a list" + (f" of {count}" if count is not None else ""))
    return value


def _mapping(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{where}: not an object")
    return value
