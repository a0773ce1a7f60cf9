"""Plans for TensorRT: sizes, keys, refusals. The builder is a stub; none was ever built for real."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from engines import plan as planning
from engines.lower import int8
from engines.networks import NETWORKS
from engines.plan import plan, profile_text, read_profile
from ff_vfx.engine import read_manifest
from ff_vfx.engine.runtimes.onnx import OnnxEngine
from ff_vfx.engine.runtimes.plans import PlanKey, find_plan
from ff_vfx.errors import BadInput, ModelError
from ff_vfx.types.device import Device
from tests.engine.stubs import pretend_cards
from tests.engines.conftest import small

CARD = Device("cuda", 0)


def test_sizes_that_are_not_named_are_usual_ones_of_the_networks_own_kind():
    assert read_profile(NETWORKS["swapper"].spec) == {
        "target": ((1, 3, 128, 128), (4, 3, 128, 128), (8, 3, 128, 128)),
        "source": ((1, 512), (4, 512), (8, 512)),
    }
    detector = read_profile(NETWORKS["face_detector"].spec)
    assert detector["input.1"] == ((1, 3, 128, 128), (1, 3, 512, 512), (1, 3, 1024, 1024))


def test_sizes_that_are_named_are_taken_and_written_the_same_each_time():
    spec = NETWORKS["upscaler"].spec
    given = "picture = 1x3x64x64 : 2x3x96x96 : 4x3x128x128"
    text = profile_text(read_profile(spec, given))
    assert text == "picture=1x3x64x64:2x3x96x96:4x3x128x128"
    assert profile_text(read_profile(spec, text)) == text


@pytest.mark.parametrize(
    "sizes", ["picture=1x3x64x64", "other=1x3x8x8:1x3x8x8:1x3x8x8", "picture=1x4x8x8:1x4x8x8:1x4x8x8", "picture=a:b:c"]
)
def test_sizes_that_cannot_be_are_refused(sizes: str):
    with pytest.raises(BadInput, match=r"sizes 'picture|sizes 'other"):
        read_profile(NETWORKS["upscaler"].spec, sizes)


class Logger:
    """Says nothing."""

    ERROR = 1

    def __init__(self, level: int) -> None: ...


class Builder:
    """What TensorRT's builder is asked; it builds b'plan'."""

    def __init__(self, logger: object) -> None:
        self.flags: list[str] = []
        self.spans: dict[str, Any] = {}
        BUILT.append(self)

    def create_network(self, flags: int) -> str:
        return "network"

    def create_builder_config(self) -> Any:
        return SimpleNamespace(
            set_memory_pool_limit=lambda kind, size: None,
            set_flag=self.flags.append,
            clear_flag=lambda flag: self.flags.append(f"no {flag}"),
            add_optimization_profile=lambda spans: None,
        )

    def create_optimization_profile(self) -> Any:
        return SimpleNamespace(set_shape=lambda name, *shapes: self.spans.__setitem__(name, shapes))

    def build_serialized_network(self, network: str, config: object) -> bytes | None:
        return b"plan"


BUILT: list[Builder] = []


@pytest.fixture
def tensorrt(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """A card with TensorRT whose plans run as the ONNX file they were built from, times what `moves` says."""
    pretend_cards(monkeypatch)
    monkeypatch.setenv("FF_VFX_CACHE", str(tmp_path / "cache"))
    BUILT.clear()
    stub: Any = SimpleNamespace(
        __version__="10.3.0", Builder=Builder, Logger=Logger, OnnxParser=lambda network, logger: stub.parser,
        BuilderFlag=SimpleNamespace(FP16="fp16", INT8="int8", TF32="tf32"), moves=1.0,
        MemoryPoolType=SimpleNamespace(WORKSPACE=0),
    )  # fmt: skip
    stub.parser = SimpleNamespace(parse=lambda data: True, num_errors=1, get_error=lambda i: "no such layer")
    monkeypatch.setitem(sys.modules, "tensorrt", stub)

    class Built:
        def __init__(self, path: Path, spec: Any, device: Device) -> None:
            assert path.read_bytes() == b"plan"
            self.engine, self.spec = OnnxEngine(tmp_path / "small_swapper.onnx", spec), spec

        def run(self, inputs: Any) -> Any:
            return {name: made * np.float32(stub.moves) for name, made in self.engine.run(inputs).items()}

    monkeypatch.setattr(planning, "TensorRtEngine", Built)
    return stub


def _key(path: Path, precision: str) -> PlanKey:
    return PlanKey(read_manifest(path).sha256, "Stub_Card_0_sm90", "tensorrt-10.3.0", precision)


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_a_plan_is_built_held_against_the_model_and_kept_where_the_engine_looks(swapper: Path, tensorrt, precision):
    made, found = plan(swapper, Device("cuda", 0, precision=precision))
    assert find_plan(_key(swapper, precision)) == (made, "") and all(row.ok for row in found)
    assert BUILT[0].flags == (["no tf32", "fp16"] if precision == "fp16" else ["no tf32"])
    assert BUILT[0].spans["target"][2] == (8, 3, 128, 128)


@pytest.mark.usefixtures("tensorrt")
def test_one_that_is_there_and_right_is_not_built_again_unless_asked(swapper: Path):
    plan(swapper, CARD)
    assert plan(swapper, CARD)[1] == [] and len(BUILT) == 1
    plan(swapper, CARD, again=True)
    plan(swapper, CARD, "target=1x3x128x128:1x3x128x128:2x3x128x128")
    assert len(BUILT) == 3


def test_another_version_builds_it_anew(swapper: Path, tensorrt):
    plan(swapper, CARD)
    tensorrt.__version__ = "10.4.0"
    assert plan(swapper, CARD)[1] != [] and len(BUILT) == 2


def test_one_that_moves_the_picture_is_refused_and_not_kept(swapper: Path, tensorrt):
    tensorrt.moves = 1.01
    with pytest.raises(ModelError, match="as a fp32 plan its output 'output' moves by"):
        plan(swapper, CARD)
    assert find_plan(_key(swapper, "fp32"))[0] is None


def test_a_network_that_tensorrt_cannot_read_or_build_is_said(swapper: Path, tensorrt, monkeypatch):
    tensorrt.parser.parse = lambda data: False
    with pytest.raises(ModelError, match="cannot read the network: no such layer"):
        plan(swapper, CARD)
    tensorrt.parser.parse = lambda data: True
    monkeypatch.setattr(Builder, "build_serialized_network", lambda self, network, config: None)
    with pytest.raises(ModelError, match="cannot build the network for these sizes"):
        plan(swapper, CARD)


@pytest.mark.usefixtures("tensorrt")
def test_whole_numbers_are_built_from_the_file_whose_ranges_were_measured(tmp_path: Path):
    path = small(tmp_path, "swapper", tolerance=0.2)
    int8(path)
    made, _ = plan(path, Device("cuda", 0, precision="int8"))
    assert find_plan(_key(path, "int8")) == (made, "") and BUILT[0].flags == ["no tf32", "int8"]


@pytest.mark.usefixtures("tensorrt")
def test_whole_numbers_need_the_file_whose_ranges_were_measured(swapper: Path):
    with pytest.raises(ModelError, match="python -m engines int8"):
        plan(swapper, Device("cuda", 0, precision="int8"))


def test_without_a_card_there_is_none(swapper: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(ModelError, match="torch sees no such card"):
        plan(swapper, CARD)
