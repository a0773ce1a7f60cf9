"""ff_vfx.steady.merge: many votes become one."""

import pytest
import torch

from ff_vfx.steady.merge import Merged, grain_stops, merge, merge_median, settle
from ff_vfx.steady.voter import ABOVE_GRAIN, Vote
from ff_vfx.types.solve import Grain
from tests.steady.made import FLOOR, GRAIN

S = 64
ALL, NEW = torch.ones(1, S, S), torch.ones(1, S, S)
AT = ABOVE_GRAIN * FLOOR


def alike(scale) -> torch.Tensor:
    return torch.ones_like(scale.trust)


def vote(step: int, face: torch.Tensor, plate: torch.Tensor | None = None, weight: float = 1.0, trust=ALL) -> Vote:
    return Vote(step, face, torch.zeros_like(face) if plate is None else plate, trust, weight)


def noise(seed: int, size: float = 0.1) -> torch.Tensor:
    return size * torch.randn(3, S, S, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("scales", [1, 2, 3, 4, 5])
def test_equal_weights_are_the_mean_at_every_number_of_scales(scales):
    faces = [noise(n) for n in range(4)]
    made = merge([vote(n, f) for n, f in enumerate(faces)], NEW, scales, alike, S)
    assert torch.allclose(made.face, torch.stack(faces).mean(0), atol=1e-5)
    assert torch.allclose(made.votes, torch.full((1, S, S), 4.0)) and made.face.dtype == torch.float32


def test_a_vote_counts_for_its_weight_and_nothing_is_written_into():
    faces = [torch.zeros(3, S, S), torch.ones(3, S, S)]
    votes = [vote(0, faces[0]), vote(1, faces[1], weight=3.0)]
    made = merge(votes, NEW, 3, alike, S)
    assert torch.allclose(made.face, torch.full((3, S, S), 0.75), atol=1e-5)
    assert made.votes.mean() == pytest.approx(16.0 / 10.0, rel=1e-4)
    assert [f._version for f in faces] == [v.face._version for v in votes] == [0, 0]


def test_where_trust_is_none_a_vote_says_nothing():
    trust = ALL.clone()
    trust[:, :, : S // 2] = 0.0
    made = merge([vote(0, torch.zeros(3, S, S)), vote(1, torch.ones(3, S, S), trust=trust)], NEW, 1, alike, S)
    assert made.face[:, :, : S // 2 - 2].abs().max() < 1e-3
    assert made.face[:, :, S // 2 + 2 :].mean() == pytest.approx(0.5, abs=1e-3)


def test_median_leaves_nothing_of_a_single_wild_frame():
    calm = [noise(n, 0.01) for n in range(4)]
    made = merge_median([vote(0, torch.full((3, S, S), 9.0)), *(vote(n + 1, f) for n, f in enumerate(calm))])
    assert made.face.abs().max() < 0.06
    assert made.votes.mean() == pytest.approx(5.0)


def test_median_is_of_the_ratio_to_the_plate_and_of_one_frame_that_frame():
    faces, plates = [noise(n) for n in range(3)], [noise(n + 9, 1.0) for n in range(3)]
    made = merge_median([vote(n, plates[n] + faces[n], plates[n]) for n in range(3)])
    assert torch.allclose(made.face - made.plate, torch.stack(faces).median(0).values, atol=1e-5)
    assert torch.allclose(merge_median([vote(0, faces[0])]).face, faces[0], atol=1e-6)


def test_median_goes_by_weight():
    votes = [vote(0, torch.zeros(3, S, S)), vote(1, torch.zeros(3, S, S)), vote(2, torch.ones(3, S, S), weight=5.0)]
    assert torch.equal(merge_median(votes).face, torch.ones(3, S, S))


def test_where_face_is_plate_in_all_votes_the_plate_comes_back():
    plates = [noise(n, 0.3) for n in range(3)]
    votes = [vote(n, p, p) for n, p in enumerate(plates)]
    nothing = torch.zeros(1, S, S)
    made, grain = settle(votes[0], merge(votes, nothing, 3, alike, S), nothing, GRAIN, S, AT)
    assert torch.allclose(made, plates[0], atol=1e-6) and not grain.any()


def test_a_passing_light_is_the_faces_too():
    merged = Merged(torch.full((3, S, S), 1.0), torch.zeros(3, S, S), ALL)
    made, _ = settle(vote(0, merged.face, torch.full((3, S, S), 0.7)), merged, NEW, GRAIN, S, AT)
    assert made.mean() == pytest.approx(1.7, abs=1e-3)


@pytest.mark.parametrize("brighter", [-1.0, 0.0, 1.0])
def test_the_plates_grain_is_kept_at_the_strength_that_the_new_face_would_have(brighter):
    plate, shot = torch.full((3, S, S), -2.0), Grain((1e-4,) * 3, (1e-8,) * 3, 0.5)
    size = float(grain_stops(plate, shot, AT).mean())
    merged = Merged(plate + brighter, plate, ALL)
    made, grain = settle(vote(0, plate, plate + noise(3, size)), merged, NEW, shot, S, AT)
    wanted = float(grain_stops(plate + brighter, shot, AT).mean())
    # Its coarse part counts as light.
    assert 0.8 * wanted < grain.std() < 1.05 * wanted
    assert (made - merged.face - grain).abs().mean() < 0.25 * size


def test_a_fine_difference_far_beyond_grain_is_none():
    plate = torch.full((3, S, S), -2.0)
    changed = plate.clone()
    changed[:, 32, 32] += 2.0
    _, grain = settle(vote(0, plate, changed), Merged(plate, plate, ALL), NEW, GRAIN, S, AT)
    assert grain[:, 32, 32].abs().max() < 1e-3


def test_grain_is_known_arithmetic_and_never_nothing():
    stops = torch.log2(torch.full((3, 4, 4), 0.25) + AT)
    known = (1e-6 * 0.25 + 1e-8) ** 0.5 / 0.25 * 1.4427
    assert grain_stops(stops, GRAIN, AT).mean() == pytest.approx(known, rel=0.02)
    assert (grain_stops(torch.full((3, 4, 4), -30.0), Grain((0.0,) * 3, (0.0,) * 3, 0.5), AT) > 0.0).all()
