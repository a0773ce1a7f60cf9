"""The whole pipeline on a shot with exact truth: tracked, fused from stills, held still, composited. Read by shots.

The truth is the same performer giving the same performance, so all counts that differs: fusing, light, edges, time.
"""

from __future__ import annotations

from pathlib import Path

import torch

from benchmarks.steadiness.clip import Clip, Pictures, box_of, cut_out
from benchmarks.steadiness.modes import Mode
from benchmarks.steadiness.results import clip_with, judged_numbers
from benchmarks.truth.measures import FLOOR, rms
from benchmarks.truth.shot import TruthShot
from ff_vfx.colour import to_stops
from ff_vfx.door.preparing import person_finder
from ff_vfx.engine import models_folder
from ff_vfx.errors import FfVfxError
from ff_vfx.fuse.performer import fuser_from_stills
from ff_vfx.plate import read_still
from ff_vfx.shot import FLOOR as SHOT_FLOOR
from ff_vfx.shot import prepare, render_frame
from ff_vfx.track import detect_still, open_detectors, track_plate
from ff_vfx.track.networks import Detectors
from ff_vfx.types.identity import Identity, Still
from ff_vfx.types.layers import Layers
from ff_vfx.types.settings import settings_from

PERFORMER = Path(__file__).resolve().parents[2] / "examples" / "s010" / "performer"
SHOTS = ("s010", "key_light", "occluder", "blink")
MODES = (
    Mode("none", "tracked frame by frame, nothing held still", "none", "post", {"window": 0}),
    Mode("post", "all defaults"),
)
_UNCOVERED = 4  # frames: a place that was covered within so many has just been uncovered


class EndToEnd:
    """Renders one shot in several modes; what `Results` is for steadying alone. Not safe from several threads."""

    def __init__(self, shot: TruthShot) -> None:
        self._shot = shot
        self.clip = _plain_clip(shot)

    def run(self, mode: Mode) -> dict[int, torch.Tensor]:
        """number -> (3, h, w) of the clip's box: the composited picture, in the performer's own tone as the truth is.

        Raises:
            FfVfxError: the embedded models are not here, or the face was not found.
        """
        shot, detectors = self._shot, open_detectors(models_folder())
        track = {"smoother": mode.smoother}
        settings = settings_from(mode.preset, {"track": track, "steady": mode.steady, "composite": {"skin_tone": 1.0}})
        solve = track_plate(shot.plate, settings.track, detectors)
        floor = SHOT_FLOOR * 2.0**-solve.exposure_stops
        face = solve.tracks[0]
        fuser = fuser_from_stills(_performer(detectors), face, settings.fuse, shot.plate.colour_space, floor)
        person = person_finder(solve, shot.plate.colour_space, detectors)
        prepared = prepare(shot.plate, solve, face, fuser, settings, person=person)
        return {n: cut_out(_whole(render_frame(prepared, n)), self.clip.box) for n in self.clip.numbers}

    def more(self, made: Pictures) -> dict[str, float]:
        """What the shot's own matter asks beyond the common numbers: the moving light, the thing before the face."""
        return {
            **(light_followed(made, self.clip) if self._shot.name.startswith("key") else {}),
            **self.occlusion(made),
        }

    def occlusion(self, made: Pictures) -> dict[str, float]:
        """What a thing before the face suffers, where the shot has one; empty where it has none.

        painted: rms and most of what was changed over the thing itself, stops. uncovered: error of places that were
        covered a moment ago, as a ratio to the same places' on frames far from the crossing; 1 is no pop.
        """
        shot, clip = self._shot, self.clip
        if not shot.occluder:
            return {}
        alpha = {n: cut_out(shot.occluder[n], clip.box) for n in clip.numbers if n in shot.occluder}
        plate = {n: cut_out(shot.plate.read(n).pixels[:3].float(), clip.box) for n in alpha}
        changed = [_stops_apart(made[n], plate[n])[:, a[0] > 0.9] for n, a in alpha.items() if (a > 0.9).any()]
        over = torch.cat(changed, 1)
        return {
            "painted rms": float(over.square().mean().sqrt()),
            "painted most": float(over.abs().max()),
            "uncovered": uncovered_ratio(made, clip, alpha),
        }


