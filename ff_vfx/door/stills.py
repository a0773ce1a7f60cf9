"""Which pictures of a folder are a performer's stills. Read by performer, cast and consent; loads nothing heavy."""

from __future__ import annotations

from pathlib import Path

from ff_vfx.errors import BadInput

_KINDS = (".exr", ".tif", ".tiff", ".dpx", ".png", ".jpg", ".jpeg")  # the best first


def still_files(performer: str) -> list[Path]:
    """The pictures of a performer, by name; of one name saved in two formats, the better format.

    Raises:
        BadInput: no such folder, or no picture in it.
    """
    found: dict[str, Path] = {}
    every = all_pictures(performer)
    for kind in reversed(_KINDS):
        found |= {file.stem: file for file in every if file.suffix.lower() == kind}
    return every if Path(performer).is_file() else [found[stem] for stem in sorted(found)]


def all_pictures(performer: str) -> list[Path]:
    """Every picture of a performer, by name, in every format it is saved in.

    Raises:
        BadInput: no such folder, or no picture in it.
    """
    place = Path(performer)
    if place.is_file():
        return [place]
    if not place.is_dir():
        raise BadInput(f"performer {performer}: no such folder; give a folder with stills of the performer's face")
    files = [
        file for file in sorted(place.iterdir()) if file.suffix.lower() in _KINDS and not file.name.startswith(".")
    ]
    if not files:
        raise BadInput(f"performer {performer}: no picture there; put stills of the face in it ({', '.join(_KINDS)})")
    return files
