"""The performer, from a folder of stills. Read by the door's rendering.

A still with no face, with two, or that cannot be read is left out and said so; a performer with none left is an error.
"""

from __future__ import annotations

from pathlib import Path

from ff_vfx.door.linear import read_linear_still
from ff_vfx.errors import BadInput, FaceNotFound, FfVfxError
from ff_vfx.track import Detectors, detect_still
from ff_vfx.types.identity import Identity, Still

_KINDS = (".exr", ".tif", ".tiff", ".dpx", ".png", ".jpg", ".jpeg")  # the best first


def still_files(performer: str) -> list[Path]:
    """The pictures of a performer, by name; of one name saved in two formats, the better format.

    Raises:
        BadInput: no such folder, or no picture in it.
    """
    place = Path(performer)
    if place.is_file():
        return [place]
    if not place.is_dir():
        raise BadInput(f"performer {performer}: no such folder; give a folder with stills of the performer's face")
    found: dict[str, Path] = {}
    for kind in reversed(_KINDS):
        for file in sorted(place.iterdir()):
            if file.suffix.lower() == kind and not file.name.startswith("."):
                found[file.stem] = file
    if not found:
        raise BadInput(f"performer {performer}: no picture there; put stills of the face in it ({', '.join(_KINDS)})")
    return [found[stem] for stem in sorted(found)]


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
