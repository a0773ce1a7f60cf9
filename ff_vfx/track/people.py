"""Who is who from frame to frame: what is remembered of each person, and which new face is whose.

Read by the shot's pass. Faces that cross keep their names: position, size and looks decide together. Looks are a cheap
signature, or what a recogniser says where there is one; that also knows people again anywhere and in another light.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import permutations

import numpy as np

from ff_vfx.track.motion import FlowCrop
from ff_vfx.track.pose import placement
from ff_vfx.track.recognise import likeness, mean_embedding
from ff_vfx.track.signature import unlikeness
from ff_vfx.types.face import Face

_REACH = 0.7  # face heights a face may be away from where it was expected
_REACH_GROWS = 0.3  # more of them for each frame it was missing
_STRANGER = 1.1  # `unlikeness` above which nobody is recognised by looks alone
_REMEMBERED = 0.9  # share of the old signature in the new one
_FORGET_FRAMES = 24  # after these, only looks count
_RECOGNISED = 1.2  # weight of a recogniser's word against a whole reach; the signature's is 0.6
_CERTAINLY_OTHER = 1.4  # distances from one person to where the next begins: nobody changes that much
_AWAY_FRAMES = 2  # missing for longer, a recogniser may find somebody anywhere
_FEW = 5  # people up to which every pairing is tried


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A face on one frame, and how the plate moved under it since the frame before: shift (478, 2), trust (478,)."""

    face: Face
    shift: np.ndarray | None = None
    trust: np.ndarray | None = None


@dataclass(slots=True, eq=False)
class Person:
    """What is known of somebody while the shot goes by; rows count the plate's frames from 0.

    signature, latest: over the last frames, and of the very last one.
    take, since: the take he was last seen in, and the first row of it that shows him: motion is not led across a cut.
    """

    name: str
    signature: np.ndarray
    side: int
    rows: dict[int, Seen] = field(default_factory=dict)
    reasons: dict[int, str] = field(default_factory=dict)
    crop: tuple[int, FlowCrop] | None = None
    take: int = 0
    since: int = 0
    latest: np.ndarray | None = None
    embedding: np.ndarray | None = None

    @property
    def last(self) -> int:
        return max(self.rows)

    def expected(self, row: int, aspect: float) -> tuple[np.ndarray, float]:
        """(2,) centre in square px and height where the face should be, led by its last motion for two frames."""
        rows = [r for r in self.rows if r < row]
        last = max(rows)
        now = placement(self.rows[last].face.pose, aspect)
        speed = np.zeros(2)
        if last - 1 in self.rows and last - 1 >= self.since:
            speed = now[:2] - placement(self.rows[last - 1].face.pose, aspect)[:2]
        return now[:2] + speed * min(row - last, 2), float(np.exp(now[2]))

    def start(self, row: int, aspect: float) -> np.ndarray:
        """(478, 3) square px: the last mesh, moved along."""
        centre, _ = self.expected(row, aspect)
        last = self.rows[max(r for r in self.rows if r < row)].face
        points = last.landmarks * np.array([aspect, 1.0, 1.0])
        points[:, :2] += centre - placement(last.pose, aspect)[:2]
        return points

    def join(self, later: Person) -> None:
        """Take over what was seen of somebody who proved to be this person. `later` has no row of an earlier frame."""
        self.rows.update(later.rows)
        for row in later.rows:
            self.reasons.pop(row, None)
        self.signature, self.latest, self.side, self.crop = later.signature, later.latest, later.side, later.crop
        self.take, self.since = later.take, later.since

    def keep(self, row: int, seen: Seen, candidate: Candidate, same_person: float) -> None:
        """Remember the face; what a recogniser said of it too, unless it was too bad a view of him."""
        self.rows[row] = seen
        self.reasons.pop(row, None)
        self.latest = candidate.signature
        self.signature = _REMEMBERED * self.signature + (1.0 - _REMEMBERED) * candidate.signature
        new = candidate.embedding
        if self.embedding is None:
            self.embedding = new
        elif new is not None and likeness(self.embedding, new) >= same_person:
            self.embedding = mean_embedding([self.embedding * _REMEMBERED, new * (1.0 - _REMEMBERED)])


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A face found on the present frame. embedding: a recogniser's, where it was asked."""

    face: Face
    signature: np.ndarray
    embedding: np.ndarray | None = None


@dataclass(frozen=True, slots=True)
class Now:
    """The present frame and take, the plate's pixel aspect, and the cosine from which two faces are one person."""

    row: int
    take: int
    aspect: float
    same_person: float = 0.35


