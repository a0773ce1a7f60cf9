"""What enhancing does to the example shot's new face: how much nearer to its sharp self, who it is, what it costs.

The face is softened to half its detail, so that the sharp one is the truth. The network is Edsr, learned here on the
plate's frames (the other person's face); the sharpener is an unsharp mask in the layout of GFPGAN.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import avg_pool2d, l1_loss

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # run as a file by `ff-vfx bench`

from ff_vfx import door  # noqa: E402
from ff_vfx.colour import Bridge, Transform, working_space  # noqa: E402
from ff_vfx.door.linear import open_plate_to_render  # noqa: E402
from ff_vfx.door.performer import open_performer, still_files  # noqa: E402
from ff_vfx.engine import models_folder  # noqa: E402
from ff_vfx.engine.architectures import Edsr  # noqa: E402
from ff_vfx.engine.runtimes.torch_engine import TorchEngine  # noqa: E402
from ff_vfx.fuse.crop import crop_side, readable_crops  # noqa: E402
from ff_vfx.fuse.enhance.enhancer import Enhancer  # noqa: E402
from ff_vfx.fuse.enhance.guard import embedding  # noqa: E402
from ff_vfx.fuse.enhance.view import face_window, native_side  # noqa: E402
from ff_vfx.fuse.performer import fuser_from_stills  # noqa: E402
from ff_vfx.image.blur import enlarge, gaussian  # noqa: E402
from ff_vfx.image.sample import sample_affine  # noqa: E402
from ff_vfx.track import load_solve, open_detectors  # noqa: E402
from ff_vfx.types.engine import EngineSpec, TensorSpec  # noqa: E402
from ff_vfx.types.fused import Fused  # noqa: E402
from ff_vfx.types.plate import Plate  # noqa: E402
from ff_vfx.types.settings import settings_from  # noqa: E402
from ff_vfx.types.template import TEMPLATES  # noqa: E402

Row = dict[str, object]
_STRENGTH, _PATCH = 0.8, 56
_PICTURE = TensorSpec("x", (None, 3, None, None), "nchw", 0.0, 1.0, "srgb", "rgb")


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """sharp: new faces of a few frames. bridge: exposed for them. windows: (1, s, s) each. plate: display pictures."""

    sharp: Sequence[Fused]
    bridge: Bridge
    windows: Sequence[torch.Tensor]
    plate: Sequence[torch.Tensor]


def rows(quick: bool) -> list[Row]:
    """One row a face and network."""
    faces = _faces(2 if quick else 4)
    network = _learned(faces.plate, 60 if quick else 1200)
    soft = [_softened(fused, faces.bridge) for fused in faces.sharp]
    return [
        _row("soft face, as it is", soft, None, faces),
        _row("soft face, edsr_x2", soft, network, faces),
        _row("soft face, unsharp at 512", soft, _Unsharp(), faces),
        _row("sharp face, edsr_x2", faces.sharp, network, faces),
        _row("sharp face, unsharp at 512", faces.sharp, _Unsharp(), faces),
    ]


def _row(name: str, faces: Sequence[Fused], network: TorchEngine | _Unsharp | None, truth: Faces) -> Row:
    bridge, windows = truth.bridge, truth.windows
    made, shown, took, inside = [fused.picture for fused in faces], 0, 0.0, 0.0
    if network:
        timed = _Timed(network)
        enhancer = Enhancer(timed, bridge)
        if enhancer.by_tiles:
            shown = native_side([bridge.encode(fused.picture) for fused in faces], windows)
            enhancer = Enhancer(timed, bridge, shown=shown)
        timed.spent = 0.0
        start = time.perf_counter()
        made = [enhancer.add(fused.picture, enhancer.change(fused), _STRENGTH) for fused in faces]
        took = time.perf_counter() - start
        inside = timed.spent / took
        took *= 1e3 / len(faces)
    pairs = [
        (bridge.encode(a), bridge.encode(f.picture), w) for a, f, w in zip(made, truth.sharp, windows, strict=True)
    ]
    row: Row = {"face": name, "shown px": shown or ""}
    row["dB to the sharp face"] = round(float(np.mean([min(_psnr(*pair), 99.0) for pair in pairs])), 2)
    row["detail / sharp face's"] = round(float(np.mean([_detail(a, w) / _detail(b, w) for a, b, w in pairs])), 2)
    if embed := _recogniser():
        before = [embedding(bridge, fused, fused.picture, embed) for fused in faces]
        after = [embedding(bridge, fused, picture, embed) for fused, picture in zip(faces, made, strict=True)]
        row["cosine, least"] = round(min(float(a @ b) for a, b in zip(before, after, strict=True)), 4)
    return {**row, "ms a frame": round(took), "of it the network": round(inside, 2)}


def _faces(count: int) -> Faces:
    shot, folder = ROOT / "examples" / "s010", models_folder()
    plate = open_plate_to_render(str(shot / "plate.####.exr"), "")
    with tempfile.TemporaryDirectory() as place:
        solve_file = Path(place) / "s010.ffsolve.json"
        report = door.track(door.make_job({"plate": str(shot / "plate.####.exr"), "solve": str(solve_file)}))
        if report.exit_code:
            raise SystemExit("; ".join(report.faults))
        solve = load_solve(solve_file)
    settings, track, space = settings_from(), solve.tracks[0], working_space(plate.colour_space)
    identity, _ = open_performer(still_files(str(shot / "performer")), "", open_detectors(folder))
    fuser = fuser_from_stills(identity, track, settings.fuse, space, 0.01 * 2.0**-solve.exposure_stops)
    size, to_light = crop_side(track, settings.fuse), Transform.between(plate.colour_space, space)
    sharp = [fuser.fuse(crop) for crop in readable_crops(plate, track, track.spread(count), size, to_light)]
    windows = [face_window(fused.points, size) for fused in sharp]
    bridge = Bridge(space, solve.exposure_stops)
    return Faces(sharp, bridge, windows, _pictures(plate, bridge, to_light))


def _pictures(plate: Plate, bridge: Bridge, to_light: Transform) -> list[torch.Tensor]:
    return [bridge.encode(to_light(plate.read(n).pixels[:3].float())) for n in list(plate.numbers)[::4]]


def _learned(pictures: Sequence[torch.Tensor], steps: int) -> TorchEngine:
    network, draw = Edsr(2, seed=1), torch.Generator().manual_seed(0)
    optimiser = torch.optim.Adam(network.parameters(), lr=6e-4)
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(steps):
        patches = torch.stack([_patch(pictures, draw) for _ in range(6)])
        loss = l1_loss(network(avg_pool2d(patches, 2)), patches)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        falling.step()
    return TorchEngine(network, EngineSpec("edsr_x2", "upscaler", (_PICTURE,), (replace(_PICTURE, name="y"),)))


def _patch(pictures: Sequence[torch.Tensor], draw: torch.Generator) -> torch.Tensor:
    picture = pictures[int(torch.randint(len(pictures), (1,), generator=draw))]
    y, x = (int(torch.randint(length - _PATCH, (1,), generator=draw)) for length in picture.shape[-2:])
    return picture[:, y : y + _PATCH, x : x + _PATCH]


class _Timed:
    """An engine that adds up how long its runs take, s."""

    def __init__(self, engine: TorchEngine | _Unsharp) -> None:
        self.spec, self.spent, self._engine = engine.spec, 0.0, engine

    def run(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        start = time.perf_counter()
        made = self._engine.run(inputs)
        self.spent += time.perf_counter() - start
        return made


class _Unsharp:
    """An unsharp mask in the layout of GFPGAN: 512 px, -1 to 1, an FFHQ face."""

    def __init__(self) -> None:
        picture = TensorSpec("input", (1, 3, 512, 512), "nchw", -1.0, 1.0, "srgb", "rgb")
        made = replace(picture, name="output")
        self.spec = EngineSpec("unsharp", "enhancer", (picture,), (made,), template=TEMPLATES["ffhq_512"])

    def run(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        shown = torch.from_numpy(inputs["input"][0])
        return {"output": (2.0 * shown - gaussian(shown, 1.5))[None].numpy()}


def _softened(fused: Fused, bridge: Bridge) -> Fused:
    size = fused.picture.shape[-1]
    seen, half = bridge.encode(fused.picture), size // 2
    small = sample_affine(seen, torch.diag(torch.tensor([2.0, 2.0, 1.0], dtype=torch.float64)), half, half)
    return replace(fused, picture=bridge.apply(fused.picture, seen, enlarge(small, size, size).clamp(0.0, 1.0)))


def _psnr(made: torch.Tensor, truth: torch.Tensor, window: torch.Tensor) -> float:
    error = ((made - truth).square().mean(0, keepdim=True) * window).sum() / window.sum()
    return float(-10.0 * torch.log10(error.clamp_min(1e-12)))


def _detail(picture: torch.Tensor, window: torch.Tensor) -> float:
    grey = picture.mean(0, keepdim=True)
    return float((((gaussian(grey, 0.7) - gaussian(grey, 1.4)).square() * window).sum() / window.sum()).sqrt())


def _recogniser() -> Callable[[torch.Tensor, np.ndarray], np.ndarray] | None:
    """MobileFaceNet, where the test data lies beside the checkout."""
    from ff_vfx.engine.model import open_engine
    from ff_vfx.track.recognise import Recogniser
    from tests.contract.models import mobile_face_net

    path, manifest = mobile_face_net()
    return Recogniser(open_engine(manifest, path)).embed_picture if path.is_file() else None
