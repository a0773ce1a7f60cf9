"""One shot with two people in it, composed of two that have one each, and who is who on every frame.

Read by tests of identity and by whoever renders two performers at once. A is the actor of s010, B of s020; nobody real.
Scene-linear throughout; the same folder, the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import OpenEXR
import torch

from benchmarks.truth.measures import read_rgb
from ff_vfx.image.sample import sample_affine

SHOTS = Path(__file__).resolve().parents[3] / "shared" / "data" / "shots"
WIDTH, HEIGHT, FRAMES, FIRST = 640, 360, 16, 1001
_SOURCES = {"A": "s010", "B": "s020"}
_SIZE = {"A": 0.62, "B": 0.52, "alike": 0.55}  # of the source pictures: A is nearer to the camera, and passes in front
_TOP = {"A": 18.0, "B": 30.0, "alike": 28.0}
_FAR, _NEAR_CAMERA = (-40.0, 370.0), (-10.0, 330.0)  # where the sources' left rim goes: across the frame and back
_GRAIN = (8e-5, 4e-6)  # Source: the shots' own, variance = a * value + b
_REFERENCE = 1009


@dataclass(frozen=True, slots=True, eq=False)
class TwoPeople:
    """Where it was written and what is true.

    plate, truth: sequence patterns; in truth C is in A's place and F in B's, without grain ('' where not asked).
    performers: 'A', 'B' -> folder of stills of who goes on that actor. references: 'A', 'B' -> a still of the actor.
    landmarks: 'A', 'B' -> (n, 68, 2) plate px. visible: 'A', 'B' -> (n,) how much of the face nobody is in front of.
    cuts: first frames of new takes.
    """

    plate: str
    truth: str
    numbers: tuple[int, ...]
    performers: dict[str, Path]
    references: dict[str, Path]
    landmarks: dict[str, np.ndarray]
    visible: dict[str, np.ndarray]
    cuts: tuple[int, ...]


def why_absent(shots: Path = SHOTS) -> str:
    """Why it cannot be composed; empty when it can."""
    missing = [name for name in _SOURCES.values() if not (shots / name / f"gt.{FIRST}.npz").is_file()]
    return f"{', '.join(missing)} not at {shots}" if missing else ""


def write_two_people(
    folder: Path, *, cut: bool = False, truth: bool = True, alike: bool = False, shots: Path = SHOTS
) -> TwoPeople:
    """Compose the shot.

    Args:
        folder: made if needed; plate.####.exr, truth.####.exr and references go there.
        cut: instead of crossing, they stand beside each other, change sides at a hard cut to another place and light.
        truth: write that too; half the time without. alike: of one size and height, so that only looks differ.

    Raises:
        FileNotFoundError: the two source shots are not there; see why_absent.
    """
    folder.mkdir(parents=True, exist_ok=True)
    numbers = tuple(range(FIRST, FIRST + FRAMES))
    marks: dict[str, list[np.ndarray]] = {"A": [], "B": []}
    visible: dict[str, list[float]] = {"A": [], "B": []}
    for row, number in enumerate(numbers):
        places = _cut_places(row) if cut else _crossing_places(row)
        if alike:
            places = {who: _place("alike", float(matrix[0, 2])) for who, matrix in places.items()}
        after = cut and row >= FRAMES // 2
        for kind in ("plate", "truth") if truth else ("plate",):
            picture, faces = _composed(shots, number, places, kind=kind, after=after)
            _write(folder / f"{kind}.{number}.exr", _grained(picture, number) if kind == "plate" else picture)
            if kind == "plate":
                for who, matrix in places.items():
                    marks[who].append(_landmarks(shots, who, number) @ matrix[:2, :2].T + matrix[:2, 2])
                visible["A"].append(1.0)
                visible["B"].append(float(1.0 - (faces["B"] * faces["in front"]).sum() / faces["B"].sum()))
    return TwoPeople(
        str(folder / "plate.####.exr"),
        str(folder / "truth.####.exr") if truth else "",
        numbers,
        {who: shots / source / "performer" for who, source in _SOURCES.items()},
        {who: _reference(folder, shots, who) for who in _SOURCES},
        {who: np.stack(points) for who, points in marks.items()},
        {who: np.array(share) for who, share in visible.items()},
        (FIRST + FRAMES // 2,) if cut else (),
    )


def _crossing_places(row: int) -> dict[str, np.ndarray]:
    share = row / (FRAMES - 1)
    ends = {"A": _NEAR_CAMERA, "B": _FAR[::-1]}
    return {who: _place(who, first + (last - first) * share) for who, (first, last) in ends.items()}


def _cut_places(row: int) -> dict[str, np.ndarray]:
    sway = 4.0 * np.sin(row / 3.0)
    left, right = -10.0 + sway, 330.0 - sway
    return {"A": _place("A", left), "B": _place("B", right)} if row < FRAMES // 2 else {
        "A": _place("A", right + 10.0), "B": _place("B", left + 30.0)
    }  # fmt: skip


def _place(who: str, x: float) -> np.ndarray:
    """(3, 3) px of a source picture to the plate's."""
    return np.array([[_SIZE[who], 0.0, x], [0.0, _SIZE[who], _TOP[who]], [0.0, 0.0, 1.0]])


