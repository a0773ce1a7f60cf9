"""The laws of the house with an enhancer on, through ff_vfx.shot."""

from __future__ import annotations

import pytest
import torch

from ff_vfx.colour import Bridge
from ff_vfx.fuse.enhance.enhancer import Enhancer
from ff_vfx.fuse.enhance.fuser import enhanced
from ff_vfx.shot import prepare, render_frame
from ff_vfx.types.fused import Crop, Fused
from ff_vfx.types.settings import settings_from
from tests.fuse.enhance.enhancers import Network, brighter, enlarged, gfpgan, itself
from tests.synthetic import SPACE, SyntheticPlate, picture, posed_face, solve_of, track_of
from tests.test_shot import bits, whole

FACES = {n: posed_face(centre=(118.0 + n, 108.0 + 0.5 * n), yaw=0.05 * n) for n in range(1, 6)}


class AsItIs:
    """The plate's own face."""

    def fuse(self, crop: Crop) -> Fused:
        size = crop.pixels.shape[-1]
        grid = torch.stack(torch.meshgrid(torch.arange(size) + 0.5, torch.arange(size) + 0.5, indexing="xy"))
        return Fused(crop.pixels, crop.pixels, grid, torch.zeros(1, size, size), crop.points())

    place = fuse


def plates() -> dict[int, torch.Tensor | None]:
    noise = torch.Generator().manual_seed(5)
    frames = {n: picture(80) * (1.0 + 0.02 * n) + 0.01 * torch.randn(3, 240, 240, generator=noise) for n in FACES}
    return dict(frames)


def shot_of(network: Network, frames: dict[int, torch.Tensor | None], dtype=torch.float32, **enhance):
    plate, track = SyntheticPlate(frames, dtype), track_of(dict(FACES))
    fuser = enhanced(AsItIs(), Enhancer(network, Bridge(SPACE, 0.5)), 1.0)
    settings = settings_from("post", {"fuse": {"crop_px": 192}, "enhance": enhance})
    return prepare(plate, solve_of(track, plate.size), track, fuser, settings)


@pytest.mark.parametrize("network", [gfpgan(), Network(enlarged, kind="upscaler")], ids=["restorer", "upscaler"])
@pytest.mark.parametrize("dtype", [torch.float16, torch.float32])
def test_null_law_an_enhancer_that_changes_nothing_gives_the_plate_bit_for_bit(network, dtype):
    frames = plates()
    for frame in frames.values():
        assert frame is not None
        frame[:, 100:140, 90:150] *= 30.0
        frame[0, 120, 120], frame[1, 121, 121], frame[2, 125, 118] = float("nan"), float("inf"), -0.0
    shot = shot_of(network, frames, dtype)
    layers = render_frame(shot, 3)
    assert layers.coverage.max() == 1.0
    assert torch.equal(bits(whole(layers)), bits(shot.plate.read(3).pixels))


def test_law_4_a_frame_alone_is_the_frame_in_any_order():
    def made(order: tuple[int, ...]) -> torch.Tensor:
        shot = shot_of(gfpgan(lambda p: p * 0.8 + 0.1), plates())
        return bits(whole([render_frame(shot, number) for number in order][-1]))

    alone = made((3,))
    for order in ((1, 2, 3), (5, 3), (4, 2, 3)):
        assert torch.equal(made(order), alone)


def test_law_3_highlights_above_one_survive_a_network_that_never_saw_them():
    frames = plates()
    for frame in frames.values():
        assert frame is not None
        frame[:, 95:115, 100:130] = 40.0
    plain = whole(render_frame(shot_of(gfpgan(itself), frames), 3))
    layers = render_frame(shot_of(gfpgan(brighter(0.2)), frames), 3)
    lit = whole(layers)
    assert (lit != plain).any()
    assert lit[:, 105, 118].min() > 30.0 and torch.isfinite(lit).all()


def test_the_look_is_seen_in_the_shot_and_the_plate_beside_the_face_keeps_its_bits():
    frames = plates()
    natural, crisp = (render_frame(shot_of(gfpgan(), frames, look=look), 3) for look in ("natural", "crisp"))
    rows, columns = crisp.window.slices(crisp.frame.data_window)
    before = crisp.frame.pixels[:, rows, columns]
    assert (crisp.fused != natural.fused).any()
    outside = crisp.coverage[0] == 0
    assert torch.equal(crisp.fused[:, outside], before[:, outside])
