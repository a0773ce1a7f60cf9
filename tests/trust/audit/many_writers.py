"""Eight writers of one log who are killed at random: a program of its own, so that it forks from a small process.

Read by test_processes. Prints JSON: how often it killed, and the acts whose writers heard that they were written.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from pathlib import Path
from unittest.mock import patch

from ff_vfx.trust.audit import Deed, Rotation, append
from ff_vfx.trust.audit.lock import FILE
from ff_vfx.trust.signing import Signer, user_signer


def write(folder: Path, heard: Path, wanted: int, signer: Signer) -> None:
    """Write until `wanted` entries are known to be written; each is noted in `heard` once `append` is back."""
    done = len(heard.read_text().splitlines()) if heard.exists() else 0
    with open(heard, "ab", buffering=0) as file:
        while done < wanted:
            act = f"{heard.name}-{done}"
            # Lines of many lengths, so that they lie across pages.
            append(folder, Deed("render", act, inputs={"plate": "x" * (done * 37 % 900)}), signer, Rotation(1 << 20))
            file.write(f"{act}\n".encode())
            done += 1


def run(folder: Path, notes: Path, writers: int, wanted: int, kills_a_second: float) -> dict[str, object]:
    """See the module."""
    signer, chance, killed = user_signer(), random.Random(6), 0
    notes.mkdir()
    alive: dict[int, int] = {}

    def start(number: int) -> None:
        pid = os.fork()
        if not pid:
            code = 1
            try:
                write(folder, notes / f"w{number}", wanted, signer)
                code = 0
            finally:
                os._exit(code)
        alive[pid] = number

    for number in range(writers):
        start(number)
    due = time.monotonic()
    while alive:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid:
            number = alive.pop(pid)
            if os.WIFSIGNALED(status):
                killed += 1
                start(number)
            elif os.WEXITSTATUS(status):
                raise SystemExit(f"writer {number} failed")
        elif time.monotonic() > due:
            os.kill(chance.choice(list(alive)), signal.SIGKILL)
            due = time.monotonic() + chance.expovariate(kills_a_second)
        else:
            time.sleep(0.002)
    heard = [act for number in range(writers) for act in (notes / f"w{number}").read_text().splitlines()]
    return {"killed": killed, "heard": heard}


def begin_with_lock_files(folder: Path) -> None:
    """A log as one is begun on a network disk."""
    with patch("ff_vfx.trust.audit.append.way_for", lambda folder: FILE):
        append(folder, Deed("begin", "first"), user_signer())


if __name__ == "__main__":
    where, notes, *numbers = sys.argv[1:]
    if numbers[3:] == ["file"]:
        begin_with_lock_files(Path(where))
    print(json.dumps(run(Path(where), Path(notes), int(numbers[0]), int(numbers[1]), float(numbers[2]))))
