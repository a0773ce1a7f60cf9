"""What the way to a worker and back costs beside plain copies of the frame, in one run: docs/openfx.md."""

from __future__ import annotations

import pytest

from tests.ofx.conftest import Built, Play, Runtime

MOST = 2.5
TRIES = 6


@pytest.mark.parametrize("size", ["1920 1080", "3840 2160"])
def test_a_round_trip_costs_at_most_two_and_a_half_copies(play: Play, runtime: Runtime, built_fast: Built, size):
    """Round trips beside the copies between them, medians or the quickest of each: the machine is not ours alone."""
    runtime.control(do="nothing")
    ratios = []
    for _ in range(TRIES):
        said = play("nuke", f"size {size}", "create", "render 1001", "render 1002", "bench 21", using=built_fast)
        words = said.all("bench")[0].split()
        ratios.append(min(float(words[words.index(name) + 1]) for name in ("ratio", "quickest")))
        if ratios[-1] <= MOST:
            break
    assert min(ratios) <= MOST, ratios
