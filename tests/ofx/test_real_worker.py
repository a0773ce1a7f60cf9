"""The whole way: our small host, the plugin, the real worker, the example shot; pictures are `ff-vfx fuse`'s."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import OpenEXR
import pytest

from ff_vfx import door
from ff_vfx.apps.worker import place
from ff_vfx.composite.mark import MARKED
from tests.conftest import ROOT, example_job
from tests.consented import unknown_stills
from tests.ofx.conftest import Built, alive, wait_until

NUMBERS = (1004,)


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, models_in_use: str):
    folder = Path(tempfile.mkdtemp(prefix="ffr"))
    program = tmp_path / "worker"
    program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m ff_vfx.apps.worker "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("FF_VFX_RUNTIME", str(folder))
    monkeypatch.setenv("FF_VFX_WORKER_COMMAND", str(program))
    yield folder
    endpoint = place.read_endpoint(place.place_of())
    if endpoint and alive(endpoint.pid):
        os.kill(endpoint.pid, signal.SIGTERM)
        assert wait_until(lambda: not alive(endpoint.pid), 20.0)
    left = {path.name for path in folder.iterdir()}
    assert left <= {"secret", "main.lock", "main.log", "blocks"}, left
    shutil.rmtree(folder)


def rgba(path: Path) -> np.ndarray:
    """Bottom row first, as a host has it."""
    with OpenEXR.File(str(path), separate_channels=True) as file:
        channels = file.channels()
        planes = [channels[name].pixels for name in "RGB"]
        planes.append(channels["A"].pixels if "A" in channels else np.ones_like(planes[0]))
    return np.stack(planes, -1)[::-1]


@pytest.mark.slow
@pytest.mark.parametrize("cleared", [True, False], ids=["cleared", "nobody's"])
def test_the_hosts_pictures_are_those_of_fuse_and_so_is_the_mark(
    built_fast: Built,
    worker: Path,
    models_dir: str,
    example_shot: Path,
    example_solve: Path,
    tmp_path: Path,
    cleared: bool,
):
    job = example_job(models_dir, example_shot, example_solve, tmp_path / "fused")
    if not cleared:
        job["performer"] = str(unknown_stills(example_shot, tmp_path))
    made = door.make_job({**job, "frames": ",".join(map(str, NUMBERS))})
    report = door.render(made)
    assert report.exit_code == 0, report.faults
    for number in NUMBERS:
        rgba(example_shot / f"plate.{number}.exr").astype(np.float32).tofile(tmp_path / f"{number}.raw")
    height, width = rgba(example_shot / f"plate.{NUMBERS[0]}.exr").shape[:2]
    lines = [
        f"size {width} {height}", f"source {tmp_path}/%d.raw", "create",
        *(f"set job_{name} {value}" for name, value in job.items() if name != "output"),
        *(f"render {number} {tmp_path}/out.{number}" for number in NUMBERS),
        "set host_pixels 2", f"render {NUMBERS[0]} {tmp_path}/files",
        "set host_output 2", f"render {NUMBERS[0]} {tmp_path}/matte",
    ]  # fmt: skip
    done = subprocess.run(
        [built_fast.host, built_fast.plugin, "nuke"],
        input="\n".join(lines) + "\n", capture_output=True, text=True, check=False, timeout=300.0,
    )  # fmt: skip
    said = done.stdout.splitlines()
    told = [line for line in said if line.startswith(("message", "violation"))]
    assert done.returncode == 0 and not told, (told, done.stderr)
    for number in NUMBERS:
        fused = rgba(tmp_path / "fused" / f"comp.{number}.exr")
        assert (MARKED in OpenEXR.File(str(tmp_path / "fused" / f"comp.{number}.exr")).header()) != cleared
        got = np.fromfile(tmp_path / f"out.{number}", np.float32).reshape(height, width, 4)
        source = np.fromfile(tmp_path / f"{number}.raw", np.float32).reshape(height, width, 4)
        assert np.array_equal(got[..., :3].astype(fused.dtype), fused[..., :3]), number
        assert not np.array_equal(got, source)
    first = (tmp_path / f"out.{NUMBERS[0]}").read_bytes()
    assert (tmp_path / "files").read_bytes() == first
    matte = np.fromfile(tmp_path / "matte", np.float32).reshape(height, width, 4)[..., 0]
    assert matte.max() == 1.0 and matte.min() == 0.0
