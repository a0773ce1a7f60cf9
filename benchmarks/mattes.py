"""Mattes by networks against exact truth: parts, what stays in front, and how still they hold.

No parser's weights are here, so a small one in BiSeNet's layout is trained first, in about a minute of one core, on
half of the synthetic frames, exported, and run by the product's own path on the others. Pictures: out/mattes.
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # run as a file by `ff-vfx bench`

from benchmarks.truth.example_still import track_points  # noqa: E402
from benchmarks.truth.fusers import placed  # noqa: E402
from benchmarks.truth.made_shots import all_shots  # noqa: E402
from benchmarks.truth.matte_measures import deep_face, flicker, mean_over, on_plate, overlap, unrest  # noqa: E402
from benchmarks.truth.measures import read_rgb  # noqa: E402
from benchmarks.truth.planted import PLANTED, laid_over  # noqa: E402
from benchmarks.truth.real_shot import FOLDER, real_shot, why_absent  # noqa: E402
from benchmarks.truth.shot import SPACE, MemoryPlate, TruthShot  # noqa: E402
from benchmarks.truth.small_parser import Labelled, classes_of, trained, write_models  # noqa: E402
from benchmarks.truth.solve_of import solve_of  # noqa: E402
from ff_vfx.colour import Bridge  # noqa: E402
from ff_vfx.composite.occluder import open_occluder  # noqa: E402
from ff_vfx.composite.parsing import FACE, PARTS, open_parser  # noqa: E402
from ff_vfx.composite.sight import MatteNetworks  # noqa: E402
from ff_vfx.engine import open_model  # noqa: E402
from ff_vfx.image.raster import polygon_mask  # noqa: E402
from ff_vfx.shot import Shot, prepare, render_frame  # noqa: E402
from ff_vfx.types.face_mesh import face_mesh  # noqa: E402
from ff_vfx.types.fused import Crop, Fused  # noqa: E402
from ff_vfx.types.layers import Layers  # noqa: E402
from ff_vfx.types.settings import settings_from  # noqa: E402
from ff_vfx.types.solve import Solve  # noqa: E402
from ff_vfx.types.stopwatch import Stopwatch  # noqa: E402

Row = dict[str, object]
_TAUGHT = range(1001, 1009)  # the rest of s010 is asked
_STEPS, _QUICK_STEPS = 160, 12
_CROP = 384
_PARTS = {"face": FACE, "eyes": (PARTS.index("eyes"),), "mouth": (PARTS.index("mouth"),)}
_WINDOWS = {"frame by frame": 0, "steadied": 1}


class _Brighter:
    """The plate as it is, a little brighter, so that there is something to composite."""

    def place(self, crop: Crop) -> Fused:
        """See Fuser."""
        return placed(crop)

    def fuse(self, crop: Crop) -> Fused:
        """See Fuser."""
        return replace(placed(crop), picture=crop.pixels * 1.1)


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """A shot with something before the face. numbers: frames asked, in a row. truth: number -> (1, h, w) its alpha."""

    name: str
    shot: TruthShot
    solve: Solve
    numbers: Sequence[int]
    truth: Mapping[int, torch.Tensor]


def rows(quick: bool) -> list[Row]:
    """Rows of parts and of things before the face; one row that says why where there is no truth to be had."""
    missing = [f"{name} is not installed" for name in ("onnx", "onnxruntime") if not importlib.util.find_spec(name)]
    if reason := why_absent() or (missing or [""])[0]:
        return [{"skipped": reason}]
    plain = real_shot()
    solve = solve_of(plain)
    with tempfile.TemporaryDirectory() as folder:
        by = _networks(Path(folder), solve.exposure_stops, _QUICK_STEPS if quick else _STEPS)
        made = _parts_rows(plain, solve, by["parser"], quick)
        for asked in _things(plain, solve, quick):
            made.append(_before(asked, "embedded alone", _prepared(asked.shot, asked.solve, None, 0)))
            for name, networks in by.items():
                for how, window in _WINDOWS.items():
                    made.append(_before(asked, f"{name}, {how}", _prepared(asked.shot, asked.solve, networks, window)))
    return made


def _networks(folder: Path, exposure_stops: float, steps: int) -> dict[str, MatteNetworks]:
    names = write_models(trained(_taught(), Bridge(SPACE, exposure_stops), steps), folder)
    parser, occluder = (open_model(name, folder) for name in names)
    by = {
        "parser": MatteNetworks(parser=open_parser(parser, SPACE, exposure_stops)),
        "occluder": MatteNetworks(occluder=open_occluder(occluder, SPACE, exposure_stops)),
    }
    return by | {"both": replace(by["parser"], occluder=by["occluder"].occluder)}


def _taught() -> list[Labelled]:
    points = track_points()
    found = []
    for number in _TAUGHT:
        facts = np.load(FOLDER / f"gt.{number}.npz")
        classes = classes_of(facts["plate_parts"], facts["plate_face"])
        found.append(Labelled(read_rgb(FOLDER / f"plate.{number}.exr"), points[number - _TAUGHT[0]], classes))
    return found


def _things(plain: TruthShot, solve: Solve, quick: bool) -> list[_Asked]:
    """A hand that crosses; hair, and spectacles, worn all through the shot."""
    hand = next(entry for entry in all_shots(quick) if entry.name == "occluder")()
    crossing = list(hand.plate.numbers)[len(hand.plate.numbers) // 3 :][:8]
    found = [_Asked("hand crosses", hand, solve_of(hand), crossing, hand.occluder)]
    for name, draw in PLANTED.items():
        things = {n: draw(points, plain.plate.size[0], 101) for n, points in plain.landmarks.items()}
        pictures = {n: laid_over(plain.plate.read(n).pixels.float(), thing).half() for n, thing in things.items()}
        worn = replace(plain, plate=MemoryPlate(f"s010 {name}", pictures, plain.fps))
        asked = [n for n in plain.plate.numbers if n not in _TAUGHT]
        found.append(_Asked(f"{name} worn", worn, solve, asked, {n: thing[0] for n, thing in things.items()}))
    return [replace(one, numbers=one.numbers[:2]) for one in found] if quick else found


def _prepared(shot: TruthShot, solve: Solve, networks: MatteNetworks | None, window: int) -> Shot:
    composite = {"matte_window": window, "mouth": "performer"}
    changes: dict[str, object] = {"composite": composite, "steady": {"window": 1}, "fuse": {"crop_px": _CROP}}
    return prepare(shot.plate, solve, solve.tracks[0], _Brighter(), settings_from("post", changes), networks=networks)


def _parts_rows(plain: TruthShot, solve: Solve, networks: MatteNetworks, quick: bool) -> list[Row]:
    """How right the plate's own parts are, by the mesh and by the parser, on frames it was not taught."""
    numbers = [n for n in plain.plate.numbers if n not in _TAUGHT][: 2 if quick else None]
    facts = {n: dict(np.load(FOLDER / f"gt.{n}.npz")) for n in numbers}
    truth = {name: [_mask(facts[n], name) for n in numbers] for name in _PARTS}
    flows = [facts[n]["plate_flow_forward"] for n in numbers]
    everywhere = [torch.ones_like(mask) for mask in truth["face"]]
    ways = {"mesh": [_by_mesh(plain.landmarks[n], plain.plate.size[0]) for n in numbers]}
    for how, window in _WINDOWS.items():
        shot = _prepared(plain, solve, networks, window)
        ways[f"parser, {how}"] = [_by_parser(shot, n, plain.plate.size[0]) for n in numbers]
    ways["truth"] = [{name: truth[name][k] for name in _PARTS} for k in range(len(numbers))]
    made: list[Row] = []
    for way, found in ways.items():
        row: Row = {"shot": "s010, parts", "mattes": way}
        for name in _PARTS:
            planes = [one[name] for one in found]
            row[f"IoU {name}"] = overlap(planes, truth[name], everywhere)
            row[f"flicker {name}"] = flicker(planes, flows, [_near(mask) for mask in truth[name]])
        made.append(row)
    return made


