"""Runs `ff-vfx check` as a process of its own and keeps what it said on the instance. Read by the plugins beside it.

Standard library alone, Python 3.9: a host's own Python loads neither ff-vfx nor torch. pyblish passes over files whose
names begin with an underscore.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from typing import Any

FAMILY = "ffvfx.comp"
REPORT = "ffvfxReport"
COMMAND = "FF_VFX_COMMAND"  # the program, where it is not on the PATH
ASKED = ("plate", "plate_colour", "frames", "use", "models", "limits", "waivers", "skip")
_LONGEST_S = 12 * 3600.0  # a long shot, with quality control, on a slow disk


class CheckFailed(Exception):
    """What a validator says; its text is for an artist."""


def program(named: str = "") -> list[str]:
    """How `ff-vfx` is started: as named, by $FF_VFX_COMMAND, by this Python if it is a plain one, from the PATH."""
    named = named or os.environ.get(COMMAND, "")
    if named:
        return [named]
    plain = os.path.basename(sys.executable or "").lower().startswith("python")
    if plain and importlib.util.find_spec("ff_vfx") and importlib.util.find_spec("typer"):
        return [sys.executable, "-m", "ff_vfx.apps.cli"]
    found = shutil.which("ff-vfx")
    if found:
        return [found]
    raise CheckFailed(f"ff-vfx is not on the PATH; install it, or name the program in {COMMAND}")


def report_of(instance: Any) -> dict[str, Any]:
    """What `ff-vfx check` says of an instance; it runs once, until `forget`."""
    if REPORT not in instance.data:
        instance.data[REPORT] = run(instance, [])
    report: dict[str, Any] = instance.data[REPORT]
    return report


def forget(instance: Any) -> None:
    """Check anew next time."""
    instance.data.pop(REPORT, None)


def run(instance: Any, more: list[str]) -> dict[str, Any]:
    """Run `ff-vfx check` with further arguments; gives its report, with its faults where it could not start."""
    asked = instance.data.get("ffvfx") or {}
    words = [*program(asked.get("command", "")), "check", asked["output"], "--json"]
    for name in ASKED:
        if asked.get(name):
            words += ["--" + name.replace("_", "-"), str(asked[name])]
    return _read(_started(words + more))


def finding_of(report: dict[str, Any], check: str) -> dict[str, Any]:
    """What one check found.

    Raises:
        CheckFailed: it did not run, so nobody knows.
    """
    if report.get("faults"):
        raise CheckFailed("could not be checked: " + "; ".join(report["faults"]))
    for finding in report.get("findings", ()):
        if finding["check"] == check:
            found: dict[str, Any] = finding
            return found
    raise CheckFailed(f"check {check} did not run; see the log of `ff-vfx check`")


def _started(words: list[str]) -> tuple[int, str, str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LD_", "DYLD_", "QT_"))}
    if len(words) < 3 or words[1] != "-m":
        environment = {name: value for name, value in environment.items() if not name.startswith("PYTHON")}
    try:
        done = subprocess.run(
            words, capture_output=True, text=True, env=environment, timeout=_LONGEST_S, check=False, encoding="utf-8"
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CheckFailed(f"ff-vfx could not be run ({error}); name the program in {COMMAND}") from error
    return done.returncode, done.stdout, done.stderr


def _read(done: tuple[int, str, str]) -> dict[str, Any]:
    code, out, said = done
    try:
        report = json.loads(out)
    except ValueError as error:
        raise CheckFailed(f"ff-vfx ended with code {code}: {said.strip()[-800:]}") from error
    if not isinstance(report, dict):
        raise CheckFailed("ff-vfx gave no report; is it of another version than the plugins?")
    return report
