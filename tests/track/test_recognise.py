"""Who is this? With a made-up network whose answer is known, and with a real one on real and made faces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from ff_vfx.engine import open_engine
from ff_vfx.errors import BadInput, ModelError
from ff_vfx.track import Detectors, detect_still
from ff_vfx.track.recognise import Recogniser, likeness, mean_embedding, performer_embedding
from ff_vfx.types.engine import EngineSpec, TensorSpec
from ff_vfx.types.face import Face
from ff_vfx.types.identity import Identity, Still
from ff_vfx.types.template import TEMPLATES, five_points
from ff_vfx.types.window import Window
from tests.contract.models import mobile_face_net
from tests.synthetic import posed_face
from tests.track.shots import DATA, frame_of, picture_of, read_srgb


class Means:
    """Answers with the mean colours of the four quarters of its picture, so that the picture can be told from it."""

    def __init__(self, side: int | None = 112, kind: str = "recogniser") -> None:
        self.shown: np.ndarray | None = None
        self.spec = EngineSpec(
            "means",
            kind,
            (TensorSpec("data", (1, 3, side, side), "nchw", -1.0, 1.0, "srgb", "rgb"),),
            (TensorSpec("fc1", (1, 12), "flat"),),
            template=TEMPLATES["arcface_112"],
        )

    def run(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        self.shown = inputs["data"]
        half = self.shown.shape[-1] // 2
        quarters = [self.shown[..., y : y + half, x : x + half].mean((2, 3)) for y in (0, half) for x in (0, half)]
        return {"fc1": np.concatenate(quarters, 1)}


@pytest.fixture(scope="session")
def recogniser() -> Recogniser:
    pytest.importorskip("onnxruntime", reason="onnxruntime is an optional extra")
    file, manifest = mobile_face_net()
    if not file.is_file():
        pytest.skip(f"needs {file}")
    return Recogniser(open_engine(manifest, file))


@pytest.fixture(scope="session")
def stills(engines: Detectors, shots: Path) -> dict[str, Still]:
    """C and F of the two performers' folders, A and B of the plates, and somebody real."""
    found = {}
    for name, shot, number in (("A1", "s010", 1001), ("A2", "s010", 1016), ("B1", "s020", 1001), ("B2", "s020", 1016)):
        frame = frame_of(picture_of(shot, number), number)
        found[name] = Still(frame, detect_still(frame, engines, name), name)
    frame = read_srgb(DATA / "photos" / "astronaut_nasa_512.png")
    found["N"] = Still(frame, detect_still(frame, engines, "N"), "N")
    return found


def test_the_picture_is_laid_as_the_template_says_in_range_and_order():
    engine = Means()
    picture = torch.zeros(3, 300, 300)
    picture[0, :, 150:] = 1.0  # the right half is red
    points = np.array(TEMPLATES["arcface_112"].points) * 200.0 + 50.0
    found = Recogniser(engine).embed_picture(picture, points)
    assert engine.shown is not None and engine.shown.shape == (1, 3, 112, 112) and engine.shown.dtype == np.float32
    assert np.allclose(engine.shown[0, 0, :, :54], -1.0) and np.allclose(engine.shown[0, 0, :, 58:], 1.0)
    assert np.allclose(engine.shown[0, 1:], -1.0)
    assert found.shape == (12,) and found.dtype == np.float32 and abs(np.linalg.norm(found) - 1.0) < 1e-6


def test_a_face_is_turned_upright_before_it_is_shown():
    engine = Means()
    points = np.array(TEMPLATES["arcface_112"].points) * 112.0
    ramp = torch.linspace(0, 1, 112)[None, None].expand(3, 112, 112)
    upright = Recogniser(engine).embed_picture(ramp, points)
    turned = torch.rot90(ramp, -1, (1, 2))  # clockwise: x, y -> 112 - y, x
    again = Recogniser(engine).embed_picture(turned, np.stack([112.0 - points[:, 1], points[:, 0]], 1))
    assert likeness(upright, again) > 0.9999


def test_fine_stripes_do_not_alias_when_a_large_face_is_shown_small():
    engine = Means()
    stripes = (torch.arange(1120) % 2).float()[None, None].expand(3, 1120, 1120)
    Recogniser(engine).embed_picture(stripes, np.array(TEMPLATES["arcface_112"].points) * 1120.0)
    assert engine.shown is not None and np.abs(engine.shown[0, :, 8:-8, 8:-8]).max() < 0.02


@pytest.mark.parametrize("stops", [-4.0, 3.0])
def test_exposure_does_not_decide_who_it_is(recogniser: Recogniser, stills: dict[str, Still], stops: float):
    still = stills["A1"]
    other = replace(still.frame, pixels=still.frame.pixels * 2.0**stops)
    assert likeness(recogniser.embed(still.frame, still.face), recogniser.embed(other, still.face)) > 0.999


