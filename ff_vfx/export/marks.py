"""Which landmarks become trackers and which rings become shapes, by name. Read by the writers.

`_l` and `_r` are left and right of the picture. Numbers: docs/face-mesh.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from ff_vfx.errors import BadInput
from ff_vfx.types.face import LANDMARKS
from ff_vfx.types.face_mesh import face_mesh

POINTS: Final = {
    "eye_l_outer": 33,
    "eye_l_inner": 133,
    "eye_r_inner": 362,
    "eye_r_outer": 263,
    "nose_bridge": 168,
    "nose_tip": 4,
    "nose_base": 2,
    "mouth_l": 61,
    "mouth_r": 291,
    "lip_upper": 0,
    "lip_lower": 17,
    "chin": 152,
    "forehead": 10,
    "brow_l_outer": 70,
    "brow_l_inner": 107,
    "brow_r_inner": 336,
    "brow_r_outer": 300,
    "jaw_l": 172,
    "jaw_r": 397,
    "iris_l": 468,
    "iris_r": 473,
}
USUAL_POINTS: Final = (
    "eye_l_outer", "eye_l_inner", "eye_r_inner", "eye_r_outer", "nose_bridge", "nose_tip", "mouth_l", "mouth_r",
    "chin", "brow_l_outer", "brow_l_inner", "brow_r_inner", "brow_r_outer",
)  # fmt: skip
_HARD: Final = ("eye_l_outer", "eye_l_inner", "eye_r_inner", "eye_r_outer", "nose_bridge")
SHAPES: Final = ("oval", "lips_outer", "lips_inner", "eye_l", "eye_r", "brow_l", "brow_r")
_GROUPS: Final = {
    "eyes": ("eye_l", "eye_r"),
    "brows": ("brow_l", "brow_r"),
    "lips": ("lips_outer",),
    "mouth": ("lips_inner",),
    "all": SHAPES,
}
CORNERS: Final = frozenset((33, 133, 362, 263, 61, 291, 78, 308))  # of eyes and mouth: a ring has a point there


def chosen_points(names: Sequence[str]) -> dict[str, int]:
    """Name -> landmark, in the order asked for. names: of POINTS, 'all', or landmark numbers; empty: the usual.

    Raises:
        BadInput: no such point.
    """
    found: dict[str, int] = {}
    for name in names or USUAL_POINTS:
        if name == "all":
            found |= POINTS
        elif name in POINTS:
            found[name] = POINTS[name]
        elif name.isascii() and name.isdigit() and int(name) < LANDMARKS:
            found[f"point_{int(name)}"] = int(name)
        else:
            raise BadInput(
                f"point '{name}': use a landmark number from 0 to {LANDMARKS - 1}, all, or of {', '.join(POINTS)}"
            )
    return found


def is_hard(name: str) -> bool:
    """Whether expression hardly moves this point, so that it tells the head's own motion."""
    return name in _HARD


def chosen_shapes(names: Sequence[str]) -> dict[str, np.ndarray]:
    """Name -> its ring of landmarks, in order. names: of SHAPES, eyes, brows, lips, mouth, all; empty: all.

    Raises:
        BadInput: no such shape.
    """
    loops, found = face_mesh().loops, {}
    for name in names or SHAPES:
        for part in _GROUPS.get(name, (name,)):
            if part not in SHAPES:
                raise BadInput(f"shape '{name}': use one of {', '.join((*SHAPES, *_GROUPS))}")
            found[part] = loops[part]
    return found
