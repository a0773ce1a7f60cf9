"""The table's shots, one after the other; each is let go before the next is made. Read by benchmarks/time.py."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import torch

from benchmarks.steadiness import end_to_end
from benchmarks.steadiness.results import Results
from benchmarks.steadiness.table import WHOLE, Judged, chosen, judge
from benchmarks.truth.fusers import FlickeringFuser, TruthFuser
from benchmarks.truth.made_shots import all_shots
from benchmarks.truth.shot import TruthShot
from benchmarks.truth.solve_of import Smoother, solve_of
from ff_vfx.types.solve import Solve

_QUICK = 2  # shots


def judge_all(quick: bool) -> tuple[list[Judged], dict[str, str]]:
    """Every shot judged, then the whole pipeline on some; and name -> why for those that cannot be had here.

    As many shots at once as torch may use threads (OMP_NUM_THREADS), each in a process of one thread.
    """
    entries, reason = all_shots(quick), end_to_end.why_not()
    skipped = {entry.name: entry.skipped for entry in entries if entry.skipped}
    names = [entry.name for entry in entries if not entry.skipped][: _QUICK if quick else None]
    whole = [WHOLE + name for name in end_to_end.SHOTS if name in names]
    if quick or reason:
        skipped |= dict.fromkeys(whole, reason or "quick")
        whole = []
    work = [*names, *whole]
    jobs = min(len(work), torch.get_num_threads())
    if jobs < 2:
        return [judge_named(name, quick) for name in work], skipped
    with ProcessPoolExecutor(jobs, get_context("spawn"), torch.set_num_threads, (1,)) as pool:
        return list(pool.map(judge_named, work, [quick] * len(work))), skipped


def judge_named(name: str, quick: bool) -> Judged:
    """One shot, made, judged and let go. name: of a shot; after WHOLE, the whole pipeline on it."""
    start = time.perf_counter()
    shot = next(entry for entry in all_shots(quick) if entry.name == name.removeprefix(WHOLE))()
    if name.startswith(WHOLE):
        rendered = end_to_end.EndToEnd(shot)
        about = "Tracked, fused from the performer's stills, held still, composited; judged on the finished picture."
        named = replace(shot, name=name, about=about)
        judged = judge(named, rendered, end_to_end.MODES, rendered.more)
    else:
        judged = judge(shot, Results(shot, _solve, FlickeringFuser(shot), TruthFuser(shot)), chosen(quick))
    print(f"time: {name} took {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
    return judged


def _solve(shot: TruthShot, smoother: Smoother) -> Solve:
    """The shot's track from detections with noise; with smoother 'true', from the truth."""
    return solve_of(shot, smoother=smoother)
