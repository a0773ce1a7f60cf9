"""Small networks in the layouts of the well-known ones, trained in a minute on the synthetic heads. Read by mattes.py.

No weights are taken from anywhere: BiSeNet's layout (19 classes, ImageNet's mean and deviation, more outputs than one)
and XSeg's (nhwc, one channel, blue first) around a few convolutions.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.functional import interpolate

from benchmarks.truth.occluder import draw_hand
from benchmarks.truth.planted import laid_over, spectacles, strands
from ff_vfx.colour import Bridge
from ff_vfx.image.blur import shrink
from ff_vfx.image.fit import similarity_matrix
from ff_vfx.image.sample import sample_affine
from ff_vfx.types.template import TEMPLATES, five_points

SIDE, CLASSES = 128, 19
TEMPLATE = "ffhq_512"
BACKGROUND, SKIN, EYES, GLASSES, MOUTH, NECK, HAIR = 0, 1, 4, 6, 11, 14, 17
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # Source: ImageNet's, as torchvision gives them
_EXAMPLES, _RATE = 144, 0.01
_FINER = 2  # times: things are planted in a finer picture, so that their edges are soft


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """One frame with its truth. picture: (3, h, w) scene-linear. points: (478, 3) px. classes: (h, w) uint8."""

    picture: torch.Tensor
    points: np.ndarray
    classes: torch.Tensor


def classes_of(parts: np.ndarray, face: np.ndarray) -> torch.Tensor:
    """Classes of CelebAMask-HQ from the renderer's part ids; the rest of the head counts as neck."""
    found = np.where(parts > 0, NECK, BACKGROUND)
    found[face] = SKIN
    found[(parts == 2) | (parts == 3)] = MOUTH
    found[(parts == 4) | (parts == 5)] = EYES
    return torch.from_numpy(found.astype(np.uint8))


