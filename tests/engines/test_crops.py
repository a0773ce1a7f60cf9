"""Real pictures as a network takes them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from engines.crops import crops
from engines.networks import NETWORKS
from ff_vfx.errors import ModelError


@pytest.mark.parametrize("kind", ["face_parser", "landmarks", "enhancer", "upscaler", "face_detector"])
def test_they_fill_the_range_and_are_not_one_another(kind: str):
    spec = NETWORKS[kind].spec
    tensor = spec.inputs[0]
    samples = crops(spec, 4)
    low, high = (np.asarray(level, np.float32).reshape(1, -1, 1, 1) for level in (tensor.low, tensor.high))
    for sample in samples:
        shown = (sample[tensor.name] - low) / (high - low)
        assert shown.min() > -1e-5 and shown.max() < 1.0 + 1e-5 and shown.std() > 0.05
    assert len({sample[tensor.name].tobytes() for sample in samples}) == 4
    assert np.array_equal(crops(spec, 1)[0][tensor.name], samples[0][tensor.name])


def test_a_flow_network_is_shown_a_frame_and_the_next():
    sample = crops(NETWORKS["flow"].spec, 1)[0]
    moved = np.abs(sample["image1"] - sample["image2"]).mean()
    assert 0.1 < moved < 20.0


def test_a_folder_of_the_studios_own_is_taken(tmp_path: Path):
    cv2.imwrite(str(tmp_path / "face.png"), np.full((90, 60, 3), (255, 0, 0), np.uint8))
    shown = crops(NETWORKS["enhancer"].spec, 1, tmp_path)[0]["input"]
    assert shown.shape == (1, 3, 512, 512)
    assert np.allclose(shown.mean((0, 2, 3)), [-1.0, -1.0, 1.0], atol=1e-5)


def test_a_folder_without_pictures_or_with_a_broken_one_is_said(tmp_path: Path):
    with pytest.raises(ModelError, match="no picture to cut crops from"):
        crops(NETWORKS["enhancer"].spec, 1, tmp_path)
    (tmp_path / "face.png").write_bytes(b"no picture")
    with pytest.raises(ModelError, match=r"face\.png: cannot be read as a picture"):
        crops(NETWORKS["enhancer"].spec, 1, tmp_path)
