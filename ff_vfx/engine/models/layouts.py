"""The layouts of well-known networks: what a file of each takes and gives, in numbers. Read by install; data alone.

A layout is found in a file by shape, not by name, since every export names its tensors anew. What it fixes where the
file leaves an axis open goes into the manifest; what the file fixes, stays. All ranges are facts of how those networks
were trained; the sources are given with each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from ff_vfx.engine.models.kinds import KINDS
from ff_vfx.types.engine import Level, TensorSpec

Shape = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for tensors of some shapes. shapes: None for an axis of any size; an empty tuple of shapes takes any.

    tensor: role, layout, range, encoding and channels; its name is used where the file has none. least, most: how many.
    """

    tensor: TensorSpec
    shapes: tuple[Shape, ...]
    least: int = 1
    most: int = 1


@dataclass(frozen=True, slots=True)
class Layout:
    """what: for people. spare: outputs that fit no slot are left out of the manifest; without it they are refused.

    template, multiple, identity_matrix, notes: as in a manifest.
    """

    what: str
    kind: str
    inputs: tuple[Slot, ...]
    outputs: tuple[Slot, ...]
    template: str = ""
    multiple: int = 1
    identity_matrix: str = ""
    notes: str = ""
    spare: bool = False


_NCHW: Final[Shape] = (None, 3, None, None)


def _picture(
    low: Level = 0.0, high: Level = 1.0, channels: str = "rgb", *, shape: Shape = _NCHW, count: int = 1
) -> Slot:
    layout = "nhwc" if shape[-1] == 3 else "nchw"
    return Slot(TensorSpec("picture", shape, layout, low, high, "srgb", channels, "picture"), (shape,), count, count)


def _numbers(role: str, *shapes: Shape, least: int = 1, most: int = 1) -> Slot:
    return Slot(TensorSpec(role, shapes[0], "flat", role=role), shapes, least, most)


def _plane(role: str, shape: Shape, *, least: int = 1, most: int = 1, layout: str = "nchw") -> Slot:
    return Slot(TensorSpec(role, shape, layout, role=role), (shape,), least, most)


def _ending(count: int) -> tuple[Shape, Shape]:
    """One row an anchor, with or without an axis for the batch."""
    return (None, None, count), (None, count)


def _detector(
    title: str, picture: Slot, rows: Mapping[str, tuple[int, int, int]], *, notes: str, multiple: int = 32
) -> Layout:
    """Of faces. rows: role -> numbers an anchor, fewest and most outputs of it."""
    outputs = tuple(
        _numbers(role, *_ending(count), least=least, most=most) for role, (count, least, most) in rows.items()
    )
    return Layout(f"face detector: {title}", "face_detector", (picture,), outputs, multiple=multiple, notes=notes)


_OF_ROLE: Final[Mapping[str, tuple[Shape, ...]]] = MappingProxyType(
    {"strength": ((), (None,), (1, 1)), "identity": ((None, None),)}
)
# Source: mean and deviation of ImageNet, as torchvision publishes them.
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_IMAGENET = _picture(
    tuple(-m / d for m, d in zip(_MEAN, _DEVIATION)),  # type: ignore[arg-type]
    tuple((1.0 - m) / d for m, d in zip(_MEAN, _DEVIATION)),  # type: ignore[arg-type]
    shape=(None, 3, 512, 512),
)
# Source: means in blue, green, red that RetinaFace in PyTorch (Deng et al. 2019, biubug6) takes off.
_RETINA = _picture((-104.0, -117.0, -123.0), (151.0, 138.0, 132.0), "bgr")
_SIGNED = _picture(-1.0, 1.0)

