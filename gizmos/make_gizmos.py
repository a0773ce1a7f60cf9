"""Writes FaceFuse.gizmo, FaceFuseBake.gizmo and what nuke_plugin needs of the settings: run it when settings change.

    python gizmos/make_gizmos.py

All of it comes from ff_vfx.door.hosts.params; a test fails when a file is stale.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path

from ff_vfx.door.hosts.params import BUTTONS, OUTPUTS, STATUS, HostParam, group_titles, host_parameters

ROOT = Path(__file__).resolve().parents[1]
NODE = "OFXcom.ffvfx.facefuse_v1_0"
REVISION = "revision"  # a parameter of the OpenFX node that is no control
_REVISION_FOLLOWED = f"{REVISION} {{{{Result.{REVISION}}}}}"
MATTE_INPUT = 1  # of the OpenFX node; 0 is the plate
LAYERS: dict[str, tuple[str, ...]] = {
    "face": ("ffFace.red", "ffFace.green", "ffFace.blue", "ffFace.alpha"),
    "matte": ("ffMatte.red", "ffMatte.green", "ffMatte.blue", "ffMatte.alpha"),
    "raw": ("ffRaw.red", "ffRaw.green", "ffRaw.blue", "ffRaw.alpha"),
    "st": ("ffSt.u", "ffSt.v"),
    "motion": ("forward.u", "forward.v", "backward.u", "backward.v"),
    "confidence": ("ffAux.confidence", "ffAux.forward", "ffAux.backward", "ffAux.weight"),
}
"""Output -> the channels it becomes, from red, green, blue, alpha: those of the EXR that `ff-vfx fuse` writes."""

_RGBA = ("red", "green", "blue", "alpha")
_COMMANDS = (
    ("ff_track", "Track", "track()", "Look at the whole plate once and write the solve beside the script."),
    ("ff_bake", "Bake", "bake()", "Render all layers to files with ff-vfx, and read them back."),
    (
        "ff_farm",
        "Farm job",
        "farm_job()",
        "Write a job file that `ff-vfx fuse --job FILE` runs anywhere.",
    ),
)
_EXPORTS = (
    ("ff_tracker", "Tracker", "export('nuke-tracker')", "The face's landmarks as a Tracker node."),
    ("ff_pin", "CornerPin", "export('nuke-cornerpin')", "The face's steady crop as a CornerPin2D."),
    ("ff_roto", "Roto", "export('nuke-roto-json')", "Face, eyes, lips, brows as shapes of a Roto node."),
)
_HELP = (
    "Puts the performer's face on the plate.\n\nName Plate, Performer; press Track once; the picture is then live. "
    "Layers: ffFace (premultiplied, what is new), ffMatte (coverage, skin, hair, in front), ffRaw, ffSt (for STMap), "
    "forward, backward, ffAux.\nA value counts where it differs from its default: what you leave alone is the preset's."
)


def quoted(text: str) -> str:
    """A string of a script: what its Tcl would take as its own is said literally."""
    for char in '\\"[$':
        text = text.replace(char, "\\" + char)
    return '"' + text.replace("\n", "\\n") + '"'


def live_gizmo() -> str:
    """FaceFuse: one OpenFX node an output, each copied into its layer. All follow the node `Result`."""
    params = [param for param in host_parameters() if param.name != "host_output"]
    knobs = [_tab("FaceFuse"), *_buttons(), *_links(p for p in params if p.group == "job")]
    for group in [name for name in group_titles() if name not in ("job", "host")]:
        knobs += [_tab(group_titles()[group]), *_links(p for p in params if p.group == group)]
    knobs += [_tab(group_titles()["host"]), *_links(p for p in params if p.group == "host")]
    knobs += [_link(name, f"{label} (worker)", hint) for name, label, hint in (*BUTTONS, STATUS)]
    knobs.append(_link(REVISION, "Revision", "Goes up when a tracking has ended, so that pictures are made again."))
    calls = [
        f"knobChanged {quoted('from ff_vfx_nuke import following; following.changed()')}",
        f"onCreate {quoted('from ff_vfx_nuke import following; following.follow(nuke.thisNode())')}",
    ]
    return _gizmo("FaceFuse", [*calls, *knobs], [*_inputs(), *_live_nodes(params)])


def bake_gizmo() -> str:
    """FaceFuseBake: the same knobs of its own, no OpenFX; its picture is what was baked."""
    params = [param for param in host_parameters() if param.written != "none"]
    knobs, values = [_tab("FaceFuse"), *_buttons(), *_baked_links()], []
    for group in ["job", *(name for name in group_titles() if name not in ("job", "host"))]:
        if group != "job":
            knobs.append(_tab(group_titles()[group]))
        for param in (p for p in params if p.group == group):
            knobs.append(own_knob(param))
            values.append(f"{param.name} {own_value(param)}")
    return _gizmo("FaceFuseBake", [*knobs, *values], _baked_nodes())


def own_knob(param: HostParam) -> str:
    """A knob of the gizmo's own."""
    told = f"{param.name} l {quoted(param.label)} t {quoted(param.hint)}"
    if param.kind == "choice":
        return f"addUserKnob {{4 {told} M {{{' '.join(param.choices)}}}}}"
    if param.kind == "double":
        return f"addUserKnob {{7 {told} R {param.shown[0]:g} {param.shown[1]:g}}}"
    number = {"int": 3, "bool": 6, "string": 1, "file": 2, "folder": 2}[param.kind]
    return f"addUserKnob {{{number} {told}{' +STARTLINE' if param.kind == 'bool' else ''}}}"


