"""The house's own rules, as a machine can see them: floors, names, sizes, what the door loads."""

from __future__ import annotations

import ast
import runpy
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "ff_vfx"
MODULES = sorted(PACKAGE.rglob("*.py"))
FORBIDDEN = {"utils", "util", "helpers", "common", "misc", "base", "core", "manager"}
FLOORS = {
    "errors", "types", "image", "colour", "engine", "plate", "track", "fuse", "steady", "composite", "trust", "qc",
    "export", "shot", "door", "apps",
}  # fmt: skip


def test_imports_run_downwards_only_and_siblings_never_meet():
    code = "import sys; from importlinter.cli import lint_imports_command as run; sys.argv = ['lint-imports']; run()"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]


def test_the_first_level_is_the_house_and_nothing_else():
    names = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
    assert names - {"__init__"} <= FLOORS


def test_no_module_is_called_by_a_name_that_says_nothing():
    assert [str(path) for path in MODULES if path.stem in FORBIDDEN or path.parent.name in FORBIDDEN] == []


def test_no_module_is_longer_than_300_lines():
    long = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in MODULES}
    assert {name: lines for name, lines in long.items() if lines > 300} == {}


def test_shot_is_the_story_in_a_page_or_three():
    assert len((PACKAGE / "shot.py").read_text().splitlines()) < 100


def test_every_module_says_what_it_is():
    assert [str(path) for path in MODULES if not ast.get_docstring(ast.parse(path.read_text()))] == []


def test_no_module_keeps_state_of_its_own():
    """`global` is how a module-level variable is changed from a function."""
    guilty = [
        str(path) for path in MODULES if any(isinstance(n, ast.Global) for n in ast.walk(ast.parse(path.read_text())))
    ]
    assert guilty == []


def test_nothing_is_unpickled():
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                assert not {alias.name for alias in node.names} & {"pickle", "marshal", "shelve"}, path
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                assert (node.value.id, node.attr) != ("torch", "load"), path


def test_importing_the_door_loads_neither_torch_nor_numpy():
    code = "import ff_vfx.door, sys; assert 'torch' not in sys.modules and 'numpy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_importing_the_command_line_loads_neither_torch_nor_numpy():
    code = "import ff_vfx.apps.cli, sys; assert 'torch' not in sys.modules and 'numpy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_no_committed_text_names_a_path_of_the_machine_it_was_written_on():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    own = Path(__file__).name
    for name in listed:
        path = ROOT / name
        if path.suffix in {".py", ".md", ".toml", ".json", ".yaml", ""} and path.name != own and path.is_file():
            text = path.read_text(errors="ignore")
            assert "/work/" not in text and "/tmp/" not in text, name


def test_the_settings_page_is_what_the_code_says():
    page = ROOT / "docs" / "settings.md"
    made = runpy.run_path(str(ROOT / "docs" / "make_settings.py"))["page"]()
    assert page.read_text() == made, "stale: run `make docs`"
