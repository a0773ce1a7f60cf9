"""Law 9: every engine agrees with torch within its manifest's tolerance, for every kind of network."""

from __future__ import annotations

from pathlib import Path

import pytest

from engines.docs import DOCS, tables, write_tables
from engines.networks import NETWORKS
from engines.outside import real_networks
from engines.parity import Row, as_table, kinds, real
from ff_vfx.engine.models.kinds import KINDS


@pytest.mark.parametrize("kind", NETWORKS)
def test_every_runtime_agrees_with_torch_on_real_crops(kind: str):
    (row,) = kinds((kind,))
    assert row.ok and row.size > 0.1
    assert {name for name, value in row.found.items() if isinstance(value, float)} >= {"ONNX Runtime", "OpenCV"}


def test_the_real_networks_agree_where_both_runtimes_run_them(shared_data: Path):
    if not any(real_networks()):
        pytest.skip(f"needs {shared_data / 'onnx'}")
    rows = {row.network: row for row in real()}
    assert all(row.ok for row in rows.values())
    ran = {name for name, row in rows.items() if isinstance(row.found["OpenCV"], float)}
    assert {"MobileFaceNet", "ultraface_RFB-320", "yunet_n_dynamic", "yunet_s_640_640"} <= ran
    for name in set(rows) - ran:
        assert "operator OpenCV does not know" in str(rows[name].found["OpenCV"])


def test_a_table_names_what_was_measured_and_says_why_the_rest_was_not():
    rows = [
        Row("flow", "RAFT", 24.0, 1e-3, {"ONNX Runtime": 1e-5, "OpenCV": "no such operator"}),
        Row("iris", "small", 0.5, 1e-4, {"ONNX Runtime": 2e-4}),
    ]
    table = as_table(rows, "kind")
    assert "| flow | RAFT | 24 | 1e-03 | 1.0e-05 | no |" in table and "- flow, OpenCV: no such operator" in table
    assert "| iris | small | 0.5 | 1e-04 | 2.0e-04 |  |" in table
    assert [row.ok for row in rows] == [True, False]


def test_tables_are_written_between_their_marks_and_an_empty_one_leaves_what_is_there(tmp_path: Path):
    page = tmp_path / "engines.md"
    page.write_text("a\n<!-- kinds -->\nold\n<!-- /kinds -->\nb\n<!-- real -->\nkept\n<!-- /real -->\nc\n")
    rows = {"kinds": [Row("flow", "RAFT", 24.0, 1e-3, {"ONNX Runtime": 1e-5})], "real": []}
    for _ in range(2):
        write_tables(rows, page)
    text = page.read_text()
    assert "old" not in text and text.count("| flow |") == 1 and "kept" in text
    assert text.startswith("a\n") and text.endswith("c\n") and set(tables(rows)) == {"kinds"}


def test_the_page_names_every_kind():
    text = DOCS.read_text()
    assert [kind for kind in KINDS if f"| {kind} |" not in text] == []
