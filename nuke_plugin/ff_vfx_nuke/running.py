"""Runs `ff-vfx` as a process, with Nuke's progress window and its Cancel. Read by tracking, baking, exporting.

The program ends cleanly when it is told to terminate: frames in work are finished, nothing half-written is left.
"""

from __future__ import annotations

import collections
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import nuke

from . import executable
from .told import Cancelled, Told

_POLL_SECONDS = 0.1
_PATIENCE_SECONDS = 30.0  # after which a program that was told to end is ended
_KEPT_LINES = 30
_PLAIN = {"prepare": "preparing", "track": "tracking", "frame": "frames", "render": "rendering"}


class Ended(NamedTuple):
    """How it ended. said: what it wrote last, for the artist. Codes: docs/reports.md."""

    code: int
    said: str


class Running:
    """One run of the program; its output is read as it comes, so that no pipe fills up."""

    def __init__(self, arguments: list[str]) -> None:
        """arguments: as on the command line, without the program.

        Raises:
            Told: there is no program, or it cannot be run.
        """
        words = [executable.find(), "--progress-lines", *arguments]
        try:
            self._process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=executable.environment(),
                cwd=tempfile.gettempdir(),
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise Told(f"{words[0]}: cannot be run ({error.strerror or error})") from error
        self.stage, self.done, self.total = "starting", 0, 0
        self._said: collections.deque[str] = collections.deque(maxlen=_KEPT_LINES)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for raw in self._process.stdout:
            line = raw.decode("utf-8", "replace").rstrip()
            words = line.split(" ")
            if len(words) == 4 and words[0] == "progress" and words[2].isdigit() and words[3].isdigit():
                self.stage, self.done, self.total = words[1], int(words[2]), int(words[3])
            elif line:
                self._said.append(line)

    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def end(self) -> None:
        """Tell it to end, and see that it does."""
        self._process.terminate()
        try:
            self._process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def ended(self) -> Ended:
        """Wait for its end."""
        code = self._process.wait()
        self._reader.join(_PATIENCE_SECONDS)
        if self._process.stdout is not None:
            self._process.stdout.close()
        return Ended(code, "\n".join(self._said))


def run(arguments: list[str], title: str, good: list[int] | None = None) -> Ended:
    """Run it to its end, shown in a progress window. good: exit codes that are no error; 0 alone if none are given.

    Raises:
        Cancelled: the artist did. Told: it failed; with what it said.
    """
    running = Running(arguments)
    task = nuke.ProgressTask(title)
    try:
        while running.alive():
            if task.isCancelled():
                running.end()
                running.ended()
                raise Cancelled(f"{title}: cancelled")
            task.setMessage(_message(running))
            task.setProgress(100 * running.done // running.total if running.total else 0)
            time.sleep(_POLL_SECONDS)
    finally:
        del task  # Nuke closes the window when the task is gone
    ended = running.ended()
    if ended.code not in (good or [0]):
        raise Told("{} failed.\n{}".format(title, ended.said or f"It said nothing; exit code {ended.code}"))
    return ended


def _message(running: Running) -> str:
    stage = _PLAIN.get(running.stage, running.stage)
    return f"{stage} {running.done} of {running.total}" if running.total else stage


def in_background(work: Callable[[], Any], then: Callable[[Any], None], show: Callable[[Told], None]) -> None:
    """Do work without holding Nuke up; `then` and `show` run in the main thread. In a terminal all of it at once.

    Args:
        work: must not touch nodes. then: takes what it gave. show: what became wrong in either.
    """

    def finish(given: Any, wrong: Told | None) -> None:
        try:
            if wrong:
                raise wrong
            then(given)
        except Told as error:
            show(error)

    def whole() -> None:
        given, wrong = None, None
        try:
            given = work()
        except Told as error:
            wrong = error
        if nuke.GUI:
            nuke.executeInMainThread(finish, args=(given, wrong))
        else:
            finish(given, wrong)

    if nuke.GUI:
        threading.Thread(target=whole, name="ff-vfx", daemon=True).start()
    else:
        whole()
