"""ff_vfx.fuse.swap.fuser: any picture-to-picture network, behind the bridge; the family by manifests alone."""

import numpy as np
import pytest
import torch

from ff_vfx.colour import Bridge
from ff_vfx.engine import IdentityEngine
from ff_vfx.engine.model import open_manifest
from ff_vfx.engine.models.manifest import read_manifest
from ff_vfx.engine.models.onnx_file import identity_matrix
from ff_vfx.errors import ModelError
from ff_vfx.fuse.crop import take_crop
from ff_vfx.fuse.swap.aligned import align
from ff_vfx.fuse.swap.fuser import SwapFuser, fuse_together
from ff_vfx.fuse.swap.layout import swap_layout
from ff_vfx.fuse.swap.plan import SwapPlan, identity_input, swap_plan
from ff_vfx.image.blur import gaussian
from ff_vfx.types.engine import EngineSpec, TensorSpec
from ff_vfx.types.settings import FuseSettings
from ff_vfx.types.template import TEMPLATES
from tests.contract.swappers import DISC, FAMILIES, INSWAPPER, Family, colours_of, disc, matrix_of, write_swapper
from tests.synthetic import AS_IT_IS, SPACE, frame_of, picture, posed_face, track_of

TURNED = posed_face(centre=(123.0, 112.0), scale=52.0, yaw=0.3)
EMBEDDING = np.random.default_rng(3).standard_normal(512)


class Brighter:
    """Adds a known amount to what it is shown, in its own range and at its own size."""

    def __init__(self, size: int | None, low: float = 0.0, high: float = 1.0) -> None:
        spec = TensorSpec("in", (1, 3, size, size), "nchw", low, high, "srgb", "rgb")
        out = TensorSpec("out", spec.shape, "nchw", low, high, "srgb", "rgb")
        self.spec = EngineSpec("brighter", "swapper", (spec,), (out,))
        self.step = 0.1 * (high - low)

    def run(self, inputs):
        return {"out": inputs["in"] + np.float32(self.step)}


def crop_of(pixels: torch.Tensor, face=None, number: int = 1):
    return take_crop(frame_of(pixels, number, torch.float32), face or posed_face(), 128, AS_IT_IS)


def hdr(seed: int = 11) -> torch.Tensor:
    """Highlights, negatives, both zeros and grain."""
    pixels = picture(seed) + 0.02 * torch.randn(3, 240, 240, generator=torch.Generator().manual_seed(seed))
    pixels[:, 60:90, 70:100] *= 60.0
    pixels[:, 120:130, 90:150] = -0.3
    pixels[0, 100:104, 100:104], pixels[1, 100:104, 100:104] = -0.0, 65504.0
    return pixels


def fuser_of(folder, family: Family, kind: str, boost: int = 1, batch: int = 4) -> SwapFuser:
    manifest = write_swapper(folder, family, kind)
    engine, read = open_manifest(manifest), read_manifest(manifest)
    plan = swap_plan(engine, track_of({1: TURNED}), FuseSettings(boost=boost, batch=batch))
    layout = swap_layout(engine.spec)
    matrix = identity_matrix(read, folder) if family.length else None
    latent = identity_input(layout, EMBEDDING if family.length else None, matrix, engine.spec.name)
    return SwapFuser(engine, Bridge(SPACE, -1.0), plan, latent)


class Counting:
    """An engine that notes how many pictures each of its runs had."""

    def __init__(self, engine) -> None:
        self.spec, self._engine, self.sizes = engine.spec, engine, []

    def run(self, inputs):
        self.sizes.append(len(inputs["target"]))
        return self._engine.run(inputs)


def bits(pixels: torch.Tensor) -> torch.Tensor:
    return pixels.view(torch.int32)


def test_an_identity_network_gives_the_crops_own_bits_hdr_included():
    pixels = picture(11) * 40.0 - 1.0
    crop = crop_of(pixels)
    fused = SwapFuser(IdentityEngine(), Bridge(SPACE, 1.0)).fuse(crop)
    assert torch.equal(fused.picture, crop.pixels) and not fused.reach.any()