def own_value(param: HostParam) -> str:
    """Its default, as a script says it."""
    if param.kind == "bool":
        return "true" if param.default else "false"
    if param.kind in ("double", "int"):
        return f"{param.default:g}"
    return str(param.default) if param.kind == "choice" else quoted(str(param.default))


def followed(param: HostParam) -> str:
    """A knob of another OpenFX node, as Result has it."""
    if param.kind in ("string", "file", "folder"):
        return f'{param.name} "\\[value Result.{param.name}]"'
    return f"{param.name} {{{{Result.{param.name}}}}}"


def params_json() -> str:
    """The table that ff_vfx_nuke reads, one control a line."""
    rows = [
        {
            "name": p.name, "group": p.group, "field": p.field, "kind": p.kind, "default": p.default,
            "choices": list(p.choices), "written": p.written,
        }
        for p in host_parameters()
    ]  # fmt: skip
    return "[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n"


def roto_builder() -> str:
    """The script that builds a Roto, as the package has it."""
    return files("ff_vfx.export").joinpath("nuke_roto_builder.py").read_text(encoding="utf-8")


def made() -> dict[Path, str]:
    """Every file and what it must hold."""
    inside = ROOT / "nuke_plugin" / "ff_vfx_nuke"
    return {
        ROOT / "gizmos" / "FaceFuse.gizmo": live_gizmo(),
        ROOT / "gizmos" / "FaceFuseBake.gizmo": bake_gizmo(),
        inside / "params.json": params_json(),
        inside / "roto_builder.py": roto_builder(),
    }


def _gizmo(name: str, knobs: Sequence[str], nodes: Sequence[str]) -> str:
    head = [f"help {quoted(_HELP)}", "tile_color 0x3f6fa5ff", *knobs]
    lines = "\n".join(f" {line}" for line in head)
    return f"version 13.0 v1\nGizmo {{\n{lines}\n}}\n" + "\n".join(nodes) + "\nend_group\n"


def _tab(title: str) -> str:
    return f"addUserKnob {{20 tab_{title.lower()} l {quoted(title)}}}"


