"""ff_vfx.fuse.enhance.guard: as strong as identity bears, once for the shot."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn.functional import interpolate, pad

from ff_vfx.colour import Bridge, Transform
from ff_vfx.door.linear import open_plate_to_render
from ff_vfx.engine.model import open_engine
from ff_vfx.fuse.crop import readable_crops
from ff_vfx.fuse.enhance.enhancer import Enhancer
from ff_vfx.fuse.enhance.guard import Guarded, guard
from ff_vfx.image.blur import gaussian
from ff_vfx.track import load_solve
from ff_vfx.track.recognise import Recogniser
from ff_vfx.types.fused import Fused
from tests.contract.models import mobile_face_net
from tests.fuse.enhance.enhancers import Network, brighter, gfpgan, itself
from tests.fuse.enhance.test_enhancer import BRIDGE, fused_of
from tests.fuse.enhance.test_shot import AsItIs
from tests.synthetic import SPACE

SAMPLES = [fused_of(torch.full((3, 240, 240), light)) for light in (0.15, 0.2, 0.25)]


def turning(per_step: float):
    """A recogniser that turns by so many radians for each unit the face's middle is brighter."""

    def embed(shown: torch.Tensor, points: np.ndarray) -> np.ndarray:
        assert points.shape == (5, 2) and shown.min() >= 0.0 and shown.max() <= 1.0
        x, y = points[2].astype(int)
        angle = per_step * float(shown[:, y - 8 : y + 8, x - 8 : x + 8].mean())
        return np.array([np.cos(angle), np.sin(angle)], np.float32)

    return embed


def found(network: Network, per_step: float, asked: float = 0.8, floor: float = 0.98) -> Guarded:
    return guard(Enhancer(network, BRIDGE), SAMPLES, turning(per_step), asked, floor)


def test_what_keeps_identity_is_as_strong_as_asked():
    kept = found(Network(brighter(0.1)), 1.0)
    assert kept.strength == 0.8 and kept.at_asked == kept.at_used == pytest.approx(np.cos(0.08), abs=1e-3)
    assert kept.told == "identity kept: cosine 0.997 at strength 0.80"


def test_what_does_not_is_scaled_back_to_the_floor():
    # The angle is 8 * 0.1 * strength; cos 0.2003 = 0.98, so 0.25 is the most it bears.
    kept = found(Network(brighter(0.1)), 8.0)
    assert kept.strength == pytest.approx(0.25, abs=0.015)
    assert 0.98 <= kept.at_used < 0.983 and kept.at_asked == pytest.approx(np.cos(0.64), abs=0.01)
    assert kept.told.startswith("scaled back from 0.80, cosine 0.80")


def test_another_person_is_rejected():
    kept = found(Network(brighter(0.1)), 200.0)
    assert kept.strength == 0.0 and kept.told.startswith("rejected: cosine")


def test_a_network_that_changes_nothing_keeps_all():
    assert found(Network(itself), 100.0).at_asked == pytest.approx(1.0)


def test_without_a_recogniser_the_report_says_so():
    assert Guarded(0.8, 0.8).told == "no recogniser: identity is not guarded"


def test_the_strength_does_not_depend_on_the_order_of_samples():
    enhancer, embed = Enhancer(Network(brighter(0.1)), BRIDGE), turning(8.0)
    one, other = (guard(enhancer, samples, embed, 0.8, 0.98).strength for samples in (SAMPLES, SAMPLES[::-1]))
    assert one == other


@pytest.fixture(scope="module")
def real_faces(example_shot: Path, example_solve: Path) -> list[Fused]:
    """Three frames of the example shot as they are."""
    pytest.importorskip("onnxruntime")
    plate = open_plate_to_render(str(example_shot / "plate.####.exr"), "")
    (track,) = load_solve(example_solve).tracks
    to_light = Transform.between(plate.colour_space, SPACE)
    crops = readable_crops(plate, track, track.spread(3), 512, to_light)
    return [AsItIs().fuse(crop) for crop in crops]


def test_a_real_recogniser_lets_sharpening_pass_and_holds_back_another_face(real_faces, shared_data):
    path, manifest = mobile_face_net()
    embed = Recogniser(open_engine(manifest, path)).embed_picture

    def sharper(shown: np.ndarray) -> np.ndarray:
        soft = gaussian(torch.from_numpy(shown[0]), 1.5)[None].numpy()
        return shown + 0.7 * (shown - soft)

    def narrower(shown: np.ndarray) -> np.ndarray:
        wide = torch.from_numpy(shown)
        side = shown.shape[-1]
        thin = interpolate(wide, size=(side, side * 3 // 4), mode="bilinear", antialias=True)
        return pad(thin, (side // 8, side // 8, 0, 0), mode="replicate").numpy()

    bridge = Bridge(SPACE, 0.9)
    kept = guard(Enhancer(gfpgan(sharper), bridge), real_faces, embed, 0.8, 0.98)
    assert kept.strength == 0.8 and kept.at_used >= 0.98
    changed = guard(Enhancer(gfpgan(narrower), bridge), real_faces, embed, 1.0, 0.98)
    assert changed.at_asked < 0.9 and changed.strength < 0.5
    assert changed.at_used >= 0.98