def _mask(facts: Mapping[str, np.ndarray], name: str) -> torch.Tensor:
    parts = facts["plate_parts"]
    found = {
        "face": facts["plate_face"],
        "eyes": (parts == 4) | (parts == 5),
        "mouth": (parts == 2) | (parts == 3),
    }[name]
    return torch.from_numpy(found.astype(np.float32))[None]


def _near(mask: torch.Tensor) -> torch.Tensor:
    """(1, h, w) {0, 1}: the part and 8 px around."""
    return torch.nn.functional.max_pool2d(mask[None], 17, 1, 8)[0]


def _by_mesh(points: np.ndarray, size: int) -> dict[str, torch.Tensor]:
    rings = face_mesh().loops
    ring = {name: polygon_mask(points[rings[name], :2], size) for name in ("oval", "eye_l", "eye_r", "lips_inner")}
    return {"face": ring["oval"], "eyes": ring["eye_l"] + ring["eye_r"], "mouth": ring["lips_inner"]}


def _by_parser(shot: Shot, number: int, size: int) -> dict[str, torch.Tensor]:
    assert shot.seen is not None
    values = shot.seen(number, None, Stopwatch())[0].values
    grown = torch.diag(torch.tensor([1.0 / _CROP, 1.0 / _CROP, 1.0], dtype=torch.float64))
    to_plate = torch.from_numpy(shot.track.face(number).crop_to_plate) @ grown
    planes = torch.stack([values[list(classes)].sum(0) for classes in _PARTS.values()])
    return dict(zip(_PARTS, on_plate(planes, to_plate, size)[:, None], strict=True))


