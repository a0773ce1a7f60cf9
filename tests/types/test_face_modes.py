import numpy as np
import pytest

from ff_vfx.types.face_mesh import face_mesh
from ff_vfx.types.face_modes import face_modes

_WEIGHT = np.array([1.0, 1.0, 0.5])  # the principal components were taken with z at half weight


def test_shapes_and_read_only() -> None:
    modes = face_modes()
    assert modes.mean.shape == (478, 3)
    for group in (modes.identity, modes.expression):
        assert group.shape[1:] == (478, 3)
        assert 1 <= len(group) <= 30
        assert not group.flags.writeable
    assert 0.0 < modes.noise < 0.01


def test_unit_is_the_outer_eye_distance() -> None:
    mean = face_modes().mean
    assert np.linalg.norm(mean[33] - mean[263]) == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize("name", ["identity", "expression"])
def test_modes_are_orthogonal_and_sorted(name: str) -> None:
    flat = (getattr(face_modes(), name) * _WEIGHT).reshape(len(getattr(face_modes(), name)), -1)
    size = np.linalg.norm(flat, axis=1)
    cosine = (flat / size[:, None]) @ (flat / size[:, None]).T
    assert np.abs(cosine - np.eye(len(flat))).max() < 0.02
    assert (np.diff(size) <= 1e-3).all()


@pytest.mark.parametrize("name", ["identity", "expression"])
def test_mirrored_modes_stay_in_the_span(name: str) -> None:
    modes = getattr(face_modes(), name)
    mirrored = modes[:, face_mesh().mirror] * np.array([-1.0, 1.0, 1.0])
    span = modes.reshape(len(modes), -1)
    flat = mirrored.reshape(len(modes), -1)
    fitted = flat @ np.linalg.pinv(span) @ span
    assert (np.linalg.norm(flat - fitted, axis=1) < 0.05 * np.linalg.norm(flat, axis=1)).all()


def test_a_blink_and_an_open_jaw_can_be_told() -> None:
    lids = face_modes().expression
    gap = np.abs(lids[:, 145, 1] - lids[:, 159, 1])
    assert np.sqrt((gap**2).sum()) > 0.01
    jaw = np.abs(lids[:, 14, 1] - lids[:, 13, 1])
    assert np.sqrt((jaw**2).sum()) > 0.05
