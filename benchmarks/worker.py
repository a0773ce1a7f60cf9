"""What the worker costs a host beside the work: packing, asking and unpacking a frame, against one plain copy of it.

The host's half is this process, the worker another; float RGBA; medians. `copies` is the whole over the plain copy: at
most 2.5 for a worker that does nothing is what a host may expect. Frames are made by arithmetic: a face in the middle.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # run as a file by `ff-vfx bench`

from ff_vfx.apps.worker import wire  # noqa: E402
from ff_vfx.apps.worker.client import Node, Worker  # noqa: E402
from tests.apps.worker import stub  # noqa: E402
from tests.apps.worker.asking import Pictures  # noqa: E402

Row = dict[str, object]
_SIZES = {"1920x1080": (1920, 1080), "3840x2160": (3840, 2160)}
_KEY = b"a key of the host"[:16]


def rows(quick: bool) -> list[Row]:
    """A row for each size and each thing a host does."""
    found: list[Row] = []
    before = os.environ.get("FF_VFX_RUNTIME")
    with tempfile.TemporaryDirectory(prefix="ffw") as folder:
        os.environ["FF_VFX_RUNTIME"] = f"{folder}/run"
        shim = Path(folder) / "worker"
        shim.write_text(
            f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} {ROOT / "tests/apps/worker/stub_program.py"} "$@"\n'
        )
        shim.chmod(0o755)
        worker = Worker(who="bench", start=[str(shim)])
        try:
            for name, size in _SIZES.items():
                plates = Path(folder) / name
                plates.mkdir()
                found += _of_size(worker, name, stub.write_plate(plates, *size), size, 5 if quick else 24)
        finally:
            worker.shut_down(now=True)
            worker.close()
            os.environ.pop("FF_VFX_RUNTIME")
            os.environ.update({"FF_VFX_RUNTIME": before} if before else {})
    return found


def _of_size(worker: Worker, name: str, plate: str, size: tuple[int, int], times: int) -> list[Row]:
    node = worker.open({"plate": plate, "performer": str(Path(plate).parent / "plate.1001.exr")})
    pictures = Pictures(worker, 2, size)
    own = np.random.default_rng(1).random(pictures.arrays[0].shape, np.float32)
    back = np.empty_like(own)
    rounds: dict[str, Callable[[], wire.FrameSaid]] = {
        "nothing (source, in place)": lambda: _ask(node, pictures, "source", _KEY),
        "result, remembered, in place, host's key": lambda: _ask(node, pictures, "result", _KEY),
        "result, remembered, in place, hashed": lambda: _ask(node, pictures, "result", bytes(16)),
        "result, remembered, from files": lambda: pictures.ask(node, 1003, "result"),
        "matte, remembered, from files": lambda: pictures.ask(node, 1003, "matte"),
    }
    found = []
    for what, ask in rounds.items():
        hands = "files" not in what
        costs, plain = _timed(own, back, pictures.arrays[0], ask, hands, times)
        whole = sum(costs.values())
        row = {f"{part} ms": cost * 1e3 for part, cost in costs.items()}
        found.append({"size": name, "what": what, **row, "plain copy ms": plain * 1e3, "copies": whole / plain})
    worker.free(pictures.block)
    node.close()
    return found


def _ask(node: Node, pictures: Pictures, layer: str, key: bytes) -> wire.FrameSaid:
    return node.frame(1003, [pictures.output(layer, 0)], inputs=[pictures.input(1003, 0, key)])


def _timed(
    own: np.ndarray, back: np.ndarray, shared: np.ndarray, ask: Callable[[], object], hands: bool, times: int
) -> tuple[dict[str, float], float]:
    """Median seconds of each part, and of a plain copy of the frame made in turn with them; the first is left out."""
    parts: dict[str, list[float]] = {"pack": [], "ask": [], "unpack": []}
    plain = []
    for turn in range(times + 1):
        start = time.perf_counter()
        if hands:
            np.copyto(shared, own)
        packed = time.perf_counter()
        ask()
        asked = time.perf_counter()
        np.copyto(back, shared)
        unpacked = time.perf_counter()
        np.copyto(back, own)
        end = time.perf_counter()
        if turn:
            for name, spent in zip(parts, (packed - start, asked - packed, unpacked - asked), strict=True):
                parts[name].append(spent)
            plain.append(end - unpacked)
    return {name: statistics.median(spent) for name, spent in parts.items()}, statistics.median(plain)


if __name__ == "__main__":
    for row in rows(quick="--quick" in sys.argv):
        print("  ".join(f"{value:.1f}" if isinstance(value, float) else str(value) for value in row.values()))