def in_no_doubt(people: list[Person], found: list[Candidate], now: Now) -> bool:
    """Whether everybody of the frame before is where he is expected, alone, and nobody who is missing could be here."""
    known = [p for p in people if p.take == now.take and now.row - p.last <= _FORGET_FRAMES]
    here = np.array([p.last == now.row - 1 for p in known], bool)
    near = np.array([[_far(p, c, now)[0] <= 1.0 for c in found] for p in known]).reshape(len(known), len(found))
    return int(here.sum()) == len(found) and bool((near.sum(0) == 1).all() and (near.sum(1) == here).all())


def known_again(people: list[Person], seen: dict[int, Candidate], same_person: float) -> tuple[int, int] | None:
    """A missing person and somebody here who came after him and, better seen now, is he: their indices; None: nobody.

    Args:
        seen: who is on the present frame: index of the person -> his face.
    """
    for young, candidate in seen.items():
        if candidate.embedding is None:
            continue
        cosines = [-2.0 if p.embedding is None else likeness(p.embedding, candidate.embedding) for p in people]
        gone = [k for k, p in enumerate(people) if k not in seen and p.last < min(people[young].rows)]
        old = max(gone, key=lambda k: cosines[k], default=-1)
        present = [cosines[k] for k in seen if k != young]
        if old >= 0 and cosines[old] >= max([same_person, *present]):
            return old, young
    return None


def assign(people: list[Person], found: list[Candidate], now: Now) -> dict[int, int]:
    """Which found face is whose: index of the person -> index of the face; whoever is not in it is missing.

    Args:
        now: a person last seen in another take is known by looks alone.
    """
    costs = np.array([[_cost(p, c, now) for c in found] for p in people]).reshape(len(people), len(found))
    if max(costs.shape) > _FEW:
        return _greedy(costs)
    wide = np.concatenate([costs, np.full((len(people), len(people)), _NOBODY)], 1)
    best: tuple[float, dict[int, int]] = (np.inf, {})
    for order in permutations(range(wide.shape[1]), len(people)):
        total = sum(wide[p, c] for p, c in enumerate(order))
        if total < best[0] - 1e-12:
            best = (total, {p: c for p, c in enumerate(order) if c < len(found)})
    return best[1]


_NOBODY = 2.0  # cost of a person being missing; a pairing above it is never made


def _greedy(costs: np.ndarray) -> dict[int, int]:
    pairs: dict[int, int] = {}
    for flat in np.argsort(costs, axis=None, kind="stable"):
        p, c = divmod(int(flat), costs.shape[1])
        if costs[p, c] >= _NOBODY:
            break
        if p not in pairs and c not in pairs.values():
            pairs[p] = c
    return pairs


def _cost(person: Person, candidate: Candidate, now: Now) -> float:
    """0 is certain, `_NOBODY` and more is impossible."""
    unlike, weight = _unlike(person, candidate, now.same_person), 0.6
    recognised = person.embedding is not None and candidate.embedding is not None
    missing = now.row - person.last
    if person.take != now.take or missing > _FORGET_FRAMES:
        return 1.0 + unlike if unlike < _STRANGER else 2.0 * _NOBODY + unlike
    away, grown = _far(person, candidate, now)
    if away > 1.0 or grown > 0.5 + 0.1 * missing:
        back = recognised and missing > _AWAY_FRAMES and unlike < _STRANGER
        return 1.0 + unlike if back else 2.0 * _NOBODY + away
    if recognised:
        weight = _RECOGNISED
        if unlike > _CERTAINLY_OTHER * _STRANGER:
            return 2.0 * _NOBODY + unlike
    return away + 0.5 * grown + weight * min(unlike, _STRANGER)


def _unlike(person: Person, candidate: Candidate, same_person: float) -> float:
    """0 for the same picture, `_STRANGER` where another person begins."""
    if person.embedding is None or candidate.embedding is None:
        return unlikeness(person.signature, candidate.signature)
    return _STRANGER * (1.0 - likeness(person.embedding, candidate.embedding)) / max(1.0 - same_person, 1e-6)


def _far(person: Person, candidate: Candidate, now: Now) -> tuple[float, float]:
    """How far a face is from where the person should be, in reaches, and how much larger or smaller, in logs."""
    centre, height = person.expected(now.row, now.aspect)
    place = placement(candidate.face.pose, now.aspect)
    away = float(np.linalg.norm(place[:2] - centre)) / height
    return away / (_REACH + _REACH_GROWS * (now.row - person.last - 1)), abs(place[2] - np.log(height))