def _buttons() -> list[str]:
    first, *others = _COMMANDS
    lines = [_button(*first, " +STARTLINE"), *(_button(*row) for row in others)]
    lines.append('addUserKnob {26 ff_exports l "Export to"}')
    lines += [_button(*row, " -STARTLINE" if n == 0 else "") for n, row in enumerate(_EXPORTS)]
    return [*lines, 'addUserKnob {26 ff_line l ""}']


def _button(name: str, label: str, call: str, hint: str, more: str = "") -> str:
    script = f"from ff_vfx_nuke import commands; commands.{call}"
    return f"addUserKnob {{22 {name} l {quoted(label)} t {quoted(hint)} T {quoted(script)}{more}}}"


def _links(params: Iterable[HostParam]) -> list[str]:
    return [_link(p.name, p.label, p.hint) for p in params]


def _link(name: str, label: str, hint: str, to: str = "") -> str:
    return f"addUserKnob {{41 {name} l {quoted(label)} t {quoted(hint)} T {to or f'Result.{name}'}}}"


def _baked_links() -> list[str]:
    return [
        _link("baked", "Baked", "What Bake wrote, all layers.", "Baked.file"),
        _link("baked_first", "first", "First frame of it.", "Baked.first"),
        _link("baked_last", "last", "Last frame of it.", "Baked.last"),
        _link("baked_raw", "raw", "It is read as it is: pixels are in Nuke's working space.", "Baked.raw"),
        _link("baked_colour", "input transform", "As the plate's Read has it.", "Baked.colorspace"),
        'addUserKnob {6 show_baked l "Show baked" t "On once Bake was done; off: the input passes." +STARTLINE}',
    ]


def _node(kind: str, *knobs: str) -> str:
    return f" {kind} {{\n" + "\n".join(f"  {knob}" for knob in knobs) + "\n }"


def _kept(name: str) -> str:
    return f"set {name} [stack 0]"


def _inputs() -> list[str]:
    return [
        _node("Input", "inputs 0", "name matte", f"number {MATTE_INPUT}"),
        _kept("Ninmatte"),
        _node("Input", "inputs 0", "name plate"),
        _kept("Ninplate"),
    ]


def _live_nodes(params: Sequence[HostParam]) -> list[str]:
    """The nodes; a node's first input is what was pushed last."""
    lines = []
    for output in OUTPUTS:
        name = output.capitalize()
        follows = [] if output == "result" else [*(followed(p) for p in params), _REVISION_FOLLOWED]
        knobs = ("inputs 2", f"host_output {output}", *follows, f"name {name}")
        lines += ["push $Ninmatte", "push $Ninplate", _node(NODE, *knobs), _kept(f"N{output}")]
    before = "result"
    for output, channels in LAYERS.items():
        layer_names = dict.fromkeys(channel.partition(".")[0] for channel in channels)
        lines += [
            f" add_layer {{{layer} {' '.join(c for c in channels if c.startswith(layer + '.'))}}}"
            for layer in layer_names
        ]
        pairs = [f"from{n} rgba.{_RGBA[n]}\n  to{n} {channel}" for n, channel in enumerate(channels)]
        nothing = [f"from{n} none\n  to{n} none" for n in range(len(channels), 4)]
        copy = _node("Copy", "inputs 2", *pairs, *nothing, f"name To{output.capitalize()}")
        lines += [f"push $N{output}", f"push $N{before}", copy, _kept(f"Nto{output}")]
        before = f"to{output}"
    return [*lines, _node("Output", "name Output1")]


def _baked_nodes() -> list[str]:
    return [
        _node("Read", "inputs 0", "file_type exr", 'file ""', "on_error black", "name Baked"),
        _node("Input", "inputs 0", "name plate"),
        _node("Switch", "inputs 2", "which {{parent.show_baked}}", "name Shown"),
        _node("Output", "name Output1"),
    ]


if __name__ == "__main__":
    for path, text in made().items():
        path.write_text(text, encoding="utf-8", newline="\n")
