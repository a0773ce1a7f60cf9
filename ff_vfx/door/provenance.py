"""What a render says of each frame: the label in its header, its entry in the manifest. Read by work and outputs.

Writers' threads come in here; hashing and signing happen behind the computing. Entries are put on disk every few
seconds and at the end: a frame that has none, because the run was killed, is made again by the next.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ff_vfx import __version__
from ff_vfx.door.cast import Role
from ff_vfx.door.manifests import manifest_path, same_pattern
from ff_vfx.door.networks.brought import networks_rows
from ff_vfx.door.stamp import file_hash
from ff_vfx.engine import Manifest as ModelManifest
from ff_vfx.errors import TrustError
from ff_vfx.plate.atomic import write_atomically
from ff_vfx.plate.source import Source
from ff_vfx.trust.certificate import Credential, own_credential
from ff_vfx.trust.content_credentials import Statement, can_carry, sidecar_of, sign_beside, sign_into
from ff_vfx.trust.label import COMPOSITE, GENERATED, Label, attributes_of, label_of, movie_attributes
from ff_vfx.trust.manifest import add_frames, named, new_run, now, read_manifest, sign_frame
from ff_vfx.trust.signing import Signer, user_signer
from ff_vfx.types.clearance import Clearance
from ff_vfx.types.frame import Frame
from ff_vfx.types.job import Job
from ff_vfx.types.layers import Layers
from ff_vfx.types.manifest import FileHash, FrameRecord, Manifest, Origin
from ff_vfx.types.plate import Plate
from ff_vfx.types.report import FrameEntry

TOOL = f"ff-vfx {__version__}"
_PLACES = ("plate", "performer", "solve", "output", "matte", "consent", "models", "pack", "record")
_MAYBE = ("swapper", "face")  # a file's name, or another
_EVERY_S = 2.0  # between two writings of the manifest, at least
_PART = 20.0  # and as many times what one takes, so that a long one costs no more than a twentieth


@dataclass(frozen=True, slots=True, eq=False)
class Hand:
    """Who signs for this process, and the start of a manifest that he adds to."""

    signer: Signer
    start: Manifest
    warning: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Cast:
    """Who and what is in a job: its performers' stills, what is on file for them, the networks it brings."""

    stills: tuple[Path, ...]
    clearances: tuple[Clearance, ...]
    networks: tuple[ModelManifest, ...]


def cast_of(roles: Iterable[Role], cleared: Iterable[Iterable[Clearance]], networks: Iterable[ModelManifest]) -> Cast:
    """Of all parts of a job."""
    stills = tuple(still for role in roles for still in role.stills)
    return Cast(stills, tuple(one for part in cleared for one in part), tuple(networks))


def signer_of_run() -> tuple[Signer, str]:
    """This user's own key; where he has no folder to keep one in, a new one, and a warning that says so."""
    try:
        return user_signer(), ""
    except TrustError as error:
        warning = f"manifest: signed with a key that nobody knows again ({error})"
        return Signer("a key of one run", Ed25519PrivateKey.generate()), warning


def hand_of(output: str, kind: str, origin: Origin) -> Hand:
    """Who signs a run's frames, and where."""
    signer, warning = signer_of_run()
    origins, runs = named((origin,), (new_run(signer),))
    path = manifest_path(output)
    return Hand(signer, Manifest(str(path), kind, same_pattern(output), "", {}, origins, runs), warning)


def origin_of(job: Job, plate: Plate, solve_file: Path, cast: Cast) -> Origin:
    """What a job's frames are made from."""
    left_out = {"settings", "frames", "overwrite", "stop_on_error", "device"}
    facts: dict[str, object] = {
        "pattern": same_pattern(job.plate),
        "key": plate.key,
        "colour_space": plate.colour_space,
        "size": list(plate.size),
        "rate": str(plate.rate),
    }
    return Origin(
        TOOL,
        facts,
        hashed(solve_file),
        job.settings.model_dump(mode="json"),
        networks_rows(cast.networks),
        tuple(hashed(still) for still in cast.stills),
        cast.clearances,
        placed(job.model_dump(mode="json", exclude=left_out)),
    )


def placed(asked: Mapping[str, object]) -> dict[str, object]:
    """A job's plain data with its files and folders named from the root: checks run anywhere must find them."""
    found: dict[str, object] = {}
    for name, value in asked.items():
        if isinstance(value, list):
            found[name] = [placed(one) if isinstance(one, Mapping) else one for one in value]
        elif isinstance(value, str) and value and (name in _PLACES or (name in _MAYBE and Path(value).is_file())):
            found[name] = str(Path(value).expanduser().absolute())
        else:
            found[name] = value
    return found


def recorded(output: str) -> dict[int, FrameRecord]:
    """What the manifest beside an output speaks of; nothing where there is none that can be believed."""
    try:
        return dict(read_manifest(manifest_path(output)).frames)
    except TrustError:
        return {}


