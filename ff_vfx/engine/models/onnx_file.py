"""What an ONNX file says of itself, without running it. Read by install and check, and by swappers for their matrix.

A file may come from anybody: it is parsed as data alone, nothing beside it is opened, and whatever breaks the parser is
a ModelError.
"""

from __future__ import annotations

import hashlib
import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ff_vfx.engine.models.manifest import Manifest
from ff_vfx.errors import ModelError

_LARGEST_BYTES = (1 << 31) - 1  # Source: protobuf's own limit of one message
_EXTERNAL_MARK = b"\x0a\x08location\x12"  # Source: onnx.proto, StringStringEntryProto: key 'location', then a value
_STANDARD = ("", "ai.onnx")  # two names of one operator set


@dataclass(frozen=True, slots=True)
class FileTensor:
    """An input or output as the file declares it.

    shape: None where an axis is open; None for the whole where the file does not say. type: as numpy names it
    ('float32'), or what else it is ('sequence').
    """

    name: str
    shape: tuple[int | None, ...] | None
    type: str


@dataclass(frozen=True, slots=True)
class OnnxFile:
    """inputs: without the initializers that old files list there. opsets: version of each operator set, '' the
    standard one. operators: (set, name) of each that is used, the file's own functions left out. initializers: names,
    in the file's order. external: the tensors whose numbers lie in another file. first_nodes: names of the first
    eight operations; a converted network brings its picture to its own range there."""

    path: Path
    producer: str
    opsets: dict[str, int]
    operators: frozenset[tuple[str, str]]
    inputs: tuple[FileTensor, ...]
    outputs: tuple[FileTensor, ...]
    initializers: tuple[str, ...]
    external: tuple[str, ...]
    first_nodes: tuple[str, ...] = ()


