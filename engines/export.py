"""From a torch network to an ONNX file with its manifest, held against the network it came from. Read by the commands.

torch's older exporter is used: it writes operator set 17, which every runtime here reads, and plain names for open
sizes. The newer one writes 18 and needs a library more.
"""

from __future__ import annotations

import contextlib
import warnings
from dataclasses import replace
from pathlib import Path

import torch

from engines.compare import Difference, compare, require
from engines.crops import crops
from ff_vfx.engine.model import open_engine
from ff_vfx.engine.models.listing import verified_file
from ff_vfx.engine.models.manifest import Manifest, read_manifest, sha256_of
from ff_vfx.engine.runtimes.arrays import blank_inputs
from ff_vfx.engine.runtimes.torch_engine import TorchEngine, load_torch
from ff_vfx.errors import ModelError
from ff_vfx.types.engine import EngineSpec

OPSET = 17


def export(path: Path, folder: Path, name: str = "") -> tuple[Path, list[Difference]]:
    """A model of ours as ONNX.

    Args:
        path: manifest of a safetensors file. folder: where the ONNX file and its manifest go. name: '' as it was.

    Returns:
        The new manifest, and how far onnxruntime is from torch on real crops.

    Raises:
        ModelError: it is no model of torch's, or what was written would differ by more than its tolerance; nothing is
            left behind then.
    """
    manifest = read_manifest(path)
    if manifest.runtime != "torch":
        raise ModelError(f"manifest {path}: runtime '{manifest.runtime}'; only models of torch's can be exported")
    module = load_torch(verified_file(manifest, path.parent), manifest.architecture)
    return export_module(module, replace(manifest, name=name or manifest.name), folder)


def export_module(module: torch.nn.Module, manifest: Manifest, folder: Path) -> tuple[Path, list[Difference]]:
    """As `export`, for a module at hand. manifest: its spec, licence and origin; the file's fields are filled in."""
    folder.mkdir(parents=True, exist_ok=True)
    file, target = folder / f"{manifest.name}.onnx", folder / f"{manifest.name}.json"
    if file.exists() or target.exists():
        raise ModelError(f"{target}: is there already; remove it, or export under another name or into another folder")
    try:
        write_onnx(module, manifest.spec, file)
        made = replace(
            manifest, file=file.name, sha256=sha256_of(file), runtime="onnx", architecture="", url="",
            size_bytes=file.stat().st_size,
        )  # fmt: skip
        found = compare(TorchEngine(module, manifest.spec), open_engine(made, file), crops(manifest.spec, 2))
        require(found, f"model {manifest.name}: as ONNX")
        target.write_text(made.as_json(), encoding="utf-8")
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    return target, found


def write_onnx(module: torch.nn.Module, spec: EngineSpec, file: Path) -> None:
    """One file, names and open sizes as the spec says.

    Raises:
        ModelError: torch cannot write this network as ONNX; why.
    """
    given = tuple(torch.from_numpy(array) for array in blank_inputs(spec, batch=2).values())
    open_axes = {
        tensor.name: {i: f"{tensor.name}_{i}" if i else "batch" for i, n in enumerate(tensor.shape) if n is None}
        for tensor in (*spec.inputs, *spec.outputs)
    }
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(None), torch.inference_mode(False):
            warnings.simplefilter("ignore")
            torch.onnx.export(
                module.eval(), given, str(file), dynamo=False, opset_version=OPSET,
                input_names=[t.name for t in spec.inputs], output_names=[t.name for t in spec.outputs],
                dynamic_axes={name: axes for name, axes in open_axes.items() if axes},
            )  # fmt: skip
    except (RuntimeError, torch.onnx.errors.OnnxExporterError) as error:
        raise ModelError(f"model {spec.name}: torch cannot write it as ONNX: {error}") from error
