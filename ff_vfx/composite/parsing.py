"""What each pixel of a face is, from a parsing network of the user's own (BiSeNet layout, 19 classes). Read by sight.

The network sees the plate, so it tells the plate's parts. Soft all the way: shares of the classes, never the largest.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import torch

from ff_vfx.composite.aligned import Aligned, MatteNetwork
from ff_vfx.errors import BadInput
from ff_vfx.types.engine import Engine, EngineSpec, TensorSpec
from ff_vfx.types.fused import Crop

# Source: the classes of CelebAMask-HQ (Lee et al. 2020), numbered as the BiSeNet face parsers trained on it number
# them. Left and right are put together: data sets do not agree on whose left is meant.
CLASSES = 19
GROUPS = {
    "skin": (1,),
    "brows": (2, 3),
    "eyes": (4, 5),
    "nose": (10,),
    "mouth": (11,),
    "lips": (12, 13),
    "glasses": (6,),
    "ears": (7, 8, 9),
    "neck": (14, 15),
    "cloth": (16,),
    "hair": (17,),
    "hat": (18,),
}
PARTS = tuple(GROUPS)
FACE = tuple(PARTS.index(name) for name in ("skin", "brows", "eyes", "nose", "mouth", "lips"))
_SUMS_TO_ONE = 1e-3


class Parser(MatteNetwork):
    """A parsing network. The plate's parts, a row for each of PARTS; what is left to one is background."""

    __slots__ = ()
    face: ClassVar = FACE

    def read(self, made: np.ndarray, crop: Crop) -> torch.Tensor:
        """(parts, h, w) in [0, 1]."""
        shares = self._shares(made, crop)
        return torch.stack([shares[list(classes)].sum(0) for classes in GROUPS.values()])

    def _shares(self, made: np.ndarray, crop: Crop) -> torch.Tensor:
        """(19, h, w) in [0, 1], summing to one."""
        if made.dtype.kind == "f" and not np.isfinite(made).all():
            raise self.aligned.fail(crop, f"output '{self.output.name}' {made.shape} holds nan or infinity")
        if made.ndim == 3 and made.shape[0] == 1:
            return self._of_labels(made[0], crop)
        scores = self.channels_first(made)
        if scores.ndim != 4 or scores.shape[:2] != (1, CLASSES):
            wanted = f"{CLASSES} classes or (1, h, w) labels are needed"
            raise self.aligned.fail(crop, f"output '{self.output.name}' has shape {made.shape}; {wanted}")
        found = torch.from_numpy(np.ascontiguousarray(scores[0], np.float32))
        told = bool((found >= 0.0).all()) and bool(((found.sum(0) - 1.0).abs() < _SUMS_TO_ONE).all())
        return found if told else found.softmax(0)

    def _of_labels(self, labels: np.ndarray, crop: Crop) -> torch.Tensor:
        whole = np.rint(labels).astype(np.int64)
        if not np.array_equal(whole, labels) or whole.min() < 0 or whole.max() >= CLASSES:
            wanted = f"whole labels from 0 to {CLASSES - 1} are needed"
            raise self.aligned.fail(crop, f"output '{self.output.name}' {labels.shape} holds others; {wanted}")
        return torch.nn.functional.one_hot(torch.from_numpy(whole), CLASSES).permute(2, 0, 1).float()


def open_parser(engine: Engine, space: str, exposure_stops: float) -> Parser:
    """A parser of a loaded network.

    Args:
        engine: kind 'face_parser'; an output of role 'labels', or the first with 19 classes or labels; others are
            passed over. space: the crops' colour space. exposure_stops: the shot's.

    Raises:
        BadInput: another kind or layout.
    """
    spec = engine.spec
    if spec.kind != "face_parser":
        raise BadInput(f"composite.parser {spec.name}: a model of kind '{spec.kind}'; name one of kind 'face_parser'")
    return Parser(Aligned(engine, space, exposure_stops), _labels_of(spec))


def _labels_of(spec: EngineSpec) -> TensorSpec:
    for tensor in sorted(spec.outputs, key=lambda t: t.role != "labels"):
        shape = tensor.shape
        classes = shape[3 if tensor.layout == "nhwc" else 1] if len(shape) == 4 else None
        if tensor.role in ("", "labels") and shape[:1] in ((1,), (None,)) and (len(shape) == 3 or classes == CLASSES):
            return tensor
    given = ", ".join(f"{t.name} {t.shape} {t.layout}" for t in spec.outputs)
    raise BadInput(
        f"composite.parser {spec.name}: gives {given}; (1, {CLASSES}, h, w), (1, h, w, {CLASSES}) or (1, h, w) labels "
        "are needed; correct its manifest"
    )
