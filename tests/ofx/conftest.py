"""The plugin and our small host, built by the machine's C compiler with address sanitizer where it has it; a runtime
folder of its own for each test, with the small worker in it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PLUGIN = ROOT / "ofx_plugin"
STRICT = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-g", "-O1"]
SANITIZE = ["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined"]
LIBRARIES = ["-ldl", "-lpthread", "-lm"]


class Built(NamedTuple):
    host: Path
    plugin: Path
    sanitized: bool


def compiler() -> str:
    found = shutil.which("cc")
    if sys.platform != "linux" or not found:
        pytest.skip("the OpenFX tests need Linux and a C compiler (cc)")
    return found


def compile_both(cc: str, folder: Path, extra: list[str]) -> bool:
    sources = [str(path) for path in sorted(PLUGIN.glob("*.c"))]
    hidden = ["-fPIC", "-fvisibility=hidden", "-shared"]
    lines = [
        [cc, *STRICT, *extra, str(HERE / "host.c"), "-o", str(folder / "host"), *LIBRARIES],
        [cc, *STRICT, *extra, *hidden, *sources, "-o", str(folder / "FaceFuse.ofx"), *LIBRARIES],
    ]
    for line in lines:
        done = subprocess.run(line, capture_output=True, text=True, check=False)
        if done.returncode:
            assert extra, done.stderr
            return False
    return subprocess.run([folder / "host"], capture_output=True, check=False).returncode == 2


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """With address sanitizer, where the compiler has it."""
    cc, folder = compiler(), tmp_path_factory.mktemp("ofx")
    sanitized = compile_both(cc, folder, SANITIZE)
    if not sanitized:
        compile_both(cc, folder, [])
    return Built(folder / "host", folder / "FaceFuse.ofx", sanitized)


@pytest.fixture(scope="session")
def built_fast(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """As it is shipped: for what is measured."""
    cc, folder = compiler(), tmp_path_factory.mktemp("ofxfast")
    assert compile_both(cc, folder, ["-O2"])
    return Built(folder / "host", folder / "FaceFuse.ofx", False)


class Said(NamedTuple):
    """What the host printed."""

    lines: list[str]
    code: int
    errors: str

    def all(self, word: str) -> list[str]:
        return [line[len(word) + 1 :] for line in self.lines if line.startswith(word + " ")]

    @property
    def statuses(self) -> list[int]:
        return [int(line.split()[1]) for line in self.all("rendered")]


class Runtime:
    """The worker's folder of one test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def control(self, **what: object) -> None:
        new = self.folder / "control.new"
        new.write_text(json.dumps(what))
        new.replace(self.folder / "control.json")

    def asked(self, kind: str) -> list:
        path = self.folder / "asked.jsonl"
        whole = path.read_text().rpartition("\n")[0].splitlines() if path.exists() else []
        rows = [json.loads(line) for line in whole]
        return [told for what, told in rows if what == kind]

    def workers(self) -> list[int]:
        path = self.folder / "starts"
        return [int(line.split()[0]) for line in path.read_text().splitlines()] if path.exists() else []

    def kill(self) -> int:
        """kill -9 of the one that runs; its process id, or 0."""
        last = self.workers()[-1:]
        if not last or not alive(last[0]):
            return 0
        os.kill(last[0], signal.SIGKILL)
        return last[0]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Runtime]:
    folder = Path(tempfile.mkdtemp(prefix="ffo"))
    program = tmp_path / "small-worker"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} {HERE / "small_worker.py"} "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("FF_VFX_RUNTIME", str(folder))
    monkeypatch.setenv("FF_VFX_WORKER_COMMAND", str(program))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("UBSAN_OPTIONS", "print_stacktrace=1")
    one = Runtime(folder)
    one.control(do="invert")
    yield one
    for pid in one.workers():
        if alive(pid):
            os.kill(pid, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)


Play = Callable[..., Said]
PLATE = "set job_plate /plates/a.####.exr"


@pytest.fixture
def play(built: Built, runtime: Runtime) -> Play:
    """Runs the host as one of its profiles; fails on anything a plugin must not do, and on what the sanitizer says."""

    def run(profile: str, *lines: str, allow: str = "", using: Built = built, timeout: float = 60.0) -> Said:
        script = "\n".join([PLATE, *lines]) + "\n"
        done = subprocess.run(
            [using.host, using.plugin, profile],
            input=script, capture_output=True, text=True, check=False, timeout=timeout,
        )  # fmt: skip
        said = Said(done.stdout.splitlines(), done.returncode, done.stderr)
        assert done.returncode == 0 and "ERROR" not in done.stderr and "runtime error" not in done.stderr, done.stderr
        bad = [line for line in said.all("violation") if not allow or allow not in line]
        assert not bad, bad
        return said

    return run


def source(number: int, width: int = 64, height: int = 36) -> np.ndarray:
    """What host.c paints, bottom row first."""
    y, x, c = np.mgrid[0:height, 0:width, 0:4]
    value = ((x * 7 + y * 13 + c * 29 + number * 3).astype(np.float32)) / np.float32(512) - np.float32(0.25)
    value[..., 3] = 1.0
    return value


def picture(path: Path, width: int = 64, height: int = 36, dtype: type = np.float32) -> np.ndarray:
    return np.fromfile(path, dtype).reshape(height, width, 4)


def wait_until(true: Callable[[], object], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    return bool(true())
