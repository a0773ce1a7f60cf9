"""Every kind of network by every runtime that is here, against torch, in one table. Read by the commands and tests.

Small networks in the layout of each kind, exported as ONNX and run on real crops; the real networks beside the checkout
by onnxruntime against OpenCV; the embedded ones by OpenCV against the runtime they were made for, where that is here.
"""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from engines.compare import compare
from engines.crops import crops
from engines.export import write_onnx
from engines.networks import NETWORKS, Network
from engines.outside import LiteRt, real_networks
from ff_vfx.engine.model import open_engine
from ff_vfx.engine.models.embedded import EMBEDDED
from ff_vfx.engine.models.listing import models_folder, verified_file
from ff_vfx.engine.models.manifest import Manifest, sha256_of
from ff_vfx.engine.runtimes.opencv import OpenCvEngine
from ff_vfx.engine.runtimes.torch_engine import TorchEngine
from ff_vfx.errors import ModelError
from ff_vfx.types.device import CPU, Device, parse_devices
from ff_vfx.types.engine import Engine

_CROPS = 3
_NAMES = {"cpu": "ONNX Runtime", "cpu/opencv": "OpenCV"}


@dataclass(frozen=True, slots=True)
class Row:
    """One network. size: the reference's largest number. found: by runtime, the largest difference in parts of that
    number where it is above 1, or why there is none."""

    network: str
    like: str
    size: float
    tolerance: float
    found: Mapping[str, float | str]

    @property
    def ok(self) -> bool:
        """Every runtime that ran keeps to the tolerance."""
        return all(value <= self.tolerance for value in self.found.values() if isinstance(value, float))


def kinds(only: Sequence[str] = ()) -> list[Row]:
    """Every kind: torch is the reference, all else runs the exported file. only: some kinds."""
    places = _places()
    with tempfile.TemporaryDirectory() as folder:
        return [_kind(net, Path(folder), places) for kind, net in NETWORKS.items() if not only or kind in only]


def real() -> list[Row]:
    """The real networks beside the checkout, where they are: onnxruntime is the reference."""
    rows = []
    for manifest, file in real_networks():
        reference = open_engine(manifest, file)
        places = [place for place in _places() if place != CPU]
        rows.append(_row(reference, manifest, file, places, manifest.notes))
    return rows


def embedded() -> list[Row]:
    """The embedded networks by OpenCV against LiteRT, which is the reference; none where LiteRT is not installed."""
    if importlib.util.find_spec("ai_edge_litert") is None:
        return []
    rows = []
    for manifest in EMBEDDED:
        file = verified_file(manifest, models_folder())
        reference, other = LiteRt(file, manifest.spec), OpenCvEngine(file, manifest.spec)
        worst, size = _worst(reference, other, crops(manifest.spec, _CROPS))
        rows.append(Row(manifest.name, manifest.kind, size, manifest.tolerance, {"OpenCV": worst}))
    return rows


def as_table(rows: Sequence[Row], first: str) -> str:
    """A Markdown table; a runtime that cannot run a network says why below it."""
    columns = list(dict.fromkeys(name for row in rows for name in row.found))
    lines = [
        f"| {first} | layout | largest number | tolerance | {' | '.join(columns)} |",
        "|---" * (len(columns) + 4) + "|",
    ]
    reasons = []
    for row in rows:
        cells = []
        for name in columns:
            value = row.found.get(name)
            cells.append(f"{value:.1e}" if isinstance(value, float) else "no" if value else "")
            if isinstance(value, str):
                reasons.append(f"- {row.network}, {name}: {value}")
        lines.append(f"| {row.network} | {row.like} | {row.size:.2g} | {row.tolerance:.0e} | {' | '.join(cells)} |")
    return "\n".join([*lines, *([""] + reasons if reasons else [])]) + "\n"


def manifest_of(network: Network, file: Path) -> Manifest:
    """What a small network's manifest says. file: its ONNX file."""
    spec = network.spec
    return Manifest(
        name=file.stem, kind=spec.kind, file=file.name, licence="Apache-2.0", allowed_use="any",
        origin="ff-vfx, engines/networks.py", sha256=sha256_of(file), runtime="onnx", inputs=spec.inputs,
        outputs=spec.outputs, tolerance=spec.tolerance, notes=network.like, template=spec.template,
        multiple=spec.multiple,
    )  # fmt: skip


def _kind(network: Network, folder: Path, places: Sequence[Device]) -> Row:
    file = folder / f"{network.spec.name}.onnx"
    module = network.module()
    write_onnx(module, network.spec, file)
    manifest = manifest_of(network, file)
    return _row(TorchEngine(module, network.spec), manifest, file, places, network.like, network.spec.kind)


def _row(reference: Engine, manifest: Manifest, file: Path, places: Sequence[Device], like: str, name: str = "") -> Row:
    samples = crops(manifest.spec, _CROPS)
    found: dict[str, float | str] = {}
    size = 0.0
    for place in places:
        label = _NAMES.get(str(place), str(place))
        try:
            found[label], size = _worst(reference, open_engine(manifest, file, (place,), _refuse), samples)
        except ModelError as error:
            found[label] = str(error).replace(f"{file.parent}/", "")
            size = size or max(float(np.abs(a).max()) for a in reference.run(samples[0]).values())
    return Row(name or manifest.name, like, size, manifest.tolerance, found)


def _worst(reference: Engine, other: Engine, samples: Sequence[Mapping[str, np.ndarray]]) -> tuple[float, float]:
    rows = compare(reference, other, samples)
    return max(row.part for row in rows), max(row.size for row in rows)


def _places() -> list[Device]:
    texts = ["cpu", "cpu/opencv"]
    if torch.cuda.is_available():
        texts += ["cuda:0", "cuda:0/tensorrt", "cuda:0/tensorrt/fp16"]
    return [device for text in texts for device in parse_devices(text)]


def _refuse(text: str) -> None:
    raise ModelError(text)  # a fallback would compare a thing with itself
