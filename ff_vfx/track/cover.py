"""Which heads there are on each frame of a shot, and where the lost ones must be. Read by the door's anonymising.

The solve's tracks and the sweep's boxes become HeadTracks. Over a gap a head is held where it must be, larger the
longer nobody saw it; before its first and after its last sighting it stays covered a few frames more, up to a cut.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from ff_vfx.track.chains import Chain, chains_of, steadied
from ff_vfx.track.heads import FACE_SIDE, head_of_box, head_of_face
from ff_vfx.track.pose import placement
from ff_vfx.track.sweep import Sighting, Sweep
from ff_vfx.types.face import Face, FaceTrack
from ff_vfx.types.heads import Head, HeadTrack
from ff_vfx.types.solve import Solve, cut_between

_GROWS, _LARGEST = 0.05, 1.8  # a held head grows by so much a frame, up to so many times
_TRUSTED_SPEED = 3  # frames that a head is thought to go on as it went
_INNER = 0.45  # of a face's side: a box whose middle is so near to the face's is that face
_ALIKE = 2.0  # times larger or smaller that such a box may be


@dataclass(frozen=True, slots=True)
class Held:
    """How long a head is kept covered: over gaps of up to `bridge` frames, and `tail` frames before and after."""

    bridge: int = 48
    tail: int = 8


def head_tracks(solve: Solve, sweep: Sweep, numbers: Sequence[int], held: Held, grow: float = 1.0) -> list[HeadTrack]:
    """Everybody of a shot: the solve's faces, then likely faces that none of them explains.

    Args:
        numbers: the plate's frames, in order. grow: times as large as a head is.

    Returns:
        Names 'face0'.. as in the solve, then 'box0'.. in the order in which they begin.
    """
    aspect = sweep.aspect
    tracks = [filled(face.name, "face", _faces(face, aspect), numbers, solve.cuts, held) for face in solve.tracks]
    left = []
    for number in numbers:
        known = [face.face(number) for face in solve.tracks if not face.why_lost(number)]
        seen = sweep.sightings.get(number, ())
        left.append((number, [one for one in seen if not any(_explained(one, face, aspect) for face in known)]))
    for k, chain in enumerate(chains_of(left, solve.cuts, held.bridge // 4)):
        tracks.append(filled(f"box{k}", "box", _boxes(chain, sweep.aspect), numbers, solve.cuts, held))
    return [_grown(track, grow) for track in tracks]


def filled(
    name: str, kind: str, seen: Mapping[int, Head], numbers: Sequence[int], cuts: Sequence[int], held: Held
) -> HeadTrack:
    """A track without holes: held over gaps, and with its tails.

    Args:
        seen: frame number -> head, where one is known; at least one, else the track is empty.
    """
    heads, gaps = dict(seen), list[tuple[int, int]]()
    known, all_numbers = sorted(seen), sorted(numbers)
    for before, after in pairwise(known):
        between = all_numbers[bisect_right(all_numbers, before) : bisect_left(all_numbers, after)]
        if not between or cut_between(cuts, before, after):
            continue
        if len(between) <= held.bridge:
            heads |= {n: _between(seen[before], seen[after], (before, n, after)) for n in between}
        else:
            gaps.append((between[0], between[-1]))
    there = set(numbers)
    for number in known:
        for step in (-1, 1):
            _tail(heads, seen, (number, step), (there, cuts), held.tail)
    return HeadTrack(name, kind, dict(sorted(heads.items())), tuple(gaps))


def _tail(
    heads: dict[int, Head],
    seen: Mapping[int, Head],
    at: tuple[int, int],
    shot: tuple[Collection[int], Sequence[int]],
    tail: int,
) -> None:
    """Cover the frames beside one sighting that nothing else covers, into `heads`.

    Args:
        at: the sighting's frame, and which way: -1 or 1. shot: its frames, and its cuts. tail: how many frames.
    """
    (number, step), (numbers, cuts) = at, shot
    for away in range(1, tail + 1):
        there = number + step * away
        old = heads.get(there)
        if there not in numbers or cut_between(cuts, number, there) or (old is not None and old.state != "tail"):
            return
        new = _beyond(seen, number, step, away)
        heads[there] = new if old is None else _both(old, new)


def _between(a: Head, b: Head, at: tuple[int, int, int]) -> Head:
    """A head in a gap: from place to place in a straight line, larger the farther from both."""
    before, number, after = at
    share = (number - before) / (after - before)
    near = min(number - before, after - number)
    if len(a.shapes) != len(b.shapes):  # another kind of sighting on the other side
        a, b = (a, a.moved(b.centre - a.centre)) if share <= 0.5 else (b.moved(a.centre - b.centre), b)
    shapes = (1.0 - share) * a.shapes + share * b.shapes
    turn = (b.roll - a.roll + np.pi) % (2.0 * np.pi) - np.pi
    head = Head(
        shapes, a.roll + share * turn, (1.0 - share) * a.face_px + share * b.face_px, aspect=a.aspect, how=a.how
    )
    return head.grown(_larger(near), "held")


def _beyond(seen: Mapping[int, Head], number: int, step: int, away: int) -> Head:
    """A head before its first or after its last sighting: where it was, and where it would have gone, both covered."""
    head, speed = seen[number], np.zeros(2)
    if number - step in seen:
        speed = head.centre - seen[number - step].centre
    gone = speed * min(away, _TRUSTED_SPEED)
    square = np.array([head.aspect, 1.0])
    room = float(np.linalg.norm(gone * square / 2.0)) / head.face_px
    moved = head.moved(gone / 2.0).grown(min(_larger(away) + room, _LARGEST), "tail")
    return replace(moved, confidence=0.0)


def _larger(frames: int) -> float:
    return float(min(1.0 + _GROWS * frames, _LARGEST))


def _both(a: Head, b: Head) -> Head:
    """Two places that one lost head may be in, both covered."""
    return replace(a, shapes=np.concatenate([a.shapes, b.shapes]))


def _grown(track: HeadTrack, times: float) -> HeadTrack:
    return replace(track, heads={number: head.grown(times) for number, head in track.heads.items()})


def _boxes(chain: Chain, aspect: float) -> dict[int, Head]:
    return steadied(chain, lambda box, larger: head_of_box(box, aspect).grown(larger))


def _faces(track: FaceTrack, aspect: float) -> dict[int, Head]:
    """The heads of a solve's track, where it knows the face; where it holds one itself, larger as in any gap."""
    numbers = track.numbers.tolist()
    seen = [number for number, status in zip(numbers, track.status, strict=True) if status in ("tracked", "keyframe")]
    found = {}
    for number, status in zip(numbers, track.status, strict=True):
        if status != "lost":
            head = head_of_face(track.face(number), aspect)
            near = min((abs(number - other) for other in seen), default=0)
            found[number] = replace(head.grown(_larger(near), "held"), confidence=0.0) if status == "held" else head
    return found


def _explained(sighting: Sighting, face: Face, aspect: float) -> bool:
    """Whether a box is a face that the solve knows on this frame; a smaller one beside or before it is not."""
    side = FACE_SIDE * float(np.exp(placement(face.pose, aspect)[2]))
    middle = face.landmarks[:468, :2].mean(0) * np.array([aspect, 1.0])
    apart = float(np.hypot(sighting.x - middle[0], sighting.y - middle[1]))
    larger = sighting.side / side
    return apart < _INNER * side and larger < _ALIKE and (larger > 1.0 / _ALIKE or apart < _INNER * side / 2.0)
