"""Manifests of the real small networks beside the checkout, and of nothing else. Read by tests; never shipped."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ff_vfx.engine.models.manifest import Manifest
from ff_vfx.types.engine import TensorSpec
from ff_vfx.types.template import TEMPLATES, Template
from tests.track.shots import DATA

ONNX = DATA / "onnx"


def mobile_face_net() -> tuple[Path, Manifest]:
    """A recogniser of 128 numbers. Its range is not written anywhere: of six tried, this tells people apart best."""
    return _model(
        "MobileFaceNet.onnx",
        "recogniser",
        TensorSpec("input0", (1, 3, 112, 112), "nchw", -1.0, 1.0, "srgb", "rgb"),
        (TensorSpec("output0", (1, 128), "flat", role="embedding"),),
        TEMPLATES["arcface_112"],
    )


def yunet() -> tuple[Path, Manifest]:
    """A detector of any size that is a multiple of 32."""
    outputs = [(f"{what}_{stride}", width) for what, width in _YUNET for stride in (8, 16, 32)]
    return _model(
        "yunet_n_dynamic.onnx",
        "face_detector",
        TensorSpec("input", (None, 3, None, None), "nchw", 0.0, 255.0, "srgb", "bgr"),
        tuple(TensorSpec(name, (None, None, width), "flat") for name, width in outputs),
        multiple=32,
    )


def retinaface() -> tuple[Path, Manifest]:
    """A detector of 640 px in the layout of OpenSeeFace."""
    return _model(
        "osf_retinaface_640x640_opt.onnx",
        "face_detector",
        TensorSpec("input0", (1, 3, 640, 640), "nchw", (-104.0, -117.0, -123.0), (151.0, 138.0, 132.0), "srgb", "bgr"),
        tuple(TensorSpec(name, (1, 16800, k), "flat") for name, k in (("output0", 4), ("586", 2), ("585", 10))),
    )


def ultraface() -> tuple[Path, Manifest]:
    """A detector without points, of 320 x 240 px."""
    return _model(
        "ultraface_RFB-320.onnx",
        "face_detector",
        TensorSpec("input", (1, 3, 240, 320), "nchw", -127.0 / 128.0, 1.0, "srgb", "rgb"),
        (TensorSpec("scores", (1, 4420, 2), "flat"), TensorSpec("boxes", (1, 4420, 4), "flat")),
    )


_YUNET = (("cls", 1), ("obj", 1), ("bbox", 4), ("kps", 10))


def _model(
    file: str,
    kind: str,
    picture: TensorSpec,
    outputs: tuple[TensorSpec, ...],
    template: Template | None = None,
    multiple: int = 1,
) -> tuple[Path, Manifest]:
    path = ONNX / file
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "0" * 64
    manifest = Manifest(
        path.stem, kind, file, "see the data's own LICENSE files", "research", "shared test data", sha256, "onnx",
        (picture,), outputs, 1e-3, "", template, multiple,
    )  # fmt: skip
    return path, manifest
