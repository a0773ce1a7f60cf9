"""Faces of somebody made up on those who are not cleared, by the same way as a fuse. Read by anonymising.

It changes the face, not the hair, ears or build. Where a face is not seen well enough to hold a new one, it is a blur.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch

from ff_vfx.composite.anonymise import Cover
from ff_vfx.composite.together import together
from ff_vfx.door.cast import Member, Role
from ff_vfx.door.hiding.plan import Ground
from ff_vfx.door.outputs import flattened
from ff_vfx.door.performer import still_files
from ff_vfx.door.preparing import lay_ground, prepare_people
from ff_vfx.errors import FfVfxError
from ff_vfx.track.pose import angles_deg
from ff_vfx.track.recognise import likeness
from ff_vfx.types.frame import Frame
from ff_vfx.types.heads import Head, HeadTrack
from ff_vfx.types.job import Part
from ff_vfx.types.layers import Layers
from ff_vfx.types.report import ProgressCall
from ff_vfx.types.stopwatch import Stopwatch
from ff_vfx.types.window import Window

_WHOLE = 0.999  # weight of a fused face that is not fading


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """New faces of one frame over the plate."""

    layers: Layers

    def picture(self, frame: Frame) -> Frame:
        """The plate with the new faces in it, as float32."""
        pixels = flattened(replace(self.layers, frame=frame), face_only=False)
        return replace(frame, pixels=torch.cat([pixels, frame.pixels[3:].float()]), source=None)

    def with_cover(self, frame: Frame, fused: torch.Tensor, cover: Cover) -> tuple[torch.Tensor, Window, torch.Tensor]:
        """New faces and covered heads in one window that holds both: fused (3, h, w), the window, coverage (1, h, w).

        Args:
            fused: (3, h, w) over the cover's window, made of `picture`.
        """
        window = self.layers.window.union(cover.window)
        rows, columns = window.slices(frame.data_window)
        picture = self.picture(frame).pixels[:3, rows, columns].clone()
        coverage = torch.zeros(1, window.height, window.width)
        there = self.layers.window.slices(window)
        coverage[:, there[0], there[1]] = self.layers.coverage
        if not cover.window.empty:
            there = cover.window.slices(window)
            picture[:, there[0], there[1]] = torch.where(cover.coverage > 0.0, fused, picture[:, there[0], there[1]])
            coverage[:, there[0], there[1]] = torch.maximum(coverage[:, there[0], there[1]], cover.coverage)
        return picture, window, coverage


@dataclass(frozen=True, slots=True, eq=False)
class Synthetic:
    """Who can be given a new face. members: by track name. refused: track name -> why not."""

    ground: Ground
    members: Mapping[str, Member]
    refused: Mapping[str, str]

    def faces(
        self, frame: Frame, there: Sequence[tuple[HeadTrack, Head]], watch: Stopwatch
    ) -> tuple[Drawn | None, dict[str, str]]:
        """The new faces of one frame, and by track name 'synthetic' or why it is a blur."""
        drawn: list[tuple[float, Layers]] = []
        how: dict[str, str] = {}
        for track, head in there:
            layers, why = self._one(frame, track, head, watch)
            how[track.name] = why or "synthetic"
            if layers is not None:
                drawn.append((head.face_px, layers))
        if not drawn:
            return None, how
        return Drawn(together([layers for _, layers in sorted(drawn, key=lambda one: one[0])])), how

    def _one(self, frame: Frame, track: HeadTrack, head: Head, watch: Stopwatch) -> tuple[Layers | None, str]:
        member = self.members.get(track.name)
        why = (
            self.refused.get(track.name, "known by a box alone")
            if member is None
            else self._too_hard(member, head, frame)
        )
        if member is None or why:
            return None, f"blur: {why}"
        try:
            layers = member.render(frame.number, watch)
        except FfVfxError as error:
            return None, f"blur: {error}"
        if layers.window.empty:
            return None, f"blur: {layers.decisions.get('passed', 'no face was made')}"
        if cosine := self._still_he(member, layers, frame):
            return None, f"blur: the new face is still like him, {cosine:.2f}"
        return layers, ""

    def _too_hard(self, member: Member, head: Head, frame: Frame) -> str:
        """Why a head cannot hold a new face on this frame; '' where it can."""
        settings = self.ground.job.settings
        if head.state != "seen":
            return f"{head.state}, not seen on this frame"
        if head.face_px < settings.synthetic_px:
            return f"{head.face_px:.0f} px is too small for a face"
        face = member.shot.track.face(frame.number)
        if face.weight < _WHOLE:
            return "beside a gap"
        yaw, pitch, _ = angles_deg(face.pose)
        if max(abs(yaw), abs(pitch)) > settings.synthetic_yaw:
            return f"turned by {max(abs(yaw), abs(pitch)):.0f} degrees"
        return ""

    def _still_he(self, member: Member, layers: Layers, frame: Frame) -> float:
        """The cosine to the face that was there, where a recogniser takes the two for one person; else 0."""
        recogniser = self.ground.detectors.recogniser
        if recogniser is None:
            return 0.0
        face = member.shot.track.face(frame.number)
        new = Drawn(layers).picture(frame)
        cosine = likeness(recogniser.embed(frame, face), recogniser.embed(new, face))
        return cosine if cosine >= self.ground.job.track.same_person else 0.0


def open_synthetic(ground: Ground, progress: ProgressCall) -> Synthetic:
    """Prepare a new face for every face of the solve that is covered on some frame.

    Raises:
        BadInput: a network cannot be opened. A face that none can be prepared for is a blur, and said.
    """
    job = ground.job
    stills = tuple(still_files(job.performer))
    wanted = [
        t for t in ground.plan.tracks if t.kind == "face" and any(not ground.plan.why_open(t, n) for n in t.heads)
    ]
    base = lay_ground(ground.as_job, ground.reader, ground.solve, ground.detectors, ground.notes.append)
    members, refused = dict[str, Member](), dict[str, str]()
    for done, track in enumerate(wanted):
        progress("prepare", done, len(wanted))
        role = Role(Part(face=track.name, performer=job.performer), stills)
        try:
            people, _ = prepare_people(base, (role,))
            members[track.name] = people[0]
        except FfVfxError as error:
            refused[track.name] = f"no new face could be prepared: {error}"
    progress("prepare", len(wanted), len(wanted))
    return Synthetic(ground, members, refused)
