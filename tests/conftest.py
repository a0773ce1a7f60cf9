"""What every test may ask for: the embedded models, the example shot, the data beside the checkout."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.consented import RightsManager, rights_manager

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the command line does; before anything loads torch

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session", autouse=True)
def _no_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or writes this user's keys, records, logs or caches, nor does a process that it starts.

    All tests of a run share one made-up user; `own_user` is for those that change him. Models are found as before.
    """
    from ff_vfx import door

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FF_VFX_MODELS", door.models_folder())
        _leave_home(patch, tmp_path_factory.mktemp("user"))
        yield


@pytest.fixture
def own_user(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user of this test's own, who has no key and trusts none yet; the folder his files are below."""
    folder = tmp_path_factory.mktemp("own-user")
    _leave_home(monkeypatch, folder)
    return folder


@pytest.fixture(scope="session")
def rights(_no_user: None, tmp_path_factory: pytest.TempPathFactory) -> RightsManager:
    """A rights manager whom the tests' user trusts; `rights.clear(stills)` is a performer's consent."""
    return rights_manager(tmp_path_factory.mktemp("rights"))


def _leave_home(patch: pytest.MonkeyPatch, folder: Path) -> None:
    for name in ("CACHE", "CONFIG", "DATA", "STATE"):
        patch.setenv(f"XDG_{name}_HOME", str(folder / name.lower()))
    for name in ("APPDATA", "LOCALAPPDATA"):
        patch.setenv(name, str(folder / name.lower()))


@pytest.fixture(scope="session")
def models_dir(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder with the embedded models: the user's, or filled from the data beside the checkout. Never the network."""
    from ff_vfx import door

    if not door.missing_models():
        return door.models_folder()
    if not (SHARED / "embedded_models").is_dir():
        pytest.skip("the embedded models are not here; `ff-vfx models pull embedded` brings them")
    folder = str(tmp_path_factory.mktemp("models"))
    door.pull_models(folder, source=str(SHARED / "embedded_models"))
    return folder


@pytest.fixture
def models_in_use(models_dir: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The embedded models, found by this process and those it starts."""
    monkeypatch.setenv("FF_VFX_MODELS", models_dir)
    return models_dir


@pytest.fixture(scope="session")
def example_shot() -> Path:
    """The shot that is committed: plate.####.exr 1001-1016, performer/, truth/."""
    return ROOT / "examples" / "s010"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The test data beside the checkout; a test that needs it is skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip(f"needs the test data beside the checkout ({os.path.relpath(SHARED, ROOT)})")
    return SHARED


@pytest.fixture(scope="session")
def example_solve(models_dir: str, example_shot: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example shot, tracked once for the whole run of the tests."""
    from ff_vfx import door

    path = tmp_path_factory.mktemp("solve") / "s010.ffsolve.json"
    job = door.make_job({"plate": str(example_shot / "plate.####.exr"), "solve": str(path), "models": models_dir})
    report = door.track(job)
    assert report.exit_code == 0, report.faults
    return path


@pytest.fixture(scope="session")
def rendered_example(
    models_dir: str, example_shot: Path, example_solve: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The example shot, fused whole with default settings; the folder of comp.####.exr."""
    from ff_vfx import door

    folder = tmp_path_factory.mktemp("fused")
    report = door.render(door.make_job(example_job(models_dir, example_shot, example_solve, folder)))
    assert report.exit_code == 0, report.faults or [entry.fault for entry in report.failed]
    return folder


def example_job(models: str, shot: Path, solve: Path, folder: Path) -> dict[str, object]:
    """The main job on the example shot."""
    return {
        "plate": str(shot / "plate.####.exr"),
        "performer": str(shot / "performer"),
        "solve": str(solve),
        "output": str(folder / "comp.####.exr"),
        "models": models,
    }
