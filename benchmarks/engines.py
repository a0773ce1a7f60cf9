"""What an engine adds to its runtime, what batches gain, and whether memory stays flat; for the default CPU runtime.

On the small networks of engines/, which have the layouts that studios bring, and real crops of the example shot. Times
are processor time of one thread, so that what else the machine does counts little.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # run as a file by `ff-vfx bench`

from engines.crops import crops  # noqa: E402
from engines.export import write_onnx  # noqa: E402
from engines.networks import NETWORKS  # noqa: E402
from ff_vfx.engine.batch import invariant_batch, run_many  # noqa: E402
from ff_vfx.engine.runtimes.onnx import OnnxEngine  # noqa: E402
from ff_vfx.errors import BadInput  # noqa: E402

Row = dict[str, object]
Run = Callable[[], object]
_OVERHEAD = ("enhancer", "face_parser", "swapper", "recogniser")
_BATCHED = ("iris", "landmarks", "recogniser", "swapper")
_BATCH = 8


def rows(quick: bool) -> list[Row]:
    """Rows of three kinds, told apart by 'what': overhead, batch, memory."""
    try:
        import onnxruntime  # noqa: F401
    except ImportError as error:
        raise BadInput("bench: the table `engines` needs onnxruntime; pip install 'ff-vfx[onnx]'") from error
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with tempfile.TemporaryDirectory() as folder:
            place, times = Path(folder), 5 if quick else 31
            made = [_overhead(kind, place, times) for kind in (_OVERHEAD[:1] if quick else _OVERHEAD)]
            made += [_batch(kind, place, times) for kind in (_BATCHED[:1] if quick else _BATCHED)]
            return [*made, _memory("swapper", place, 20 if quick else 400)]
    finally:
        torch.set_num_threads(threads)


def _overhead(kind: str, folder: Path, times: int) -> Row:
    """Our call less a plain session's run of the same file, by turns."""
    engine, path = _opened(kind, folder)
    session, sample = _session(path), crops(engine.spec, 1)[0]
    names = [tensor.name for tensor in engine.spec.outputs]
    ours, plain = _by_turns((lambda: engine.run(sample), lambda: session.run(names, sample)), times)
    return _row("overhead", kind, engine, {"ours ms": ours, "plain ms": plain, "value": ours - plain, "unit": "ms"})


def _batch(kind: str, folder: Path, times: int) -> Row:
    """Eight crops one by one against eight at once."""
    engine, _ = _opened(kind, folder)
    samples = crops(engine.spec, _BATCH)
    most = invariant_batch(engine, _BATCH, samples[0])
    single, batched = _by_turns(
        (lambda: run_many(engine, samples, 1), lambda: run_many(engine, samples, _BATCH)), times
    )
    row = {"ours ms": batched, "plain ms": single, "value": single / batched, "unit": "times", "same bits up to": most}
    return _row("batch of 8", kind, engine, row)


def _memory(kind: str, folder: Path, runs: int) -> Row:
    """What the process' peak grows by over many runs in batches of changing size."""
    engine, _ = _opened(kind, folder)
    samples = crops(engine.spec, _BATCH)
    run_many(engine, samples, _BATCH)
    before = _peak_mib()
    for i in range(runs):
        run_many(engine, samples[: 1 + i % _BATCH], _BATCH)
    return _row(f"memory, {runs} runs", kind, engine, {"value": _peak_mib() - before, "unit": "MiB"})


def _row(what: str, kind: str, engine: OnnxEngine, more: Row) -> Row:
    side = next((n for n in engine.spec.inputs[0].shape[2:] if n), 0)
    columns: Row = {"ours ms": "", "plain ms": "", "value": "", "unit": "", "same bits up to": ""}
    return {"what": what, "network": kind, "px": side, **columns, **more}


def _opened(kind: str, folder: Path) -> tuple[OnnxEngine, Path]:
    network, path = NETWORKS[kind], folder / f"{kind}.onnx"
    if not path.exists():
        write_onnx(network.module(), network.spec, path)
    return OnnxEngine(path, network.spec), path


def _session(path: Path):  # type: ignore[no-untyped-def]
    """As somebody would open it who has only onnxruntime, with as many threads as ours."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _by_turns(runs: tuple[Run, Run], times: int) -> tuple[float, float]:
    """Medians, ms of processor time."""
    for run in runs:
        run()
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(times):
        for run, into in zip(runs, taken):
            began = time.process_time()
            run()
            into.append((time.process_time() - began) * 1e3)
    return float(np.median(taken[0])), float(np.median(taken[1]))


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
