"""Optical flow between two steady crops, both ways, and how far to trust it. Read by the window and the motion layers.

DIS (Kroeger 2016, in OpenCV) on 8-bit pictures that an exposure change leaves alone; bit-identical over threads, not
over crops: the crop comes from the track, never from a host's tile (docs/decisions/0007-flow.md).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import cv2
import numpy as np
import torch

from ff_vfx.errors import BadInput, ModelError, PlateError, TrackLost
from ff_vfx.image.blur import gaussian
from ff_vfx.image.sample import pixel_grid, sample

_LUMA = (0.27, 0.67, 0.06)  # near enough to ACEScg and Rec.709 for matching; not colour science
_MIDDLE = 0.3  # where the middle of the face is put, of display white in light
_DARKEST = 0.01  # of the shot's white: a face darker than that is not brightened further
_LIGHT_SIGMA = 0.05  # of the side: slower changes of brightness are light and shadow, which do not move with the skin
_CONTRAST = 1.5  # of what is left. Source, of these two: measured on s010 and s020, docs/decisions/0007-flow.md
# finest scale, variational iterations, alpha. Source: TIME sheet, end-point error 0.275 / 0.176 / 0.141 / 0.066 px.
_QUALITIES = {"fast": None, "medium": (1, 5, 20.0), "fine": (1, 25, 40.0), "finest": (0, 25, 40.0)}
# The same for what the chain of short steps leaves of a long one; the other qualities leap as well as they chain.
_REST = {"fine": (1, 10, 40.0), "finest": (1, 25, 40.0)}


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """there: (2, s, s) x, y px from each pixel of the first picture to the second. error_px: (1, s, s) how far one

    lands from where one started after going there and back.
    """

    there: torch.Tensor
    error_px: torch.Tensor


class FlowMethod(Protocol):
    """One way to find flow: DIS or a network. Pure functions of their arguments.

    chains: whether a long step is better led by the short ones between, see `flow_between`.
    """

    @property
    def chains(self) -> bool: ...

    def picture(self, pixels: torch.Tensor) -> np.ndarray:
        """What the method looks at, of one crop; made once a frame. pixels: (3, s, s) scene-linear."""
        ...

    def between(self, first: np.ndarray, second: np.ndarray) -> tuple[Flow, Flow]:
        """Flow from the first picture to the second, and back."""
        ...

    def onward(self, first: np.ndarray, second: np.ndarray, guess: tuple[np.ndarray, np.ndarray]) -> tuple[Flow, Flow]:
        """The same, given a good guess there and back, (s, s, 2) px each."""
        ...


@dataclass(frozen=True, slots=True)
class DenseFlow:
    """Dense inverse search; implements FlowMethod. quality: see SteadySettings.flow. exposure_stops: the shot's.

    Raises:
        BadInput: a quality that DIS does not have.
    """

    quality: str
    exposure_stops: float

    def __post_init__(self) -> None:
        if self.quality not in _QUALITIES:
            raise BadInput(
                f"steady.flow = {self.quality}: needs an opened network, and none was given; name one in "
                f"steady.flow_model, or choose {', '.join(_QUALITIES)}"
            )

    @property
    def chains(self) -> bool:
        """Where the short steps are fine enough to lead; measured, docs/decisions/0007-flow.md."""
        return self.quality in _REST

    def picture(self, pixels: torch.Tensor) -> np.ndarray:
        """See `flow_picture`."""
        return flow_picture(pixels, self.exposure_stops)

    def between(self, first: np.ndarray, second: np.ndarray) -> tuple[Flow, Flow]:
        """See `flow_both_ways`."""
        return flow_both_ways(first, second, self.quality)

    def onward(self, first: np.ndarray, second: np.ndarray, guess: tuple[np.ndarray, np.ndarray]) -> tuple[Flow, Flow]:
        """The guess, and what is left of the motion once the other picture has been brought back along it."""
        finder = _finder(_REST[self.quality])
        there, back = (_rest(finder, *work) for work in ((first, second, guess[0]), (second, first, guess[1])))
        return both_ways(there, back)


def flow_picture(pixels: torch.Tensor, exposure_stops: float) -> np.ndarray:
    """8-bit grey for matching, (s, s) uint8: the face at one brightness, slow light removed.

    Args:
        pixels: (3, s, s) scene-linear, the face in its middle. exposure_stops: the shot's; bounds how far a dark face
            is brightened.

    Repeats: the same bits whatever power of two the plate was exposed by, so flicker of the exposure moves no flow.
    """
    luma = torch.tensor(_LUMA, dtype=pixels.dtype)[:, None, None]
    grey = (pixels * luma).sum(0)
    s = grey.shape[-1]
    middle = grey[s // 4 : s - s // 4, s // 4 : s - s // 4].median().clamp_min(_DARKEST * 2.0**-exposure_stops)
    shown = (grey * (_MIDDLE / middle)).clamp(1e-6, 1.0)
    # Not pow: on the CPU its last bit depends on where in the tensor a value lies.
    curved = torch.exp(torch.log(shown) / 2.2)
    detail = curved - gaussian(curved[None], _LIGHT_SIGMA * s)[0]
    return ((0.5 + _CONTRAST * detail) * 255.0 + 0.5).clamp(0.0, 255.0).to(torch.uint8).numpy()


def flow_both_ways(first: np.ndarray, second: np.ndarray, quality: str) -> tuple[Flow, Flow]:
    """Flow from first to second and back, each with its round-trip error.

    Args:
        first, second: (s, s) uint8. quality: see SteadySettings.flow.
    """
    finder = _finder(_QUALITIES[quality])
    return both_ways(*(finder.calc(a, b, None) for a, b in ((first, second), (second, first))))


def flow_between(
    ends: tuple[int, int],
    picture: Callable[[int], np.ndarray],
    step: Callable[[int, int], tuple[Flow, Flow]],
    method: FlowMethod,
) -> tuple[Flow, Flow]:
    """Flow over several frames and back, led by the flows from frame to frame: cheaper and truer than at one leap.

    Args:
        ends: (first, last), first < last, no cut between. picture: a frame's, as the method wants it.
        step: (n, n + 1) -> flow there and back, remembered by the caller; where it raises PlateError, TrackLost or
            ModelError, for a frame between that cannot be had, it is one leap after all.

    Repeats: a pure function of the two numbers.
    """
    first, last = ends
    if last - first == 1 or not method.chains:
        return method.between(picture(first), picture(last))
    try:
        steps = [step(number, number + 1) for number in range(first, last)]
    except (ModelError, PlateError, TrackLost):
        return method.between(picture(first), picture(last))
    there = _chain([_rows(ahead.there) for ahead, _ in steps])
    back = _chain([_rows(behind.there) for _, behind in reversed(steps)])
    return method.onward(picture(first), picture(last), (there, back))


def both_ways(there: np.ndarray, back: np.ndarray) -> tuple[Flow, Flow]:
    """Two flows, (s, s, 2) px, each with how far the other brings one back."""
    return _checked(there, back), _checked(back, there)


def follow(pixels: torch.Tensor, flow: torch.Tensor, mode: str = "bilinear") -> torch.Tensor:
    """What each pixel finds at the other end of its flow. pixels: (c, s, s). flow: (2, s, s) px."""
    h, w = pixels.shape[-2:]
    return sample(pixels, pixel_grid(h, w) + flow.permute(1, 2, 0), mode=mode)


def _finder(tuned: tuple[int, int, float] | None) -> Any:  # OpenCV's stubs know no call without a first guess
    if tuned is None:
        return cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    flow.setFinestScale(tuned[0])
    flow.setVariationalRefinementIterations(tuned[1])
    flow.setVariationalRefinementAlpha(tuned[2])
    return flow


def _rest(finder: Any, here: np.ndarray, other: np.ndarray, guess: np.ndarray) -> np.ndarray:
    """What the guess leaves, found anew. DIS itself would shrink a guess to its coarsest scale and lose it."""
    left = finder.calc(here, _at_other_end(other, guess), None)
    return np.asarray(left + _at_other_end(guess, left))


def _chain(steps: list[np.ndarray]) -> np.ndarray:
    """Steps one after the other, (s, s, 2) px."""
    total = steps[0]
    for step in steps[1:]:
        total = total + _at_other_end(step, total)
    return total


def _at_other_end(picture: np.ndarray, flow: np.ndarray) -> np.ndarray:
    """`follow` as OpenCV does it, (s, s) or (s, s, 2): to 1/32 px, which a guess or a weight may be."""
    x, y = np.arange(flow.shape[1], dtype=np.float32), np.arange(flow.shape[0], dtype=np.float32)[:, None]
    return cv2.remap(picture, x + flow[..., 0], y + flow[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _checked(there: np.ndarray, back: np.ndarray) -> Flow:
    missed = there + _at_other_end(back, there)
    error = np.sqrt((missed * missed).sum(-1))
    return Flow(torch.from_numpy(there).permute(2, 0, 1).contiguous(), torch.from_numpy(error)[None])


def _rows(flow: torch.Tensor) -> np.ndarray:
    return np.ascontiguousarray(flow.permute(1, 2, 0).numpy())
