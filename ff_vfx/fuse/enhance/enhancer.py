"""A network that restores or enlarges the new face, as a change in light. Read by the enhancing fuser and its guard.

The face goes to the network as it learned faces (template, size, range), what comes back is taken as a DIFFERENCE to
what was shown, and the difference goes into the crop behind the bridge: a network that returns its input changes no
bit, and light above 1, which it never saw, stays as high as it was.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch

from ff_vfx.colour import Bridge
from ff_vfx.engine.pictures import answered, to_network
from ff_vfx.errors import ModelError
from ff_vfx.fuse.enhance.spec import Ports, ports_of, up_to_multiple
from ff_vfx.fuse.enhance.tiles import run_tiled
from ff_vfx.fuse.enhance.view import face_window, view_of
from ff_vfx.image.blur import enlarge, shrink
from ff_vfx.types.engine import Engine
from ff_vfx.types.fused import Fused

_TILE = 256  # px, where the network leaves it open
_MOST_NOISE = 2.0**-11  # display value; a runtime's rounding is under it, and so is half a step of 10 bits
_PROBE = 32  # px, to learn how much larger the answer is


@dataclass(frozen=True, slots=True, eq=False)
class Enhancer:
    """One network on one shot.

    bridge: the shot's way to a picture, exposed for the NEW face. fidelity: for a network with such an input, [0, 1].
    shown: px a side that an upscaler is shown of the crop, see enhance_view.native_side; 0: as many as the crop has.

    Raises:
        ModelError: the manifest does not describe such a network, or the network does not do what it says.
    """

    engine: Engine
    bridge: Bridge
    fidelity: float = 0.7
    shown: int = 0
    ports: Ports = field(init=False)
    scale: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ports", ports_of(self.engine.spec))
        object.__setattr__(self, "scale", self._measured_scale())

    @property
    def by_tiles(self) -> bool:
        """One that restores faces must see a whole one; one that enlarges looks at what is near, piece by piece."""
        return self.engine.spec.kind == "upscaler" and self.engine.spec.template is None

    def change(self, fused: Fused) -> torch.Tensor:
        """What the network would change, at full strength.

        Returns:
            (3, s, s) in the bridge's display values; exactly 0 where it changes nothing, and off the new face.

        Raises:
            ModelError: the network fails, or gives no finite picture of the promised size.
        """
        spec, size = self.engine.spec, fused.picture.shape[-1]
        whole = (self.shown or size) if self.by_tiles else (self.ports.own or up_to_multiple(size, spec.multiple))
        view = view_of(fused.points, size, whole, spec.template)
        window = face_window(fused.points, size) * view.window(size)
        shown = view.seen(self.bridge.encode(fused.picture))
        change = self._by_tiles(shown, view.seen(window), size) if self.by_tiles else self._changed(shown)
        return view.back(change, size) * window

    def add(self, picture: torch.Tensor, change: torch.Tensor, strength: float) -> torch.Tensor:
        """The picture with so much of the change.

        Args:
            picture: (3, s, s) scene-linear. change: as `change` gives it. strength: [0, 1]; 0 changes no bit.

        Domain: scene-linear, unbounded; where the change is 0, the picture's own bits.
        """
        seen = self.bridge.encode(picture)
        moved = change * strength
        return self.bridge.apply(picture, seen, torch.where(moved == 0.0, seen, (seen + moved).clamp(0.0, 1.0)))

    def _by_tiles(self, shown: torch.Tensor, wanted: torch.Tensor, size: int) -> torch.Tensor:
        """The change, tile by tile. What is finer than the crop is averaged at once: a whole one could fill memory."""
        whole = shown.shape[-1]
        tile = self.ports.own or up_to_multiple(min(whole, _TILE), self.engine.spec.multiple)
        finer = whole * self.scale // size
        finer = finer if finer > 1 and self.scale % finer == 0 else 1

        def run(part: torch.Tensor) -> torch.Tensor:
            change = self._changed(part)
            return shrink(change, finer) if finer > 1 else change

        return run_tiled(shown, tile, self.scale // finer, wanted, run)

    def _changed(self, shown: torch.Tensor) -> torch.Tensor:
        """(3, k * h, k * w): the network's picture less a plain enlargement of what it was shown."""
        made, wanted = self._run(shown), [n * self.scale for n in shown.shape[-2:]]
        if list(made.shape[-2:]) != wanted:
            raise ModelError(
                f"model {self.engine.spec.name}: gave {list(made.shape[-2:])} px for {list(shown.shape[-2:])}, "
                f"{wanted} are needed; correct its manifest"
            )
        change = made - (shown if self.scale == 1 else enlarge(shown, *wanted))
        noise = min(self.engine.spec.tolerance, _MOST_NOISE)
        return torch.where((change.abs() <= noise).all(0, keepdim=True), torch.zeros_like(change), change)

    def _run(self, shown: torch.Tensor) -> torch.Tensor:
        ports = self.ports
        inputs = {ports.taken.name: to_network(shown[None], ports.taken)}
        if ports.strength:
            shape = [n or 1 for n in ports.strength.shape]
            inputs[ports.strength.name] = np.full(shape, self.fidelity, np.float32)
        made = self.engine.run(inputs)[ports.gave.name]
        try:
            return answered(shown[None], inputs[ports.taken.name], made, (ports.taken, ports.gave))[0]
        except ModelError as error:
            raise ModelError(f"model {self.engine.spec.name}: {error}") from error

    def _measured_scale(self) -> int:
        """How many times larger the answer is: from the spec or, where that leaves it open, by asking once."""
        spec, taken, made = self.engine.spec, self.ports.own, self.ports.made
        if spec.kind == "enhancer" and not (taken and made):
            return 1
        if not (taken and made):
            taken = taken or up_to_multiple(_PROBE, spec.multiple)
            made = self._run(torch.full((3, taken, taken), 0.5)).shape[-1]
        if made < taken or made % taken:
            raise ModelError(f"model {spec.name}: gives {made} px for {taken}; a whole number of times is needed")
        return made // taken
