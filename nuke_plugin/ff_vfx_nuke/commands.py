"""What the buttons and menus call; each shows its own errors. Read by menu.py and the gizmos.

from ff_vfx_nuke import commands; commands.track()
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import Any

import nuke

from . import baking, executable, exporting, filling, jobs, knobs, running, tracking
from .asking import Field, ask, beside_script
from .told import Cancelled, Told

NODE = "OFXcom.ffvfx.facefuse_v1_0"


def show(error: Told) -> None:
    """Tell the artist; a terminal's log is told too. Who cancelled knows it."""
    if isinstance(error, Cancelled):
        return
    if nuke.GUI:
        nuke.message(str(error))
    else:
        nuke.tprint(f"ff-vfx: {error}")


def _shown(command: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(command)
    def safe(*given: Any) -> None:
        try:
            command(*given)
        except Told as error:
            show(error)

    return safe


@_shown
def create(kind: str) -> None:
    """A FaceFuse or FaceFuseBake on what is selected, told what can be known."""
    try:
        node = nuke.createNode(kind)
    except RuntimeError as error:
        raise Told(
            f"{kind} could not be made: {error}\nFaceFuse needs the OpenFX plugin (menu ff-vfx > What is installed); "
            "FaceFuse (without OpenFX) does not."
        ) from error
    filling.fill(node)


@_shown
def track() -> None:
    """Look at the whole plate and write the solve; the node then uses it."""
    node = knobs.chosen_node()
    filling.fill(node)
    job, solve, name = knobs.job_of(node), tracking.solve_file(node), node.fullName()

    def done(said: str) -> None:
        tracking.tracked(name, solve)
        nuke.tprint(f"ff-vfx: {solve}\n{said}")

    running.in_background(lambda: tracking.track(job, solve), done, show)


@_shown
def bake() -> None:
    """All layers to files, and back as a Read."""
    made = baking.plan(knobs.chosen_node())
    name = made.node.fullName()
    if made.written:
        baking.write_plate(made)

    def done(said: str) -> None:
        baking.read_back(made, name)
        nuke.tprint(f"ff-vfx: {made.output}\n{said}")

    running.in_background(lambda: baking.fuse(made), done, show)


@_shown
def farm_job() -> None:
    """Write a job file, and hand it on where FF_VFX_SUBMIT says to whom."""
    node = knobs.chosen_node()
    job = knobs.job_of(node)
    fields = [
        Field("Output", beside_script(node, f"/{node.name()}.####.exr"), is_file=True),
        Field("Frames (empty: all)", ""),
        Field("Job file", beside_script(node, ".ffjob.json"), is_file=True),
    ]
    said = ask(f"ff-vfx: farm job of {node.name()}", fields)
    for label in ("Output", "Job file"):
        if not os.path.isabs(said[label]):
            raise Told(f"{label} is {said[label]!r}: give a whole path")
    job["output"] = said["Output"].replace("\\", "/")
    if said["Frames (empty: all)"]:
        job["frames"] = said["Frames (empty: all)"]
    jobs.write_job(job, said["Job file"])
    _say(jobs.submit(said["Job file"]))


@_shown
def export(format: str) -> None:
    """The track as a node of Nuke. format: nuke-tracker, nuke-cornerpin, nuke-roto-json."""
    words = exporting.arguments(knobs.chosen_node(), format)
    running.in_background(
        lambda: exporting.export(words, format),
        lambda text: exporting.paste(text, format),
        show,
    )


@_shown
def choose_executable() -> None:
    """Ask where the ff-vfx program is, and remember it for this user."""
    path = nuke.getFilename("The ff-vfx program (bin/ff-vfx of the environment it was installed in)")
    if path:
        _say(f"Remembered in {executable.choose(path)}")


@_shown
def doctor() -> None:
    """What of ff-vfx this Nuke has."""
    lines = ["{}: {}".format(where, said or "says nothing") for where, said in executable.places()]
    try:
        lines.append(f"used: {executable.find()}")
    except Told as error:
        lines.append(str(error))
    live = any(NODE.lower() in os.path.basename(str(name)).lower() for name in nuke.plugins(nuke.ALL, "*ffvfx*"))
    lines.append("OpenFX node {}: {}".format(NODE, "there" if live else "not seen; FaceFuse (without OpenFX) works"))
    _say("\n".join(lines))


def _say(text: str) -> None:
    if nuke.GUI:
        nuke.message(text)
    else:
        nuke.tprint(f"ff-vfx: {text}")
