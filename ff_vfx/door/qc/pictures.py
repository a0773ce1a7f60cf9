"""The pictures of a QC page: the worst frames beside their plate, and two versions of a frame. Read by qc_page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
import torch

from ff_vfx.colour import to_display, working_space
from ff_vfx.door.qc.frames import Eye, Seen
from ff_vfx.door.qc.inputs import Inputs
from ff_vfx.door.qc.judging import flows_by_plate
from ff_vfx.errors import WriteRefused
from ff_vfx.image.blur import weighted_gaussian
from ff_vfx.qc.look import View, side_of, view_of
from ff_vfx.qc.measures.along import step_between
from ff_vfx.qc.measures.detail import patches
from ff_vfx.qc.measures.steadiness import apart
from ff_vfx.qc.page.document import FrameShown, Pair, Shown

_QUALITY = 90
_FULL_STOPS, _ALONE_STOPS, _SINCE_STOPS = 1.0, 0.3, 0.15  # at which each is drawn in full colour
_TONE = 0.02  # of the side: what is finer is no tone
_SOFT = ("smear", "sharpness")


class Pictures:
    """Draws frames. Reads each anew: nothing of a shot's pictures is kept."""

    def __init__(self, inputs: Inputs, report_gain: float) -> None:
        """report_gain: what the frames were exposed by when they were judged; 0: of their own."""
        self._inputs = inputs
        self._eye = Eye(inputs.made, inputs.plate, inputs.solve)
        self._eye.gain = report_gain or self._eye.gain
        self._space = working_space(inputs.plate.colour_space)
        self._flows = flows_by_plate()

    def frame(self, number: int, why: str, checks: Sequence[str]) -> FrameShown | None:
        """A frame with its plate, the difference, and what is wrong with it; None where it has no face to show."""
        seen = {n: self._eye.see(n) for n in (number - 1, number, number + 1)}
        face = _largest(seen[number])
        if face is None:
            return None
        views = _views(seen, face)
        here = views[number]
        difference = (here.made - here.plate).mean(0)
        pictures = [
            Shown(self._picture(here.plate_light), "plate"),
            Shown(self._picture(here.made_light), "result"),
            Shown(
                _jpeg(_signed(difference / _FULL_STOPS)),
                f"result against plate, up to {_FULL_STOPS:g} stop: darker is blue, lighter orange",
            ),
        ]
        if set(checks) & set(_SOFT):
            pictures.append(
                Shown(_jpeg(_softness(seen[number], face, here)), "softer than the plate: bright is softest")
            )
        elif set(checks) == {"colour-jump"} and number - 1 in views:
            pictures.append(self._since(views, number))
        elif alone := self._alone(views, number):
            pictures.append(alone)
        return FrameShown(number, why, pictures)

    def pair(self, number: int) -> Pair | None:
        """Two versions of a frame; None where one has none."""
        if self._inputs.previous is None:
            return None
        other = Eye(self._inputs.previous, self._inputs.plate, self._inputs.solve)
        seen = self._eye.see(number)
        other.gain = self._eye.gain
        before = other.see(number)
        face = _largest(seen)
        if face is None or face not in before.looks:
            return None
        ours = view_of(seen.looks[face], side_of(seen.looks[face]))
        theirs = view_of(before.looks[face], side_of(seen.looks[face]), ours.corner)
        pictures = (
            Shown(self._picture(view.made_light), words)
            for view, words in ((theirs, "previous version"), (ours, "this version"))
        )
        return Pair(number, *pictures)

    def _picture(self, light: torch.Tensor) -> bytes:
        return _jpeg(to_display(light, self._space))

    def _since(self, views: Mapping[int, View], number: int) -> Shown:
        """What changed since the frame before, beyond the plate's own change."""
        way, _ = self._flows(views[number].plate_light, views[number - 1].plate_light)
        step = step_between(views[number], views[number - 1], way)
        tone = weighted_gaussian(step.change, step.trust, _TONE * step.change.shape[-1])
        change = tone * (step.trust > 0.0) / _SINCE_STOPS
        colour = ((0.5 + 0.5 * change.clamp(-1.0, 1.0)) * 255.0).to(torch.uint8).permute(1, 2, 0).numpy()
        return Shown(_jpeg(colour), f"changed since the frame before, channel by channel, up to {_SINCE_STOPS:g} stops")

    def _alone(self, views: Mapping[int, View], number: int) -> Shown | None:
        """What the frame has that neither neighbour has."""
        if len(views) < 3:
            return None
        here, steps = views[number], []
        for other in (number - 1, number + 1):
            way, _ = self._flows(here.plate_light, views[other].plate_light)
            steps.append(step_between(here, views[other], way))
        there = apart(steps[0].change, steps[1].change).abs().amax(0) * (steps[0].trust * steps[1].trust)[0]
        heat = _heat(there / _ALONE_STOPS, here.plate_light, self._space)
        return Shown(_jpeg(heat), f"on this frame alone: bright is {_ALONE_STOPS} stops apart from both neighbours")


