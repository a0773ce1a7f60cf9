"""The invisible mark at the door: looked for in what became of a shot, and the studio's key made.

Read by the command line, verify and scripts. Importing it loads neither torch nor numpy.
"""

from __future__ import annotations


def find_mark(path: str, *, made_px: int = 0, frames: str = "") -> dict[str, object]:
    """Look for the invisible mark in a movie, a sequence or a picture.

    Args:
        path: of a movie, a picture, or a pattern of either kind of file.
        made_px: width of the picture as it was rendered, px; 0: not known. It need be known only where the picture was
            cut: a picture that was resized alone keeps its proportions.
        frames: which to look at, as everywhere; empty: up to 16, spread over it.

    Returns:
        'present': there is a mark. 'payload': its 8 hexadecimal digits, with which the stamp and the ProduceID of its
        frames begin; '' where there is none or it cannot be read. 'false_alarm': the chance that a picture without a
        mark gives as much. 'sure': that all 32 bits are right. 'bits': how sure each is, most significant first.
        'key': 'public' or 'studio'. 'cut': the picture was cut or moved. 'frames': those looked at.

    Raises:
        BadInput, PlateError: it cannot be read.
    """
    from ff_vfx.door.invisible.search import search_mark

    return search_mark(path, made_px=made_px, frames=frames)


def new_mark_key() -> tuple[str, str]:
    """Make the studio's secret for this user; gives its path and the print by which people know it.

    Raises:
        WriteRefused: there is one already.
    """
    from ff_vfx.door.invisible.keys import key_print, needed_studio_key, new_studio_key

    path = new_studio_key()
    return str(path), key_print(needed_studio_key())
