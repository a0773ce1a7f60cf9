"""ff_vfx.steady.voter: a new face ready to vote, and how far to trust it."""

import pytest
import torch

from ff_vfx.colour import to_stops
from ff_vfx.steady.flow import Flow
from ff_vfx.steady.voter import ABOVE_GRAIN, carried, make_voter, neighbours_plate, newness, part_of, trust_of
from ff_vfx.types.settings import SteadySettings
from ff_vfx.types.window import Window
from tests.steady.made import FLOOR, STILL, S, new_face, shifted, textured
from tests.synthetic import picture

WHOLE = Window(0, 0, S, S)


def patched() -> tuple[torch.Tensor, torch.Tensor]:
    """A plate, and a face that differs from it in [20, 50) x [35, 60)."""
    plate = picture(70, S, S)
    face = plate.clone()
    face[:, 20:50, 35:60] *= 2.0
    return face, plate


def test_the_box_holds_what_differs_on_a_grid_of_cells():
    voter = make_voter(1, new_face(*patched()), FLOOR)
    assert voter.box == Window(32, 16, 64, 64)
    assert make_voter(1, new_face(picture(70, S, S), picture(70, S, S)), FLOOR).box.empty


def test_boxes_join():
    assert Window(0, 16, 32, 32).union(Window(16, 0, 48, 16)) == Window(0, 0, 48, 32)
    assert WHOLE.union(Window(0, 0, 0, 0)) is WHOLE


def test_values_are_stops_and_what_is_very_bright_dark_or_negative_stays_finite():
    face, plate = patched()
    face[:, 25, 40], face[:, 26, 40], face[:, 27, 40] = 900.0, -0.5, 0.0
    voter = make_voter(1, new_face(face, plate), FLOOR)
    assert torch.isfinite(voter.face).all() and voter.face.dtype == torch.float32
    assert torch.equal(voter.plate, to_stops(plate, ABOVE_GRAIN * FLOOR))


def test_inputs_are_not_written_into():
    fused = new_face(*patched())
    before = (fused.picture._version, fused.surround._version)
    newness(make_voter(1, fused, FLOOR), WHOLE)
    assert (fused.picture._version, fused.surround._version) == before


def test_newness_is_one_inside_and_nothing_where_nothing_near_differs():
    new = newness(make_voter(1, new_face(*patched()), FLOOR), WHOLE)
    assert new.shape == (1, S, S) and new[:, 28:42, 42:54].min() == 1.0 and new[:, 80:].max() == 0.0


def test_nothing_moved_is_carried_as_it_was_and_a_box_is_its_part():
    pixels, box = picture(72, S, S), Window(16, 32, 48, 64)
    assert torch.allclose(carried(pixels, box, STILL.there), part_of(pixels, box), atol=1e-6)


def test_a_moved_picture_comes_back_along_the_flow():
    pixels = textured(73)
    there = torch.tensor([2.0, -1.0])[:, None, None].expand(2, S, S)
    back = carried(shifted(pixels, 2.0, -1.0), WHOLE, there)
    assert (back - pixels)[:, 8:-8, 8:-8].abs().max() < 1e-3


def test_what_stands_before_the_face_comes_along_as_a_fourth_plane():
    face, plate = patched()
    assert neighbours_plate(make_voter(1, new_face(face, plate), FLOOR), WHOLE, STILL).shape == (3, S, S)
    seen = make_voter(1, new_face(face, plate), FLOOR, torch.zeros(1, S, S))
    assert neighbours_plate(seen, WHOLE, STILL)[3].max() == 0.0


@pytest.mark.parametrize(("error_px", "stops", "low", "high"), [(0, 0, 1, 1), (0.3, 0, 0.36, 0.37), (3, 0, 0, 1e-6)])
def test_trust_fades_with_the_flows_error(error_px, stops, low, high):
    here = torch.zeros(3, S, S)
    trust = trust_of(here, here + stops, torch.full((1, S, S), float(error_px)), SteadySettings())
    assert low <= trust.min() and trust.max() <= high + 1e-6


def test_trust_fades_where_the_plate_looks_different_but_not_for_its_grain():
    here = torch.zeros(3, S, S)
    grain = 0.2 * torch.randn(3, S, S, generator=torch.Generator().manual_seed(1))
    still = Flow(torch.zeros(2, S, S), torch.zeros(1, S, S))
    assert trust_of(here, here + grain, still.error_px, SteadySettings()).mean() > 0.9
    assert trust_of(here, here + 1.0, still.error_px, SteadySettings()).max() < 1e-6
