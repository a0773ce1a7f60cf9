"""The embedded networks see what their manifests say they see: checked on a portrait in the public domain."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from ff_vfx.engine import EMBEDDED, open_model, pull_embedded
from ff_vfx.engine.pictures import to_network
from ff_vfx.types.engine import Engine

FACE = (30, 140, 170)  # top, left, side of the portrait's face, px
EYE = (79, 181, 46)  # its right eye, on the left in the picture


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory, embedded_source: Path) -> Path:
    folder = tmp_path_factory.mktemp("models")
    pull_embedded(folder, source=embedded_source)
    return folder


@pytest.fixture(scope="module")
def portrait(shared_data: Path) -> np.ndarray:
    path = shared_data / "photos" / "astronaut_nasa_512.png"
    if not path.is_file():
        pytest.skip(f"needs the portrait {path}")
    picture = cv2.imread(str(path))
    assert picture is not None
    return picture[:, :, ::-1]


def _seen(engine: Engine, picture: np.ndarray) -> dict[str, np.ndarray]:
    tensor = engine.spec.inputs[0]
    side = tensor.shape[-1] or 0
    small = cv2.resize(np.ascontiguousarray(picture), (side, side), interpolation=cv2.INTER_AREA).astype(np.float32)
    return {tensor.name: to_network(torch.from_numpy(small.transpose(2, 0, 1)[None] / 255), tensor)}


def _cut(picture: np.ndarray, where: tuple[int, int, int]) -> np.ndarray:
    top, left, side = where
    return picture[top : top + side, left : left + side]


@pytest.mark.parametrize("manifest", EMBEDDED, ids=lambda m: m.name)
def test_each_gives_finite_numbers_of_the_promised_shapes(models: Path, portrait: np.ndarray, manifest):
    engine = open_model(manifest.name, models)
    outputs = engine.run(_seen(engine, portrait))
    assert {n: a.shape for n, a in outputs.items()} == {t.name: t.shape for t in manifest.outputs}
    assert all(a.dtype == np.float32 and np.isfinite(a).all() for a in outputs.values())


@pytest.mark.parametrize("manifest", EMBEDDED, ids=lambda m: m.name)
def test_a_second_run_leaves_the_first_result_and_the_input_alone(models: Path, portrait: np.ndarray, manifest):
    engine = open_model(manifest.name, models)
    inputs = _seen(engine, portrait)
    before = {n: a.copy() for n, a in inputs.items()}
    first = engine.run(inputs)
    kept = {n: a.copy() for n, a in first.items()}
    engine.run({n: a[..., ::-1] * 0.5 for n, a in inputs.items()})
    assert all(np.array_equal(first[n], kept[n]) for n in kept)
    assert all(np.array_equal(inputs[n], before[n]) for n in before)
    again = engine.run(inputs)
    assert all(np.array_equal(again[n], kept[n]) for n in kept)


def test_the_face_finder_finds_the_face_where_it_is(models: Path, portrait: np.ndarray):
    engine = open_model("face_detection_short_range", models)
    outputs = engine.run(_seen(engine, portrait))
    scores = 1 / (1 + np.exp(-np.clip(outputs["classificators"].ravel(), -50, 50)))
    best = int(scores.argmax())
    assert scores[best] > 0.9
    assert best < 512  # One of the 16 x 16 cells with 2 anchors each.
    cell = best // 2
    anchor = np.array([cell % 16 + 0.5, cell // 16 + 0.5]) * 8
    box = outputs["regressors"][0, best]
    centre = (anchor + box[:2]) * 4
    assert np.abs(centre - (225, 115)).max() < 20
    right_eye, left_eye = anchor + box[4:6], anchor + box[6:8]
    assert right_eye[0] < left_eye[0]


def test_the_mesh_lies_on_the_face_and_is_sure_of_it(models: Path, portrait: np.ndarray):
    engine = open_model("face_landmark", models)
    face = engine.run(_seen(engine, _cut(portrait, FACE)))
    points = face["conv2d_21"].reshape(468, 3)
    assert face["conv2d_31"].item() > 5
    assert points[:, :2].min() > 0 and points[:, :2].max() < 192
    assert points[33, 0] < points[1, 0] < points[263, 0]  # right eye, nose, left eye
    assert points[1, 2] < points[33, 2]  # the nose is nearer
    nothing = engine.run(_seen(engine, np.full((8, 8, 3), 90, np.uint8)))
    assert nothing["conv2d_31"].item() < 0


def test_the_iris_is_found_in_the_eye(models: Path, portrait: np.ndarray):
    engine = open_model("iris_landmark", models)
    mirrored = _cut(portrait, EYE)[:, ::-1]
    iris = engine.run(_seen(engine, mirrored))["output_iris"].reshape(5, 3)[:, :2]
    radius = np.linalg.norm(iris[1:] - iris[0], axis=1)
    assert np.abs(iris[0] - 32).max() < 12
    assert radius.min() > 3 and radius.max() < 10


def test_the_person_matte_is_one_on_her_and_zero_beside_her(models: Path, portrait: np.ndarray):
    engine = open_model("selfie_segmentation", models)
    matte = engine.run(_seen(engine, portrait))["activation_10"][0, 0]
    assert matte.min() >= 0 and matte.max() <= 1
    assert matte[100, 110] > 0.95 and matte[10, 10] < 0.05
