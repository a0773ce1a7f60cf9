"""Every format with its writer, and which options it takes. Read by the door."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from ff_vfx.errors import BadInput
from ff_vfx.export.fusion_corner_pin import fusion_corner_pin
from ff_vfx.export.fusion_polygon import fusion_polygon
from ff_vfx.export.fusion_tracker import fusion_tracker
from ff_vfx.export.known import Known
from ff_vfx.export.nuke_corner_pin import nuke_corner_pin
from ff_vfx.export.nuke_roto import nuke_roto
from ff_vfx.export.nuke_roto_script import nuke_roto_json, nuke_roto_script
from ff_vfx.export.nuke_tracker import nuke_tracker
from ff_vfx.export.request import Request


@dataclass(frozen=True, slots=True)
class _Writer:
    """write: the text. takes: the options that mean something to it."""

    write: Callable[[Known, Request], str]
    takes: tuple[str, ...]


_WRITERS = {
    "nuke-tracker": _Writer(nuke_tracker, ("points",)),
    "nuke-cornerpin": _Writer(nuke_corner_pin, ("reference",)),
    "nuke-roto": _Writer(nuke_roto, ("shapes",)),
    "nuke-roto-script": _Writer(nuke_roto_script, ("shapes", "tolerance_px")),
    "nuke-roto-json": _Writer(nuke_roto_json, ("shapes", "tolerance_px")),
    "fusion-tracker": _Writer(fusion_tracker, ("points",)),
    "fusion-cornerpin": _Writer(fusion_corner_pin, ("reference",)),
    "fusion-polygon": _Writer(fusion_polygon, ("shapes", "tolerance_px")),
}
FORMATS = tuple(_WRITERS)


def export_text(known: Known, request: Request) -> str:
    """One person's track in the format asked for.

    Raises:
        BadInput: no such format, an option that means nothing to it, or a point, shape or frame that does not exist.
    """
    writer = _WRITERS.get(request.format)
    if writer is None:
        raise BadInput(f"format '{request.format}': use one of {', '.join(FORMATS)}")
    if not (math.isfinite(request.tolerance_px) and request.tolerance_px >= 0.0):
        raise BadInput(f"tolerance {request.tolerance_px}: give 0 or more px")
    plain = Request(request.format)
    for option in ("points", "shapes", "reference", "tolerance_px"):
        if option not in writer.takes and getattr(request, option) != getattr(plain, option):
            fitting = [name for name, other in _WRITERS.items() if option in other.takes]
            raise BadInput(
                f"{option.removesuffix('_px')}: means nothing to {request.format}; it is for {', '.join(fitting)}"
            )
    return writer.write(known, request)
