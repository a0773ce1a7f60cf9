"""The networks of a first pass: the four embedded ones, and those a job brings. Read by detection and mattes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from ff_vfx.engine.models.pack import Pack
from ff_vfx.track.ask import output, run_on
from ff_vfx.track.chosen import chosen_models
from ff_vfx.track.finders import EmbeddedFinder, Finder, NetworkFinder
from ff_vfx.track.recognise import Recogniser
from ff_vfx.track.witness import FinderWitness, PointsWitness, Witness
from ff_vfx.types.device import CPU, Device
from ff_vfx.types.engine import Engine
from ff_vfx.types.settings import TrackSettings

MATTE_PX = 256


@dataclass(frozen=True, slots=True, eq=False)
class Detectors:
    """detector: short-range faces (128 px). mesh: 468 points (192 px). iris: eye and iris (64 px). person: matte.

    finder: who looks for faces; None: the detector above. recogniser: who tells people apart; None: looks alone do.
    landmarks: second opinions on a face's points. key, made_with: of what is not embedded, for a solve; see Chosen.
    """

    detector: Engine
    mesh: Engine
    iris: Engine
    person: Engine
    finder: Finder | None = None
    recogniser: Recogniser | None = None
    landmarks: tuple[Engine, ...] = ()
    key: str = ""
    made_with: tuple[tuple[str, str], ...] = ()

    @property
    def searcher(self) -> Finder:
        return self.finder or EmbeddedFinder(self.detector)

    @property
    def witness(self) -> Witness:
        """The second opinion on where a face's points are: landmarks where a pack has them, else whoever finds."""
        if self.landmarks:
            return PointsWitness(self.landmarks[0])
        return FinderWitness(self.searcher if self.searcher.gives_points else EmbeddedFinder(self.detector))


def open_detectors(
    models_folder: Path,
    settings: TrackSettings | None = None,
    pack: Pack | None = None,
    devices: Sequence[Device] = (CPU,),
    say: Callable[[str], None] = lambda _: None,
) -> Detectors:
    """Load the four networks from a model folder, and what the settings or a pack put beside or before them.

    Args:
        settings: detector, detector_px and recogniser; None as for the default. pack: see ff_vfx.engine.models.pack.
        devices, say: as for ff_vfx.engine.open_engine.

    Raises:
        ModelError: one is absent or damaged; the message says how to get it. BadInput: a setting names none.
    """
    from ff_vfx.engine import open_model  # here, so that reading a solve needs no runtime

    names = ("face_detection_short_range", "face_landmark", "iris_landmark", "selfie_segmentation")
    settings = settings or TrackSettings()
    chosen = chosen_models(models_folder, settings, pack)
    detector, mesh, iris, person = (open_model(name, models_folder) for name in names)
    finder = recogniser = None
    if chosen.detector is not None:
        finder = NetworkFinder(chosen.detector.open(devices, say), settings.detector_px)
    if chosen.recogniser is not None:
        recogniser = Recogniser(chosen.recogniser.open(devices, say))
    landmarks = tuple(one.open(devices, say) for one in chosen.landmarks[:1])  # the small one is enough
    made_with = tuple(chosen.names.items())
    return Detectors(detector, mesh, iris, person, finder, recogniser, landmarks, chosen.key, made_with)


def person_matte(crop: torch.Tensor, engines: Detectors) -> torch.Tensor:
    """Who is person and who is background in a picture.

    Args:
        crop: (3, s, s) display sRGB in [0, 1].

    Returns:
        (1, s, s) float32 in [0, 1].
    """
    size = crop.shape[-1]
    small = torch.nn.functional.interpolate(
        crop[None].float().clamp(0, 1), size=(MATTE_PX, MATTE_PX), mode="bilinear", antialias=True, align_corners=False
    )[0]
    matte = output(engines.person, run_on(engines.person, small), MATTE_PX * MATTE_PX).reshape(1, 1, MATTE_PX, MATTE_PX)
    return torch.nn.functional.interpolate(
        torch.from_numpy(matte.astype(np.float32)),
        size=(size, size),
        mode="bilinear",
        antialias=True,
        align_corners=False,
    )[0].clamp(0.0, 1.0)
