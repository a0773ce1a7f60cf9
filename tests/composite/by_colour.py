"""Matte networks of known answer: they mark a picture by its colours. Read by the tests of mattes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from ff_vfx.composite.occluder import open_occluder
from ff_vfx.composite.parsing import open_parser
from ff_vfx.composite.sight import MatteNetworks
from ff_vfx.errors import ModelError
from ff_vfx.types.engine import EngineSpec, Level, TensorSpec
from ff_vfx.types.template import TEMPLATES, Template
from tests.synthetic import SPACE

SIDE, CLASSES = 64, 19
# Of a colour's lead over the other two in display light: the class it stands for. What leads nowhere is skin.
MARKS = {"red": (0, 6), "green": (1, 17), "blue": (2, 0)}  # glasses, hair, background
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
LOW: Level = tuple(-m / d for m, d in zip(MEAN, DEVIATION))  # type: ignore[assignment]
HIGH: tuple[float, float, float] = tuple((1.0 - m) / d for m, d in zip(MEAN, DEVIATION))  # type: ignore[assignment]
WHOLE = None


def logits_of(picture: np.ndarray, steep: float = 40.0) -> np.ndarray:
    """(1, 3, h, w) display RGB -> (1, 19, h, w): how far one colour leads."""
    made = np.full((1, CLASSES, *picture.shape[-2:]), -30.0, np.float32)
    made[:, 1] = 0.0
    for channel, klass in MARKS.values():
        others = [picture[:, c] for c in range(3) if c != channel]
        made[:, klass] = steep * (picture[:, channel] - np.maximum(*others) - 0.25)
    return made


class ByColour:
    """A parser; its spec as given, its picture decoded as the spec says. answer: logits -> what it gives instead."""

    def __init__(self, spec: EngineSpec, answer: Callable[[np.ndarray], np.ndarray] | None = None) -> None:
        self.spec, self.answer = spec, answer
        self.shown: list[np.ndarray] = []

    def run(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        taken = self.spec.inputs[0]
        given = inputs[taken.name]
        self.shown.append(given)
        picture = given.transpose(0, 3, 1, 2) if taken.layout == "nhwc" else given
        low, high = (np.array(v, np.float32).reshape(1, -1, 1, 1) for v in (taken.low, taken.high))
        picture = (picture - low) / (high - low)
        logits = logits_of(picture[:, ::-1] if taken.channels == "bgr" else picture)
        made = self.answer(logits) if self.answer else logits
        rest = {t.name: np.zeros((1, CLASSES, 4, 4), np.float32) for t in self.spec.outputs}
        return rest | {self.spec.outputs[-1].name: made}


class Failing(ByColour):
    """It throws on a picture with any of a colour's marks in it."""

    def run(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        made = super().run(inputs)
        if (made[self.spec.outputs[-1].name][0, MARKS["red"][1]] > 0).any():
            raise ModelError(f"model {self.spec.name}: out of memory")
        return made


def parser_spec(template: Template | None = WHOLE, **of_input: Any) -> EngineSpec:
    shown = TensorSpec("input", (1, 3, SIDE, SIDE), low=LOW, high=HIGH, encoding="srgb", channels="rgb")
    shown = replace(shown, **of_input)
    return EngineSpec(
        "colours", "face_parser", (shown,), (TensorSpec("out", (1, CLASSES, None, None)),), 1e-3, template
    )


def occluder_spec() -> EngineSpec:
    """As XSeg is laid out: nhwc, blue first."""
    shown = TensorSpec("in_face", (1, SIDE, SIDE, 3), "nhwc", encoding="srgb", channels="bgr")
    out = TensorSpec("out_mask", (1, SIDE, SIDE, 1), "nhwc", role="matte")
    return EngineSpec("hidden", "occluder", (shown,), (out,), 1e-3, TEMPLATES["arcface_128"])


def visible(logits: np.ndarray) -> np.ndarray:
    """(1, h, w, 1): what is skin is seen."""
    shares = np.exp(logits - logits.max(1, keepdims=True))
    return (shares / shares.sum(1, keepdims=True))[:, 1, ..., None]


def parser_of(engine: ByColour, **more: Any) -> MatteNetworks:
    return MatteNetworks(parser=open_parser(engine, SPACE, 0.0), **more)


def occluder_of(answer: Callable[[np.ndarray], np.ndarray] = visible) -> MatteNetworks:
    return MatteNetworks(occluder=open_occluder(ByColour(occluder_spec(), answer), SPACE, 0.0))


def grey(size: int, seed: int = 80) -> torch.Tensor:
    """A picture without colour, (3, size, size): to these networks all of it is skin."""
    from tests.synthetic import picture

    return picture(seed, size, size).mean(0, keepdim=True).expand(3, -1, -1).clone()


def marked(picture: torch.Tensor, colour: str, box: tuple[int, int, int, int]) -> torch.Tensor:
    """The picture with a box (x0, y0, x1, y1) of one pure colour in it."""
    made, (x0, y0, x1, y1) = picture.clone(), box
    made[:, y0:y1, x0:x1] = 0.02
    made[MARKS[colour][0], y0:y1, x0:x1] = 0.6
    return made
