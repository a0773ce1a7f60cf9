"""Is the face of a track who it should be? Made-up networks for the arithmetic; real ones in test_two_people."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ff_vfx.errors import BadInput, FrameBroken, ModelError
from ff_vfx.track.gallery import Gallery, Judge, Wanted, scores_of
from ff_vfx.types.face import Face, FaceTrack
from ff_vfx.types.frame import Frame
from ff_vfx.types.solve import Solve
from ff_vfx.types.template import five_points
from tests.track.made import made_solve, made_track
from tests.track.shots import MemoryPlate, grey

ANNA, BEN = np.array([1.0, 0.0, 0.0], np.float32), np.array([0.0, 1.0, 0.0], np.float32)


class KnowsByNumber:
    """A recogniser that answers by the frame's number: cosine to Anna as told, the rest towards Ben or nobody."""

    name = "made"

    def __init__(self, cosines: dict[int, float], rest: int = 2) -> None:
        self.cosines, self.rest, self.asked = cosines, rest, []

    def embed(self, frame: Frame, face: Face) -> np.ndarray:
        self.asked.append(frame.number)
        cosine = self.cosines.get(frame.number, 0.9)
        found = np.zeros(3, np.float32)
        found[0], found[self.rest] = cosine, np.sqrt(1.0 - cosine**2)
        return found


class SeesAside:
    """A witness that puts the points so many outer-eye distances to the right; None: sees nobody."""

    def __init__(self, aside: dict[int, float | None]) -> None:
        self.aside = aside

    def points(self, frame: Frame, face: Face) -> np.ndarray | None:
        aside = self.aside.get(frame.number, 0.04)
        eyes = float(np.linalg.norm(face.landmarks[263, :2] - face.landmarks[33, :2]))
        return None if aside is None else five_points(face.landmarks) + (aside * eyes, 0.0)


def _plate(broken: tuple[int, ...] = ()) -> MemoryPlate:
    frames = {n: FrameBroken("truncated") if n in broken else (lambda: grey(8, 8)) for n in range(1001, 1013)}
    return MemoryPlate(frames, (8, 8))  # type: ignore[arg-type]


def _judge(cosines: dict[int, float] | None = None, aside: dict[int, float | None] | None = None, **more) -> Judge:
    return Judge(KnowsByNumber(cosines or {}), SeesAside(aside or {}), **{"looks": 0, **more})  # type: ignore[arg-type]


def _scores(judge: Judge, track: FaceTrack | None = None, cuts: tuple[int, ...] = (), **more):
    track = track or made_track(frames=12)
    solve: Solve = made_solve(track, cuts=cuts)
    wanted = more.get("wanted", Wanted("Anna", ANNA))
    return scores_of(solve, track, more.get("plate", _plate()), wanted, judge)


def test_a_face_that_is_she_and_lies_where_both_networks_say_passes():
    scores = _scores(_judge())
    (piece,) = scores.pieces
    assert (piece.first, piece.last, piece.reason) == (1001, 1012, "")
    assert abs(piece.identity - 0.9) < 1e-4 and abs(piece.agreement - 0.04) < 1e-4
    assert scores.decisions(1005) == {"identity": 0.9, "agreement": 0.04} and scores.why_not(1005) == ""


def test_somebody_else_fails_with_the_figures_and_the_setting():
    scores = _scores(_judge(dict.fromkeys(range(1001, 1013), 0.12)))
    assert scores.why_not(1003) == (
        "face0 on frames 1001-1012 is not Anna: cosine 0.12, 0.35 needed (track.same_person)"
    )


def test_points_that_two_networks_put_elsewhere_fail_though_the_face_is_known():
    scores = _scores(_judge(aside=dict.fromkeys(range(1001, 1013), 0.4)))
    assert "two networks put the face's points 0.40 eye distances apart, 0.15 allowed" in scores.why_not(1003)


def test_a_face_that_a_second_network_does_not_see_fails():
    scores = _scores(_judge(aside=dict.fromkeys(range(1001, 1013), None)))
    assert "a second network sees no face where the mesh does" in scores.why_not(1003)
    assert scores.decisions(1003) == {"identity": 0.9}


