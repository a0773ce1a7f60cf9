"""The four networks the default needs: face finder, face mesh, iris and person matte. Read by pull and the tests.

They are the graphs inside one wheel of the package index, all Apache-2.0; its runtime is not used. Layouts and ranges
were checked by running each graph on a public-domain portrait (tests/engine/models/test_embedded.py).
"""

from __future__ import annotations

from pathlib import PurePosixPath

from ff_vfx.engine.models.manifest import Manifest
from ff_vfx.types.engine import TensorSpec

WHEEL = "mediapipe==0.10.21"
WHEEL_PLATFORM = ("manylinux_2_28_x86_64", "3.11")
WHEEL_SHA256 = "05dc4a9e593655a79558d05d6227d31018c2537a4bd3362b51e230cf22aecfe3"
WHEEL_LICENCE = "mediapipe-0.10.21.dist-info/LICENSE"


def _picture(name: str, side: int, low: float) -> tuple[TensorSpec, ...]:
    return (TensorSpec(name, (1, 3, side, side), "nchw", low, 1.0, "srgb", "rgb"),)


def _numbers(name: str, *shape: int) -> TensorSpec:
    return TensorSpec(name, (1, *shape), "nchw" if len(shape) == 3 else "flat")


def _embedded(
    kind: str, member: str, sha256: str, *, inputs: tuple[TensorSpec, ...], outputs: tuple[TensorSpec, ...], notes: str
) -> Manifest:
    file = PurePosixPath(member)
    return Manifest(
        name=file.stem,
        kind=kind,
        file=file.name,
        licence="Apache-2.0",
        allowed_use="any",
        origin=f"{WHEEL} {member}",
        sha256=sha256,
        runtime="opencv-tflite",
        inputs=inputs,
        outputs=outputs,
        tolerance=1e-4,
        notes=notes,
    )


EMBEDDED: tuple[Manifest, ...] = (
    _embedded(
        "face_detector",
        "mediapipe/modules/face_detection/face_detection_short_range.tflite",
        "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
        inputs=_picture("input", 128, -1.0),
        outputs=(_numbers("regressors", 896, 16), _numbers("classificators", 896, 1)),
        notes="896 anchors: 16x16 cells with 2 each, then 8x8 cells with 6 each, row by row, at the cells' centres. "
        "classificators: score before the sigmoid. regressors: box centre x, y, width, height, then six points x, y "
        "(right eye, left eye, nose tip, mouth, right ear, left ear), in input pixels, measured from the anchor.",
    ),
    _embedded(
        "face_mesh",
        "mediapipe/modules/face_landmark/face_landmark.tflite",
        "1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814",
        inputs=_picture("input_1", 192, 0.0),
        outputs=(_numbers("conv2d_21", 1404, 1, 1), _numbers("conv2d_31", 1, 1, 1)),
        notes="conv2d_21: 468 points x, y, z in input pixels, z smaller is nearer. conv2d_31: face there, before the "
        "sigmoid.",
    ),
    _embedded(
        "iris",
        "mediapipe/modules/iris_landmark/iris_landmark.tflite",
        "d1744d2a09c25f501d39eba4faff47e53ecca8852c5ce19bce8eeac39357521f",
        inputs=_picture("input_1", 64, 0.0),
        outputs=(_numbers("output_eyes_contours_and_brows", 213), _numbers("output_iris", 15)),
        notes="output_iris: centre, then four points of the rim; the other output: 71 points of lid and brow. x, y, z "
        "in input pixels. For a left eye; mirror the crop of the other eye and the points that come back.",
    ),
    _embedded(
        "person_matte",
        "mediapipe/modules/selfie_segmentation/selfie_segmentation.tflite",
        "9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c",
        inputs=_picture("input_1", 256, 0.0),
        outputs=(_numbers("activation_10", 1, 256, 256),),
        notes="activation_10: 1 where a person is, [0, 1], no sigmoid needed.",
    ),
)
