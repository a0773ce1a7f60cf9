"""A small delivery to spoil, and pyblish run without a window."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.apps.publish.made_delivery import ASKED, Delivered, small_delivery


@pytest.fixture
def delivered(rendered_example: Path, own_user: Path, tmp_path: Path) -> Delivered:
    """Three finished frames, sealed by a user of this test's own."""
    return small_delivery(rendered_example, tmp_path / "out")


@pytest.fixture
def publish() -> Iterator[Callable[..., Any]]:
    """Publish a delivery with pyblish: every plugin found in the folder, all validators run, but for what its job

    leaves out. Gives the context.

    `ff-vfx check` runs within this process, unless `process` is asked for: the plugins' own way, seconds slower.
    """
    import pyblish.api
    import pyblish.util

    from ff_vfx.apps.publish import register

    def run(made: Delivered, *, process: bool = False) -> Any:
        plugins = [one for one in pyblish.api.discover() if getattr(one, "check", "") not in made.job.skip]
        if not process:
            for plugin in plugins:
                _within(plugin)
        context = pyblish.api.Context()
        asked = made.job.model_dump(include=ASKED)
        context.data["ffvfx"] = [{**asked, "skip": ",".join(made.job.skip), "output": made.job.output}]
        with contextlib.redirect_stdout(io.StringIO()):
            return pyblish.util.publish(context, plugins)

    pyblish.api.register_host("shell")
    folder = register()
    yield run
    pyblish.api.deregister_plugin_path(folder)
    pyblish.api.deregister_host("shell")


def _within(plugin: Any) -> None:
    """Let a plugin's file call the command line here instead of starting it."""
    program = plugin.process.__globals__.get("_program")
    if program is not None:
        program._started = _command


def _command(words: list[str]) -> tuple[int, str, str]:
    from ff_vfx.apps.cli.entry import run

    out, said = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(said):
        code = run(words[words.index("check") :])
    return code, out.getvalue(), said.getvalue()
