"""Which operators the machine knows comes from its runtime; where that does not tell, from the onnx package."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ff_vfx.engine.models import operators
from ff_vfx.engine.models.onnx_file import OnnxFile


def _file(opsets: dict[str, int], *used: tuple[str, str]) -> OnnxFile:
    return OnnxFile(Path("x.onnx"), "", opsets, frozenset(used), (), (), (), ())


@pytest.fixture(autouse=True)
def _asked_anew():
    operators._known.cache_clear()
    yield
    operators._known.cache_clear()


@pytest.fixture(params=["onnxruntime", "onnx"])
def runtime(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "onnx":
        monkeypatch.setitem(sys.modules, "onnxruntime", None)
    else:
        pytest.importorskip("onnxruntime", reason="onnxruntime is an optional extra")
    return request.param


def test_what_it_knows_is_no_fault(runtime: str):
    assert operators.unknown_operators(_file({"": 17}, ("", "Conv"), ("", "If"))) == []


def test_what_it_does_not_know_is_told_with_its_name(runtime: str):
    found = operators.unknown_operators(_file({"": 999, "x": 1}, ("", "Conv"), ("x", "Y"), ("z", "W")))
    assert "'ai.onnx' is version 999, " + runtime in found[0]
    assert "operator set 'x' is unknown to " + runtime in found[1]
    assert "operator set 'z' is used and the file does not say which version" in found[2]


def test_a_set_that_is_only_named_is_no_fault(runtime: str):
    assert operators.unknown_operators(_file({"": 17, "x": 1}, ("", "Conv"))) == []
