"""Who in a plate stays as he is: a choice of somebody, tied to a consent that holds today. Read by anonymising.

In doubt nobody is cleared: without a recogniser a picture clears nobody, and where one is there it is asked, piece by
piece of a track, even of who was chosen by number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np

from ff_vfx.door.linear import read_linear_still
from ff_vfx.door.performer import still_files
from ff_vfx.errors import BadInput, FfVfxError, TrustError
from ff_vfx.track import Detectors, choose_track
from ff_vfx.track.detect import detect_still
from ff_vfx.track.gallery import TrackScores, Wanted, judge_of, scores_of
from ff_vfx.track.recognise import Recogniser, mean_embedding
from ff_vfx.trust.consent import Facts, FoundRecord, OnFile, decide, file_sha256, found_record, gather, judge
from ff_vfx.trust.keyring import Keyring, load_keyring
from ff_vfx.types.anonymise_job import AnonymiseJob, Cleared
from ff_vfx.types.clearance import Clearance
from ff_vfx.types.frame import Frame
from ff_vfx.types.heads import HeadTrack
from ff_vfx.types.plate import Plate
from ff_vfx.types.solve import Solve

_PICTURES = (".exr", ".tif", ".tiff", ".dpx", ".png", ".jpg", ".jpeg")
_MOST_STILLS = 200  # looked at beside one record


@dataclass(frozen=True, slots=True, eq=False)
class ClearedTrack:
    """A track that stays as it is. scores: whether it is he, by a recogniser; None: by choice alone."""

    track: str
    choice: str
    clearance: Clearance
    scores: TrackScores | None = None

    def why_not(self, number: int) -> str:
        """Why he is covered on this frame all the same; '' where he stays."""
        return self.scores.why_not(number) if self.scores else ""


@dataclass(frozen=True, slots=True, eq=False)
class Clearing:
    """tracks: by name, who stays. refused: who was asked for and is covered, and why, a line each."""

    tracks: Mapping[str, ClearedTrack] = field(default_factory=dict)
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """What there is to choose from. heads: all tracks, boxes too."""

    job: AnonymiseJob
    solve: Solve
    heads: Sequence[HeadTrack]
    plate: Plate
    detectors: Detectors


def clear(scene: Scene, today: date | None = None) -> Clearing:
    """Decide on everybody the job wants to stay.

    Raises:
        BadInput: a choice that is none. A consent that does not hold raises nothing: its person is covered, and said.
    """
    keyring, found, refused = load_keyring(), dict[str, ClearedTrack](), list[str]()
    day = today or datetime.now(UTC).date()
    for wish in scene.job.cleared:
        name = wish.face or wish.record
        try:
            one = _cleared(scene, wish, keyring, day)
        except BadInput:
            raise
        except FfVfxError as error:
            refused.append(f"{name}: {error}")
            continue
        if not one.clearance.cleared:
            refused.append(f"{name}: {one.clearance.why_not}; {one.clearance.remedy}")
        elif one.track in found:
            raise BadInput(f"cleared {name}: is {one.track}, as is '{found[one.track].choice}'; name everybody once")
        elif rival := _at_two_places(scene.heads, one, found):
            refused.append(f"{name}: {one.track} and {rival} are there at once, and one consent is one person's")
        else:
            found[one.track] = one
    return Clearing(found, tuple(refused))


def new_face_of(job: AnonymiseJob) -> tuple[tuple[Path, ...], tuple[Clearance, ...]]:
    """The stills of whoever lends his face to the others, and the consent for it; nothing for the other methods.

    Raises:
        BadInput: no performer. TrustError: no consent for him.
    """
    if job.method != "synthetic":
        return (), ()
    if not job.performer:
        raise BadInput(
            "anonymise: synthetic needs a made-up performer: --performer examples/s010/performer, or your own"
        )
    stills = tuple(still_files(job.performer))
    facts = _facts(job, Path(job.performer).name, tuple((one.name, file_sha256(one)) for one in stills))
    found = decide(facts, gather(job.consent, [stills[0].parent]), load_keyring(), datetime.now(UTC).date())
    if not found.cleared:
        raise TrustError(f"anonymise: nobody allows the new face: {found.why_not}; {found.remedy}")
    return stills, (found,)


def _cleared(scene: Scene, wish: Cleared, keyring: Keyring, today: date) -> ClearedTrack:
    if not wish.face and not wish.record:
        raise BadInput("cleared: neither a face nor a record; say who stays, and by what right")
    still = Path(wish.face).expanduser()
    if wish.face and still.is_file():
        return _by_pictures(scene, wish, [still], keyring, today)
    if not wish.record:
        raise BadInput(
            f"cleared {wish.face}: by what right is not said; give FACE=RECORD, or a still that a record lists"
        )
    on_file, record = _record(scene.job, wish.record)
    pictures = listed_pictures(record)
    if not wish.face:
        if not pictures:
            raise BadInput(
                f"cleared {wish.record}: no picture it lists lies beside it; say who it is: FACE={wish.record}"
            )
        return _by_pictures(scene, wish, pictures, keyring, today)
    clearance = judge(record, _facts(scene.job, record.record.subject, _own(record)), (on_file, keyring), today)
    track = _chosen(scene, wish.face)
    scores = _scores(scene, track, pictures)
    return ClearedTrack(track, wish.face, clearance, scores)


def _by_pictures(scene: Scene, wish: Cleared, pictures: Sequence[Path], keyring: Keyring, today: date) -> ClearedTrack:
    """Whoever the recogniser knows from the pictures, if a record on file lists them all."""
    name = wish.face or wish.record
    if scene.detectors.recogniser is None:
        raise BadInput(
            f"cleared {name}: nobody is known by a picture without a recogniser (--pack, track.recogniser); "
            "give his number, 'x,y' or track"
        )
    stills = tuple((one.name, file_sha256(one)) for one in pictures)
    facts = _facts(scene.job, pictures[0].stem, stills)
    if wish.record:
        on_file, record = _record(scene.job, wish.record)
        clearance = judge(record, facts, (on_file, keyring), today)
    else:
        clearance = decide(facts, gather(scene.job.consent, [one.parent for one in pictures]), keyring, today)
    same = scene.job.track.same_person
    track = choose_track(
        scene.solve, scene.plate, str(pictures[0]), scene.detectors, open_still=_open_still, same_person=same
    )
    return ClearedTrack(track.name, name, clearance, _scores(scene, track.name, pictures))


def _record(job: AnonymiseJob, named: str) -> tuple[OnFile, FoundRecord]:
    """A record by its file, and all that is on file beside it. TrustError, BadInput: it is not there or none."""
    path = Path(named).expanduser()
    on_file = gather(named, [Path(job.consent).expanduser()] if job.consent and Path(job.consent).is_dir() else [])
    record = found_record(path, on_file)
    if record is None:
        raise BadInput(f"cleared {named}: {on_file.faults[0] if on_file.faults else 'is no consent record'}")
    return on_file, record


def listed_pictures(record: FoundRecord) -> list[Path]:
    """The pictures beside a record that it lists, by content."""
    listed = {one.sha256 for one in record.record.likeness if one.kind == "still"}
    near = sorted(p for p in record.path.parent.iterdir() if p.suffix.lower() in _PICTURES and p.is_file())
    return [path for path in near[:_MOST_STILLS] if file_sha256(path) in listed]


def _own(record: FoundRecord) -> tuple[tuple[str, str], ...]:
    """What a record lists itself: who was chosen by hand is he by the word of whoever chose."""
    return tuple((one.name, one.sha256) for one in record.record.likeness if one.kind == "still")


def _facts(job: AnonymiseJob, name: str, stills: tuple[tuple[str, str], ...]) -> Facts:
    return Facts(name, stills, (), job.project, job.shot, job.use, job.territory)


def _chosen(scene: Scene, face: str) -> str:
    """The name of the track that a choice means; a likely face may be named too. BadInput, FaceNotFound: none."""
    if any(track.name == face.strip() for track in scene.heads):
        return face.strip()
    return choose_track(scene.solve, scene.plate, face).name


def _scores(scene: Scene, name: str, pictures: Sequence[Path]) -> TrackScores | None:
    """Whether a track is the person of some pictures; None where nobody can be asked."""
    judge_by = judge_of(scene.detectors, scene.job.track, 0)
    track = next((one for one in scene.solve.tracks if one.name == name), None)
    if judge_by is None or track is None or not pictures:
        return None
    embedding = _embedding(pictures, scene.detectors, judge_by.recogniser)
    if embedding is None:
        return None
    return scores_of(
        scene.solve, track, scene.plate, Wanted(pictures[0].stem, embedding), replace(judge_by, agreement=1.0)
    )


def _embedding(pictures: Sequence[Path], detectors: Detectors, recogniser: Recogniser) -> np.ndarray | None:
    """Who is on some pictures; those without one face are left out, None where none is left."""
    found = []
    for path in pictures:
        try:
            still = _open_still(path)
            found.append(recogniser.embed(still, detect_still(still, detectors, str(path))))
        except FfVfxError:
            continue
    return mean_embedding(found) if found else None


def _at_two_places(heads: Sequence[HeadTrack], one: ClearedTrack, found: Mapping[str, ClearedTrack]) -> str:
    """The track of the same record that is seen on a frame that also shows this one; '' where there is none."""
    seen = {track.name: set(track.seen()) for track in heads}
    for name, other in found.items():
        same = other.clearance.record_id == one.clearance.record_id
        if same and seen.get(name, set()) & seen.get(one.track, set()):
            return name
    return ""


def _open_still(path: Path) -> Frame:
    return read_linear_still(str(path))
