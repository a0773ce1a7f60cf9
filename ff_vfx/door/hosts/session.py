"""A job kept open for hosts: prepared once, then any frame, any layer, put straight into the host's pictures.

Read by ff_vfx.apps.worker. What is made is remembered by what it was made from, for every session of the process.
"""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Hashable, Mapping

import numpy as np

from ff_vfx.colour import Transform
from ff_vfx.door.cast import Member, render_people
from ff_vfx.door.consent import Cleared
from ff_vfx.door.hosts.invisible import HostMark
from ff_vfx.door.hosts.picture import BadPicture, HostPicture, as_float
from ff_vfx.door.hosts.plate import HostPlate, Taking, display_of
from ff_vfx.door.hosts.remembered import Made, Picture, Pictures
from ff_vfx.door.hosts.session_audit import SessionAudit
from ff_vfx.door.hosts.session_job import Facts, SessionJob, Tracked
from ff_vfx.door.hosts.shown import Painter, base_of, made_of
from ff_vfx.door.hosts.wanted import Answered, Wanted
from ff_vfx.door.overlap import share_cores
from ff_vfx.errors import FfVfxError
from ff_vfx.types.frame import Frame
from ff_vfx.types.recall import gathered
from ff_vfx.types.report import ProgressCall
from ff_vfx.types.stopwatch import Stopwatch
from ff_vfx.types.window import Window

_MOST_COMPARED = 4096
_MOST_PIXELS = 1 << 27  # of the full picture behind a proxy: 2 GiB


