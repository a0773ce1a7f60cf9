"""From a name, a manifest or a file to a loaded network on the devices that a job names. Read by the door.

Each network is run once on zeros as it is opened, so that a file which does not keep to its manifest never starts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from ff_vfx.engine.models.listing import PULL, verified_file
from ff_vfx.engine.models.manifest import Manifest, read_manifest
from ff_vfx.engine.models.onnx_file import refuse_external
from ff_vfx.engine.runtimes.onnx import OnnxEngine
from ff_vfx.engine.runtimes.opencv import OpenCvEngine
from ff_vfx.engine.runtimes.pool import Placed, PooledEngine
from ff_vfx.engine.runtimes.precision import kept, lower_file
from ff_vfx.engine.runtimes.tensorrt import open_plan
from ff_vfx.errors import ModelError
from ff_vfx.types.device import CPU, Device
from ff_vfx.types.engine import Engine

Say = Callable[[str], None]
_RUN_BY = {".tflite": ("opencv",), ".onnx": ("onnx", "opencv", "tensorrt"), ".safetensors": ("torch",)}


def silent(_text: str) -> None:
    """Hears a fallback and keeps it to itself."""


def open_model(name: str, folder: Path, devices: Sequence[Device] = (CPU,), say: Say = silent) -> Engine:
    """Load one network after making sure that it is the one its manifest speaks of.

    Args:
        name: as in NAME.json. folder: where that lies; see models_folder. devices, say: as for open_engine.

    Raises:
        ModelError: no such model, a bad manifest, another hash, no runtime for it, or a file that does not keep to its
            manifest (it is run once on zeros to see).
    """
    path = folder / f"{name}.json"
    if Path(name).name != name or not path.is_file():
        raise ModelError(f"model '{name}': no manifest {path}; fix: {PULL}, or give the right model folder")
    return open_manifest(path, devices, say)


def open_manifest(path: Path, devices: Sequence[Device] = (CPU,), say: Say = silent) -> Engine:
    """As open_model, for a manifest anywhere. path: .../NAME.json, its file beside it."""
    manifest = read_manifest(path)
    return open_engine(manifest, verified_file(manifest, path.parent), devices, say)


def open_engine(manifest: Manifest, file: Path, devices: Sequence[Device] = (CPU,), say: Say = silent) -> Engine:
    """Load the file of a manifest, once a device.

    Args:
        file: as its manifest says; its hash is the caller's to check. devices: where to run; several share the work,
            see PooledEngine. say: called once with each thing that cannot be as the devices ask, and what is done
            instead; the same words for each model where the machine is the reason, so that a caller may say them once.

    Raises:
        ModelError: no runtime for it, or it does not keep to its manifest.
    """
    told = _once(say)
    engines: dict[Device, Placed] = {}
    for device in devices:
        engine = _opened(manifest, file, device, told)
        engines.setdefault(engine.device, engine)
    found = tuple(engines.values())
    return found[0] if len(found) == 1 else PooledEngine(found)


def _opened(manifest: Manifest, file: Path, device: Device, say: Say) -> Placed:
    if file.suffix.lower() == ".onnx" and file.stat().st_size:
        refuse_external(file)
    """On one device, at the precision asked for if that keeps to the tolerance."""
    runtime = _runtime(manifest, file, device, say)
    if runtime == "tensorrt" and (plan := open_plan(manifest.spec, manifest.sha256, device, say)):
        return plan  # whoever built it held it against the model
    if device.precision == "fp32":
        return _load(runtime, manifest, file, device, say)
    exact = replace(device, precision="fp32")
    if runtime == "onnx":
        lower = lower_file(manifest, file, device.precision, say)
        return _load(runtime, *(lower or (manifest, file)), device if lower else exact, say)
    found = _load(runtime, manifest, file, device, say)
    if found.device.precision == "fp32":
        return found
    return kept(_load(runtime, manifest, file, exact, say), found, say)


def _load(runtime: str, manifest: Manifest, file: Path, device: Device, say: Say) -> Placed:
    if runtime in ("onnx", "tensorrt"):
        return OnnxEngine(file, manifest.spec, device, say)
    if runtime == "torch":
        from ff_vfx.engine.runtimes.torch_engine import open_torch  # here, since few jobs have a network of torch's

        return open_torch(file, manifest.spec, manifest.architecture, device, say)
    if device.kind == "cuda" or device.precision != "fp32":
        say("OpenCV runs networks on the CPU in fp32 alone; those it runs stay there, whatever the device")
    return OpenCvEngine(file, manifest.spec)


def _runtime(manifest: Manifest, file: Path, device: Device, say: Say) -> str:
    allowed = _RUN_BY.get(file.suffix.lower(), ())
    if not allowed:
        raise ModelError(f"model '{manifest.name}': no runtime for {file.name}; use one of {', '.join(_RUN_BY)}")
    if device.runtime and device.runtime not in allowed:
        say(f"{device.runtime} runs no {file.suffix} files; {allowed[0]} runs those")
    return device.runtime if device.runtime in allowed else allowed[0]


def _once(say: Say) -> Say:
    heard: set[str] = set()

    def told(text: str) -> None:
        if text not in heard:
            heard.add(text)
            say(text)

    return told
