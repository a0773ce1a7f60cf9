"""A runtime folder of its own for each test, a small plate, and a worker in this very process."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ff_vfx.apps.worker import place
from ff_vfx.apps.worker.client import Worker
from ff_vfx.apps.worker.desk import Desk
from ff_vfx.apps.worker.running import _clear, _listen
from ff_vfx.apps.worker.server import Server
from ff_vfx.apps.worker.sessions import Sessions
from ff_vfx.door.hosts.remembered import Pictures
from tests.apps.worker import stub

Clients = Callable[..., Worker]


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Short, for a socket's path is; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="ffw"))
    monkeypatch.setenv("FF_VFX_RUNTIME", str(folder / "run"))
    yield folder / "run"
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def stub_plate(tmp_path_factory: pytest.TempPathFactory) -> str:
    return stub.write_plate(tmp_path_factory.mktemp("plate"))


@pytest.fixture
def stub_job(stub_plate: str) -> dict[str, object]:
    return {"plate": stub_plate, "performer": str(Path(stub_plate).parent / f"plate.{stub.FIRST}.exr")}


@pytest.fixture(params=["unix"])
def server(request, runtime: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Serving in a thread, frames by the stub. Parametrise with 'tcp' for the other way."""
    stub.patched(monkeypatch.setattr)
    stub.MADE.clear()
    where = place.place_of()
    place.make_private(where.folder)
    secret = place.make_secret(where)
    listening, endpoint = _listen(where, tcp=request.param == "tcp")
    desk = Desk(where, Sessions(Pictures(1 << 28)), "", 1 << 28)
    serving = Server(listening, secret, desk, 0.0)
    place.write_endpoint(where, endpoint)
    thread = threading.Thread(target=serving.run)
    thread.start()
    yield serving
    serving.end("the test is over")
    thread.join(10.0)
    assert not thread.is_alive()
    _clear(where)


@pytest.fixture
def client(server: Server) -> Iterator[Clients]:
    """Makes clients, and closes them."""
    made: list[Worker] = []

    def make(who: str = "test") -> Worker:
        made.append(Worker(who=who, start=None))
        return made[-1]

    yield make
    for one in made:
        one.close()