def _composed(
    shots: Path, number: int, places: dict[str, np.ndarray], *, kind: str, after: bool
) -> tuple[torch.Tensor, dict[str, np.ndarray]]:
    """The picture without grain; the face of B and all that lies in front of it, (h, w)."""
    picture, faces = _background(after), {}
    for who in ("B", "A"):
        source = shots / _SOURCES[who]
        facts = np.load(source / f"gt.{number}.npz")
        solid = torch.from_numpy((facts[f"{kind}_parts"] > 0).astype(np.float32))[None]
        face = torch.from_numpy(facts[f"{kind}_face"].astype(np.float32))[None]
        head = read_rgb(source / f"{kind}.{number}.exr") * solid
        back = torch.from_numpy(np.linalg.inv(places[who]))
        laid = _framed(torch.cat([head, solid, face]), back)
        faces[who], faces["in front"] = laid[4].numpy(), laid[3].numpy()
        picture = laid[:3] * (_LIGHT_AFTER if after else 1.0) + picture * (1.0 - laid[3:4])
    return picture, faces


_LIGHT_AFTER = torch.tensor([0.75, 0.62, 0.5])[:, None, None]  # a warmer and darker lamp


def _framed(layers: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    """Layers in the plate's frame, nothing outside them. matrix: (3, 3) plate px to theirs."""
    h, w = layers.shape[-2:]
    rim = torch.zeros_like(layers)
    rim[..., 1 : h - 1, 1 : w - 1] = layers[..., 1 : h - 1, 1 : w - 1]
    # The body goes on below the picture's edge: only the lower rim stays solid.
    rim[..., h - 1, 1 : w - 1] = layers[..., h - 1, 1 : w - 1]
    laid = sample_affine(rim, matrix, HEIGHT, WIDTH)
    rows = (torch.arange(HEIGHT) + 0.5) * float(matrix[1, 1]) + float(matrix[1, 2])
    laid = laid * (rows < h)[:, None]
    laid[3:] = laid[3:].clamp(0.0, 1.0)
    return laid


def _background(after: bool) -> torch.Tensor:
    """A wall of soft patches, another one after the cut."""
    seed = torch.Generator().manual_seed(7 + after)
    small = torch.rand(1, 3, 7, 12, generator=seed)
    soft = torch.nn.functional.interpolate(small, size=(HEIGHT, WIDTH), mode="bicubic", align_corners=False)[0]
    pale = soft.mean(0, keepdim=True) + 0.3 * (soft - soft.mean(0, keepdim=True))
    return (0.06 + (0.30 if after else 0.18) * pale).clamp(min=0.01)


def _grained(picture: torch.Tensor, number: int) -> torch.Tensor:
    noise = torch.randn(picture.shape, generator=torch.Generator().manual_seed(number))
    return picture + noise * (_GRAIN[0] * picture.clamp(min=0.0) + _GRAIN[1]).sqrt()


def _landmarks(shots: Path, who: str, number: int) -> np.ndarray:
    marks = np.load(shots / _SOURCES[who] / f"gt.{number}.npz")["plate_landmarks68"]
    return np.asarray(marks, np.float64)


def _reference(folder: Path, shots: Path, who: str) -> Path:
    path = folder / f"reference_{who}.exr"
    _write(path, read_rgb(shots / _SOURCES[who] / f"plate.{_REFERENCE}.exr"))
    return path


def _write(path: Path, picture: torch.Tensor) -> None:
    header = {
        "chromaticities": _ACESCG,
        "comments": "ff-vfx synthetic shot; nobody real; rendered from ICT-FaceKit (MIT)",
        "compression": OpenEXR.ZIP_COMPRESSION,
    }
    pixels = np.ascontiguousarray(picture.permute(1, 2, 0).numpy().astype(np.float16))
    OpenEXR.File(header, {"RGB": pixels}).write(str(path))


# Source: SMPTE ST 2065-1 and ACES AP1, as the source shots' own headers have them.
_ACESCG: Sequence[float] = (0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767)
