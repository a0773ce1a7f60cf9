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
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path
from typing import Any, NoReturn

from ff_vfx.engine.models.kinds import KINDS, ROLES, fault_of
from ff_vfx.errors import ModelError
from ff_vfx.types.engine import EngineSpec, Level, TensorSpec
from ff_vfx.types.template import TEMPLATES, Template

FORMAT = 2
_READ = (1, 2)  # 1 had none of the optional fields
SAFE_TYPES = {".tflite": ("opencv-tflite",), ".onnx": ("onnx",), ".safetensors": ("torch",)}
USES = ("any", "non-commercial", "research")
_LARGEST_BYTES = 1 << 20
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(?=//)")
_HASH = re.compile(r"[0-9a-f]{64}")
_CHOICES = {
    "layout": ("nchw", "nhwc", "flat"),
    "encoding": ("srgb", "linear", "none"),
    "channels": ("rgb", "bgr", "none"),
    "role": ROLES,
}


@dataclass(frozen=True, slots=True)
class Manifest:
    """One model. Its file lies in the manifest's own folder. What has a default may be left out of the JSON.

    name: the file name of the manifest without .json. kind: one of KINDS. licence: SPDX. allowed_use: 'any' |
        'non-commercial' | 'research'. origin: its source, for people.
    sha256: of the file, lower-case hex. runtime: 'opencv-tflite' | 'onnx' | 'torch'. tolerance: largest difference to
        the torch reference. notes: what the numbers mean, for people.
    template: where a face lies in its picture: a name of ff_vfx.types.template.TEMPLATES, or five [x, y] in parts of
        the side; None: none. multiple: see EngineSpec.
    recogniser: swappers: the model whose embedding its identity input takes; '' any of the right length.
    identity_matrix: swappers: the initializer of the file that the embedding is multiplied with: a name, 'last' or ''.
    architecture: torch: which network of ff_vfx.engine the weights are for.
    url: where `models pull` finds the file: 'https://...', a folder or the file, from the manifest's folder if not
        absolute; '' nowhere. size_bytes: of the file; 0 unknown.
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
    template: Template | None = None
    multiple: int = 1
    recogniser: str = ""
    identity_matrix: str = ""
    architecture: str = ""
    url: str = ""
    size_bytes: int = 0

    @property
    def spec(self) -> EngineSpec:
        return EngineSpec(
            self.name,
            self.kind,
            self.inputs,
            self.outputs,
            self.tolerance,
            self.template,
            self.multiple,
            self.licence,
            self.allowed_use,
        )

    def as_json(self) -> str:
        """The manifest as its file holds it; the same bytes each time."""
        template = self.template and (self.template.name or self.template.points)
        return json.dumps({"format": FORMAT, **asdict(self), "template": template}, indent=2) + "\n"


def read_manifest(path: Path) -> Manifest:
    """Read and check one manifest, so that what follows may rely on it.

    Args:
        path: .../NAME.json. The model's file need not be there yet, and is not opened.

    Raises:
        ModelError: anything missing, unknown, of the wrong type, or pointing out of the folder; the message names it.
    """
    data = _read_json(path)
    known = {f.name for f in fields(Manifest)} | {"format"}
    if wrong := sorted((_REQUIRED - set(data)) | (set(data) - known)):
        _refuse(path, f"field '{wrong[0]}' is {'missing' if wrong[0] in known else 'unknown'}")
    if data["format"] not in _READ:
        _refuse(path, f"format {data['format']!r} is none of {_READ}, which this version reads")
    for name in sorted(set(data) & _TEXTS):
        if not isinstance(data[name], str) or (not data[name] and name in _REQUIRED and name != "notes"):
            _refuse(path, f"'{name}' is {data[name]!r}; a text is needed")
    _check_file(path, data)
    checked = {
        "tolerance": _number(path, "tolerance", data["tolerance"]),
        "template": _template(path, data.get("template")),
        "multiple": _whole(path, "multiple", data.get("multiple", 1), 1),
        "size_bytes": _whole(path, "size_bytes", data.get("size_bytes", 0), 0),
        **{side: _tensors(path, side, data[side]) for side in ("inputs", "outputs")},
    }
    manifest = Manifest(**{**{k: v for k, v in data.items() if k != "format"}, **checked})
    # Format 1 had no way to say what a kind needs.
    if fault := (data["format"] > 1 and fault_of(manifest.spec)) or _fault_of_rest(manifest):
        _refuse(path, fault)
    return manifest


_OTHERS = {"format", "inputs", "outputs", "tolerance", "template", "multiple", "size_bytes"}
_TEXTS = {f.name for f in fields(Manifest)} - _OTHERS
_REQUIRED = {f.name for f in fields(Manifest) if f.default is MISSING} | {"format"}


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
    if not NAME.fullmatch(name) or name != path.stem:
        _refuse(path, f"name '{name}' is not the manifest's own file name without .json")
    folder = path.parent.resolve()
    if not NAME.fullmatch(file) or (folder / file).resolve().parent != folder:
        _refuse(path, f"file '{file}' leads out of the manifest's folder")
    runtimes = SAFE_TYPES.get(Path(file).suffix.lower())
    if runtimes is None:
        _refuse(path, f"file '{file}' is not one of {', '.join(SAFE_TYPES)}; other types may hold code")
    if runtime not in runtimes:
        _refuse(path, f"runtime '{runtime}' does not run '{file}'; {runtimes[0]} does")
    if not _HASH.fullmatch(str(data["sha256"])):
        _refuse(path, "'sha256' is not 64 lower-case hex digits")
    if data["kind"] not in KINDS:
        _refuse(path, f"'kind' is {data['kind']!r}; one of {', '.join(KINDS)} is needed")
    if data["allowed_use"] not in USES:
        _refuse(path, f"'allowed_use' is {data['allowed_use']!r}; one of {', '.join(USES)} is needed")


def _fault_of_rest(manifest: Manifest) -> str:
    """What of the optional fields does not suit the kind or the runtime; '' when nothing."""
    for field in ("recogniser", "identity_matrix"):
        if getattr(manifest, field) and manifest.kind != "swapper":
            return f"'{field}' is for swappers, and 'kind' is {manifest.kind}"
    if manifest.recogniser and not NAME.fullmatch(manifest.recogniser):
        return f"'recogniser' is {manifest.recogniser!r}; the name of a model is needed"
    if manifest.identity_matrix and manifest.runtime != "onnx":
        return f"'identity_matrix' is an initializer of an ONNX file, and 'runtime' is {manifest.runtime}"
    scheme = _SCHEME.match(manifest.url)
    if scheme and scheme[1].lower() not in ("https", "http"):
        return f"'url' is {manifest.url!r}; https://, or a folder or file is needed"
    return ""


def _tensors(path: Path, side: str, rows: object) -> tuple[TensorSpec, ...]:
    if not isinstance(rows, list) or not rows:
        _refuse(path, f"'{side}' is not a list of at least one tensor")
    found = tuple(_tensor(path, f"{side}[{i}]", row) for i, row in enumerate(rows))
    if len({t.name for t in found}) != len(found):
        _refuse(path, f"'{side}' has two tensors of one name")
    return found


def _tensor(path: Path, where: str, row: object) -> TensorSpec:
    known = {f.name for f in fields(TensorSpec)}
    if not isinstance(row, dict) or set(row) | {"role"} != known:
        _refuse(path, f"{where} does not have exactly the fields {', '.join(sorted(known))}")
    if not isinstance(row["name"], str) or not row["name"]:
        _refuse(path, f"{where}.name is {row['name']!r}; a text is needed")
    shape = row["shape"]
    if not isinstance(shape, list) or not all(n is None or (type(n) is int and n > 0) for n in shape):
        _refuse(path, f"{where}.shape is {shape!r}; a list of whole numbers above 0 or null is needed")
    choices = {key: row.get(key, "") for key in _CHOICES}
    for key, value in choices.items():
        if value not in _CHOICES[key]:
            _refuse(path, f"{where}.{key} is {value!r}; one of {', '.join(_CHOICES[key])} is needed")
    low, high = (_level(path, f"{where}.{key}", row[key]) for key in ("low", "high"))
    return TensorSpec(row["name"], tuple(shape), low=low, high=high, **choices)


def _level(path: Path, where: str, value: object) -> Level:
    """One number, or one a channel."""
    if not isinstance(value, list):
        return _number(path, where, value)
    if len(value) != 3:
        _refuse(path, f"{where} is {value!r}; one number or three are needed")
    red, green, blue = (_number(path, f"{where}[{i}]", one) for i, one in enumerate(value))
    return red, green, blue


def _template(path: Path, value: object) -> Template | None:
    if value is None:
        return None
    if isinstance(value, str):
        if value not in TEMPLATES:
            _refuse(path, f"'template' is {value!r}; one of {', '.join(TEMPLATES)}, or five points, are needed")
        return TEMPLATES[value]
    if not isinstance(value, list) or len(value) != 5 or any(not isinstance(p, list) or len(p) != 2 for p in value):
        _refuse(path, f"'template' is {value!r}; a name or five [x, y] are needed")
    return Template("", tuple((_number(path, "template", x), _number(path, "template", y)) for x, y in value))


def _whole(path: Path, where: str, value: object, least: int) -> int:
    if type(value) is not int or value < least:
        _refuse(path, f"'{where}' is {value!r}; a whole number from {least} is needed")
    return value


def _number(path: Path, where: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        _refuse(path, f"{where} is {value!r}; a finite number is needed")
    return float(value)


def _refuse(path: Path, what: str) -> NoReturn:
    raise ModelError(f"manifest {path}: {what}; correct it, or install the model again")
