"""What each stage of one face costs at HD and UHD, as parts of plain float copies of a UHD frame in the same run.

The face is the same in both: cost must follow the face, not the frame. Law 10 of the house.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch

from ff_vfx.colour import Transform
from ff_vfx.composite.grain import Focus
from ff_vfx.composite.look import Look, apply_look
from ff_vfx.composite.mattes import coverage_of, face_mattes
from ff_vfx.composite.over import Finished, carry, change_over, novelty_of, place
from ff_vfx.fuse.crop import take_crop
from ff_vfx.image.sample import pixel_grid
from ff_vfx.steady.flow import flow_both_ways, flow_picture
from ff_vfx.types.face import Face
from ff_vfx.types.face_mesh import face_mesh
from ff_vfx.types.frame import Frame
from ff_vfx.types.fused import to_crop
from ff_vfx.types.settings import CompositeSettings
from ff_vfx.types.solve import Grain
from ff_vfx.types.window import Window

Row = dict[str, object]
_SIDE, _SCALE = 512, 120.0  # crop px; plate px of the outer eye corners' distance


def rows(quick: bool) -> list[Row]:
    """One row a stage: times as parts of three UHD copies, and UHD over HD."""
    repeats = 3 if quick else 9
    uhd = torch.rand(4, 2160, 3840)
    copies = 3.0 * _best(lambda: uhd.clone(), repeats)
    hd_ms, uhd_ms = (_stages(*size, repeats) for size in ((1080, 1920), (2160, 3840)))
    made = [
        {
            "stage": name,
            "1080p": hd_ms[name] / copies,
            "2160p": uhd_ms[name] / copies,
            "2160p/1080p": uhd_ms[name] / hd_ms[name],
        }
        for name in uhd_ms
    ]
    made.append({"stage": "three float copies of a 2160p frame", "1080p": "", "2160p": 1.0, "2160p/1080p": ""})
    return made


def _best(call: Callable[[], object], repeats: int) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append((time.perf_counter() - start) * 1e3)
    return min(times)


def _stages(height: int, width: int, repeats: int) -> dict[str, float]:
    frame, face = _case(height, width)
    mesh, settings, as_is = face_mesh(), CompositeSettings(), Transform.between("ACEScg", "ACEScg")
    crop = take_crop(frame, face, _SIDE, as_is)
    points = to_crop(face.landmarks, crop.to_plate)
    new = crop.pixels.flip(2) * 0.8 + 0.1
    mattes = face_mattes(points, _SIDE, mesh, settings)
    look = Look(None, torch.zeros(3), Focus(), 0.01)
    grid = pixel_grid(_SIDE, _SIDE)
    source, reach = grid.permute(2, 0, 1), torch.zeros(1, _SIDE, _SIDE)
    done = Finished(new, mattes.face, novelty_of(new, crop.pixels, 0.01), torch.ones(1, _SIDE, _SIDE))

    def back() -> torch.Tensor:
        placement = place(done.coverage, crop.to_plate, frame.data_window)
        part = placement.window.slices(frame.data_window)
        plate = frame.pixels[:3, part[0], part[1]].float()
        coverage = carry(done.coverage, placement)
        return plate + change_over(plate, crop, done, placement, coverage, (Grain(), ""))

    grey = flow_picture(crop.pixels, 0.0)
    calls: dict[str, Callable[[], object]] = {
        "warp to crop": lambda: take_crop(frame, face, _SIDE, as_is),
        "mattes": lambda: coverage_of(face_mattes(points, _SIDE, mesh, settings).face, source, reach, grid),
        "back over the plate": back,
        "light and colour": lambda: apply_look(new, crop.pixels, mattes, look, settings),
        "flow, one pair both ways": lambda: flow_both_ways(grey, np.roll(grey, 2, 1), "fine"),
    }
    times = {name: _best(call, repeats) for name, call in calls.items()}
    return {"crop + mattes + back": sum(list(times.values())[:3]), **times}


def _case(height: int, width: int) -> tuple[Frame, Face]:
    mesh = face_mesh()
    generator = torch.Generator().manual_seed(1)
    pixels = torch.rand(3, height, width, generator=generator).half()
    centre = np.array([width / 2, height / 2 - 60, 0.0])
    pose = np.concatenate([np.eye(3) * _SCALE, centre[:, None]], 1)
    side = _SCALE * 3.4
    crop = np.array([[side, 0, centre[0] - side / 2], [0, side, centre[1] + 0.3 * _SCALE - side / 2], [0, 0, 1.0]])
    window = Window(0, 0, width, height)
    return Frame(pixels, 1, "ACEScg", window, window), Face(mesh.canonical * _SCALE + centre, 1.0, pose, crop)