# Source: ranges, orders and alignments as insightface (ArcFace, SCRFD, 2d106, 3d68, inswapper), libfacedetection
# (YuNet), Ultra-Light-Fast-Generic-Face-Detector-1MB (UltraFace), face-parsing.PyTorch (BiSeNet), DeepFaceLab (XSeg),
# GFPGAN, CodeFormer and RAFT publish them.
LAYOUTS: Final[Mapping[str, Layout]] = MappingProxyType(
    {
        "inswapper": Layout(
            "one-shot swapper of any size, with an ArcFace identity through a matrix in the file",
            "swapper",
            (_picture(), _numbers("identity", (None, 512))),
            (
                _picture(),
                _plane("matte", (None, 1, None, None), least=0),
            ),
            template="arcface_128",
            identity_matrix="last",
            notes="identity: embedding times the identity matrix, brought to length 1.",
            spare=True,
        ),
        "arcface": Layout(
            "recogniser, 112 px",
            "recogniser",
            (_picture(-1.0, 1.0, shape=(None, 3, 112, 112)),),
            (_numbers("embedding", (None, None)),),
            template="arcface_112",
        ),
        "scrfd": _detector(
            "scores, boxes and five points at strides 8, 16, 32, two anchors a cell",
            _picture(-127.5 / 128.0, 127.5 / 128.0),
            {"scores": (1, 3, 5), "boxes": (4, 3, 5), "points": (10, 0, 5)},
            notes="boxes, points: distances from the cell in strides; scores after the sigmoid.",
        ),
        "yunet": _detector(
            "class and object scores, boxes and five points at strides 8, 16, 32",
            _picture(0.0, 255.0, "bgr"),
            {"scores": (1, 6, 6), "boxes": (4, 3, 3), "points": (10, 3, 3)},
            notes="scores: three of class, then three of object; a face's is the root of their product.",
        ),
        "retinaface": _detector(
            "boxes, scores and five points of all anchors in one, measured from priors",
            _RETINA,
            {"boxes": (4, 1, 1), "scores": (2, 1, 1), "points": (10, 1, 1)},
            notes="scores: of no face and of a face. boxes, points: from priors of 16..512 px, variances 0.1 and 0.2.",
        ),
        "ultraface": _detector(
            "scores and boxes of all anchors in one, no points",
            _picture(-127.0 / 128.0, 1.0),
            {"scores": (2, 1, 1), "boxes": (4, 1, 1)},
            multiple=1,
            notes="scores: of no face and of a face. boxes: corners in parts of the picture.",
        ),
        "2d106": Layout(
            "106 points of a face, 192 px",
            "landmarks",
            (_picture(0.0, 255.0, shape=(None, 3, 192, 192)),),
            (_numbers("points", (None, 212)),),
            notes="points: x, y from -1 to 1 over the picture.",
        ),
        "3d68": Layout(
            "68 points of a face in 3-D, 192 px",
            "landmarks",
            (_picture(0.0, 255.0, shape=(None, 3, 192, 192)),),
            (_numbers("points", (None, 3309), (None, 204)),),
            notes="points: 1103 or 68 of x, y, z from -1 to 1 over the picture; the last 68 are the landmarks.",
        ),
        "bisenet": Layout(
            "face parser of 19 classes, 512 px",
            "face_parser",
            (_IMAGENET,),
            (_plane("labels", (None, 19, None, None)),),
            template="ffhq_512",
            notes="labels: a score for each class of CelebAMask-HQ; the largest is the class.",
            spare=True,
        ),
        "xseg": Layout(
            "occluder, 256 px, channels last",
            "occluder",
            (_picture(0.0, 1.0, "bgr", shape=(None, 256, 256, 3)),),
            (_plane("matte", (None, 256, 256, 1), layout="nhwc"),),
            notes="matte: 1 where the face is seen.",
        ),
        "gfpgan": Layout(
            "face restoration, 512 px",
            "enhancer",
            (_picture(-1.0, 1.0, shape=(None, 3, 512, 512)),),
            (_SIGNED,),
            template="ffhq_512",
            spare=True,
        ),
        "codeformer": Layout(
            "face restoration with a strength, 512 px",
            "enhancer",
            (_picture(-1.0, 1.0, shape=(None, 3, 512, 512)), _numbers("strength", *_OF_ROLE["strength"])),
            (_SIGNED,),
            template="ffhq_512",
            notes="strength: 0 the better picture, 1 the nearer to what was there.",
            spare=True,
        ),
        "edsr": Layout("super-resolution, any size", "upscaler", (_picture(),), (_picture(),)),
        "raft": Layout(
            "optical flow between two pictures",
            "flow",
            (_picture(0.0, 255.0, count=2),),
            (_plane("flow", (None, 2, None, None), most=99),),
            multiple=8,
            notes="flow: x, y px to the second picture, y down; the last at full size is the answer.",
            spare=True,
        ),
    }
)


def plain(kind: str) -> Layout:
    """What is taken for granted of a file of no known layout: RGB, sRGB, 0 to 1, its chief output first."""
    known = KINDS[kind]
    chief = known.gives[0]
    main = _picture() if chief == "picture" else Slot(TensorSpec(chief, (), "flat", role=chief), ())
    others = tuple(_numbers(role, *_OF_ROLE[role], least=0) for role in known.takes)
    rest = Slot(TensorSpec("rest", (), "flat"), (), 0, 99)
    return Layout(known.what, kind, (_picture(count=known.pictures), *others), (main, rest), known.template)
