"""ff_vfx.steady.hold: a new face held still by its neighbours."""

import pytest
import torch

from ff_vfx.steady.flow import Flow
from ff_vfx.steady.hold import hold_still
from ff_vfx.steady.voter import make_voter
from tests.steady.made import FLOOR, S, held_by, neighbour, new_face, noisy, rules_of, shifted, textured
from tests.synthetic import picture

INSIDE = (slice(None), slice(12, -12), slice(12, -12))
UNALIGNED = rules_of(align_px=0.0)


def off(made: torch.Tensor, wanted: torch.Tensor) -> float:
    """Mean relative difference away from the edge."""
    return float((made / wanted - 1.0)[INSIDE].abs().mean())


@pytest.mark.parametrize("merge", ["window", "attention", "median"])
def test_flicker_falls_as_votes_say(merge):
    plate, face = picture(40, S, S), picture(41, S, S)
    frames = [new_face(noisy(face, seed), plate) for seed in range(5)]
    voters = [neighbour(n, frames[n]) for n in range(1, 5)]
    held = held_by(frames[0], voters, rules_of(merge=merge, align_px=0.0))
    assert off(held.picture, face) < 0.65 * off(frames[0].picture, face)
    assert held.votes.mean() == pytest.approx(5.0, rel=0.25) and held.votes.min() >= 1.0
    assert held.confidence.mean() == pytest.approx(1.0, abs=0.02)
    assert held.picture.shape == (3, S, S) and held.picture.dtype == torch.float32


def test_a_light_that_changes_on_the_plate_passes_through_at_once():
    plate, face = picture(42, S, S), picture(43, S, S)
    lit = [new_face(face * gain, plate * gain) for gain in (1.0, 0.95, 1.05)]
    held = held_by(lit[0], [neighbour(n, lit[n]) for n in (1, 2)], UNALIGNED)
    assert (held.picture / face - 1).abs().max() < 0.01


def test_a_neighbour_that_looks_different_does_not_vote():
    plate, face = picture(44, S, S), picture(45, S, S)
    held = held_by(new_face(face, plate), [neighbour(1, new_face(face * 0.1, plate * 0.1))], UNALIGNED)
    assert (held.picture / face - 1).abs().max() < 2e-3 and held.votes.max() < 1.01


def test_a_flow_that_does_not_come_back_does_not_vote():
    plate, face = picture(46, S, S), picture(47, S, S)
    lost = Flow(torch.zeros(2, S, S), torch.full((1, S, S), 3.0))
    held = held_by(new_face(face, plate), [neighbour(1, new_face(face * 2, plate), flow=lost)], UNALIGNED)
    assert (held.picture / face - 1).abs().max() < 2e-3 and held.confidence.max() < 1e-6


