"""Where a face lies in the picture that a network is shown: five points. Read by engine, track, fuse and composite.

Points: the picture's left eye, its right eye, the tip of the nose, the mouth's left and right corner; x, y in parts of
the picture's side, y down.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

_EYE_L, _EYE_R, _NOSE_TIP, _MOUTH_L, _MOUTH_R = (33, 133), (362, 263), 4, 61, 291  # of the mesh
Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Template:
    """name: '' for an alignment of the network's own. points: five x, y in [0, 1], see above."""

    name: str
    points: Points


def _parts(side: float, *points: tuple[float, float]) -> Points:
    return tuple((x / side, y / side) for x, y in points)


# Source: the alignment of ArcFace (Deng et al. 2019) as its authors publish it, in a picture of 112 px; at 128 px the
# same points lie 8 px further right. Five points of FFHQ's alignment (Karras et al. 2019) at 512 px, as the
# restoration networks trained on it publish them.
_ARCFACE = ((38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041))
_FFHQ = (
    (192.98138, 239.94708),
    (318.90277, 240.1936),
    (256.63416, 314.01935),
    (201.26117, 371.41043),
    (313.08905, 371.15118),
)
TEMPLATES: Final = {
    template.name: template
    for template in (
        Template("arcface_112", _parts(112.0, *_ARCFACE)),
        Template("arcface_128", _parts(128.0, *((x + 8.0, y) for x, y in _ARCFACE))),
        Template("ffhq_512", _parts(512.0, *_FFHQ)),
    )
}


def five_points(landmarks: np.ndarray) -> np.ndarray:
    """The five points of a template on a face, (5, 2), in the unit of its landmarks. landmarks: (478, 2|3), as Face's.

    Eyes are the middle of their corners: where somebody looks must not turn the alignment.
    """
    points = landmarks[:, :2]
    left, right = ((points[a] + points[b]) / 2.0 for a, b in (_EYE_L, _EYE_R))
    return np.stack([left, right, points[_NOSE_TIP], points[_MOUTH_L], points[_MOUTH_R]])
