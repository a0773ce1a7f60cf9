"""Optical flow from a network of the user's own, RAFT family layout, in place of DIS. Read by the door, which opens it.

Two pictures go in, x and y px to the second picture come out, with y down and at any size the network likes: full, or
coarse in its own coarse pixels. What else the file gives (iterations, uncertainty) is passed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from threading import Lock

import numpy as np
import torch
from torch.nn.functional import interpolate, pad

from ff_vfx.colour import Bridge
from ff_vfx.engine.pictures import to_network
from ff_vfx.errors import BadInput, ModelError
from ff_vfx.steady.flow import Flow, both_ways
from ff_vfx.types.engine import Engine, EngineSpec, TensorSpec

_MULTIPLE = 8  # of px, that the family's pyramids need


class NetworkFlow:
    """Implements FlowMethod. Safe to call from several threads, one of which runs the network at a time."""

    chains = True  # a run costs seconds on a processor: long steps are put together from short ones alone

    def __init__(self, engine: Engine, space: str, exposure_stops: float) -> None:
        """Args:
            engine: two pictures (1, 3, h, w) in, flow (1, 2, h', w') among what comes out; its manifest says range,
                encoding and order of channels. space: the crops' colour space. exposure_stops: the shot's.

        Raises:
            BadInput: a network of another kind or layout.
        """
        self._engine, self._lock = engine, Lock()
        self._inputs, self._outputs = _layout(engine.spec)
        first = self._inputs[0]
        self._bridge = Bridge(space, exposure_stops, "srgb" if first.encoding == "none" else first.encoding)

    def picture(self, pixels: torch.Tensor) -> np.ndarray:
        """As the network wants it, (3, s, s) float32. pixels: (3, s, s) scene-linear, unbounded."""
        return to_network(self._bridge.encode(pixels)[None], self._inputs[0])[0]

    def between(self, first: np.ndarray, second: np.ndarray) -> tuple[Flow, Flow]:
        """Flow from the first picture to the second, and back; the network runs twice.

        Raises:
            ModelError: it gives no flow of two finite channels.
        """
        return both_ways(self._run(first, second), self._run(second, first))

    def onward(self, first: np.ndarray, second: np.ndarray, guess: tuple[np.ndarray, np.ndarray]) -> tuple[Flow, Flow]:
        """The guess, which is the network's own flow from frame to frame, put together."""
        return both_ways(*guess)

    def _run(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """(s, s, 2) px."""
        side, spec = first.shape[-1], self._inputs[0]
        given = [_fitted(picture, spec) for picture in (first, second)]
        with self._lock:
            made = self._engine.run({t.name: g.numpy() for t, g in zip(self._inputs, given, strict=True)})
        seen = given[0].shape[-2:]
        flow = _enlarged(self._chosen(made, seen), seen)
        if _fixed(spec):
            flow = _enlarged(flow, torch.Size((side, side)))
        return np.ascontiguousarray(flow[0, :, :side, :side].permute(1, 2, 0).numpy())

    def _chosen(self, made: Mapping[str, np.ndarray], size: torch.Size) -> torch.Tensor:
        """(1, 2, h', w'): of several, the last at full size; of none at full size, the last."""
        flows = [made[name] for name in self._outputs if made[name].ndim == 4 and made[name].shape[:2] == (1, 2)]
        full = [flow for flow in flows if flow.shape[-2:] == tuple(size)]
        if not flows or not np.isfinite((full or flows)[-1]).all():
            raise ModelError(
                f"model {self._engine.spec.name}: gave no finite flow (1, 2, h, w); check its manifest and its file"
            )
        return torch.from_numpy((full or flows)[-1]).float()


def _layout(spec: EngineSpec) -> tuple[tuple[TensorSpec, ...], tuple[str, ...]]:
    """The two pictures, and the names of the outputs that may be flow; in the manifest's order."""
    wanted = "inputs image1, image2 (1, 3, h, w) and an output (1, 2, h, w), nchw"
    if spec.kind != "flow":
        raise BadInput(f"steady.flow_model {spec.name}: a model of kind '{spec.kind}'; name one of kind 'flow'")
    flows = tuple(t.name for t in spec.outputs if t.layout == "nchw" and _fits(t.shape, 2))
    pictures = [t for t in spec.inputs if t.layout == "nchw" and _fits(t.shape, 3)]
    alike = len(spec.inputs) == len(pictures) == 2 and pictures[0] == replace(pictures[1], name=pictures[0].name)
    if not alike or not flows or (None in pictures[0].shape[2:]) != (pictures[0].shape[2:] == (None, None)):
        given = ", ".join(f"{t.name} {t.shape}" for t in (*spec.inputs, *spec.outputs))
        raise BadInput(f"steady.flow_model {spec.name}: has {given}; a flow network has {wanted}; correct its manifest")
    return spec.inputs, flows


def _fits(shape: tuple[int | None, ...], channels: int) -> bool:
    return len(shape) == 4 and shape[0] in (1, None) and shape[1] in (channels, None)


def _fixed(spec: TensorSpec) -> bool:
    return None not in spec.shape[2:]


def _fitted(picture: np.ndarray, spec: TensorSpec) -> torch.Tensor:
    """(1, 3, h, w): its edges repeated to a multiple of 8 px; scaled, where the network takes one size alone."""
    pixels = torch.from_numpy(picture)[None]
    if _fixed(spec):
        size = [n or 1 for n in spec.shape[2:]]
        return interpolate(pixels, size=size, mode="bilinear", align_corners=False, antialias=True)
    more = -picture.shape[-1] % _MULTIPLE
    return pad(pixels, (0, more, 0, more), mode="replicate")


def _enlarged(flow: torch.Tensor, size: torch.Size) -> torch.Tensor:
    """(1, 2, *size): the flow at another size, in that size's px."""
    if flow.shape[-2:] == size:
        return flow
    scale = torch.tensor([size[1] / flow.shape[-1], size[0] / flow.shape[-2]])[:, None, None]
    return interpolate(flow, size=list(size), mode="bilinear", align_corners=False) * scale
