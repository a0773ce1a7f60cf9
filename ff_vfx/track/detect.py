"""Faces on one frame, without any memory of other frames. Read by the shot's pass and by whoever has a still.

Two passes: boxes, then the mesh on a crop from its own first answer. The display the networks see is exposed for each
face by itself, so a dark corner and a bright window both work.
"""

from __future__ import annotations

import numpy as np

from ff_vfx.errors import FaceNotFound
from ff_vfx.track.look import crop_matrix, exposure_of, linear_crop
from ff_vfx.track.mesh import face_box, mesh_once, mesh_points
from ff_vfx.track.networks import Detectors
from ff_vfx.track.pose import crop_from, fit_pose, placement
from ff_vfx.track.search import Box, merge_boxes, passes, search
from ff_vfx.types.face import Face
from ff_vfx.types.frame import Frame
from ff_vfx.types.settings import TrackSettings

_BOX_MARGIN = 1.5  # the first mesh crop's side in sides of the detector's box
_ROUNDS = 2  # mesh crops from the mesh's own answer before the averaged ones
_METER_PX = 48
_CROPS_TO_BELIEVE = 4


def detect_faces(frame: Frame, engines: Detectors, settings: TrackSettings) -> list[Face]:
    """Every face on a frame, the largest first.

    Args:
        frame: any data window and pixel aspect; its pixels are read, never changed.

    Returns:
        At most settings.max_faces faces with raw (unsmoothed) points; empty when there is none.

    Domain: scene-linear in; points in plate px, centres at +0.5.
    Repeats: fixed crops, fixed order; the same frame gives the same points.
    """
    faces: list[Face] = []
    finder = engines.searcher
    for how in passes(finder):
        for box in search(frame, finder, settings, how):
            face = face_in_box(frame, engines, box, settings)
            if face is not None and all(not same_face(face, other, frame.pixel_aspect) for other in faces):
                faces.append(face)
        if faces:
            break
    faces.sort(key=lambda f: (-float(np.ptp(f.landmarks[:, 1])), float(f.landmarks[4, 0])))
    return faces[: settings.max_faces]


def face_in_box(frame: Frame, engines: Detectors, box: Box, settings: TrackSettings) -> Face | None:
    """The face in a box of the search, None when the mesh network sees none there."""
    crop = (box.centre, box.side * _BOX_MARGIN, box.angle)
    stops = face_exposure(frame, crop)
    points, score = mesh_once(frame, engines, crop, stops)
    for _ in range(_ROUNDS):
        if score < settings.confidence / 2.0:
            return None
        points, score = mesh_once(frame, engines, face_box(points), stops)
    # A wall can please the network once; on several crops it does not give one mesh.
    sure = settings.model_copy(update={"crop_variants": max(_CROPS_TO_BELIEVE, settings.crop_variants)})
    return face_at(frame, engines, points, sure)


def face_at(frame: Frame, engines: Detectors, start: np.ndarray, settings: TrackSettings) -> Face | None:
    """The face near a known mesh, None when there is none any more.

    Args:
        start: (>= 468, 2|3) square px: this frame's first answer, or the last frame's mesh moved along.
    """
    box = face_box(start)
    if not np.isfinite(box[1]) or box[1] < 8.0:
        return None
    stops = face_exposure(frame, box)
    first = start
    if settings.crop_variants > 1:  # one crop alone is led by the last frame's mesh: half the work
        first, score = mesh_once(frame, engines, box, stops)
        if score < settings.confidence:
            return None
    points, score = mesh_points(frame, engines, first, stops, settings.crop_variants)
    if score < settings.confidence or not np.isfinite(points).all():
        return None
    return face_of(points, score, frame.pixel_aspect)


def face_of(square: np.ndarray, score: float, aspect: float) -> Face:
    """A Face from points in square px."""
    landmarks = square / np.array([aspect, 1.0, 1.0])
    pose = fit_pose(landmarks, aspect)
    return Face(landmarks, score, pose, crop_from(placement(pose, aspect), aspect))


def face_exposure(frame: Frame, box: tuple[np.ndarray, float, float]) -> float:
    """Stops that bring this face's bright end to display white. box: as `face_box`, whose middle half is skin."""
    centre, side, angle = box
    matrix = crop_matrix(centre, side * 0.6, angle, _METER_PX, frame.pixel_aspect)
    return exposure_of(linear_crop(frame, matrix, _METER_PX).amax(0).numpy())


def same_face(a: Face, b: Face, aspect: float = 1.0) -> bool:
    """Whether two answers lie on one face: their boxes overlap by more than a third of the smaller."""
    boxes = []
    for face in (a, b):
        centre, side, angle = face_box(face.landmarks * np.array([aspect, 1.0, 1.0]))
        boxes.append(Box(centre, side / 1.5, angle, face.confidence))
    return len(merge_boxes(boxes)) == 1


def detect_still(frame: Frame, engines: Detectors, name: str) -> Face:
    """The one face of a performer's still.

    Args:
        name: what the user called the picture, for the message.

    Raises:
        FaceNotFound: none, or more than one.
    """
    settings = TrackSettings(crop_variants=16, tiles="auto", max_faces=8)
    faces = detect_faces(frame, engines, settings)
    if not faces:
        raise FaceNotFound(f"{name}: no face; give a still in which the face is larger, sharper or turned less away")
    if len(faces) > 1:
        raise FaceNotFound(f"{name}: {len(faces)} faces: crop the still to one person")
    return faces[0]
