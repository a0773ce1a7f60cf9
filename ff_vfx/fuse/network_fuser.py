"""A new face from a network that takes a picture and gives a picture. Read by shot's callers.

The network is an argument with a spec: size, range and encoding are handled here and undone here; light goes through
the HDR bridge, so that a network which changes nothing changes not a bit. Identity inputs and alignments of the swap
family come with engines; see ff_vfx.types.engine.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from ff_vfx.colour import Bridge
from ff_vfx.engine.pictures import answered, to_network
from ff_vfx.errors import ModelError
from ff_vfx.image.blur import enlarge
from ff_vfx.image.sample import pixel_grid, sample_affine
from ff_vfx.types.engine import Engine, TensorSpec
from ff_vfx.types.fused import Crop, Fused


@dataclass(frozen=True, slots=True, eq=False)
class NetworkFuser:
    """Implements types.fused.Fuser. The plate is not bent: the network draws inside the plate's own outline."""

    engine: Engine
    bridge: Bridge

    def fuse(self, crop: Crop) -> Fused:
        """The network's face on this crop.

        Raises:
            ModelError: the engine does not give one picture of its input's size.

        Domain: scene-linear, unbounded; where the network leaves a pixel alone, the crop's own bits.
        """
        seen = self.bridge.encode(crop.pixels)
        return replace(self.place(crop), picture=self.bridge.apply(crop.pixels, seen, self._answer(seen)))

    def place(self, crop: Crop) -> Fused:
        """The plate as it is."""
        size = crop.pixels.shape[-1]
        points = crop.points()
        grid = pixel_grid(size, size).permute(2, 0, 1)
        return Fused(crop.pixels, crop.pixels, grid, torch.zeros(1, size, size), points)

    def _answer(self, seen: torch.Tensor) -> torch.Tensor:
        """The network's picture at the crop's size: its own change, enlarged, on what it was shown."""
        spec = self.engine.spec.inputs[0]
        wanted = spec.shape[2] if len(spec.shape) == 4 else None
        size = seen.shape[-1]
        if wanted is None or wanted == size:
            return self._run(seen, spec)
        scale = torch.diag(torch.tensor([size / wanted, size / wanted, 1.0], dtype=torch.float64))
        small = sample_affine(seen, scale, wanted, wanted).clamp(0.0, 1.0)
        change = self._run(small, spec) - small
        return torch.where(change.any(), seen + enlarge(change, size, size), seen)

    def _run(self, picture: torch.Tensor, spec: TensorSpec) -> torch.Tensor:
        """One call, in the spec's range; a value that comes back as it went is given back as it was."""
        given = to_network(picture[None], spec)
        made = self.engine.run({spec.name: given})[self.engine.spec.outputs[0].name]
        if made.shape != given.shape:
            raise ModelError(f"model {self.engine.spec.name}: gave {made.shape} for {given.shape}; check its manifest")
        return answered(picture[None], given, made, (spec, spec))[0]