def _largest(seen: Seen) -> str | None:
    """The name of the face that is largest; None where there is none."""
    areas = {name: float(look.face.sum()) for name, look in seen.looks.items()}
    return max(areas, key=lambda name: areas[name]) if areas else None


def _views(seen: Mapping[int, Seen], face: str) -> dict[int, View]:
    looks = {n: one.looks[face] for n, one in seen.items() if face in one.looks}
    side = max(side_of(look) for look in looks.values())
    return {n: view_of(look, side) for n, look in looks.items()}


def _softness(seen: Seen, face: str, view: View) -> np.ndarray:
    look = seen.looks[face]
    ratio, there = patches(look)
    soft = (1.0 - ratio).clamp(0.0, 1.0) * there
    x0, y0 = view.corner[0] - look.window.x0, view.corner[1] - look.window.y0
    side = view.made.shape[-1] * view.factor
    canvas = torch.zeros(side, side)
    rows, columns = (range(max(0, o), min(size, o + side)) for o, size in ((y0, soft.shape[0]), (x0, soft.shape[1])))
    canvas[rows.start - y0 : rows.stop - y0, columns.start - x0 : columns.stop - x0] = soft[
        rows.start : rows.stop, columns.start : columns.stop
    ]
    return _ramp(cv2.resize(canvas.numpy(), view.made.shape[1:][::-1], interpolation=cv2.INTER_AREA))


def _signed(values: torch.Tensor) -> np.ndarray:
    """-1 blue, 0 grey, 1 orange; (h, w, 3) uint8."""
    v = values.clamp(-1.0, 1.0).numpy()[..., None]
    grey, low, high = (np.array(colour, np.float32) for colour in ((128, 128, 128), (30, 90, 220), (255, 150, 20)))
    return (grey + np.maximum(v, 0.0) * (high - grey) + np.maximum(-v, 0.0) * (low - grey)).astype(np.uint8)


def _heat(values: torch.Tensor, light: torch.Tensor, space: str) -> np.ndarray:
    """Bright where there is much of it, over the plate in dark grey."""
    ground = to_display(light, space).mean(2, keepdims=True) * 0.25
    return np.maximum(_ramp(values.clamp(0.0, 1.0).numpy()), ground.astype(np.uint8))


def _ramp(values: np.ndarray) -> np.ndarray:
    """Black, red, yellow, white; (h, w, 3) uint8."""
    v = np.clip(values, 0.0, 1.0)[..., None] * 3.0
    return (np.clip(np.concatenate([v, v - 1.0, v - 2.0], 2), 0.0, 1.0) * 255.0).astype(np.uint8)


def _jpeg(picture: np.ndarray) -> bytes:
    good, data = cv2.imencode(".jpg", np.ascontiguousarray(picture[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not good:
        raise WriteRefused("a picture of the page could not be encoded; report it with the shot's size")
    return bytes(data)
