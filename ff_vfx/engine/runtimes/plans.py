"""Where built networks are kept, and what tells whether one is still right. Read by providers, tensorrt and engines/.

A plan holds machine code for one card and one version of TensorRT: it is made on the machine that runs it, and made
anew when any of them changes. It is loaded from the user's own cache folder alone, if its hash is the recorded.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from ff_vfx.engine.models.manifest import sha256_of
from ff_vfx.types import user_folders


@dataclass(frozen=True, slots=True)
class PlanKey:
    """All that a plan depends on.

    sha256: of the ONNX file. gpu: see gpu_name. version: of what builds and runs it. precision: 'fp32' | 'fp16' |
        'int8'. profile: the sizes it was built for, see engines/plan.py; '' for those of the file.
    """

    sha256: str
    gpu: str
    version: str
    precision: str
    profile: str = ""

    @property
    def name(self) -> str:
        """A file name; another one when anything is another."""
        rest = hashlib.sha256("\n".join((self.gpu, self.version, self.precision, self.profile)).encode()).hexdigest()
        return f"{self.sha256[:16]}-{self.precision}-{rest[:16]}"


def cache_folder() -> Path:
    """$FF_VFX_CACHE, else the user's cache folder. It need not exist yet."""
    if given := os.environ.get("FF_VFX_CACHE", ""):
        return Path(given).expanduser()
    return user_folders.cache_folder()


def store_plan(key: PlanKey, plan: bytes) -> Path:
    """Keep a plan with its record; whole or not at all. OSError where the folder cannot be written to."""
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{key.name}.plan"
    record = {**asdict(key), "plan_sha256": hashlib.sha256(plan).hexdigest()}
    for target, data in ((path, plan), (path.with_suffix(".json"), json.dumps(record, indent=2).encode())):
        part = target.with_name(f".{target.name}.{os.getpid()}")
        part.write_bytes(data)
        os.replace(part, target)
    return path


def find_plan(key: PlanKey) -> tuple[Path | None, str]:
    """The plan for a model on this machine, whatever sizes it was built for; else None and why.

    Args:
        key: its profile is not looked at; of several the one built last is taken.
    """
    why = "no plan was built for it"
    for path in sorted(cache_folder().glob(f"{key.sha256[:16]}-{key.precision}-*.json"), key=_age):
        record = _record(path)
        if record.get("sha256") != key.sha256:
            continue
        if (record.get("gpu"), record.get("version")) != (key.gpu, key.version):
            why = f"its plan is for {record.get('gpu')}, {record.get('version')}; here are {key.gpu}, {key.version}"
        elif not path.with_suffix(".plan").is_file() or sha256_of(path.with_suffix(".plan")) != record["plan_sha256"]:
            why = f"its plan {path.with_suffix('.plan')} is not the one that was written"
        else:
            return path.with_suffix(".plan"), ""
    return None, why


def gpu_name(index: int) -> str:
    """The card's name and generation, 'NVIDIA_H100_sm90'; 'none' where torch sees none."""
    if not torch.cuda.is_available() or index >= torch.cuda.device_count():
        return "none"
    major, minor = torch.cuda.get_device_capability(index)
    return f"{re.sub(r'[^A-Za-z0-9]+', '_', torch.cuda.get_device_name(index))}_sm{major}{minor}"


def _age(path: Path) -> float:
    return -path.stat().st_mtime


def _record(path: Path) -> dict[str, str]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    wanted = {"sha256", "gpu", "version", "precision", "profile", "plan_sha256"}
    return data if isinstance(data, dict) and set(data) == wanted else {}
