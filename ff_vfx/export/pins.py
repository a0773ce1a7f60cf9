"""The four corners of a corner pin, frame by frame. Read by the corner pin writers of both hosts."""

from __future__ import annotations

import numpy as np

from ff_vfx.export.known import Known

_UNIT = np.array([[0.0, 1.0], [1.0, 1.0], [1.0, 0.0], [0.0, 0.0]])  # bottom left, bottom right, top right, top left


def crop_corners(known: Known) -> np.ndarray:
    """(n, 4, 2) plate px: the face's steady crop; bottom left, bottom right, top right, top left of the picture."""
    return _moved(known.crops, _UNIT)


def picture_corners(known: Known) -> np.ndarray:
    """(4, 2) plate px: the plate's own corners in the same order."""
    return _UNIT * np.array(known.size, np.float64)


def carried_corners(known: Known, reference: int) -> np.ndarray:
    """(n, 4, 2) plate px: where the picture's corners go when it is carried along with the face from `reference`.

    Raises:
        BadInput: no face on that frame.
    """
    back = np.linalg.inv(known.crops[known.row(reference)])
    return _moved(known.crops @ back, picture_corners(known))


def _moved(matrices: np.ndarray, points: np.ndarray) -> np.ndarray:
    """(n, 4, 2) from (n, 3, 3) affine and (4, 2)."""
    return np.asarray(np.einsum("nij,pj->npi", matrices[:, :2, :2], points) + matrices[:, None, :2, 2])
