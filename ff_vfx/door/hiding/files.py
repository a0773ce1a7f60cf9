"""Where anonymised frames go: one EXR each, or one movie. Read by anonymising.

A frame that failed has no file, and is black in a movie: never the plate.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch

from ff_vfx.colour import Transform
from ff_vfx.door.hiding.plan import Ground
from ff_vfx.door.outputs import MOVIES, flattened
from ff_vfx.door.overlap import WriteBehind
from ff_vfx.door.rendering import Entries, failed_entry
from ff_vfx.plate import output_path, write_frame, write_movie
from ff_vfx.trust.label import movie_attributes
from ff_vfx.types.layers import Layers
from ff_vfx.types.manifest import FileHash
from ff_vfx.types.report import FrameEntry

Compute = Callable[[int], tuple[Layers | None, FrameEntry]]


def write_all(ground: Ground, compute: Compute, entries: Entries) -> bool:
    """Every frame that is to be made, one after another; True when it was interrupted."""
    for number in ground.numbers:
        if number not in ground.todo:
            path, reason = output_path(ground.job.output, number), "valid on disk, made from the same things"
            entries.add(FrameEntry(number, "skipped", str(path), decisions={"reason": reason}))
    if not ground.todo:
        return False
    try:
        if Path(ground.job.output).suffix.lower() in MOVIES:
            _movie(ground, compute, entries)
        else:
            _files(ground, compute, entries)
    except KeyboardInterrupt:
        return True
    finally:
        ground.reader.close()
    return False


def _files(ground: Ground, compute: Compute, entries: Entries) -> None:
    writer = WriteBehind()
    written: dict[int, FrameEntry] = {}
    try:
        for number in ground.todo:
            layers, entry = compute(number)
            if layers is None:
                entries.add(entry)
            else:
                writer.put(partial(_write, ground, layers, entry, (entries, written)))
            if ground.job.stop_on_error and entries.failed:
                return
    finally:
        writer.close()
        for number, fault in ground.provenance.finish().items():
            entries.add(replace(written[number], fault=fault))


def _write(ground: Ground, layers: Layers, entry: FrameEntry, told: tuple[Entries, dict[int, FrameEntry]]) -> None:
    """One file, its label and its entry in the manifest. told: of all frames, and of those that are on disk."""
    start, path = time.perf_counter(), output_path(ground.job.output, entry.number)
    entries, written = told
    try:
        plate = ground.provenance.plate_file(layers.frame)
        write_frame(ground.provenance.labelled(layers, plate), path, ground.job.written)
        ground.provenance.wrote(entry.number, entry.outcome, plate, path)
    except Exception as error:  # noqa: BLE001  law 5: the others go on
        entries.add(failed_entry(entry, error))
        return
    spent = (time.perf_counter() - start) * 1000.0
    written[entry.number] = replace(entry, times_ms={**entry.times_ms, "write": spent})
    entries.add(written[entry.number])


def _movie(ground: Ground, compute: Compute, entries: Entries) -> None:
    """Whole or not at all; its frames are computed as the encoder asks for them."""
    path = Path(ground.job.output)
    done: list[FrameEntry] = []
    plates: dict[int, FileHash] = {}
    # A new face is labelled as AI-made; a covered one is not, and a movie has no other label.
    about = movie_attributes(ground.provenance.label) if ground.job.method == "synthetic" else {}
    stored = getattr(ground.plate, "stored_space", "")
    way = Transform.between if stored else Transform.to_standard
    encode = way(ground.plate.colour_space, stored or "srgb_tx")

    def pictures() -> Iterator[np.ndarray]:
        for number in ground.todo:
            layers, entry = compute(number)
            done.append(entry)
            if layers is not None:
                plates[number] = ground.provenance.plate_file(layers.frame)
            yield _picture(layers, ground.plate.size, encode)

    try:
        codec = MOVIES[path.suffix.lower()]
        write_movie(pictures(), path, rate=ground.plate.rate, codec=codec, about=about)  # type: ignore[arg-type]
        if about:
            ground.provenance.wrote_movie(path, [(entry, plates.get(entry.number)) for entry in done])
    except Exception as error:  # noqa: BLE001  told for every frame
        done = [failed_entry(entry, error) for entry in done]
    for entry in done:
        entries.add(entry)


def _picture(layers: Layers | None, size: tuple[int, int], encode: Transform) -> np.ndarray:
    """(h, w, 3) uint16 in the display window; black for a frame that failed."""
    width, height = size
    canvas = np.zeros((height, width, 3), np.uint16)
    if layers is None:
        return canvas
    frame = layers.frame
    coded = (encode(flattened(layers, face_only=False)).nan_to_num(0.0).clamp(0.0, 1.0) * 65535.0 + 0.5).to(torch.int32)
    inside = frame.data_window.intersect(frame.display_window)
    rows, columns = inside.slices(frame.data_window)
    canvas[inside.slices(frame.display_window)] = coded[:, rows, columns].permute(1, 2, 0).numpy().astype(np.uint16)
    return canvas
