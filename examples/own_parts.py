"""A part of your own: a fuser that is not ours, in the place of ours. All the rest stays as it is.

A fuser is anything with `fuse(crop) -> Fused` that gives the same answer for the same crop: a network, a 3-D
render, or, here, the plate's own face with its left and right exchanged.
"""

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from ff_vfx.engine import models_folder
from ff_vfx.plate import open_plate, output_path, write_frame
from ff_vfx.shot import prepare, render_frame
from ff_vfx.track import choose_track, open_detectors, track_plate
from ff_vfx.types.face_mesh import face_mesh
from ff_vfx.types.fused import Crop, Fused
from ff_vfx.types.settings import settings_from

SHOT = Path(__file__).parent / "s010"


@dataclass(frozen=True)
class MirrorFuser:
    """Shows the actor as in a mirror, where the face is; the surround is left alone."""

    def place(self, crop: Crop) -> Fused:
        """The face's points in the crop; the plate under it is the crop itself."""
        size = crop.pixels.shape[-1]
        to_crop = np.linalg.inv(crop.to_plate.numpy())
        points = crop.face.landmarks.copy()
        points[:, :2] = points[:, :2] @ to_crop[:2, :2].T + to_crop[:2, 2]
        points[:, 2] *= np.sqrt(abs(np.linalg.det(to_crop[:2, :2])))
        columns = torch.arange(size, dtype=torch.float32) + 0.5
        itself = torch.stack(torch.meshgrid(columns, columns, indexing="ij")).flip(0)
        return Fused(crop.pixels, crop.pixels, itself, torch.zeros(1, size, size), points)

    def fuse(self, crop: Crop) -> Fused:
        placed = self.place(crop)
        middle = float(placed.points[face_mesh().rigid, 0].mean())
        columns, rows = placed.source
        grid = torch.stack([2.0 * middle - columns, rows], -1)[None] / crop.pixels.shape[-1] * 2.0 - 1.0
        picture = torch.nn.functional.grid_sample(
            crop.pixels[None], grid.float(), mode="bicubic", padding_mode="border", align_corners=False
        )[0]
        return replace(placed, picture=picture)


def main(output: Path) -> None:
    output.mkdir(parents=True, exist_ok=True)
    settings = settings_from("live", {"composite": {"eyes": "performer"}})
    plate = open_plate(str(SHOT / "plate.####.exr"))
    solve = track_plate(plate, settings.track, open_detectors(models_folder()))
    shot = prepare(plate, solve, choose_track(solve, plate, ""), MirrorFuser(), settings)
    layers = render_frame(shot, 1016)
    write_frame(layers, output_path(str(output / "mirror.####.exr"), 1016), settings.output)
    print("written to", output)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "out/own_parts"))
