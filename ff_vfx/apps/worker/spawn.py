"""Starting a worker that owes nothing to who started it. Read by client and the commands; Python 3.9.

A host's libraries, descriptors and Python must not reach it: hosts preload their own CUDA, torch and Qt.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence

from ff_vfx.apps.worker.place import WINDOWS

_STARTS = ("LD_", "DYLD_", "PYTHON", "QT_", "OCIO_")  # OCIO alone, the config, is kept
COMMAND = "FF_VFX_WORKER_COMMAND"
_START_SECONDS = 60.0


class WorkerNotStarted(OSError):
    """No worker could be started; the message says why."""


def clean_environment(given: Mapping[str, str]) -> dict[str, str]:
    """The environment without what makes a program load somebody else's libraries."""
    return {name: value for name, value in given.items() if not name.upper().startswith(_STARTS)}


def start_command() -> list[str]:
    """The program that starts workers: the one the environment names, or the one that was installed.

    Raises:
        WorkerNotStarted: there is none.
    """
    found = os.environ.get(COMMAND) or shutil.which("ff-vfx-worker")
    if not found:
        raise WorkerNotStarted(f"no ff-vfx-worker on the PATH; install ff-vfx, or name the program in {COMMAND}")
    return [found]


def start_worker(name: str = "main", options: Sequence[str] = (), command: Sequence[str] = ()) -> None:
    """Run `start` and wait until a worker of that name answers; at once when one is there.

    Args:
        options: as of `ff-vfx worker start`. command: the program, with its first arguments; empty: `start_command`.

    Raises:
        WorkerNotStarted: with what it said.
    """
    words = [*(command or start_command()), "start", "--name", name, *options]
    try:
        done = subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=clean_environment(os.environ),
            timeout=_START_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise WorkerNotStarted(f"{' '.join(words)}: {error}") from error
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip()[-2000:]
        raise WorkerNotStarted(f"{' '.join(words)}: exit code {done.returncode}: {said}")


def leave_running(words: Sequence[str], extra: Mapping[str, str]) -> int:
    """Start a program that outlives this one, without terminal, descriptors or folder of ours; gives its process id.

    extra: environment on top of the cleaned one.
    """
    environment = {**clean_environment(os.environ), **extra}
    nowhere = subprocess.DEVNULL
    if WINDOWS:
        flags = 0x00000008 | 0x00000200  # DETACHED_PROCESS, CREATE_NEW_PROCESS_GROUP
        child = subprocess.Popen(
            words, stdin=nowhere, stdout=nowhere, stderr=nowhere, env=environment, creationflags=flags
        )
    else:
        child = subprocess.Popen(
            words,
            stdin=nowhere,
            stdout=nowhere,
            stderr=nowhere,
            env=environment,
            cwd="/",
            close_fds=True,
            start_new_session=True,
        )
    child.returncode = 0  # Nobody waits for it: it is to live on when we are gone.
    return child.pid
