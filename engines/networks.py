"""A small torch network in the layout of every kind, with made-up weights: what parity is measured on. Read by parity.

They are not trained and find nothing; their shapes, ranges, names and operators are those of the networks a studio
brings, so that a runtime which disagrees on one of these would disagree on those. The same seed, the same weights.
Layouts are facts of the networks named with each; the code is ours.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import torch
from torch import nn

from engines.layers import Cells, Column, Correlation, Hourglass, Identity, Recogniser, Unrolled
from ff_vfx.engine.architectures import ARCHITECTURES
from ff_vfx.types.engine import EngineSpec, Level, TensorSpec
from ff_vfx.types.template import TEMPLATES

_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # Source: ImageNet's, as torchvision gives them
_LOW: Level = (-_MEAN[0] / _DEVIATION[0], -_MEAN[1] / _DEVIATION[1], -_MEAN[2] / _DEVIATION[2])
_HIGH: Level = (
    (1 - _MEAN[0]) / _DEVIATION[0],
    (1 - _MEAN[1]) / _DEVIATION[1],
    (1 - _MEAN[2]) / _DEVIATION[2],
)


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """make: the module. spec: its manifest's. like: whose layout it has, for people. drawn: weights are drawn here."""

    make: Callable[[], nn.Module]
    spec: EngineSpec
    like: str
    drawn: bool = True

    def module(self, seed: int = 0) -> nn.Module:
        """Its weights drawn anew: the same seed, the same weights."""
        return seeded(self.make(), seed) if self.drawn else self.make().eval().requires_grad_(False)


def seeded(module: nn.Module, seed: int = 0) -> nn.Module:
    """Weights that keep a signal's size from layer to layer, from a generator of their own; ready to run."""
    draw = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in sorted(module.named_parameters()):
            if weight.dim() > 1:
                fan = weight[0].numel()
                weight.copy_(torch.randn(weight.shape, generator=draw) * math.sqrt(1.6 / fan))
            elif name.endswith("bias"):
                weight.copy_(torch.randn(weight.shape, generator=draw) * 0.05)
            else:
                weight.copy_(torch.rand(weight.shape, generator=draw) * 0.4 + (0.05 if "prelu" in name else 0.8))
        for name, buffer in sorted(module.named_buffers()):
            if name.endswith("running_mean"):
                buffer.copy_(torch.randn(buffer.shape, generator=draw) * 0.1)
            elif name.endswith("running_var"):
                buffer.copy_(torch.rand(buffer.shape, generator=draw) * 0.5 + 0.75)
    return module.eval().requires_grad_(False)


def _upscaler() -> nn.Module:
    """Its own start, but for the last layer, which would be 0."""
    module = ARCHITECTURES["edsr_x2"]()
    last = list(module.parameters())[-2]
    with torch.no_grad():
        last.copy_(torch.randn(last.shape, generator=torch.Generator().manual_seed(0)) * 0.01)
    return module


def _picture(name: str, side: int | None, low: Level = 0.0, high: Level = 1.0, batch: int | None = None) -> TensorSpec:
    return TensorSpec(name, (batch, 3, side, side), "nchw", low, high, "srgb", "rgb", "picture")


def _flat(name: str, *shape: int | None, role: str = "") -> TensorSpec:
    return TensorSpec(name, shape, "flat", role=role)


def _map(name: str, channels: int, side: int, role: str) -> TensorSpec:
    return TensorSpec(name, (None, channels, side, side), "nchw", role=role)


def _network(
    kind: str, like: str, make: Callable[[], nn.Module], tensors: tuple[tuple[TensorSpec, ...], ...], **more: object
) -> Network:
    inputs, outputs = tensors
    spec = EngineSpec(f"small-{kind}", kind, inputs, outputs, **more)  # type: ignore[arg-type]
    return Network(make, spec, like, drawn=make is not _upscaler)


_CELLS = tuple(
    _flat(f"{what}_{stride}", None, width, role=role)
    for what, width, role in (("score", 1, "scores"), ("bbox", 4, "boxes"), ("kps", 10, "points"))
    for stride in (8, 16, 32)
)
NETWORKS: Final[Mapping[str, Network]] = MappingProxyType(
    {
        network.spec.kind: network
        for network in (
            _network(
                "face_detector",
                "SCRFD: boxes, scores and five points at strides 8, 16, 32, two anchors a cell, any size",
                Cells,
                ((_picture("input.1", None, -127.5 / 128, 127.5 / 128, batch=1),), _CELLS),
                multiple=32,
            ),
            _network(
                "face_mesh",
                "468 points and a score from 192 px",
                lambda: Column(48, (1404, 1)),
                ((_picture("input", 192),), (_flat("points", None, 1404, role="points"), _flat("score", None, 1))),
            ),
            _network(
                "iris",
                "71 points of lid and brow and 5 of the iris from 64 px",
                lambda: Column(32, (213, 15)),
                ((_picture("input", 64),), (_flat("lids", None, 213), _flat("iris", None, 15, role="points"))),
            ),
            _network(
                "person_matte",
                "a matte of 256 px",
                lambda: Hourglass(1, 16, sigmoid=True),
                ((_picture("input", 256),), (_map("matte", 1, 256, "matte"),)),
            ),
            _network(
                "landmarks",
                "2d106: 106 points from 192 px in [0, 255]",
                lambda: Column(32, (212,), first=1.0 / 128.0),
                ((_picture("data", 192, 0.0, 255.0),), (_flat("fc1", None, 212, role="points"),)),
            ),
            _network(
                "recogniser",
                "ArcFace: 512 numbers from 112 px, depthwise blocks as MobileFaceNet",
                Recogniser,
                ((_picture("input.1", 112, -1.0, 1.0),), (_flat("embedding", None, 512, role="embedding"),)),
                template=TEMPLATES["arcface_112"],
            ),
            _network(
                "swapper",
                "inswapper: a face of 128 px and an identity of 512 numbers; style from the identity",
                Identity,
                (
                    (_picture("target", 128), _flat("source", None, 512, role="identity")),
                    (_picture("output", 128),),
                ),
                template=TEMPLATES["arcface_128"],
            ),
            _network(
                "face_parser",
                "BiSeNet: 19 classes of 512 px",
                lambda: Hourglass(19, 12, attend=True),
                ((_picture("input", 512, _LOW, _HIGH),), (_map("out", 19, 512, "labels"),)),
                template=TEMPLATES["ffhq_512"],
            ),
            _network(
                "occluder",
                "a matte of what is face, 256 px",
                lambda: Hourglass(1, 12, attend=True),
                ((_picture("in_face", 256),), (_map("out_mask", 1, 256, "matte"),)),
            ),
            _network(
                "enhancer",
                "GFPGAN: a face of 512 px in [-1, 1]",
                lambda: Hourglass(3, 12, residual=True),
                ((_picture("input", 512, -1.0, 1.0),), (_picture("output", 512, -1.0, 1.0),)),
                template=TEMPLATES["ffhq_512"],
            ),
            _network(
                "upscaler",
                "ours: edsr_x2, any size",
                _upscaler,
                ((_picture("picture", None),), (_picture("larger", None),)),
            ),
            _network(
                "flow",
                "RAFT: all-pairs correlation, looked up and refined three times, any multiple of 8",
                lambda: Unrolled(Correlation()),
                (
                    (_picture("image1", None, 0.0, 255.0, batch=1), _picture("image2", None, 0.0, 255.0, batch=1)),
                    (TensorSpec("flow", (1, 2, None, None), "nchw", role="flow"),),
                ),
                multiple=8,
                tolerance=1e-3,
            ),
        )
    }
)
