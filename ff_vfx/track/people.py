"""Who is who from frame to frame: what is remembered of each person, and which new face is whose.

Read by the shot's pass. Faces that cross keep their names: position, size and a cheap signature decide together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import permutations

import numpy as np

from ff_vfx.track.motion import FlowCrop
from ff_vfx.track.pose import placement
from ff_vfx.track.signature import unlikeness
from ff_vfx.types.face import Face

_REACH = 0.7  # face heights a face may be away from where it was expected
_REACH_GROWS = 0.3  # more of them for each frame it was missing
_STRANGER = 1.1  # `unlikeness` above which nobody is recognised by looks alone
_REMEMBERED = 0.9  # share of the old signature in the new one
_FORGET_FRAMES = 24  # after these, only looks count
_FEW = 5  # people up to which every pairing is tried


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A face on one frame, and how the plate moved under it since the frame before: shift (478, 2), trust (478,)."""

    face: Face
    shift: np.ndarray | None = None
    trust: np.ndarray | None = None


@dataclass(slots=True, eq=False)
class Person:
    """What is known of somebody while the shot goes by; rows count the plate's frames from 0."""

    name: str
    signature: np.ndarray
    side: int
    rows: dict[int, Seen] = field(default_factory=dict)
    reasons: dict[int, str] = field(default_factory=dict)
    crop: tuple[int, FlowCrop] | None = None
    take: int = 0

    @property
    def last(self) -> int:
        return max(self.rows)

    def expected(self, row: int, aspect: float) -> tuple[np.ndarray, float]:
        """(2,) centre in square px and height where the face should be, led by its last motion for two frames."""
        rows = [r for r in self.rows if r < row]
        last = max(rows)
        now = placement(self.rows[last].face.pose, aspect)
        speed = np.zeros(2)
        if last - 1 in self.rows:
            speed = now[:2] - placement(self.rows[last - 1].face.pose, aspect)[:2]
        return now[:2] + speed * min(row - last, 2), float(np.exp(now[2]))

    def start(self, row: int, aspect: float) -> np.ndarray:
        """(478, 3) square px: the last mesh, moved along."""
        centre, _ = self.expected(row, aspect)
        last = self.rows[max(r for r in self.rows if r < row)].face
        points = last.landmarks * np.array([aspect, 1.0, 1.0])
        points[:, :2] += centre - placement(last.pose, aspect)[:2]
        return points

    def keep(self, row: int, seen: Seen, signature: np.ndarray) -> None:
        self.rows[row] = seen
        self.reasons.pop(row, None)
        self.signature = _REMEMBERED * self.signature + (1.0 - _REMEMBERED) * signature


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A face found on the present frame."""

    face: Face
    signature: np.ndarray


def assign(people: list[Person], found: list[Candidate], row: int, take: int, aspect: float) -> dict[int, int]:
    """Which found face is whose: index of the person -> index of the face; whoever is not in it is missing.

    Args:
        row, take: the present frame and take; a person last seen in another take is known by looks alone.
    """
    costs = np.array([[_cost(p, c, row, take, aspect) for c in found] for p in people]).reshape(len(people), len(found))
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


def _cost(person: Person, candidate: Candidate, row: int, take: int, aspect: float) -> float:
    """0 is certain, `_NOBODY` and more is impossible."""
    unlike = unlikeness(person.signature, candidate.signature)
    missing = row - person.last
    if person.take != take or missing > _FORGET_FRAMES:
        return 1.0 + unlike if unlike < _STRANGER else 2.0 * _NOBODY + unlike
    centre, height = person.expected(row, aspect)
    place = placement(candidate.face.pose, aspect)
    away = float(np.linalg.norm(place[:2] - centre)) / height
    reach = _REACH + _REACH_GROWS * (missing - 1)
    grown = abs(place[2] - np.log(height))
    if away > reach or grown > 0.5 + 0.1 * missing:
        return 2.0 * _NOBODY + away
    return away / reach + 0.5 * grown + 0.6 * min(unlike, _STRANGER)
