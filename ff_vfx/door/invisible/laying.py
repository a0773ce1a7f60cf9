"""The invisible mark in a job's frames: laid over finished layers, where coverage is above 0 and nowhere else.

Read by work, rendering and session. Off unless `output.invisible_mark` asks for it: it alters pixels. docs/marks.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch

from ff_vfx.colour import Transform
from ff_vfx.composite.planes import face_planes
from ff_vfx.door.cast import Member
from ff_vfx.door.invisible.keys import needed_studio_key
from ff_vfx.trust.invisible import PUBLIC_KEY, Pattern, pattern_of, payload_from, stops_of
from ff_vfx.types.layers import Layers
from ff_vfx.types.settings import OutputSettings

MARK_ATTRIBUTE = "ffvfx/mark"


@dataclass(frozen=True, slots=True, eq=False)
class Invisible:
    """One job's mark. told: its header attribute. to_light, from_light: the plate's encoding to light and back."""

    pattern: Pattern
    told: str
    to_light: Transform
    from_light: Transform

    def laid(self, layers: Layers) -> Layers:
        """The same layers, marked: the fused picture and ffFace; every other plane and the coverage stay.

        Domain: scene-linear, unbounded: light is multiplied, so that 0, nan, infinities and signs stay what they are.
        Repeats: the pattern is fixed to the screen and the same for every frame.
        """
        if layers.window.empty or not bool((layers.coverage > 0.0).any()):
            return layers
        frame = layers.frame
        noise = self.pattern.over(layers.window, frame.display_window, frame.pixel_aspect)
        light = self.to_light(layers.fused.float())
        marked = self.from_light(light * torch.exp2(stops_of(light, noise) * layers.coverage))
        covered = (layers.coverage > 0.0).expand_as(marked)
        fused = torch.where(covered & torch.isfinite(layers.fused), marked, layers.fused)
        rows, columns = layers.window.slices(frame.data_window)
        faces = face_planes(frame.pixels[:3, rows, columns].float(), fused, layers.coverage)
        planes = {**layers.planes, **{name: plane for name, plane in faces.items() if name in layers.planes}}
        attributes = {**layers.attributes, MARK_ATTRIBUTE: self.told}
        return replace(layers, fused=fused, planes=planes, attributes=attributes)


def invisible_of(output: OutputSettings, stamp: str, people: Sequence[Member]) -> Invisible | None:
    """The mark of a job; None where none is asked for, or nobody is in it.

    Args:
        stamp: the job's; its first 32 bits, with which every frame's ProduceID begins, are what the mark says.

    Raises:
        BadInput: the studio's key is asked for and is not there.
    """
    if not output.invisible_mark or not people:
        return None
    key = PUBLIC_KEY if output.mark_key == "public" else needed_studio_key()
    look, payload = people[0].shot.look, payload_from(stamp)
    return Invisible(pattern_of(payload, key), f"{payload:08x} {output.mark_key}", look.to_light, look.from_light)
