"""`python -m engines`: each verb, its words and its exit code."""

from __future__ import annotations

from pathlib import Path

import pytest

from engines.__main__ import main
from tests.engines.conftest import small


def test_export_half_and_compare_one_after_the_other(larger: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["export", str(larger), str(tmp_path / "onnx")]) == 0
    assert main(["compare", str(tmp_path / "onnx" / "larger.json"), "cpu", "cpu/opencv"]) == 0
    shown = capsys.readouterr().out
    assert "onnx/larger.json" in shown and "larger: " in shown and "tolerance 0.0001" in shown


def test_a_refusal_is_one_line_and_exit_code_1(swapper: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["half", str(swapper)]) == 1
    shown = capsys.readouterr().err
    assert shown.startswith("error: model small_swapper: in fp16") and shown.count("\n") == 1


def test_two_runtimes_that_differ_too_much_are_exit_code_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = small(tmp_path, "swapper", tolerance=1e-9)
    assert main(["compare", str(path), "cpu", "cpu/opencv"]) == 1


def test_a_plan_without_a_card_is_said(swapper: Path, monkeypatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert main(["plan", str(swapper), "--device", "cuda:0/fp16"]) == 1
    assert "plans are built on the machine that runs them" in capsys.readouterr().err


def test_called_wrongly_is_exit_code_2():
    with pytest.raises(SystemExit, match="2"):
        main(["fly"])
