"""The README's commands are run as they stand there, in a scratch folder beside a copy of the example shot."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ff_vfx.apps.cli.entry import run

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.S)


@pytest.fixture
def scratch(tmp_path, monkeypatch) -> Path:
    """A folder that has `examples` as the clone has it."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_first_command_installs_this_package_and_runs_the_demo():
    first = blocks("sh")[0].strip()
    assert "\n" not in first, "one line to copy"
    steps = [step.strip() for step in first.split("&&")]
    assert steps[0].startswith("python3 -m venv") and "pip install -e '.[dev]'" in steps[1]
    assert steps[2] == ".venv/bin/ff-vfx demo"


def test_the_second_command_runs_these_tests():
    assert blocks("sh")[1].strip() == ".venv/bin/python -m pytest"


def test_the_demo_of_the_first_command_ends_with_a_picture(scratch, models_in_use, capsys):
    assert run(["demo", "--frames", "1001-1002"]) == 0
    shown = capsys.readouterr().out
    picture = Path(re.findall(r"picture: +(\S+)", shown)[0])
    assert picture.is_file() and picture.stat().st_size > 50_000
    assert (scratch / "out" / "demo" / "review.mp4").is_file()
    assert len(list((scratch / "out" / "demo").glob("fused.*.exr"))) == 2


def test_the_lines_of_a_first_job_run_as_they_stand(scratch, models_in_use, capsys):
    lines = [shlex.split(line) for line in blocks("sh")[2].strip().splitlines()]
    assert [line[1] for line in lines] == ["info", "track", "fuse"]
    lines[2] += ["--frames", "1001", "--set", "fuse.crop_px=128"]
    for line in lines:
        assert line[0] == "ff-vfx" and run(line[1:]) == 0, line
    assert {path.name for path in (scratch / "out").iterdir()} == {
        "s010.json",
        "track.png",
        "comp.1001.exr",
        "comp.ffmanifest.json",
        "comp.ffmanifest.c2pa",
        "report.json",
    }


def test_the_lines_about_a_finished_shot_run_as_they_stand(scratch, models_in_use, rendered_example, capsys):
    shutil.copytree(rendered_example, scratch / "out")
    lines = [shlex.split(line) for line in blocks("sh")[3].strip().splitlines()]
    assert [line[1] for line in lines] == ["verify", "qc", "check", "audit"]
    for line in lines:
        assert line[0] == "ff-vfx" and run(line[1:]) == 0, line
    assert (scratch / "out" / "qc" / "page.html").stat().st_size > 100_000


def test_the_python_of_the_readme_runs(scratch, models_in_use):
    code = blocks("python")[0].replace('"1001-1004"', '"1001"')
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "0 ['rendered']"


def test_every_option_and_setting_the_readme_names_exists(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    run(["fuse", "--help"])
    run(["track", "--help"])
    known = capsys.readouterr().out
    for option in re.findall(r"`(--[a-z-]+)", README):
        assert option in known, option


def test_every_link_of_the_readme_and_the_documents_leads_somewhere():
    for page in [ROOT / "README.md", ROOT / "examples" / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_document_the_code_names_is_there():
    for path in sorted((ROOT / "ff_vfx").rglob("*.py")):
        for name in re.findall(r"docs/[\w/.-]*\.md", path.read_text()):
            assert (ROOT / name).is_file(), f"{path.name}: {name}"
