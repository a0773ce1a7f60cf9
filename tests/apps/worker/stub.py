"""A worker whose frames are arithmetic: no network, no model. As a program: stub_program.py.

A frame's new pixels are half of its own and half of the mean of its neighbours', so that who reads which frame shows.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import OpenEXR
import torch

from ff_vfx.door.hosts import session, session_job
from ff_vfx.errors import TrackLost
from ff_vfx.types.layers import Layers
from ff_vfx.types.recall import Recall
from ff_vfx.types.window import Window

WIDTH, HEIGHT, FIRST, LAST = 48, 32, 1001, 1009
WINDOW = Window(8, 4, 40, 28)
PLANES = (
    *(f"ffFace.{c}" for c in "RGBA"), *(f"ffRaw.{c}" for c in "RGBA"), "ffSt.u", "ffSt.v",
    *(f"ffMatte.{c}" for c in ("red", "green", "blue", "alpha")),
    *(f"{m}.{c}" for m in ("forward", "backward") for c in "uv"),
    *(f"ffAux.{c}" for c in ("confidence", "forward", "backward", "weight")),
)  # fmt: skip
LOST, BROKEN = 1008, 1009
STEPS = 20
MADE: list[int] = []
"""Frames in the order they were made, in this process."""


def write_plate(folder: Path, width: int = WIDTH, height: int = HEIGHT) -> str:
    """Frames 1001-1009 in half floats, ACEScg; values above 1 and below 0 among them."""
    rng = np.random.default_rng(3)
    for number in range(FIRST, LAST + 1):
        pixels = (rng.standard_normal((height, width, 3)) * 0.8 + 0.5).astype(np.float16)
        channels = {name: np.ascontiguousarray(pixels[..., i]) for i, name in enumerate("RGB")}
        header = {
            "compression": OpenEXR.ZIP_COMPRESSION,
            "type": OpenEXR.scanlineimage,
            "colorInteropID": "lin_ap1_scene",
        }
        OpenEXR.File(header, channels).write(str(folder / f"plate.{number}.exr"))
    return str(folder / "plate.####.exr")


class Person:
    """What the stub prepares: the plate, and a memory by frame number such as a shot has."""

    def __init__(self, plate):
        self.plate = plate
        self.known = Recall(64)

    def mean(self, number):
        return self.known.get(number, lambda: self.plate.read(number).pixels[:3].float().clone())


def render(people, number, watch):
    """As `render_people`; slow by $STUB_SECONDS, in steps that can be cancelled."""
    person = people[0]
    for _ in range(STEPS):
        with watch.stage("steady"):
            time.sleep(float(os.environ.get("STUB_SECONDS", "0")) / STEPS)
    MADE.append(number)
    frame = person.plate.read(number)
    if number == BROKEN:
        raise TrackLost(f"frame {number}: no face here; add a keyframe")
    if number == LOST:
        corner = Window(0, 0, 0, 0)
        nothing = torch.zeros(3, 0, 0), torch.zeros(1, 0, 0)
        return Layers(frame, corner, *nothing, decisions={"passed": "no face above confidence 0.50"})
    window = WINDOW if frame.data_window.width == WIDTH else middle_of(frame.data_window)
    near = [person.mean(n) for n in (number - 1, number + 1) if n in person.plate.numbers]
    rows, columns = window.slices(frame.data_window)
    plate = frame.pixels[:3, rows, columns].float()
    fused = plate * 0.5 + torch.stack([one[:, rows, columns] for one in near]).mean(0) * 0.5
    coverage = torch.ones(1, window.height, window.width)
    coverage[:, :2] = 0.0
    planes = {name: torch.full_like(coverage[0], float(i)) + coverage[0] for i, name in enumerate(PLANES)}
    return Layers(frame, window, fused, coverage, planes)


def middle_of(whole: Window) -> Window:
    """A quarter of the width and two fifths of the height: a close face."""
    w, h = whole.width, whole.height
    return Window(w * 3 // 8, h * 3 // 10, w * 5 // 8, h * 7 // 10)


class _Solve:
    tracks = ()


def patched(patch) -> None:
    """patch: setattr, or monkeypatch.setattr."""
    patch(session, "render_people", render)
    patch(session_job.SessionJob, "prepare", lambda self, plate, solve: (Person(plate),))
    patch(session_job.SessionJob, "marked", lambda self, people, cleared: people)  # nobody's face
    patch(session_job.SessionJob, "solve", lambda self: (b"solve", _Solve()))
