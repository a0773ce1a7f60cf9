"""The artist's word."""

from __future__ import annotations

import numpy as np
import pytest

from ff_vfx.errors import BadInput
from ff_vfx.track import merge_keyframes, unused_keyframes
from ff_vfx.track.solve_file import solve_text
from ff_vfx.types.solve import Keyframe
from tests.track.made import made_solve, made_track

KEY = Keyframe("face0", 1005, 159, 170.25, 178.5, 2)


def _moved(solve, before=None) -> np.ndarray:
    """(n, 478) how far each point went."""
    return np.linalg.norm((solve.tracks[0].landmarks - (before or made_solve()).tracks[0].landmarks)[..., :2], axis=2)


def test_it_is_exact_on_its_frame_and_fades_over_mesh_and_time():
    moved = _moved(merge_keyframes(made_solve(), [KEY]))
    face = merge_keyframes(made_solve(), [KEY]).tracks[0].face(1005)
    assert tuple(face.landmarks[159, :2]) == (170.25, 178.5)
    assert face.status == "keyframe" and face.reason == "set by hand"
    assert moved[4, 159] > moved[4, 158] > moved[4, 33] > moved[4, 152]
    assert moved[4, 159] > moved[5, 159] > moved[6, 159] > 0.0
    assert moved[4, 159] > moved[3, 159] > 0.0
    assert not moved[[0, 1, 7, 8]].any()


def test_a_lid_does_not_take_the_other_lid_with_it_as_if_the_slit_were_skin():
    moved = _moved(merge_keyframes(made_solve(), [KEY]))[4]
    assert moved[145] < 0.35 * moved[159]


def test_twice_is_once():
    once = merge_keyframes(made_solve(), [KEY])
    assert solve_text(merge_keyframes(once, [KEY])) == solve_text(once)
    assert solve_text(merge_keyframes(once, ())) == solve_text(once)


def test_several_are_all_exact_and_a_later_one_wins():
    keys = [KEY, Keyframe("face0", 1005, 160, 165.0, 179.0), Keyframe("face0", 1006, 159, 173.0, 177.0, 3)]
    solve = merge_keyframes(made_solve(), keys)
    solve = merge_keyframes(solve, [Keyframe("face0", 1005, 160, 166.5, 178.25)])
    for number, landmark, wanted in (
        (1005, 159, (170.25, 178.5)),
        (1005, 160, (166.5, 178.25)),
        (1006, 159, (173, 177)),
    ):
        assert tuple(solve.tracks[0].face(number).landmarks[landmark, :2]) == wanted
    assert len(solve.keyframes) == 3


def test_it_stops_at_a_cut():
    moved = _moved(merge_keyframes(made_solve(cuts=(1006,)), [KEY]))
    assert moved[3].any() and moved[4].any() and not moved[5:].any()


def test_a_lost_frame_gets_a_whole_face_from_its_neighbours():
    solve = merge_keyframes(made_solve(made_track(lost=(3, 4, 5))), [KEY])
    track = solve.tracks[0]
    assert track.status == ("tracked",) * 3 + ("lost", "keyframe", "lost") + ("tracked",) * 3
    face = track.face(1005)
    assert np.isfinite(face.landmarks).all() and face.weight == 1.0
    assert np.isfinite(face.pose).all() and np.isfinite(face.crop_to_plate).all()


def test_the_pose_follows_a_rigid_point():
    before = made_solve()
    x, y = before.tracks[0].landmarks[4, 4, :2]
    after = merge_keyframes(before, [Keyframe("face0", 1005, 4, float(x) + 9.0, float(y), 2)])
    assert not np.array_equal(after.tracks[0].pose[4], before.tracks[0].pose[4])
    assert np.array_equal(after.tracks[0].pose[0], before.tracks[0].pose[0])


def test_the_solve_given_is_not_touched():
    solve = made_solve()
    text = solve_text(solve)
    merge_keyframes(solve, [KEY])
    assert solve_text(solve) == text


def test_one_for_nobody_is_kept_and_reported():
    strangers = [Keyframe("face7", 1005, 3, 1.0, 1.0), Keyframe("face0", 2000, 3, 1.0, 1.0)]
    solve = merge_keyframes(made_solve(), strangers)
    assert not _moved(solve).any() and set(unused_keyframes(solve)) == set(strangers)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (Keyframe("face0", 1005, 478, 1.0, 1.0), "landmark 478; give one from 0 to 477"),
        (Keyframe("face0", 1005, 3, float("nan"), 1.0), "give plate pixels"),
        (Keyframe("face0", 1005, 3, 1.0, 1.0, -1), "reach_frames -1"),
    ],
)
def test_nonsense_is_refused_with_its_frame(key, words):
    with pytest.raises(BadInput, match=f"frame 1005: .*{words}"):
        merge_keyframes(made_solve(), [key])
