"""The face with no weights: the performer's stills on a dense mesh, in the plate's pose and with its expression.

Read by shot, which prepares one fuser a shot. Order of work on a crop: where his points lie, bend the plate to them,
draw the stills, draw the eyes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch

from ff_vfx.fuse.mesh.eyeballs import Eyeball, best_for_eyes, draw_eyeball, eyeballs, gaze_of
from ff_vfx.fuse.mesh.reshape import Bend, bend, bend_picture
from ff_vfx.fuse.mesh.shape import fit_size, performer_rest, plate_rest, target_points, to_canonical
from ff_vfx.fuse.mesh.stills import PreparedStill, blend_stills, prepare_still, rotation_of, still_weights
from ff_vfx.image.raster import polygon_mask
from ff_vfx.types.face import Face, FaceTrack
from ff_vfx.types.face_mesh import FaceMesh, face_mesh
from ff_vfx.types.fused import Crop, Fused, to_crop
from ff_vfx.types.settings import FuseSettings


@dataclass(frozen=True, slots=True, eq=False)
class MeshFuser:
    """A prepared performer on a tracked face; implements types.fused.Fuser.

    rest, performer: (478, 3) canonical shapes of the plate's actor and the performer. floor: scene-linear value under
    which light differences do not count.
    """

    stills: tuple[PreparedStill, ...]
    balls: tuple[Eyeball, ...]
    rest: np.ndarray
    performer: np.ndarray
    settings: FuseSettings
    floor: float
    mesh: FaceMesh

    def fuse(self, crop: Crop) -> Fused:
        """The performer on this crop. Domain: scene-linear, unbounded; the stills' own light, see composite."""
        placed, bent = self._bent(crop)
        return replace(placed, picture=self._draw(crop, placed.points, bent, placed.surround))

    def place(self, crop: Crop) -> Fused:
        """The plate bent to the performer's outline."""
        return self._bent(crop)[0]

    def _bent(self, crop: Crop) -> tuple[Fused, Bend]:
        size = crop.pixels.shape[-1]
        amounts = (self.settings.shape, self.settings.expression)
        target = target_points(crop.face, self.rest, self.performer, self.mesh, amounts)
        points = to_crop(target, crop.to_plate)
        bent = bend(crop.points(), points, self.mesh, size)
        surround = bend_picture(crop.pixels, bent)
        return Fused(surround, surround, bent.source, bent.reach, points), bent

    def _draw(self, crop: Crop, points: np.ndarray, bent: Bend, surround: torch.Tensor) -> torch.Tensor:
        mask = polygon_mask(points[self.mesh.loops["oval"], :2], surround.shape[-1])
        weights = still_weights(self.stills, rotation_of(crop.face), self.settings.still_sharpness)
        drawn = (bent.ids, points[:468, :2], self.mesh.triangles)
        face = blend_stills(self.stills, weights, drawn, mask, self.floor)
        picture = torch.where(torch.from_numpy(bent.ids >= 0)[None], face, surround)
        shape = to_canonical(crop.face)
        for ball in self.balls:
            picture = draw_eyeball(ball, picture, points, gaze_of(shape, ball.name, self.mesh), self.mesh)
        return picture


def prepare_mesh_fuser(
    stills: tuple[tuple[torch.Tensor, Face], ...], track: FaceTrack, settings: FuseSettings, floor: float
) -> MeshFuser:
    """Everything about the performer that does not change over the shot.

    Args:
        stills: (picture (3, h, w) float32 scene-linear in the plate's space, its face in that picture's pixels).
        floor: scene-linear; see MeshFuser.
    """
    mesh = face_mesh()
    prepared = tuple(prepare_still(picture, face, mesh) for picture, face in stills)
    rest = plate_rest(track, settings.neutral_frame)
    performer = fit_size(performer_rest([s.face for s in prepared]), rest, mesh)
    performer = performer * settings.scale + np.array([settings.offset_x, settings.offset_y, 0.0])
    return MeshFuser(prepared, eyeballs(best_for_eyes(prepared), mesh), rest, performer, settings, floor, mesh)
