"""FRAME between the wire and the door: numbers into pictures, and what was done into the answer. Read by desk."""

from __future__ import annotations

import hashlib

from ff_vfx.apps.worker import wire
from ff_vfx.apps.worker.conversation import Conversation
from ff_vfx.apps.worker.faults import Refused
from ff_vfx.door.hosts.picture import HostPicture
from ff_vfx.door.hosts.wanted import Answered, Wanted

_OUTCOMES = {"rendered": wire.RENDERED, "passed": wire.PASSED, "failed": wire.FAILED}


def wanted_of(ask: wire.FrameAsk, by: Conversation) -> Wanted:
    """What is wanted, with the memory it goes to; from here on a block may be closed without harm.

    Raises:
        Refused, BlockRefused, BadInput: it cannot be.
    """
    if ask.flags & ~(wire.SOURCE_ON_ERROR | wire.KEYS_OF_PIXELS):
        raise Refused(wire.BAD_PROTOCOL, f"FRAME: flags {ask.flags:#x}; 1 and 2 can be")
    inputs: dict[int, HostPicture] = {}
    for one in ask.inputs:
        if one.number in inputs:
            raise Refused(wire.BAD_IMAGE, f"FRAME: frame {one.number} is handed over twice")
        # What one program calls its pictures says nothing of another's; their pixels do.
        whose = b"" if ask.flags & wire.KEYS_OF_PIXELS else b"%d" % by.pid
        inputs[one.number] = _picture(one.image, by, one.content, whose)
    outputs = []
    for output in ask.outputs:
        if output.layer >= len(wire.LAYER_NAMES):
            raise Refused(wire.BAD_IMAGE, f"FRAME: layer {output.layer}; 0 to {len(wire.LAYER_NAMES) - 1} can be")
        outputs.append((wire.LAYER_NAMES[output.layer], _picture(output.image, by)))
    return Wanted(ask.number, outputs, inputs, ask.scale, bool(ask.flags & wire.SOURCE_ON_ERROR))


def _picture(image: wire.Image, by: Conversation, content: bytes = b"", whose: bytes = b"") -> HostPicture:
    block = by.blocks.get(image.block)
    if block is None:
        raise Refused(wire.NO_BLOCK, f"no block {image.block}; open it again")
    if any(content):
        content = hashlib.blake2b(content, digest_size=16, key=whose).digest()
    bounds = (image.x1, image.y1, image.x2, image.y2)
    return HostPicture(block.view(), image.block, image.format, image.offset, image.row_bytes, bounds, content)


def frame_said(done: Answered, outputs: int, waited_ms: float) -> wire.FrameSaid:
    """The answer."""
    bits = (1 << outputs) - 1 if done.remembered else 0
    outcome = _OUTCOMES[done.outcome]
    return wire.FrameSaid(outcome, bits, done.window, waited_ms, done.computed_ms, done.copied_ms, done.text)
