"""The solve as a file: JSON that people can read and edit, and that says no politely. Read by shot and the door.

One form only: loading and saving again gives the same bytes. Numbers are in plate px, rounded to 1e-4.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import NoReturn

import numpy as np

from ff_vfx.errors import BadInput, SolveMismatch, WriteRefused
from ff_vfx.track.keyframes import DIGITS, MATRIX_DIGITS, merge_keyframes
from ff_vfx.track.solve_read import packed, solve_from
from ff_vfx.types.face import FaceTrack
from ff_vfx.types.solve import Solve

FORMAT, VERSION = "ff-vfx solve", 1
_LARGEST = 1 << 31
_HELP = (
    'Add a keyframe to put a landmark where you want it: {"track": "face0", "number": 1005, "landmark": 159, '
    '"x": 231.5, "y": 188.25, "reach_frames": 4}. x, y are plate pixels, y down, pixel centres at .5; landmarks '
    "are numbered as in docs/face-mesh.md. It is exact on its frame and fades over reach_frames on both sides, and is "
    "kept when the plate is tracked again. To take one back, delete its line and track the plate again."
)


def save_solve(solve: Solve, path: Path) -> None:
    """Write the solve file; the old one stays whole until the new one is complete.

    Raises:
        WriteRefused: the folder is not there or not writable, or the disk is full; nothing half-written is left.
    """
    path = Path(path)
    try:
        handle, hidden = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    except OSError as error:
        raise WriteRefused(f"solve {path}: {error.strerror}; choose a folder you may write to") from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(solve_text(solve))
            file.flush()
            os.fsync(file.fileno())
        os.chmod(hidden, 0o644)
        os.replace(hidden, path)
    except OSError as error:
        raise WriteRefused(f"solve {path}: {error.strerror}; free some space or choose another folder") from error
    finally:
        if os.path.exists(hidden):
            os.unlink(hidden)


def solve_text(solve: Solve) -> str:
    """The file's whole text; the same solve, the same bytes."""
    keys = [
        json.dumps(
            {"track": k.track, "number": k.number, "landmark": k.landmark, "x": k.x, "y": k.y,
             "reach_frames": k.reach_frames}
        )
        for k in solve.keyframes
    ]  # fmt: skip
    head = {
        "plate_key": solve.plate_key,
        "settings_key": solve.settings_key,
        "size": list(solve.size),
        "colour_space": solve.colour_space,
        "cuts": list(solve.cuts),
        "exposure_stops": solve.exposure_stops,
        "grain": {
            "slope": list(solve.grain.slope), "floor": list(solve.grain.floor), "sigma_px": solve.grain.sigma_px,
        },
        "made_with": dict(solve.made_with),
    }  # fmt: skip
    lines = ["{", f'"format": {json.dumps(FORMAT)}, "version": {VERSION},', f'"_help": {json.dumps(_HELP)},']
    lines.append('"keyframes": [' + "".join(f"\n {key}," for key in keys)[:-1] + ("\n]," if keys else "],"))
    lines += [f"{json.dumps(name)}: {json.dumps(value)}," for name, value in head.items()]
    lines.append('"tracks": [')
    for k, track in enumerate(solve.tracks):
        last = k + 1 == len(solve.tracks)
        lines += [
            f'{{"name": {json.dumps(track.name)}, "frames": [',
            *_frame_lines(track),
            "]}" + ("" if last else ","),
        ]
    return "\n".join([*lines, "]", "}"]) + "\n"


def _frame_lines(track: FaceTrack) -> list[str]:
    lines = []
    for row, number in enumerate(track.numbers):
        fields = [
            f'"number": {int(number)}, "status": {json.dumps(track.status[row])}',
            f'"reason": {json.dumps(track.reasons[row])}',
            f'"confidence": {_text(track.confidence[row], DIGITS)}, "weight": {_text(track.weight[row], DIGITS)}',
            f'"crop_to_plate": {_list(track.crop_to_plate[row, :2], MATRIX_DIGITS)}',
            f'"pose": {_list(track.pose[row], MATRIX_DIGITS)}',
            f'"landmarks": {_list(track.landmarks[row], DIGITS)}',
            f'"raw": {_list(track.raw[row], DIGITS)}',
        ]
        lines.append("{" + ", ".join(fields) + "}" + ("," if row + 1 < len(track.numbers) else ""))
    return lines


def _text(value: float, digits: int) -> str:
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _list(values: np.ndarray, digits: int) -> str:
    if not np.isfinite(values).all():
        return "null"
    return "[" + ",".join(_text(v, digits) for v in values.reshape(-1).tolist()) + "]"


def load_solve(path: Path, *, plate_key: str = "", check: bool = True) -> Solve:
    """Read a solve file, with keyframes that were added by hand applied.

    Args:
        plate_key: the plate's own; '' asks nothing. check: False reads a solve of another plate too.

    Raises:
        SolveMismatch: not a solve, damaged, of another version or of another plate; the message says what to do.
    """
    path = Path(path)
    data = _read_json(path)
    if data.get("format") != FORMAT:
        _refuse(path, "this is not a solve file; choose one that `ff-vfx track` wrote")
    if data.get("version") != VERSION:
        _refuse(path, f"version {data.get('version')!r}, this ff-vfx reads version {VERSION}; track the plate again")
    try:
        solve = solve_from(data)
        merged = merge_keyframes(solve, ())
    except (BadInput, KeyError, TypeError, ValueError, OverflowError) as error:
        _refuse(path, f"{_said(error)}; undo the last edit or track the plate again")
    if check and plate_key and merged.plate_key != plate_key:
        _refuse(path, "it was made for another plate, or the plate has changed since; track the plate again")
    return merged


def _read_json(path: Path) -> dict[str, object]:
    def no_constant(name: str) -> NoReturn:
        raise ValueError(f"{name} is no number")

    try:
        if path.stat().st_size > _LARGEST:
            _refuse(path, "larger than 2 GB; track the plate again")
        data = json.loads(path.read_text(encoding="utf-8"), parse_constant=no_constant, object_hook=packed)
    except OSError as error:
        _refuse(path, f"{error.strerror}; give the path of a solve file, or track the plate first")
    except (ValueError, RecursionError) as error:
        _refuse(path, f"it is damaged or cut short ({str(error)[:120]}); track the plate again")
    if not isinstance(data, dict):
        _refuse(path, "this is not a solve file; choose one that `ff-vfx track` wrote")
    return data


def _said(error: Exception) -> str:
    return f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)[:200]


def _refuse(path: Path, what: str) -> NoReturn:
    raise SolveMismatch(f"solve {path}: {what}")