@pytest.mark.parametrize(("size", "low", "high"), [(None, 0.0, 1.0), (64, -1.0, 1.0), (128, 0.0, 255.0)])
def test_range_and_size_are_the_specs_and_undone(size, low, high):
    crop, bridge = crop_of(picture(12, low=0.1, high=0.3)), Bridge(SPACE, 0.0)
    fused = SwapFuser(Brighter(size, low, high), bridge).fuse(crop)
    change = bridge.encode(fused.picture) - bridge.encode(crop.pixels)
    assert (change - 0.1).abs().max() < 2e-3


def test_a_network_of_the_wrong_shape_is_named_with_the_frame():
    class Wrong(Brighter):
        def run(self, inputs):
            return {"out": np.zeros((1, 3, 8, 8), np.float32)}

    with pytest.raises(ModelError, match=r"frame 7: model brighter: output 'out' is \[1, 3, 8, 8\]"):
        SwapFuser(Wrong(None), Bridge(SPACE, 0.0)).fuse(crop_of(picture(13), number=7))


def test_a_network_that_gives_nan_is_named_with_the_frame():
    class Hollow(Brighter):
        def run(self, inputs):
            return {"out": np.full_like(inputs["in"], np.nan)}

    with pytest.raises(ModelError, match="frame 7: model brighter: output 'out' holds nan"):
        SwapFuser(Hollow(None), Bridge(SPACE, 0.0)).fuse(crop_of(picture(13), number=7))


@pytest.mark.parametrize("boost", [1, 2, 3])
@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_null_law_every_bit_survives_through_any_layout_template_and_boost(tmp_path, family, boost):
    crop = crop_of(hdr(), TURNED)
    fused = fuser_of(tmp_path, family, "identity", boost).fuse(crop)
    assert torch.equal(bits(fused.picture), bits(crop.pixels))
    assert torch.equal(fused.surround, crop.pixels) and not fused.reach.any()


class Told:
    """What it is given comes back through another range and layout: the same picture, but for rounding."""

    spec = EngineSpec(
        "told",
        "swapper",
        (TensorSpec("in", (1, 3, 128, 128), "nchw", -1.0, 1.0, "srgb", "bgr"),),
        (TensorSpec("out", (1, 128, 128, 3), "nhwc", 0.0, 255.0, "srgb", "rgb"),),
        template=TEMPLATES["arcface_128"],
    )

    def run(self, inputs):
        return {"out": ((inputs["in"].transpose(0, 2, 3, 1)[..., ::-1] + 1.0) * np.float32(127.5)).astype(np.float32)}


def test_null_law_holds_where_the_answer_has_another_range_and_layout():
    crop = crop_of(hdr(), TURNED)
    fused = SwapFuser(Told(), Bridge(SPACE, 0.0), SwapPlan(boost=2)).fuse(crop)
    assert torch.equal(bits(fused.picture), bits(crop.pixels))


TINTED = [f for f in FAMILIES if f.side and not f.matte]


@pytest.mark.parametrize("boost", [1, 2])
@pytest.mark.parametrize("family", TINTED, ids=lambda family: family.name)
def test_the_right_latent_alignment_and_channels_give_the_known_answer(tmp_path, family, boost):
    """The network adds the latent's colour on a disc beside an eye: it lands there, in that colour, nowhere else."""
    crop = crop_of(picture(21, low=0.25, high=0.4), TURNED)
    fuser = fuser_of(tmp_path, family, "tint", boost)
    change = fuser.bridge.encode(fuser.fuse(crop).picture) - fuser.bridge.encode(crop.pixels)
    tint = np.array([0.1, 0.02, -0.1])
    if family.length:
        unit = EMBEDDING / np.linalg.norm(EMBEDDING)
        if family.matrix:
            unit = unit @ matrix_of(family)
            unit /= np.linalg.norm(unit)
        tint = unit @ colours_of(family)
    view = align(crop, fuser.engine.spec.template, family.side)
    spot = view.carry(torch.from_numpy(disc(family.side, *DISC))[None], 128, 128)[0]
    inside, outside = spot > 0.999, gaussian(spot[None], 3.0)[0] < 1e-3
    assert inside.sum() > 20
    assert torch.allclose(change[:, inside].mean(1), torch.tensor(tint, dtype=torch.float32), atol=4e-3)
    assert change[:, outside].abs().max() < 4e-3


