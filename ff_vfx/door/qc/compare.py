"""What a frame is compared with beyond its plate: an earlier version, the performer. Read by judging."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Protocol

import numpy as np
import torch

from ff_vfx.colour import Bridge, working_space
from ff_vfx.door.linear import as_linear
from ff_vfx.door.networks.recognise import open_job_detectors
from ff_vfx.door.performer import open_performer, still_files
from ff_vfx.door.qc.frames import Seen
from ff_vfx.door.qc.inputs import Inputs
from ff_vfx.errors import FfVfxError
from ff_vfx.image.blur import shrink
from ff_vfx.qc.look import Look
from ff_vfx.qc.measures.alike import flip, ssim
from ff_vfx.track.recognise import Recogniser, likeness, performer_embedding
from ff_vfx.types.job import Job
from ff_vfx.types.plate import Plate
from ff_vfx.types.settings import settings_from
from ff_vfx.types.solve import Solve
from ff_vfx.types.window import Window

_MOST_PX = 640


class Comparer(Protocol):
    """Compares frames, one after the other. missing: check -> why it cannot. notes: what a person should know."""

    missing: dict[str, str]
    notes: list[str]

    def compare(self, seen: Seen) -> Mapping[str, float]:
        """Values by key, see ff_vfx.qc.rules; none where it has nothing to say of this frame."""
        ...


def comparers(inputs: Inputs) -> list[Comparer]:
    """All there are; one that cannot compare says why.

    Raises:
        FfVfxError: a recogniser or performer that was named cannot be opened.
    """
    return [_Previous(inputs), _Identity(inputs)]


class _Previous:
    """An earlier version of the shot."""

    def __init__(self, inputs: Inputs) -> None:
        self._plate: Plate | None = inputs.previous
        self._space = inputs.plate.colour_space
        self.missing = {} if inputs.previous else {"previous": "no earlier version is named; --previous names one"}
        self.notes: list[str] = []

    def compare(self, seen: Seen) -> Mapping[str, float]:
        if self._plate is None or seen.made is None or not seen.looks:
            return {}
        try:
            other = self._plate.read(seen.number)
        except (FfVfxError, OSError) as error:
            self.notes += [f"previous version: {error}"] if len(self.notes) < 3 else []
            return {}
        other = other if other.colour_space == self._space else as_linear(other, self._space)
        found = [_alike(look, _displays(seen, other.pixels, other.data_window, look, self._space))
                 for look in seen.looks.values()]  # fmt: skip
        pairs = [pair for pair in found if pair]
        return {"ssim": min(p[0] for p in pairs), "flip": max(p[1] for p in pairs)} if pairs else {}


class _Identity:
    """How like the performer the new face is, to a recogniser."""

    def __init__(self, inputs: Inputs) -> None:
        self.notes: list[str] = []
        self.missing: dict[str, str] = {}
        self._inputs, self._solve = inputs, inputs.solve
        if why := self._why_not():
            self.missing["identity"] = why

    def compare(self, seen: Seen) -> Mapping[str, float]:
        if self.missing or seen.made is None or self._solve is None or not seen.looks:
            return {}
        solve: Solve = self._solve
        recogniser, performer = self._who
        track = solve.tracks[0]
        if track.why_lost(seen.number):
            return {}
        try:
            light = as_linear(seen.made, working_space(seen.made.colour_space))
            return {"identity": likeness(recogniser.embed(light, track.face(seen.number)), performer)}
        except FfVfxError as error:
            self.notes += [f"frame {seen.number}: {error}"] if len(self.notes) < 3 else []
            return {}

    def _why_not(self) -> str:
        job = self._inputs.job
        if not job.recogniser and not job.pack:
            return "no recogniser is named; --recogniser or --pack names one"
        if not job.performer:
            return "no performer is known; name the folder of stills with --performer"
        if self._solve is None:
            return "no solve is known, so where the face is nobody can say; name it with --solve"
        if len(self._solve.tracks) != 1:
            return "several people are in the shot, and which of them is the performer is not said"
        _ = self._who  # what was named must open, before the first frame
        return ""

    @cached_property
    def _who(self) -> tuple[Recogniser, np.ndarray]:
        job = self._inputs.job
        settings = settings_from("post", {"track": {"recogniser": job.recogniser}} if job.recogniser else {})
        detectors = open_job_detectors(
            Job(plate=job.plate, models=job.models, pack=job.pack, settings=settings), self.notes.append
        )
        assert detectors.recogniser is not None
        identity, left_out = open_performer(still_files(job.performer), "", detectors)
        embedding, more = performer_embedding(identity, detectors.recogniser)
        self.notes += [*left_out, *more]
        return detectors.recogniser, embedding


def _alike(look: Look, pair: tuple[torch.Tensor, torch.Tensor, torch.Tensor] | None) -> tuple[float, float] | None:
    if pair is None or not float(pair[2].sum()):
        return None
    return ssim(*pair), flip(*pair)


def _displays(
    seen: Seen, other: torch.Tensor, at: Window, look: Look, space: str
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor] | None:
    """Both versions as they are looked at in the face's window, and where the face is."""
    assert seen.made is not None
    window = look.window.intersect(at)
    if window != look.window:
        return None
    bridge = Bridge(space, 0.0)
    ours = seen.made.pixels[:3][:, *window.slices(seen.made.data_window)].float()
    theirs = other[:3][:, *window.slices(at)].float()
    factor = -(-max(window.width, window.height) // _MOST_PX)
    planes = bridge.encode(ours), bridge.encode(theirs), look.face
    if factor > 1:
        planes = shrink(planes[0], factor), shrink(planes[1], factor), (shrink(planes[2], factor) > 0.5).float()
    return planes
