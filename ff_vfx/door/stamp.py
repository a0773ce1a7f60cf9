"""What a finished frame was made from, as one short hash written into its header.

Read by the door's rendering: a frame on disk with the same stamp is not made again. Nothing in it depends on the frame
range, the machine's paths or the time, so that frames made alone or in a range are the same files.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from ff_vfx import __version__
from ff_vfx.trust.label import NO_PIXELS
from ff_vfx.types.settings import Settings


def make_stamp(
    *, plate_key: str, solve_file: Path, stills: Iterable[Path], settings: Settings, choices: Iterable[str]
) -> str:
    """Hash everything that decides a frame's pixels.

    Args:
        plate_key: the plate's own key. solve_file: by content. stills: by name and content, in the order used.
        settings: all but `track`, whose result is the solve, and what changes no frame. choices: what else was chosen
            (face, spaces).

    Returns:
        32 hexadecimal digits.
    """
    parts = {
        "version": __version__,
        "plate": plate_key,
        "solve": file_hash(solve_file),
        "stills": [(still.name, file_hash(still)) for still in stills],
        "settings": settings.model_dump(mode="json", exclude={"track": True, "preset": True, "output": set(NO_PIXELS)}),
        "choices": list(choices),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def file_hash(path: Path) -> str:
    """sha256 of a file's content, hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
