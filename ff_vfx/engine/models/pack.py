"""A folder in the layout of an insightface pack, as manifests. Read by the door and track, which open what they need.

The package of that name is not used: its files are plain ONNX, told apart by their shapes as it does, and run by our
own sessions (docs/decisions/0026). Nothing is ever downloaded; a folder that is not there is an error.
Source of shapes, ranges and the order of routing: the package's own published loaders (2.1).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from ff_vfx.engine.model import Say, open_engine, silent
from ff_vfx.engine.models.listing import verified_file
from ff_vfx.engine.models.manifest import Manifest, read_manifest, sha256_of
from ff_vfx.engine.models.onnx_file import FileTensor, OnnxFile, read_onnx
from ff_vfx.errors import ModelError
from ff_vfx.types.device import CPU, Device
from ff_vfx.types.engine import Engine, TensorSpec
from ff_vfx.types.template import TEMPLATES

LICENCE, USE = "non-commercial research", "non-commercial"  # of the published packs, as their authors say
_DETECTOR_OUTPUTS, _STRIDE_PX, _POINTS_PX, _LEAST_FACE_PX = 5, 32, 192, 112
_POINTS = {212: "106 points x, y", 204: "68 points x, y, z", 3309: "1103 points x, y, z, the last 68 iBUG's"}
_SIGNED_128 = (-127.5 / 128.0, 127.5 / 128.0)  # (x - 127.5) / 128 at black and white
_SIGNED, _BYTES = (-1.0, 1.0), (0.0, 255.0)


@dataclass(frozen=True, slots=True, eq=False)
class Pack:
    """What a pack holds, nothing loaded yet. landmarks: none, or networks of 106 and 68 points, the small first."""

    folder: Path
    detector: Manifest
    recogniser: Manifest
    landmarks: tuple[Manifest, ...] = ()

    def open(self, manifest: Manifest, devices: Sequence[Device] = (CPU,), say: Say = silent) -> Engine:
        """Load one of them. ModelError: its file has changed since, or does not run."""
        return open_engine(manifest, verified_file(manifest, self.folder), devices, say)


def read_pack(folder: Path) -> Pack:
    """What the files of a folder are, by what they say of themselves; a manifest beside one is believed instead.

    Args:
        folder: as unpacked, such as .../buffalo_l; its name does not matter, and other files in it are left alone.

    Raises:
        ModelError: no such folder, no detector or no recogniser in it, or a file that is no ONNX graph.
    """
    if not folder.is_dir():
        raise ModelError(f"pack {folder}: no such folder; give the folder of an unpacked pack. {_NOT_FETCHED}")
    files = sorted(path for path in folder.glob("*.onnx") if path.is_file())
    if not files:
        inner = sorted(path.parent for path in folder.glob("*/*.onnx"))
        fix = f"the files lie in {inner[0]}: give that" if inner else "give the folder of an unpacked pack"
        raise ModelError(f"pack {folder}: no .onnx file in it; {fix}. {_NOT_FETCHED}")
    found = [manifest for path in files if (manifest := _manifest(path)) is not None]
    return Pack(
        folder,
        _first(folder, files, [m for m in found if m.kind == "face_detector"], "a face detector (det_10g.onnx)"),
        _first(folder, files, [m for m in found if m.kind == "recogniser"], "a recogniser (w600k_r50.onnx)"),
        tuple(sorted((m for m in found if m.kind == "landmarks"), key=lambda m: m.outputs[0].shape[-1] or 0)),
    )


_NOT_FETCHED = "Nothing is downloaded"


def _first(folder: Path, files: list[Path], found: list[Manifest], what: str) -> Manifest:
    if not found:
        names = ", ".join(path.name for path in files)
        raise ModelError(
            f"pack {folder}: none of {names} is {what}; add it, put a manifest NAME.json beside the file that is, or "
            f"give another folder. {_NOT_FETCHED}"
        )
    return found[0]


def _manifest(path: Path) -> Manifest | None:
    """Of one file; None for what faces need not (attributes, a swapper)."""
    beside = path.with_suffix(".json")
    if beside.is_file():
        return read_manifest(beside)
    state = path.stat()
    return _routed(path, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=32)
def _routed(path: Path, _size: int, _mtime_ns: int) -> Manifest | None:
    """By shape alone, and in the package's order: a file's name says nothing."""
    file = read_onnx(path)
    picture = next((t for t in file.inputs if t.shape is not None and len(t.shape) == 4), None)
    if picture is None or picture.shape is None:
        return None
    height, width = picture.shape[2:]
    if len(file.outputs) >= _DETECTOR_OUTPUTS:
        return _detector(file, picture)
    if (height, width) == (_POINTS_PX, _POINTS_PX):
        return _landmarks(file, picture)
    if len(file.inputs) > 1 or height != width or height is None or height < _LEAST_FACE_PX or height % 16:
        return None
    return _recogniser(file, picture, height)


def _detector(file: OnnxFile, picture: FileTensor) -> Manifest | None:
    """SCRFD, or YuNet, which that package takes for SCRFD; None for anything else with as many outputs."""
    shapes = [tensor.shape or (None,) for tensor in file.outputs]
    widths = Counter(shape[-1] if len(shape) in (2, 3) else None for shape in shapes)
    scrfd = widths[1] == widths[4] in (3, 5) and widths[10] in (0, widths[1]) and widths[None] == 0
    if not scrfd and widths != Counter({1: 6, 4: 3, 10: 3}):
        return None
    # The number of cells is left open: it follows the picture's size.
    outputs = tuple(
        TensorSpec(tensor.name, (*(None for _ in shape[:-1]), shape[-1]), "flat")
        for tensor, shape in zip(file.outputs, shapes, strict=True)
    )
    shown = _input(picture, _SIGNED_128) if scrfd else replace(_input(picture, _BYTES), channels="bgr")
    return _made(file, "face_detector", shown, outputs, notes="SCRFD" if scrfd else "YuNet")


def _landmarks(file: OnnxFile, picture: FileTensor) -> Manifest | None:
    output = file.outputs[0]
    count = output.shape[-1] if output.shape else None
    if count not in _POINTS:
        return None
    own = "bn_data" in file.first_nodes[:3] or _brings_range(file)
    points = (TensorSpec(output.name, output.shape or (None, count), "flat", role="points"),)
    notes = f"{_POINTS[count]}; -1 and 1 are the rims of the picture."
    return _made(file, "landmarks", _input(picture, _BYTES if own else _SIGNED_128), points, notes=notes)


def _recogniser(file: OnnxFile, picture: FileTensor, side: int) -> Manifest | None:
    output = file.outputs[0]
    if len(file.outputs) != 1 or output.shape is None or len(output.shape) != 2 or output.shape[-1] is None:
        return None
    embedding = (TensorSpec(output.name, output.shape, "flat", role="embedding"),)
    levels = _BYTES if _brings_range(file) else _SIGNED
    template = "arcface_128" if side % 128 == 0 else "arcface_112"
    return _made(file, "recogniser", _input(picture, levels), embedding, template=template)


def _brings_range(file: OnnxFile) -> bool:
    """Whether the network takes 0..255 and subtracts and scales by itself, as those out of MXNet do."""
    names = file.first_nodes
    return any(n.startswith(("Sub", "_minus")) for n in names) and any(n.startswith(("Mul", "_mul")) for n in names)


def _input(picture: FileTensor, levels: tuple[float, float]) -> TensorSpec:
    return TensorSpec(picture.name, picture.shape or (), "nchw", *levels, "srgb", "rgb", "picture")


def _made(
    file: OnnxFile,
    kind: str,
    picture: TensorSpec,
    outputs: tuple[TensorSpec, ...],
    *,
    template: str = "",
    notes: str = "",
) -> Manifest:
    return Manifest(
        name=file.path.stem,
        kind=kind,
        file=file.path.name,
        licence=LICENCE,
        allowed_use=USE,
        origin=f"a file of the pack {file.path.parent.name}",
        sha256=sha256_of(file.path),
        runtime="onnx",
        inputs=(picture,),
        outputs=outputs,
        tolerance=1e-3,
        notes=notes,
        template=TEMPLATES.get(template),
        multiple=_STRIDE_PX if kind == "face_detector" else 1,
    )
