"""ff_vfx.steady.window: neighbours vote on the log-ratio to the plate."""

import pytest
import torch

from ff_vfx.image.sample import pixel_grid
from ff_vfx.steady.flow import Flow
from ff_vfx.steady.window import steady as steady_voters
from ff_vfx.steady.window import voter
from ff_vfx.types.face_mesh import face_mesh
from ff_vfx.types.fused import Fused
from ff_vfx.types.settings import SteadySettings
from tests.synthetic import picture

S = 64
STILL = Flow(torch.zeros(2, S, S), torch.zeros(1, S, S))


def fused(picture_: torch.Tensor, surround: torch.Tensor) -> Fused:
    grid = pixel_grid(S, S).permute(2, 0, 1)
    return Fused(picture_, surround, grid, torch.zeros(1, S, S), face_mesh().canonical)


def steady(centre: Fused, neighbours, settings: SteadySettings, floor: float):
    return steady_voters(voter(centre, floor), [(voter(f, floor), flow) for f, flow in neighbours], settings, floor)


def noisy(clean: torch.Tensor, seed: int, size: float = 0.03) -> torch.Tensor:
    return clean * (1.0 + size * torch.randn(clean.shape, generator=torch.Generator().manual_seed(seed)))


def test_flicker_of_the_new_face_falls_as_votes_say():
    plate, face = picture(40, S, S), picture(41, S, S)
    frames = [fused(noisy(face, seed), plate) for seed in range(5)]
    held = steady(frames[0], [(f, STILL) for f in frames[1:]], SteadySettings(), 0.01)
    before, after = (frames[0].picture / face - 1).std(), (held.picture / face - 1).std()
    assert after < 0.55 * before
    assert held.votes.mean() == pytest.approx(5.0, rel=0.02)
    assert held.confidence.mean() == pytest.approx(1.0, abs=0.02)


def test_a_light_that_changes_on_the_plate_passes_through_at_once():
    plate, face = picture(42, S, S), picture(43, S, S)
    lit = [fused(face * gain, plate * gain) for gain in (1.0, 0.95, 1.05)]
    held = steady(lit[0], [(f, STILL) for f in lit[1:]], SteadySettings(), 1e-4)
    assert (held.picture / face - 1).abs().max() < 0.01


def test_a_neighbour_that_looks_different_does_not_vote():
    plate, face = picture(44, S, S), picture(45, S, S)
    blink = fused(face * 0.1, plate * 0.1)
    held = steady(fused(face, plate), [(blink, STILL)], SteadySettings(), 0.01)
    assert (held.picture / face - 1).abs().max() < 1e-3 and held.votes.max() < 1.01


def test_a_flow_that_does_not_come_back_does_not_vote():
    plate, face = picture(46, S, S), picture(47, S, S)
    lost = Flow(torch.zeros(2, S, S), torch.full((1, S, S), 3.0))
    held = steady(fused(face, plate), [(fused(face * 2, plate), lost)], SteadySettings(), 0.01)
    assert torch.allclose(held.picture, face, rtol=1e-4)


def test_where_the_network_changed_nothing_the_plates_bits_come_back():
    plates = [noisy(picture(48, S, S), seed) for seed in range(3)]
    same = [fused(p, p) for p in plates]
    assert torch.equal(steady(same[0], [(f, STILL) for f in same[1:]], SteadySettings(), 0.01).picture, plates[0])


@pytest.mark.parametrize("settings", [SteadySettings(amount=0.0), SteadySettings(window=0)])
def test_switched_off_is_the_centres_own_picture(settings):
    centre = fused(picture(49, S, S), picture(50, S, S))
    around = [(centre, STILL)] if settings.window else []
    assert steady(centre, around, settings, 0.01).picture is centre.picture


def test_the_ratio_of_equal_pictures_is_exactly_zero():
    assert not voter(fused(picture(51, S, S), picture(51, S, S)), 0.01).ratio.any()
