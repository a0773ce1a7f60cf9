"""Load and run one network, whatever made it; keep models honest. Read by track, fuse, shot and the door."""

from ff_vfx.engine.identity import IdentityEngine
from ff_vfx.engine.model import open_engine, open_manifest, open_model
from ff_vfx.engine.models.embedded import EMBEDDED
from ff_vfx.engine.models.listing import ModelState, list_models, models_folder
from ff_vfx.engine.models.manifest import Manifest, read_manifest
from ff_vfx.engine.models.onnx_file import identity_matrix
from ff_vfx.engine.models.pull import pull_embedded

__all__ = [
    "EMBEDDED",
    "IdentityEngine",
    "Manifest",
    "ModelState",
    "identity_matrix",
    "list_models",
    "models_folder",
    "open_engine",
    "open_manifest",
    "open_model",
    "pull_embedded",
    "read_manifest",
]
