"""What the tests of track share: the networks, and the two example shots tracked once."""

from __future__ import annotations

from pathlib import Path

import pytest

from ff_vfx.engine import pull_embedded
from ff_vfx.track import Detectors, open_detectors, track_plate
from ff_vfx.types.settings import TrackSettings
from ff_vfx.types.solve import Solve
from tests.track.shots import DATA, shot_plate


@pytest.fixture(scope="session")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Detectors:
    if not (DATA / "embedded_models").is_dir():
        pytest.skip("the embedded models do not lie beside the checkout")
    folder = tmp_path_factory.mktemp("models")
    pull_embedded(folder, source=DATA / "embedded_models")
    return open_detectors(folder)


@pytest.fixture(scope="session")
def shots() -> Path:
    if not (DATA / "shots").is_dir():
        pytest.skip("the test shots do not lie beside the checkout")
    return DATA / "shots"


@pytest.fixture(scope="session")
def solves(engines: Detectors, shots: Path) -> dict[str, Solve]:
    return {shot: track_plate(shot_plate(shot), TrackSettings(), engines) for shot in ("s010", "s020")}
