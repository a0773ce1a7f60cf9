"""Chunks of one sequence from several processes at once, some of them killed: nothing is lost, nothing accused."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from ff_vfx.door.manifests import read_manifest_of
from ff_vfx.door.provenance import recorded
from ff_vfx.door.verified.verifying import verify_path
from ff_vfx.door.work import made_already
from tests.conftest import ROOT
from tests.door.made_sequence import STAMP, job_of, render

CHUNK = """
import sys
from pathlib import Path
from ff_vfx.door import provenance
from ff_vfx.types.job import Job
from tests.door.made_sequence import render
provenance._EVERY_S = provenance._PART = 0.0  # after each frame: the most that processes can be in each other's way
first, last = map(int, sys.argv[2:])
render(Job.model_validate_json(Path(sys.argv[1]).read_text()), range(first, last + 1))
"""


def chunk(job_file: Path, first: int, last: int) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", CHUNK, str(job_file), str(first), str(last)]
    return subprocess.Popen(command, cwd=ROOT, env=environment)


def test_chunks_in_several_processes_some_killed_make_one_manifest(tmp_path):
    numbers = range(1, 91)
    job = job_of(tmp_path, numbers)
    job_file = tmp_path / "job.json"
    job_file.write_text(job.model_dump_json())
    running = [chunk(job_file, first, first + 29) for first in (1, 31, 61)]
    out, seeded = Path(job.output).parent, random.Random(11)
    until = time.monotonic() + 120
    while len(list(out.glob("comp.*.exr"))) < 10 and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(seeded.uniform(0.0, 0.2))
    running[1].send_signal(signal.SIGKILL)
    codes = [process.wait(120) for process in running]
    assert codes == [0, -signal.SIGKILL, 0]

    known = recorded(job.output)
    assert set(known) >= {*range(1, 31), *range(61, 91)}, "whoever ended well has all its frames in it"
    found = verify_path(job.output)
    accused = {finding.check for finding in found.findings if finding.outcome == "failed"}
    assert accused <= {"unknown"}, "a frame that had no time to be taken down is unknown, never altered"

    todo = [number for number in numbers if not made_already(job.output, known.get(number), STAMP)]
    assert todo and set(todo) <= set(range(31, 61)), "the second run makes those alone"
    render(job, todo)
    assert verify_path(job.output).intact
    assert len({record.run for record in read_manifest_of(job.output).frames.values()}) >= 3
    left = [path.name for path in out.iterdir() if path.name.startswith(".") and not path.name.startswith(".comp.")]
    assert left == []
