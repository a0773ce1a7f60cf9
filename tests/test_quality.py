"""Bounds on the picture, against ground truth: the example shot, default settings.

Four frames of truth are committed; what needs true motion or a recogniser uses the data beside the checkout.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from benchmarks.truth.measures import (
    detail_error,
    embedding,
    flicker,
    full_error,
    read_rgb,
    sharpness,
    warp_error,
)
from ff_vfx import door
from tests.conftest import example_job

FRAMES = (1001, 1006, 1011, 1016)
ALL = range(1001, 1017)


def face_of(shot: Path, number: int) -> torch.Tensor:
    return torch.from_numpy(np.load(shot / "truth" / "parts.npz")[f"truth_face_{number}"]).float()[None]


def ratio(made: Path, shot: Path, error) -> float:
    """Our error to the truth over the untouched plate's, root mean square over the frames."""
    pairs = []
    for number in FRAMES:
        face, truth = face_of(shot, number), read_rgb(shot / "truth" / f"truth.{number}.exr")
        ours, plate = read_rgb(made / f"comp.{number}.exr"), read_rgb(shot / f"plate.{number}.exr")
        pairs.append((error(ours, truth, face) ** 2, error(plate, truth, face) ** 2))
    ours, plates = np.mean(pairs, 0)
    return float(np.sqrt(ours / plates))


def test_the_face_is_at_least_a_fifth_nearer_to_the_truth_than_the_plate(rendered_example, example_shot):
    assert ratio(rendered_example, example_shot, detail_error) <= 0.80


def test_in_the_performers_own_tone_the_whole_difference_falls_by_a_quarter(
    models_dir, example_shot, example_solve, tmp_path
):
    job = example_job(models_dir, example_shot, example_solve, tmp_path)
    settings = {"composite": {"skin_tone": 1.0}}
    report = door.render(door.make_job({**job, "frames": ",".join(map(str, FRAMES)), "settings": settings}))
    assert report.exit_code == 0
    assert ratio(tmp_path, example_shot, full_error) <= 0.75


@pytest.fixture(scope="module")
def truth(shared_data) -> dict[str, list]:
    """True motion, landmarks, masks and pictures of every frame."""
    shot = shared_data / "shots" / "s010"
    loaded = [dict(np.load(shot / f"gt.{n}.npz")) for n in ALL]
    both = [torch.from_numpy(g["truth_face"] & g["plate_face"]).float()[None] for g in loaded]
    grained = [read_rgb(shot / f"truth_grain.{n}.exr") for n in ALL]
    return {"gt": loaded, "faces": both, "truth": grained, "plate": [read_rgb(shot / f"plate.{n}.exr") for n in ALL]}


@pytest.fixture(scope="module")
def made(rendered_example) -> list[torch.Tensor]:
    return [read_rgb(rendered_example / f"comp.{n}.exr") for n in ALL]


def test_it_holds_as_still_as_the_truth(made, truth):
    of = {who: [g[f"{who}_flow_forward"] for g in truth["gt"]] for who in ("plate", "truth")}
    points = {who: [g[f"{who}_landmarks68"] for g in truth["gt"]] for who in ("plate", "truth")}
    ours = warp_error(made, of["plate"], truth["faces"]), flicker(made, points["plate"], 24.0)
    true = warp_error(truth["truth"], of["truth"], truth["faces"]), flicker(truth["truth"], points["truth"], 24.0)
    assert ours[0] <= 1.1 * true[0] and ours[1] <= 1.1 * true[1]


def test_it_is_as_sharp_as_the_truth(made, truth):
    assert sharpness(made, truth["faces"]) >= 0.9 * sharpness(truth["truth"], truth["faces"])


def test_a_recogniser_takes_every_frame_for_the_performer(made, truth, shared_data, example_shot):
    net = cv2.dnn.readNetFromONNX(str(shared_data / "onnx" / "MobileFaceNet.onnx"))
    performer = performers_embedding(net, example_shot, shared_data)
    cosines = []
    for ours, plate, g in zip(made, truth["plate"], truth["gt"], strict=True):
        actor = embedding(net, plate, g["plate_landmarks68"])
        found = embedding(net, ours, g["plate_landmarks68"])
        cosines.append(float(found @ performer))
        assert found @ performer > found @ actor
    assert np.mean(cosines) >= 0.72


def performers_embedding(net, example_shot: Path, shared_data: Path) -> np.ndarray:
    """Who the performer is, from his front still; its landmarks from our own tracker."""
    from ff_vfx.engine import pull_embedded
    from ff_vfx.plate import read_still
    from ff_vfx.track import detect_still, open_detectors

    folder = example_shot.parents[1] / "out" / "test-models"
    pull_embedded(folder, source=shared_data / "embedded_models")
    still = read_still(example_shot / "performer" / "still_0.exr")
    points = detect_still(still, open_detectors(folder), "still_0").landmarks
    sixty_eight = np.zeros((68, 2))
    for group, mesh in ((range(36, 42), 468), (range(42, 48), 473), ((30,), 4), ((48,), 61), ((54,), 291)):
        sixty_eight[list(group)] = points[mesh, :2]
    return embedding(net, still.pixels[:3].float(), sixty_eight)