class Session:
    """One job. Opening it computes nothing. Safe to ask from several threads; it makes one frame at a time."""

    def __init__(self, asked: Mapping[str, object], pictures: Pictures, device: str = "") -> None:
        """asked: see SessionJob. pictures: shared by all sessions. device: for jobs that name none.

        Raises:
            FfVfxError: this cannot work; the message says what to change.
        """
        self.job = SessionJob(asked, device)
        self._pictures = pictures
        self._plate = HostPlate(self.job.plate, self.job.job.settings)
        self._taking: Taking | None = None
        self._display: Window | None = None
        self._people: tuple[Member, ...] = ()
        self._people_of = b""
        self._equal: dict[tuple[int, bytes], bool] = {}
        self._turn = threading.Lock()
        self._audit = SessionAudit(self.job)
        self._mark = HostMark(self.job)
        space, own = self.job.space, self.job.plate.colour_space
        self._to_host = Transform.between(own, space) if own != space else None

    def facts(self) -> Facts:
        """What it is, for the host."""
        return self.job.facts()

    def track(self, *, anew: bool, progress: ProgressCall, check: Callable[[], None]) -> Tracked:
        """Look at the whole plate and write the solve; what `check` raises ends it."""
        with self._turn:
            return self.job.track(anew=anew, progress=_checked(progress, check))

    def remembers(self, wanted: Wanted) -> bool:
        """Whether nothing has to be computed: pictures as they come, or made before."""
        return wanted.source_alone or self._remembered(wanted) is not None

    def answer(self, wanted: Wanted, progress: ProgressCall, check: Callable[[], None]) -> Answered:
        """Make the frame, or take it from memory, and write its layers.

        Raises:
            FfVfxError: it cannot be made, and the source picture is not wanted instead. What `check` raises to end it.
        """
        self._check_size(wanted)
        done = self._answered(wanted, progress, check)
        if not wanted.source_alone:
            self._audit.frame(wanted.number, "remembered" if done.remembered else done.outcome)
        return done

    def _answered(self, wanted: Wanted, progress: ProgressCall, check: Callable[[], None]) -> Answered:
        try:
            made, computed = self._made(wanted, progress, check)
        except (FfVfxError, OSError) as error:
            if not wanted.or_source:
                self._audit.frame(wanted.number, "failed")
                raise
            copied = self._write(wanted, None)
            return Answered("failed", str(error), copied_ms=copied)
        copied = self._write(wanted, made)
        if made is None:
            return Answered("rendered", remembered=True, copied_ms=copied)
        outcome = "passed" if made.passed else "rendered"
        return Answered(outcome, made.passed, made.bounds, computed == 0.0, computed, copied)

    def export(self, what: Mapping[str, object]) -> dict[str, object]:
        """The solve as a compositor's own nodes, of the face that is rendered. See SessionJob.export."""
        with self._turn:
            known = self._people[0].shot.track.name if self._people else self.job.first_face
            return self.job.export(what, known)

    def close(self) -> None:
        """Forget what was prepared, once nobody is at it; pictures that were made stay remembered.

        A closed session still answers: it prepares anew.
        """
        with self._turn:
            self._plate.close()
            self._people, self._people_of = (), b""
        self._audit.ends()
        # What a shot is made of knows itself in circles, and may hold a GPU's memory.
        gc.collect()

    def leave(self, seconds: float) -> None:
        """The process ends: see that the log hears of it, at most so long."""
        self._audit.ends()
        self._audit.wait(seconds)

    def _made(self, wanted: Wanted, progress: ProgressCall, check: Callable[[], None]) -> tuple[Made | None, float]:
        """What is new, and the milliseconds it took; None, 0 where only the source is wanted."""
        if wanted.source_alone:
            return None, 0.0
        if found := self._remembered(wanted):
            self._audit.begins(self.job.solve()[0], self.job.cleared())
            return found, 0.0
        with self._turn:
            start = time.perf_counter()
            check()
            self._plate.check = check
            try:
                self._prepare(_checked(progress, check))
                frames = self._frames(wanted)
                cleared = self.job.cleared()
                self._audit.begins(self._people_of, cleared)
                key = self._key(wanted, {number: digest for number, (digest, _) in frames.items()}, cleared)
                progress("frame", 0, 1)
                made = self._pictures.made(key) or self._render(wanted.number, frames, check, cleared)
                self._pictures.keep(key, made)
            finally:
                self._plate.check = _go_on
            return made, (time.perf_counter() - start) * 1000.0

    def _remembered(self, wanted: Wanted) -> Made | None:
        """What was made of these very pixels; None also where it takes more than a look to know."""
        if not self.job.tracked():
            return None
        known = {number: self._equal.get((number, digest)) for number, digest in wanted.digests().items()}
        if None in known.values():
            return None
        given = {number: digest for number, digest in wanted.digests().items() if not known[number]}
        return self._pictures.made(self._key(wanted, given, self.job.cleared()))

    def _prepare(self, progress: ProgressCall) -> None:
        """The shots, for the solve as it is now."""
        solve_hash, solve = self.job.solve()
        if self._people and self._people_of == solve_hash:
            return
        progress("prepare", 0, 1)
        share_cores()
        self._plate.only_files()
        self._plate.recalls.clear()
        with gathered(self._plate.recalls):
            self._people = self.job.prepare(self._plate, solve)
        self._people_of = solve_hash
        progress("prepare", 1, 1)

    def _frames(self, wanted: Wanted) -> dict[int, tuple[bytes, Frame]]:
        """Those handed over that are not what the files hold, number -> digest, frame."""
        taking, scale = self._take(), self._scale(wanted)
        found: dict[int, tuple[bytes, Frame]] = {}
        if len(self._equal) > _MOST_COMPARED:
            self._equal = {}
        for number, picture in wanted.inputs.items():
            digest = wanted.digests()[number]
            if self._equal.get((number, digest)):
                continue
            frame = taking.frame(number, picture, scale)
            equal = scale == (1.0, 1.0) and taking.is_file(frame, picture.format)
            self._equal[number, digest] = equal
            if not equal:
                found[number] = digest, frame
        return found

    def _render(
        self, number: int, frames: Mapping[int, tuple[bytes, Frame]], check: Callable[[], None], cleared: Cleared
    ) -> Made:
        self._plate.show(number, frames)
        layers = render_people(self.job.marked(self._people, cleared), number, _Watch(check))
        layers = self._mark.laid(self._people, cleared, layers)
        return made_of(layers, self._shown(), self._to_host)

    def _write(self, wanted: Wanted, made: Made | None) -> float:
        """Every output; gives the milliseconds it took."""
        start = time.perf_counter()
        painter = Painter(self.job.plate.size, self._scale(wanted))
        for layer, target in wanted.outputs:
            base: Picture | np.ndarray | None = None
            if layer in ("source", "result") and not (wanted.own and target.same_place(wanted.own)):
                base = self._base(wanted, target)
            painter.paint(target, layer, made, base)
        return (time.perf_counter() - start) * 1000.0

    def _base(self, wanted: Wanted, target: HostPicture) -> Picture | np.ndarray:
        """What the source is: the host's own picture, else the file's."""
        own = wanted.own
        if own is None:
            return self._file_picture(wanted.number)
        if (own.bounds, own.format) == (target.bounds, target.format):
            return own.array()
        return Picture(own.bounds, as_float(own.array()))

    def _file_picture(self, number: int) -> Picture:
        key = (self.job.plate.key, self.job.plate.colour_space, self.job.space, number)
        picture = self._pictures.picture(key)
        if picture is None:
            frame = self._plate.file(number)
            picture = base_of(frame, frame.display_window, self._to_host)
            self._pictures.keep(key, picture)
        return picture

    def _key(self, wanted: Wanted, given: Mapping[int, bytes], cleared: Cleared) -> Hashable:
        """All that decides the frame's pixels."""
        return self.job.stamp(cleared), wanted.number, tuple(sorted(given.items()))

    def _check_size(self, wanted: Wanted) -> None:
        """See that no proxy stands for a picture that no machine holds.

        Raises:
            BadPicture: one does.
        """
        x, y = self._scale(wanted)
        for picture in [*wanted.inputs.values(), *(picture for _, picture in wanted.outputs)]:
            width, height = picture.size
            if (x, y) != (1.0, 1.0) and (width / x) * (height / y) > _MOST_PIXELS:
                raise BadPicture(f"image: {width}x{height} at scale {x:g}, {y:g} is a picture too large to be made")

    def _scale(self, wanted: Wanted) -> tuple[float, float]:
        return self.job.scale[0] * wanted.scale[0], self.job.scale[1] * wanted.scale[1]

    def _shown(self) -> Window:
        if self._display is None:
            self._display = display_of(self._plate)
        return self._display

    def _take(self) -> Taking:
        if self._taking is None:
            self._taking = Taking(self._plate, self.job.space, self._shown())
        return self._taking


class _Watch(Stopwatch):
    """Ends a frame between two of its stages."""

    def __init__(self, check: Callable[[], None]) -> None:
        super().__init__()
        self._check = check

    def stage(self, name: str):  # type: ignore[no-untyped-def]
        self._check()
        return super().stage(name)


def _checked(progress: ProgressCall, check: Callable[[], None]) -> ProgressCall:
    def call(stage: str, done: int, total: int) -> None:
        check()
        progress(stage, done, total)

    return call


def _go_on() -> None:
    pass
