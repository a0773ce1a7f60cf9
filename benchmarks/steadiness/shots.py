"""The table's shots, one after the other; each is let go before the next is made. Read by benchmarks/time.py."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import torch

from benchmarks.steadiness.results import Results
from benchmarks.steadiness.table import Judged, chosen, judge
from benchmarks.truth.fusers import FlickeringFuser, TruthFuser
from benchmarks.truth.made_shots import all_shots
from benchmarks.truth.shot import TruthShot
from benchmarks.truth.solve_of import Smoother, solve_of
from ff_vfx.types.solve import Solve

_QUICK = 2  # shots


def judge_all(quick: bool) -> tuple[list[Judged], dict[str, str]]:
    """Every shot judged, and name -> why for those that cannot be had here.

    As many shots at once as torch may use threads (OMP_NUM_THREADS), each in a process of one thread.
    """
    entries = all_shots(quick)
    skipped = {entry.name: entry.skipped for entry in entries if entry.skipped}
    names = [entry.name for entry in entries if not entry.skipped][: _QUICK if quick else None]
    jobs = min(len(names), torch.get_num_threads())
    if jobs < 2:
        return [judge_named(name, quick) for name in names], skipped
    with ProcessPoolExecutor(jobs, get_context("spawn"), torch.set_num_threads, (1,)) as pool:
        return list(pool.map(judge_named, names, [quick] * len(names))), skipped


def judge_named(name: str, quick: bool) -> Judged:
    """One shot, made, judged and let go."""
    start = time.perf_counter()
    shot = next(entry for entry in all_shots(quick) if entry.name == name)()
    judged = judge(shot, Results(shot, _solve, FlickeringFuser(shot), TruthFuser(shot)), chosen(quick))
    print(f"time: {name} took {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
    return judged


def _solve(shot: TruthShot, smoother: Smoother) -> Solve:
    """The shot's track from detections with noise; with smoother 'true', from the truth."""
    return solve_of(shot, smoother=smoother)
