"""What finished frames say of their own steadying: planes and numbers read back from the files. Read by pictures.

Files, not the run, are asked: frames that another machine made, or that were skipped, are shown alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ff_vfx.image.overlay import FrameDoubt
from ff_vfx.plate.exr_header import PartHeader, read_header
from ff_vfx.plate.exr_read import read_parts
from ff_vfx.types.window import Window

_NUMBERS = {"face": "confidence.face", "eyes": "confidence.eyes", "mouth": "confidence.mouth", "votes": "votes"}


@dataclass(frozen=True, slots=True, eq=False)
class DoubtPlanes:
    """confidence, coverage: (h, w) float32 over the display window. coverage: of the new face alone, not of what was

    bent around it, where there is nothing to hold still.
    """

    confidence: np.ndarray
    coverage: np.ndarray


def frame_doubt(path: Path, number: int) -> FrameDoubt:
    """The numbers in a finished frame's header; none where it passed through.

    Raises:
        FrameBroken, HostileFile: it cannot be read.
    """
    part = read_header(path, f"frame {number}: {path}")[0]
    told = {name: _float(part, f"ffvfx/{attribute}") for name, attribute in _NUMBERS.items()}
    numbers = {name: value for name, value in told.items() if value is not None}
    return FrameDoubt(number, numbers, part.text("ffvfx/made"))


def doubt_planes(path: Path, number: int) -> DoubtPlanes:
    """Where a finished frame is sure and where it is covered; zeros where it holds neither. Errors as frame_doubt."""
    where = f"frame {number}: {path}"
    header = read_header(path, where)
    channels = read_parts(path, header, where)[0].channels
    data, display = header[0].data_window, header[0].display_window
    confidence, coverage, oval = (
        _placed(channels[name].pixels if name in channels else None, data, display)
        for name in ("ffAux.confidence", "ffMatte.red", "ffRaw.A")
    )
    return DoubtPlanes(confidence, coverage * oval)


def _placed(plane: np.ndarray | None, data: Window, display: Window) -> np.ndarray:
    out = np.zeros((display.height, display.width), np.float32)
    shared = display.intersect(data)
    if plane is not None and not shared.empty:
        out[shared.slices(display)] = np.nan_to_num(plane[shared.slices(data)].astype(np.float32))
    return out


def _float(part: PartHeader, name: str) -> float | None:
    values = part.numbers(name, "f") or part.numbers(name, "d")
    return values[0] if values else None
