"""What a movie to watch, or a sheet, says of itself: label, credentials, a manifest of its own. Read by pictures.

It is made of frames that are on disk, so it says what their manifest says of them; without one, that it is AI-made.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path

from ff_vfx import __version__
from ff_vfx.door.manifests import manifest_path
from ff_vfx.door.provenance import TOOL, give_credentials, hashed, signer_of_run
from ff_vfx.errors import TrustError
from ff_vfx.trust.content_credentials import Statement
from ff_vfx.trust.label import COMPOSITE, GENERATED, Label, label_of, movie_attributes
from ff_vfx.trust.manifest import add_frames, named, new_run, now, read_manifest, sign_frame
from ff_vfx.types.clearance import Clearance
from ff_vfx.types.manifest import Manifest

_UNKNOWN = Label(TOOL, "", "", "", "", (), (), False)


class Deliverable:
    """One picture or movie of frames on disk. Ask `about` for its metadata; `finish` it once it is there."""

    def __init__(self, output: str, numbers: Collection[int]) -> None:
        """output: the frames' pattern. numbers: those shown."""
        self._shown = _shown(output, numbers)
        self._label = _label(self._shown) if self._shown else _UNKNOWN
        made = {record.outcome for record in self._shown.frames.values()} if self._shown else {"rendered"}
        self._generated = "rendered" in made

    @property
    def about(self) -> dict[str, str]:
        """Its metadata: nothing where every frame is the plate."""
        told = movie_attributes(self._label) if self._generated else {}
        return {name: text for name, text in told.items() if not text.endswith("sha256:")}

    def finish(self, path: Path, kind: str) -> None:
        """Give it its C2PA credentials, and a manifest where its frames have one. kind: 'movie' | 'picture'.

        Raises:
            TrustError, WriteRefused: it cannot; the picture itself is there.
        """
        if self._generated:
            source_type = GENERATED if self._label.face_only else COMPOSITE
            give_credentials(path, Statement("ff-vfx", __version__, source_type, self.about))
        beside = manifest_path(str(path))
        if self._shown is None:
            beside.unlink(missing_ok=True)  # it spoke of what was there before
            return
        signer, _ = signer_of_run()
        run, made = new_run(signer), hashed(path)
        runs = named((), (run,))[1]
        records = [
            sign_frame(replace(record, made=made, run=next(iter(runs)), at=now()), path.name, signer)
            for record in self._shown.frames.values()
        ]
        start = replace(self._shown, path=str(beside), kind=kind, pattern=path.name, runs=runs)
        add_frames(start, records, signer, anew=True)


def _shown(output: str, numbers: Collection[int]) -> Manifest | None:
    """What the frames' manifest says of those shown; None where it is not there, altered, or does not name them all."""
    try:
        manifest = read_manifest(manifest_path(output))
    except TrustError:
        return None
    frames = {number: record for number, record in manifest.frames.items() if number in numbers}
    return replace(manifest, frames=frames) if len(frames) == len(set(numbers)) else None


def _label(manifest: Manifest) -> Label:
    """One label for all frames: whose settings differ has the first one's, but nobody and no network is left out."""
    origins = [manifest.origins[name] for name in dict.fromkeys(one.origin for one in manifest.frames.values())]
    first = next(iter(manifest.frames.values()))
    models = {str(sorted(model.items())): model for origin in origins for model in origin.models}
    clearances = _each_once(one for origin in origins for one in origin.clearances)
    label = label_of(manifest.origins[first.origin], first.stamp)
    return replace(label, models=tuple(models.values()), clearances=clearances)


def _each_once(clearances: Iterable[Clearance]) -> tuple[Clearance, ...]:
    return tuple({(one.performer, one.sha256, one.cleared): one for one in clearances}.values())
