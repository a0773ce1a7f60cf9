"""`ff-vfx worker start | status | stop | run`, and the program `ff-vfx-worker`. Light: only `run` loads torch."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import typer

from ff_vfx.apps.worker.client import Worker, WorkerLost, WorkerSaid
from ff_vfx.apps.worker.place import Place, PlaceRefused, make_private, place_of
from ff_vfx.apps.worker.running import AlreadyRunning, Options, run_worker
from ff_vfx.apps.worker.spawn import WorkerNotStarted, leave_running
from ff_vfx.errors import FfVfxError

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The process that makes frames for hosts.")
_NAME = typer.Option("main", help="Which worker; one a GPU has a name of its own.")
_IDLE = typer.Option(30.0, min=0.0, help="Minutes without a request until it ends; 0: never.")
_MEMORY = typer.Option(4.0, min=0.0, help="GiB to remember pictures in.")
_DEVICE = typer.Option("", help="For jobs that name none: cpu, cuda, cuda:1, cuda/tensorrt/fp16; empty: the CPU.")
_TCP = typer.Option(os.name == "nt", "--tcp", help="Loopback TCP and named memory, as on Windows.")
_START_SECONDS, _STOP_SECONDS = 55.0, 30.0
_ROOT = Path(__file__).resolve().parents[3]


@app.command()
def run(
    name: str = _NAME, idle_minutes: float = _IDLE, memory_gib: float = _MEMORY, device: str = _DEVICE, tcp: bool = _TCP
) -> int:
    """Be the worker, in this terminal, until Ctrl-C or `ff-vfx worker stop`."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # docs/decisions/0012-threads-that-wait-sleep.md
    options = Options(idle_minutes * 60.0, int(memory_gib * 2**30), device, tcp)
    why = run_worker(place_of(name), options)
    print(f"ended: {why}")
    sys.stdout.flush()
    # A frame may still be under way in its thread; nothing of it is to be waited for, or torn down beneath it.
    os._exit(0)


@app.command()
def start(
    name: str = _NAME, idle_minutes: float = _IDLE, memory_gib: float = _MEMORY, device: str = _DEVICE, tcp: bool = _TCP
) -> int:
    """Start a worker in the background, and wait until it answers; one that runs already is enough."""
    place = place_of(name)
    make_private(place.folder)
    if _answers(place):
        return 0
    options = ["--name", name, "--idle-minutes", str(idle_minutes), "--memory-gib", str(memory_gib)]
    options += [*(["--device", device] if device else []), *(["--tcp"] if tcp else [])]
    # The same code as ours, wherever it was found; nothing else of our environment.
    words = [sys.executable, "-m", "ff_vfx.apps.worker", "run", *options]
    leave_running(words, {"PYTHONPATH": str(_ROOT), "PYTHONSAFEPATH": "1"})
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        if _answers(place):
            return 0
        time.sleep(0.1)
    print(f"ff-vfx: worker '{name}' does not answer after {_START_SECONDS:.0f} s; see {place.log}", file=sys.stderr)
    return 2


@app.command()
def status(name: str = _NAME) -> int:
    """What the worker does and did. Exit code 3: there is none."""
    try:
        worker = _worker(name, "status")
        told = worker.stats()
        worker.close()
    except WorkerLost:
        print(f"worker '{name}': not running")
        return 3
    for key, value in told.items():
        print(f"{key:18} {value}")
    return 0


@app.command()
def stop(name: str = _NAME, now: bool = typer.Option(False, "--now", help="Do not finish what waits.")) -> int:
    """End the worker, once it has done what waits."""
    try:
        worker = _worker(name, "stop")
        worker.shut_down(now=now)
    except WorkerLost:
        print(f"worker '{name}': not running")
        return 0
    place, end = place_of(name), time.monotonic() + _STOP_SECONDS
    while place.endpoint.exists() and time.monotonic() < end:
        time.sleep(0.05)
    print(f"worker '{name}': {'still finishing' if place.endpoint.exists() else 'ended'}")
    return 0


def main() -> None:
    """The program `ff-vfx-worker`, and `python -m ff_vfx.apps.worker`."""
    try:
        sys.exit(int(app(standalone_mode=False, prog_name="ff-vfx-worker") or 0))
    except (AlreadyRunning, PlaceRefused, WorkerNotStarted, FfVfxError) as error:
        print(f"ff-vfx: {error}", file=sys.stderr)
        sys.exit(2)
    except Exception as error:
        if not (hasattr(error, "format_message") and hasattr(error, "show")):
            raise
        error.show()  # a usage error of typer's own
        sys.exit(2)


def _worker(name: str, who: str) -> Worker:
    """The worker that runs.

    Raises:
        WorkerLost: there is none. FfVfxError: it speaks another version, or is not ours.
    """
    try:
        return Worker(name, who=f"ff-vfx worker {who}", start=None)
    except WorkerSaid as error:
        raise FfVfxError(f"worker '{name}': {error}") from error


def _answers(place: Place) -> bool:
    try:
        _worker(place.name, "start").close()
    except WorkerLost:
        return False
    return True
