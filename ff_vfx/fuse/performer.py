"""From a performer's stills to a fuser for one track. Read by the door."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from ff_vfx.colour import Transform
from ff_vfx.fuse.mesh.fuser import MeshFuser, prepare_mesh_fuser
from ff_vfx.types.face import Face, FaceTrack
from ff_vfx.types.identity import Identity, Still
from ff_vfx.types.settings import FuseSettings
from ff_vfx.types.window import Window

_AROUND = 0.15  # of the face's size, kept on each side of it


def fuser_from_stills(
    identity: Identity, track: FaceTrack, settings: FuseSettings, space: str, floor: float
) -> MeshFuser:
    """The no-weights fuser for this performer on this track.

    Args:
        space: the plate's colour space; stills in another are converted. floor: scene-linear, see shot.FLOOR.
    """
    return prepare_mesh_fuser(tuple(_face_part(still, space) for still in identity.stills), track, settings, floor)


def _face_part(still: Still, space: str) -> tuple[torch.Tensor, Face]:
    """The still around its face, (3, h, w) float32 in the plate's space, and the face in that picture's pixels."""
    frame, points = still.frame, still.face.landmarks
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    margin = _AROUND * (high - low).max()
    x0, y0 = np.floor(low - margin).astype(int)
    x1, y1 = np.ceil(high + margin).astype(int)
    window = Window(int(x0), int(y0), int(x1), int(y1)).intersect(frame.data_window)
    rows, columns = window.slices(frame.data_window)
    picture = torch.nan_to_num(frame.pixels[:3, rows, columns].float(), nan=0.0, posinf=65504.0, neginf=-65504.0)
    offset = np.array([window.x0, window.y0, 0.0])
    pose = still.face.pose.copy()
    pose[:, 3] -= offset
    face = replace(still.face, landmarks=points - offset, pose=pose)
    return Transform.between(frame.colour_space, space)(picture), face