def why_not() -> str:
    """Why the whole pipeline cannot run here; empty when it can."""
    try:
        open_detectors(models_folder())
    except FfVfxError as error:
        return str(error)
    return ""


def _plain_clip(shot: TruthShot) -> Clip:
    """The truth as it is, through no crop: a composite has the plate's pixels."""
    numbers = judged_numbers(shot, shot.plate.numbers)
    box = box_of([shot.face[n] for n in numbers])
    return clip_with(shot, {n: cut_out(shot.truth[n], box) for n in numbers}, box, 0.0)


def _performer(detectors: Detectors) -> Identity:
    stills = [(read_still(str(path)), path.name) for path in sorted(PERFORMER.glob("*.exr"))]
    return Identity("performer", tuple(Still(f, detect_still(f, detectors, name), name) for f, name in stills))


def _whole(layers: Layers) -> torch.Tensor:
    """(3, h, w): the face's region in the plate."""
    pixels = layers.frame.pixels[:3].float().clone()
    rows, columns = layers.window.slices(layers.frame.data_window)
    pixels[:, rows, columns] = layers.fused
    return pixels


def _stops_apart(made: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    return to_stops(made, FLOOR) - to_stops(other, FLOOR)


def light_followed(made: Pictures, clip: Clip) -> dict[str, float]:
    """How a light that moves sideways is followed: left against right half of the face over time, made against true.

    gain: by how much the made one swings where the true one swings by 1. correlation: 1 is in step.
    """
    swings = []
    for pictures in (made, clip.truth):
        sides = [_sides(to_stops(pictures[n], FLOOR), clip.faces[n]) for n in clip.numbers]
        swing = torch.tensor(sides, dtype=torch.float64)
        swings.append(swing - swing.mean())
    ours, true = swings
    product = float((ours * true).sum())
    lengths = float(ours.norm()), float(true.norm())
    return {"light gain": product / lengths[1] ** 2, "light correlation": product / (lengths[0] * lengths[1])}


def _sides(stops: torch.Tensor, face: torch.Tensor) -> float:
    """Right half of the face less the left, stops. stops: (3, h, w). face: (1, h, w)."""
    columns = face.sum((0, 1)).cumsum(0)
    middle = int((columns < columns[-1] / 2.0).sum())
    parts = (slice(middle), slice(middle, None))
    left, right = (float((stops[..., p] * face[..., p]).sum() / face[..., p].sum().clamp_min(1.0) / 3.0) for p in parts)
    return right - left


def uncovered_ratio(made: Pictures, clip: Clip, alpha: Pictures) -> float:
    """See EndToEnd.occlusion."""
    none = torch.zeros_like(next(iter(clip.faces.values())))
    fresh: dict[int, torch.Tensor] = {}
    for n in clip.numbers:
        before = torch.stack([none, *(alpha[m] for m in range(n - _UNCOVERED, n) if m in alpha)]).amax(0)
        fresh[n] = clip.faces[n] * (before > 0.5) * (alpha.get(n, none) < 0.1)
    places = torch.stack(list(fresh.values())).amax(0)
    # Far from the crossing: nothing of those places is covered on this frame or on the ones beside it.
    busy = {n for n, a in alpha.items() if (a * places > 0.1).any()}
    far = [n for n in clip.numbers if all(abs(n - m) > _UNCOVERED for m in busy)]
    errors = [rms(_stops_apart(made[n], clip.truth[n]), mask) for n, mask in fresh.items() if mask.any()]
    usual = [rms(_stops_apart(made[n], clip.truth[n]), m) for n in far if (m := places * clip.faces[n]).any()]
    if not errors or not usual:
        return float("nan")
    return float(torch.tensor(errors).square().mean().sqrt() / torch.tensor(usual).square().mean().sqrt())
