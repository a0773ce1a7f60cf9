"""Bake: the plate to files where it is no Read, `ff-vfx fuse`, and a Read of all layers. Read by commands."""

from __future__ import annotations

import os
from typing import Any, NamedTuple

import nuke

from . import jobs, knobs, running
from .asking import Field, ask, beside_script, whole_number
from .filling import ocio_working_space
from .told import Told

_NUKE_LINEAR = "Linear Rec.709 (sRGB)"  # of Nuke's own colour management, in the built-in OpenColorIO config's words


class Plan(NamedTuple):
    """What a bake will do. written: the plate is written out first. first, last: plate frames."""

    node: Any
    job: dict[str, Any]
    first: int
    last: int
    output: str
    written: bool
    source: Any | None


def plan(node: Any) -> Plan:
    """Ask where to and what, and settle it.

    Raises:
        Told: something is missing, or the artist cancelled.
    """
    source = knobs.read_above(node)
    written = source is None and not knobs.text_of(node, "job_plate")
    if written and node.input(0) is None:
        raise Told(f"{node.name()}: connect it to a plate, or name its files in the Plate knob.")
    first, last = frames_of(node, source)
    fields = [
        Field("Output", beside_script(node, f"/{node.name()}.####.exr"), is_file=True),
        Field("First frame", str(first)),
        Field("Last frame", str(last)),
    ]
    if written:
        fields.append(Field("Colour space", working_space(node)))
    said = ask(f"ff-vfx: bake {node.name()}", fields)
    output = said["Output"].replace("\\", "/")
    if not os.path.isabs(output):
        raise Told(f"Output is {output!r}: give a whole path, such as /shots/sh010/ff/comp.####.exr")
    first, last = whole_number(said["First frame"], "First frame"), whole_number(said["Last frame"], "Last frame")
    if last < first:
        raise Told(f"The last frame, {last}, is before the first, {first}.")
    job = knobs.job_of(node, {"plate": plate_pattern(output)} if written else {})
    if written:
        job["plate_colour"] = said["Colour space"]
    job.update(output=output, frames=f"{first}-{last}")
    return Plan(node, job, first, last, output, written, source)


def frames_of(node: Any, source: Any | None) -> tuple[int, int]:
    """First and last plate frame that the node stands for."""
    if source is not None:
        return knobs.number_of(source, "first"), knobs.number_of(source, "last")
    offset = knobs.number_of(node, "host_frame_offset")
    return int(node.firstFrame()) + offset, int(node.lastFrame()) + offset


def working_space(node: Any) -> str:
    """The OpenColorIO name of what flows through the script, as far as it can be known; the artist may correct it."""
    return knobs.text_of(node, "host_colour") or ocio_working_space() or _NUKE_LINEAR


def plate_pattern(output: str) -> str:
    """Where a written plate goes: beside the output."""
    folder, name = os.path.split(output)
    return "/".join([folder, "plate", name])


def write_plate(made: Plan) -> None:
    """Write what is above the node, all channels, float32, pixels as they flow. In the main thread.

    Raises:
        Told: it cannot be rendered.
    """
    jobs.make_folder(os.path.dirname(made.job["plate"]))
    offset = knobs.number_of(made.node, "host_frame_offset")
    above = made.node.input(0)
    shift = nuke.nodes.TimeOffset(time_offset=offset, inputs=[above]) if offset else None
    write = nuke.nodes.Write(file=made.job["plate"], channels="all", inputs=[shift or above])
    try:
        for name, value in (("file_type", "exr"), ("datatype", "32 bit float"), ("raw", True)):
            write[name].setValue(value)
        nuke.execute(write, made.first, made.last)
    except RuntimeError as error:
        raise Told(f"The plate could not be written: {error}") from error
    finally:
        nuke.delete(write)
        if shift is not None:
            nuke.delete(shift)


def fuse(made: Plan) -> str:
    """Render the job; gives what was said. Touches no node.

    Raises:
        Told: it failed, or was cancelled.
    """
    file = os.path.splitext(made.output)[0].replace(".####", "").rstrip("#.") + ".ffjob.json"
    jobs.write_job(made.job, file)
    return running.run(jobs.fuse_arguments(file), "ff-vfx bake", good=[0, 3]).said


def read_back(made: Plan, node_name: str) -> Any:
    """The result in the script: in the node itself where it has a place for it, else as a Read beside it."""
    node = nuke.toNode(node_name)
    if node is not None and node.knob("baked"):
        prefix, target = "baked_", node
        knobs.set_knob(node, "baked", made.output)
        knobs.set_knob(node, "show_baked", True)
    else:
        prefix, target = "", nuke.nodes.Read(file=made.output)
        if node is not None:
            target.setXYpos(node.xpos() + 120, node.ypos())
    knobs.set_knob(target, prefix + "first", made.first)
    knobs.set_knob(target, prefix + "last", made.last)
    colour = knobs.text_of(made.source, "colorspace") if made.source is not None else ""
    as_it_is = made.written or (made.source is not None and bool(knobs.knob_of(made.source, "raw").value()))
    knobs.set_knob(target, prefix + "raw", as_it_is)
    if colour and not as_it_is:
        knobs.set_knob(target, "baked_colour" if prefix else "colorspace", colour)
    return target