def test_a_neighbour_behind_something_does_not_vote_there():
    plate, face = picture(46, S, S), picture(47, S, S)
    seen = torch.ones(1, S, S)
    seen[:, :, : S // 2] = 0.0
    held = held_by(new_face(face, plate), [neighbour(1, new_face(face * 1.1, plate), seen=seen)], UNALIGNED)
    assert held.confidence[:, :, : S // 2].max() == 0.0 and held.confidence[:, :, S // 2 :].min() > 0.9
    assert held.votes[:, 10:-10, 4:30].max() < 1.1 and held.votes[:, 10:-10, -30:-4].min() > 1.5


def test_what_is_hidden_here_is_filled_from_where_it_was_seen():
    plate, face = picture(46, S, S), picture(47, S, S)
    hidden = torch.zeros(1, S, S)
    wrong = new_face(face * 1.5, plate)
    own = make_voter(0, wrong, FLOOR, hidden)
    voters = [neighbour(n, new_face(face, plate)) for n in (-1, 1)]
    held, _ = hold_still(own, wrong, 1.0, voters, UNALIGNED)
    assert off(held.picture, face) < 0.02


def test_where_nothing_is_new_in_any_frame_the_plates_bits_come_back():
    plates = [noisy(picture(48, S, S), seed) for seed in range(3)]
    same = [new_face(p, p) for p in plates]
    assert held_by(same[0], [neighbour(n, same[n]) for n in (1, 2)], rules_of()).picture is plates[0]
    part = [p.clone() for p in plates]
    for p in part:
        p[:, 30:60, 30:60] *= 1.5
    held = held_by(
        new_face(part[0], plates[0]), [neighbour(n, new_face(part[n], plates[n])) for n in (1, 2)], rules_of()
    )
    assert torch.equal(held.picture[:, 80:], plates[0][:, 80:])
    assert not torch.equal(held.picture[:, 30:60, 30:60], part[0][:, 30:60, 30:60])


def test_no_amount_and_no_neighbour_are_the_frames_own_picture():
    centre = new_face(picture(49, S, S), picture(50, S, S))
    assert held_by(centre, [neighbour(1, centre)], rules_of(amount=0.0)).picture is centre.picture
    alone = held_by(centre, [], rules_of())
    assert alone.picture is centre.picture and not alone.grain.any() and alone.votes.max() == 1.0


def test_an_amount_is_between():
    plate, face = picture(49, S, S), picture(50, S, S)
    frames = [new_face(noisy(face, seed), plate) for seed in range(3)]
    made = [
        held_by(frames[0], [neighbour(n, frames[n]) for n in (1, 2)], rules_of(amount=a, align_px=0.0)).picture
        for a in (0.0, 0.5, 1.0)
    ]
    assert torch.allclose(made[1], (made[0] + made[2]) / 2.0, atol=1e-6)


def test_the_mouths_amount_leaves_the_mouth_alone():
    from tests.steady.test_parts import at

    plate, face = picture(49, S, S), picture(50, S, S)
    frames = [new_face(noisy(face, seed), plate) for seed in range(3)]
    held = held_by(frames[0], [neighbour(n, frames[n]) for n in (1, 2)], rules_of(mouth_amount=0.0, align_px=0.0))
    change = (held.picture - frames[0].picture).abs().sum(0, keepdim=True)
    assert at(change, "lips_outer") < 0.05 * change.mean()


@pytest.mark.parametrize("scales", [1, 2, 3, 4, 5])
def test_equal_inputs_give_equal_outputs_at_every_number_of_scales(scales):
    plate, face = textured(52), textured(54)
    same = new_face(face, plate)
    held = held_by(same, [neighbour(n, same) for n in (-2, -1, 1, 2)], rules_of(scales=scales, align_px=0.0))
    assert (held.picture / face - 1).abs().max() < 2e-4


@pytest.mark.parametrize("size", [64, 65, 90])
def test_any_size_of_crop_and_of_box_works(size):
    plate = textured(52, 120)[:, :size, :size]
    flow = Flow(torch.zeros(2, size, size), torch.zeros(1, size, size))
    faces = [plate * torch.where(torch.arange(size) > size // 2 + 3, 1.2 + 0.1 * n, 1.0) for n in range(3)]
    made = held_by(
        new_face(faces[0], plate), [neighbour(n, new_face(faces[n], plate), flow=flow) for n in (1, 2)], rules_of()
    )
    assert made.picture.shape == (3, size, size) and torch.isfinite(made.picture).all()


def test_the_order_of_neighbours_changes_no_bit():
    plate, face = textured(52), textured(54)
    voters = [neighbour(n, new_face(noisy(face, n + 9), plate)) for n in (-2, -1, 1, 2)]
    centre = new_face(noisy(face, 1), plate)
    assert torch.equal(held_by(centre, voters, rules_of()).picture, held_by(centre, voters[::-1], rules_of()).picture)


def test_what_is_very_bright_dark_or_negative_stays_finite_and_nothing_is_written_into():
    plate, face = textured(52), textured(54)
    face[:, 40, 40], face[:, 42, 40], plate[:, 50:55, 50:55] = 6e4, -0.5, 0.0
    frames = [new_face(noisy(face, n), plate) for n in range(3)]
    before = [(f.picture._version, f.surround._version) for f in frames]
    held = held_by(frames[0], [neighbour(n, frames[n]) for n in (1, 2)], rules_of())
    assert torch.isfinite(held.picture).all() and held.picture[:, 40, 40].min() > 1e4
    assert [(f.picture._version, f.surround._version) for f in frames] == before


def test_a_frame_that_shivers_is_brought_to_where_the_others_are():
    plate, face = picture(55, S, S), textured(56)
    voters = [neighbour(n, new_face(face, plate)) for n in (-2, -1, 1, 2)]
    centre = new_face(shifted(face, 1.5, -1.0), plate)
    aligned, loose = held_by(centre, voters, rules_of()).picture, held_by(centre, voters, UNALIGNED).picture
    # The picture comes to the frames' middle: of five, one is 1.5 px off.
    wanted = shifted(face, 0.3, -0.2)
    assert off(aligned, wanted) < 0.5 * off(loose, wanted)
    assert off(aligned, wanted) < 0.25 * off(centre.picture, wanted)


def test_a_shift_larger_than_believed_is_left_alone_as_if_alignment_were_off():
    plate, face = picture(55, S, S), textured(56)
    voters, centre = [neighbour(1, new_face(face, plate))], new_face(shifted(face, 1.5), plate)
    small, none = held_by(centre, voters, rules_of(align_px=0.5)), held_by(centre, voters, UNALIGNED)
    assert torch.equal(small.picture, none.picture)


def test_a_frame_that_jumps_is_outvoted_unless_the_plate_changed_there():
    plate, face = picture(57, S, S), picture(58, S, S)
    voters = [neighbour(n, new_face(noisy(face, n + 9, 0.01), plate)) for n in (-2, -1, 1, 2)]
    jumped = face * 1.4
    outvoted = held_by(new_face(jumped, plate), voters, UNALIGNED)
    assert off(outvoted.picture, face) < 0.6 * off(jumped, face)
    event = held_by(new_face(jumped, plate * 1.5), voters, UNALIGNED)
    assert off(event.picture, jumped) < 0.05


def test_a_bad_frame_without_a_word_is_filled_from_its_neighbours():
    plate, face = picture(57, S, S), picture(58, S, S)
    voters = [neighbour(n, new_face(face, plate)) for n in (-1, 1)]
    assert off(held_by(new_face(face * 3.0, plate), voters, UNALIGNED, own=0.0).picture, face) < 0.01


def test_a_frame_that_was_not_drawn_gets_its_neighbours_face():
    plate, face = picture(57, S, S), picture(58, S, S)
    voters = [neighbour(n, new_face(face, plate)) for n in (-1, 2)]
    assert off(held_by(new_face(plate, plate), voters, rules_of(), own=0.0).picture, face) < 0.01


def test_a_trusted_frame_pulls_the_others_to_it():
    plate, face = picture(57, S, S), picture(58, S, S)
    voters = [neighbour(n, new_face(face, plate)) for n in (-2, -1, 1)]
    right = neighbour(2, new_face(face * 1.3, plate), weight=15.0)
    pulled = held_by(new_face(face, plate), [*voters, right], UNALIGNED).picture
    assert off(pulled, face * 1.3) < 0.1 * off(face, face * 1.3)


def test_a_trusted_frame_keeps_what_was_repaired():
    plate, face = picture(57, S, S), picture(58, S, S)
    voters = [neighbour(n, new_face(face, plate)) for n in (-2, -1, 1, 2)]
    kept = held_by(new_face(face * 1.3, plate), voters, UNALIGNED, own=16.0).picture
    assert off(kept, face * 1.3) < 0.05 * off(face, face * 1.3)


def test_a_weight_function_of_the_users_own_is_used():
    plate, face = picture(57, S, S), picture(58, S, S)

    def the_second_alone(scale):
        weights = torch.zeros_like(scale.trust)
        weights[1] = 1.0
        return weights

    held = held_by(
        new_face(face * 2.0, plate), [neighbour(1, new_face(face, plate))], rules_of(the_second_alone, align_px=0.0)
    )
    assert off(held.picture, face) < 0.01


def test_grain_is_what_the_picture_has_of_it():
    plate, face = torch.full((3, S, S), 0.2), torch.full((3, S, S), 0.4)
    grain = [2e-4 * torch.randn(3, S, S, generator=torch.Generator().manual_seed(n)) for n in range(5)]
    frames = [new_face(face, plate + g) for g in grain]
    held = held_by(frames[0], [neighbour(n, frames[n]) for n in range(1, 5)], UNALIGNED)
    assert held.grain.abs().mean() > 1e-5
    assert (held.picture - held.grain - face).abs().mean() < 0.5 * held.grain.abs().mean() + 1e-4