def test_one_person_is_alike_and_others_are_not(recogniser: Recogniser, stills: dict[str, Still]):
    who = {name: recogniser.embed(still.frame, still.face) for name, still in stills.items()}
    assert who["A1"].shape == (128,)
    assert min(likeness(who["A1"], who["A2"]), likeness(who["B1"], who["B2"])) > 0.8
    assert max(likeness(who[a], who[b]) for a in ("A1", "A2") for b in ("B1", "B2")) < 0.6
    assert max(likeness(who["N"], who[b]) for b in ("A1", "A2", "B1", "B2")) < 0.3


def test_size_and_pixel_aspect_do_not_decide_who_it_is(recogniser: Recogniser, stills: dict[str, Still]):
    still = stills["A1"]
    usual = recogniser.embed(still.frame, still.face)
    for across, down in ((3, 3), (1, 2)):
        pixels = still.frame.pixels.repeat_interleave(down, 1).repeat_interleave(across, 2)
        window = Window(0, 0, 512 * across, 512 * down)
        grown = replace(
            still.frame, pixels=pixels, data_window=window, display_window=window, pixel_aspect=down / across
        )
        assert likeness(usual, recogniser.embed(grown, _stretched(still.face, across, down))) > 0.98


def _stretched(face: Face, across: int, down: int) -> Face:
    pose = face.pose * np.array([[across], [down], [down]])
    crop = np.diag([across, down, 1.0]) @ face.crop_to_plate
    return replace(face, landmarks=face.landmarks * (across, down, down), pose=pose, crop_to_plate=crop)


def test_the_same_from_a_frame_as_from_its_display_picture(recogniser: Recogniser, stills: dict[str, Still]):
    still = stills["N"]
    shown = (still.frame.pixels.clamp(0, 1) ** (1 / 2.2)).float()
    by_picture = recogniser.embed_picture(shown, five_points(still.face.landmarks))
    assert likeness(by_picture, recogniser.embed(still.frame, still.face)) > 0.95


def test_frames_without_light_and_with_nan_are_answered(recogniser: Recogniser):
    face = posed_face()
    for value in (0.0, np.nan, np.inf, -3.0):
        found = recogniser.embed(frame_of(np.full((240, 240, 3), value, np.float32)), face)
        assert np.isfinite(found).all()
    far = replace(face, landmarks=face.landmarks + 1e5, crop_to_plate=face.crop_to_plate + 0.0)
    assert np.isfinite(recogniser.embed(frame_of(np.ones((240, 240, 3), np.float32)), far)).all()


def test_nothing_is_written_into_what_it_is_given(recogniser: Recogniser, stills: dict[str, Still]):
    still = stills["A1"]
    before = still.frame.pixels.clone()
    recogniser.embed(still.frame, still.face)
    assert bool((before == still.frame.pixels).all())


def test_what_is_no_recogniser_is_refused_with_the_reason():
    with pytest.raises(ModelError, match="of kind 'swapper'; a 'recogniser' with one input"):
        Recogniser(Means(kind="swapper"))
    engine = Means()
    engine.spec = replace(engine.spec, inputs=(replace(engine.spec.inputs[0], shape=(1, 3, 112, 96)),))
    with pytest.raises(ModelError, match="a square picture is needed"):
        Recogniser(engine)


def test_a_network_that_answers_nothing_is_told():
    engine = Means()
    engine.run = lambda inputs: {"fc1": np.zeros((1, 12), np.float32)}  # type: ignore[method-assign]
    with pytest.raises(ModelError, match="gives no embedding"):
        Recogniser(engine).embed_picture(torch.zeros(3, 9, 9), np.array(TEMPLATES["arcface_112"].points) * 9)


@pytest.mark.parametrize("points", [np.zeros((5, 2)), np.full((5, 2), np.nan), np.ones((4, 2))])
def test_points_that_cannot_be_a_face_are_refused(points):
    with pytest.raises(BadInput, match="five points"):
        Recogniser(Means()).embed_picture(torch.zeros(3, 9, 9), points)


def test_embeddings_of_two_recognisers_are_not_compared():
    with pytest.raises(BadInput, match="come from two recognisers"):
        likeness(np.ones(4, np.float32), np.ones(5, np.float32))


def test_the_mean_of_opposites_is_one_of_them():
    up = np.array([0, 1], np.float32)
    assert np.allclose(mean_embedding([up, np.array([1, 0], np.float32)]), np.sqrt(0.5))
    assert np.array_equal(mean_embedding([up, -up]), up)


def test_a_still_of_somebody_else_is_left_out_and_named(recogniser: Recogniser, stills: dict[str, Still]):
    identity = Identity("A", (stills["A1"], stills["A2"], stills["N"]))
    found, lines = performer_embedding(identity, recogniser)
    assert len(lines) == 1 and lines[0].startswith("still N: looks like somebody else")
    assert likeness(found, performer_embedding(Identity("A", (stills["A1"], stills["A2"])), recogniser)[0]) > 0.9999


def test_two_stills_that_disagree_are_both_named_and_both_used(recogniser: Recogniser, stills: dict[str, Still]):
    found, lines = performer_embedding(Identity("?", (stills["A1"], stills["N"])), recogniser)
    assert [line.split(":")[0] for line in lines] == ["still A1", "still N"]
    assert abs(np.linalg.norm(found) - 1.0) < 1e-6
