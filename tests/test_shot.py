"""ff_vfx.shot on plates made of arithmetic: the laws of docs/concepts.md that need no file."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ff_vfx.colour import Bridge
from ff_vfx.engine import IdentityEngine
from ff_vfx.errors import FrameBroken
from ff_vfx.fuse.mesh.fuser import prepare_mesh_fuser
from ff_vfx.fuse.swap.fuser import SwapFuser
from ff_vfx.shot import prepare, render_frame
from ff_vfx.types.layers import Layers
from ff_vfx.types.settings import settings_from
from tests.synthetic import SPACE, SyntheticPlate, picture, posed_face, solve_of, track_of

FACES = {n: posed_face(centre=(118.0 + n, 108.0 + 0.5 * n), yaw=0.05 * n) for n in range(1, 8)}


def plates(**changed):
    noise = torch.Generator().manual_seed(5)
    frames = {n: picture(80) * (1.0 + 0.02 * n) + 0.01 * torch.randn(3, 240, 240, generator=noise) for n in range(1, 8)}
    return frames | {int(k[1:]): v for k, v in changed.items()}


def shot_of(plate, fuser=None, faces=FACES, **changes):
    track = track_of(faces)
    settings = settings_from("post", {"fuse": {"crop_px": 192}, **changes})
    fuser = fuser or prepare_mesh_fuser(((picture(81), posed_face()),), track, settings.fuse, 0.01)
    return prepare(plate, solve_of(track, plate.size), track, fuser, settings)


def whole(layers: Layers) -> torch.Tensor:
    pixels = layers.frame.pixels[:3].float().clone()
    rows, columns = layers.window.slices(layers.frame.data_window)
    pixels[:, rows, columns] = layers.fused
    return pixels.to(layers.frame.pixels.dtype)


def bits(pixels: torch.Tensor) -> torch.Tensor:
    return pixels.contiguous().view(torch.int16 if pixels.dtype == torch.float16 else torch.int32)


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32])
def test_null_law_an_identity_network_with_all_else_on_gives_the_plate_bit_for_bit(dtype):
    frames = plates()
    for n in frames:
        frames[n][:, 100:140, 90:150] *= 30.0
        frames[n][:, 150:160, 90:150] = -0.02
        frames[n][0, 120, 120], frames[n][1, 121, 121], frames[n][2, 125, 118] = float("nan"), float("inf"), -0.0
    plate = SyntheticPlate(frames, dtype)
    shot = shot_of(plate, SwapFuser(IdentityEngine(), Bridge(SPACE, 1.0)))
    for number in (1, 4):
        layers = render_frame(shot, number)
        assert layers.coverage.max() == 1.0, "the matte is on: the law says something"
        assert torch.equal(bits(whole(layers)), bits(plate.read(number).pixels))


def test_where_coverage_is_zero_the_plate_is_bit_exact_and_the_face_is_new():
    plate = SyntheticPlate(plates())
    layers = render_frame(shot_of(plate), 3)
    rows, columns = layers.window.slices(layers.frame.data_window)
    before = layers.frame.pixels[:3, rows, columns].float()
    outside = layers.coverage[0] == 0
    assert torch.equal(layers.fused[:, outside], before[:, outside])
    assert (layers.fused - before).abs().mean() > 0.01


def test_laying_the_face_over_the_plate_gives_the_fused_picture():
    layers = render_frame(shot_of(SyntheticPlate(plates(), torch.float32)), 3)
    rows, columns = layers.window.slices(layers.frame.data_window)
    plate = layers.frame.pixels[:3, rows, columns]
    face = torch.stack([layers.planes[f"ffFace.{c}"] for c in "RGB"])
    over = face + plate * (1.0 - layers.planes["ffFace.A"])
    assert torch.allclose(over, layers.fused, atol=1e-5)


def test_a_frame_alone_is_the_frame_in_any_order():
    alone = whole(render_frame(shot_of(SyntheticPlate(plates())), 4))
    for order in ((1, 2, 3, 4), (7, 4), (6, 5, 4)):
        shot = shot_of(SyntheticPlate(plates()))
        made = [render_frame(shot, number) for number in order][-1]
        assert torch.equal(bits(whole(made)), bits(alone))


def test_highlights_and_negatives_survive_as_arithmetic_says():
    frames = plates()
    frames[3][:, 60:75, 110:130] = 900.0
    frames[3][:, 200:210, 20:40] = -0.5
    layers = render_frame(shot_of(SyntheticPlate(frames, torch.float32), composite={"opacity": 0.5}), 3)
    half = whole(layers)
    assert half[:, 205, 30].max() == -0.5
    assert half[:, 66, 120].min() > 200.0 and torch.isfinite(half).all()


def test_a_broken_neighbour_is_left_out_and_a_broken_frame_says_so():
    shot = shot_of(SyntheticPlate(plates(n4=None)))
    assert render_frame(shot, 3).coverage.max() > 0.9
    with pytest.raises(FrameBroken, match="frame 4"):
        render_frame(shot, 4)


def test_a_lost_face_passes_the_plate_through_and_says_why():
    layers = render_frame(shot_of(SyntheticPlate(plates()), faces=FACES | {5: None}), 5)
    assert layers.window.empty and "no face above confidence" in str(layers.decisions["passed"])
    assert torch.equal(bits(whole(layers)), bits(layers.frame.pixels))


def test_a_weight_of_zero_shows_the_plate_and_half_is_between():
    import dataclasses

    made = {}
    for weight in (0.0, 0.5, 1.0):
        faces = {n: dataclasses.replace(f, weight=weight) for n, f in FACES.items()}
        layers = render_frame(shot_of(SyntheticPlate(plates(), torch.float32), faces=faces), 3)
        made[weight] = float((whole(layers) - layers.frame.pixels).abs().sum())
    assert made[0.0] == 0.0 < made[0.5] < made[1.0]


def test_an_artists_matte_is_the_coverage():
    plate = SyntheticPlate(plates())
    shot = shot_of(plate)
    import dataclasses

    mine = torch.zeros(1, 240, 240)
    mine[:, 100:130, 100:130] = 1.0
    layers = render_frame(dataclasses.replace(shot, matte=lambda number, window: mine), 3)
    rows, columns = layers.window.slices(layers.frame.data_window)
    assert torch.equal(layers.planes["ffMatte.red"], mine[0, rows, columns])
    changed = (whole(layers) != layers.frame.pixels).any(0)
    assert changed.any() and not changed[mine[0] == 0].any()


def test_no_argument_is_written_into():
    frames = plates()
    before = {n: p._version for n, p in frames.items()}
    render_frame(shot_of(SyntheticPlate(frames, torch.float32)), 3)
    assert {n: p._version for n, p in frames.items()} == before


def test_every_layer_is_there_finite_and_in_the_window():
    layers = render_frame(shot_of(SyntheticPlate(plates())), 4)
    size = (layers.window.height, layers.window.width)
    groups = {name.split(".")[0] for name in layers.planes}
    assert groups == {"ffFace", "ffRaw", "ffMatte", "ffAux", "ffSt", "forward", "backward"}
    assert all(p.shape == size and torch.isfinite(p).all() for p in layers.planes.values())
    assert {c.kind for c in layers.cryptomattes} == {"ffPeople", "ffParts"}
    total = sum(layers.cryptomattes[1].coverage.values())
    assert (total - layers.coverage[0]).abs().max() < 0.05


def test_motion_is_the_faces_in_plate_pixels_with_y_up():
    layers = render_frame(shot_of(SyntheticPlate(moving()), fuse={"crop_px": 192, "shape": 0.0}), 4)
    inside = layers.coverage[0] > 0.99
    u, v = (float(layers.planes[f"forward.{c}"][inside].median()) for c in "uv")
    assert (u, v) == pytest.approx((1.0, -0.5), abs=0.25)
    for name in ("ffAux.forward", "ffAux.backward"):
        trust = layers.planes[name]
        assert trust.min() >= 0.0 and trust.max() <= 1.0 and trust[inside].mean() > 0.8


def test_at_the_shots_end_no_motion_is_to_be_trusted():
    layers = render_frame(shot_of(SyntheticPlate(moving()), fuse={"crop_px": 192}), 7)
    assert not layers.planes["ffAux.forward"].any() and layers.planes["ffAux.backward"].any()


def moving():
    """The picture moves as FACES do: 1 px right and 0.5 px down a frame."""
    from ff_vfx.image.sample import pixel_grid, sample

    wide = picture(82) + 0.3 * picture(83, 60, 60).repeat(1, 4, 4)
    grid = pixel_grid(240, 240)
    return {n: sample(wide, grid - torch.tensor([1.0 * n, 0.5 * n])) for n in range(1, 8)}


def test_st_map_replayed_on_the_plate_is_the_bent_plate():
    from ff_vfx.image.sample import sample
    from ff_vfx.types.face_mesh import face_mesh

    wide = face_mesh().canonical * np.array([1.12, 1.0, 1.0])
    track = track_of(dict(FACES))
    fuser = prepare_mesh_fuser(((picture(81), posed_face(wide)),), track, settings_from("post").fuse, 0.01)
    plate = SyntheticPlate(plates(), torch.float32)
    layers = render_frame(shot_of(plate, fuser, steady={"window": 0}, composite={"grain": 0.0}), 3)
    u, v = layers.planes["ffSt.u"], layers.planes["ffSt.v"]
    coords = torch.stack([u * 240, (1.0 - v) * 240], -1)
    replayed = sample(layers.frame.pixels, coords)
    surround = (layers.coverage[0] > 0.99) & (layers.planes["ffRaw.A"] == 0)
    assert surround.sum() > 200
    assert (replayed - layers.fused)[:, surround].abs().mean() < 0.01
