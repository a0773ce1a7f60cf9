"""From what a file declares and a layout to the specs of a manifest. Read by install alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ff_vfx.engine.models.layouts import Layout, Shape, Slot
from ff_vfx.engine.models.onnx_file import FileTensor
from ff_vfx.errors import ModelError
from ff_vfx.types.engine import TensorSpec

Specs = tuple[TensorSpec, ...]


def fitted(layout: Layout, inputs: Sequence[FileTensor], outputs: Sequence[FileTensor]) -> tuple[Specs, Specs]:
    """Inputs and outputs with the layout's ranges and roles, in the file's order and with its names.

    An open axis that the layout fixes is fixed. Many exports wrote down what came out for one picture of one size:
    where any number of pictures may go in, any number comes out, and where their size is open, so are the rows of
    numbers. (That a batch keeps to it is measured before it is used, see ff_vfx.engine.batch.)

    Raises:
        ModelError: a tensor that the layout has no place for, or a place that stays empty; all shapes are told.
    """
    taken = _placed(layout, "input", inputs, layout.inputs)
    given = _placed(layout, "output", outputs, layout.outputs)
    pictures = [tensor.shape for tensor in taken if tensor.role == "picture"]
    if any(shape[0] is None for shape in pictures):
        given = tuple(replace(one, shape=(None, *one.shape[1:])) if one.shape else one for one in given)
    if any(None in shape[1:] for shape in pictures):
        given = tuple(replace(one, shape=_opened(one.shape)) if one.layout == "flat" else one for one in given)
    return taken, given


def defaults(layout: Layout) -> tuple[Specs, Specs]:
    """Inputs and outputs of a layout for a file of weights, which declares none: one of each place that must be."""
    takes, gives = (
        tuple(_spec(slot, slot.tensor.name, slot.shapes[0]) for slot in slots if slot.least and slot.shapes)
        for slots in (layout.inputs, layout.outputs)
    )
    names = {tensor.name for tensor in takes}
    return takes, tuple(replace(t, name=f"made_{t.name}") if t.name in names else t for t in gives)


def _placed(layout: Layout, side: str, tensors: Sequence[FileTensor], slots: Sequence[Slot]) -> Specs:
    counts = [0] * len(slots)
    found = []
    for tensor in tensors:
        if tensor.shape is None:
            raise ModelError(
                f"{side} '{tensor.name}' is a {tensor.type} of no declared shape; write its manifest by hand"
            )
        places = ((i, _merged(tensor.shape, slot)) for i, slot in enumerate(slots) if counts[i] < slot.most)
        place = next(((i, shape) for i, shape in places if shape is not None), None)
        if place is not None:
            counts[place[0]] += 1
            found.append(_spec(slots[place[0]], tensor.name, place[1]))
        elif not (layout.spare and side == "output"):
            _refuse(layout, side, tensors, slots)
    if any(count < slot.least for count, slot in zip(counts, slots)):
        _refuse(layout, side, tensors, slots)
    return tuple(found)


def _merged(shape: Shape, slot: Slot) -> Shape | None:
    """The file's shape with what the slot fixes; None where they contradict."""
    if not slot.shapes:
        return shape
    for wanted in slot.shapes:
        if len(wanted) == len(shape) and all(None in (w, n) or w == n for w, n in zip(wanted, shape)):
            return tuple(w if n is None else n for w, n in zip(wanted, shape))
    return None


def _spec(slot: Slot, name: str, shape: Shape) -> TensorSpec:
    loose = not slot.shapes and len(shape) == 4
    return replace(slot.tensor, name=name, shape=shape, layout="nchw" if loose else slot.tensor.layout)


def _opened(shape: Shape) -> Shape:
    return (*(None for _ in shape[:-1]), shape[-1]) if shape else shape


def _refuse(layout: Layout, side: str, tensors: Sequence[FileTensor], slots: Sequence[Slot]) -> None:
    has = ", ".join(f"{tensor.name} {_told(tensor.shape)}" for tensor in tensors)
    wants = "; ".join(
        f"{slot.tensor.role or 'any'} {' or '.join(map(_told, slot.shapes))}".rstrip() + _count(slot) for slot in slots
    )
    raise ModelError(
        f"its {side}s are {has}; the layout ({layout.what}) has {wants}; choose another --like, or leave it out"
    )


def _told(shape: Shape | None) -> str:
    return "of unknown shape" if shape is None else "x".join("?" if n is None else str(n) for n in shape) or "number"


def _count(slot: Slot) -> str:
    if slot.least == slot.most:
        return "" if slot.most == 1 else f" ({slot.most} of them)"
    return f" (from {slot.least})" if slot.least else " (or none)"
