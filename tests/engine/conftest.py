"""Models for the engine's tests: the embedded ones, and a small folder anybody may break."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "network: asks the package index; runs only with FF_VFX_NETWORK=1")


@pytest.fixture(scope="session")
def embedded_source(shared_data: Path) -> Path:
    """The four files as a user may have them offline."""
    folder = shared_data / "embedded_models"
    if not folder.is_dir():
        pytest.skip(f"needs the embedded models in {folder}")
    return folder


@pytest.fixture
def fields() -> dict[str, Any]:
    """A good manifest of a model called 'toy', whose file holds four bytes."""
    picture = {"name": "in", "shape": [1, 3, 8, 8], "layout": "nchw", "low": 0, "high": 1}
    tensor = {**picture, "encoding": "srgb", "channels": "rgb"}
    return {
        "format": 1,
        "name": "toy",
        "kind": "swapper",
        "file": "toy.onnx",
        "licence": "MIT",
        "allowed_use": "non-commercial",
        "origin": "made here",
        "sha256": hashlib.sha256(b"toys").hexdigest(),
        "runtime": "onnx",
        "inputs": [tensor],
        "outputs": [{**tensor, "name": "out"}],
        "tolerance": 0.001,
        "notes": "",
    }


@pytest.fixture
def toy(tmp_path: Path, fields: dict[str, Any]) -> Path:
    """That manifest and its file on disk."""
    (tmp_path / "toy.onnx").write_bytes(b"toys")
    path = tmp_path / "toy.json"
    path.write_text(json.dumps(fields))
    return path
