"""How far two runtimes are apart on real crops, against the manifest's tolerance. Read by every tool of this folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engines.crops import crops
from ff_vfx.engine.model import open_manifest
from ff_vfx.engine.runtimes.precision import difference
from ff_vfx.errors import ModelError
from ff_vfx.types.device import parse_devices
from ff_vfx.types.engine import Engine


@dataclass(frozen=True, slots=True)
class Difference:
    """worst: largest difference of an output over all crops, in the output's own numbers. size: its largest number.

    Floats carry seven digits: where numbers are larger than 1, the tolerance is a part of the largest.
    """

    output: str
    worst: float
    size: float
    tolerance: float

    @property
    def ok(self) -> bool:
        return self.part <= self.tolerance

    @property
    def part(self) -> float:
        """The difference as it is held against the tolerance."""
        return self.worst / max(1.0, self.size)


def compare(reference: Engine, other: Engine, samples: Sequence[Mapping[str, np.ndarray]]) -> list[Difference]:
    """One row an output; the tolerance is the reference's.

    Raises:
        ModelError: one of them does not run, or there is nothing to run them on.
    """
    if not samples:
        raise ModelError(f"model {reference.spec.name}: no crops to compare on; name a folder of pictures")
    worst = {tensor.name: 0.0 for tensor in reference.spec.outputs}
    size = dict(worst)
    for sample in samples:
        truth, found = reference.run(sample), other.run(sample)
        for name, apart in difference(truth, found).items():
            worst[name] = max(worst[name], apart)
            size[name] = max(size[name], float(np.abs(truth[name]).max(initial=0.0)))
    return [Difference(name, worst[name], size[name], reference.spec.tolerance) for name in worst]


def compare_devices(path: Path, first: str, second: str, pictures: Path | None = None) -> list[Difference]:
    """One model on two devices, each as a job names them: 'cpu', 'cpu/opencv', 'cuda:0/tensorrt/fp16'.

    Args:
        path: its manifest. pictures: a folder of EXR, PNG or JPEG; None: the example shot.

    Raises:
        ModelError: one of the two cannot run it as asked; a fallback would compare a thing with itself.
    """

    def refuse(text: str) -> None:
        raise ModelError(f"compare: {text}")

    engines = [open_manifest(path, parse_devices(text), refuse) for text in (first, second)]
    return compare(engines[0], engines[1], crops(engines[0].spec, 4, pictures))


def require(found: Sequence[Difference], where: str) -> None:
    """Refuse what differs too much. where: start of the message.

    Raises:
        ModelError: which output differs, by how much.
    """
    for row in found:
        if not row.ok:
            raise ModelError(
                f"{where} its output '{row.output}' moves by {row.worst:.3g} of {row.size:.3g} on real crops, its "
                f"manifest allows {row.tolerance:.3g}; nothing was written. Keep fp32, or allow more in the manifest"
            )
