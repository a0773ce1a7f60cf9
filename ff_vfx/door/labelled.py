"""The visible label of movies and sheets: whether there is one, what it says, and where. Read by pictures, rendering.

A picture that people watch leaves a show most easily: it says AI-GENERATED unless the job says 'none'. A comp, on its
way into finishing, says nothing unless the job has a text for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from ff_vfx.door.cast import Member
from ff_vfx.door.doubt import doubt_planes
from ff_vfx.errors import FfVfxError
from ff_vfx.image.label import AI_GENERATED, Label, make_label
from ff_vfx.plate import output_path
from ff_vfx.types.job import Job
from ff_vfx.types.window import Window

NONE = "none"
_SLATE_PART = 0.03  # of the shorter side: for those who made it
_LOOKED_AT = 9  # finished frames in which faces are looked for


class Burnt:
    """The labels of a movie to watch: the law's, and the frame's name in another corner; or none."""

    def __init__(self, job: Job, numbers: Sequence[int], size: tuple[int, int]) -> None:
        """numbers: finished frames. size: of the pictures, px."""
        text = label_text(job, watched=True)
        self._job, self._size = job, size
        self._faces = _finished_faces(job, numbers) if text else []
        self._label = make_label(text, size, keep_off=self._faces) if text else None

    def on(self, picture: np.ndarray, number: int) -> np.ndarray:
        """The picture of a frame with its labels."""
        if self._label is None:
            return picture
        # The slate must not hide the label: more than any face does.
        taken = [*self._faces, *[self._label.window] * (1 + len(self._faces))]
        name = output_path(self._job.output, number).stem
        slate = make_label(name, self._size, part=_SLATE_PART, keep_off=taken)
        return self._label.on(slate.on(picture))


def label_text(job: Job, *, watched: bool) -> str:
    """What the label says; '' where there is none. watched: the picture is made to be watched, not worked with."""
    if job.label == NONE:
        return ""
    return job.label or (AI_GENERATED if watched else "")


def movie_label(job: Job, size: tuple[int, int], faces: Sequence[Window]) -> Label | None:
    """The label of a movie that `fuse` writes, where the job has a text for it. faces: in the picture's own pixels."""
    text = label_text(job, watched=False)
    return make_label(text, size, keep_off=faces) if text else None


def tracked_faces(people: Iterable[Member], numbers: Iterable[int]) -> list[Window]:
    """Where faces are on these frames, in plate pixels."""
    found, wanted = [], set(numbers)
    for member in people:
        track = member.shot.track
        for number, points in zip(track.numbers, track.landmarks, strict=True):
            if int(number) in wanted and np.isfinite(points[:, :2]).all():
                low, high = np.floor(points[:, :2].min(0)), np.ceil(points[:, :2].max(0))
                found.append(Window(int(low[0]), int(low[1]), int(high[0]), int(high[1])))
    return found


def _finished_faces(job: Job, numbers: Sequence[int]) -> list[Window]:
    """Where the new faces are in some finished frames; a frame that cannot be asked is left out."""
    found = []
    for number in numbers[:: max(1, -(-len(numbers) // _LOOKED_AT))]:
        try:
            covered = doubt_planes(output_path(job.output, number), number).coverage > 0.0
        except FfVfxError:
            continue
        rows, columns = np.flatnonzero(covered.any(1)), np.flatnonzero(covered.any(0))
        if len(rows):
            found.append(Window(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1))
    return found
