"""From one colour space to another, on tensors. Read by plate, fuse and composite; made once a shot.

OpenColorIO reduces the way between two spaces to a few operations; where we know them all, they run as tensor
arithmetic on any device. Where not (tables, looks), its own CPU code runs, and `exact` says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import PyOpenColorIO as ocio
import torch

from ff_vfx.colour.config import PINNED, load_config, resolve_space
from ff_vfx.colour.curves import Curve, curve_of
from ff_vfx.errors import BadInput, UnknownColourSpace


@dataclass(frozen=True, slots=True, eq=False)
class Transform:
    """A change of colour space; call it on pixels.

    src, dst: names as their config has them.
    exact: 'tensor' when it is our arithmetic on the pixels' device, 'ocio' when OpenColorIO's CPU code does it.
    """

    src: str
    dst: str
    exact: str
    curves: tuple[Curve, ...] = ()
    cpu: Any = None

    @classmethod
    def between(cls, src: str, dst: str, config: ocio.Config | None = None) -> Transform:
        """Make one.

        Args:
            src, dst: names, aliases or roles. config: None for load_config().

        Raises:
            UnknownColourSpace: the config does not know one of them, or no way between them.
        """
        config = config or load_config()
        src, dst = resolve_space(src, config), resolve_space(dst, config)
        if src == dst:
            return cls(src, dst, "tensor")
        try:
            return _from_processor(src, dst, config.getProcessor(src, dst))
        except ocio.Exception as error:
            raise UnknownColourSpace(f"colour: no way from '{src}' to '{dst}': {error}; repair the config") from error

    @classmethod
    def to_standard(cls, src: str, standard: str, config: ocio.Config | None = None) -> Transform:
        """As `between`, to a space of the pinned config, since a show's config need not know sRGB under our name.

        Raises:
            UnknownColourSpace: src is unknown, or the show's config does not tell what its spaces mean outside it.
        """
        config = config or load_config()
        if config.getColorSpace(standard) is not None:
            return cls.between(src, standard, config)
        src = resolve_space(src, config)
        return _across(config, src, load_config(PINNED), standard)

    @classmethod
    def from_standard(cls, standard: str, dst: str, config: ocio.Config | None = None) -> Transform:
        """The way back from `to_standard`."""
        config = config or load_config()
        if config.getColorSpace(standard) is not None:
            return cls.between(standard, dst, config)
        dst = resolve_space(dst, config)
        return _across(load_config(PINNED), standard, config, dst)

    def __call__(self, pixels: torch.Tensor) -> torch.Tensor:
        """Pixels of `src`, in `dst`.

        Args:
            pixels: (..., 3, h, w), any device. float16 is worked out and given back as float32; float64 stays.

        Returns:
            The same shape and device; the very same tensor where there is nothing to do.

        Domain: unbounded; highlights above 1 and negative values as OpenColorIO treats them.
        """
        if pixels.ndim < 3 or pixels.shape[-3] != 3:
            raise BadInput(f"colour: pixels {tuple(pixels.shape)}; (..., 3, h, w) is needed")
        if self.cpu is not None:
            return _on_cpu(self.cpu, pixels)
        if not self.curves:
            return pixels
        pixels = pixels.float() if pixels.dtype != torch.float64 else pixels
        for curve in self.curves:
            pixels = curve(pixels)
        return pixels


def _across(src_config: ocio.Config, src: str, dst_config: ocio.Config, dst: str) -> Transform:
    try:
        processor = ocio.Config.GetProcessorFromConfigs(src_config, src, dst_config, dst)
    except ocio.Exception as error:
        raise UnknownColourSpace(
            f"colour: no way from '{src}' to '{dst}' in the show's config: {error}; add the standard space to it, "
            f"or the role aces_interchange"
        ) from error
    return _from_processor(src, dst, processor)


def _from_processor(src: str, dst: str, processor: ocio.Processor) -> Transform:
    steps = processor.getOptimizedProcessor(ocio.OPTIMIZATION_DEFAULT).createGroupTransform()
    curves = [curve_of(step) for step in steps]
    known = tuple(curve for curve in curves if curve is not None)
    if len(known) == len(curves):
        return Transform(src, dst, "tensor", known)
    return Transform(src, dst, "ocio", (), processor.getDefaultCPUProcessor())


def _on_cpu(cpu: Any, pixels: torch.Tensor) -> torch.Tensor:
    last = pixels.detach().movedim(-3, -1)
    array = np.array(last.to("cpu", torch.float32).numpy(), order="C", copy=True)
    cpu.applyRGB(array)
    dtype = torch.float64 if pixels.dtype == torch.float64 else torch.float32
    return torch.from_numpy(array).movedim(-1, -3).to(pixels.device, dtype).contiguous()