def refuse_external(path: Path) -> None:
    """See that all of a network is in its one file, the one whose hash was checked.

    Looks for the mark that a tensor kept elsewhere leaves, and parses only a file that has it.

    Raises:
        ModelError: weights lie in another file.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as seen:
        marked = seen.find(_EXTERNAL_MARK) >= 0
    if marked and (fault := external_fault(read_onnx(path))):
        raise ModelError(f"model {path}: {fault}")


def external_fault(file: OnnxFile) -> str:
    """What is wrong with a file whose weights lie elsewhere; '' where they do not."""
    if not file.external:
        return ""
    return (
        f"{len(file.external)} tensors ('{file.external[0]}' first) lie in another file, which the hash does not "
        "cover; export it as one file (torch.onnx.export: external_data=False)"
    )


def read_onnx(path: Path) -> OnnxFile:
    """Read one file's description; its numbers are not looked at.

    Raises:
        ModelError: it cannot be read, is no ONNX graph, or the `onnx` package is not there.
    """
    model = _parsed(_contents(path), path)
    graph, weights = model.graph, {tensor.name for tensor in model.graph.initializer}
    own = {(_set(function.domain), _text(function.name)) for function in model.functions}
    used = {(_set(node.domain), _text(node.op_type)) for node in _nodes(model)} - own
    return OnnxFile(
        path,
        producer=f"{_text(model.producer_name)} {_text(model.producer_version)}".strip(),
        opsets={_set(one.domain): one.version for one in model.opset_import},
        operators=frozenset(used),
        inputs=tuple(_declared(value) for value in graph.input if value.name not in weights),
        outputs=tuple(_declared(value) for value in graph.output),
        initializers=tuple(_text(tensor.name) for tensor in graph.initializer),
        external=tuple(_text(tensor.name) for tensor in _tensors(model) if tensor.data_location == tensor.EXTERNAL),
        first_nodes=tuple(node.name for node in graph.node[:8]),
    )


def identity_matrix(manifest: Manifest, place: Path) -> np.ndarray | None:
    """What an embedding is multiplied with before a swapper takes it: `embedding @ matrix`, then length 1.

    Args:
        place: the folder of the manifest, or the model's file.

    Returns:
        (n, m) float32, m the length of the swapper's identity input; None where the manifest names no matrix.

    Raises:
        ModelError: another file than the manifest speaks of, no such initializer, or one that cannot be this matrix.
    """
    if not manifest.identity_matrix:
        return None
    path = place if place.is_file() else place / manifest.file
    data = _contents(path)
    found = hashlib.sha256(data).hexdigest()
    if found != manifest.sha256:
        raise ModelError(
            f"model '{manifest.name}': {path}: hash differs: {found[:12]}... found, {manifest.sha256[:12]}... "
            "expected; install the model again"
        )
    matrix = _initializer(_parsed(data, path), manifest.identity_matrix, path)
    lengths = {tensor.shape[-1] for tensor in manifest.inputs if len(tensor.shape) == 2} - {None}
    if matrix.ndim != 2 or (lengths and matrix.shape[1] not in lengths) or not np.isfinite(matrix).all():
        raise ModelError(
            f"model '{manifest.name}': identity_matrix '{manifest.identity_matrix}' is {matrix.shape} in the file; a "
            f"finite one of (n, {next(iter(lengths), 'm')}) is needed; name the right initializer, or '' for none"
        )
    return matrix


def _contents(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise ModelError(f"model {path}: larger than 2 GiB, which no ONNX file is; get the file again")
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"model {path}: cannot be read: {error.strerror or error}; install the model again") from error


def _parsed(data: bytes, path: Path) -> Any:
    try:
        import onnx
    except ImportError as error:
        raise ModelError(f"model {path}: the onnx package is not installed; pip install 'ff-vfx[onnx]'") from error
    try:
        model = onnx.ModelProto.FromString(data)
    except Exception as error:  # protobuf's errors are of its implementation's own kinds
        raise ModelError(f"model {path}: no ONNX file, or a damaged one: {error}; get the file again") from error
    if not model.graph.node or not model.graph.output or not model.opset_import:
        raise ModelError(f"model {path}: no ONNX file: it holds no network; get the file again")
    return model


def _initializer(model: Any, name: str, path: Path) -> np.ndarray:
    """float32, in memory of its own. name: or 'last'."""
    from onnx import numpy_helper

    weights = {tensor.name: tensor for tensor in model.graph.initializer}
    tensor = weights.get(name) or (model.graph.initializer[-1] if name == "last" and weights else None)
    if tensor is None:
        raise ModelError(f"model {path}: no initializer '{name}' among its {len(weights)}; correct identity_matrix")
    if tensor.data_location == tensor.EXTERNAL:
        raise ModelError(f"model {path}: initializer '{tensor.name}' lies in another file; export it as one file")
    try:
        return np.array(numpy_helper.to_array(tensor), dtype=np.float32)
    except Exception as error:  # whatever a lying size or type leads to
        raise ModelError(f"model {path}: initializer '{tensor.name}' cannot be read: {error}; get it again") from error


def _declared(value: Any) -> FileTensor:
    kind = value.type.WhichOneof("value")
    if kind != "tensor_type":
        return FileTensor(_text(value.name), None, (kind or "nothing").removesuffix("_type"))
    tensor = value.type.tensor_type
    shape = tuple(_size(dim) for dim in tensor.shape.dim) if tensor.HasField("shape") else None
    return FileTensor(_text(value.name), shape, _type_name(tensor.elem_type))


def _size(dim: Any) -> int | None:
    return dim.dim_value if dim.HasField("dim_value") and dim.dim_value > 0 else None


def _type_name(number: int) -> str:
    from onnx import helper

    try:
        return str(helper.tensor_dtype_to_np_dtype(number).name)
    except KeyError:
        return f"type {number}"


def _set(domain: str | bytes) -> str:
    return "" if domain in _STANDARD else _text(domain)


def _text(name: str | bytes) -> str:
    """Protobuf gives bytes where a file's text is none."""
    return name if isinstance(name, str) else name.decode(errors="backslashreplace")


def _graphs(graph: Any) -> Iterator[Any]:
    """A graph and all inside it. The parser bounds how deep they nest (100)."""
    yield graph
    for node in graph.node:
        yield from _inner(node)


def _inner(node: Any) -> Iterator[Any]:
    for attribute in node.attribute:
        for graph in [*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs]:
            yield from _graphs(graph)


def _nodes(model: Any) -> Iterator[Any]:
    for graph in _graphs(model.graph):
        yield from graph.node
    for function in model.functions:
        for node in function.node:
            yield node
            yield from (one for graph in _inner(node) for one in graph.node)


def _tensors(model: Any) -> Iterator[Any]:
    """Every tensor whose numbers the file holds or leaves to another file."""
    for graph in _graphs(model.graph):
        yield from graph.initializer
        yield from (part for one in graph.sparse_initializer for part in (one.values, one.indices))
    for node in _nodes(model):
        for attribute in node.attribute:
            yield from [*([attribute.t] if attribute.HasField("t") else []), *attribute.tensors]
