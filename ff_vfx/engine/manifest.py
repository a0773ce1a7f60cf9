"""A model's manifest: the JSON beside its file that says what it is, whose it is and what goes in and out.

Read by whoever opens or lists models. A manifest may come from anybody, so nothing in it is believed unchecked: no
unknown field, no path out of its folder, no file type that can hold code (pickles), no hash that is not one.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, NoReturn

from ff_vfx.errors import ModelError
from ff_vfx.types.engine import EngineSpec, TensorSpec

FORMAT = 1
SAFE_TYPES = {".tflite": ("opencv-tflite",), ".onnx": ("onnx",), ".safetensors": ("torch",)}
USES = ("any", "non-commercial", "research")
_LARGEST_BYTES = 1 << 20
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_HASH = re.compile(r"[0-9a-f]{64}")
_CHOICES = {
    "layout": ("nchw", "nhwc", "flat"),
    "encoding": ("srgb", "linear", "none"),
    "channels": ("rgb", "bgr", "none"),
}


@dataclass(frozen=True, slots=True)
class Manifest:
    """One model. Its file lies in the manifest's own folder.

    name: the file name of the manifest without .json. kind: 'face_detector', 'face_mesh', 'iris', 'person_matte',
        'swapper', 'flow'... licence: SPDX. allowed_use: 'any' | 'non-commercial' | 'research'. origin: its source.
    sha256: of the file, lower-case hex. runtime: 'opencv-tflite' | 'onnx' | 'torch'. tolerance: largest difference to
        the torch reference. notes: what the numbers mean, for people.
    """

    name: str
    kind: str
    file: str
    licence: str
    allowed_use: str
    origin: str
    sha256: str
    runtime: str
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    tolerance: float
    notes: str

    @property
    def spec(self) -> EngineSpec:
        return EngineSpec(self.name, self.kind, self.inputs, self.outputs, self.tolerance)

    def as_json(self) -> str:
        """The manifest as its file holds it; the same bytes each time."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=2) + "\n"


def read_manifest(path: Path) -> Manifest:
    """Read and check one manifest, so that what follows may rely on it.

    Args:
        path: .../NAME.json. The model's file need not be there yet, and is not opened.

    Raises:
        ModelError: anything missing, unknown, of the wrong type, or pointing out of the folder; the message names it.
    """
    data = _read_json(path)
    known = {f.name for f in fields(Manifest)} | {"format"}
    if wrong := sorted(known ^ set(data)):
        _refuse(path, f"field '{wrong[0]}' is {'missing' if wrong[0] in known else 'unknown'}")
    if data["format"] != FORMAT:
        _refuse(path, f"format {data['format']!r} is not {FORMAT}, the one this version reads")
    for name in known - {"format", "inputs", "outputs", "tolerance"}:
        if not isinstance(data[name], str) or (not data[name] and name != "notes"):
            _refuse(path, f"'{name}' is {data[name]!r}; a text is needed")
    _check_file(path, data)
    tolerance = _number(path, "tolerance", data["tolerance"])
    tensors = {side: _tensors(path, side, data[side]) for side in ("inputs", "outputs")}
    return Manifest(**{**{k: v for k, v in data.items() if k != "format"}, **tensors, "tolerance": tolerance})


def sha256_of(path: Path) -> str:
    """Hex sha256 of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_json(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            _refuse(path, "more than 1 MiB")
        data = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_once)
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"manifest {path}: cannot be read: {error}; install the model again") from error
    if not isinstance(data, dict):
        _refuse(path, "not a JSON object")
    return data


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a field is given twice")
    return dict(pairs)


def _check_file(path: Path, data: Mapping[str, object]) -> None:
    name, file, runtime = str(data["name"]), str(data["file"]), str(data["runtime"])
    if not _NAME.fullmatch(name) or name != path.stem:
        _refuse(path, f"name '{name}' is not the manifest's own file name without .json")
    folder = path.parent.resolve()
    if not _NAME.fullmatch(file) or (folder / file).resolve().parent != folder:
        _refuse(path, f"file '{file}' leads out of the manifest's folder")
    runtimes = SAFE_TYPES.get(Path(file).suffix.lower())
    if runtimes is None:
        _refuse(path, f"file '{file}' is not one of {', '.join(SAFE_TYPES)}; other types may hold code")
    if runtime not in runtimes:
        _refuse(path, f"runtime '{runtime}' does not run '{file}'; {runtimes[0]} does")
    if not _HASH.fullmatch(str(data["sha256"])):
        _refuse(path, "'sha256' is not 64 lower-case hex digits")
    if data["allowed_use"] not in USES:
        _refuse(path, f"'allowed_use' is {data['allowed_use']!r}; one of {', '.join(USES)} is needed")


def _tensors(path: Path, side: str, rows: object) -> tuple[TensorSpec, ...]:
    if not isinstance(rows, list) or not rows:
        _refuse(path, f"'{side}' is not a list of at least one tensor")
    found = tuple(_tensor(path, f"{side}[{i}]", row) for i, row in enumerate(rows))
    if len({t.name for t in found}) != len(found):
        _refuse(path, f"'{side}' has two tensors of one name")
    return found


def _tensor(path: Path, where: str, row: object) -> TensorSpec:
    known = {f.name for f in fields(TensorSpec)}
    if not isinstance(row, dict) or set(row) != known:
        _refuse(path, f"{where} does not have exactly the fields {', '.join(sorted(known))}")
    if not isinstance(row["name"], str) or not row["name"]:
        _refuse(path, f"{where}.name is {row['name']!r}; a text is needed")
    shape = row["shape"]
    if not isinstance(shape, list) or not all(n is None or (type(n) is int and n > 0) for n in shape):
        _refuse(path, f"{where}.shape is {shape!r}; a list of whole numbers above 0 or null is needed")
    for key, allowed in _CHOICES.items():
        if row[key] not in allowed:
            _refuse(path, f"{where}.{key} is {row[key]!r}; one of {', '.join(allowed)} is needed")
    low, high = (_number(path, f"{where}.{key}", row[key]) for key in ("low", "high"))
    return TensorSpec(row["name"], tuple(shape), row["layout"], low, high, row["encoding"], row["channels"])


def _number(path: Path, where: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        _refuse(path, f"{where} is {value!r}; a finite number is needed")
    return float(value)


def _refuse(path: Path, what: str) -> NoReturn:
    raise ModelError(f"manifest {path}: {what}; correct it, or install the model again")
