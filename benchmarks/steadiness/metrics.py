"""How a made shot differs from the truth over time: the formulas of the steadiness table, none with trained weights.

Read by scores. Pictures are (3, h, w) scene-linear by frame number; light is compared in stops, log2(x + 0.01).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import torch

from benchmarks.steadiness.clip import Clip, Pictures
from benchmarks.truth.measures import FLOOR, rms, sharpness
from ff_vfx.colour import Bridge, to_stops
from ff_vfx.image.blur import gaussian
from ff_vfx.image.sample import pixel_grid, sample
from ff_vfx.qc.measures.alike import flip as seen_flipping

PEAK_STOPS = 10.0  # PSNR's peak: from 0.01, the floor, to white and a few stops above it
ABOVE_HZ = 6.0
_LEAST_FRAMES = 6  # of a take, to tell what is above 6 Hz from what is not
_FLIP_FRAMES = 4  # spread over the shot; it costs as much as all the other metrics together
_GREY_RANGE = 8.0  # stops under white that an 8-bit picture for flow shows


def frame_errors(made: Pictures, clip: Clip) -> dict[int, float]:
    """Rms difference from the truth in the face, stops, by frame."""
    return {n: rms(_stops(made[n]) - _stops(clip.truth[n]), clip.faces[n]) for n in clip.numbers}


def psnr(errors: dict[int, float]) -> float:
    """Peak signal to noise of a whole shot, dB, in log space. errors: of `frame_errors`; peak 10 stops."""
    mean = float(np.mean(np.square(list(errors.values()))))
    return float("inf") if mean == 0.0 else float(20.0 * np.log10(PEAK_STOPS / np.sqrt(mean)))


def warp_error(made: Pictures, clip: Clip) -> float:
    """E_warp, stops: the next frame brought back along the TRUE motion, less this one, where both ends are face.

    Source: Lai 2018, without its estimated flow and occlusion.
    """
    errors = []
    for n, after in clip.steps():
        there = _grid_of(clip.flows[n]) + clip.flows[n]
        both = clip.faces[n] * (sample(clip.faces[after], there, mode="bilinear") > 0.9)
        if both.any():
            errors.append(rms(sample(_stops(made[after]), there) - _stops(made[n]), both) ** 2)
    return float(np.sqrt(np.mean(errors))) if errors else float("nan")


def flow_difference(made: Pictures, clip: Clip) -> float:
    """tOF, px: how the motion seen in the result differs from the motion seen in the truth, both by the same DIS flow.

    Source: Chu 2020 (TecoGAN), as a mean end-point difference over the face.
    """
    finder: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    ends = []
    for n, after in clip.steps():
        ours, true = (finder.calc(_grey(p[n], clip), _grey(p[after], clip), None) for p in (made, clip.truth))
        ends.append(float(np.linalg.norm(ours - true, axis=2)[clip.faces[n][0].numpy() > 0.5].mean()))
    return float(np.mean(ends)) if ends else float("nan")


@dataclass(frozen=True, slots=True, eq=False)
class Spectrum:
    """What changes along true trajectories. fast: rms of all above 6 Hz, stops; nan where no take is long enough.

    hz, stops: of the longest take: frequencies and rms in each.
    """

    fast: float
    hz: tuple[float, ...]
    stops: tuple[float, ...]


def flicker(made: Pictures, clip: Clip) -> Spectrum:
    """Change of brightness at fixed places of the TRUE face, by frequency; the mean of each place is no change.

    Exact motion is composed from a take's first frame on; only places that stay in the face count. Hann window.
    """
    power, counted, longest = 0.0, 0, Spectrum(float("nan"), (), ())
    for take in sorted((t for t in clip.takes() if len(t) >= _LEAST_FRAMES), key=len):
        light = _along_motion(made, clip, take)
        if not light.shape[1]:
            continue
        window = torch.hann_window(len(take) + 2)[1:-1, None]
        found = torch.fft.rfft((light - light.mean(0)) * window, dim=0).abs().square().mean(1)
        found = found / (window.square().sum() * len(take))
        found[1 : (len(take) + 1) // 2] *= 2.0  # one-sided: the sum is the mean square
        hz = torch.arange(len(found)) * clip.fps / len(take)
        power, counted = power + float(found[hz > ABOVE_HZ].sum()) * len(take), counted + len(take)
        longest = Spectrum(0.0, tuple(hz.tolist()), tuple(found.sqrt().tolist()))
    return Spectrum(float(np.sqrt(power / counted)), longest.hz, longest.stops) if counted else longest


def _along_motion(made: Pictures, clip: Clip, take: tuple[int, ...]) -> torch.Tensor:
    """(frames, places) stops, a pixel's blur taken: what each place of the first frame's face looks like over time."""
    places = _grid_of(clip.flows[take[0]])
    stays = clip.faces[take[0]][0] > 0.5
    light = [_brightness(made[take[0]])[0]]
    for n in take[1:]:
        motion = clip.flows[n - 1].permute(2, 0, 1)
        places = places + sample(motion, places, mode="bilinear").permute(1, 2, 0)
        light.append(sample(_brightness(made[n]), places)[0])
        stays = stays & (sample(clip.faces[n], places, mode="bilinear", outside="zeros")[0] > 0.9)
    return torch.stack(light)[:, stays]


def sharpness_of(made: Pictures, clip: Clip) -> float:
    """Rms of the finest detail in the face, stops, see measures.sharpness."""
    return sharpness([made[n] for n in clip.numbers], [clip.faces[n] for n in clip.numbers])


def event_error(made: Pictures, clip: Clip) -> float:
    """Rms difference from the truth where something happens (a blink, the mouth), stops; nan where nothing does."""
    found = [
        rms(_stops(made[n]) - _stops(clip.truth[n]), clip.events[n]) ** 2 for n in clip.numbers if n in clip.events
    ]
    return float(np.sqrt(np.mean(found))) if found else float("nan")


def flip(made: Pictures, clip: Clip) -> float:
    """FLIP in the face, mean of a few frames, [0, 1]: what an eye sees that flips between the two pictures.

    Source: Andersson 2020, LDR, 67 px a degree; see ff_vfx.qc.measures.alike.
    """
    found, bridge = [], Bridge(clip.space, clip.exposure_stops)
    for i in np.unique(np.linspace(0, len(clip.numbers) - 1, _FLIP_FRAMES).astype(int)):
        n = clip.numbers[i]
        found.append(seen_flipping(bridge.encode(clip.truth[n]), bridge.encode(made[n]), (clip.faces[n] > 0.5).float()))
    return float(np.mean(found))


def _stops(picture: torch.Tensor) -> torch.Tensor:
    return to_stops(picture, FLOOR)


def _brightness(picture: torch.Tensor) -> torch.Tensor:
    return gaussian(_stops(picture).mean(0, keepdim=True), 1.0)


def _grid_of(flow: torch.Tensor) -> torch.Tensor:
    return pixel_grid(*flow.shape[:2])


def _grey(picture: torch.Tensor, clip: Clip) -> np.ndarray:
    """(h, w) uint8 of stops: a constant gain between frames stays a constant difference."""
    level = _stops(picture * 2.0**clip.exposure_stops).mean(0) / _GREY_RANGE + 1.0
    return (level.clamp(0.0, 1.0) * 254.0 + 0.5).to(torch.uint8).numpy()
