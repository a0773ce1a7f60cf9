"""Memory that runs out halves a batch, and says so only for a single sample; any other failure is one clear error."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ff_vfx.engine.runtimes.arrays import Arrays
from ff_vfx.engine.runtimes.failures import OutOfMemory, reason, run_checked
from ff_vfx.errors import ModelError
from ff_vfx.types.device import CPU
from ff_vfx.types.engine import EngineSpec, TensorSpec

SPEC = EngineSpec("toy", "enhancer", (TensorSpec("in", (None, 2)),), (TensorSpec("out", (None, 2)),))
FIXED = EngineSpec("toy", "enhancer", (TensorSpec("in", (4, 2)),), (TensorSpec("out", (4, 2)),))
ERRORS = [
    RuntimeError("[ONNXRuntimeError] : 1 : FAIL : Failed to allocate memory for requested buffer of size 9"),
    RuntimeError("CUDA failure 2: out of memory ; GPU=0 ; hostname=farm7"),
    torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 9 GiB"),
    MemoryError(),
    RuntimeError("OpenCV(5.0.0) error: (-4:Insufficient memory) Failed to allocate 9 bytes"),
]  # fmt: skip


class _Full:
    """Doubles its input; more than `most` at once do not fit."""

    def __init__(self, most: int, error: BaseException) -> None:
        self.most, self.error, self.sizes = most, error, list[int]()

    def __call__(self, arrays: Arrays) -> Arrays:
        self.sizes.append(len(arrays["in"]))
        if len(arrays["in"]) > self.most:
            raise self.error
        return {"out": arrays["in"] * 2}


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
def test_a_batch_that_does_not_fit_is_run_in_halves_in_order(error: BaseException):
    full, given = _Full(2, error), np.arange(14, dtype=np.float32).reshape(7, 2)
    assert np.array_equal(run_checked(SPEC, CPU, {"in": given}, full)["out"], given * 2)
    assert full.sizes == [7, 3, 1, 2, 4, 2, 2]


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
def test_a_single_sample_that_does_not_fit_says_how_to_go_on(error: BaseException):
    with pytest.raises(OutOfMemory, match=r"toy: out of memory on cpu with in \(1, 2\); choose a smaller crop"):
        run_checked(SPEC, CPU, {"in": np.ones((3, 2), np.float32)}, _Full(0, error))
    assert issubclass(OutOfMemory, ModelError)


def test_a_batch_that_cannot_be_split_is_not():
    full = _Full(0, MemoryError())
    with pytest.raises(OutOfMemory, match=r"in \(4, 2\)"):
        run_checked(FIXED, CPU, {"in": np.ones((4, 2), np.float32)}, full)
    assert full.sizes == [4]


def test_any_other_failure_is_one_error_and_no_second_try():
    full = _Full(0, RuntimeError("a node\n  of\nno shape"))
    with pytest.raises(ModelError, match="toy: does not run as its manifest says: a node of no shape"):
        run_checked(SPEC, CPU, {"in": np.ones((4, 2), np.float32)}, full)
    assert full.sizes == [4]


def test_a_long_reason_is_cut_and_an_empty_one_is_named():
    assert len(reason(RuntimeError("x" * 9999))) == 400
    assert reason(KeyError()) == "KeyError"


def test_stopping_the_program_is_no_failure_of_the_network():
    with pytest.raises(KeyboardInterrupt):
        run_checked(SPEC, CPU, {"in": np.ones((4, 2), np.float32)}, _Full(0, KeyboardInterrupt()))
