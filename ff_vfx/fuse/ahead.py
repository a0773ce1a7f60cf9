"""Frames fused together: asked for one, the next that will be asked for are made in the same run. Read by crop.

A fuser that takes several at once gives the same bits as one by one, so this changes the time and never a pixel.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Sequence

from ff_vfx.errors import FfVfxError, PlateError, TrackLost
from ff_vfx.types.frame import Frame
from ff_vfx.types.fused import BatchFuser, Crop, Fused
from ff_vfx.types.recall import Recall

_FAULTS = (FfVfxError, RuntimeError, MemoryError)  # of a run of a network; anything else is a bug and comes out


class FusedAhead:
    """One frame's crop and new face by its number. Safe to call from several threads.

    Frames are fused ahead only when they are asked for one after the other: a single frame, or samples spread over a
    shot, cost what they cost. What is remembered is bounded.
    """

    def __init__(
        self, take: Callable[[int, Frame | None], Crop], fuser: BatchFuser, foreseen: Callable[[], Sequence[int]]
    ) -> None:
        """Args:
        take: a frame's crop; raises PlateError, TrackLost. foreseen: the frames that will be asked for, ascending;
            called at the first frame.
        """
        self._take, self._fuser, self._foreseen = take, fuser, foreseen
        self._kept = Recall(fuser.most + 1)
        self._alone = Recall(1024)  # numbers of frames that a run fails on

    def __call__(self, number: int, frame: Frame | None) -> tuple[Crop, Fused]:
        """The frame's crop and new face.

        Raises:
            PlateError, TrackLost: there is none. ModelError: the network fails on this frame; its neighbours go on.
        """
        return self._kept.get(number, lambda: self._make(number, frame))

    def _make(self, number: int, frame: Frame | None) -> tuple[Crop, Fused]:
        crop = self._take(number, frame)
        coming = [] if number in self._alone else self._coming(number)
        if coming:
            try:
                made = self._fuser.fuse_many([crop, *coming])
            except _FAULTS:
                # Whose fault it is shows one by one.
                return self._one_by_one(crop, coming)
            for pair in zip(coming, made[1:], strict=True):
                self._keep(*pair)
            return crop, made[0]
        return crop, self._fuser.fuse(crop)

    def _coming(self, number: int) -> list[Crop]:
        """The crops to make along with this frame's: none unless the frame before it was made just now."""
        order = self._foreseen()
        place = bisect.bisect_left(order, number)
        if number not in order[place : place + 1] or place == 0 or order[place - 1] not in self._kept:
            return []
        crops: list[Crop] = []
        for other in order[place + 1 : place + self._fuser.most]:
            if other in self._kept or other in self._alone:
                continue
            try:
                crops.append(self._take(other, None))
            except (PlateError, TrackLost):
                continue  # it says so when it is asked for
        return crops

    def _one_by_one(self, crop: Crop, coming: Sequence[Crop]) -> tuple[Crop, Fused]:
        for other in coming:
            try:
                self._keep(other, self._fuser.fuse(other))
            except _FAULTS:
                self._alone.get(other.number, lambda: True)
        try:
            return crop, self._fuser.fuse(crop)
        except _FAULTS:
            self._alone.get(crop.number, lambda: True)
            raise

    def _keep(self, crop: Crop, fused: Fused) -> None:
        self._kept.get(crop.number, lambda: (crop, fused))
