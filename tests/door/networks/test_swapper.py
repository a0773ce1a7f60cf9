"""ff_vfx.door.networks.swapper: a swapper is a manifest; what is missing is said before anything is rendered."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from ff_vfx.door.networks.swapper import Whose, open_swapper, swapper_key, swapper_recogniser
from ff_vfx.engine import read_manifest
from ff_vfx.errors import BadInput, ModelError
from ff_vfx.fuse.crop import take_crop
from ff_vfx.fuse.swap.layout import swap_layout
from ff_vfx.types.identity import Identity, Still
from ff_vfx.types.job import Job
from tests.contract.swappers import INSWAPPER, Family, matrix_of, write_swapper
from tests.synthetic import AS_IT_IS, SPACE, frame_of, picture, posed_face, track_of

LIGHT = (SPACE, -1.0)
TRACK = track_of({n: posed_face() for n in (1, 2, 3)})


class Knows:
    """A recogniser of few words."""

    name, side_px = "knows", 112

    def __init__(self, length: int = 512) -> None:
        self.answer = np.random.default_rng(1).standard_normal(length).astype(np.float32)
        self.answer /= np.linalg.norm(self.answer)

    def embed(self, frame, face):
        return self.answer


def job_of(folder: Path, **changes) -> Job:
    return Job(plate="plate.####.exr", models=str(folder), **changes)


def identity(embedding=None) -> Identity:
    return Identity("Ada", (Still(frame_of(picture(1), 1), posed_face(), "front.png"),), embedding)


def changed(manifest: Path, **fields) -> Path:
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), **fields}))
    return manifest


def opened(folder: Path, swapper: str, who: Whose | None = None):
    return open_swapper(job_of(folder), swapper, who or Whose(identity(), Knows()), TRACK, LIGHT)  # type: ignore[arg-type]


def test_a_manifest_anywhere_or_a_name_in_the_models_folder_is_the_swapper(tmp_path):
    manifest = write_swapper(tmp_path, INSWAPPER, "tint")
    by_path, told = opened(tmp_path / "elsewhere", str(manifest))
    by_name, _ = opened(tmp_path, "inswapper_like_tint")
    crop = take_crop(frame_of(picture(2), 1, torch.float32), posed_face(), 192, AS_IT_IS)
    assert torch.equal(by_path.fuse(crop).picture, by_name.fuse(crop).picture)
    assert not torch.equal(by_path.fuse(crop).picture, crop.pixels)
    assert told["swapper"] == {
        "model": "inswapper_like_tint",
        "boost": 1,
        "side_px": 128,
        "face_px": told["swapper"]["face_px"],  # type: ignore[index]
        "at_once": 4,
        "allowed_use": "any",
    }


def test_the_performer_is_told_in_the_recognisers_numbers_through_the_files_matrix(tmp_path):
    fuser, _ = opened(tmp_path, str(write_swapper(tmp_path, INSWAPPER)))
    wanted = Knows().answer.astype(np.float64) @ matrix_of(INSWAPPER)
    assert fuser.latent is not None
    assert np.allclose(fuser.latent[0], wanted / np.linalg.norm(wanted), atol=1e-6)


def test_a_network_that_needs_no_identity_needs_no_recogniser(tmp_path):
    family = Family("plain", length=0, matrix="")
    fuser, _ = opened(tmp_path, str(write_swapper(tmp_path, family)), Whose(identity()))
    assert fuser.latent is None


def test_whose_face_must_be_known(tmp_path):
    path = str(write_swapper(tmp_path, INSWAPPER))
    with pytest.raises(BadInput, match=r"inswapper_like_identity: must be told whose face.*track.recogniser.*pack"):
        opened(tmp_path, path, Whose(identity()))
    fuser, _ = opened(tmp_path, path, Whose(identity(Knows().answer)))
    assert fuser.latent is not None, "an identity that brings its embedding needs no recogniser"


def test_a_recogniser_of_other_numbers_is_refused_with_both(tmp_path):
    with pytest.raises(BadInput, match="gives 128 numbers"):
        opened(tmp_path, str(write_swapper(tmp_path, INSWAPPER)), Whose(identity(), Knows(128)))  # type: ignore[arg-type]


def test_the_recogniser_it_names_must_be_there(tmp_path):
    path = changed(write_swapper(tmp_path, INSWAPPER), recogniser="w600k_r50")
    with pytest.raises(BadInput, match="needs the recogniser 'w600k_r50' and the job has 'knows'"):
        opened(tmp_path, str(path))


def test_the_recogniser_it_names_is_opened_from_beside_it(tmp_path, shared_data):
    """MobileFaceNet, a real one of 128 numbers."""
    family = Family("small_like", length=128, matrix="")
    path = changed(write_swapper(tmp_path, family), recogniser="mobilefacenet")
    with pytest.raises(BadInput, match="the job has none"):
        opened(tmp_path, str(path), Whose(identity()))
    write_mobilefacenet(tmp_path, shared_data / "onnx" / "MobileFaceNet.onnx")
    fuser, _ = opened(tmp_path, str(path), Whose(identity()))
    assert fuser.latent is not None
    recogniser = swapper_recogniser(job_of(tmp_path), str(path))
    assert recogniser is not None and recogniser.licence == "MIT", "told in the Report with the swapper's own"
    assert fuser.latent.shape == (1, 128) and np.linalg.norm(fuser.latent) == pytest.approx(1.0, abs=1e-5)


def write_mobilefacenet(folder: Path, file: Path) -> None:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    taken, given = session.get_inputs()[0], session.get_outputs()[0]
    (folder / file.name).write_bytes(file.read_bytes())
    flat = {"layout": "flat", "low": 0, "high": 1, "encoding": "none", "channels": "none", "role": "embedding"}
    shape = [n if isinstance(n, int) else None for n in taken.shape]
    shown = {"layout": "nchw", "low": -1, "high": 1, "encoding": "srgb", "channels": "rgb", "role": "picture"}
    manifest = {
        "format": 2,
        "name": "mobilefacenet",
        "kind": "recogniser",
        "file": file.name,
        "licence": "MIT",
        "allowed_use": "any",
        "origin": "tests",
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "runtime": "onnx",
        "inputs": [{"name": taken.name, "shape": shape, **shown}],
        "outputs": [{"name": given.name, "shape": [n if isinstance(n, int) else None for n in given.shape], **flat}],
        "tolerance": 1e-4,
        "notes": "",
        "template": "arcface_112",
    }
    (folder / "mobilefacenet.json").write_text(json.dumps(manifest))


def test_the_stamps_part_changes_with_the_manifest_the_file_and_the_recogniser(tmp_path):
    assert swapper_key(job_of(tmp_path), "") == ""
    path = write_swapper(tmp_path, INSWAPPER)
    keys = [swapper_key(job_of(tmp_path), str(path))]
    changed(path, template="arcface_112")
    keys.append(swapper_key(job_of(tmp_path), str(path)))
    keys.append(swapper_key(job_of(tmp_path), str(write_swapper(tmp_path, INSWAPPER, "tint"))))
    changed(path, recogniser="own")
    keys.append(swapper_key(job_of(tmp_path), str(path)))
    (tmp_path / "own.json").write_text("{}")
    keys.append(swapper_key(job_of(tmp_path), str(path)))
    assert len(set(keys)) == 5 and swapper_key(job_of(tmp_path), "inswapper_like_tint") == keys[2]


@pytest.mark.parametrize("swapper", ["nobody", "folder/nobody.json", "model.onnx"])
def test_a_manifest_that_is_not_there_is_said_early(tmp_path, swapper):
    with pytest.raises(BadInput, match=f"swapper {swapper}: no manifest .*models add"):
        swapper_key(job_of(tmp_path), swapper)


def test_another_kind_of_model_is_refused_early(tmp_path):
    path = changed(write_swapper(tmp_path, Family("plain", length=0, matrix="")), kind="enhancer", identity_matrix="")
    with pytest.raises(BadInput, match="of kind 'enhancer'"):
        swapper_key(job_of(tmp_path), str(path))


def test_a_manifest_whose_shapes_are_no_swappers_is_refused_early(tmp_path):
    path = write_swapper(tmp_path, INSWAPPER)
    inputs = json.loads(path.read_text())["inputs"]
    changed(path, inputs=[inputs[1]])
    with pytest.raises(ModelError, match="picture"):
        swapper_key(job_of(tmp_path), str(path))


def test_a_file_that_is_not_the_manifests_is_refused(tmp_path):
    path = write_swapper(tmp_path, INSWAPPER)
    path.with_suffix(".onnx").write_bytes(b"something else")
    with pytest.raises(ModelError, match="hash"):
        opened(tmp_path, str(path))


def test_the_manifest_in_the_docs_is_one(tmp_path):
    page = (Path(__file__).resolve().parents[3] / "docs" / "swappers.md").read_text()
    (tmp_path / "studio_512.json").write_text(page.split("```json\n")[1].split("```")[0])
    layout = swap_layout(read_manifest(tmp_path / "studio_512.json").spec)
    assert layout.side == 512 and layout.identity is not None and layout.identity.shape == (None, 512)
