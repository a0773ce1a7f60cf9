"""Over which sides of the plate a face leaves it, as the solve has it. Read by gathering.

There its matte must reach the edge of the picture; anywhere else one that does was cut off.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ff_vfx.door.stamp import file_hash
from ff_vfx.door.tracking import solve_beside
from ff_vfx.errors import FfVfxError
from ff_vfx.track import load_solve
from ff_vfx.types.delivery import SIDES, DeliveredFrame
from ff_vfx.types.manifest import Manifest
from ff_vfx.types.solve import Solve

REACH = 0.4
"""How far a matte goes beyond the landmarks, of their width or height: hair, head and neck around the face.

Source: ours; on the example shot 0.26 at the sides, 0.37 above, 0.4 below."""


def leaving_sides(
    manifest: Manifest | None, pattern: str, frames: Iterable[DeliveredFrame]
) -> dict[int, tuple[str, ...]]:
    """Frame -> sides, for frames whose matte touches one; nothing where the solve is not here or another one.

    Args:
        pattern: of the frames; the solve may lie beside them.
    """
    touching = [frame for frame in frames if frame.header and frame.pixels and frame.pixels.at_edge]
    solves: dict[str, Solve | None] = {}
    found = {}
    for frame in touching:
        if manifest is None or frame.number not in manifest.frames:
            continue
        origin = manifest.origin_of(frame.number)
        if origin.solve.sha256 not in solves:
            names = (str(origin.job.get("solve") or ""), str(solve_beside(pattern)))
            solves[origin.solve.sha256] = _solve(origin.solve.sha256, names)
        if solve := solves[origin.solve.sha256]:
            found[frame.number] = _sides(solve, frame)
    return found


def _solve(sha256: str, names: Iterable[str]) -> Solve | None:
    """The very file that the frames were made with."""
    for name in names:
        try:
            if name and Path(name).is_file() and file_hash(Path(name)) == sha256:
                return load_solve(Path(name), check=False)
        except (FfVfxError, OSError):
            continue
    return None


def _sides(solve: Solve, frame: DeliveredFrame) -> tuple[str, ...]:
    header = frame.plate or frame.header
    assert header
    display, data = header.display_window, header.data_window
    over: set[str] = set()
    for track in solve.tracks:
        if track.why_lost(frame.number):
            continue
        points = track.face(frame.number).landmarks[:, :2] + (display.x0, display.y0)
        low, high = points.min(axis=0), points.max(axis=0)
        reach = REACH * (high - low)
        beyond = (low[0] - reach[0] < data.x0, low[1] - reach[1] < data.y0,
                  high[0] + reach[0] > data.x1, high[1] + reach[1] > data.y1)  # fmt: skip
        over |= {side for side, is_so in zip(SIDES, beyond, strict=True) if is_so}
    return tuple(side for side in SIDES if side in over)
