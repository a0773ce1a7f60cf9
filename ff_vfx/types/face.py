"""A face on one frame, and one face through a shot. Read by fuse and composite, made by track and the solve file."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ff_vfx.errors import BadInput, TrackLost

LANDMARKS = (
    478  # 468 of the mesh, then 5 of the left-hand iris in the picture order of the network, then 5 of the other.
)


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One face on one frame.

    landmarks: (478, 3) float64: x, y in plate pixels (y down, centres at +0.5), z in the same scale, smaller is nearer.
    confidence: [0, 1]. pose: (3, 4) float64, weak perspective: plate xyz = pose[:, :3] @ canonical + pose[:, 3];
        pose[:, :3] is scale * rotation, canonical units and axes are FaceMesh's.
    crop_to_plate: (3, 3) float64: unit crop (x, y in [0, 1]) to plate pixels; steady, upright, about 1.8 face heights.
    weight: [0, 1], how much of the fused face shows: 1 on a tracked frame, ramps to 0 beside a long gap.
    status: 'tracked' | 'held' | 'keyframe'. reason: why, in words, empty when tracked.
    """

    landmarks: np.ndarray
    confidence: float
    pose: np.ndarray
    crop_to_plate: np.ndarray
    weight: float = 1.0
    status: str = "tracked"
    reason: str = ""

    def __post_init__(self) -> None:
        if self.landmarks.shape != (LANDMARKS, 3) or self.pose.shape != (3, 4) or self.crop_to_plate.shape != (3, 3):
            raise BadInput(f"face: {self.landmarks.shape}, {self.pose.shape}, {self.crop_to_plate.shape} do not fit")


@dataclass(frozen=True, slots=True, eq=False)
class FaceTrack:
    """One person through a shot. Arrays have one row a frame of `numbers`, every frame of the plate in order.

    name: 'face0', 'face1'... or the artist's. numbers: (n,) int. status: n of 'tracked' | 'held' | 'keyframe' | 'lost'.
    reasons: n strings. confidence, weight: (n,). landmarks: (n, 478, 3) smoothed, nan where lost.
    raw: (n, 478, 3) as detected, nan where nothing was. pose: (n, 3, 4). crop_to_plate: (n, 3, 3).
    """

    name: str
    numbers: np.ndarray
    status: tuple[str, ...]
    reasons: tuple[str, ...]
    confidence: np.ndarray
    weight: np.ndarray
    landmarks: np.ndarray
    raw: np.ndarray
    pose: np.ndarray
    crop_to_plate: np.ndarray

    def why_lost(self, number: int) -> str:
        """Why there is no face on this frame; empty when there is one."""
        row = self._row(number)
        if row is None:
            return f"frame {number}: outside the track {self.name}; track the plate again with this frame"
        return f"frame {number}: {self.name}: {self.reasons[row]}" if self.status[row] == "lost" else ""

    def _row(self, number: int) -> int | None:
        rows = np.flatnonzero(self.numbers == number)
        return int(rows[0]) if rows.size else None

    def face(self, number: int) -> Face:
        """The face on one frame.

        Raises:
            TrackLost: no face there; the message says why.
        """
        i = self._row(number)
        if i is None or self.status[i] == "lost":
            raise TrackLost(self.why_lost(number))
        return Face(
            self.landmarks[i],
            float(self.confidence[i]),
            self.pose[i],
            self.crop_to_plate[i],
            float(self.weight[i]),
            self.status[i],
            self.reasons[i],
        )

    def spread(self, count: int) -> list[int]:
        """At most `count` frame numbers with a face, evenly over the track; none where there is no face at all."""
        found = [int(n) for n, status in zip(self.numbers, self.status, strict=True) if status != "lost"]
        if not found:
            return []
        return sorted({found[round(k * (len(found) - 1) / max(count - 1, 1))] for k in range(count)})
