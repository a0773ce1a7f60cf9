"""The AYON add-on as the file that its server takes. Read by `python -m ff_vfx.apps.publish ayon` and the tests.

Layout: package.py and server/ at the top, private/client.zip with the client's code and the pyblish plugins in it.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from ff_vfx import __version__
from ff_vfx.apps.publish import ayon_folder, plugins_folder

_CLIENT = "ff_vfx_ayon"
_TIME = (2026, 1, 1, 0, 0, 0)  # the same package for the same files


def write_package(folder: Path) -> Path:
    """Write ff_vfx-VERSION.zip into a folder; gives its path."""
    source = Path(ayon_folder())
    target = folder / f"ff_vfx-{__version__}.zip"
    folder.mkdir(parents=True, exist_ok=True)
    client = _zipped(_client(source))
    server = ((f"server/{name}", content) for name, content in _files(source / "server"))
    content = _zipped([("package.py", (source / "package.py").read_bytes()), *server, ("private/client.zip", client)])
    target.write_bytes(content)
    return target


def _client(source: Path) -> list[tuple[str, bytes]]:
    own = [(f"{_CLIENT}/{name}", content) for name, content in _files(source / "client" / _CLIENT)]
    plugins = [(f"{_CLIENT}/plugins/publish/{name}", content) for name, content in _files(Path(plugins_folder()))]
    return own + plugins


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.iterdir()):
        if path.suffix in (".py", ".json"):
            yield path.name, path.read_bytes()


def _zipped(files: list[tuple[str, bytes]]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name, _TIME), content, zipfile.ZIP_DEFLATED)
    return held.getvalue()
