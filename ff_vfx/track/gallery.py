"""People known by name, and whether the face of a track is who it should be. Read by the door, before it changes one.

Two questions, both must be answered yes: is it that person (a recogniser), and is it a face at all, where the mesh says
(a second network's points). They are asked of whole pieces of a track, so that one profile or one hand pops nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ff_vfx.errors import BadInput, ModelError, PlateError
from ff_vfx.track.gaps import find_runs
from ff_vfx.track.networks import Detectors
from ff_vfx.track.recognise import Recogniser, likeness
from ff_vfx.track.witness import Witness, disagreement
from ff_vfx.types.face import FaceTrack
from ff_vfx.types.plate import Plate
from ff_vfx.types.settings import TrackSettings
from ff_vfx.types.solve import Solve

_LOOKS = 16  # frames of a piece that are looked at
_DIGITS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """Who a face should be, (d,) of length 1, and everybody known that it must not be: it has to be nearest to him."""

    name: str
    embedding: np.ndarray
    others: tuple[tuple[str, np.ndarray], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Gallery:
    """People by name, each with an embedding of one recogniser."""

    people: tuple[tuple[str, np.ndarray], ...]

    def __post_init__(self) -> None:
        names = [name for name, _ in self.people]
        if len(set(names)) != len(names):
            raise BadInput(f"gallery: {', '.join(names)}: a name is there twice; name everybody once")

    def wanted(self, name: str) -> Wanted:
        """One of them, the others as those he must be told from. BadInput where nobody has that name."""
        if name not in dict(self.people):
            raise BadInput(f"gallery: nobody is called '{name}'; there are {', '.join(n for n, _ in self.people)}")
        others = tuple((other, one) for other, one in self.people if other != name)
        return Wanted(name, dict(self.people)[name], others)

    def who(self, embedding: np.ndarray, same_person: float) -> str:
        """The name of the nearest; '' where nobody is near enough."""
        cosine, name = max(((likeness(embedding, one), name) for name, one in self.people), default=(-1.0, ""))
        return name if cosine >= same_person else ""


@dataclass(frozen=True, slots=True, eq=False)
class Judge:
    """What is asked. same_person: least cosine. agreement: most disagreement of the points, outer-eye distances.

    looks: most frames of a piece that are looked at, evenly spread; 0 for all.
    """

    recogniser: Recogniser
    witness: Witness
    same_person: float = 0.35
    agreement: float = 0.15
    looks: int = _LOOKS


@dataclass(frozen=True, slots=True)
class Piece:
    """Frames first..last of a track, between cuts and gaps, and what was found: medians over those looked at.

    identity: cosine to the wanted person. agreement: of the points, 0 is the best. reason: why it is not he, or ''.
    """

    first: int
    last: int
    identity: float
    agreement: float
    reason: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class TrackScores:
    """One track held against one person. numbers: (n,). identity, agreement: (n,) by frame, nan where not looked."""

    track: str
    wanted: str
    numbers: np.ndarray
    identity: np.ndarray
    agreement: np.ndarray
    pieces: tuple[Piece, ...]

    def piece(self, number: int) -> Piece | None:
        """The piece a frame lies in; None where the track has no face."""
        return next((piece for piece in self.pieces if piece.first <= number <= piece.last), None)

    def why_not(self, number: int) -> str:
        """Why this frame's face must be left alone, for the Report; '' where it is who it should be, or lost anyway."""
        piece = self.piece(number)
        return piece.reason if piece is not None else ""

    def decisions(self, number: int) -> dict[str, object]:
        """'identity' and 'agreement' of a frame for its entry in the Report; its piece's where it was not looked at."""
        piece = self.piece(number)
        if piece is None:
            return {}
        row = int(np.flatnonzero(self.numbers == number)[0])
        seen = bool(np.isfinite(self.identity[row]))
        found = (self.identity[row], self.agreement[row]) if seen else (piece.identity, piece.agreement)
        told = {name: round(float(v), _DIGITS) for name, v in zip(("identity", "agreement"), found) if np.isfinite(v)}
        return told | ({} if seen else {"identity_from": f"frames {piece.first}-{piece.last}"})


def judge_of(engines: Detectors, settings: TrackSettings, looks: int = _LOOKS) -> Judge | None:
    """The judge a job amounts to; None without a recogniser."""
    if engines.recogniser is None:
        return None
    return Judge(engines.recogniser, engines.witness, settings.same_person, settings.agreement, looks)