def test_the_change_fades_to_nothing_at_the_aligned_squares_edge():
    class Red(Told):
        spec = EngineSpec(
            "red",
            "swapper",
            (TensorSpec("in", (1, 3, 64, 64), encoding="srgb", channels="rgb"),),
            (TensorSpec("out", (1, 3, 64, 64), encoding="srgb", channels="rgb"),),
            template=TEMPLATES["arcface_112"],
        )

        def run(self, inputs):
            return {"out": inputs["in"] * 0.0 + np.array([1.0, 0.0, 0.0], np.float32)[:, None, None]}

    face = posed_face(scale=30.0)
    crop = take_crop(frame_of(picture(22), 1, torch.float32), face, 192, AS_IT_IS)
    fused = SwapFuser(Red(), Bridge(SPACE, 0.0)).fuse(crop)
    view = align(crop, TEMPLATES["arcface_112"], 64)
    inside = view.carry(view.window(), 192, 192)[0]
    assert 0.0 < (inside == 0.0).float().mean() < 0.9, "the square ends inside the crop"
    assert torch.equal(fused.picture[:, inside == 0.0], crop.pixels[:, inside == 0.0])
    steps = (fused.picture - crop.pixels)[0].diff(dim=1).abs().max()
    assert steps < 0.35, "and nowhere in a step"


def grainy() -> torch.Tensor:
    return picture(23, low=0.2, high=0.5) + 0.03 * torch.randn(3, 240, 240, generator=torch.Generator().manual_seed(6))


def fine(pixels: torch.Tensor) -> torch.Tensor:
    return (pixels - gaussian(pixels, 1.0)).square().mean(0)


def test_where_the_network_draws_anew_the_plates_finer_detail_does_not_ghost_through(tmp_path):
    big = posed_face(scale=120.0)
    crop = take_crop(frame_of(grainy(), 1, torch.float32), big, 384, AS_IT_IS)
    fused = fuser_of(tmp_path, Family("coarse", 128, "arcface_128", length=0, matrix=""), "flat").fuse(crop)
    face = align(crop, TEMPLATES["arcface_128"], 128)
    inside = face.carry(face.window(), 384, 384)[0] > 0.999
    left = fine(fused.picture)[inside].mean() / fine(crop.pixels)[inside].mean()
    assert left < 0.15


def test_where_it_only_tints_the_plates_finer_detail_stays(tmp_path):
    big = posed_face(scale=120.0)
    crop = take_crop(frame_of(grainy(), 1, torch.float32), big, 384, AS_IT_IS)
    fuser = fuser_of(tmp_path, Family("coarse", 128, "arcface_128", length=0, matrix=""), "tint")
    fused = fuser.fuse(crop)
    view = align(crop, TEMPLATES["arcface_128"], 128)
    middle = view.carry(torch.from_numpy(disc(128, DISC[0], DISC[1] * 0.5))[None], 384, 384)[0] > 0.5
    seen = [fine(fuser.bridge.encode(one))[middle].mean() for one in (fused.picture, crop.pixels)]
    assert seen[0] / seen[1] > 0.9


def test_a_matte_says_where_the_made_picture_shows(tmp_path):
    class Half(Told):
        spec = EngineSpec(
            "half",
            "swapper",
            (TensorSpec("in", (1, 3, 64, 64), encoding="srgb", channels="rgb"),),
            (
                TensorSpec("out", (1, 3, 64, 64), encoding="srgb", channels="rgb", role="picture"),
                TensorSpec("mask", (1, 1, 64, 64), role="matte"),
            ),
        )

        def run(self, inputs):
            mask = np.zeros((1, 1, 64, 64), np.float32)
            mask[..., :32] = 1.0
            return {"out": inputs["in"] + np.float32(0.1), "mask": mask}

    crop = crop_of(picture(24, low=0.2, high=0.3))
    bridge = Bridge(SPACE, 0.0)
    change = bridge.encode(SwapFuser(Half(), bridge).fuse(crop).picture) - bridge.encode(crop.pixels)
    assert change[:, :, :60].mean() == pytest.approx(0.1, abs=1e-3)
    assert torch.equal(change[:, :, 80:], torch.zeros(3, 128, 48))


