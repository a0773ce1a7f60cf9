"""A log to tamper with, as bytes, and what a kill leaves behind. Read by the tests beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ff_vfx.trust.audit import Deed, Rotation, append
from ff_vfx.trust.audit.seen import last_seen, remember
from ff_vfx.trust.signing import Signer

Files = dict[str, bytes]
SMALL = Rotation(most_bytes=9000)


def fill(folder: Path, signer: Signer, count: int, first: int = 1) -> None:
    """Entries as renders write them, in files of about ten."""
    for number in range(first, first + count):
        inputs = {"plate": f"plates/sh{number:03d}.####.exr", "solve": "ab" * 32, "models": ["detector", "mesh"]}
        append(folder, Deed("render", f"act{number:04d}", "ended", inputs, {"exit_code": 0}), signer, SMALL)


@contextmanager
def killed_before_the_head(folder: Path) -> Iterator[None]:
    """What is written meanwhile is in the log; its writer did not come further."""
    head, seen = (folder / "audit.head").read_bytes(), last_seen(folder)
    yield
    (folder / "audit.head").write_bytes(head)
    assert seen is not None
    remember(folder, seen)


def torn(folder: Path, signer: Signer, keep: int) -> None:
    """What is left of a writer that was killed when it had written `keep` bytes of its line, or all but `-keep`."""
    before = {path: path.stat().st_size for path in folder.glob("audit-*.jsonl")}
    with killed_before_the_head(folder):
        append(folder, Deed("render", "killed"), signer, SMALL)
    newest = max(folder.glob("audit-*.jsonl"))
    with open(newest, "r+b") as file:
        file.truncate(before.get(newest, 0) + keep if keep >= 0 else newest.stat().st_size + keep)


def taken(folder: Path) -> Files:
    """Every file of a log, but the lock."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.name != "audit.lock"}


def put(files: Files, folder: Path) -> Path:
    """The folder with these files and no others."""
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder
