"""Who is this? A recogniser network's answer for one face. Read by the pass, the gallery, and by guards at the door.

The picture is aligned as the network's manifest says and exposed for the face, so that neither light nor turn decides.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from ff_vfx.engine.pictures import to_network
from ff_vfx.errors import BadInput, ModelError
from ff_vfx.image.fit import similarity_matrix
from ff_vfx.image.sample import sample_affine
from ff_vfx.track.look import exposure_of, linear_crop, linear_patch, to_display
from ff_vfx.track.pose import aspect_of
from ff_vfx.types.engine import Engine
from ff_vfx.types.face import Face
from ff_vfx.types.frame import Frame
from ff_vfx.types.identity import Identity
from ff_vfx.types.template import TEMPLATES, five_points

_USUAL_PX = 112
_METER_PX = 48
_SKIN = 0.4  # of the crop: the middle of a face, which is exposed for
_FLAT = 1e-6


class Recogniser:
    """One recogniser network. Safe to call from any thread, as its engine is."""

    def __init__(self, engine: Engine) -> None:
        """Args:
            engine: kind 'recogniser': one square picture in, one embedding out. Without a template in its manifest the
                face is shown as ArcFace's alignment has it.

        Raises:
            ModelError: another kind, or not one picture in and one row of numbers out.
        """
        spec = engine.spec
        if spec.kind != "recogniser" or len(spec.inputs) != 1:
            raise ModelError(f"model {spec.name}: of kind '{spec.kind}'; a 'recogniser' with one input is needed")
        axes = spec.inputs[0].shape
        sides = axes[1:3] if spec.inputs[0].layout == "nhwc" else axes[-2:]
        if len(axes) != 4 or sides[0] != sides[1]:
            raise ModelError(f"model {spec.name}: takes {axes}; a square picture is needed")
        roles = [tensor.name for tensor in spec.outputs if tensor.role == "embedding"]
        self._engine, self._output = engine, (roles or [spec.outputs[0].name])[0]
        self.name, self.side_px = spec.name, sides[0] or _USUAL_PX
        self._template = np.array((spec.template or TEMPLATES["arcface_112"]).points) * self.side_px

    def embed(self, frame: Frame, face: Face) -> np.ndarray:
        """(d,) float32 of length 1: who that face of a frame is.

        Args:
            face: smoothed or raw; its five points are what is aligned.

        Raises:
            ModelError: the network gives no finite, usable answer.

        Domain: scene-linear in, exposed for this face alone.
        """
        points = five_points(face.landmarks)
        aspect = aspect_of(face.crop_to_plate)
        into = similarity_matrix(self._template, points * (aspect, 1.0))
        into[0] /= aspect
        patch = linear_patch(frame, into, self.side_px)
        shown = to_display(patch.pixels, _exposure(frame, face), frame.colour_space)
        into[:2, 2] -= patch.origin
        into[:2] /= patch.pools[:, None]
        return self._asked(sample_affine(shown, torch.from_numpy(into), self.side_px, self.side_px))

    def embed_picture(self, display: torch.Tensor, points: np.ndarray) -> np.ndarray:
        """(d,) float32 of length 1: who is in a display picture.

        Args:
            display: (3, h, w) sRGB in [0, 1]. points: (5, 2) px of it, centres at +0.5, in a template's order.

        Raises:
            BadInput: the points are not finite or all in one place. ModelError: as `embed`.
        """
        if points.shape != (5, 2) or not np.isfinite(points).all() or np.ptp(points, axis=0).max() < _FLAT:
            raise BadInput(f"recogniser {self.name}: five points {points.shape} that are finite and apart are needed")
        into = torch.from_numpy(similarity_matrix(self._template, points.astype(np.float64)))
        return self._asked(sample_affine(display.float(), into, self.side_px, self.side_px))

    def _asked(self, picture: torch.Tensor) -> np.ndarray:
        """The embedding of an aligned picture (3, s, s)."""
        spec = self._engine.spec.inputs[0]
        given = self._engine.run({spec.name: to_network(picture.clamp(0.0, 1.0)[None], spec)})
        found = given[self._output].reshape(-1).astype(np.float64)
        length = float(np.linalg.norm(found))
        if not np.isfinite(length) or length < _FLAT:
            raise ModelError(f"model {self.name}: gives no embedding (length {length}); it does not suit its manifest")
        return (found / length).astype(np.float32)


def likeness(a: np.ndarray, b: np.ndarray) -> float:
    """Cosine of two embeddings of length 1, [-1, 1].

    Raises:
        BadInput: they are of two recognisers.
    """
    if a.shape != b.shape:
        raise BadInput(f"embeddings of {a.size} and {b.size} numbers: they come from two recognisers; use one")
    return float(np.clip(a.astype(np.float64) @ b.astype(np.float64), -1.0, 1.0))


def mean_embedding(embeddings: Sequence[np.ndarray]) -> np.ndarray:
    """(d,) float32 of length 1 in the middle of some. embeddings: at least one, of length 1."""
    total = np.stack(embeddings).astype(np.float64).sum(0)
    length = float(np.linalg.norm(total))
    return (total / length).astype(np.float32) if length > _FLAT else np.asarray(embeddings[0])


def performer_embedding(
    identity: Identity, recogniser: Recogniser, same_person: float = 0.35
) -> tuple[np.ndarray, list[str]]:
    """Who a performer is, over all stills that agree on it.

    Args:
        same_person: cosine from which two faces are one person.

    Returns:
        (d,) float32 of length 1, and a line for each still that the others disagree with: those are left out. Two
        stills that disagree with one another are both used and both named, since nobody can say which is right.
    """
    found = [recogniser.embed(still.frame, still.face) for still in identity.stills]
    if len(found) == 1:
        return found[0], []
    cosines = np.array([[likeness(a, b) for b in found] for a in found])
    usual = np.array([np.median(np.delete(row, k)) for k, row in enumerate(cosines)])
    odd = usual < same_person
    lines = [
        f"still {still.name}: looks like somebody else than the other stills (cosine {usual[k]:.2f} to them, "
        f"{same_person:.2f} needed)"
        for k, still in enumerate(identity.stills)
        if odd[k]
    ]
    agreed = [one for one, out in zip(found, odd, strict=True) if not out]
    return mean_embedding(agreed or found), lines


def _exposure(frame: Frame, face: Face) -> float:
    inset = (1.0 - _SKIN) / 2.0
    middle = np.array([[_SKIN / _METER_PX, 0.0, inset], [0.0, _SKIN / _METER_PX, inset], [0.0, 0.0, 1.0]])
    return exposure_of(linear_crop(frame, face.crop_to_plate @ middle, _METER_PX).amax(0).numpy())
