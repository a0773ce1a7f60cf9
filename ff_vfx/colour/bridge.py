"""The HDR bridge: a network that knows pictures in [0, 1] works on scene-linear light without harming it. Read by fuse.

The network sees a display picture; only the DIFFERENCE it makes, taken back to light, is added to the plate. So what it
does not touch keeps its own bits, and highlights it never saw keep their height.
"""

from __future__ import annotations

import math

import PyOpenColorIO as ocio
import torch

from ff_vfx.colour.config import load_config
from ff_vfx.colour.transform import Transform
from ff_vfx.errors import BadInput

_SPACES = {"srgb": "srgb_tx", "linear": "lin_rec709"}
_HALF_MAX = 65504.0


class Bridge:
    """One shot's way to a network and back. Immutable; made once a shot, so that its exposure is fixed over time.

    y = clip(sRGB(M * light * 2^EV), 0, 1). Source: ours.
    """

    __slots__ = ("_gain", "_to_light", "_to_picture", "encoding", "exposure_stops", "space")

    def __init__(
        self, space: str, exposure_stops: float, encoding: str = "srgb", *, config: ocio.Config | None = None
    ) -> None:
        """Args:
            space: the light's colour space. exposure_stops: gain before the picture, one for the whole shot.
            encoding: 'srgb' | 'linear', what the network was trained on; Rec.709 primaries either way.

        Raises:
            UnknownColourSpace: the config does not know it.
            BadInput: another encoding, or an exposure that is not finite.
        """
        if encoding not in _SPACES:
            raise BadInput(f"bridge: encoding '{encoding}'; one of {', '.join(_SPACES)} is needed")
        if not math.isfinite(exposure_stops):
            raise BadInput(f"bridge: exposure of {exposure_stops} stops; a finite number is needed")
        config = config or load_config()
        self.space, self.exposure_stops, self.encoding = space, exposure_stops, encoding
        self._gain = 2.0**exposure_stops
        self._to_picture = Transform.to_standard(space, _SPACES[encoding], config)
        self._to_light = Transform.from_standard(_SPACES[encoding], space, config)

    def encode(self, linear: torch.Tensor) -> torch.Tensor:
        """What the network sees of the light.

        Args:
            linear: (..., 3, h, w) scene-linear, unbounded; what is above the largest half after the exposure
                counts as that, nan as 0.

        Returns:
            float32, the same shape, in [0, 1], finite.
        """
        # Bounded before the matrix: inf - inf is nan.
        light = torch.nan_to_num(linear.float() * self._gain, nan=0.0).clamp(-_HALF_MAX, _HALF_MAX)
        return self._to_picture(light).clamp(0.0, 1.0)

    def decode(self, picture: torch.Tensor) -> torch.Tensor:
        """Light of a picture, without what `encode` clipped; outside [0, 1] the curve goes on."""
        return self._to_light(picture.float()) / self._gain

    def apply(self, linear: torch.Tensor, y: torch.Tensor, y_model: torch.Tensor) -> torch.Tensor:
        """The light with the network's change: linear + decode(y_model) - decode(y).

        Args:
            linear: (..., 3, h, w), as given to encode. y: what encode gave. y_model: what the network made of it.

        Returns:
            The dtype of linear. Where y_model == y in all three channels, linear's own bits: -0.0, inf and nan too.

        Domain: scene-linear, unbounded; a network's nan stays nan, for the caller to see.
        """
        change = self.decode(y_model) - self.decode(y)
        # A change of 0 must not be added: -0.0 + 0.0 is 0.0.
        return torch.where((y_model == y).all(-3, keepdim=True), linear, (linear.float() + change).to(linear.dtype))
