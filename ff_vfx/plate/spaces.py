"""Which colour space a file says it is in. Read by sequence and still; a name the user gives always wins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ff_vfx.colour import resolve_space, space_of_chromaticities
from ff_vfx.errors import UnknownColourSpace
from ff_vfx.plate.exr_header import PartHeader

# Interop ids and readers' own names -> names and aliases every OpenColorIO studio config has.
# Source: ASWF Color Interop Forum, "Color space encodings for texture assets", 2024.
_NAMES = {
    "lin_ap1_scene": "ACEScg",
    "lin_ap0_scene": "ACES2065-1",
    "lin_rec709_scene": "lin_rec709",
    "lin_p3d65_scene": "lin_p3d65",
    "lin_rec2020_scene": "lin_rec2020",
    "srgb_rec709_scene": "srgb_tx",
    "srgb_ap1_scene": "srgb_encoded_ap1_tx",
    "g22_rec709_scene": "g22_rec709",
    "g24_rec709_scene": "g24_rec709",
    "g18_rec709_scene": "g18_rec709",
    "srgb": "srgb_tx",
    "rec709": "camera_rec709",
    "linear": "scene_linear",
    "lin_srgb": "lin_rec709",
}
EXR_ATTRIBUTES = ("colorInteropID", "oiio:ColorSpace", "colorspace", "colourspace")


def given_or_own(given: str, found: Iterable[str], where: str, option: str) -> str:
    """The space a file is in, by the config's name for it.

    Args:
        given: the user's, '' for the file's own. found: what the file says, most trustworthy first.
        option: the command-line option that names one, for the message.

    Raises:
        UnknownColourSpace: the given name is unknown, or the file says nothing the config knows.
    """
    if given:
        return resolve_space(given)
    said = [name for name in found if name]
    for name in said:
        for spelling in (config_name(name), name):
            try:
                return resolve_space(spelling)
            except UnknownColourSpace:
                continue
    what = f"says '{said[0]}', which the config does not know" if said else "does not say"
    raise UnknownColourSpace(
        f"{where}: which colour space is it in? The file {what}; name it with {option}, "
        "for example ACEScg, lin_rec709, arri_logc4 or srgb_tx"
    )


def config_name(said: str) -> str:
    """What studio configs call a space that a file names by its interop id or by a reader's own name."""
    return _NAMES.get(said.lower(), said)


def spaces_of_exr(header: Sequence[PartHeader], main: int = 0) -> list[str]:
    """What an EXR says: its named space, then its chromaticities, of the picture's part and then of any."""
    parts = [header[main], *header]
    named = [part.text(attribute) for part in parts for attribute in EXR_ATTRIBUTES]
    primaries = [space_of_chromaticities(part.numbers("chromaticities", "8f")) or "" for part in parts]
    return [name for name in (*named, *primaries) if name]
