"""Bring the file of one manifest here, when asked: from its URL or a folder, resumed, and verified. Read by the door.

What has come so far lies in a hidden .part file beside its place and is gone on with next time, even by another
process; the file has its name only after size and hash were found right.
"""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

from ff_vfx.engine.models.download import Say, download, refuse_too_large
from ff_vfx.engine.models.manifest import Manifest, read_manifest, sha256_of
from ff_vfx.engine.models.remote import is_url
from ff_vfx.errors import ModelError


def fetch_model(manifest_path: Path, folder: Path, *, source: str = "", say: Say = lambda _: None) -> Path:
    """Put the file that a manifest speaks of, and the manifest, into a folder; what is there and right stays.

    Args:
        manifest_path: .../NAME.json, in the folder or elsewhere. source: take it from this URL, folder or file instead
            of the manifest's url. say: told what is going on.

    Returns:
        The model's file.

    Raises:
        ModelError: nowhere to take it from, it cannot be reached, it is another file, or there is no room. What came
            of a download is kept for the next call, unless it is wrong.
    """
    manifest = read_manifest(manifest_path)
    target = folder / manifest.file
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _refuse_other(manifest, manifest_path, folder)
        if target.is_file() and sha256_of(target) == manifest.sha256:
            say(f"{manifest.name}: {manifest.file} is here already")
        else:
            say(f"{manifest.name}: licence {manifest.licence}, allowed use: {manifest.allowed_use}")
            _bring(manifest, _source(manifest, manifest_path, source), folder, say)
        _put_manifest(manifest, folder)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        remedy = "free some space and pull again: it goes on where it stopped" if full else "see that it may be written"
        raise ModelError(f"pull {manifest.name} to {folder}: {error.strerror or error}; {remedy}") from error
    return target


def _source(manifest: Manifest, manifest_path: Path, given: str) -> str | Path:
    """A URL, or the path of a file."""
    place = given or manifest.url
    if not place:
        raise ModelError(
            f"pull {manifest.name}: its manifest has no url; put {manifest.file} beside it, or say where with --from"
        )
    if is_url(place):
        return place
    path = (Path.cwd() if given else manifest_path.parent) / Path(place).expanduser()
    path = path / manifest.file if path.is_dir() else path
    if not path.is_file():
        raise ModelError(f"pull {manifest.name}: {path} is not there; correct the manifest's url, or use --from")
    return path


def _bring(manifest: Manifest, source: str | Path, folder: Path, say: Say) -> None:
    part = folder / f".{manifest.file}.{manifest.sha256[:16]}.part"
    if isinstance(source, Path):
        part.unlink(missing_ok=True)
        refuse_too_large(manifest, source.stat().st_size, part)
        say(f"{manifest.name}: copying {source}")
        shutil.copyfile(source, part)
    else:
        kept = part.stat().st_size if part.exists() else 0
        download(manifest, source, part, say)
        if kept and sha256_of(part) != manifest.sha256:
            say(f"{manifest.name}: what was kept from before does not fit; starting again")
            part.unlink()
            download(manifest, source, part, say)
    say(f"{manifest.name}: checking")
    size, found = part.stat().st_size, sha256_of(part)
    if found != manifest.sha256 or manifest.size_bytes not in (0, size):
        part.unlink()
        raise ModelError(
            f"pull {manifest.name}: {source} is another file than the manifest speaks of: hash {found[:12]}..., {size} "
            f"bytes found, {manifest.sha256[:12]}..., {manifest.size_bytes or 'any number of'} bytes expected; it was "
            "not kept; ask whoever made the manifest"
        )
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    os.replace(part, folder / manifest.file)


def _refuse_other(manifest: Manifest, manifest_path: Path, folder: Path) -> None:
    there = folder / f"{manifest.name}.json"
    if there.exists() and there.resolve() != manifest_path.resolve() and read_manifest(there) != manifest:
        raise ModelError(f"pull {manifest.name}: {there} is there and says something else; remove it first")


def _put_manifest(manifest: Manifest, folder: Path) -> None:
    path = folder / f"{manifest.name}.json"
    if path.exists():
        return
    hidden = folder / f".{manifest.name}.{os.getpid()}.tmp"
    try:
        with hidden.open("w", encoding="utf-8") as file:
            file.write(manifest.as_json())
            file.flush()
            os.fsync(file.fileno())
        os.replace(hidden, path)
    finally:
        hidden.unlink(missing_ok=True)
