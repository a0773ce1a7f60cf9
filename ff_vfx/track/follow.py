"""Follow everybody through a plate, frame after frame, once. Read by `track_plate`.

Only small crops and points are kept, so memory does not grow with the frames' size. Each person is led by the mesh of
the frame before; the whole frame is searched at the start, after a cut, while somebody is missing, and now and then.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np

from ff_vfx.errors import ModelError, PlateError
from ff_vfx.track.cuts import change, cut_score, is_flash, thumbnail
from ff_vfx.track.detect import detect_faces, face_at, same_face
from ff_vfx.track.look import bright_samples, frame_exposure
from ff_vfx.track.motion import displacement, flow_crop, flow_side
from ff_vfx.track.networks import Detectors
from ff_vfx.track.people import Candidate, Now, Person, Seen, assign, in_no_doubt, known_again
from ff_vfx.track.pose import placement
from ff_vfx.track.signature import signature, unlikeness
from ff_vfx.types.face import Face
from ff_vfx.types.frame import Frame
from ff_vfx.types.plate import Plate
from ff_vfx.types.settings import TrackSettings

Progress = Callable[[int, int], None]
_LOOK_AROUND = 12  # frames between searches for newcomers
_SEARCH_LONG = 3  # while somebody is missing for longer than this, search every other frame only
_THE_SAME = 0.2  # `unlikeness` of one frame to the next is 0.04 to 0.1, of two people 0.4
NOT_IN_TAKE = "not in this take"
_USUAL = 8  # frames whose change counts as this shot's own
_USUAL_AT_MOST = 0.15  # of a change that looked like a cut: a real one must still be seen after it


@dataclass(slots=True, eq=False)
class Followed:
    """What one pass found. faults: row -> why a frame could not be read. bright: (k,) bright samples of faces.

    aspect, rate: the plate's pixel aspect and frames a second.
    """

    people: list[Person] = field(default_factory=list)
    faults: dict[int, str] = field(default_factory=dict)
    cuts: list[int] = field(default_factory=list)
    bright: list[np.ndarray] = field(default_factory=list)
    aspect: float = 1.0
    rate: Fraction = Fraction(24)


class Follower:
    """The pass's memory; made, fed every frame in order, then asked for `Followed`."""

    def __init__(self, plate: Plate, settings: TrackSettings, engines: Detectors) -> None:
        self.plate, self.settings, self.engines = plate, settings, engines
        self.found = Followed(rate=plate.rate)
        self._take = self._takes = 0
        self._starts: list[tuple[int, int]] = []
        self._stops: float | None = None
        self._thumbnails: dict[int, np.ndarray] = {}
        self._changes: list[float] = []
        self._searched = self._searched_before = -1
        self._take_start = 0

    def run(self, progress: Progress | None) -> Followed:
        """Every frame in order; one that cannot be read, or that a network fails on, is missed and says why.

        Raises:
            ModelError: a network fails before any frame went well.
        """
        numbers, worked = list(self.plate.numbers), False
        for row, number in enumerate(numbers):
            try:
                self._step(row, self.plate.read(number))
                worked = True
            except PlateError as error:
                self.found.faults[row] = str(error)
            except ModelError as error:
                if not worked:
                    raise  # it will not work on any
                self.found.faults[row] = f"frame {number}: {error}"
            if progress is not None:
                progress(row + 1, len(numbers))
        return self.found

    def _step(self, row: int, frame: Frame) -> None:
        self.found.aspect = frame.pixel_aspect
        cut = self._is_cut(row, frame)
        if cut and self._goes_on(row, frame):
            cut = False
            self._changes[-1:] = [min(self._changes[-1], _USUAL_AT_MOST)]  # this shot moves so; a cut is more yet
        if cut:
            self._changes.pop()
            self._new_take(row)
        now = Now(row, self._take, frame.pixel_aspect, self.settings.same_person)
        candidates = self._known(frame, now, self._candidates(row, frame, cut))
        pairs = assign(self.found.people, candidates, now)
        for p, person in enumerate(self.found.people):
            if p in pairs:
                self._keep(person, row, frame, candidates[pairs[p]])
        pairs = self._reunited(pairs, candidates)
        for p, person in enumerate(self.found.people):
            if p not in pairs:
                person.reasons[row] = self._why_missing(person, row, frame, [candidates[c] for c in pairs.values()])
        self._welcome(row, frame, [c for k, c in enumerate(candidates) if k not in pairs.values()])

    def _is_cut(self, row: int, frame: Frame) -> bool:
        """Compared with the last readable frame; one exposure for the shot, so that a fade is not a cut."""
        if self._stops is None:
            self._stops = frame_exposure(frame)
        before = self._thumbnails[max(self._thumbnails)] if self._thumbnails else None
        for old in sorted(self._thumbnails)[:-_USUAL]:
            del self._thumbnails[old]
        self._thumbnails[row] = thumbnail(frame, self._stops)
        if before is None:
            return False
        changed = change(before, self._thumbnails[row])
        usual = float(np.mean(self._changes[-_USUAL:])) if self._changes else 0.0
        self._changes.append(changed)
        return cut_score(changed, usual) >= self.settings.cut_threshold

    def _goes_on(self, row: int, frame: Frame) -> bool:
        """Whether somebody is still where he was and looks the same: a camera that whips or rolls is no cut."""
        for person in self.found.people:
            if person.take == self._take and person.last == row - 1:
                face = face_at(frame, self.engines, person.start(row, frame.pixel_aspect), self.settings)
                if face is not None and _looks_the_same(person, signature(frame, face)):
                    return True
        return False

    def _new_take(self, row: int) -> None:
        """A take starts, or the old one goes on after a flash or a dead frame, which then was no cut either."""
        cuts = self.found.cuts
        if cuts and not self.settings.causal and is_flash(self._thumbnails, cuts[-1], row):
            before = self._starts.pop()
            for person in self.found.people:
                person.take = before[1] if person.take == self._take else person.take
            cuts.pop()
            self._take_start, self._take = before
            return
        self._starts.append((self._take_start, self._take))
        self._takes += 1
        self._take, self._take_start = self._takes, row
        cuts.append(row)

    def _candidates(self, row: int, frame: Frame, cut: bool) -> list[Candidate]:
        led: list[Face] = []
        aspect = frame.pixel_aspect
        here = [p for p in self.found.people if p.take == self._take and row - p.last <= self.settings.hold_frames + 1]
        for person in here:
            face = face_at(frame, self.engines, person.start(row, aspect), self.settings)
            if face is not None and all(not same_face(face, other, aspect) for other in led):
                led.append(face)
        if self._search_now(row, cut, len(led)):
            self._searched_before, self._searched = self._searched, row
            new = detect_faces(frame, self.engines, self.settings)
            led += [f for f in new if all(not same_face(f, other, aspect) for other in led)]
        return [Candidate(face, signature(frame, face)) for face in led]

    def _reunited(self, pairs: dict[int, int], found: list[Candidate]) -> dict[int, int]:
        """The pairs once a newcomer who proved to be somebody missing has become him; see known_again."""
        people = self.found.people
        again = known_again(people, {p: found[c] for p, c in pairs.items()}, self.settings.same_person)
        if again is None:
            return pairs
        old, young = again
        people[old].join(people.pop(young))
        moved = {old if p == young else p: c for p, c in pairs.items()}
        return {p - (p > young): c for p, c in moved.items()}

    def _known(self, frame: Frame, now: Now, found: list[Candidate]) -> list[Candidate]:
        """The same faces with a recogniser's word on each, where there is one and anybody could be somebody else."""
        recogniser = self.engines.recogniser
        if recogniser is None or (self._searched != now.row and in_no_doubt(self.found.people, found, now)):
            return found
        return [replace(one, embedding=recogniser.embed(frame, one.face)) for one in found]

    def _search_now(self, row: int, cut: bool, led: int) -> bool:
        everyone = len([p for p in self.found.people if p.take == self._take])
        if cut or not led or row - self._searched >= _LOOK_AROUND:
            return True
        return led < everyone and row - self._searched > (_SEARCH_LONG if led else 0)

    def _keep(self, person: Person, row: int, frame: Frame, candidate: Candidate) -> None:
        seen_before = max((r for r in person.rows if person.take == self._take), default=-1)
        seen = Seen(candidate.face) if self.settings.causal else self._moved(person, row, frame, candidate.face)
        if person.take != self._take:
            person.take, person.since = self._take, row
        person.keep(row, seen, candidate, self.settings.same_person)
        self.found.bright.append(bright_samples(frame, candidate.face.crop_to_plate))
        if self._searched == row and not self.settings.causal:
            self._trace_back(person, row, max(seen_before, self._searched_before, self._take_start - 1))

    def _moved(self, person: Person, row: int, frame: Frame, face: Face) -> Seen:
        """The face with the plate's motion under it; what the next frame's needs is kept with the person."""
        crop = flow_crop(frame, face, person.side)
        shift = trust = None
        if person.crop is not None and person.crop[0] == row - 1 and person.take == self._take:
            before = person.rows[row - 1].face.landmarks[:, :2]
            shift, trust = displacement(person.crop[1], crop, before)
        person.crop = (row, crop)
        return Seen(face, shift, trust)

    def _trace_back(self, person: Person, row: int, stop: int) -> None:
        """Whoever is found by a search was perhaps there since the one before: look, from this frame backwards."""
        later = person.crop
        for earlier in range(row - 1, stop, -1):
            try:
                frame = self.plate.read(self.plate.numbers[earlier])
            except PlateError:
                return
            known = person.rows[earlier + 1]
            start = known.face.landmarks * np.array([frame.pixel_aspect, 1.0, 1.0])
            face = face_at(frame, self.engines, start, self.settings)
            others = [p.rows[earlier].face for p in self.found.people if p is not person and earlier in p.rows]
            if face is None or later is None or any(same_face(face, o, frame.pixel_aspect) for o in others):
                return
            crop = flow_crop(frame, face, person.side)
            shift, trust = displacement(crop, later[1], face.landmarks[:, :2])
            person.rows[earlier + 1] = Seen(known.face, shift, trust)
            person.rows[earlier] = Seen(face)
            person.reasons.pop(earlier, None)
            later = (earlier, crop)

    def _why_missing(self, person: Person, row: int, frame: Frame, others: list[Candidate]) -> str:
        aspect = frame.pixel_aspect
        if person.take != self._take:
            return NOT_IN_TAKE
        centre, height = person.expected(row, aspect)
        display = frame.display_window
        x, y = centre[0] / aspect - display.x0, centre[1] - display.y0
        if not (0.0 < x < display.width and 0.0 < y < display.height):
            return "the face has left the picture"
        for other in others:
            if np.linalg.norm(placement(other.face.pose, aspect)[:2] - centre) < 0.5 * height:
                return "another face is in front of it"
        return f"no face above confidence {self.settings.confidence:.2f}"

    def _welcome(self, row: int, frame: Frame, newcomers: list[Candidate]) -> None:
        for candidate in newcomers:
            if len(self.found.people) >= self.settings.max_faces:
                return
            person = Person(f"face{len(self.found.people)}", candidate.signature, flow_side(candidate.face))
            person.take = self._take
            self.found.people.append(person)
            self._keep(person, row, frame, candidate)


def _looks_the_same(person: Person, now: np.ndarray) -> bool:
    """As on the last frame, or as over the last ones: who talks and turns has left his own mean behind."""
    before = [person.signature] if person.latest is None else [person.signature, person.latest]
    return min(unlikeness(now, one) for one in before) < _THE_SAME
