"""Writes FaceFuse.setting and ff_vfx_params.lua for Fusion: run it when settings change.

    python resolve_plugin/make_macro.py

Both come from ff_vfx.door.hosts.params; a test fails when one is stale.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ff_vfx.door.hosts.params import BUTTONS, OUTPUTS, STATUS, HostParam, group_titles, host_parameters

FUSION = Path(__file__).resolve().parent / "Fusion"
TOOL = "ofx.com.ffvfx.facefuse"
RESULT = "FaceFuseResult"
REVISION = "revision"
_TEXTS = ("string", "file", "folder")
_NAMES = {"st": "ST map"}
_STEP = 110.0
_HELP = (
    "ff-vfx FaceFuse: puts the performer's face on the plate. Name Plate and Performer, run Track once. "
    "Frame offset is what leads from the comp's frames to the plate's."
)


def macro() -> str:
    """The macro: one OpenFX tool an output; all follow the first in everything else."""
    params = [param for param in host_parameters() if param.name != "host_output"]
    tools = [_router("FaceFusePlate", 0), _router("FaceFuseMatteIn", 1)]
    tools += [_tool(output, n, params) for n, output in enumerate(OUTPUTS)]
    inputs = [
        _given("MainInput1", [("SourceOp", '"FaceFusePlate"'), ("Source", '"Input"'), ("Name", '"Plate"')]),
        _given("MainInput2", [("SourceOp", '"FaceFuseMatteIn"'), ("Source", '"Input"'), ("Name", '"Matte"')]),
    ]
    inputs += [_control(name, label, "Shot") for name, label, _ in (*BUTTONS, STATUS)]
    inputs += [_input(param) for group in _pages() for param in params if param.group == group]
    outputs = [
        f'\t\t\t\tMainOutput{n + 1} = InstanceOutput {{ SourceOp = "{tool_name(output)}", Source = "Output", '
        f'Name = "{_NAMES.get(output, output.capitalize())}" }},'
        for n, output in enumerate(OUTPUTS)
    ]
    return "\n".join(
        [
            "{",
            "\tTools = ordered() {",
            "\t\tFaceFuse = MacroOperator {",
            f"\t\t\tCustomData = {{ HelpPage = {lua_string(_HELP)} }},",
            "\t\t\tInputs = ordered() {",
            *inputs,
            "\t\t\t},",
            "\t\t\tOutputs = ordered() {",
            *outputs,
            "\t\t\t},",
            "\t\t\tViewInfo = GroupInfo { Pos = { 0, 0 } },",
            "\t\t\tTools = ordered() {",
            *tools,
            "\t\t\t},",
            "\t\t},",
            "\t},",
            '\tActiveTool = "FaceFuse"',
            "}",
            "",
        ]
    )


def tool_name(output: str) -> str:
    """The tool of an output; unlike any that a comp has by itself."""
    return f"FaceFuse{output.capitalize()}"


def followed(param: HostParam) -> str:
    """The expression by which another tool has what the first has."""
    return f"{RESULT}.{param.name}{'.Value' if param.kind in _TEXTS else ''}"


def params_lua() -> str:
    """The table that ff_vfx.lua reads, one control a line."""
    rows = []
    for p in host_parameters():
        choices = ", ".join(lua_string(choice) for choice in p.choices)
        rows.append(
            f'    {{ name = "{p.name}", group = "{p.group}", field = "{p.field}", kind = "{p.kind}", '
            f'default = {_lua(p.default)}, choices = {{ {choices} }}, written = "{p.written}" }},'
        )
    head = "-- Made by resolve_plugin/make_macro.py from ff-vfx's settings; do not edit here.\n"
    return f"{head}return {{\n" + "\n".join(rows) + "\n}\n"


def lua_string(text: str) -> str:
    """A text as Lua says it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def made() -> dict[Path, str]:
    """Every file and what it must hold."""
    return {
        FUSION / "Templates" / "Fusion" / "ff-vfx" / "FaceFuse.setting": macro(),
        FUSION / "Modules" / "Lua" / "ff_vfx_params.lua": params_lua(),
    }


def _lua(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return lua_string(value) if isinstance(value, str) else f"{value}"


def _pages() -> list[str]:
    names = list(group_titles())
    return ["job", *(name for name in names if name not in ("job", "host")), "host"]


def _given(name: str, pairs: Sequence[tuple[str, str]]) -> str:
    return f"\t\t\t\t{name} = InstanceInput {{ " + ", ".join(f"{key} = {value}" for key, value in pairs) + " },"


def _control(name: str, label: str, page: str) -> str:
    pairs = [("SourceOp", f'"{RESULT}"'), ("Source", f'"{name}"'), ("Name", lua_string(label))]
    return _given(name, [*pairs, ("Page", f'"{page}"')])


def _input(param: HostParam) -> str:
    """A control of the macro's own page. Numbers have their slider's ends; the node itself holds the closed range."""
    pairs = [("SourceOp", f'"{RESULT}"'), ("Source", f'"{param.name}"'), ("Name", lua_string(param.label))]
    pairs.append(("Page", lua_string(group_titles()[param.group])))
    if param.kind in ("double", "int"):
        pairs += [("MinScale", f"{param.shown[0]:g}"), ("MaxScale", f"{param.shown[1]:g}")]
    if param.kind not in _TEXTS:
        pairs.append(("Default", _default(param)))
    return _given(param.name, pairs)


def _default(param: HostParam) -> str:
    if param.kind == "choice":
        return str(param.choices.index(str(param.default)))
    return f"{float(param.default):g}" if param.kind != "bool" else str(int(bool(param.default)))


def _router(name: str, row: int) -> str:
    return f"\t\t\t\t{name} = PipeRouter {{ ViewInfo = PipeRouterInfo {{ Pos = {{ 0, {row * 49.5:g} }} }} }},"


def _tool(output: str, column: int, params: Sequence[HostParam]) -> str:
    """One OpenFX tool. Choices are numbers from 0, as Fusion keeps them."""
    follows = (
        [] if output == "result" else [*((p.name, followed(p)) for p in params), (REVISION, f"{RESULT}.{REVISION}")]
    )
    inputs = [
        'Source = Input { SourceOp = "FaceFusePlate", Source = "Output" },',
        'Matte = Input { SourceOp = "FaceFuseMatteIn", Source = "Output" },',
        f"host_output = Input {{ Value = {OUTPUTS.index(output)} }},",
        *(f'{name} = Input {{ Expression = "{expression}" }},' for name, expression in follows),
    ]
    lines = "\n".join(f"\t\t\t\t\t\t{line}" for line in inputs)
    place = f"ViewInfo = OperatorInfo {{ Pos = {{ {_STEP * (column + 1):g}, 0 }} }},"
    return (
        f"\t\t\t\t{tool_name(output)} = {TOOL} {{\n\t\t\t\t\tNameSet = true,\n\t\t\t\t\tInputs = {{\n{lines}\n"
        f"\t\t\t\t\t}},\n\t\t\t\t\t{place}\n\t\t\t\t}},"
    )


if __name__ == "__main__":
    for path, text in made().items():
        path.write_text(text, encoding="utf-8", newline="\n")
