"""What is a person's own and what his face is doing. Read by the mesh fuser.

On (478, 3) point arrays in canonical space (see FaceMesh); no pictures.
"""

from __future__ import annotations

import numpy as np

from ff_vfx.types.face_modes import FaceModes

_DETAIL = 0.02  # std of a person's own shape beyond the modes, per coordinate; chosen on held-out synthetic heads
_LASTING = 1.0  # how far a shot's mean expression may lie from rest, in the modes' own deviations; chosen likewise
_AT_REST = 0.2  # the same for stills believed at rest; a guess, not tuned
_DEPTH_TRUST = 0.5  # the network's z beside its x, y
_EYES = ((468, 473), (473, 478))


def separate(
    shapes: np.ndarray, weights: np.ndarray, modes: FaceModes, *, at_rest: bool
) -> tuple[np.ndarray, np.ndarray]:
    """A person's rest shape and his expression on every frame.

    The rest keeps the person's own detail beyond the modes; gaze is never part of it.

    Args:
        shapes: (n, 478, 3) canonical, one person. weights: (n,) how much each counts, not all 0.
        at_rest: True for stills believed at rest: little is taken for expression.

    Returns:
        rest (478, 3) and expressions (n, 478, 3), canonical; shapes[i] = rest + expressions[i].

    Source: ours: maximum a posteriori with Gaussian priors. What a frame differs from the shot's mean is expression
        whatever the coefficients, so with the identity shared only the mean's own coefficients matter for the rest.
    """
    mean = np.average(shapes, axis=0, weights=weights)
    identity, lasting = _explain(mean, modes, _AT_REST if at_rest else _LASTING)
    rest = mean - np.tensordot(lasting, modes.expression, 1)
    expected = modes.mean + np.tensordot(identity, modes.identity, 1)
    for first, last in _EYES:
        rest[first:last] += (expected[first:last] - rest[first:last]).mean(0)
    return rest, shapes - rest


def _explain(shape: np.ndarray, modes: FaceModes, spread: float) -> tuple[np.ndarray, np.ndarray]:
    """The most probable identity (k,) and expression (m,) coefficients of one shape; the irises do not count."""
    trust = np.ones((478, 3))
    trust[:, 2] = _DEPTH_TRUST
    trust[468:] = 0.0
    rows = np.concatenate([modes.identity, modes.expression * spread]) * trust / _DETAIL
    rows = rows.reshape(len(rows), -1)
    seen = ((shape - modes.mean) * trust / _DETAIL).ravel()
    found = np.linalg.solve(rows @ rows.T + np.eye(len(rows)), rows @ seen)
    k = len(modes.identity)
    return found[:k], found[k:] * spread
