"""Who is there on each frame, and where the lost ones must be. No networks; what they would say is made up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ff_vfx.track.chains import chains_of, steadied
from ff_vfx.track.cover import Held, filled, head_tracks
from ff_vfx.track.heads import head_by_hand, head_of_box, head_of_face
from ff_vfx.track.sweep import Sighting, Sweep, same_place
from ff_vfx.types.face_mesh import face_mesh
from tests.synthetic import posed_face
from tests.track.made import made_solve, made_track

NUMBERS = list(range(1001, 1041))


def box(x: float = 100.0, y: float = 90.0, side: float = 40.0, score: float = 0.9, strong: bool = True) -> Sighting:
    return Sighting(x, y, side, 0.0, score, 0.0, strong)


def seen(*numbers: int, step: float = 0.0):
    return {n: head_of_box(box(x=100.0 + step * (n - NUMBERS[0]))) for n in numbers}


def radius(head) -> float:
    return float(head.shapes[0, 1, 1])


def test_a_gap_is_covered_whole_and_more_in_its_middle():
    track = filled("box0", "box", seen(1001, 1002, 1011, step=2.0), NUMBERS, (), Held(bridge=10, tail=0))
    assert sorted(track.heads) == list(range(1001, 1012)) and track.gaps == ()
    assert [track.heads[n].state for n in (1002, 1006, 1011)] == ["seen", "held", "seen"]
    grown = [radius(track.heads[n]) for n in range(1002, 1012)]
    assert max(grown) in grown[4:6] and grown[0] == grown[-1] < grown[1] < grown[2]
    for n in range(1002, 1012):
        assert track.heads[n].centre[0] == pytest.approx(100.0 + 2.0 * (n - 1001))


def test_a_track_stays_covered_a_few_frames_at_both_ends_and_goes_on_as_it_went():
    track = filled("box0", "box", seen(1010, 1011, step=4.0), NUMBERS, (), Held(bridge=10, tail=3))
    assert sorted(track.heads) == list(range(1007, 1015))
    assert [track.heads[n].state for n in (1007, 1009, 1010, 1012)] == ["tail", "tail", "seen", "tail"]
    after = track.heads[1013]
    stood, went = track.heads[1011].centre, track.heads[1011].centre + (8.0, 0.0)
    inner = np.array([[0.0, 0.0], [19.0, 0.0], [-19.0, 0.0], [0.0, 19.0]])  # the face, wherever it is by now
    assert after.radius_at(stood + inner).max() <= 1.0 and after.radius_at(went + inner).max() <= 1.0


def test_nothing_is_held_across_a_cut():
    track = filled("box0", "box", seen(1001, 1002, 1006), NUMBERS, (1004,), Held(bridge=10, tail=8))
    assert sorted(n for n in track.heads if n < 1004) == [1001, 1002, 1003]
    assert 1004 in track.heads and track.heads[1003].state == "tail"
    only = filled("box0", "box", seen(1001, 1002), NUMBERS, (1004,), Held(bridge=10, tail=8))
    assert max(only.heads) == 1003


def test_a_gap_too_long_is_left_open_and_said():
    track = filled("box0", "box", seen(1001, 1020), NUMBERS, (), Held(bridge=10, tail=2))
    assert track.gaps == ((1002, 1019),)
    assert sorted(track.heads) == [1001, 1002, 1003, 1018, 1019, 1020, 1021, 1022]


def test_one_sighting_covers_its_neighbours():
    track = filled("box0", "box", seen(1010), NUMBERS, (), Held(bridge=10, tail=2))
    assert sorted(track.heads) == [1008, 1009, 1010, 1011, 1012] and track.seen() == [1010]


def test_frames_the_plate_does_not_have_are_skipped():
    numbers = [n for n in NUMBERS if n != 1005]
    track = filled("box0", "box", seen(1003, 1008), numbers, (), Held(bridge=10, tail=0))
    assert sorted(track.heads) == [1003, 1004, 1006, 1007, 1008]


def test_weak_boxes_count_beside_a_strong_one_and_not_alone():
    weak = [(n, [box(score=0.4, strong=n == 1003)]) for n in (1001, 1002, 1003, 1004)]
    (chain,) = chains_of(weak, (), 4)
    assert sorted(chain) == [1001, 1002, 1003, 1004]
    assert chains_of([(n, [box(score=0.4, strong=False)]) for n in (1001, 1002)], (), 4) == []


def test_a_row_of_boxes_ends_at_a_cut_a_jump_or_another_size():
    def rows(*boxes: tuple[int, Sighting], cuts: tuple[int, ...] = ()) -> list[list[int]]:
        return [sorted(chain) for chain in chains_of([(n, [one]) for n, one in boxes], cuts, 4)]

    assert rows((1001, box()), (1002, box(x=110.0))) == [[1001, 1002]]
    assert rows((1001, box()), (1002, box(x=180.0))) == [[1001], [1002]]
    assert rows((1001, box()), (1002, box(side=90.0))) == [[1001], [1002]]
    assert rows((1001, box()), (1002, box()), cuts=(1002,)) == [[1001], [1002]]
    assert rows((1001, box()), (1007, box())) == [[1001], [1007]], "missing for longer than a row may"


def test_two_heads_side_by_side_stay_two():
    both = [(n, [box(x=100.0), box(x=150.0)]) for n in (1001, 1002, 1003)]
    assert [sorted(chain) for chain in chains_of(both, (), 4)] == [[1001, 1002, 1003]] * 2
    assert not same_place(box(x=100.0), box(x=150.0)) and same_place(box(x=100.0), box(x=104.0))
    assert not same_place(box(), box(side=90.0)), "a small face in the place of a large one may be another's"


def test_a_steadied_box_still_holds_what_was_seen():
    rng = np.random.default_rng(3)
    chain = {n: box(x=100.0 + float(rng.normal(0, 4)), side=40.0 + float(rng.normal(0, 3))) for n in range(1001, 1012)}
    made = steadied(chain, lambda one, larger: head_of_box(one).grown(larger))
    for number, one in chain.items():
        square = np.array([[dx, dy] for dx in (-0.5, 0.5) for dy in (-0.5, 0.5)]) * one.side + (one.x, one.y)
        assert made[number].radius_at(square).max() <= 1.0
    raw = np.diff([one.x for one in chain.values()])
    smooth = np.diff([head.centre[0] for head in made.values()])
    assert np.abs(smooth).max() < np.abs(raw).max()


@pytest.mark.parametrize("yaw", [0.0, 0.7, 1.4])
def test_a_head_holds_all_of_the_face_and_the_skull_behind_it(yaw):
    face = posed_face(centre=(200.0, 200.0), scale=100.0, yaw=yaw)
    head = head_of_face(face)
    assert head.radius_at(face.landmarks[:468, :2]).max() <= 1.0
    crown, nape = np.array([0.0, -1.35, 0.7]), np.array([0.0, 0.2, 1.8])
    ears = np.array([[-0.85, 0.2, 0.6], [0.85, 0.2, 0.6]])
    points = np.concatenate([[crown, nape], ears]) @ face.pose[:, :3].T + face.pose[:, 3]
    assert head.radius_at(points[:, :2]).max() <= 1.0
    assert head.face_px == pytest.approx(0.9 * 100.0 * np.ptp(face_mesh().canonical[[10, 152], 1]), rel=0.01)


def test_heads_of_squeezed_pixels_are_squeezed():
    wide = head_of_box(box(), aspect=2.0)
    assert wide.shapes[0, 0, 0] == pytest.approx(wide.shapes[0, 1, 1] / 2.0)
    assert head_by_hand(50.0, 40.0, 20.0, 2.0).radius_at(np.array([[60.0, 40.0], [50.0, 60.0]])) == pytest.approx(1.0)


def test_a_solves_faces_come_first_and_its_boxes_are_not_told_twice():
    track = made_track(frames=6, lost=(3,))
    number = int(track.numbers[0])
    middle = track.landmarks[0, :468, :2].mean(0)
    same = box(x=float(middle[0]), y=float(middle[1]), side=200.0)
    beside = box(x=float(middle[0]) + 160.0, y=float(middle[1]), side=30.0)
    lost = box(x=float(middle[0]) + 2.0, y=float(middle[1]), side=200.0)
    sweep = Sweep({n: (same, beside) if n != number + 3 else (lost, beside) for n in track.numbers.tolist()})
    tracks = head_tracks(made_solve(track), sweep, track.numbers.tolist(), Held(tail=0))
    assert [one.name for one in tracks] == ["face0", "box0", "box1"]
    face, small, there = tracks
    assert face.heads[number + 3].state == "held", "lost by the solve, and held"
    assert small.seen() == track.numbers.tolist() and there.seen() == [number + 3]


def test_what_the_solve_itself_holds_is_covered_more_widely():
    track = made_track(frames=7)
    status = tuple("held" if k in (2, 3, 4) else "tracked" for k in range(7))
    held = replace(track, status=status)
    sweep = Sweep(dict.fromkeys(track.numbers.tolist(), ()))
    plain, wide = (head_tracks(made_solve(one), sweep, track.numbers.tolist(), Held())[0] for one in (track, held))
    middle, beside = int(track.numbers[3]), int(track.numbers[2])
    times = [float(wide.heads[n].shapes[0, 0, 0] / plain.heads[n].shapes[0, 0, 0]) for n in (beside, middle)]
    assert times == pytest.approx([1.05, 1.1]) and wide.heads[middle].state == "held"
    assert wide.seen() == [int(n) for k, n in enumerate(track.numbers) if k not in (2, 3, 4)]


def test_a_small_face_before_a_large_one_is_somebody_else():
    track = made_track(frames=3)
    middle = track.landmarks[0, :468, :2].mean(0)
    phone = box(x=float(middle[0]) + 50.0, y=float(middle[1]), side=40.0)
    sweep = Sweep(dict.fromkeys(track.numbers.tolist(), (phone,)))
    tracks = head_tracks(made_solve(track), sweep, track.numbers.tolist(), Held(tail=0))
    assert [one.name for one in tracks] == ["face0", "box0"]


def test_grow_makes_all_larger_and_keeps_the_cells():
    track = made_track(frames=3)
    sweep = Sweep(dict.fromkeys(track.numbers.tolist(), ()))
    plain, grown = (head_tracks(made_solve(track), sweep, track.numbers.tolist(), Held(), by)[0] for by in (1.0, 1.5))
    number = int(track.numbers[0])
    assert np.allclose(grown.heads[number].shapes[:, :, :2], 1.5 * plain.heads[number].shapes[:, :, :2])
    assert grown.heads[number].face_px == plain.heads[number].face_px
    assert replace(plain.heads[number], state="held").state == "held"
