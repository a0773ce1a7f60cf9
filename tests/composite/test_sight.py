"""ff_vfx.composite.sight: what networks see joins the mesh and the clean face, each kind of thing its own way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from ff_vfx.composite.occlusion import Front
from ff_vfx.composite.sight import MatteNetworks, Refined, Sight, sight_of
from ff_vfx.image.raster import polygon_mask
from ff_vfx.image.sample import pixel_grid, sample
from ff_vfx.types.face_mesh import face_mesh
from ff_vfx.types.fused import Crop, Fused
from ff_vfx.types.planes import Planes
from ff_vfx.types.settings import settings_from
from tests.composite.by_colour import ByColour, Failing, grey, marked, occluder_of, parser_of, parser_spec
from tests.composite.test_parsing import S, crop_with

NOSE = (70, 70, 92, 92)  # a box in the middle of the face


def fused_of(crop: Crop, shift: float = 0.0) -> Fused:
    """The new face in the plate's place, or so many px to the left of it, the plate bent to fit all over."""
    grid = pixel_grid(S, S).permute(2, 0, 1)
    points = crop.points() - np.array([shift, 0.0, 0.0])
    if not shift:
        return Fused(crop.pixels, crop.pixels, grid, torch.zeros(1, S, S), points)
    source = grid + torch.tensor([shift, 0.0])[:, None, None]
    bent = sample(crop.pixels, source.permute(1, 2, 0), mode="bilinear")
    return Fused(bent, bent, source, torch.ones(1, S, S), points)


def refined(networks: MatteNetworks, crop: Crop, fused: Fused | None = None, **composite: object) -> Refined:
    fused = fused or fused_of(crop)
    sight = sight_of(None, networks, settings_from("post", {"composite": composite}))
    return sight.refined(networks.look(crop, fused), crop, fused)


def inside(matte: torch.Tensor, box: tuple[int, int, int, int], shift: int = 0) -> torch.Tensor:
    x0, y0, x1, y1 = box
    return matte[..., y0 + 4 : y1 - 4, x0 + 4 - shift : x1 - 4 - shift]


def test_without_networks_nothing_is_refined():
    crop = crop_with(grey(S))
    fused = fused_of(crop)
    made = sight_of(None, None, settings_from("post")).refined((), crop, fused)
    assert bool((made.kept == 1.0).all()) and not made.before.any() and not made.around and not made.told


@pytest.mark.parametrize("colour", ["green", "red"])
def test_hair_and_glasses_keep_the_new_face_off_and_are_told_as_before_the_face(colour):
    made = refined(parser_of(ByColour(parser_spec())), crop_with(marked(grey(S), colour, NOSE)))
    assert inside(made.kept, NOSE).max() < 0.05 and inside(made.before, NOSE).min() > 0.9
    assert not made.front.plate.any(), "they are the head's: bent with it"
    name = {"green": "hair", "red": "glasses"}[colour]
    assert inside(made.around[name], NOSE).min() > 0.9
    assert made.kept[0, 100, 80] == 1.0, "a free cheek keeps its every bit"


@pytest.mark.parametrize("networks", [parser_of(ByColour(parser_spec())), occluder_of()], ids=["parser", "occluder"])
def test_a_loose_thing_is_in_front_where_the_plate_has_it(networks):
    crop = crop_with(marked(grey(S), "blue", NOSE))
    made = refined(networks, crop, fused_of(crop, 6.0))
    assert inside(made.front.plate, NOSE).min() > 0.9
    assert inside(made.front.bent, NOSE, 6).min() > 0.9 and inside(made.front.bent, NOSE, 6).numel() > 100
    assert made.front.plate[..., NOSE[0] - 12 : NOSE[0] - 5].max() < 0.1, "not where it was bent to"


def test_a_loose_thing_that_reaches_into_the_face_is_in_front_up_to_the_faces_rim():
    crop = crop_with(marked(grey(S), "blue", (0, 70, 92, 92)))
    made = refined(occluder_of(), crop)
    oval = polygon_mask(crop.points()[face_mesh().loops["oval"], :2], S)[0, 80]
    within = torch.nonzero(oval > 0.9).flatten()
    assert made.front.plate[0, 80, int(within[0]) : 88].min() > 0.7


