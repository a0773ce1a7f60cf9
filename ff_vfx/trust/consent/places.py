"""Where records and revocation notices are looked for, and what is found there. Read by decide and the CLI.

A record counts wherever it lies, for it is believed by its signature; a notice beside any of them stops it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ff_vfx.errors import TrustError
from ff_vfx.trust.consent.record import ConsentRecord, record_of
from ff_vfx.trust.consent.revocation import Notice, notice_of
from ff_vfx.trust.keyring import keyring_folders
from ff_vfx.trust.signed_text import read_signed
from ff_vfx.trust.signing import Signature, signatures_of
from ff_vfx.types.user_folders import config_folder, site_folder

RECORD_ENDING, NOTICE_ENDING = ".ffconsent.json", ".ffrevoke.json"
_PACKAGE_RECORDS = Path(__file__).resolve().parents[1] / "records"
_MOST_FILES = 2000  # of one kind in one folder


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """A record that reads well; whether it is believed is not said. named: the job names this very file."""

    path: Path
    data: Mapping[str, object]
    record: ConsentRecord
    named: bool = False


@dataclass(frozen=True, slots=True)
class FoundNotice:
    """A notice that reads well, and who signed this very text."""

    path: Path
    notice: Notice
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class OnFile:
    """All that is on file. faults: records that do not read, and why. broken_notices: the same of notices."""

    records: tuple[FoundRecord, ...] = ()
    notices: tuple[FoundNotice, ...] = ()
    faults: tuple[str, ...] = ()
    broken_notices: tuple[str, ...] = ()


def user_records() -> Path:
    """The user's own folder of records."""
    return config_folder() / "trust" / "records"


def standing_places() -> tuple[Path, ...]:
    """Folders that are always looked into: the package's, the site's, the user's."""
    return _PACKAGE_RECORDS, site_folder() / "trust" / "records", user_records()


def gather(named: str, places: Iterable[Path]) -> OnFile:
    """What is on file for a job.

    Args:
        named: the job's own record or folder of records; '' for none. places: folders beside its pictures and models.

    Raises:
        TrustError: what the job names is not there.
    """
    folders, files = list(dict.fromkeys([*places, *standing_places()])), list[Path]()
    if named:
        place = Path(named).expanduser()
        if place.is_file():
            files.append(place)
            folders.insert(0, place.parent)
        elif place.is_dir():
            folders.insert(0, place)
        else:
            raise TrustError(f"consent {named}: no such file or folder; give a record, or a folder of them")
    folders = list({folder.resolve(): folder for folder in reversed(folders)}.values())[::-1]
    listed = [path for folder in folders for path in _listed(folder, f"*{RECORD_ENDING}")]
    own = {file.resolve() for file in files}
    files += [path for path in listed if path.resolve() not in own]
    notices = [path for folder in folders for path in _notices(folder)]
    return _read(files, own, notices)


def found_record(path: Path, on_file: OnFile) -> FoundRecord | None:
    """The record of that very file, where it is on file."""
    return next((one for one in on_file.records if one.path.resolve() == path.resolve()), None)


def _read(files: list[Path], own: set[Path], notice_files: list[Path]) -> OnFile:
    records, notices = list[FoundRecord](), list[FoundNotice]()
    faults, broken = list[str](), list[str]()
    for path in files:
        try:
            data = read_signed(path)
            records.append(FoundRecord(path, data, record_of(data, str(path)), path.resolve() in own))
        except TrustError as error:
            faults.append(str(error))
    for path in notice_files:
        try:
            data = read_signed(path)
            notices.append(FoundNotice(path, notice_of(data, str(path)), signatures_of(data)))
        except TrustError as error:
            # Altered, it may have been of any record.
            broken.append(str(error) if str(path) in str(error) else f"{path}: {error}")
    return OnFile(tuple(records), tuple(notices), tuple(faults), tuple(broken))


def _notices(folder: Path) -> list[Path]:
    return [*_listed(folder, f"*{NOTICE_ENDING}"), *_listed(folder / "revocations", "*.json")]


def _listed(folder: Path, pattern: str) -> list[Path]:
    """Files of a folder by name; none where it is absent or closed to us.

    Raises:
        TrustError: more than any studio keeps in one folder.
    """
    try:
        found = sorted(folder.glob(pattern))
    except OSError:
        return []
    if len(found) > _MOST_FILES:
        raise TrustError(f"{folder}: more than {_MOST_FILES} records or notices; sort them into folders by project")
    return found


def state_of_places(named: str, places: Iterable[Path]) -> tuple[object, ...]:
    """Another value when a record, a notice or a key that would be looked at is another; cheap. Arguments: gather's."""
    folders = [*places, *standing_places(), *keyring_folders()]
    place = Path(named).expanduser() if named else None
    if place is not None:
        folders += [place.parent, place] if place.is_file() else [place]
    files = [path for folder in folders for path in [*_notices(folder), *_listed(folder, "*.json")]]
    return tuple(_state(path) for path in [*([place] if place else []), *files])


def _state(path: Path) -> tuple[str, int, int]:
    try:
        status = path.stat()
    except OSError:
        return str(path), 0, 0
    return str(path), status.st_mtime_ns, status.st_size
