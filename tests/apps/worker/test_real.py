"""The whole way, nothing stood in for: a worker started as hosts start it tracks, is cancelled, killed, and renders."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

import numpy as np
import OpenEXR
import pytest

from ff_vfx import door
from ff_vfx.apps.worker import place, spawn, wire
from ff_vfx.apps.worker.client import Worker, WorkerSaid
from ff_vfx.composite.mark import MARKED
from tests.apps.worker.asking import Pictures
from tests.consented import unknown_stills

ROOT = Path(__file__).resolve().parents[3]
SMALL = {"fuse": {"crop_px": 128}, "steady": {"window": 1}, "track": {"crop_variants": 1}}


@pytest.fixture
def worker(runtime, monkeypatch, tmp_path):
    shim = tmp_path / "ff-vfx-worker"
    shim.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m ff_vfx.apps.worker "$@"\n')
    shim.chmod(0o755)
    monkeypatch.setenv(spawn.COMMAND, str(shim))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    made = Worker(who="host")
    yield made
    made.shut_down(now=True)
    made.close()


@pytest.mark.slow
@pytest.mark.models
def test_track_cancel_kill_and_render_give_what_fuse_gives(worker, models_dir, example_shot, tmp_path):
    job = {
        "plate": str(example_shot / "plate.####.exr"),
        "performer": str(example_shot / "performer" / "still_0.exr"),
        "models": models_dir,
        "settings": SMALL,
    }
    node = worker.open(job)
    size = node.opened.width, node.opened.height
    pictures = Pictures(worker, 1, size)
    with pytest.raises(WorkerSaid) as caught:
        pictures.ask(node, 1005, "result")
    assert not node.opened.tracked and caught.value.status == wire.NOT_TRACKED
    seen: list[str] = []
    with pytest.raises(WorkerSaid) as caught:
        node.track(progress=lambda *told: seen.append(told[0]), abort=lambda: "track" in seen)
    assert caught.value.status == wire.CANCELLED
    assert list((tmp_path / "cache").rglob("*.json")) == []
    tracked = node.track()
    assert (tracked.people, tracked.found, tracked.lost, tracked.failed) == (1, 16, 0, 0)
    assert worker.open(job).opened.tracked

    pid = worker.connection().pid
    threading.Timer(1.0, os.kill, (pid, signal.SIGKILL)).start()
    frames = {}
    for number in (1005, 1006):
        assert pictures.ask(node, number, "result").outcome == wire.RENDERED
        frames[number] = pictures.arrays[0].copy()
        time.sleep(0.5)
    assert worker.connection().pid != pid

    solve = next((tmp_path / "cache").rglob("*.json"))
    output = {"output": str(tmp_path / "comp.####.exr"), "solve": str(solve), "frames": "1005-1006"}
    report = door.render(door.make_job({**job, **output}))
    assert report.exit_code == 0, report.faults
    for number, got in frames.items():
        channels = OpenEXR.File(str(tmp_path / f"comp.{number}.exr"), separate_channels=True).channels()
        written = np.dstack([channels[c].pixels for c in "RGB"])[::-1]
        assert np.array_equal(got[..., :3].astype(np.float16), written.astype(np.float16)), number
    assert place.read_endpoint(place.place_of()) is not None


@pytest.mark.slow
@pytest.mark.models
def test_a_face_that_nobody_cleared_is_marked_as_on_disk(worker, models_dir, example_shot, example_solve, tmp_path):
    job = {
        "plate": str(example_shot / "plate.####.exr"),
        "performer": str(unknown_stills(example_shot, tmp_path)),
        "solve": str(example_solve),
        "models": models_dir,
        "settings": SMALL,
    }
    output = {"output": str(tmp_path / "comp.####.exr"), "frames": "1005"}
    report = door.render(door.make_job({**job, **output}))
    assert report.exit_code == 0 and "no consent on file for nobody" in str(report.decisions["warnings"])
    node = worker.open(job)
    assert "NO CONSENT" in node.opened.text
    pictures = Pictures(worker, 3, (node.opened.width, node.opened.height))
    assert pictures.ask(node, 1005, "result", "face", "raw").outcome == wire.RENDERED
    parts = OpenEXR.File(str(tmp_path / "comp.1005.exr"), separate_channels=True).parts
    channels = parts[0].channels
    assert parts[0].header[MARKED] == "no consent"
    for index, names in enumerate(("RGB", ("ffFace.R", "ffFace.G", "ffFace.B"), ("ffRaw.R", "ffRaw.G", "ffRaw.B"))):
        written = np.dstack([channels[name].pixels for name in names])[::-1].astype(np.float16)
        assert np.array_equal(pictures.arrays[index][..., :3].astype(np.float16), written), names
