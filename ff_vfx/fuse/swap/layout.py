"""Which of a swapper's inputs and outputs is what, by its manifest alone. Read by swap_fuser and swap_plan."""

from __future__ import annotations

from dataclasses import dataclass

from ff_vfx.errors import ModelError
from ff_vfx.types.engine import EngineSpec, TensorSpec


@dataclass(frozen=True, slots=True)
class SwapLayout:
    """picture, made: what goes in and comes out. identity: (1, d) whose face; matte: where it shows; None: none.

    side: of the picture, px; None where it is open.
    """

    picture: TensorSpec
    made: TensorSpec
    identity: TensorSpec | None
    matte: TensorSpec | None
    side: int | None


def swap_layout(spec: EngineSpec) -> SwapLayout:
    """Tell a picture from an identity from a matte: by role, or by shape where the manifest gives no role.

    Raises:
        ModelError: not one picture in and one out, at most one identity, square, shown one at a time or any number.
    """
    pictures = [t for t in spec.inputs if t.role == "picture" or (not t.role and len(t.shape) == 4)]
    identities = [t for t in spec.inputs if t.role == "identity" or (not t.role and len(t.shape) == 2)]
    made = [t for t in spec.outputs if t.role == "picture" or (not t.role and len(t.shape) == 4)]
    mattes = [t for t in spec.outputs if t.role == "matte"]
    others = [t.name for t in spec.inputs if t not in pictures and t not in identities]
    if len(pictures) != 1 or len(identities) > 1 or len(made) < 1 or len(mattes) > 1 or others:
        _refuse(spec, f"{_told(spec)}: one picture in and out is needed, at most one identity in and one matte out")
    identity, matte = (found[0] if found else None for found in (identities, mattes))
    return SwapLayout(pictures[0], made[0], identity, matte, _side(spec, pictures[0]))


def _side(spec: EngineSpec, picture: TensorSpec) -> int | None:
    if len(picture.shape) != 4 or picture.layout not in ("nchw", "nhwc"):
        _refuse(spec, f"input '{picture.name}' has shape {picture.shape}, layout {picture.layout}: no picture")
    batch, *rest = picture.shape
    channels, height, width = rest if picture.layout == "nchw" else (rest[2], rest[0], rest[1])
    if batch not in (None, 1) or channels not in (None, 3) or height != width:
        _refuse(spec, f"input '{picture.name}' has shape {picture.shape}: a square of three channels is needed")
    return height


def _told(spec: EngineSpec) -> str:
    return ", ".join(f"{t.name} {list(t.shape)} {t.role}".rstrip() for t in (*spec.inputs, *spec.outputs))


def _refuse(spec: EngineSpec, what: str) -> None:
    raise ModelError(f"model {spec.name}: {what}; correct shapes and roles in its manifest")
