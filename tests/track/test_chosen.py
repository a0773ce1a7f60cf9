"""Which networks find and know faces: a setting before a pack before the embedded; and a whole pack at work."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ff_vfx.engine import pull_embedded
from ff_vfx.engine.models.pack import Pack, read_pack
from ff_vfx.errors import BadInput, ModelError
from ff_vfx.track import Detectors, detect_faces, detect_still, open_detectors, settings_key
from ff_vfx.track.chosen import chosen_models
from ff_vfx.track.finders import EmbeddedFinder, NetworkFinder
from ff_vfx.track.recognise import likeness
from ff_vfx.track.witness import FinderWitness, PointsWitness, disagreement
from ff_vfx.types.settings import TrackSettings
from tests.contract.models import mobile_face_net, yunet
from tests.contract.offline import cut_off
from tests.contract.pack import write_pack
from tests.track.shots import DATA, frame_of, picture_of, read_exr, read_srgb

USUAL = TrackSettings()


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The embedded networks, and two that settings may name."""
    pytest.importorskip("onnxruntime", reason="onnxruntime is an optional extra")
    if not (DATA / "onnx").is_dir() or not (DATA / "embedded_models").is_dir():
        pytest.skip("the networks do not lie beside the checkout")
    folder = tmp_path_factory.mktemp("models")
    pull_embedded(folder, source=DATA / "embedded_models")
    for name, (file, manifest) in (("known_finder", yunet()), ("known_eyes", mobile_face_net())):
        shutil.copyfile(file, folder / f"{name}.onnx")
        (folder / f"{name}.json").write_text(replace(manifest, name=name, file=f"{name}.onnx").as_json())
    return folder


@pytest.fixture(scope="module")
def pack(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return read_pack(write_pack(tmp_path_factory.mktemp("pack") / "buffalo_l"))


@pytest.fixture(scope="module")
def from_pack(models: Path, pack: Pack) -> Iterator[Detectors]:
    """Opened with the network cut."""
    with pytest.MonkeyPatch.context() as patch:
        cut_off(patch)
        yield open_detectors(models, USUAL, pack)


def test_by_default_the_embedded_alone_and_the_key_of_always(models: Path):
    chosen = chosen_models(models, USUAL)
    assert (chosen.detector, chosen.recogniser, chosen.landmarks, chosen.key) == (None, None, (), "")
    engines = open_detectors(models)
    assert engines.finder is None and engines.recogniser is None and isinstance(engines.searcher, EmbeddedFinder)
    assert settings_key(USUAL, chosen.key) == settings_key(USUAL)


def test_a_setting_wins_over_the_pack_and_the_pack_over_the_embedded(models: Path, pack: Pack):
    named = TrackSettings(detector="known_finder")
    chosen = chosen_models(models, named, pack)
    assert chosen.detector is not None and chosen.detector.manifest.name == "known_finder"
    assert chosen.recogniser is not None and chosen.recogniser.manifest.name == "w600k_r50"
    engines = open_detectors(models, TrackSettings(detector="known_finder", detector_px=320, recogniser="known_eyes"))
    assert isinstance(engines.finder, NetworkFinder) and engines.finder.side_px == 320
    assert engines.recogniser is not None and engines.recogniser.name == "known_eyes"
    assert [name.split()[0] for _, name in engines.made_with] == ["known_finder", "known_eyes"]


def test_a_solve_of_other_networks_is_not_taken_for_this_one(models: Path, pack: Pack):
    keys = {
        chosen_models(models, settings, folder).key
        for settings in (USUAL, TrackSettings(detector="known_finder"), TrackSettings(recogniser="known_eyes"))
        for folder in (None, pack)
    }
    assert len(keys) == 6


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"detector": "nobody"}, ModelError, "track.detector: no model 'nobody' in"),
        ({"detector": "a/b"}, BadInput, "track.detector a/b: is a path"),
        ({"detector": "known_eyes"}, BadInput, "of kind 'recogniser'; one of kind 'face_detector' is needed"),
        ({"recogniser": "known_finder"}, BadInput, "of kind 'face_detector'; one of kind 'recogniser' is needed"),
    ],
)
def test_a_name_that_cannot_be_is_told_with_its_setting(models: Path, settings, error, words):
    with pytest.raises(error, match=words):
        chosen_models(models, TrackSettings(**settings))


def test_a_pack_finds_the_faces_and_its_points_agree(from_pack: Detectors, shots: Path):
    frames = [read_srgb(DATA / "photos" / "astronaut_nasa_512.png")]
    frames += [frame_of(picture_of(shot, 1001)) for shot in ("s010", "s020")]
    for frame in frames:
        (face,) = detect_faces(frame, from_pack, USUAL)
        assert face.confidence > 0.8
        assert isinstance(from_pack.witness, PointsWitness)
        assert disagreement(frame, face, from_pack.witness) < USUAL.agreement
        assert from_pack.finder is not None
        assert disagreement(frame, face, FinderWitness(from_pack.finder)) < USUAL.agreement


def test_a_pack_knows_a_again_and_does_not_take_c_for_a(from_pack: Detectors, shots: Path):
    frames = {n: frame_of(picture_of("s010", n)) for n in (1001, 1016)}
    frames |= {k: frame_of(read_exr(DATA / "shots" / "s010" / "performer" / f"still_{k}.exr")) for k in (0, 1)}
    who = {}
    for name, frame in frames.items():
        face = detect_still(frame, from_pack, str(name))
        assert from_pack.recogniser is not None
        who[name] = from_pack.recogniser.embed(frame, face)
    same = likeness(who[1001], who[1016]), likeness(who[0], who[1])
    other = [likeness(who[a], who[c]) for a in (1001, 1016) for c in (0, 1)]
    assert min(same) > 0.65 and max(other) < USUAL.same_person, (same, other)


def test_a_landmark_network_of_68_points_is_read_like_one_of_106(pack: Pack, from_pack: Detectors, shots: Path):
    frame = frame_of(picture_of("s010", 1001))
    (face,) = detect_faces(frame, from_pack, USUAL)
    small, large = (PointsWitness(pack.open(manifest)).points(frame, face) for manifest in pack.landmarks)
    assert small is not None and large is not None and np.abs(small - large).max() < 1e-3
