"""A client in C that knows docs/worker.md alone gets the same pixels as ours."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from ff_vfx.apps.worker import place
from tests.apps.worker import stub
from tests.apps.worker.asking import Pictures

SOURCE = Path(__file__).with_name("minimal.c")


@pytest.fixture(scope="module")
def program(tmp_path_factory) -> Path:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler here")
    path = tmp_path_factory.mktemp("c") / "minimal"
    flags = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O1", "-fsanitize=address,undefined"]
    done = subprocess.run([compiler, *flags, "-o", path, SOURCE], capture_output=True, text=True, check=False)
    if "cannot find" in done.stderr and "asan" in done.stderr:
        done = subprocess.run([compiler, *flags[:-1], "-o", path, SOURCE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return path


def run(program: Path, folder: Path, job: dict[str, object], number: int, layer: int):
    where = place.place_of()
    (folder / "job.json").write_text(json.dumps({"job": job}))
    words = [where.socket, where.secret, folder / "job.json", number, layer, stub.WIDTH, stub.HEIGHT, folder / "out"]
    return subprocess.run([str(program), *map(str, words)], capture_output=True, text=True, check=False, timeout=60)


def test_a_client_in_c_gets_the_same_pixels(server, client, program, stub_job, tmp_path):
    done = run(program, tmp_path, stub_job, 1003, 1)
    assert (done.returncode, done.stdout) == (0, "outcome 1\n"), done.stderr
    got = np.fromfile(tmp_path / "out", np.float32).reshape(stub.HEIGHT, stub.WIDTH, 4)
    worker = client()
    pictures = Pictures(worker)
    assert pictures.ask(worker.open(stub_job), 1003, "result").remembered == 1
    assert np.array_equal(got, pictures.arrays[0])


def test_a_client_in_c_hears_what_is_wrong(server, program, stub_job, tmp_path):
    done = run(program, tmp_path, stub_job, stub.BROKEN, 1)
    assert done.returncode == 24 and "status 24: frame 1009: no face here; add a keyframe" in done.stderr
    done = run(program, tmp_path, {"plate": "/nowhere.exr"}, 1003, 1)
    assert done.returncode == 20 and "no such file" in done.stderr
