"""Whether the runtime here knows a file's operator sets. Read by check.

An export for a newer set than the runtime knows fails to load, or worse, runs with another meaning; either is said
before it is tried.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from ff_vfx.engine.models.onnx_file import OnnxFile


@dataclass(frozen=True, slots=True)
class _Known:
    """runtime: its name and version. versions: the newest of each operator set. names: (set, operator)."""

    runtime: str
    versions: dict[str, int]
    names: frozenset[tuple[str, str]]


def unknown_operators(file: OnnxFile) -> list[str]:
    """What of a file's operators this machine's runtime does not know, a message each; empty when it knows all."""
    known = _known()
    found = []
    for domain in sorted({domain for domain, _ in file.operators}):
        name, version = domain or "ai.onnx", file.opsets.get(domain)
        if version is None:
            found.append(f"operator set '{name}' is used and the file does not say which version; export it again")
        elif domain not in known.versions:
            found.append(
                f"operator set '{name}' is unknown to {known.runtime}; export it with standard operators alone"
            )
        elif version > known.versions[domain]:
            found.append(
                f"operator set '{name}' is version {version}, {known.runtime} knows up to {known.versions[domain]}; "
                "export it for that, or get a newer runtime"
            )
        else:
            odd = sorted(op for where, op in file.operators - known.names if where == domain)
            found += [f"operator '{op}' of set '{name}' is unknown to {known.runtime}; export it without" for op in odd]
    return found


@cache
def _known() -> _Known:
    schemas, runtime = _schemas()
    versions: dict[str, int] = {}
    for domain, _, since in schemas:
        versions[domain] = max(since, versions.get(domain, 0))
    return _Known(runtime, versions, frozenset((domain, name) for domain, name, _ in schemas))


def _schemas() -> tuple[list[tuple[str, str, int]], str]:
    """(set, name, version) of each operator that onnxruntime knows, else the onnx package; and which of the two."""
    try:
        import onnxruntime
        from onnxruntime.capi import onnxruntime_pybind11_state as inside

        found = [(one.domain, one.name, one.since_version) for one in inside.get_all_operator_schema()]
        return found, f"onnxruntime {onnxruntime.__version__}"
    except (ImportError, AttributeError):  # not there, or a build that does not tell
        import onnx

        found = [(one.domain, one.name, one.since_version) for one in onnx.defs.get_all_schemas_with_history()]
        return found, f"onnx {onnx.__version__}"
