"""A URL's bytes into a file, gone on with where they broke off. Read by fetch, which verifies what came.

Nothing that a server says is believed: not its sizes, not the part it claims to send; the bytes are counted.
"""

from __future__ import annotations

import http.client
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from ff_vfx.engine.models.manifest import Manifest
from ff_vfx.engine.models.remote import RangeRefused, content_range, open_url
from ff_vfx.errors import ModelError

Say = Callable[[str], None]
LARGEST_BYTES = 16 << 30  # where the manifest does not say the size
_PIECE = 1 << 18
_TELL_PERCENT = 10
_TRIES = 5  # of one call, as long as each brought something
_PAUSE_S = 0.5


def download(manifest: Manifest, url: str, part: Path, say: Say) -> None:
    """Bring all of a file.

    Args:
        part: what has come so far; made if needed, and kept when the connection breaks for good.

    Raises:
        ModelError: it cannot be reached, breaks off again and again, or is larger than it should be.
    """
    for attempt in range(_TRIES):
        before = _size(part)
        if before and before == manifest.size_bytes:
            return
        try:
            return _one_request(manifest, url, part, say)
        except RangeRefused:
            part.unlink(missing_ok=True)
        except _BrokenOff as error:
            now = _size(part)
            if now <= before or attempt == _TRIES - 1:
                raise ModelError(
                    f"pull {manifest.name}: {url}: {error}; {now} bytes are kept: pull again and it goes on there"
                ) from error
            say(f"{manifest.name}: {error}; going on at {_megabytes(now)} MB")
            time.sleep(_PAUSE_S)
    raise ModelError(f"pull {manifest.name}: {url}: the server refuses again and again to send the file; use --from")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


class _BrokenOff(Exception):
    """The connection ended before the file did."""


def _one_request(manifest: Manifest, url: str, part: Path, say: Say) -> None:
    kept = _size(part)
    with open_url(url, kept) as answer:
        first, whole = content_range(answer.headers)
        start = kept if answer.status == http.client.PARTIAL_CONTENT and first == kept else 0
        if answer.status == http.client.PARTIAL_CONTENT and first not in (0, kept):
            raise ModelError(
                f"pull {manifest.name}: {url}: the server answers with another part than asked; use --from"
            )
        length = answer.headers.get("Content-Length", "")
        total = whole or (start + int(length) if length.isdecimal() else None)
        if manifest.size_bytes and total not in (None, manifest.size_bytes):
            part.unlink(missing_ok=True)
            raise ModelError(
                f"pull {manifest.name}: {url} has {total} bytes, the manifest says {manifest.size_bytes}; ask whoever "
                "made the manifest"
            )
        refuse_too_large(manifest, (total or 0) - start, part)
        size = f"{_megabytes(total)} MB" if total else "of unknown size"
        say(f"{manifest.name}: {'going on with' if start else 'downloading'} {url}, {size}")
        with part.open("r+b" if start else "wb") as file:
            file.seek(start)
            _copied(manifest, answer, file.write, _Told(manifest.name, total, start, say))


def _copied(manifest: Manifest, answer: http.client.HTTPResponse, write: Callable[[bytes], int], told: _Told) -> None:
    limit = manifest.size_bytes or LARGEST_BYTES
    while True:
        try:
            piece = answer.read(_PIECE)
        except (http.client.HTTPException, OSError) as error:
            raise _BrokenOff(f"the connection broke: {error}") from error
        if not piece:
            break
        if told.done + len(piece) > limit:
            raise ModelError(f"pull {manifest.name}: the server sends more than {limit} bytes; it was stopped")
        write(piece)
        told.more(len(piece))
    if told.total is not None and told.done < told.total:
        raise _BrokenOff(f"the connection ended at {told.done} of {told.total} bytes")


class _Told:
    """How far a download is, said every tenth of it."""

    def __init__(self, name: str, total: int | None, done: int, say: Say) -> None:
        self.total, self.done = total, done
        self._name, self._say, self._next = name, say, 0
        self._next = self._percent() + _TELL_PERCENT

    def more(self, count: int) -> None:
        self.done += count
        if self.total and self._percent() >= self._next:
            self._say(f"{self._name}: {_megabytes(self.done)} of {_megabytes(self.total)} MB")
            self._next = self._percent() // _TELL_PERCENT * _TELL_PERCENT + _TELL_PERCENT

    def _percent(self) -> int:
        return 100 * self.done // self.total if self.total else 0


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.1f}"


def refuse_too_large(manifest: Manifest, size: int, part: Path) -> None:
    """Raises: ModelError: more bytes to come than the manifest or the disk allows."""
    limit = manifest.size_bytes or LARGEST_BYTES
    if size > limit:
        raise ModelError(f"pull {manifest.name}: {size} bytes, and no more than {limit} are taken; check the source")
    if size > (free := shutil.disk_usage(part.parent).free):
        raise ModelError(
            f"pull {manifest.name}: {_megabytes(size)} MB to come, {_megabytes(free)} MB free in {part.parent}; free "
            "some space, or choose another model folder"
        )
