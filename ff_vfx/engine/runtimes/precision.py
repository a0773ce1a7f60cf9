"""Half and whole numbers instead of floats, only where they keep to the manifest's tolerance. Read by model.

A lower file lies beside its model as NAME-fp16.json or NAME-int8.json; `python -m engines half|int8` writes it after
holding it against the model on real crops. What a runtime lowers by itself is measured here, as it is opened.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from ff_vfx.engine.models.listing import verified_file
from ff_vfx.engine.models.manifest import Manifest, read_manifest
from ff_vfx.engine.runtimes.pool import Placed
from ff_vfx.engine.runtimes.trial import trial_inputs
from ff_vfx.errors import ModelError


def lower_name(name: str, precision: str) -> str:
    """What the model of a lower precision is called."""
    return f"{name}-{precision}"


def lower_origin(manifest: Manifest, precision: str) -> str:
    """What the origin of such a model says, so that one made from another file is known for stale."""
    return f"{precision} of {manifest.name} sha256:{manifest.sha256}"


def lower_file(
    manifest: Manifest, file: Path, precision: str, say: Callable[[str], None]
) -> tuple[Manifest, Path] | None:
    """The same model at a lower precision, if it lies beside; else None, and `say` is told how to make it.

    Raises:
        ModelError: it is there and broken.
    """
    path = file.parent / f"{lower_name(manifest.name, precision)}.json"
    verb = {"fp16": "half", "int8": "int8"}.get(precision, precision)
    make = f"python -m engines {verb} {file.parent / manifest.name}.json"
    if not path.is_file():
        say(f"model {manifest.name}: there is no {path.name} beside it; it runs in fp32. Make one: {make}")
        return None
    lower = read_manifest(path)
    if lower.origin != lower_origin(manifest, precision):
        say(f"model {manifest.name}: {path.name} was made from another file; it runs in fp32. Make it anew: {make}")
        return None
    return lower, verified_file(lower, path.parent)


def kept(exact: Placed, lower: Placed, say: Callable[[str], None]) -> Placed:
    """The lower one, if on made-up pictures it differs by no more than the manifest's tolerance; else the exact."""
    given = trial_inputs(exact.spec)
    truth = exact.run(given)
    try:
        apart = difference(truth, lower.run(given))
    except ModelError as error:
        say(f"{error}; at the lower precision. It runs in fp32")
        return exact
    worst = max(value / max(1.0, float(np.abs(truth[name]).max(initial=0.0))) for name, value in apart.items())
    if worst <= exact.spec.tolerance:
        return lower
    say(
        f"model {exact.spec.name}: at the lower precision its answer moves by {worst:.2g}, its manifest allows "
        f"{exact.spec.tolerance:.2g}; it runs in fp32"
    )
    return exact


def difference(first: Mapping[str, np.ndarray], second: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Largest absolute difference, by output; infinite where shapes differ or a number is none."""
    return {name: _apart(first[name], second[name]) for name in first}


def _apart(a: np.ndarray, b: np.ndarray) -> float:
    if a.shape != b.shape:
        return float("inf")
    worst = float(np.abs(a.astype(np.float64) - b.astype(np.float64)).max(initial=0.0))
    return worst if np.isfinite(worst) else float("inf")
