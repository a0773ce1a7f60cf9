"""A small finished sequence that may be spoilt: three frames of the fused example, sealed by the test's own user."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR

from ff_vfx.door.provenance import hashed
from ff_vfx.plate.exr_attributes import Attribute, copy_with_attributes
from ff_vfx.trust.certificate import own_credential
from ff_vfx.trust.content_credentials import Statement, sign_beside
from ff_vfx.trust.label import COMPOSITE, attributes_of, label_of
from ff_vfx.trust.manifest import add_frames, named, new_run, read_manifest, sign_frame
from ff_vfx.trust.signing import Signer, user_signer
from ff_vfx.types.delivery_job import DeliveryJob
from ff_vfx.types.manifest import Manifest

NUMBERS = (1004, 1005, 1006)
MANIFEST = "comp.ffmanifest.json"
ASKED = {"frames", "use", "models", "limits", "waivers"}  # what of a job the collector hands on
Channels = dict[str, np.ndarray]
Change = Callable[[dict[str, object], Channels], object]


@dataclass
class Delivered:
    """folder: with comp.####.exr and its manifest. job: what `check` is asked; a plant may add to it."""

    folder: Path
    job: DeliveryJob

    def file(self, number: int) -> Path:
        return self.folder / f"comp.{number}.exr"

    @property
    def manifest(self) -> Path:
        return self.folder / MANIFEST

    def pixels(self, number: int, change: Change, *, sealed: bool = True) -> None:
        """Write a frame anew with other pixels or header. sealed: and have it taken down, as a render would."""
        path = self.file(number)
        part = OpenEXR.File(str(path), separate_channels=True).parts[0]
        header = {name: value for name, value in part.header.items() if name not in ("channels", "chunkCount", "name")}
        channels = {name: np.array(channel.pixels) for name, channel in part.channels.items()}
        change(header, channels)
        path.unlink()  # it is a link to a file that others use
        parts = {name: OpenEXR.Channel(name, np.ascontiguousarray(plane), 1, 1) for name, plane in channels.items()}
        OpenEXR.File(header, parts).write(str(path))
        if sealed:
            self.seal()

    def header(self, number: int, changes: Mapping[str, Attribute | None], *, sealed: bool = True) -> None:
        """Put other attributes into a frame's header; its pixels' bytes stay."""
        path, other = self.file(number), self.folder / "other"
        copy_with_attributes(path, other, 0, changes)
        os.replace(other, path)
        if sealed:
            self.seal()

    def seal(self, signer: Signer | None = None, **origin: Any) -> None:
        """Take down the frames as they are now, as one render by this user. origin: what of it is to be otherwise.

        With a change of origin the headers get the label that goes with it.
        """
        signer = signer or user_signer()
        manifest = read_manifest(self.manifest)
        first = manifest.frames[min(manifest.frames)]
        made_from = replace(manifest.origins[first.origin], **origin)
        if origin:
            self._label(manifest, made_from)
        origins, runs = named((made_from,), (new_run(signer),))
        start = Manifest(str(self.manifest), "sequence", manifest.pattern, "", {}, origins, runs)
        records = [
            replace(record, made=hashed(self.file(n)), origin=next(iter(origins)), run=next(iter(runs)))
            for n, record in manifest.frames.items()
            if self.file(n).is_file()
        ]
        signed = [sign_frame(record, manifest.pattern, signer) for record in records]
        add_frames(start, signed, signer, anew=True)
        sign_beside(self.manifest, Statement("ff-vfx", "test", COMPOSITE, {}), own_credential())

    def _label(self, manifest: Manifest, origin) -> None:
        for number, record in manifest.frames.items():
            if self.file(number).is_file():
                told = attributes_of(label_of(origin, record.stamp), number, record.plate, passed=False, earlier={})
                changes = {name: ("string", text.encode()) for name, text in told.items()}
                self.header(number, changes, sealed=False)


def small_delivery(rendered: Path, folder: Path, numbers: Sequence[int] = NUMBERS) -> Delivered:
    """Frames of a rendered folder, one after another, taken down anew by this test's user."""
    folder.mkdir()
    for number in numbers:
        os.link(rendered / f"comp.{number}.exr", folder / f"comp.{number}.exr")
    shutil.copy(rendered / MANIFEST, folder / MANIFEST)
    job = DeliveryJob(output=str(folder / "comp.####.exr"), frames=f"{numbers[0]}-{numbers[-1]}", skip=("quality",))
    delivered = Delivered(folder, job)
    delivered.seal()
    return delivered
