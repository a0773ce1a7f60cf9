"""Which OpenColorIO config holds, and what a colour space is called in it. Read by the door, plate, and this room.

A config is read only here and never changed after: OpenColorIO's own caches rely on that, and so may ours.
"""

from __future__ import annotations

import difflib
import functools
import os
from pathlib import Path

import PyOpenColorIO as ocio

from ff_vfx.errors import BadInput, UnknownColourSpace

PINNED = "ocio://studio-config-v2.1.0_aces-v1.3_ocio-v2.3"
_NEAR = 1e-3
# Red, green, blue, white, x and y each, in the order of EXR's `chromaticities`.
# Source: SMPTE ST 2065-1:2012; AMPAS S-2014-004; ITU-R BT.709-6; ITU-R BT.2020-2; SMPTE EG 432-1:2010.
_PRIMARIES = {
    "ACEScg": (0.713, 0.293, 0.165, 0.830, 0.128, 0.044, 0.32168, 0.33767),
    "ACES2065-1": (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, 0.32168, 0.33767),
    "lin_rec709": (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290),
    "lin_rec2020": (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, 0.3127, 0.3290),
    "lin_p3d65": (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.3127, 0.3290),
}


def load_config(path: str = "") -> ocio.Config:
    """The config that holds: the one given, else $OCIO, else a pinned built-in one, the same everywhere.

    Args:
        path: a config file, an archive or 'ocio://NAME'.

    Raises:
        BadInput: it cannot be read.
    """
    chosen = path or os.environ.get("OCIO", "") or PINNED
    built_in = chosen.startswith("ocio://")
    try:
        return _read(chosen, 0 if built_in else Path(chosen).stat().st_mtime_ns)
    except (OSError, ocio.Exception) as error:
        by = "" if path else " (from $OCIO)"
        raise BadInput(f"colour config {chosen}{by}: cannot be read: {error}; give another, or unset $OCIO") from error


@functools.cache  # A function of the file as it was at `changed_ns`; OpenColorIO's own caches live in the object.
def _read(path: str, changed_ns: int) -> ocio.Config:
    return ocio.Config.CreateFromFile(path)


def resolve_space(name: str, config: ocio.Config | None = None) -> str:
    """The config's own name for a colour space, so that two spellings of one space compare equal.

    Args:
        name: a name, an alias or a role, in any case.

    Raises:
        UnknownColourSpace: no name, or none the config knows; the message has the three nearest.
    """
    config = config or load_config()
    space = config.getColorSpace(name) if name else None
    if space is not None:
        return str(space.getName())
    what = f"'{name}' is not in the config {config.getName() or 'in use'}" if name else "none was named"
    near = ", ".join(_nearest(name, config)) if name else "ACEScg, lin_rec709, ACES2065-1, for example"
    raise UnknownColourSpace(
        f"colour space: {what}; nearest: {near}; name one of these, or set $OCIO to the show's config"
    )


def space_of_chromaticities(chroma: tuple[float, ...]) -> str | None:
    """The scene-linear space of a file's primaries and white, or None when they are nobody's.

    Args:
        chroma: eight floats, as EXR's `chromaticities`: red, green, blue, white, x and y each; within 0.001.
    """
    if len(chroma) != 8:
        return None
    for name, primaries in _PRIMARIES.items():
        if all(abs(a - b) <= _NEAR for a, b in zip(chroma, primaries)):
            return name
    return None


def _nearest(name: str, config: ocio.Config) -> list[str]:
    known: dict[str, str] = {}
    for space in config.getColorSpaces():
        for spelling in (space.getName(), *space.getAliases()):
            known.setdefault(spelling.lower(), spelling)
    for role in config.getRoleNames():
        known.setdefault(role.lower(), role)
    return [known[k] for k in difflib.get_close_matches(name.lower(), known, n=3, cutoff=0.0)]


def working_space(name: str, config: ocio.Config | None = None) -> str:
    """The scene-linear space in which a plate of this space is worked on: its own where that is scene-linear.

    Args:
        name: of a colour space, as `resolve_space` takes it.

    Returns:
        The space itself, or ACEScg for log, display and other encodings; in a config without it, its scene_linear role.
    """
    config = config or load_config()
    space = config.getColorSpace(resolve_space(name, config))
    if config.isColorSpaceLinear(space.getName(), ocio.REFERENCE_SPACE_SCENE):
        return str(space.getName())
    linear = config.getColorSpace("ACEScg") or config.getColorSpace(ocio.ROLE_SCENE_LINEAR)
    return str(linear.getName()) if linear else str(space.getName())