class Provenance:
    """Of one render. Safe from several threads."""

    def __init__(self, job: Job, origin: Origin, stamp: str) -> None:
        """origin: what all its frames are made from. stamp: see ff_vfx.door.stamp."""
        self.label: Label = label_of(origin, stamp)
        self.warnings: list[str] = []
        self._job, self._origin = job, origin
        self._hand: Hand | None = None
        self._plates: dict[Path, FileHash] = {}
        self._pending: dict[int, FrameRecord] = {}
        self._lock, self._hashing, self._writing = threading.Lock(), threading.Lock(), threading.Lock()
        self._last, self._took = time.monotonic(), 0.0

    def plate_file(self, frame: Frame) -> FileHash:
        """The file a frame came from; without a hash where it is gone."""
        path = frame.source.file if isinstance(frame.source, Source) else Path()
        with self._hashing:  # of a movie all frames share one file, which is read once
            if path not in self._plates:
                self._plates[path] = hashed(path)
            return self._plates[path]

    def labelled(self, layers: Layers, plate: FileHash) -> Layers:
        """The layers with the label in their attributes."""
        passed = "passed" in layers.decisions
        number, earlier = layers.frame.number, _attributes(layers.frame)
        told = attributes_of(self.label, number, plate, passed=passed, earlier=earlier)
        return replace(layers, attributes={**layers.attributes, **told})

    def wrote(self, number: int, outcome: str, plate: FileHash, path: Path) -> None:
        """Take down a frame that is on disk now.

        Raises:
            TrustError: it cannot be given the C2PA sidecar that was asked for.
        """
        hand = self._signing()
        record = self._record(number, outcome, plate, hashed(path), hand)
        self._seal_frame(path, outcome)
        with self._lock:
            self._pending[number] = record
            due = time.monotonic() - self._last > max(_EVERY_S, _PART * self._took)
        if due and self._writing.acquire(blocking=False):
            try:
                self._flush(hand)
            except (TrustError, OSError):
                pass  # tried again, at the latest at the end
            finally:
                self._writing.release()

    def finish(self) -> dict[int, str]:
        """Put down what is left; frame -> why it is not in the manifest, for those that are not."""
        if self._hand is None:
            return {}
        with self._writing:
            try:
                self._flush(self._hand)
            except (TrustError, OSError) as error:
                return {number: f"frame {number}: is not in the manifest: {error}" for number in self._pending}
        return {}

    def wrote_movie(self, path: Path, frames: Iterable[tuple[FrameEntry, FileHash | None]]) -> None:
        """Give a movie its credentials and take it down, whole. frames: with their plate's; None: black, it failed.

        Raises:
            TrustError: the manifest cannot be written.
        """
        hand = self._signing("movie")
        try:
            give_credentials(path, self.statement(movie_attributes(self.label)))
        except TrustError as error:
            self.warnings.append(f"C2PA: {error}")
        made = hashed(path)
        records = [self._record(one.number, one.outcome, plate, made, hand) for one, plate in frames if plate]
        add_frames(hand.start, records, hand.signer, anew=True)

    def statement(self, label: Mapping[str, str], *, source_type: str = "") -> Statement:
        """What C2PA is told of a file of this job."""
        kind = source_type or (GENERATED if self.label.face_only else COMPOSITE)
        return Statement("ff-vfx", __version__, kind, label)

    def _signing(self, kind: str = "sequence") -> Hand:
        with self._lock:
            if self._hand is None:
                self._hand = hand_of(self._job.output, kind, self._origin)
                self.warnings += [self._hand.warning] if self._hand.warning else []
            return self._hand

    def _record(self, number: int, outcome: str, plate: FileHash, made: FileHash, hand: Hand) -> FrameRecord:
        origin, run = next(iter(hand.start.origins)), next(iter(hand.start.runs))
        record = FrameRecord(number, made, outcome, plate, self.label.stamp, origin, run, now())
        return sign_frame(record, hand.start.pattern, hand.signer)

    def _flush(self, hand: Hand) -> None:
        """Those pending into the manifest; the caller holds `_writing`."""
        with self._lock:
            records = dict(self._pending)
        start = time.monotonic()
        try:
            if records:
                _, amiss = add_frames(hand.start, records.values(), hand.signer, beside=self._seal)
                self.warnings += [f"manifest: {amiss}"] if amiss else []
        finally:
            self._last, self._took = time.monotonic(), time.monotonic() - start
        with self._lock:
            for number, record in records.items():
                if self._pending.get(number) is record:
                    del self._pending[number]

    def _seal(self, manifest: Manifest) -> None:
        """The sequence's C2PA sidecar; without it the frames are no worse. An unchanged plate is not ours to sign."""
        made = any(record.outcome == "rendered" for record in manifest.frames.values())
        if self._job.settings.output.c2pa == "none" or not made:
            return
        try:
            sign_beside(Path(manifest.path), self.statement({}), own_credential())
        except TrustError as error:
            self.warnings.append(f"C2PA: {error}")

    def _seal_frame(self, path: Path, outcome: str) -> None:
        """A frame's own; one that an earlier render left speaks of another file. What was not made has none."""
        sidecar_of(path).unlink(missing_ok=True)
        if self._job.settings.output.c2pa == "frames" and outcome == "rendered":
            sign_beside(path, self.statement({}), own_credential())


def give_credentials(path: Path, statement: Statement, credential: Credential | None = None) -> None:
    """Sign a finished file for C2PA: inside it where it can carry that, else in a sidecar; whole or not at all.

    Args:
        credential: None: what is set up here, else the user's own.

    Raises:
        TrustError: it cannot be signed. WriteRefused: the disk says no. The file is then as it was.
    """
    credential = credential or own_credential()
    if can_carry(path):
        write_atomically(path, lambda hidden: sign_into(path, hidden, statement, credential))
    else:
        sign_beside(path, statement, credential)


def hashed(path: Path) -> FileHash:
    """A file by name and content; without a hash where it cannot be read."""
    try:
        return FileHash(path.name, file_hash(path), path.stat().st_size)
    except OSError:
        return FileHash(path.name, "")


def _attributes(frame: Frame) -> Mapping[str, object]:
    source = frame.source
    if not isinstance(source, Source) or not source.parts:
        return {}
    return {name: value for name, value in source.parts[source.main].header.items() if isinstance(value, str)}
