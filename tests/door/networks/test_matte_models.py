"""ff_vfx.door.networks.matte_models: the matte networks are checked before anything is computed, and opened by name."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ff_vfx import door
from ff_vfx.composite.sight import MatteNetworks
from ff_vfx.door.networks.matte_models import matte_models_key, open_matte_models
from ff_vfx.errors import BadInput, ModelError
from tests.composite.by_colour import CLASSES, HIGH, LOW, SIDE, grey, marked
from tests.composite.test_parsing import BOX, HAIR, S, crop_with
from tests.composite.test_sight import fused_of
from tests.engine.onnx_graph import graph, node

SPACE = "ACEScg"


def job(folder: Path, **composite: object):
    return door.make_job({"plate": "plate.####.exr", "models": str(folder), "settings": {"composite": composite}})


def parser_file(classes: int = CLASSES) -> bytes:
    """Hair is what is greener than red, everything else skin."""
    weight = np.zeros((classes, 3, 1, 1), np.float32)
    weight[-2, 1], weight[-2, 0] = 40.0 * 0.224, -40.0 * 0.229
    bias = np.full(classes, -30.0, np.float32)
    bias[1], bias[-2] = 0.0, 40.0 * (0.456 - 0.485 - 0.25)
    return graph(
        [node("Conv", ["input", "w", "b"], "out", kernel_shape=[1, 1])],
        {"w": weight, "b": bias},
        {"input": [1, 3, SIDE, SIDE]},
        {"out": [1, classes, SIDE, SIDE]},
    )


def occluder_file() -> bytes:
    """What is not bluer than red is seen; nhwc, blue first."""
    return graph(
        [
            node("MatMul", ["in_face", "w"], "lead"),
            node("Clip", ["lead", "low", "high"], "out_mask"),
        ],
        {"w": np.array([[-4.0], [0.0], [4.0]], np.float32), "low": np.array(0.0), "high": np.array(1.0)},
        {"in_face": [1, SIDE, SIDE, 3]},
        {"out_mask": [1, SIDE, SIDE, 1]},
    )


def install(folder: Path, name: str, kind: str, file: bytes, **changes: object) -> None:
    """A model in the folder; changes: of its manifest."""
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.onnx").write_bytes(file)
    parser = kind == "face_parser"
    plain = {"low": 0.0, "high": 1.0, "encoding": "none", "channels": "none"}
    shown: dict[str, Any] = {"name": "input", "shape": [1, 3, SIDE, SIDE], "layout": "nchw", "low": LOW, "high": HIGH}
    if not parser:
        shown = {"name": "in_face", "shape": [1, SIDE, SIDE, 3], "layout": "nhwc", "low": 0.0, "high": 1.0}
    out = {**plain, "name": "out", "shape": [1, CLASSES, SIDE, SIDE], "layout": "nchw"}
    if not parser:
        out = {**plain, "name": "out_mask", "shape": [1, SIDE, SIDE, 1], "layout": "nhwc", "role": "matte"}
    manifest = {
        "format": 2,
        "name": name,
        "kind": kind,
        "file": f"{name}.onnx",
        "licence": "MIT",
        "allowed_use": "any",
        "origin": "made here",
        "sha256": hashlib.sha256(file).hexdigest(),
        "runtime": "onnx",
        "inputs": [{**shown, "encoding": "srgb", "channels": "rgb" if parser else "bgr"}],
        "outputs": [out],
        "tolerance": 0.001,
        "notes": "",
    }
    (folder / f"{name}.json").write_text(json.dumps({**manifest, **changes}))


def test_without_a_name_there_is_nothing_to_open_and_no_key(tmp_path):
    assert matte_models_key(job(tmp_path)) == "" and open_matte_models(job(tmp_path), SPACE, 0.0) is None


def test_networks_are_opened_by_name_and_see_through_the_real_runtime(tmp_path):
    pytest.importorskip("onnxruntime", reason="onnxruntime is an optional extra")
    install(tmp_path, "faces", "face_parser", parser_file())
    made = open_matte_models(job(tmp_path, parser="faces"), SPACE, 0.0)
    assert isinstance(made, MatteNetworks) and made.occluder is None
    crop = crop_with(marked(grey(S), "green", BOX))
    hair = made.look(crop, fused_of(crop))[0].values[HAIR]
    x0, y0, x1, y1 = BOX
    assert hair[y0 + 4 : y1 - 4, x0 + 4 : x1 - 4].min() > 0.9 and hair[:40].max() < 0.1


def test_both_networks_at_once(tmp_path):
    pytest.importorskip("onnxruntime", reason="onnxruntime is an optional extra")
    install(tmp_path, "faces", "face_parser", parser_file())
    install(tmp_path, "hands", "occluder", occluder_file())
    made = open_matte_models(job(tmp_path, parser="faces", occluder="hands"), SPACE, 0.0)
    assert made is not None
    warm = torch.tensor([0.5, 0.3, 0.1])[:, None, None].expand(3, S, S)
    crop = crop_with(marked(warm, "blue", BOX))
    seen = made.look(crop, fused_of(crop))
    assert set(made.by_name(seen)) == {"parser", "occluder"}
    x0, y0, x1, y1 = BOX
    assert seen[1].values[0, y0 + 4 : y1 - 4, x0 + 4 : x1 - 4].max() < 0.1 and seen[1].values[0, y1 + 8, x0] > 0.9


def test_the_key_knows_names_files_and_how_a_face_is_shown(tmp_path):
    install(tmp_path, "faces", "face_parser", parser_file())
    first = matte_models_key(job(tmp_path, parser="faces"))
    assert len(first) == 64 and first == matte_models_key(job(tmp_path, parser="faces"))
    install(tmp_path, "faces", "face_parser", parser_file(), template="ffhq_512")
    aligned = matte_models_key(job(tmp_path, parser="faces"))
    install(tmp_path, "faces", "face_parser", parser_file(21))
    assert len({first, aligned, matte_models_key(job(tmp_path, parser="faces"))}) == 3


def test_a_name_without_a_model_is_an_error_of_the_model(tmp_path):
    with pytest.raises(ModelError, match=r"nobody\.json"):
        matte_models_key(job(tmp_path, occluder="nobody"))


@pytest.mark.parametrize("name", ["../faces", "sub/faces"])
def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path, name):
    with pytest.raises(BadInput, match=r"composite\.parser .*is a path"):
        matte_models_key(job(tmp_path, parser=name))


def test_a_model_of_another_kind_is_refused_before_it_is_loaded(tmp_path):
    install(tmp_path, "faces", "face_parser", b"no network at all")
    with pytest.raises(BadInput, match=r"composite\.occluder faces: a model of kind 'face_parser'; name one of kind"):
        matte_models_key(job(tmp_path, occluder="faces"))
