"""The macro, evaluated by LuaJIT as the table it is: controls, outputs, what drives what. Never loaded into Fusion."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import pytest

from ff_vfx.door.hosts.params import BUTTONS, OUTPUTS, host_parameters
from tests.schema_controls import schema_controls

ROOT = Path(__file__).resolve().parents[2]
MAKER = ROOT / "resolve_plugin" / "make_macro.py"
SETTING = ROOT / "resolve_plugin" / "Fusion" / "Templates" / "Fusion" / "ff-vfx" / "FaceFuse.setting"
PARAMS = host_parameters()

# A name before a table makes it; `ordered()` keeps an order; a dotted name is a tool's.
_READER = """
local function maker(name)
    return setmetatable({}, {
        __index = function(_, more) return maker(name .. "." .. more) end,
        __call = function(_, given)
            if name == "ordered" then return function(inner) return inner end end
            given.__ctor = name
            return given
        end,
    })
end
return function(text)
    local chunk = assert(loadstring("return " .. text))
    local names = setmetatable({}, { __index = function(_, name) return maker(name) end })
    return setfenv(chunk, names)()
end
"""


def read(lua: Any, text: str) -> dict:
    """The table as dicts."""
    made = lua.execute(_READER.replace("local function maker", "local maker\nfunction maker"))(text)

    def plain(value: Any) -> Any:
        return {key: plain(inner) for key, inner in value.items()} if hasattr(value, "items") else value

    return plain(made)


@pytest.fixture
def macro(lua) -> dict:
    tools = read(lua, SETTING.read_text())["Tools"]
    assert list(tools) == ["FaceFuse"] and tools["FaceFuse"]["__ctor"] == "MacroOperator"
    return tools["FaceFuse"]


def test_the_files_are_what_the_maker_makes():
    for path, text in runpy.run_path(str(MAKER))["made"]().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name} is stale: run resolve_plugin/make_macro.py"


def test_every_source_is_a_tool_of_the_macro(macro):
    tools = macro["Tools"]
    for given in (*macro["Inputs"].values(), *macro["Outputs"].values()):
        assert given["__ctor"] in ("InstanceInput", "InstanceOutput") and given["SourceOp"] in tools
    for tool in tools.values():
        for given in tool.get("Inputs", {}).values():
            if isinstance(given, dict) and "SourceOp" in given:
                assert given["SourceOp"] in tools and given["Source"] == "Output"
            if isinstance(given, dict) and "Expression" in given:
                assert given["Expression"].split(".")[0] in tools


def test_every_setting_of_the_schema_and_every_field_of_a_job_is_a_control(macro):
    wanted = schema_controls()
    wanted |= {param.name for param in PARAMS} - {"host_output"} | {name for name, _, _ in BUTTONS} | {"status"}
    assert wanted - set(macro["Inputs"]) == set()
    for name in wanted:
        given = macro["Inputs"][name]
        assert (given["SourceOp"], given["Source"]) == ("FaceFuseResult", name) and given["Name"] and given["Page"]


def test_controls_have_the_defaults_and_ends_of_the_schema(macro):
    for param in (p for p in PARAMS if p.name != "host_output"):
        given = macro["Inputs"][param.name]
        if param.kind == "choice":
            assert param.choices[int(given["Default"])] == param.default
        elif param.kind in ("double", "int"):
            assert given["Default"] == param.default
            assert (given["MinScale"], given["MaxScale"]) == param.shown
        elif param.kind == "bool":
            assert given["Default"] == int(param.default)


def test_every_output_is_a_tool_and_an_output_of_the_macro(macro):
    shown = {given["SourceOp"]: given["Name"] for given in macro["Outputs"].values()}
    assert len(shown) == len(OUTPUTS) == len(macro["Outputs"])
    for number, output in enumerate(OUTPUTS):
        tool = macro["Tools"][f"FaceFuse{output.capitalize()}"]
        assert tool["__ctor"] == "ofx.com.ffvfx.facefuse" and f"FaceFuse{output.capitalize()}" in shown
        assert tool["Inputs"]["host_output"]["Value"] == number
        assert tool["Inputs"]["Source"]["SourceOp"] == "FaceFusePlate"
        assert tool["Inputs"]["Matte"]["SourceOp"] == "FaceFuseMatteIn"


def test_the_other_tools_follow_the_first_in_everything_but_the_output(macro):
    for output in OUTPUTS[1:]:
        inputs = macro["Tools"][f"FaceFuse{output.capitalize()}"]["Inputs"]
        for param in (p for p in PARAMS if p.name != "host_output"):
            text = ".Value" if param.kind in ("string", "file", "folder") else ""
            assert inputs[param.name] == {"__ctor": "Input", "Expression": f"FaceFuseResult.{param.name}{text}"}


def test_a_copy_beside_it_drives_nothing_but_itself(lua):
    """As Fusion pastes: every tool's name gets a number, and so does whatever names it."""
    text = re.sub(r"\b(FaceFuse[A-Z]\w*)\b", r"\1_1", SETTING.read_text())
    copy = read(lua, text)["Tools"]["FaceFuse"]
    test_every_source_is_a_tool_of_the_macro(copy)
    assert all(name.endswith("_1") for name in copy["Tools"])


def test_nothing_of_it_reads_the_hosts_time():
    text = SETTING.read_text()
    assert not re.search(r"\btime\b|CurrentTime|comp\.", text.split("Tools = ordered() {", 2)[2])
