"""What an enhancer's manifest must say, and what is read off it. Read by enhance and, before it loads, the door."""

from __future__ import annotations

from dataclasses import dataclass

from ff_vfx.errors import ModelError
from ff_vfx.types.engine import EngineSpec, TensorSpec

KINDS = ("enhancer", "upscaler")  # of models


@dataclass(frozen=True, slots=True)
class Ports:
    """taken, gave: the pictures. strength: the input for how far to stay with what is shown; None: it has none.

    own: px a side of what is taken, None where that is open. made: the same of what is given.
    """

    taken: TensorSpec
    gave: TensorSpec
    strength: TensorSpec | None
    own: int | None
    made: int | None


def ports_of(spec: EngineSpec) -> Ports:
    """Raises: ModelError: the manifest does not describe a network that takes and gives a square picture."""
    if spec.kind not in KINDS:
        raise ModelError(f"model {spec.name}: is a {spec.kind}; enhance.model needs an {' or an '.join(KINDS)}")
    taken, gave = _picture(spec.inputs), _picture(spec.outputs)
    others = [tensor for tensor in spec.inputs if tensor is not taken]
    if wrong := [t.name for t in others if t.role not in ("", "strength")] or [t.name for t in others[1:]]:
        raise ModelError(
            f"model {spec.name}: input '{wrong[0]}' is neither its picture nor its one strength; correct its manifest"
        )
    for tensor in (taken, gave):
        if len(tensor.shape) != 4 or tensor.layout == "flat":
            raise ModelError(
                f"model {spec.name}: '{tensor.name}' of shape {tensor.shape} is no picture; correct its manifest"
            )
        height, width = tensor.shape[1:3] if tensor.layout == "nhwc" else tensor.shape[2:4]
        if height != width:
            raise ModelError(f"model {spec.name}: '{tensor.name}' is {height} x {width} px; only square ones are known")
    return Ports(taken, gave, others[0] if others else None, _side(taken), _side(gave))


def up_to_multiple(side: int, multiple: int) -> int:
    """The least side of at least so many px that the network takes."""
    return -(-side // multiple) * multiple


def _picture(tensors: tuple[TensorSpec, ...]) -> TensorSpec:
    return next((t for t in tensors if t.role == "picture"), tensors[0])


def _side(tensor: TensorSpec) -> int | None:
    return tensor.shape[1] if tensor.layout == "nhwc" else tensor.shape[2]
