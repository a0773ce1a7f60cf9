"""The table's shots, one after the other; each is let go before the next is made. Read by benchmarks/time.py."""

from __future__ import annotations

import sys
import time

from benchmarks.steadiness.results import Results
from benchmarks.steadiness.table import Judged, chosen, judge
from benchmarks.truth.fusers import FlickeringFuser, TruthFuser
from benchmarks.truth.made_shots import ShotEntry, all_shots
from benchmarks.truth.shot import TruthShot
from benchmarks.truth.solve_of import Smoother, solve_of
from ff_vfx.types.solve import Solve

_QUICK = 2  # shots


def judge_all(quick: bool) -> tuple[list[Judged], dict[str, str]]:
    """Every shot judged, and name -> why for those that cannot be had here."""
    entries = all_shots(quick)
    skipped = {entry.name: entry.skipped for entry in entries if entry.skipped}
    here = [entry for entry in entries if not entry.skipped][: _QUICK if quick else None]
    return [_judged(entry, quick, f"{i} of {len(here)}") for i, entry in enumerate(here, 1)], skipped


def _judged(entry: ShotEntry, quick: bool, place: str) -> Judged:
    start = time.perf_counter()
    print(f"time: {entry.name}, {place}", file=sys.stderr, flush=True)
    shot = entry()
    judged = judge(shot, Results(shot, _solve, FlickeringFuser(shot), TruthFuser(shot)), chosen(quick))
    print(f"time: {entry.name} took {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
    return judged


def _solve(shot: TruthShot, smoother: Smoother) -> Solve:
    """The shot's track from detections with noise; with smoother 'true', from the truth."""
    return solve_of(shot, smoother=smoother)
