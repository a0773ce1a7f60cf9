"""The square of a picture that a network is shown: laid on a face by five points, or the whole picture.

Read by fuse and composite, for swappers, enhancers and matte networks alike.
"""

from __future__ import annotations

import numpy as np
import torch

from ff_vfx.image.fit import similarity_matrix
from ff_vfx.types.template import Template, five_points


def square_to_picture(template: Template | None, landmarks: np.ndarray, size: int, side: int) -> torch.Tensor:
    """(3, 3) float64: the square's px to the picture's.

    Args:
        template: where a face lies in the square; None: the square is the whole picture.
        landmarks: (478, 2|3) the face, px of the picture. size: the picture's side, side: the square's, px.
    """
    if template is None:
        return torch.diag(torch.tensor([size / side, size / side, 1.0], dtype=torch.float64))
    return torch.from_numpy(similarity_matrix(np.array(template.points) * side, five_points(landmarks)))
