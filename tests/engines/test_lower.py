"""Half and whole numbers: written within tolerance, refused beyond it, found by the engine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engines.lower import half, int8
from ff_vfx.engine import open_manifest, read_manifest
from ff_vfx.engine.runtimes.trial import trial_inputs
from ff_vfx.errors import ModelError
from ff_vfx.types.device import parse_devices
from tests.engines.conftest import small


@pytest.mark.parametrize(("convert", "precision", "tolerance"), [(half, "fp16", 2e-3), (int8, "int8", 0.2)])
def test_one_that_keeps_to_the_tolerance_is_written_and_runs_when_asked_for(
    tmp_path: Path, convert, precision: str, tolerance: float
):
    path = small(tmp_path, "swapper", tolerance)
    made, found = convert(path)
    assert made == tmp_path / f"small_swapper-{precision}.json" and all(0.0 < row.worst <= tolerance for row in found)
    lower = read_manifest(made)
    assert (tmp_path / lower.file).stat().st_size < 0.75 * (tmp_path / "small_swapper.onnx").stat().st_size
    said: list[str] = []
    given = trial_inputs(lower.spec, 2)
    exact = open_manifest(path).run(given)["output"]
    other = open_manifest(path, parse_devices(f"cpu/{precision}"), said.append).run(given)["output"]
    assert said == [] and other.dtype == np.float32 and 0.0 < np.abs(exact - other).max() < 2 * tolerance


@pytest.mark.parametrize("convert", [half, int8])
def test_one_that_moves_the_picture_is_refused_and_not_written(swapper: Path, convert):
    before = sorted(path.name for path in swapper.parent.iterdir())
    with pytest.raises(ModelError, match=r"its output 'output' moves by .* allows 0\.0001; nothing was written"):
        convert(swapper)
    assert sorted(path.name for path in swapper.parent.iterdir()) == before


def test_only_onnx_models_have_other_precisions(larger: Path):
    with pytest.raises(ModelError, match="only ONNX models"):
        half(larger)