def test_what_lies_beside_the_face_alone_is_no_hand_before_it():
    crop = crop_with(grey(S))
    oval = polygon_mask(crop.points()[face_mesh().loops["oval"], :2], S)
    blue = torch.tensor([0.02, 0.02, 0.6])[:, None, None].expand(3, S, S)
    made = refined(occluder_of(), replace(crop, pixels=torch.where(oval > 0.5, crop.pixels, blue)))
    deep = polygon_mask((crop.points()[face_mesh().loops["oval"], :2] - 80.0) * 0.8 + 80.0, S) > 0.5
    assert not (made.front.plate * deep).any() and made.front.plate.max() < 0.5


def test_background_at_the_rim_keeps_a_mesh_that_is_too_wide_off_it():
    crop = crop_with(grey(S))
    ring = crop.points()[face_mesh().loops["oval"], :2]
    narrow = polygon_mask((ring - ring.mean(0)) * np.array([0.9, 1.0]) + ring.mean(0), S)
    blue = torch.tensor([0.02, 0.02, 0.6])[:, None, None].expand(3, S, S)
    made = refined(
        parser_of(ByColour(parser_spec())), replace(crop, pixels=torch.where(narrow > 0.5, crop.pixels, blue))
    )
    row = int(ring[:, 1].mean())
    within = torch.nonzero(polygon_mask(ring, S)[0, row] > 0.9).flatten()
    assert made.kept[0, row, int(within[0])] < 0.1 and made.kept[0, row, 80] == 1.0


def test_the_artists_amount_is_how_far_networks_are_heard():
    crop = crop_with(marked(marked(grey(S), "green", NOSE), "blue", (70, 96, 92, 112)))
    networks = parser_of(ByColour(parser_spec()))
    none, half = (refined(networks, crop, occlusion=amount) for amount in (0.0, 0.5))
    assert bool((none.kept == 1.0).all()) and not none.front.plate.any()
    assert float(inside(half.kept, NOSE).mean()) == pytest.approx(0.5, abs=0.05)


def test_a_parser_that_finds_no_face_leaves_the_embedded_mattes_and_says_so():
    def nothing(logits: np.ndarray) -> np.ndarray:
        made = np.zeros_like(logits)
        made[:, 0] = 40.0
        return made

    crop = crop_with(grey(S))
    made = refined(parser_of(ByColour(parser_spec(), nothing)), crop)
    assert bool((made.kept == 1.0).all()) and not made.front.plate.any()
    assert made.told["parser"] == "colours found 0 % of the face on this frame: the embedded mattes were used"


def test_what_is_told_of_a_frame_that_its_neighbours_helped():
    crop = crop_with(grey(S))
    fused = fused_of(crop)
    networks = parser_of(ByColour(parser_spec()))
    own = networks.look(crop, fused)[0]
    sight = sight_of(None, networks, settings_from("post"))
    helped = Planes(own.values, own.weight, 0.02)
    assert sight.refined((helped,), crop, fused).told["parser"] == (
        "colours found 2 % of the face on this frame: that of its neighbours was used"
    )
    assert sight.refined((own,), crop, fused).told["parser"] == "colours found 100 % of the face"


def test_the_stronger_of_the_embedded_front_and_the_networks_holds():
    crop = crop_with(marked(grey(S), "blue", NOSE))
    found = torch.zeros(1, S, S)
    found[:, 100:110, 60:90] = 0.8
    networks = occluder_of()
    sight = Sight(lambda crop, fused: Front(found, found), networks.look, networks, 1.0)
    made = sight.refined(networks.look(crop, fused_of(crop)), crop, fused_of(crop))
    assert made.front.plate[0, 105, 70] == pytest.approx(0.8) and inside(made.front.plate, NOSE).min() > 0.9


def test_where_a_network_fails_votes_and_light_go_by_the_embedded_front_alone():
    crop = crop_with(marked(grey(S), "red", NOSE))
    sight = sight_of(None, parser_of(Failing(parser_spec())), settings_from("post"))
    assert bool((sight.free(crop, fused_of(crop)) == 1.0).all())
    fine = sight_of(None, parser_of(ByColour(parser_spec())), settings_from("post"))
    assert inside(fine.free(crop, fused_of(crop)), NOSE).max() < 0.1


def test_both_networks_together_are_heard_each_by_its_name():
    parser, occluder = parser_of(ByColour(parser_spec())), occluder_of()
    both = replace(parser, occluder=occluder.occluder)
    crop = crop_with(marked(grey(S), "blue", NOSE))
    made = refined(both, crop)
    assert set(made.told) == {"parser", "occluder"} and inside(made.front.plate, NOSE).min() > 0.9
