"""Where finished frames go: one EXR each, or one movie. Read by the door's rendering.

Both take a frame's layers with its entry so far, write behind the computing, and tell what became of it. A movie is
whole or not at all: it cannot be resumed, and an interrupt leaves none.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np
import torch

from ff_vfx.colour import Transform
from ff_vfx.door.overlap import WriteBehind
from ff_vfx.door.provenance import Provenance
from ff_vfx.image.label import Label
from ff_vfx.plate import output_path, write_frame, write_movie
from ff_vfx.trust.label import movie_attributes
from ff_vfx.types.job import Job
from ff_vfx.types.layers import Layers
from ff_vfx.types.manifest import FileHash
from ff_vfx.types.plate import Plate
from ff_vfx.types.report import FrameEntry

MOVIES = {".mov": "prores", ".mp4": "h265-10", ".mkv": "h265-10"}
Told = Callable[[FrameEntry], None]
Failed = Callable[[FrameEntry, Exception], FrameEntry]


class Output(Protocol):
    """Takes frames in the order they are made."""

    def put(self, layers: Layers | None, entry: FrameEntry) -> None:
        """Write a frame; None: it failed, as its entry says, and there is nothing to write."""
        ...

    def close(self, *, whole: bool) -> None:
        """Wait for what is under way. whole: False when the run was interrupted."""
        ...


class FrameFiles:
    """One EXR a frame, written by a few threads."""

    def __init__(self, job: Job, told: Told, failed: Failed, provenance: Provenance) -> None:
        self._job, self._told, self._failed, self._provenance = job, told, failed, provenance
        self._writer = WriteBehind()
        self._written: dict[int, FrameEntry] = {}

    def put(self, layers: Layers | None, entry: FrameEntry) -> None:
        if layers is None:
            self._told(entry)
        else:
            self._writer.put(partial(self._write, layers, entry))

    def close(self, *, whole: bool) -> None:
        self._writer.close()
        for number, fault in self._provenance.finish().items():
            self._told(replace(self._written[number], fault=fault))

    def _write(self, layers: Layers, entry: FrameEntry) -> None:
        start = time.perf_counter()
        path = output_path(self._job.output, entry.number)
        try:
            plate = self._provenance.plate_file(layers.frame)
            write_frame(self._provenance.labelled(layers, plate), path, self._job.settings.output)
            written = time.perf_counter()
            self._provenance.wrote(entry.number, entry.outcome, plate, path)
        except Exception as error:  # noqa: BLE001  law 5: the others go on
            self._told(self._failed(entry, error))
            return
        seconds = {"write": written - start, "record": time.perf_counter() - written}
        times = {name: spent * 1000.0 for name, spent in seconds.items()}
        self._written[entry.number] = replace(entry, times_ms={**entry.times_ms, **times})
        self._told(self._written[entry.number])


class Movie:
    """One movie, encoded by one thread. A frame that failed is black, so that those after it keep their time."""

    def __init__(self, job: Job, plate: Plate, told: Told, provenance: Provenance, label: Label | None = None) -> None:
        self._job, self._told, self._provenance = job, told, provenance
        self._plates: dict[int, FileHash] = {}
        self._size, self._label = plate.size, label
        # A movie comes back in the plate's own encoding, so that what was not touched looks as it did.
        stored = getattr(plate, "stored_space", "")
        way = Transform.between if stored else Transform.to_standard
        self._encode = way(plate.colour_space, stored or "srgb_tx")
        self._queue: queue.Queue[tuple[Layers | None, FrameEntry] | None] = queue.Queue(maxsize=4)
        self._done: list[FrameEntry] = []
        self._whole = True
        self._fault = ""
        self._thread = threading.Thread(target=self._run, args=(plate,), name="ff-movie")
        self._thread.start()

    def put(self, layers: Layers | None, entry: FrameEntry) -> None:
        self._queue.put((layers, entry))

    def close(self, *, whole: bool) -> None:
        self._whole = whole
        self._queue.put(None)
        self._thread.join()
        for entry in self._done if self._fault else ():
            fault = entry.fault or f"frame {entry.number}: {self._fault}"
            self._told(replace(entry, outcome="failed", fault=fault))

    def _run(self, plate: Plate) -> None:
        path = Path(self._job.output)
        waiting = iter(self._queue.get, None)
        try:
            write_movie(
                self._pictures(waiting),
                path,
                rate=plate.rate,
                codec=MOVIES[path.suffix.lower()],  # type: ignore[arg-type]
                about=movie_attributes(self._provenance.label),
            )
            self._provenance.wrote_movie(path, [(entry, self._plates.get(entry.number)) for entry in self._done])
        except _Stopped:
            self._fault = f"{path}: interrupted, and a movie is whole or not at all; render it again"
        except Exception as error:  # noqa: BLE001  told for every frame; the computing thread must not wait for ever
            self._fault = str(error)
            self._done += [entry for _, entry in waiting]

    def _pictures(self, waiting: Iterator[tuple[Layers | None, FrameEntry]]) -> Iterator[np.ndarray]:
        for layers, entry in waiting:
            start = time.perf_counter()
            self._done.append(entry)
            if layers is not None:
                self._plates[entry.number] = self._provenance.plate_file(layers.frame)
            yield self._picture(layers)
            if layers is not None:
                entry = replace(entry, times_ms={**entry.times_ms, "write": (time.perf_counter() - start) * 1000.0})
            self._told(entry)
        if not self._whole:
            raise _Stopped

    def _picture(self, layers: Layers | None) -> np.ndarray:
        """(h, w, 3) uint16 in the display window."""
        width, height = self._size
        canvas = np.zeros((height, width, 3), np.uint16)
        if layers is None:
            return canvas
        frame = layers.frame
        picture = flattened(layers, face_only=self._job.settings.output.layers == "face")
        coded = (self._encode(picture).nan_to_num(0.0).clamp(0.0, 1.0) * 65535.0 + 0.5).to(torch.int32)
        inside = frame.data_window.intersect(frame.display_window)
        rows, columns = inside.slices(frame.data_window)
        there = inside.slices(frame.display_window)
        canvas[there] = coded[:, rows, columns].permute(1, 2, 0).numpy().astype(np.uint16)
        return self._label.on(canvas) if self._label else canvas


class _Stopped(Exception):
    """The run was interrupted while a movie was being written."""


def flattened(layers: Layers, *, face_only: bool) -> torch.Tensor:
    """(3, h, w) float32 over the data window: the finished picture, or the face alone on black."""
    plate = layers.frame.pixels[:3].float()
    picture = torch.zeros_like(plate) if face_only else plate.clone()
    if not layers.window.empty:
        rows, columns = layers.window.slices(layers.frame.data_window)
        covered = layers.coverage > 0.0
        ours = layers.fused * (layers.coverage if face_only else 1.0)
        picture[:, rows, columns] = torch.where(covered, ours, picture[:, rows, columns])
    return picture
