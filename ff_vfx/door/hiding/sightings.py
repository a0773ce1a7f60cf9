"""What a sweep saw, as a file beside the output: no machine and no second run has to look again. Read by anonymising.

The file decides which faces are covered, so it is believed only whole: of this plate, these settings and networks, each
number a number.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import cast

from ff_vfx import __version__
from ff_vfx.errors import BadInput, SolveMismatch
from ff_vfx.plate import sequence_path
from ff_vfx.plate.atomic import write_atomically
from ff_vfx.track.sweep import Sighting, Sweep

_FORMAT = "ff-vfx sightings 1"
_LARGEST = 1 << 28
_MOST = 256  # of one frame


def sightings_beside(output: str) -> Path:
    """Where a run keeps what it saw: out/hidden.####.exr -> out/hidden.ffsightings.json."""
    pattern = sequence_path(output)
    name = pattern.before if pattern.numbered else Path(output).stem
    return pattern.folder / f"{name.rstrip('._-') or 'shot'}.ffsightings.json"


def save_sightings(sweep: Sweep, path: Path, key: str) -> None:
    """Write the file, whole or not at all. key: of all that decides what is seen. WriteRefused: the disk says no."""
    seen = {
        str(number): [[s.x, s.y, s.side, s.angle, s.score, s.mesh, s.strong] for s in found]
        for number, found in sweep.sightings.items()
    }
    faults = {str(number): fault for number, fault in sweep.faults.items()}
    data = {"format": _FORMAT, "key": key, "made_with": __version__, "aspect": sweep.aspect}
    data |= {"faults": faults, "seen": seen}
    text = json.dumps(data, separators=(",", ":")) + "\n"

    def write(hidden: Path) -> None:
        hidden.write_text(text, encoding="utf-8")

    write_atomically(path, write)


def load_sightings(path: Path, key: str) -> Sweep:
    """What the file says was seen.

    Raises:
        SolveMismatch: it is damaged, or of another plate or other settings.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise ValueError("too large")
        data = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refused)
        if not isinstance(data, dict) or data.get("format") != _FORMAT:
            raise ValueError("no list of sightings")
        if data.get("key") != key:
            raise SolveMismatch(f"sightings {path}: of another plate or other settings; they are made again")
        seen = {int(number): tuple(_sighting(one) for one in _few(found)) for number, found in data["seen"].items()}
        faults = {int(number): str(fault) for number, fault in data["faults"].items()}
        return Sweep(seen, faults, _number(data["aspect"], 1e-3, 1e3))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SolveMismatch(f"sightings {path}: damaged ({error}); they are made again") from error


def _few(found: object) -> list[object]:
    if not isinstance(found, list) or len(found) > _MOST:
        raise ValueError("a frame with no list of sightings, or too long a one")
    return cast(list[object], found)


def _sighting(one: object) -> Sighting:
    if not isinstance(one, list) or len(one) != 7 or not isinstance(one[6], bool):
        raise ValueError("a sighting that is none")
    x, y = (_number(value, -1e7, 1e7) for value in one[:2])
    side, angle = _number(one[2], 1e-3, 1e7), _number(one[3], -100.0, 100.0)
    return Sighting(x, y, side, angle, _number(one[4], 0.0, 1.0), _number(one[5], 0.0, 1.0), one[6])


def _number(value: object, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is no number")
    if not low <= value <= high:
        raise ValueError(f"{value!r} is out of range")
    return float(value)


def _refused(text: str) -> float:
    raise BadInput(f"sightings: {text} is no number")
