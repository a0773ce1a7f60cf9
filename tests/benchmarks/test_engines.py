"""The table `engines` measures what it says."""

from __future__ import annotations

import pytest
import torch

from benchmarks import engines as table

pytest.importorskip("onnxruntime", reason="onnxruntime is an optional extra")


def test_it_has_rows_of_each_kind_and_leaves_the_threads_as_they_were():
    threads = torch.get_num_threads()
    rows = table.rows(quick=True)
    assert torch.get_num_threads() == threads
    found = {str(row["what"]).split(",")[0]: row for row in rows}
    assert set(found) == {"overhead", "batch of 8", "memory"}
    assert float(str(found["overhead"]["value"])) < 3.0  # ms of processor time at 512 px, however busy the machine
    assert found["batch of 8"]["same bits up to"] == 8
    assert float(str(found["memory"]["value"])) < 32.0  # MiB