def test_a_profile_or_a_hand_for_some_frames_pops_nothing():
    odd = (1003, 1004, 1008, 1009, 1010)
    scores = _scores(_judge(dict.fromkeys(odd, 0.05), dict.fromkeys(odd, None)))
    assert [scores.why_not(n) for n in range(1001, 1013)] == [""] * 12
    assert scores.decisions(1003) == {"identity": 0.05} and scores.decisions(1005)["identity"] == 0.9


def test_each_piece_between_cuts_and_gaps_is_judged_by_itself():
    track = made_track(frames=12, lost=(8,))
    wrong = dict.fromkeys((1005, 1006, 1007, 1008), 0.1)
    scores = _scores(_judge(wrong), track, cuts=(1005,))
    assert [(p.first, p.last, bool(p.reason)) for p in scores.pieces] == [
        (1001, 1004, False), (1005, 1008, True), (1010, 1012, False),
    ]  # fmt: skip
    assert scores.piece(1009) is None and scores.decisions(1009) == {} and scores.why_not(1009) == ""


def test_whoever_is_nearer_to_somebody_else_of_the_cast_is_not_she():
    judge = Judge(KnowsByNumber(dict.fromkeys(range(1001, 1013), 0.6), rest=1), SeesAside({}), looks=0)  # type: ignore[arg-type]
    wanted = Gallery((("Anna", ANNA), ("Ben", BEN))).wanted("Anna")
    reason = _scores(judge, wanted=wanted).why_not(1001)
    assert "is not Anna: somebody else of the cast is nearer (0.80 against 0.60)" in reason


def test_long_pieces_are_looked_at_now_and_then_and_say_where_a_frames_score_is_from():
    judge = _judge(looks=4)
    scores = _scores(judge)
    assert judge.recogniser.asked == [1001, 1005, 1008, 1012]  # type: ignore[attr-defined]
    assert scores.decisions(1005) == {"identity": 0.9, "agreement": 0.04}
    assert scores.decisions(1002) == {"identity": 0.9, "agreement": 0.04, "identity_from": "frames 1001-1012"}


def test_held_frames_are_not_looked_at():
    track = made_track(frames=12)
    track = replace(track, status=("tracked",) * 4 + ("held",) * 3 + ("tracked",) * 5)
    judge = _judge()
    _scores(judge, track)
    assert judge.recogniser.asked == [*range(1001, 1005), *range(1008, 1013)]  # type: ignore[attr-defined]


def test_frames_that_cannot_be_read_are_left_out_and_a_piece_of_them_alone_fails():
    assert _scores(_judge(), plate=_plate(broken=(1001, 1002))).why_not(1001) == ""
    scores = _scores(_judge(), plate=_plate(broken=tuple(range(1001, 1013))))
    assert scores.why_not(1004) == "face0: no frame of 1001-1012 could be looked at: truncated"


def test_a_network_that_fails_on_a_frame_takes_no_other_with_it():
    class Fails(KnowsByNumber):
        def embed(self, frame: Frame, face: Face) -> np.ndarray:
            if frame.number < 1004:
                raise ModelError("model made: out of memory")
            return super().embed(frame, face)

    scores = _scores(Judge(Fails({}), SeesAside({}), looks=0))  # type: ignore[arg-type]
    assert scores.why_not(1002) == "" and np.isnan(scores.identity[:3]).all() and np.isfinite(scores.identity[3:]).all()
    short = _scores(Judge(Fails({}), SeesAside({}), looks=0), made_track(frames=3))  # type: ignore[arg-type]
    assert short.why_not(1002).endswith("could be looked at: model made: out of memory")


def test_a_gallery_names_whoever_is_near_enough():
    gallery = Gallery((("Anna", ANNA), ("Ben", BEN)))
    assert gallery.who(np.array([0.9, 0.1, np.sqrt(0.18)], np.float32), 0.35) == "Anna"
    assert gallery.who(np.array([0.1, 0.2, np.sqrt(0.95)], np.float32), 0.35) == ""
    with pytest.raises(BadInput, match="nobody is called 'Cleo'; there are Anna, Ben"):
        gallery.wanted("Cleo")
    with pytest.raises(BadInput, match="a name is there twice"):
        Gallery((("Anna", ANNA), ("Anna", BEN)))
