"""A fake Nuke with ff_vfx_nuke in it, and a stand-in for the ff-vfx program that says what it was asked."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.nuke import fake_nuke

ROOT = Path(__file__).resolve().parents[2]
_PROGRAM = """#!{python}
import json, os, sys, time
with open({log!r}, "a") as stream:
    stream.write(json.dumps({{"line": sys.argv[1:], "python": os.environ.get("PYTHONHOME", "")}}) + "\\n")
words = sys.argv[1:]
if os.path.exists({slow!r}):
    print("progress track 1 100", file=sys.stderr, flush=True)
    time.sleep(60)
for done in (1, 2):
    print("progress track", done, 2, file=sys.stderr, flush=True)
    time.sleep(0.15)
if "-o" in words:
    with open(words[words.index("-o") + 1], "w") as stream:
        stream.write({text!r})
print("said at the end")
sys.exit({code})
"""


@pytest.fixture
def nuke(monkeypatch, tmp_path) -> Any:
    """A Nuke in whose script folder files go; `at_once` does without threads."""
    made = fake_nuke.Nuke(tmp_path / "script.nk")
    made.install(monkeypatch)
    monkeypatch.syspath_prepend(str(ROOT / "nuke_plugin"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    monkeypatch.delenv("FF_VFX_EXECUTABLE", raising=False)
    monkeypatch.delenv("FF_VFX_SUBMIT", raising=False)
    for name in [name for name in sys.modules if name.split(".")[0] == "ff_vfx_nuke"]:
        monkeypatch.delitem(sys.modules, name)
    yield made
    for name in [name for name in sys.modules if name.split(".")[0] == "ff_vfx_nuke"]:
        del sys.modules[name]


@pytest.fixture
def ours(nuke) -> Callable[[str], Any]:
    """A module of ff_vfx_nuke, by its name."""
    return lambda name: importlib.import_module(f"ff_vfx_nuke.{name}")


@pytest.fixture
def at_once(nuke, ours, monkeypatch) -> None:
    """Background work is done in place."""

    def in_place(work, then, show):
        running = ours("running")
        told = running.Told
        try:
            then(work())
        except told as error:
            show(error)

    monkeypatch.setattr(ours("running"), "in_background", in_place)


@pytest.fixture
def program(tmp_path, monkeypatch) -> Callable[..., Path]:
    """Makes the stand-in and gives its log: one JSON line a call."""

    def make(code: int = 0, text: str = "exported", slow: bool = False) -> Path:
        log, file, gate = (tmp_path / name for name in ("calls.jsonl", "ff-vfx", "slow"))
        gate.touch() if slow else gate.unlink(missing_ok=True)
        file.write_text(_PROGRAM.format(python=sys.executable, log=str(log), text=text, code=code, slow=str(gate)))
        file.chmod(0o755)
        monkeypatch.setenv("FF_VFX_EXECUTABLE", str(file))
        return log

    return make