def _before(asked: _Asked, name: str, shot: Shot) -> Row:
    """How far what is before the face stays in front, well inside its outline."""
    size = asked.shot.plate.size[0]
    made = [render_frame(shot, number) for number in asked.numbers]
    cut = [1.0 - _whole(layers, layers.coverage) for layers in made]
    truth = [asked.truth[n] for n in asked.numbers]
    deep = [deep_face(asked.shot.landmarks[n], size) for n in asked.numbers]
    _drawn(f"{asked.name}, {name}", asked, cut)
    return {
        "shot": asked.name,
        "mattes": name,
        "IoU": overlap(cut, truth, deep),
        "painted over": 1.0 - mean_over(cut, [(t > 0.99) * d for t, d in zip(truth, deep)]),
        "face lost": mean_over(cut, [(t < 0.01) * d for t, d in zip(truth, deep)]),
        "flicker": unrest(cut, truth, deep),
    }


def _whole(layers: Layers, plane: torch.Tensor) -> torch.Tensor:
    made = torch.zeros(1, *layers.frame.pixels.shape[-2:])
    rows_, columns = layers.window.slices(layers.frame.data_window)
    made[:, rows_, columns] = plane
    return made


def _drawn(name: str, asked: _Asked, cut: Sequence[torch.Tensor]) -> None:
    """The plate, what is cut out of the coverage, and the truth, side by side for four frames."""
    columns = []
    for k in range(0, len(cut), max(1, len(cut) // 4)):
        number = asked.numbers[k]
        plate = asked.shot.plate.read(number).pixels[:3].float().clamp(0.0, 1.0).pow(1.0 / 2.2).flip(0)
        three = [plate, *(plane.expand(3, -1, -1) for plane in (cut[k], asked.truth[number]))]
        columns.append(torch.cat(three, 1))
    picture = (torch.cat(columns, 2).permute(1, 2, 0) * 255.0 + 0.5).to(torch.uint8).numpy()
    folder = ROOT / "out" / "mattes"
    folder.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(folder / f"{name.replace(', ', '_').replace(' ', '_')}.png"), picture)
