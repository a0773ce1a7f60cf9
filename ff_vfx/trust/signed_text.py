"""One JSON text for one content, and signed files that are exactly that text. Read by every writer and reader in trust.

A signed file is refused unless its text is what this module would write for its content: an edit that JSON would not
notice (a key given twice, another spelling of a number, something behind the end) is an edit.
"""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from ff_vfx.errors import TrustError

MOST_BYTES = 1 << 20  # of a record, a notice or a key; a manifest names its own bound
_MOST_NESTED = 32


def canonical(data: object) -> bytes:
    """The one text of a content, for hashing and signing: sorted keys, no spaces, UTF-8.

    Args:
        data: what JSON can hold; keys are strings.

    Raises:
        TrustError: it holds something else, nan or inf.
    """
    return _text(data, None).encode()


def written(data: object) -> bytes:
    """The one text of a content, for files that people read: sorted keys, two spaces, a line's end. Errors as above."""
    return (_text(data, 2) + "\n").encode()


def parsed(text: bytes, name: str) -> dict[str, object]:
    """What a signed file's text says.

    Args:
        name: for messages.

    Raises:
        TrustError: it is no JSON object, or not written as `written` does; the message says so.
    """
    data = draft_of(text, name)
    if written(data) != text:
        raise TrustError(f"{name}: was edited or saved by another program since it was written; take the original")
    return data


def draft_of(text: bytes, name: str) -> dict[str, object]:
    """What a file says that people may still edit: any JSON object, each key given once.

    Raises:
        TrustError: it is none.
    """
    try:
        data = json.loads(text.decode(), object_pairs_hook=_once, parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise TrustError(f"{name}: is torn or was edited: {_short(error)}; take the original") from error
    if not isinstance(data, dict):
        raise TrustError(f"{name}: holds no JSON object; take the original")
    _check_depth(data, name)
    return data


def read_signed(path: Path, most_bytes: int = MOST_BYTES) -> dict[str, object]:
    """What a signed file says; signatures are not looked at. See signing.signatures_of.

    Raises:
        TrustError: it cannot be read, is larger than `most_bytes`, or see `parsed`.
    """
    return parsed(read_bounded(path, most_bytes), str(path))


def read_bounded(path: Path, most_bytes: int = MOST_BYTES) -> bytes:
    """A file's content.

    Raises:
        TrustError: it cannot be read, or is larger than `most_bytes`.
    """
    try:
        # A pipe that nobody writes to must not hold us up.
        with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise TrustError(f"{path}: is no file; it was not read")
            text = file.read(most_bytes + 1)
    except OSError as error:
        raise TrustError(f"{path}: cannot be read: {error.strerror or error}; check the path") from error
    if len(text) > most_bytes:
        raise TrustError(f"{path}: is larger than {most_bytes} bytes; that is no file of ours, it was not read")
    return text


def write_signed(path: Path, data: Mapping[str, object], *, fresh: bool = False) -> None:
    """Write a content as `parsed` wants it; whole or not at all. fresh: never over a file that is there.

    Raises:
        TrustError: it cannot be written.
    """
    write_whole(path, written(data), fresh=fresh)


def write_whole(path: Path, content: bytes, *, fresh: bool = False, mode: int = 0o644) -> None:
    """Write a file in one step, on the disk when this returns.

    Args:
        fresh: never over a file that is there. mode: who may read it; the user's own umask is not asked.

    Raises:
        TrustError: it cannot be written, or is there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, hidden = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(hidden, mode)
            if fresh:
                _put_fresh(Path(hidden), path)
            else:
                os.replace(hidden, path)
        finally:
            Path(hidden).unlink(missing_ok=True)
    except FileExistsError as error:
        raise TrustError(f"{path}: is there already; choose another name, or remove it yourself") from error
    except OSError as error:
        raise TrustError(f"{path}: cannot be written: {error.strerror or error}") from error


def _put_fresh(hidden: Path, path: Path) -> None:
    """Give a file its name unless that is taken: a rename would not ask."""
    try:
        os.link(hidden, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        with open(path, "xb"):
            os.replace(hidden, path)


def _text(data: object, indent: int | None) -> str:
    _check_depth(data, "content")
    separators = (",", ":") if indent is None else (",", ": ")
    try:
        text = json.dumps(
            data, sort_keys=True, indent=indent, separators=separators, ensure_ascii=False, allow_nan=False
        )
        text.encode()
    except (TypeError, ValueError) as error:
        raise TrustError(f"cannot be signed: {_short(error)}") from error
    return text


def _check_depth(data: object, name: str) -> None:
    """See that it is not nested beyond reason and that all its keys are strings."""
    level: list[object] = [data]
    for _ in range(_MOST_NESTED):
        inner: list[object] = []
        for one in level:
            if isinstance(one, Mapping):
                if not all(isinstance(key, str) for key in one):
                    raise TrustError(f"{name}: a key is no string; it cannot be signed")
                inner.extend(one.values())
            elif isinstance(one, list | tuple):
                inner.extend(one)
        if not inner:
            return
        level = inner
    raise TrustError(f"{name}: is nested deeper than {_MOST_NESTED}; that is no file of ours")


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is given twice")
    return found


def _refused(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _short(error: BaseException) -> str:
    return str(error).splitlines()[0][:120]
