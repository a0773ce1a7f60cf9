"""The mark over a face nobody allowed: bands with words, and blocks between them. Read by the door.

It is laid over a person's finished layers, whatever made them and whatever the settings were, so that no way leads
round it. The bands' places on the face are the same in every job: two renders do not show between them what one hides.
Whoever can read this can also take it out of the program; it stops slips and settings, not that. docs/consent.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch

from ff_vfx.colour import Transform
from ff_vfx.composite.planes import face_planes
from ff_vfx.errors import BadInput
from ff_vfx.image.lettering import text_line
from ff_vfx.image.sample import sample
from ff_vfx.types.face import Face
from ff_vfx.types.layers import Layers
from ff_vfx.types.window import Window

WORDS = "NO CONSENT"
MARKED = "ffvfx/marked"  # header attribute of a frame that bears the mark
_SLANT_DEG = 30.0
_PERIOD, _BAND = 0.40, 0.24  # of the bands, canonical units (a face is 1.55 wide): six tenths are hidden
_BLOCK = 0.125  # side of a block between the bands, same units: a face is about twelve blocks wide
_LETTERS = 0.62  # height of the letters, part of a band
_FLATTEST = 0.4  # of a turned head the bands are drawn no narrower than this
_SHAPES = ("ffMatte", "ffAux", "ffSt", "forward", "backward")  # layers that show where a face is, not what it is
_PAPER = ((0.015, 0.015, 0.015), (0.6, 0.01, 0.01))  # of dark and of red bands; 1 is the face's bright end
_LEAST_PX = 24.0  # a canonical unit: on a head smaller than some 40 px bands and blocks stay as they are on that one
_MOST_UNITS = 4.0  # a window is never more of them: a crop is 3.4; a solve that says less of a head is not believed
_INK = 1.0
_MOST_LETTERS = 40


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """How one person of a shot is marked.

    label: who and which shot, written on every second band. white: scene-linear, the bright end of faces in the shot.
    from_light: scene-linear to the plate's encoding.
    """

    label: str
    white: float
    from_light: Transform


def mark_layers(layers: Layers, face: Face, mark: Mark) -> Layers:
    """The same person, marked: in the finished picture, in ffFace and in ffRaw.

    Args:
        layers: one person's. face: his place on this frame.

    Returns:
        Layers in which no pixel of the new face is as it was made: under bands it is gone, between them there is one
        colour a block. Where coverage is 0 the plate's bits stay; coverage, mattes, motion and ST map are as they were,
        for they tell where a face is, not what it looks like. A plane this module does not know is black.

    Domain: the plate's encoding; the mark's colours are set in scene-linear.
    """
    if layers.window.empty:
        return layers
    pattern = _pattern(layers.window, face, mark)
    rows, columns = layers.window.slices(layers.frame.data_window)
    # One broken pixel must not break its whole block.
    plate, made = (_finite(one.float()) for one in (layers.frame.pixels[:3, rows, columns], layers.fused))
    coverage = layers.coverage
    own = torch.where(coverage > 0.0, made - plate * (1.0 - coverage), torch.zeros_like(plate))
    new = _over(own, coverage, pattern)
    fused = torch.where(coverage > 0.0, plate * (1.0 - coverage) + new * coverage, layers.fused)
    planes = {name: plane if _is_shape(name) else torch.zeros_like(plane) for name, plane in layers.planes.items()}
    planes |= {name: plane for name, plane in face_planes(plate, fused, coverage).items() if name in planes}
    planes |= _raw(layers, pattern)
    attributes = {**layers.attributes, MARKED: WORDS.lower()}
    decisions = {**layers.decisions, "marked": mark.label}
    return replace(layers, fused=fused, planes=planes, attributes=attributes, decisions=decisions)


@dataclass(frozen=True, slots=True, eq=False)
class _Pattern:
    """Over a window: band (1, h, w) how much is hidden; paint (3, h, w) by what; block (h, w) each pixel's block."""

    band: torch.Tensor
    paint: torch.Tensor
    block: np.ndarray


def _raw(layers: Layers, pattern: _Pattern) -> dict[str, torch.Tensor]:
    """ffRaw, marked alike; nothing where it is not written."""
    if "ffRaw.A" not in layers.planes:
        return {}
    alpha = layers.planes["ffRaw.A"][None]
    raw = torch.stack([layers.planes[f"ffRaw.{name}"] for name in "RGB"])
    marked = _over(_finite(raw), alpha, pattern) * alpha
    return {f"ffRaw.{name}": plane for name, plane in zip("RGBA", [*marked, alpha[0]], strict=True)}


def _over(premult: torch.Tensor, alpha: torch.Tensor, pattern: _Pattern) -> torch.Tensor:
    """(3, h, w), not premultiplied: the picture as blocks, and the bands over it."""
    return pattern.band * pattern.paint + (1.0 - pattern.band) * _blocks(premult, alpha, pattern.block)


