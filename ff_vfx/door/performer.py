"""The performer, from a folder of stills. Read by the door's rendering.

A still with no face, with two, or that cannot be read is left out and said so; a performer with none left is an error.
"""

from __future__ import annotations

from pathlib import Path

from ff_vfx.door.linear import read_linear_still
from ff_vfx.door.stills import still_files as still_files
from ff_vfx.errors import FaceNotFound, FfVfxError
from ff_vfx.track import Detectors, detect_still
from ff_vfx.types.identity import Identity, Still


def open_performer(files: list[Path], colour_space: str, detectors: Detectors) -> tuple[Identity, list[str]]:
    """Read the stills and find the face in each.

    Args:
        files: as `still_files` gives them. colour_space: of all of them; empty: each file's own.

    Returns:
        The performer, and one line for each still that was left out.

    Raises:
        FaceNotFound: no still has exactly one face; the message says what was wrong with each.
    """
    stills: list[Still] = []
    left_out: list[str] = []
    for file in files:
        try:
            frame = read_linear_still(str(file), colour_space)
            stills.append(Still(frame, detect_still(frame, detectors, file.name), file.name))
        except FfVfxError as error:
            left_out.append(f"still {file.name} left out: {error}")
    if not stills:
        raise FaceNotFound("; ".join(left_out) + "; give at least one still with the performer's face alone in it")
    return Identity(files[0].parent.name or "performer", tuple(stills)), left_out
