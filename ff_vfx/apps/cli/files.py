"""What the command line reads and writes itself: settings, casts, jobs, reports, the log of frames. Files are JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from ff_vfx.errors import BadInput, WriteRefused
from ff_vfx.types.report import FrameEntry, Report


def read_json(path: str, what: str) -> dict[str, object]:
    """A JSON object from a file.

    Raises:
        BadInput: no such file, or not a JSON object; the message says which line is off.
    """
    try:
        data = json.loads(Path(path).read_text())
    except OSError as error:
        raise BadInput(f"{what} {path}: {error.strerror}; check the path") from error
    except ValueError as error:
        raise BadInput(f"{what} {path}: not JSON ({error}); correct it there") from error
    if not isinstance(data, dict):
        raise BadInput(f"{what} {path}: holds a {type(data).__name__}; an object {{...}} is needed")
    return data


def settings_changes(path: str, assignments: Sequence[str]) -> dict[str, object]:
    """What a settings file and `--set group.name=value` ask for, as one nested dict; the line wins over the file.

    Values are read as JSON where they are JSON (0.5, true, null), else as text.
    """
    changes = read_json(path, "settings") if path else {}
    for text in assignments:
        name, equals, value = text.partition("=")
        group, dot, field = name.strip().partition(".")
        if not equals or not dot or not field:
            raise BadInput(f"--set {text}: not of the form group.name=value, as in composite.skin_tone=1")
        inner = changes.get(group, {})
        if not isinstance(inner, dict):
            raise BadInput(f"settings {path}: {group} holds a {type(inner).__name__}; an object {{...}} is needed")
        changes[group] = {**inner, field: _value(value.strip())}
    return changes


def parts_of(cast: Sequence[str]) -> list[dict[str, str]]:
    """What `--cast FACE=PERFORMER` says, as a job's cast. A still as FACE may hold no '='.

    Raises:
        BadInput: not of that form.
    """
    parts = []
    for text in cast:
        face, equals, performer = text.partition("=")
        if not equals or not face.strip() or not performer.strip():
            raise BadInput(f"--cast {text}: not of the form FACE=PERFORMER, as in 0=stills/eve")
        parts.append({"face": face.strip(), "performer": performer.strip()})
    return parts


def write_report(report: Report, path: str) -> None:
    """The report as JSON, whole or not at all.

    Raises:
        WriteRefused: the folder cannot be written.
    """
    write_json(report.as_dict(), path)


def write_json(data: object, path: str) -> None:
    """Any plain data as JSON, whole or not at all."""
    target = Path(path)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps(data, indent=1, default=str) + "\n")
        os.replace(temporary, target)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise WriteRefused(f"{path}: {error.strerror}; choose a folder that can be written") from error


class FrameLog:
    """One JSON line a frame, written as the frame is done, so that a farm can follow. Empty path: nothing."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __enter__(self) -> FrameLog:
        if self._path:
            try:
                self._file = open(self._path, "a", encoding="utf-8")
            except OSError as error:
                raise WriteRefused(
                    f"log {self._path}: {error.strerror}; choose a folder that can be written"
                ) from error
        return self

    def __exit__(self, *error: object) -> None:
        if self._path:
            self._file.close()

    def add(self, entry: FrameEntry) -> None:
        if self._path:
            self._file.write(json.dumps(asdict(entry), default=str) + "\n")
            self._file.flush()


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text
