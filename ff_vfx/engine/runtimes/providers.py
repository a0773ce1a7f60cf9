"""Which of onnxruntime's providers run a network on a device, and with what options. Read by onnx.

Nothing here is found by timing: cuDNN's own search would choose another kernel on another run, and other bits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from ff_vfx.engine.models.manifest import sha256_of
from ff_vfx.engine.runtimes.arrays import static
from ff_vfx.engine.runtimes.plans import PlanKey, cache_folder, gpu_name
from ff_vfx.types.device import Device
from ff_vfx.types.engine import EngineSpec

_CPU, _CUDA, _TENSORRT = "CPUExecutionProvider", "CUDAExecutionProvider", "TensorrtExecutionProvider"
_GRAPH = "enable_cuda_graph"


def providers(
    runtime: Any, path: Path, device: Device, spec: EngineSpec, say: Callable[[str], None]
) -> tuple[list[Any], Device]:
    """What to open a session with, first choice first, and the device that this will run on.

    Args:
        runtime: the module onnxruntime. path: the model's file, for the key of what TensorRT builds from it.
        say: told once for each provider that is asked for and not there.
    """
    there = runtime.get_available_providers()
    if device.kind == "cpu":
        return [_CPU], device
    if _CUDA not in there:
        say(
            "cuda is asked for and onnxruntime has no CUDA here; networks run on the CPU: "
            "pip uninstall onnxruntime, then pip install 'ff-vfx[cuda]'"
        )
        return [_CPU], Device(runtime=device.runtime)
    wanted: list[Any] = [(_CUDA, _cuda(device, graph=static(spec) and torch.cuda.is_available())), _CPU]
    if device.runtime == "tensorrt" and _TENSORRT in there:
        wanted.insert(0, (_TENSORRT, _tensorrt(runtime, path, device)))
    elif device.runtime == "tensorrt":
        say("tensorrt is asked for and onnxruntime has no TensorRT here; networks run through CUDA in fp32")
        device = replace(device, precision="fp32")
    return wanted, device


def without_graph(wanted: list[Any], error: str) -> list[Any]:
    """The same without recording runs, where an error says that this network cannot be; else nothing.

    A network some of whose operators run on the CPU cannot be recorded.
    """
    if "graph" not in error.lower() or "captur" not in error.lower():
        return []
    plain = [(one[0], {**one[1], _GRAPH: "0"}) if one[0] == _CUDA and one[1][_GRAPH] == "1" else one for one in wanted]
    return plain if plain != wanted else []


def _cuda(device: Device, *, graph: bool) -> dict[str, str]:
    return {
        "device_id": str(device.index),
        "cudnn_conv_algo_search": "HEURISTIC",
        "use_tf32": "0",
        _GRAPH: "1" if graph and device.runtime != "tensorrt" else "0",
    }


def _tensorrt(runtime: Any, path: Path, device: Device) -> dict[str, str]:
    version = f"onnxruntime-{getattr(runtime, '__version__', '')}"
    folder = cache_folder() / PlanKey(sha256_of(path), gpu_name(device.index), version, device.precision).name
    folder.mkdir(parents=True, exist_ok=True)
    return {
        "device_id": str(device.index),
        "trt_engine_cache_enable": "1",
        "trt_engine_cache_path": str(folder),
        "trt_timing_cache_enable": "1",
        "trt_timing_cache_path": str(folder),
        "trt_fp16_enable": "1" if device.precision == "fp16" else "0",
        "trt_int8_enable": "1" if device.precision == "int8" else "0",
    }
