"""A small group in EXR: two heads of the example shot side by side, one of whom a detector loses. Read by tests."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import OpenEXR

ACESCG = (0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767)
WIDTH, HEIGHT = 416, 256
LEFT, RIGHT = (112, 128, 224), (312, 132, 180)  # middle x, y and side of a picture, px
FRAMES = range(1001, 1007)
GAP = 1004  # the right one is out of all focus here


def write_group(shot: Path, folder: Path) -> str:
    """Six frames of shot's plate at the left and its truth, another face that stands still, at the right.

    Gives the pattern.
    """
    for number in FRAMES:
        picture = np.full((HEIGHT, WIDTH, 3), 0.05, np.float32)
        drift = number - FRAMES[0]
        for place, file in ((LEFT, shot / f"plate.{number}.exr"), (RIGHT, shot / "truth" / "truth.1001.exr")):
            x, y, side = place[0] + drift, place[1], place[2]
            small = cv2.resize(_read(file), (side, side), interpolation=cv2.INTER_AREA)
            if number == GAP and place is RIGHT:
                small = cv2.GaussianBlur(small, (0, 0), side / 16.0)
            picture[y - side // 2 : y + side - side // 2, x - side // 2 : x + side - side // 2] = small
        write_picture(folder / f"group.{number}.exr", picture)
    return str(folder / "group.####.exr")


def write_picture(path: Path, picture: np.ndarray) -> None:
    """(h, w, 3) float to half, with a depth that shows the faces too."""
    planes = {name: np.ascontiguousarray(picture[..., k].astype(np.float16)) for k, name in enumerate("RGB")}
    planes["depth.Z"] = np.ascontiguousarray(picture.mean(-1).astype(np.float32))
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage, "chromaticities": ACESCG}
    path.parent.mkdir(parents=True, exist_ok=True)
    OpenEXR.File(header, planes).write(str(path))


def read_planes(path: Path) -> dict[str, np.ndarray]:
    """Channel name -> (h, w) as stored."""
    return {name: c.pixels for name, c in OpenEXR.File(str(path), separate_channels=True).parts[0].channels.items()}


def _read(path: Path) -> np.ndarray:
    planes = read_planes(path)
    return np.stack([planes[name].astype(np.float32) for name in "RGB"], -1)
