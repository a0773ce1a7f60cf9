"""Job files: what `ff-vfx fuse --job FILE` reads, and handing one to a farm. Read by baking and commands."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

from . import executable
from .told import Told
from .tracking import make_folder

SUBMIT = "FF_VFX_SUBMIT"
_SUBMIT_SECONDS = 120.0


def write_job(job: dict[str, Any], path: str) -> None:
    """Write it, whole or not at all.

    Raises:
        Told: the file cannot be written.
    """
    make_folder(os.path.dirname(path))
    unfinished = f"{path}.{os.getpid()}.tmp"
    try:
        with open(unfinished, "w", encoding="utf-8") as stream:
            json.dump(job, stream, indent=1, ensure_ascii=False)
            stream.write("\n")
        os.replace(unfinished, path)
    except OSError as error:
        raise Told(f"{path}: cannot be written ({error.strerror})") from error


def fuse_arguments(path: str) -> list[str]:
    """The command line that renders a job file."""
    return ["fuse", "--job", path]


def submit(path: str) -> str:
    """Hand a job file to the program that FF_VFX_SUBMIT names; gives what to tell the artist.

    The program is run with one argument, the file, and owes an exit code 0; what it says is shown.

    Raises:
        Told: it failed.
    """
    program = os.environ.get(SUBMIT, "")
    if not program:
        line = f'ff-vfx fuse --job "{path}"'
        return f"The job is written; run it anywhere with\n\n{line}\n\n({SUBMIT} may name a program that submits it.)"
    try:
        done = subprocess.run(
            [program, path],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=executable.environment(),
            timeout=_SUBMIT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Told(f"{SUBMIT} {program}: {error}") from error
    said = done.stdout.decode("utf-8", "replace").strip()
    if done.returncode != 0:
        raise Told(f"{program} failed with exit code {done.returncode}.\n{said}")
    return said or f"Submitted: {path}"
