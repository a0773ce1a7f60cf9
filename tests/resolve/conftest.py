"""LuaJIT with ff-vfx's modules and a fake Fusion, and a stand-in for the program that says what it was asked."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
FUSION = HERE.parents[1] / "resolve_plugin" / "Fusion"
_PROGRAM = """#!{python}
import json, os, sys, time
words = sys.argv[1:]
given = {{name: words[words.index(name) + 1] for name in ("--job", "--settings") if name in words}}
texts = {{name: open(path).read() for name, path in given.items()}}
with open({log!r}, "a") as stream:
    stream.write(json.dumps({{"line": words, "files": texts, "home": os.environ.get("PYTHONHOME", "")}}) + "\\n")
print("progress track 1 2", file=sys.stderr, flush=True)
if os.path.exists({gate!r}):
    time.sleep(60)
if "--log" in words:
    with open(words[words.index("--log") + 1], "w") as stream:
        stream.write("".join(json.dumps({{"number": n}}) + "\\n" for n in (1001, 1002, 1003)))
elif "-o" in words:
    with open(words[words.index("-o") + 1], "w") as stream:
        stream.write("what was exported")
print("said at the end")
sys.exit({code})
"""


@pytest.fixture
def runtime() -> Callable[[], Any]:
    """Makes a runtime whose `require` finds our modules."""
    lupa = pytest.importorskip("lupa.luajit21", reason="needs LuaJIT: pip install lupa")

    def make() -> Any:
        made = lupa.LuaRuntime(unpack_returned_tuples=True)
        made.execute(f'package.path = "{(FUSION / "Modules" / "Lua").as_posix()}/?.lua"')
        made.execute((HERE / "fusion.lua").read_text())
        made.execute("printed = {} function print(text) printed[#printed + 1] = text end")
        return made

    return make


@pytest.fixture
def lua(runtime) -> Any:
    """One such."""
    return runtime()


@pytest.fixture
def host(lua, tmp_path) -> Callable[..., Any]:
    """Makes a Fusion. answers: by a field's name, what an artist types; closed: every window is closed."""
    for name in ("temp", "profile"):
        (tmp_path / name).mkdir()

    def make(closed: bool = False, **answers: str) -> Any:
        return lua.globals().new_fusion(str(tmp_path), lua.table_from(answers), closed)

    return make


@pytest.fixture
def program(tmp_path, monkeypatch) -> Callable[..., Path]:
    """Makes the stand-in and gives its log: one JSON line a call."""
    if sys.platform == "win32":
        pytest.skip("the stand-in program is a script with a first line")

    def make(code: int = 0, slow: bool = False) -> Path:
        log, file, gate = (tmp_path / name for name in ("calls.jsonl", "ff vfx's", "slow"))
        gate.touch() if slow else gate.unlink(missing_ok=True)
        file.write_text(_PROGRAM.format(python=sys.executable, log=str(log), code=code, gate=str(gate)))
        file.chmod(0o755)
        monkeypatch.setenv("FF_VFX_EXECUTABLE", str(file))
        return log

    return make
