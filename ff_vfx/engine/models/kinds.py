"""What a network of each kind takes and gives, and what a manifest of it must say. Read by manifest and layouts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from ff_vfx.types.engine import EngineSpec, TensorSpec


@dataclass(frozen=True, slots=True)
class Kind:
    """what: for people. pictures: how many it is shown. takes: roles its other inputs may have. gives: roles of its
    outputs, the chief one first. template: the usual one; '' where faces need not be laid in any way."""

    what: str
    gives: tuple[str, ...]
    takes: tuple[str, ...] = ()
    pictures: int = 1
    template: str = ""


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "face_detector": Kind("finds faces in a picture", ("boxes", "scores", "points")),
        "face_mesh": Kind("finds the 468 points of a face's mesh", ("points", "scores")),
        "iris": Kind("finds iris and lids of an eye", ("points",)),
        "person_matte": Kind("tells people from background", ("matte",)),
        "landmarks": Kind("finds points of a face", ("points", "scores")),
        "recogniser": Kind("tells people apart", ("embedding",), template="arcface_112"),
        "swapper": Kind(
            "puts another face on a face", ("picture", "matte"), takes=("identity",), template="arcface_128"
        ),
        "face_parser": Kind("tells the parts of a face", ("labels",), template="ffhq_512"),
        "occluder": Kind("tells a face from what is before it", ("matte",)),
        "enhancer": Kind("restores a face", ("picture", "matte"), takes=("strength",), template="ffhq_512"),
        "upscaler": Kind("enlarges a picture", ("picture",)),
        "flow": Kind("follows motion from one picture to the next", ("flow",), pictures=2),
    }
)
ROLES: Final = (
    "",
    "picture",
    "identity",
    "strength",
    "boxes",
    "scores",
    "points",
    "embedding",
    "labels",
    "matte",
    "flow",
)


def is_picture(tensor: TensorSpec) -> bool:
    """Whether an input is shown a picture: it says so, or it has four axes and says nothing else."""
    return tensor.role == "picture" or (not tensor.role and len(tensor.shape) == 4 and tensor.layout != "flat")


def fault_of(spec: EngineSpec) -> str:
    """What is wrong with a spec of this kind, as a message goes on; '' when nothing is."""
    kind = KINDS[spec.kind]
    for side, tensors, roles in (
        ("input", spec.inputs, ("picture", *kind.takes)),
        ("output", spec.outputs, kind.gives),
    ):
        for tensor in tensors:
            if tensor.role and tensor.role not in roles:
                return f"{side} '{tensor.name}' has role '{tensor.role}'; a {spec.kind}'s may be {', '.join(roles)}"
            if fault := _fault_of_levels(tensor):
                return f"{side} '{tensor.name}' {fault}"
    shown = [tensor.name for tensor in spec.inputs if is_picture(tensor)]
    if len(shown) != kind.pictures:
        return f"a {spec.kind} is shown {kind.pictures} picture(s), 'inputs' has {len(shown)} {shown}"
    for role in kind.takes:
        if len(twice := [tensor.name for tensor in spec.inputs if tensor.role == role]) > 1:
            return f"inputs {twice} both have role '{role}'; one may"
    return ""


def _fault_of_levels(tensor: TensorSpec) -> str:
    low, high = ([*level] if isinstance(level, tuple) else [level] for level in (tensor.low, tensor.high))
    wide = max(len(low), len(high))
    if any(a == b for a, b in zip(low * (wide // len(low)), high * (wide // len(high)), strict=True)):
        return f"has low and high both {tensor.low}; black and white must differ"
    if wide == 3 and tensor.channels == "none":
        return "has low or high for each channel, and 'channels' is none; say rgb or bgr"
    axis = {"nchw": 1, "nhwc": 3}.get(tensor.layout, 9)
    count = tensor.shape[axis] if len(tensor.shape) == 4 and axis < 4 else None
    if tensor.channels != "none" and count not in (None, 3):
        return f"is {tensor.channels} {tensor.layout} with {count} channels; three are needed, or channels: none"
    return ""
