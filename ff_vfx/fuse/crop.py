"""The canonical crop: how large it is for a shot, and the face's part of a frame in it. Read by shot."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

import numpy as np
import torch

from ff_vfx.colour import Transform
from ff_vfx.errors import PlateError, TrackLost
from ff_vfx.fuse.ahead import FusedAhead
from ff_vfx.fuse.swap.fuser import SwapFuser
from ff_vfx.image.sample import sample_affine
from ff_vfx.types.face import Face, FaceTrack
from ff_vfx.types.frame import Frame
from ff_vfx.types.fused import BatchFuser, CodedFuser, Crop, Fused, Fuser
from ff_vfx.types.plate import Foreseen, Plate
from ff_vfx.types.settings import FuseSettings
from ff_vfx.types.window import Window

_STEP, _LEAST, _MOST = 64, 192, 2048
_MARGIN_PX = 8  # what the sampling kernels reach beyond the crop
Codes = Callable[[int], torch.Tensor]  # frame number -> (d,) float32; raises PlateError, TrackLost: there is none
Hold = Callable[[Codes], Codes]


def crop_side(track: FaceTrack, settings: FuseSettings) -> int:
    """The crop's side in px, one for the whole shot: a face that comes nearer keeps its sampling on the way.

    At the default detail, finer than the plate, two interpolations cost no detail.
    """
    if settings.crop_px:
        return settings.crop_px
    here = [i for i, status in enumerate(track.status) if status != "lost"]
    sides = [np.sqrt(abs(np.linalg.det(track.crop_to_plate[i][:2, :2]))) for i in here]
    wanted = int(np.ceil(np.quantile(sides, 0.9) * settings.detail / _STEP)) * _STEP if sides else _LEAST
    return int(np.clip(wanted, _LEAST, _MOST))


def crop_and_fuse(  # noqa: PLR0913  the last two are for fusers that can do more
    plate: Plate,
    track: FaceTrack,
    fuser: Fuser,
    size: int,
    to_light: Transform,
    hold: Hold | None = None,
    wanted: Callable[[int], bool] | None = None,
) -> Callable[[int, Frame | None], tuple[Crop, Fused]]:
    """One frame's crop and new face, as a function of its number; the frame itself is read unless it is given.

    Args:
        hold: makes codes by frame number steady, where the fuser has one; None leaves each frame its own.
        wanted: of which later frames a new face will be asked for too: a fuser that makes several at once makes
            the next of them along with this one. None: of nobody knows which.

    What it gives raises PlateError, TrackLost: there is none.
    """

    def take(number: int, frame: Frame | None = None) -> Crop:
        face = track.face(number)
        return take_crop(frame or plate.read(number), face, size, to_light)

    if hold and isinstance(fuser, CodedFuser):
        return _with_codes(take, fuser, hold)
    if wanted and isinstance(fuser, BatchFuser) and fuser.most > 1:
        company = fuser.company if isinstance(fuser, SwapFuser) else None
        return FusedAhead(take, fuser, cache(lambda: _foreseen(plate, track, wanted)), company)

    def make(number: int, frame: Frame | None) -> tuple[Crop, Fused]:
        crop = take(number, frame)
        return crop, fuser.fuse(crop)

    return make


def crop_and_place(
    plate: Plate, track: FaceTrack, fuser: Fuser, size: int, to_light: Transform
) -> Callable[[int, Frame | None], tuple[Crop, Fused]]:
    """As `crop_and_fuse`, for a frame whose new face comes from elsewhere: the picture is the surround."""

    def place(number: int, frame: Frame | None) -> tuple[Crop, Fused]:
        face = track.face(number)
        crop = take_crop(frame or plate.read(number), face, size, to_light)
        return crop, fuser.place(crop)

    return place


def _foreseen(plate: Plate, track: FaceTrack, wanted: Callable[[int], bool]) -> list[int]:
    """The frames that have a face and will be asked for, ascending."""
    numbers = plate.order if isinstance(plate, Foreseen) else plate.numbers
    return [number for number in numbers if wanted(number) and not track.why_lost(number)]


def _with_codes(
    take: Callable[..., Crop], fuser: CodedFuser, hold: Hold
) -> Callable[[int, Frame | None], tuple[Crop, Fused]]:
    held = hold(lambda number: fuser.code(take(number)))

    def make(number: int, frame: Frame | None) -> tuple[Crop, Fused]:
        crop = take(number, frame)
        return crop, fuser.fuse_with(crop, held(number))

    return make


def readable_crops(
    plate: Plate, track: FaceTrack, numbers: Iterable[int], size: int, to_light: Transform
) -> list[Crop]:
    """The crops of those of these frames that can be read and have a face."""
    found = []
    for number in numbers:
        try:
            found.append(take_crop(plate.read(number), track.face(number), size, to_light))
        except (PlateError, TrackLost):
            continue
    return found


def take_crop(frame: Frame, face: Face, size: int, to_light: Transform) -> Crop:
    """The face's part of the frame, (3, size, size) float32, finite.

    Args:
        to_light: the frame's colour space to the scene-linear one worked in.

    Only the window under the crop is read from the frame; what lies outside the frame repeats its edge.

    Domain: scene-linear, unbounded; nan becomes 0, infinities the largest half.
    """
    to_plate = torch.from_numpy(face.crop_to_plate @ np.diag([1.0 / size, 1.0 / size, 1.0]))
    window = _under(face.crop_to_plate, frame.data_window)
    rows, columns = window.slices(frame.data_window)
    part = frame.pixels[:3, rows, columns].float()
    part = torch.nan_to_num(part, nan=0.0, posinf=65504.0, neginf=-65504.0)
    part = to_light(part)
    shift = torch.eye(3, dtype=torch.float64)
    shift[0, 2], shift[1, 2] = -window.x0, -window.y0
    return Crop(sample_affine(part, shift @ to_plate, size, size), to_plate, face, frame.number)


def _under(crop_to_plate: np.ndarray, data: Window) -> Window:
    """The data window's pixels that the crop can touch; at least one, where the crop lies wholly outside."""
    corners = np.array([[0, 0, 1], [1, 0, 1], [0, 1, 1], [1, 1, 1]], float) @ crop_to_plate.T
    low = np.floor(corners.min(0)).astype(int) - _MARGIN_PX
    high = np.ceil(corners.max(0)).astype(int) + _MARGIN_PX
    x0 = int(np.clip(low[0], data.x0, data.x1 - 1))
    y0 = int(np.clip(low[1], data.y0, data.y1 - 1))
    return Window(x0, y0, int(np.clip(high[0], x0 + 1, data.x1)), int(np.clip(high[1], y0 + 1, data.y1)))
