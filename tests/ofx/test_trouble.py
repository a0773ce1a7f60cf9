"""What may happen to a render: workers killed in the middle of frames, hostile answers; nothing is left behind."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from pathlib import Path

import numpy as np

from tests.ofx.conftest import PLATE, Built, Play, Runtime, alive, picture, source, wait_until

KILLS = 50


def test_killed_fifty_times_in_the_middle_of_a_frame_every_frame_arrives_and_is_right(
    play: Play, runtime: Runtime, tmp_path: Path
):
    """A frame is under way for 60 ms; each worker is killed in its second frame, which the next one makes anew."""
    runtime.control(do="invert", seconds=0.06)
    killed, ended, frames = set[int](), threading.Event(), runtime.folder / "asked.jsonl"

    def asked(count: int) -> bool:
        lines = frames.read_text().count('["frame"') if frames.exists() else 0
        return ended.is_set() or lines >= count

    def kill() -> None:
        for i in range(KILLS):
            # Every second asking is of a frame that was killed before, and is let be.
            wait_until(lambda count=2 * i + 1: asked(count), 10.0)
            time.sleep(0.01 + 0.02 * (i % 2))
            killed.add(runtime.kill())
        killed.discard(0)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        names = [f"render {1001 + i % 40} {tmp_path}/{i}" for i in range(KILLS + 30)]
        said = play("nuke", "create", *names, timeout=120.0)
    finally:
        ended.set()
        thread.join()
    assert len(killed) == KILLS, len(killed)
    assert said.statuses == [0] * len(names) and said.all("message") == [], said.all("message")[:3]
    for i in range(len(names)):
        assert np.array_equal(picture(tmp_path / str(i)), 1 - source(1001 + i % 40) + 1001 + i % 40), i


def test_killed_under_eight_threads_every_frame_arrives(play: Play, runtime: Runtime):
    runtime.control(do="invert", seconds=0.02)
    killed: list[int] = []

    def kill() -> None:
        for count in (70, 140):
            wait_until(lambda count=count: len(runtime.asked("frame")) >= count, 20.0)
            killed.append(runtime.kill())

    thread = threading.Thread(target=kill)
    thread.start()
    said = play("natron", "create", "threads 8 24", timeout=120.0)
    thread.join()
    assert len(set(killed) - {0}) == 2
    assert said.all("threads") == ["8 bad 0"]


def test_when_the_host_quits_nothing_of_it_is_left(play: Play, runtime: Runtime):
    play("nuke", "create", "threads 4 4")
    pid = runtime.workers()[0]

    def held() -> set[str]:
        ends = set()
        for name in os.listdir(f"/proc/{pid}/fd"):
            try:
                ends.add(os.readlink(f"/proc/{pid}/fd/{name}").split(":")[0])
            except OSError:
                pass
        maps = Path(f"/proc/{pid}/maps").read_text()
        return {end for end in ends if "memfd" in end} | ({"map"} if "memfd:ff-vfx" in maps else set())

    assert alive(pid)
    # The small worker keeps a mapping until its thread is gone; the real one is held to this in its own tests.
    assert wait_until(lambda: not held(), 5.0), held()
    left = {path.name for path in runtime.folder.iterdir()}
    assert left <= {"control.json", "asked.jsonl", "starts", "secret", "main.endpoint", "main.sock", "main.lock"}


def test_a_host_that_is_killed_leaves_neither_process_nor_memory(built: Built, runtime: Runtime):
    runtime.control(do="invert", seconds=5.0)
    host = subprocess.Popen(
        [built.host, built.plugin, "nuke"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    assert host.stdin
    host.stdin.write(f"{PLATE}\ncreate\nrender 1001\n")
    host.stdin.flush()
    assert wait_until(lambda: runtime.asked("frame"))
    host.kill()
    host.wait()
    host.stdin.close()
    assert [path.name for path in Path("/dev/shm").glob("*ffvfx*")] == []


def test_purging_caches_and_many_instances_leak_nothing(play: Play, runtime: Runtime):
    """Address sanitizer looks for leaks as the host ends."""
    lines = [line for i in range(12) for line in ("create", f"render {1001 + i}", "purge", "destroy")]
    assert play("resolve", *lines).statuses == [0] * 12 and len(runtime.workers()) == 1


def test_an_artist_who_changes_a_slider_for_long_keeps_few_sessions(play: Play, runtime: Runtime):
    lines = [line for i in range(40) for line in (f"set composite_skin_tone {i / 100}", "render 1001")]
    assert play("nuke", "create", *lines).statuses == [0] * 40 and len(runtime.asked("open")) == 40


def test_a_runtime_folder_that_others_may_enter_is_refused(play: Play, runtime: Runtime):
    runtime.folder.chmod(0o755)
    said = play("nuke", "create", "render 1001")
    assert said.statuses == [1] and "others may enter it" in said.all("message")[0]


def test_a_stranger_who_does_not_know_the_secret_is_no_worker(play: Play, runtime: Runtime):
    play("nuke", "create", "render 1001")
    (runtime.folder / "secret").write_text("0" * 64 + "\n")
    said = play("nuke", "create", "render 1001")
    assert said.statuses == [1] and "does not know the secret" in said.all("message")[0]


def test_answers_whose_bytes_are_anything_are_errors_and_no_more(play: Play, runtime: Runtime):
    """Under address sanitizer: every kind of answer, cut and spoilt; the conversation's first messages as well."""
    runtime.control(do="invert", fuzz=7)
    lines = [line for i in range(30) for line in ("purge", f"set composite_skin_tone {i / 100}", "render 1001")]
    said = play("nuke", "create", *lines, "press track", "press export", timeout=120.0)
    assert len(said.statuses) == 30 and set(said.statuses) == {0, 1}
    assert len(said.all("message")) >= 5 and all(len(text) < 1200 for text in said.all("message"))


def test_a_frame_that_ends_its_worker_twice_is_given_up_and_one_that_only_waited_is_not(play: Play, runtime: Runtime):
    runtime.control(do="die always", progress="frame")
    assert play("nuke", "create", "render 1001").statuses == [1] and len(runtime.workers()) == 2
    runtime.control(do="die thrice", progress="wait")
    for path in runtime.folder.glob("died*"):
        path.unlink()
    assert play("nuke", "create", "render 1001").statuses == [0] and len(runtime.workers()) == 6