def _blocks(premult: torch.Tensor, alpha: torch.Tensor, block: np.ndarray) -> torch.Tensor:
    """Each block's mean colour, by how much of it is covered."""
    ids = block.ravel()
    weight = np.bincount(ids, alpha[0].numpy().ravel().astype(np.float64))
    means = [
        np.bincount(ids, channel.numpy().ravel().astype(np.float64)) / np.maximum(weight, 1e-6) for channel in premult
    ]
    return torch.from_numpy(np.stack([mean[block] for mean in means]).astype(np.float32))


def _pattern(window: Window, face: Face, mark: Mark) -> _Pattern:
    """Bands and blocks, fixed to the face, all over the window."""
    px, along, across = _on_face(window, face)
    turn = across / _PERIOD
    index = np.floor(turn).astype(np.int64)
    inside = (turn - index) * _PERIOD  # from the band's upper edge
    soft = 0.5 / px
    band = np.clip((np.minimum(inside + soft, _BAND - inside + soft)) / (2.0 * soft), 0.0, 1.0)
    band = np.maximum(band, np.clip((inside - _PERIOD + soft) / (2.0 * soft), 0.0, 1.0))
    odd = index % 2
    ink = np.zeros(band.shape, np.float32)
    for which, text in enumerate((WORDS, _line(mark.label))):
        # Words begin elsewhere on every band, so that some stand whole on the face.
        there = (odd == which) & (band > 0.0)
        ink[there] = _letters(text, along[there] + index[there] * 0.37, inside[there], px)
    paper = np.array(_PAPER, np.float32)[odd].transpose(2, 0, 1)
    light = (paper * (1.0 - ink) + _INK * ink) * mark.white
    paint = mark.from_light(torch.from_numpy(light.astype(np.float32)))
    columns, rows = np.floor(along / _BLOCK).astype(np.int64), np.floor(across / _BLOCK).astype(np.int64)
    columns, rows = columns - columns.min(), rows - rows.min()
    block = rows * (columns.max() + 1) + columns
    return _Pattern(torch.from_numpy(band.astype(np.float32))[None], paint, block)


def _on_face(window: Window, face: Face) -> tuple[float, np.ndarray, np.ndarray]:
    """Px a canonical unit, and where each pixel lies on the face: along and across the bands, (h, w) canonical units.

    The head's turn narrows the bands as it does the face, but never so far that nothing can be read.
    """
    left, stretch, right = np.linalg.svd(face.pose[:2, :2])
    largest = max(float(stretch[0]), _LEAST_PX, max(window.width, window.height) / _MOST_UNITS)
    grown = stretch * (largest / max(float(stretch[0]), 1e-6))
    matrix = left @ np.diag(np.maximum(grown, _FLATTEST * largest)) @ right
    x = np.arange(window.x0, window.x1) + 0.5 - face.pose[0, 3]
    y = np.arange(window.y0, window.y1) + 0.5 - face.pose[1, 3]
    u, v = np.einsum("ij,jhw->ihw", np.linalg.inv(matrix), np.stack(np.meshgrid(x, y)))
    # Words rise from left to right.
    angle = np.deg2rad(_SLANT_DEG)
    along, across = u * np.cos(angle) - v * np.sin(angle), u * np.sin(angle) + v * np.cos(angle)
    return largest, along, across


def _letters(text: str, along: np.ndarray, inside: np.ndarray, px: float) -> np.ndarray:
    """(n,) coverage of the text, repeated along its band, at (n,) places in canonical units. px: plate px a unit."""
    height = _LETTERS * _BAND
    drawn_px = int(min(1024, max(8, 2 ** np.ceil(np.log2(max(height * px, 1.0))))))
    line = text_line(text, drawn_px)
    gap = torch.zeros(drawn_px, drawn_px)
    texture = torch.nn.functional.pad(torch.cat([line, gap], 1), (0, 0, 1, 1))
    scale = drawn_px / height
    # The texture's end meets its beginning in the gap, so the seam is empty.
    x = np.mod(along * scale, texture.shape[1])
    y = (inside - (1.0 - _LETTERS) * 0.5 * _BAND) * scale + 1.0
    where = torch.from_numpy(np.stack([x, y], -1).astype(np.float32))
    return sample(texture[None], where[None], mode="bilinear", outside="zeros")[0, 0].numpy()


def _line(label: str) -> str:
    """The label as it can be drawn."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in label).split())[:_MOST_LETTERS]
    try:
        text_line(line, 8)
    except BadInput:
        return "NOT CLEARED"
    return line


def _finite(picture: torch.Tensor) -> torch.Tensor:
    return torch.nan_to_num(picture, nan=0.0, posinf=65504.0, neginf=-65504.0)


def _is_shape(name: str) -> bool:
    return name.split(".", 1)[0] in _SHAPES
