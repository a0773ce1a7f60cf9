"""Whether each performer of a job is cleared, and the mark for those who are not. Read by work, rendering and session.

Nothing here can be told to look away: what decides are the pictures, the records, the keys and the day.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from ff_vfx.composite.mark import Mark
from ff_vfx.door.cast import Member, Role
from ff_vfx.door.networks.swapper import swapper_manifest
from ff_vfx.door.stamp import file_hash
from ff_vfx.errors import BadInput, TrustError
from ff_vfx.fuse.swap.layout import swap_layout
from ff_vfx.shot import FLOOR
from ff_vfx.trust.consent import Facts, decide, gather, state_of_places
from ff_vfx.trust.keyring import load_keyring
from ff_vfx.types.clearance import Clearance
from ff_vfx.types.job import Job
from ff_vfx.types.plate import Plate

_FRESH_SECONDS = 1.0  # so long a session believes what it found

_DARKEST, _BRIGHTEST = 2.0**-12, 2.0**12  # of a face's bright end: no plate is beyond, whatever a solve says

Cleared = tuple[tuple[Clearance, ...], ...]  # for each part of a job: of its stills, of its model


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What a job wants to use, hashed once. parts: for each part what has to be cleared; places: beside its files."""

    job: Job
    parts: tuple[tuple[Facts, ...], ...]
    places: tuple[Path, ...]
    stills: tuple[tuple[Path, str], ...]

    def same_stills(self) -> None:
        """See that the stills are still what was asked about; called once they have been read.

        Raises:
            BadInput: one was exchanged meanwhile.
        """
        for path, sha256 in self.stills:
            if file_hash(path) != sha256:
                raise BadInput(f"still {path}: was changed while the job was being opened; open it again")


def ask(job: Job, roles: Sequence[Role]) -> Asked:
    """What has to be cleared: each performer's stills, and each model that brings a likeness of its own.

    Raises:
        BadInput, ModelError: a swapper's manifest cannot be read.
    """
    hashes = {still: file_hash(still) for role in roles for still in role.stills}
    parts, places = list[tuple[Facts, ...]](), list[Path]()
    for role in roles:
        stills = tuple((still.name, hashes[still]) for still in role.stills)
        places += [still.parent for still in role.stills]
        found = [_facts(job, _name(role), stills=stills)] if stills else []
        if role.part.swapper:
            path, manifest = swapper_manifest(job, role.part.swapper)
            places.append(path.parent)
            # A network that is not told whose face to draw draws the one it was made of.
            if not stills or not swap_layout(manifest.spec).identity:
                models = ((path.name, file_hash(path)), (manifest.file, manifest.sha256))
                found.append(_facts(job, manifest.name, models=models))
        parts.append(tuple(found))
    assert all(parts)  # everybody has stills or a model: roles_of has seen to it
    return Asked(job, tuple(parts), tuple(dict.fromkeys(places)), tuple(hashes.items()))


def clear(asked: Asked, today: date | None = None) -> Cleared:
    """Whether what was asked about is covered by what is on file on that day, today where none is said.

    Raises:
        TrustError: the consent that the job names is not there.
    """
    on_file, keyring = gather(asked.job.consent, asked.places), load_keyring()
    day = today or datetime.now(UTC).date()
    return tuple(tuple(decide(facts, on_file, keyring, day) for facts in part) for part in asked.parts)


class Watched:
    """The same for a job that is kept open: asked again when a record, a key or the day is another."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._state: object = None
        self._at = 0.0
        self._cleared: Cleared = ()

    def cleared(self) -> Cleared:
        """As `clear`, of a second ago at most."""
        now = time.monotonic()
        if self._state is None or now - self._at > _FRESH_SECONDS:
            state = (datetime.now(UTC).date(), state_of_places(self._asked.job.consent, self._asked.places))
            if state != self._state:
                self._cleared, self._state = self._clear(), state
            self._at = now
        return self._cleared

    def _clear(self) -> Cleared:
        """What held at first must not end a session later: what cannot be found any more clears nobody."""
        try:
            return clear(self._asked)
        except TrustError as error:
            if self._state is None:
                raise
            why = str(error)
            return tuple(
                tuple(Clearance(facts.performer, cleared=False, why_not=why, remedy="put it back") for facts in part)
                for part in self._asked.parts
            )


def marked(people: Iterable[Member], cleared: Cleared, job: Job, plate: Plate) -> tuple[Member, ...]:
    """The same people, each who is not cleared to be rendered under the mark. cleared: in the order of `people`."""
    return tuple(
        replace(member, mark=_mark(member, part, job, plate)) for member, part in zip(people, cleared, strict=True)
    )


def every(cleared: Cleared) -> tuple[Clearance, ...]:
    """All that was decided, in the order of the parts."""
    return tuple(one for part in cleared for one in part)


def cleared_key(cleared: Cleared, job: Job, plate: Plate) -> list[str]:
    """What of it decides a frame, for its stamp: the records that clear it, or what the mark says."""
    return [one.sha256 if one.cleared else f"not cleared: {_label(one, job, plate)}" for one in every(cleared)]


def cleared_told(cleared: Cleared) -> dict[str, object]:
    """For the Report: each performer's standing, and a warning for each who is not cleared."""
    told = [
        {name: value for name, value in asdict(one).items() if name != "record"} for part in cleared for one in part
    ]
    warnings = [
        f"no consent for {one.performer}: {one.why_not}; his face is marked. To clear it: {one.remedy}"
        for one in every(cleared)
        if not one.cleared
    ]
    return {"consent": told, **({"warnings": warnings} if warnings else {})}


def missing_line(cleared: Cleared) -> str:
    """One line for a host; '' where everybody is cleared."""
    lines = [f"{one.performer}: {one.why_not}" for one in every(cleared) if not one.cleared]
    return f"NO CONSENT, faces are marked: {'; '.join(lines)}" if lines else ""


def _mark(member: Member, part: Sequence[Clearance], job: Job, plate: Plate) -> Mark | None:
    missing = next((one for one in part if not one.cleared), None)
    if missing is None:
        return None
    shot = member.shot
    white = min(max(shot.floor / FLOOR, _DARKEST), _BRIGHTEST)
    return Mark(_label(missing, job, plate), white, shot.look.from_light)


def _label(clearance: Clearance, job: Job, plate: Plate) -> str:
    """Who and where, as short as a band is."""
    return f"{clearance.performer[:24]} / {(job.shot or Path(plate.name).name)[:16]}"


def _facts(
    job: Job,
    performer: str,
    *,
    stills: tuple[tuple[str, str], ...] = (),
    models: tuple[tuple[str, str], ...] = (),
) -> Facts:
    return Facts(performer, stills, models, job.project, job.shot, job.use, job.territory)


def _name(role: Role) -> str:
    """What a performer is called where no record says so: his folder, or his one still."""
    place = Path(role.part.performer)
    return place.resolve().name if place.is_dir() else place.stem
