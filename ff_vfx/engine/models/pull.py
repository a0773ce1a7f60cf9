"""Bring the embedded models to this machine, on request. Read by the door; the one place that may use the network.

Everything is gathered and checked in a hidden folder beside its place, then moved: a stop midway leaves nothing.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from ff_vfx.engine.models.embedded import EMBEDDED, WHEEL, WHEEL_LICENCE, WHEEL_PLATFORM, WHEEL_SHA256
from ff_vfx.engine.models.manifest import Manifest, read_manifest, sha256_of
from ff_vfx.errors import ModelError

Progress = Callable[[str, float], None]
LICENCE_FILE = "embedded.LICENSE.txt"
_NOTE = f"""The embedded models of ff-vfx: {", ".join(m.file for m in EMBEDDED)}.
They come unchanged from the Python package {WHEEL} and are under the Apache License 2.0,
https://www.apache.org/licenses/LICENSE-2.0
"""


def pull_embedded(folder: Path, *, source: Path | None = None, report: Progress | None = None) -> list[Path]:
    """Put the four embedded models with manifests and licence into a folder; what is there and right stays as it is.

    Args:
        folder: made if needed. source: None asks the package index for one 36 MB wheel; else a folder that holds the
            four files or that wheel, or the wheel itself, and the network is not used.
        report: told what is going on and how far it is, [0, 1].

    Returns:
        The four model files, in the order of EMBEDDED.

    Raises:
        ModelError: no pip, no network, not the files expected, or no room; no new file is left in the folder.
    """
    tell = report or _silent
    paths = [folder / manifest.file for manifest in EMBEDDED]
    if all(_in_place(manifest, folder) for manifest in EMBEDDED):
        tell("the embedded models are here already", 1.0)
        return paths
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".pull-", dir=folder) as hidden:
            wheel = _download(Path(hidden), tell) if source is None else _wheel_in(source)
            tell("checking the files", 0.8)
            contents = _from_wheel(wheel) if wheel else _from_folder(source or folder)
            _put(_staged(contents, Path(hidden)), folder)
    except OSError as error:
        raise ModelError(f"models folder {folder}: {error}; choose a folder you may write to") from error
    tell("the embedded models are ready", 1.0)
    return paths


def _silent(_what: str, _part: float) -> None:
    pass


def _in_place(manifest: Manifest, folder: Path) -> bool:
    try:
        return (
            read_manifest(folder / f"{manifest.name}.json") == manifest
            and sha256_of(folder / manifest.file) == manifest.sha256
        )
    except (ModelError, OSError):
        return False


def _download(hidden: Path, tell: Progress) -> Path:
    offline = f"or get that wheel ({WHEEL_PLATFORM[0]}) on another machine, and here --from DIR"
    if importlib.util.find_spec("pip") is None:
        raise ModelError(f"{sys.executable} has no pip to download {WHEEL}; fix: python -m ensurepip, {offline}")
    tell(f"downloading {WHEEL}, 36 MB", 0.0)
    platform, version = WHEEL_PLATFORM
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input"]
    command += ["--disable-pip-version-check", "--platform", platform, "--python-version", version]
    done = subprocess.run(
        [*command, "--dest", str(hidden), WHEEL], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    wheel = _wheel_in(hidden)
    if done.returncode or wheel is None:
        reason = (done.stderr.strip().splitlines() or ["pip gave no reason"])[-1]
        raise ModelError(f"download of {WHEEL}: {reason}; fix: check the network, {offline}")
    return wheel


def _wheel_in(source: Path) -> Path | None:
    if source.is_file():
        return source
    found = sorted(source.glob(f"{WHEEL.replace('==', '-')}-*.whl"))
    return found[0] if found else None


def _from_wheel(wheel: Path) -> dict[str, bytes]:
    found = sha256_of(wheel)
    if found != WHEEL_SHA256:
        raise ModelError(f"wheel {wheel}: hash differs: {found[:12]}... found, {WHEEL_SHA256[:12]}... expected")
    with zipfile.ZipFile(wheel) as archive:
        contents = {m.file: archive.read(m.origin.split(" ", 1)[1]) for m in EMBEDDED}
        return {**contents, LICENCE_FILE: _NOTE.encode() + b"\n" + archive.read(WHEEL_LICENCE)}


def _from_folder(source: Path) -> dict[str, bytes]:
    missing = [m.file for m in EMBEDDED if not (source / m.file).is_file()]
    if missing:
        raise ModelError(f"{source}: neither the wheel {WHEEL} nor {', '.join(missing)} in it; give the right folder")
    licence = source / "LICENSE"
    text = b"\n" + licence.read_bytes() if licence.is_file() else b""
    return {**{m.file: (source / m.file).read_bytes() for m in EMBEDDED}, LICENCE_FILE: _NOTE.encode() + text}


def _staged(contents: dict[str, bytes], hidden: Path) -> list[Path]:
    """Every file on disk and checked, manifests last: a manifest must never be seen before its file."""
    for manifest in EMBEDDED:
        found = hashlib.sha256(contents[manifest.file]).hexdigest()
        if found != manifest.sha256:
            raise ModelError(
                f"{manifest.file}: hash differs: {found[:12]}... found, {manifest.sha256[:12]}... expected"
            )
    manifests = {f"{m.name}.json": m.as_json().encode() for m in EMBEDDED}
    staged = []
    for name, data in {**contents, **manifests}.items():
        with (hidden / name).open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        staged.append(hidden / name)
    return staged


def _put(staged: list[Path], folder: Path) -> None:
    new: list[Path] = []
    try:
        for path in staged:
            target = folder / path.name
            if not target.exists():
                new.append(target)
            os.replace(path, target)
    except BaseException:
        for target in new:
            target.unlink(missing_ok=True)
        raise
