import numpy as np

from ff_vfx.fuse.mesh.expression import separate
from ff_vfx.types.face_modes import face_modes


def _performance(n: int, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """(rest, shapes) of a made-up person whose expression never returns to rest."""
    modes, rng = face_modes(), np.random.default_rng(seed)
    rest = modes.mean + np.tensordot(rng.normal(size=len(modes.identity)), modes.identity, 1)
    lasting = rng.normal(size=len(modes.expression))
    moving = lasting + 0.3 * rng.normal(size=(n, len(modes.expression)))
    return rest, rest + np.tensordot(moving, modes.expression, 1)


def _error(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.linalg.norm((a - b)[:468, :2], axis=1).mean())


def test_shapes_are_rest_plus_expression() -> None:
    _, shapes = _performance(6)
    rest, expressions = separate(shapes, np.ones(6), face_modes(), at_rest=False)
    assert np.allclose(rest + expressions, shapes)


def test_a_lasting_expression_is_mostly_not_taken_for_identity() -> None:
    # Of one person a part stays ambiguous (0.14 to 0.84 of the mean's error over 40 of them); over many it must help.
    ours, plain = [], []
    for seed in range(20):
        true_rest, shapes = _performance(8, seed)
        rest, _ = separate(shapes, np.ones(8), face_modes(), at_rest=False)
        ours.append(_error(rest, true_rest))
        plain.append(_error(shapes.mean(0), true_rest))
    assert np.mean(ours) < 0.5 * np.mean(plain)
    assert (np.array(ours) < np.array(plain)).all()


def test_stills_at_rest_keep_more_of_what_is_seen() -> None:
    _, shapes = _performance(4)
    tight, _ = separate(shapes, np.ones(4), face_modes(), at_rest=True)
    loose, _ = separate(shapes, np.ones(4), face_modes(), at_rest=False)
    assert _error(tight, shapes.mean(0)) < _error(loose, shapes.mean(0))


def test_own_detail_stays_in_the_rest() -> None:
    modes = face_modes()
    detail = np.zeros((478, 3))
    detail[4, 2] = -0.05  # a longer nose
    plain, _ = separate(modes.mean[None], np.ones(1), modes, at_rest=False)
    own, _ = separate((modes.mean + detail)[None], np.ones(1), modes, at_rest=False)
    assert (own - plain)[4, 2] < -0.04


def test_gaze_is_not_identity() -> None:
    modes = face_modes()
    aside = modes.mean.copy()
    aside[468:, 0] += 0.04
    rest, expressions = separate(aside[None], np.ones(1), modes, at_rest=False)
    assert np.abs(rest[468:] - modes.mean[468:]).max() < 0.005
    assert expressions[0, 468:, 0].mean() > 0.035


def test_a_weight_of_nothing_counts_for_nothing_and_it_is_deterministic() -> None:
    _, shapes = _performance(5)
    part, _ = separate(shapes[:4], np.ones(4), face_modes(), at_rest=False)
    masked, _ = separate(shapes, np.array([1.0, 1.0, 1.0, 1.0, 0.0]), face_modes(), at_rest=False)
    again, _ = separate(shapes, np.array([1.0, 1.0, 1.0, 1.0, 0.0]), face_modes(), at_rest=False)
    assert np.allclose(part, masked)
    assert np.array_equal(masked, again)
