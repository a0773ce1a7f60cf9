"""Where built networks are kept, and the key that tells whether one is still right. Read by providers and tensorrt.

A plan holds machine code for one card and one version of TensorRT: it is made on the machine that runs it, and made
anew when any of them changes. Nobody else's plan is ever loaded.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from pathlib import Path

import torch

from ff_vfx.engine.manifest import sha256_of


def cache_folder() -> Path:
    """$FF_VFX_CACHE, else the user's cache folder. It need not exist yet."""
    if given := os.environ.get("FF_VFX_CACHE", ""):
        return Path(given).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "ff-vfx" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "ff-vfx"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ff-vfx"


def plan_key(model: Path | str, gpu: str, version: str, precision: str, profile: str = "") -> str:
    """A file name for what was built from a model; another one when anything that matters is another.

    Args:
        model: the ONNX file, or its sha256. gpu: see gpu_name. version: of what builds and runs it.
        precision: 'fp32' | 'fp16' | 'int8'. profile: the sizes it was built for.
    """
    sha256 = model if isinstance(model, str) else sha256_of(model)
    rest = hashlib.sha256("\n".join((gpu, version, precision, profile)).encode()).hexdigest()
    return f"{sha256[:16]}-{precision}-{rest[:16]}"


def gpu_name(index: int) -> str:
    """The card's name and generation, 'NVIDIA_H100_sm90'; 'none' where torch sees none."""
    if not torch.cuda.is_available() or index >= torch.cuda.device_count():
        return "none"
    major, minor = torch.cuda.get_device_capability(index)
    return f"{re.sub(r'[^A-Za-z0-9]+', '_', torch.cuda.get_device_name(index))}_sm{major}{minor}"