def scores_of(solve: Solve, track: FaceTrack, plate: Plate, wanted: Wanted, judge: Judge) -> TrackScores:
    """Look at a track through the shot and say, piece by piece, whether it is the wanted person.

    Args:
        plate: read on the frames looked at alone; one that cannot be read, or that a network fails on, is left out.

    Returns:
        The same whatever frames are rendered later: a frame alone is judged as in a range.

    Raises:
        BadInput: the embedding is of another recogniser.
    """
    n = len(track.numbers)
    identity, rival, apart = (np.full(n, np.nan) for _ in range(3))
    faults: dict[int, str] = {}
    there = [row for row, status in enumerate(track.status) if status != "lost"]
    row_of = {int(number): row for row, number in enumerate(track.numbers)}
    cuts = [row_of[cut] for cut in solve.cuts if cut in row_of]
    runs = find_runs(there, cuts, n, 0)
    for run in runs:
        for row in _looked_at(track, run.first, run.last, judge.looks):
            number = int(track.numbers[row])
            face = track.face(number)
            try:
                frame = plate.read(number)
                who = judge.recogniser.embed(frame, face)
                aside = disagreement(frame, face, judge.witness)
            except (PlateError, ModelError) as error:
                faults[row] = str(error)
                continue
            identity[row], apart[row] = likeness(who, wanted.embedding), aside
            rival[row] = max((likeness(who, one) for _, one in wanted.others), default=np.nan)
    pieces = tuple(
        _piece(track, wanted, judge, (run.first, run.last), np.stack([identity, rival, apart]))
        if np.isfinite(identity[run.first : run.last + 1]).any()
        else _unseen(track, (run.first, run.last), faults)
        for run in runs
    )
    return TrackScores(track.name, wanted.name, track.numbers, identity, apart, pieces)


def _unseen(track: FaceTrack, rows: tuple[int, int], faults: dict[int, str]) -> Piece:
    """A piece of which no frame could be looked at: it is left alone."""
    first, last = (int(track.numbers[row]) for row in rows)
    why = next((text for row, text in faults.items() if rows[0] <= row <= rows[1]), "nothing but held frames")
    reason = f"{track.name}: no frame of {first}-{last} could be looked at: {why}"
    return Piece(first, last, float("nan"), float("nan"), reason)


def _looked_at(track: FaceTrack, first: int, last: int, looks: int) -> list[int]:
    rows = [row for row in range(first, last + 1) if track.status[row] != "held"]
    if not looks or len(rows) <= looks:
        return rows
    return [rows[k] for k in np.unique(np.linspace(0, len(rows) - 1, looks).round().astype(int))]


def _piece(track: FaceTrack, wanted: Wanted, judge: Judge, rows: tuple[int, int], found: np.ndarray) -> Piece:
    """The verdict on some rows. found: (3, n) cosine to the wanted, to the nearest other, disagreement."""
    first, last = (int(track.numbers[row]) for row in rows)
    here = found[:, rows[0] : rows[1] + 1]
    seen = here[:, np.isfinite(here[0])]
    identity, rival = (float(np.median(row)) for row in seen[:2])
    # No face at all in the eyes of the witness is worse than any disagreement.
    apart = float(np.median(np.where(np.isnan(seen[2]), np.inf, seen[2])))
    told = Piece(first, last, round(identity, _DIGITS), round(apart, _DIGITS) if np.isfinite(apart) else float("nan"))
    where = f"{track.name} on frames {first}-{last}"
    who = wanted.name if wanted.name != track.name else "who it should be"
    reason = ""
    if identity < judge.same_person:
        reason = f"{where} is not {who}: cosine {identity:.2f}, {judge.same_person:.2f} needed (track.same_person)"
    elif rival > identity:
        reason = f"{where} is not {who}: somebody else of the cast is nearer ({rival:.2f} against {identity:.2f})"
    elif np.isinf(apart):
        reason = f"{where}: a second network sees no face where the mesh does (track.agreement)"
    elif apart > judge.agreement:
        reason = (
            f"{where}: two networks put the face's points {apart:.2f} eye distances apart, {judge.agreement:.2f} "
            "allowed (track.agreement)"
        )
    return Piece(told.first, told.last, told.identity, told.agreement, reason)