class SmallParser(nn.Module):
    """(b, 3, 128, 128) -> (b, 19, 128, 128) logits; and a second, coarse answer, as BiSeNet has."""

    def __init__(self, classes: int = CLASSES) -> None:
        super().__init__()
        self.fine = _folded(3, 16)
        self.middle = nn.Sequential(_folded(16, 32, stride=2), _folded(32, 32))
        self.deep = nn.Sequential(
            _folded(32, 48, stride=2), _folded(48, 64, stride=2), _folded(64, 64, wide=2), _folded(64, 64, wide=4)
        )
        self.join = _folded(64 + 32, 16)
        self.out = nn.Sequential(_folded(16 + 16, 16), nn.Conv2d(16, classes, 1))
        self.coarse = nn.Conv2d(64, classes, 1)

    def forward(self, picture: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        fine = self.fine(picture)
        half = self.middle(fine)
        deep = self.deep(half)
        joined = self.join(torch.cat([_grown(deep, 4), half], 1))
        return self.out(torch.cat([_grown(joined, 2), fine], 1)), _grown(self.coarse(deep), 8)


class AsOccluder(nn.Module):
    """A parser as XSeg is laid out: (b, 128, 128, 3) blue first in [0, 1] -> (b, 128, 128, 1), 1 where the face is."""

    def __init__(self, parser: SmallParser) -> None:
        super().__init__()
        self.parser = parser
        self.mean, self.deviation = (torch.tensor(v)[None, :, None, None] for v in (_MEAN, _DEVIATION))

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        given = (picture.permute(0, 3, 1, 2).flip(1) - self.mean) / self.deviation
        shares = self.parser(given)[0].softmax(1)
        return (shares[:, SKIN] + shares[:, EYES] + shares[:, MOUTH])[..., None]


def _folded(taken: int, given: int, stride: int = 1, wide: int = 1) -> nn.Sequential:
    """A convolution with its norm, which falls together with it once trained."""
    conv = nn.Conv2d(taken, given, 3, stride, wide, dilation=wide, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(given), nn.ReLU())


def _grown(picture: torch.Tensor, factor: int) -> torch.Tensor:
    return interpolate(picture, scale_factor=float(factor), mode="bilinear", align_corners=False)


def trained(frames: Sequence[Labelled], bridge: Bridge, steps: int, seed: int = 7) -> SmallParser:
    """A parser that knows these heads, with hands, hair and spectacles before them on half of what it is shown.

    Repeats: seeded; the same bits with the same number of threads.
    """
    torch.manual_seed(seed)
    chance = np.random.default_rng(seed)
    net = SmallParser()
    learn = torch.optim.Adam(net.parameters(), _RATE)
    fall = torch.optim.lr_scheduler.OneCycleLR(learn, _RATE, total_steps=steps)
    shown = [_example(frames[k % len(frames)], bridge, chance) for k in range(max(_EXAMPLES, len(frames)))]
    mean, deviation = (torch.tensor(v)[None, :, None, None] for v in (_MEAN, _DEVIATION))
    for _ in range(steps):
        rows = chance.integers(0, len(shown), 8)
        pictures = torch.stack([shown[r][0] for r in rows]) * float(np.exp2(chance.uniform(-0.3, 0.3)))
        wanted = torch.stack([shown[r][1] for r in rows])
        if chance.random() < 0.5:
            pictures, wanted = pictures.flip(-1), wanted.flip(-1)
        fine, coarse = net((pictures.clamp(0.0, 1.0) - mean) / deviation)
        # A thin rim or an eye is few pixels: what is rare counts more.
        rare = 1.0 / (wanted.mean((0, 2, 3)) + 0.02).sqrt()
        loss = sum(-(rare[:, None, None] * wanted * o.log_softmax(1)).sum(1).mean() for o in (fine, 0.3 * coarse))
        learn.zero_grad()
        loss.backward()
        learn.step()
        fall.step()
    return net.eval()


def _example(frame: Labelled, bridge: Bridge, chance: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """(3, 128, 128) display picture and (19, 128, 128) shares of the classes in it."""
    size, seed = SIDE * _FINER, int(chance.integers(1 << 30))
    matrix = _square(frame.points) @ _jitter(chance) @ np.diag([1.0 / _FINER, 1.0 / _FINER, 1.0])
    points = frame.points[:, :2] @ np.linalg.inv(matrix)[:2, :2].T + np.linalg.inv(matrix)[:2, 2]
    shares = torch.stack([(frame.classes == k).float() for k in range(CLASSES)])
    both = sample_affine(torch.cat([frame.picture, shares]), torch.from_numpy(matrix), size, size)
    picture, shares = both[:3], both[3:].clamp(0.0, 1.0)
    for share, row, thing in (
        (0.5, HAIR, lambda: strands(points, size, seed, int(chance.integers(3, 14)))),
        (0.35, GLASSES, lambda: spectacles(points, size, seed)),
        (0.5, BACKGROUND, lambda: _hand(chance, size)),
    ):
        if chance.random() < share:
            planted = thing()
            picture = laid_over(picture, planted)
            shares = shares * (1.0 - planted[0])
            shares[row] = shares[row] + planted[0][0]
    return shrink(bridge.encode(picture), _FINER), shrink(shares, _FINER)


def _hand(chance: np.random.Generator, size: int) -> tuple[torch.Tensor, torch.Tensor]:
    """A hand, glove or dark thing of that shape, anywhere."""
    alpha, colour = draw_hand(float(chance.uniform(0.1, 0.9)), size)
    shift = [int(v) for v in chance.integers(-size // 5, size // 5, 2)]
    alpha, colour = (torch.roll(p, shift, (-2, -1)) for p in (alpha, colour))
    tint = torch.tensor(np.exp2(chance.uniform(-1.0, 0.7, 3) * 0.4 + chance.uniform(-1.5, 0.8)), dtype=torch.float32)
    flip = bool(chance.random() < 0.5)
    return (alpha.flip(-1), (colour * tint[:, None, None]).flip(-1)) if flip else (alpha, colour * tint[:, None, None])


def _square(points: np.ndarray) -> np.ndarray:
    return similarity_matrix(np.array(TEMPLATES[TEMPLATE].points) * SIDE, five_points(points))


def _jitter(chance: np.random.Generator) -> np.ndarray:
    """(3, 3) a little turn, growth and shift of the shown square, in its px."""
    angle, growth = chance.normal(0.0, 0.12), np.exp(chance.normal(0.0, 0.08))
    turn = growth * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = np.eye(3)
    matrix[:2, :2] = turn
    matrix[:2, 2] = SIDE / 2 - turn @ np.full(2, SIDE / 2) + chance.normal(0.0, 0.03 * SIDE, 2)
    return matrix


def write_models(net: SmallParser, folder: Path) -> tuple[str, str]:
    """Both as files with manifests; their names. Needs the package `onnx`, as torch's exporter does."""
    low = [-m / d for m, d in zip(_MEAN, _DEVIATION, strict=True)]
    high = [(1.0 - m) / d for m, d in zip(_MEAN, _DEVIATION, strict=True)]
    shown: dict[str, Any] = {"name": "input", "shape": [1, 3, SIDE, SIDE], "layout": "nchw", "low": low, "high": high}
    classes = {"name": "out", "shape": [1, CLASSES, SIDE, SIDE], "layout": "nchw", "low": 0.0, "high": 1.0}
    _write(folder, "small_bisenet", "face_parser", net, (shown, [classes, {**classes, "name": "out16"}]))
    shown = {"name": "in_face", "shape": [1, SIDE, SIDE, 3], "layout": "nhwc", "low": 0.0, "high": 1.0}
    matte = {**shown, "name": "out_mask", "shape": [1, SIDE, SIDE, 1]}
    _write(folder, "small_xseg", "occluder", AsOccluder(net), (shown, [{**matte, "role": "matte"}]), "bgr")
    return "small_bisenet", "small_xseg"


def _write(
    folder: Path, name: str, kind: str, net: nn.Module, ports: tuple[dict, list[dict]], channels: str = "rgb"
) -> None:
    shown, outputs = ports
    names = [out["name"] for out in outputs]
    given = (torch.zeros(shown["shape"]),)
    file = folder / f"{name}.onnx"
    torch.onnx.export(net, given, str(file), input_names=[shown["name"]], output_names=names, dynamo=False)
    manifest = {
        "format": 2,
        "name": name,
        "kind": kind,
        "file": file.name,
        "licence": "Apache-2.0",
        "allowed_use": "any",
        "origin": "trained by benchmarks/mattes.py on the synthetic heads",
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "runtime": "onnx",
        "inputs": [{**shown, "encoding": "srgb", "channels": channels}],
        "outputs": [{**out, "encoding": "none", "channels": "none"} for out in outputs],
        "tolerance": 1e-3,
        "notes": "",
        "template": TEMPLATE,
    }
    (folder / f"{name}.json").write_text(json.dumps(manifest, indent=2))
