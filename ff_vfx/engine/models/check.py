"""Whether a model is what its manifest says: hash, shapes, types, operators, one run. Read by the door and install."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ff_vfx.engine.model import open_engine
from ff_vfx.engine.models.listing import verified_file
from ff_vfx.engine.models.manifest import Manifest, read_manifest
from ff_vfx.engine.models.onnx_file import FileTensor, OnnxFile, external_fault, identity_matrix, read_onnx
from ff_vfx.engine.models.operators import unknown_operators
from ff_vfx.errors import ModelError
from ff_vfx.types.engine import TensorSpec

_NUMBERS = ("float32", "float16", "float64", "int64", "int32")  # that the runtimes can be given


@dataclass(frozen=True, slots=True)
class CheckedModel:
    """One model's check. faults: why it is refused, one a line; empty when ok. facts: what the file says of itself."""

    name: str
    kind: str
    licence: str
    allowed_use: str
    ok: bool
    faults: tuple[str, ...] = ()
    facts: str = ""


def check_model(path: Path) -> CheckedModel:
    """Check one model as far as this machine can, without believing its manifest; nothing is raised, all is told.

    Args:
        path: .../NAME.json, its file beside it.
    """
    try:
        manifest = read_manifest(path)
    except ModelError as error:
        return CheckedModel(path.stem, "", "", "", ok=False, faults=(str(error),))
    facts, faults = "", []
    try:
        file = verified_file(manifest, path.parent)
        size = file.stat().st_size
        if manifest.size_bytes not in (0, size):
            faults.append(f"size_bytes is {manifest.size_bytes} in the manifest, the file has {size}")
        if manifest.runtime == "onnx":
            declared = read_onnx(file)
            facts = _facts(declared)
            faults += _faults_of_file(manifest, declared)
            if not faults:
                identity_matrix(manifest, file)
        if not faults:
            open_engine(manifest, file)
    except ModelError as error:
        faults.append(str(error))
    about = (manifest.name, manifest.kind, manifest.licence, manifest.allowed_use)
    return CheckedModel(*about, ok=not faults, faults=tuple(faults), facts=facts)


def _faults_of_file(manifest: Manifest, file: OnnxFile) -> list[str]:
    found = [fault for fault in [external_fault(file)] if fault]
    found += unknown_operators(file)
    found += _contradictions("input", manifest.inputs, file.inputs)
    return found + _contradictions("output", manifest.outputs, file.outputs)


def _contradictions(side: str, said: Sequence[TensorSpec], real: Sequence[FileTensor]) -> list[str]:
    """What a manifest says of the tensors of one side and the file denies; both values are told."""
    declared = {tensor.name: tensor for tensor in real}
    found = []
    for spec in said:
        tensor = declared.pop(spec.name, None)
        if tensor is None:
            found.append(f"{side} '{spec.name}' is in the manifest; the file has {', '.join(t.name for t in real)}")
        elif tensor.type not in _NUMBERS:
            found.append(f"{side} '{spec.name}' is of type {tensor.type} in the file; numbers are needed, float32 best")
        elif tensor.shape is not None and not _agree(spec.shape, tensor.shape, fixed=side == "input"):
            found.append(
                f"{side} '{spec.name}' is {_told(spec.shape)} in the manifest and {_told(tensor.shape)} in the file "
                "(null: any size)"
            )
    if side == "input":  # outputs that nobody needs may stay unsaid
        found += [f"input '{name}' is in the file and not in the manifest" for name in declared]
    return found


def _agree(said: tuple[int | None, ...], real: tuple[int | None, ...], *, fixed: bool) -> bool:
    """fixed: what the file fixes, the manifest may not leave open."""
    return len(said) == len(real) and all(n is None or n == m or (m is None and not fixed) for m, n in zip(said, real))


def _told(shape: tuple[int | None, ...]) -> str:
    return "[" + ", ".join("null" if n is None else str(n) for n in shape) + "]"


def _facts(file: OnnxFile) -> str:
    used = sorted({domain for domain, _ in file.operators})
    sets = ", ".join(f"{domain or 'ai.onnx'} {file.opsets.get(domain, '?')}" for domain in used)
    return f"opset {sets}" + (f"; made by {file.producer}" if file.producer else "")