def test_several_frames_at_once_are_bit_for_bit_each_alone(tmp_path):
    fuser = fuser_of(tmp_path, INSWAPPER, "strided", boost=1)
    crops = [crop_of(picture(30 + n), posed_face(yaw=0.05 * n), n) for n in range(max(fuser.most, 2))]
    together = fuser.fuse_many(crops)
    assert all(torch.equal(one.picture, fuser.fuse(crop).picture) for one, crop in zip(together, crops))
    assert any(not torch.equal(one.picture, crop.pixels) for one, crop in zip(together, crops))


def test_two_people_of_one_network_made_in_one_run_are_bit_for_bit_each_alone(tmp_path):
    engine = Counting(open_manifest(write_swapper(tmp_path, INSWAPPER, "tint")))
    latents = [np.eye(512, dtype=np.float32)[i : i + 1] for i in (3, 200)]
    plan = SwapPlan(most=2, pictures=8)
    eve, finn = (SwapFuser(engine, Bridge(SPACE, -1.0), plan, latent) for latent in latents)
    crops = [crop_of(picture(n), number=n) for n in (1, 2)]
    made = fuse_together([(eve, crops), (finn, crops[:1])])
    assert engine.sizes == [3], "one run of three pictures"
    alone = [[eve.fuse(crop) for crop in crops], [finn.fuse(crops[0])]]
    for together, one_by_one in zip(made, alone, strict=True):
        assert all(torch.equal(a.picture, b.picture) for a, b in zip(together, one_by_one, strict=True))
    assert not torch.equal(made[0][0].picture, made[1][0].picture), "each has a face of their own"


def test_a_phases_grid_is_not_seen_after_a_network_that_is_not_the_same_at_every_place(tmp_path):
    """On a smooth picture nothing of the answer may repeat with the network's own pixels."""
    fuser = fuser_of(tmp_path, Family("plain", 64, None, length=0, matrix=""), "strided", boost=2)
    crop = crop_of(picture(40, low=0.2, high=0.5))
    change = fuser.bridge.encode(fuser.fuse(crop).picture) - fuser.bridge.encode(crop.pixels)
    inner = change[:, 16:-16, 16:-16]
    phases = torch.stack([inner[:, i::2, j::2].mean((1, 2)) for i in range(2) for j in range(2)])
    assert inner.std() > 0.01 and phases.std(0).max() < 1e-3


def test_no_argument_is_written_into(tmp_path):
    crop = crop_of(picture(41))
    before = crop.pixels._version
    fuser_of(tmp_path, INSWAPPER, "strided").fuse(crop)
    assert crop.pixels._version == before


class Edges:
    """Draws hard edges, finer than its own pixels: light skin white, the rest dark."""

    spec = EngineSpec(
        "edges",
        "swapper",
        (TensorSpec("in", (None, 3, 64, 64), encoding="srgb", channels="rgb"),),
        (TensorSpec("out", (None, 3, 64, 64), encoding="srgb", channels="rgb"),),
        template=TEMPLATES["ffhq_512"],
    )

    def run(self, inputs):
        return {"out": np.clip((inputs["in"] - 0.5) * 20.0, -1.0, 1.0).astype(np.float32) * 0.3 + np.float32(0.5)}


def test_boost_puts_what_the_network_draws_where_it_belongs_to_a_part_of_its_pixel():
    grey = picture(26, low=0.0, high=0.5)[:1].expand(3, -1, -1)
    crop = take_crop(frame_of(grey, 1, torch.float32), TURNED, 256, AS_IT_IS)
    bridge = Bridge(SPACE, 0.0)
    view = align(crop, TEMPLATES["ffhq_512"], 64)
    inside = view.carry(view.window(), 256, 256)[0] > 0.999
    wanted = torch.from_numpy(Edges().run({"in": bridge.encode(crop.pixels).numpy()})["out"])
    missed = []
    for boost in (1, 2, 3):
        made = bridge.encode(SwapFuser(Edges(), bridge, SwapPlan(boost=boost)).fuse(crop).picture)
        missed.append(float((made - wanted)[:, inside].square().mean().sqrt()))
    assert missed[1] < 0.8 * missed[0] and missed[2] <= missed[1] * 1.05
