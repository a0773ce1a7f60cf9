"""ff_vfx.steady.weigh: whose word counts where."""

import pytest
import torch

from ff_vfx.steady.voter import Vote
from ff_vfx.steady.weigh import ATTENDED, Scale, agreement, attention, likeness, likeness_and_agreement

S = 32
WEIGHS = (agreement, likeness, attention, likeness_and_agreement)


def scale_of(faces: list[torch.Tensor], plates=None, weights=None, trust=None) -> Scale:
    plates = plates or [torch.zeros(3, S, S)] * len(faces)
    weights = weights or [1.0] * len(faces)
    trust = trust or [torch.ones(1, S, S)] * len(faces)
    votes = tuple(Vote(n, f, p, t, w) for n, (f, p, t, w) in enumerate(zip(faces, plates, trust, weights, strict=True)))
    return Scale(votes, torch.stack(faces), torch.stack(plates), torch.stack(trust), torch.ones(1, S, S), float(S))


def calm(count: int, size: float = 0.02) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(2)
    return [size * torch.randn(3, S, S, generator=generator) for _ in range(count)]


@pytest.mark.parametrize("weigh", WEIGHS)
@pytest.mark.parametrize("count", [1, 2, 3, 9])
def test_weights_are_in_the_unit_range_one_for_each_frame_and_pixel(weigh, count):
    scale = scale_of(calm(count))
    before = scale.face._version
    found = weigh(scale)
    assert found.shape == (count, 1, S, S) and found.dtype == torch.float32
    assert found.min() >= 0.0 and found.max() <= 1.0 and scale.face._version == before


@pytest.mark.parametrize("weigh", WEIGHS)
def test_equal_faces_all_count(weigh):
    assert weigh(scale_of([torch.ones(3, S, S)] * 5)).min() == 1.0


def test_agreement_outvotes_a_frame_that_jumps_be_it_the_one_asked_for():
    for at in (0, 3):
        faces = calm(7)
        faces[at] = faces[at] + 1.0
        found = agreement(scale_of(faces)).mean((1, 2, 3))
        assert found[at] < 0.01 and min(found[n] for n in range(7) if n != at) > 0.7


def test_agreement_believes_the_frame_itself_where_the_plate_changed():
    faces, plates = calm(7), [torch.zeros(3, S, S) for _ in range(7)]
    faces[0], plates[0] = faces[0] + 1.0, plates[0] + 1.0
    found = agreement(scale_of(faces, plates))
    assert found[0].min() > 0.9


def test_agreement_believes_a_trusted_frame():
    faces = calm(6)
    faces[5] = faces[5] + 1.0
    found = agreement(scale_of(faces, weights=[1.0] * 5 + [16.0])).mean((1, 2, 3))
    assert found[5] == pytest.approx(1.0, abs=1e-3)


def test_likeness_keeps_the_frames_own_and_refuses_what_is_not_like_it():
    faces = calm(5)
    faces[2] = faces[2].clone()
    faces[2][:, :, : S // 2] += 1.0
    found = likeness(scale_of(faces))
    assert found[0].min() == 1.0
    assert found[2, :, :, :8].max() < 0.01 and found[2, :, :, -8:].mean() > 0.7


def test_likeness_is_agreement_where_the_frame_itself_has_no_word():
    scale = scale_of(calm(5), weights=[0.0, 1.0, 1.0, 1.0, 1.0])
    assert torch.equal(likeness(scale), agreement(scale))


def test_attention_looks_at_no_more_than_five_frames():
    found = attention(scale_of(calm(9)))
    assert ATTENDED == 5 and found[:5].min() > 0.0 and not found[5:].any()


def test_the_default_is_between_likeness_and_agreement():
    scale = scale_of(calm(5, 0.1))
    low, high = torch.minimum(likeness(scale), agreement(scale)), torch.maximum(likeness(scale), agreement(scale))
    found = likeness_and_agreement(scale)
    assert (found >= low - 1e-6).all() and (found <= high + 1e-6).all()


@pytest.mark.parametrize("weigh", WEIGHS)
def test_extreme_stops_stay_finite(weigh):
    faces = calm(5)
    faces[1] = faces[1] + 40.0
    faces[2] = faces[2] - 40.0
    assert torch.isfinite(weigh(scale_of(faces))).all()
