"""TensorRT plans for this machine's card, kept where ff_vfx looks for them. Read by the commands; never run by us yet.

A plan is built from the model's ONNX file (for int8 from its NAME-int8.onnx, whose ranges were measured on crops), for
a span of sizes, and stored only if real crops come out within the manifest's tolerance.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engines.compare import Difference, compare, require
from engines.crops import crops
from ff_vfx.engine.model import open_engine
from ff_vfx.engine.models.listing import verified_file
from ff_vfx.engine.models.manifest import Manifest, read_manifest
from ff_vfx.engine.runtimes.plans import PlanKey, find_plan, gpu_name, store_plan
from ff_vfx.engine.runtimes.precision import lower_file
from ff_vfx.engine.runtimes.tensorrt import TensorRtEngine, tensorrt_version
from ff_vfx.errors import BadInput, ModelError
from ff_vfx.types.device import Device
from ff_vfx.types.engine import EngineSpec, TensorSpec

Shape = tuple[int, ...]
Profile = Mapping[str, tuple[Shape, Shape, Shape]]
_BATCH, _SIDE = (1, 4, 8), (128, 512, 1024)  # smallest, usual, largest, where the model leaves them open
_WORKSPACE = 4 << 30


def plan(
    path: Path, device: Device, sizes: str = "", pictures: Path | None = None, *, again: bool = False
) -> tuple[Path, list[Difference]]:
    """Build a model's plan, unless the one that is there is still right.

    Args:
        path: manifest of an ONNX model. device: card and precision. sizes: see read_profile. pictures: for the check.
        again: build it in any case.

    Returns:
        The plan, and how far it is from onnxruntime on the CPU; no rows where it was there already.

    Raises:
        ModelError: no card, no TensorRT, it cannot build this network, or what it built moves the picture.
    """
    manifest = read_manifest(path)
    source = verified_file(manifest, path.parent)
    if manifest.runtime != "onnx":
        raise ModelError(f"manifest {path}: runtime '{manifest.runtime}'; plans are built from ONNX models")
    gpu = gpu_name(device.index)
    if gpu == "none":
        raise ModelError(f"plan for {device}: torch sees no such card; plans are built on the machine that runs them")
    profile = read_profile(manifest.spec, sizes)
    key = PlanKey(manifest.sha256, gpu, tensorrt_version(), device.precision, profile_text(profile))
    there, _ = find_plan(key)
    if there is not None and there.stem == key.name and not again:
        return there, []
    made = _build(_source(manifest, source, device.precision), profile, device.precision)
    with tempfile.TemporaryDirectory() as hidden:
        trial = Path(hidden) / "trial.plan"
        trial.write_bytes(made)
        built = TensorRtEngine(trial, manifest.spec, device)
        found = compare(open_engine(manifest, source), built, crops(manifest.spec, 6, pictures))
    require(found, f"model {manifest.name}: as a {device.precision} plan")
    return store_plan(key, made), found


def read_profile(spec: EngineSpec, text: str = "") -> Profile:
    """Smallest, usual and largest shape of each input.

    Args:
        text: 'NAME=1x3x128x128:4x3x512x512:8x3x1024x1024', several apart by ','; what is not named: its own shape, open
            batches 1 to 8, open sides 128 to 1024 px (to a multiple that the model needs).

    Raises:
        BadInput: an input the model has not, or shapes that are not its own.
    """
    given = dict(_read(spec, part) for part in text.replace(" ", "").split(",") if part)
    return {tensor.name: given.get(tensor.name) or _usual(spec, tensor) for tensor in spec.inputs}


def profile_text(profile: Profile) -> str:
    """A profile as read_profile takes it; the same text for the same profile."""
    return ",".join(
        f"{name}={':'.join('x'.join(map(str, shape)) for shape in shapes)}" for name, shapes in sorted(profile.items())
    )


def _read(spec: EngineSpec, part: str) -> tuple[str, tuple[Shape, Shape, Shape]]:
    name, _, rest = part.partition("=")
    tensor = next((tensor for tensor in spec.inputs if tensor.name == name), None)
    try:
        least, usual, most = (tuple(int(n) for n in shape.split("x")) for shape in rest.split(":"))
    except ValueError as error:
        raise BadInput(f"sizes '{part}': three shapes are needed, NAME=1x3x64x64:1x3x64x64:8x3x64x64") from error
    if tensor is None or any(
        len(shape) != len(tensor.shape) or any(n is not None and n != m for n, m in zip(tensor.shape, shape))
        for shape in (least, usual, most)
    ):
        raise BadInput(f"sizes '{part}': the model's inputs are {[(t.name, t.shape) for t in spec.inputs]}")
    return name, (least, usual, most)


def _usual(spec: EngineSpec, tensor: TensorSpec) -> tuple[Shape, Shape, Shape]:
    def at(step: int) -> Shape:
        side = -(-_SIDE[step] // spec.multiple) * spec.multiple
        return tuple(n or (_BATCH[step] if axis == 0 else side) for axis, n in enumerate(tensor.shape))

    return at(0), at(1), at(2)


def _source(manifest: Manifest, file: Path, precision: str) -> bytes:
    if precision != "int8":
        return file.read_bytes()

    def refuse(text: str) -> None:
        raise ModelError(text)

    lower = lower_file(manifest, file, "int8", refuse)
    assert lower is not None  # refuse has raised
    return lower[1].read_bytes()


def _build(source: bytes, profile: Profile, precision: str) -> bytes:
    import tensorrt

    logger = tensorrt.Logger(tensorrt.Logger.ERROR)
    builder = tensorrt.Builder(logger)
    network = builder.create_network(0)
    parser = tensorrt.OnnxParser(network, logger)
    if not parser.parse(source):
        raise ModelError(f"plan: TensorRT cannot read the network: {_faults(parser)}; let onnxruntime run it")
    config = builder.create_builder_config()
    config.set_memory_pool_limit(tensorrt.MemoryPoolType.WORKSPACE, _WORKSPACE)
    config.clear_flag(tensorrt.BuilderFlag.TF32)
    if precision != "fp32":
        config.set_flag(tensorrt.BuilderFlag.FP16 if precision == "fp16" else tensorrt.BuilderFlag.INT8)
    spans = builder.create_optimization_profile()
    for name, shapes in profile.items():
        spans.set_shape(name, *shapes)
    config.add_optimization_profile(spans)
    made = builder.build_serialized_network(network, config)
    if made is None:
        raise ModelError("plan: TensorRT cannot build the network for these sizes; give smaller ones with --sizes")
    return bytes(made)


def _faults(parser: Any) -> str:
    return "; ".join(str(parser.get_error(i)) for i in range(parser.num_errors)) or "no reason given"
