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


class Company:
    """Several people whose faces one network draws: what is run for one of them is run for the others along with it."""

    def __init__(self, fuse: Callable[..., list[list[Fused]]]) -> None:
        """fuse: of [(fuser, crops), ...] all new faces in one run, bit for bit as each by itself: fuse_together."""
        self._fuse = fuse
        self._members: list[FusedAhead] = []

    def join(self, member: FusedAhead) -> None:
        self._members.append(member)

    def fuse(self, member: FusedAhead, crops: Sequence[Crop]) -> list[Fused]:
        """The member's new faces; the others keep theirs of the same frames, made in the same run."""
        numbers = [crop.number for crop in crops]
        others = [(other, other.missing(numbers)) for other in self._members if other is not member]
        others = [(other, theirs) for other, theirs in others if theirs]
        made = self._fuse([(member.fuser, crops), *((other.fuser, theirs) for other, theirs in others)])
        for (other, theirs), faces in zip(others, made[1:], strict=True):
            other.keep(theirs, faces)
        return made[0]


class FusedAhead:
    """One frame's crop and new face by its number. Safe to call from several threads.

    Frames are fused ahead only when they are asked for one after the other: a single frame, or samples spread over a
    shot, cost what they cost. What is remembered is bounded.
    """

    def __init__(
        self,
        take: Callable[[int, Frame | None], Crop],
        fuser: BatchFuser,
        foreseen: Callable[[], Sequence[int]],
        company: Company | None = None,
    ) -> None:
        """Args:
        take: a frame's crop; raises PlateError, TrackLost. foreseen: the frames that will be asked for, ascending;
            called at the first frame. company: who else's faces the same network draws.
        """
        self._take, self.fuser, self._foreseen, self._company = take, fuser, foreseen, company
        if company:
            company.join(self)
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
        if number in self._alone or not self._in_a_row(number):
            return crop, self.fuser.fuse(crop)
        coming = self._coming(number)
        try:
            crops = [crop, *coming]
            made = self._company.fuse(self, crops) if self._company else self.fuser.fuse_many(crops)
        except _FAULTS:
            # Whose fault it is shows one by one.
            return self._one_by_one(crop, coming)
        self.keep(coming, made[1:])
        return crop, made[0]

    def _in_a_row(self, number: int) -> bool:
        """Whether the frame before it was made just now, and this one was foreseen."""
        order = self._foreseen()
        place = bisect.bisect_left(order, number)
        return number in order[place : place + 1] and place > 0 and order[place - 1] in self._kept

    def _coming(self, number: int) -> list[Crop]:
        """The crops to make along with this frame's."""
        order = self._foreseen()
        place = bisect.bisect_left(order, number)
        return self._takeable(order[place + 1 : place + self.fuser.most])

    def missing(self, numbers: Sequence[int]) -> list[Crop]:
        """The crops of those of these frames that will be asked for and are not made yet."""
        foreseen = set(self._foreseen())
        return self._takeable([number for number in numbers if number in foreseen])

    def keep(self, crops: Sequence[Crop], faces: Sequence[Fused]) -> None:
        """Remember what was made for these crops."""
        for crop, fused in zip(crops, faces, strict=True):
            self._keep(crop, fused)

    def _takeable(self, numbers: Sequence[int]) -> list[Crop]:
        crops: list[Crop] = []
        for other in numbers:
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
                self._keep(other, self.fuser.fuse(other))
            except _FAULTS:
                self._alone.get(other.number, lambda: True)
        try:
            return crop, self.fuser.fuse(crop)
        except _FAULTS:
            self._alone.get(crop.number, lambda: True)
            raise

    def _keep(self, crop: Crop, fused: Fused) -> None:
        self._kept.get(crop.number, lambda: (crop, fused))
