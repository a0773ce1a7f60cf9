"""The worker as a process of its own: started, found, killed in the middle of a frame, idle, gone without a trace."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ff_vfx.apps.worker import place, spawn, wire
from ff_vfx.apps.worker.client import Worker, WorkerLost
from ff_vfx.apps.worker.spawn import WorkerNotStarted, clean_environment, start_worker
from tests.apps.worker.asking import Pictures

ROOT = Path(__file__).resolve().parents[3]
COMMAND = (sys.executable, str(Path(__file__).with_name("stub_program.py")))


@pytest.fixture
def program(runtime, monkeypatch, tmp_path):
    """The stub as a program that finds the package; whatever it leaves running is ended."""
    shim = tmp_path / "ff-vfx-worker"
    shim.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {COMMAND[0]} {COMMAND[1]} "$@"\n')
    shim.chmod(0o755)
    monkeypatch.setenv(spawn.COMMAND, str(shim))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    yield shim
    endpoint = place.read_endpoint(place.place_of())
    if endpoint and alive(endpoint.pid):
        os.kill(endpoint.pid, signal.SIGKILL)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def wait_until(true: Callable[[], bool], seconds: float = 20.0) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.05)
    return true()


def left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"secret", "main.lock", "main.log"}


def test_it_starts_on_demand_owes_nothing_to_who_started_it_and_leaves_nothing(program, stub_job, monkeypatch):
    monkeypatch.setenv("LD_LIBRARY_PATH", "/somewhere")
    monkeypatch.setenv("QT_PLUGIN_PATH", "/somewhere")
    worker = Worker(who="host")
    pid = worker.connection().pid
    environment = Path(f"/proc/{pid}/environ").read_text()
    assert (
        "LD_LIBRARY_PATH" not in environment and "QT_PLUGIN" not in environment and "OMP_NUM_THREADS=1" in environment
    )
    assert {os.readlink(f"/proc/{pid}/fd/{n}") for n in (0, 1, 2)} == {os.devnull} and os.getsid(pid) == pid
    assert os.readlink(f"/proc/{pid}/cwd") == "/"
    assert Pictures(worker).ask(worker.open(stub_job), 1002, "result").outcome == wire.RENDERED
    start_worker()
    assert worker.stats()["pid"] == pid
    worker.shut_down()
    worker.close()
    assert wait_until(lambda: not alive(pid))
    assert left(place.runtime_folder()) == set()


def test_killed_in_the_middle_of_a_frame_another_gives_the_same_pixels(program, stub_job, monkeypatch):
    monkeypatch.setenv("STUB_SECONDS", "0.8")
    worker = Worker(who="host")
    node, pictures = worker.open(stub_job), Pictures(worker, 2)
    source = np.random.default_rng(1).random(pictures.arrays[0].shape, np.float32)
    heard: list[int] = []

    def put() -> None:
        heard.append(worker.connection().pid)
        pictures.arrays[0][:] = source

    def ask() -> np.ndarray:
        worker_said = node.frame(1003, [pictures.output("result", 0)], inputs=[pictures.input(1003, 0)], before=put)
        assert worker_said.outcome == wire.RENDERED
        return pictures.arrays[0].copy()

    first = worker.connection().pid
    thread = threading.Timer(0.5, os.kill, (first, signal.SIGKILL))
    thread.start()
    after = ask()
    assert heard[0] == first and heard[-1] != first and len(heard) == 2
    assert np.array_equal(ask(), after) and not np.array_equal(after, source)
    second = worker.connection().pid
    worker.shut_down()
    worker.close()
    assert wait_until(lambda: not alive(second)) and left(place.runtime_folder()) == set()


def test_two_starts_at_once_make_one_worker(program):
    threads = [threading.Thread(target=start_worker) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    worker = Worker(start=None)
    assert place.place_of().log.read_text().count("listens at") == 1
    assert worker.stats()["pid"] == worker.connection().pid
    worker.shut_down(now=True)


def test_a_second_run_of_a_name_is_refused(program):
    start_worker()
    done = subprocess.run([str(program), "run"], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2 and "is running already" in done.stderr


def test_the_commands_say_what_is_there(program):
    def run(*words: str) -> tuple[int, str]:
        done = subprocess.run([str(program), *words], capture_output=True, text=True, check=False, timeout=60)
        return done.returncode, done.stdout + done.stderr

    assert run("status") == (3, "worker 'main': not running\n")
    assert run("stop") == (0, "worker 'main': not running\n")
    assert run("start", "--name", "../x")[0] == 2 and run("strat")[0] == 2
    assert run("start", "--device", "cpu") == (0, "") == run("start")
    code, said = run("status")
    assert code == 0 and "device             cpu" in said
    assert run("stop", "--now") == (0, "worker 'main': ended\n")


def test_it_ends_when_nobody_asks_for_anything(program):
    start_worker(options=["--idle-minutes", "0.02"])
    worker = Worker(start=None)
    pid = worker.connection().pid
    assert wait_until(lambda: not alive(pid), 30.0)
    with pytest.raises(WorkerLost):
        worker.ping()
    assert left(place.runtime_folder()) == set()


def test_a_stale_socket_and_endpoint_are_replaced(program):
    start_worker()
    where = place.place_of()
    endpoint = place.read_endpoint(where)
    assert endpoint is not None
    os.kill(endpoint.pid, signal.SIGKILL)
    assert wait_until(lambda: not alive(endpoint.pid)) and where.socket.exists() and where.endpoint.exists()
    with pytest.raises(WorkerLost):
        Worker(start=None)
    worker = Worker()
    assert worker.connection().pid != endpoint.pid
    worker.shut_down(now=True)


def test_tcp_and_named_memory_do_the_same(program, stub_job):
    start_worker(options=["--tcp"])
    worker = Worker(start=None)
    assert place.place_of().endpoint.read_text().startswith("tcp ") and not worker.connection().passes
    pictures = Pictures(worker)
    assert pictures.ask(worker.open(stub_job), 1002, "result").outcome == wire.RENDERED and pictures.arrays[0].any()
    assert list(place.place_of().blocks.iterdir()) == []
    worker.shut_down(now=True)


def test_descriptors_and_mappings_do_not_grow_with_clients(program, stub_job):
    def used(pid: int) -> tuple[int, int]:
        maps = Path(f"/proc/{pid}/maps").read_text().count("memfd:ff-vfx")
        return len(os.listdir(f"/proc/{pid}/fd")), maps

    start_worker()
    keeper = Worker(start=None)
    pid = keeper.connection().pid
    Pictures(keeper).ask(keeper.open(stub_job), 1002, "result")
    keeper_used = used(pid)
    for _ in range(10):
        worker = Worker(start=None)
        pictures, node = Pictures(worker), worker.open(stub_job)
        pictures.ask(node, 1002, "result", "source")
        worker.close() if _ % 2 else worker.disconnect()
    keeper.ping()
    # Fewer may be: the audit log was open while its line was written.
    assert wait_until(lambda: all(now <= then for now, then in zip(used(pid), keeper_used)), 5.0), (
        used(pid),
        keeper_used,
    )
    keeper.shut_down(now=True)


def test_a_program_that_is_not_there_is_said(runtime, monkeypatch):
    monkeypatch.setenv(spawn.COMMAND, "/nowhere/ff-vfx-worker")
    with pytest.raises(WorkerNotStarted, match="nowhere"):
        Worker()
    monkeypatch.delenv(spawn.COMMAND)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(WorkerNotStarted, match="install ff-vfx"):
        Worker()


def test_the_environment_is_cleaned_of_what_loads_libraries():
    dirty = {
        "LD_PRELOAD": "x",
        "DYLD_LIBRARY_PATH": "x",
        "PYTHONHOME": "x",
        "QT_X": "x",
        "OCIO_Y": "x",
        "OCIO": "c",
        "A": "b",
    }
    assert clean_environment(dirty) == {"OCIO": "c", "A": "b"}


def test_what_hosts_import_is_standard_library_alone_and_python_3_9():
    import ast

    folder = ROOT / "ff_vfx" / "apps" / "worker"
    heavy = "{'numpy', 'torch', 'pydantic', 'typer'}"
    code = f"import sys; import ff_vfx.apps.worker.client; assert not {heavy} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    for name in ("__init__", "wire", "place", "blocks", "spawn", "connection", "client"):
        tree = ast.parse((folder / f"{name}.py").read_text(), feature_version=(3, 9))
        roots = {
            (alias.name if isinstance(node, ast.Import) else node.module or "").split(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for alias in node.names
        }
        assert roots <= set(sys.stdlib_module_names) | {"ff_vfx"}, name
