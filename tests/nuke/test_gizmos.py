"""The gizmos, read as the scripts they are: knobs, links, connections, layers. Never loaded into Nuke."""

from __future__ import annotations

import ast
import runpy
from pathlib import Path
from typing import Any

import pytest

from ff_vfx.door.hosts.params import OUTPUTS, host_parameters
from tests.export.nk import words as words_of
from tests.schema_controls import schema_controls

ROOT = Path(__file__).resolve().parents[2]
PARAMS = host_parameters()
MAKER = ROOT / "gizmos" / "make_gizmos.py"


class Graph:
    """A gizmo's text: user knobs by name, its values, nodes by name with knobs and inputs by name (0 first)."""

    def __init__(self, name: str) -> None:
        words = words_of((ROOT / "gizmos" / f"{name}.gizmo").read_text())
        assert words[:3] == ["version", "13.0", "v1"] and words[3] == "Gizmo" and words[-1] == "end_group"
        self.user: dict[str, list] = {}
        self.values: dict[str, Any] = {}
        for key, value in zip(words[4][::2], words[4][1::2], strict=True):
            if key == "addUserKnob":
                assert value[1] not in self.user, f"{value[1]} twice"
                self.user[value[1]] = value
            else:
                self.values[key] = value
        self.nodes: dict[str, dict[str, Any]] = {}
        self.kinds: dict[str, str] = {}
        self.inputs: dict[str, list[str]] = {}
        self.layers: list[list] = []
        self._run(words[5:-1])

    def _run(self, words: list) -> None:
        """As Nuke runs a script: a node takes its inputs from the stack, the last pushed first, and lies on it."""
        stack: list[str] = []
        kept: dict[str, str] = {}
        while words:
            word = words.pop(0)
            if word == "set":
                kept[words.pop(0)] = stack[-1]
                assert (words.pop(0), words.pop(0)) == ("[stack", "0]")
            elif word == "push":
                stack.append(kept[words.pop(0).removeprefix("$")])
            elif word == "add_layer":
                self.layers.append(words.pop(0))
            else:
                body = words.pop(0)
                knobs = dict(zip(body[::2], body[1::2], strict=True))
                name = knobs["name"]
                assert name not in self.nodes
                self.nodes[name], self.kinds[name] = knobs, word
                self.inputs[name] = [stack.pop() for _ in range(int(knobs.get("inputs", 1)))]
                stack.append(name)
        self.output = stack[-1]


@pytest.fixture(scope="module")
def live() -> Graph:
    return Graph("FaceFuse")


@pytest.fixture(scope="module")
def bake() -> Graph:
    return Graph("FaceFuseBake")


def test_the_files_are_what_the_maker_makes():
    for path, text in runpy.run_path(str(MAKER))["made"]().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name} is stale: run `python gizmos/make_gizmos.py`"


def test_every_setting_of_the_schema_and_every_field_of_a_job_has_a_knob_in_both(live, bake):
    wanted = schema_controls()
    assert wanted - set(live.user) == set() and wanted - set(bake.user) == set()


def test_every_host_parameter_but_the_output_is_linked_to_the_result_node(live):
    for param in PARAMS:
        if param.name != "host_output":
            assert live.user[param.name][0] == "41" and live.user[param.name][-1] == f"Result.{param.name}"
    for name in ("track", "cancel", "export", "status", "revision"):
        assert live.user[name][-1] == f"Result.{name}"


def test_every_output_is_a_node_of_its_own_on_plate_and_matte(live):
    nodes = {name for name, kind in live.kinds.items() if kind == "OFXcom.ffvfx.facefuse_v1_0"}
    assert {live.nodes[name]["host_output"] for name in nodes} == set(OUTPUTS) and len(nodes) == len(OUTPUTS)
    for name in nodes:
        assert live.inputs[name] == ["plate", "matte"]
    assert "number" not in live.nodes["plate"] and live.nodes["matte"]["number"] == "1"


def test_the_other_nodes_follow_the_result_in_everything_but_the_output(live):
    for output in OUTPUTS[1:]:
        knobs = live.nodes[output.capitalize()]
        for param in PARAMS:
            if param.name == "host_output":
                continue
            text = param.kind in ("string", "file", "folder")
            wanted = f"\\[value Result.{param.name}]" if text else [[f"Result.{param.name}"]]
            assert knobs[param.name] == wanted, (output, param.name)
        assert knobs["revision"] == [["Result.revision"]]


def test_where_expressions_do_not_hold_the_nodes_are_told(live):
    following = ast.parse((ROOT / "nuke_plugin" / "ff_vfx_nuke" / "following.py").read_text())
    there = {node.name for node in following.body if isinstance(node, ast.FunctionDef)}
    for knob, call in (("knobChanged", "changed"), ("onCreate", "follow")):
        assert live.values[knob].startswith(f"from ff_vfx_nuke import following; following.{call}(") and call in there


def test_each_output_comes_out_in_the_channels_that_the_exr_of_fuse_has(live):
    page = (ROOT / "docs" / "layers.md").read_text()
    below, channels = "Result", {}
    for output in OUTPUTS[1:]:
        name = f"To{output.capitalize()}"
        knobs = live.nodes[name]
        assert live.kinds[name] == "Copy" and live.inputs[name] == [below, output.capitalize()]
        below = name
        for n, colour in enumerate(("red", "green", "blue", "alpha")):
            if knobs[f"from{n}"] != "none":
                assert knobs[f"from{n}"] == f"rgba.{colour}"
                channels[knobs[f"to{n}"]] = (output, n)
    assert live.inputs[live.output] == [below] and live.kinds[live.output] == "Output"
    assert set(channels) == {channel for layer in live.layers for channel in layer[1:]}, "a layer that nobody declared"
    for layer, *_ in live.layers:
        assert f"`{layer}." in page or f"`{layer}`" in page, layer
    assert channels["ffMatte.red"] == ("matte", 0) and channels["ffSt.v"] == ("st", 1)
    assert channels["backward.u"] == ("motion", 2) and channels["ffAux.weight"] == ("confidence", 3)


def test_the_bake_gizmo_has_defaults_and_choices_of_the_schema_and_no_openfx(bake):
    assert not any(kind.startswith("OFX") for kind in bake.kinds.values())
    for param in (p for p in PARAMS if p.written != "none"):
        kind, value = bake.user[param.name][0], bake.values[param.name]
        if param.kind == "choice":
            assert bake.user[param.name][-1] == list(param.choices) and value == param.default and kind == "4"
        elif param.kind == "bool":
            assert (value == "true") == param.default and kind == "6"
        elif param.kind in ("double", "int"):
            assert float(value) == param.default and kind == {"double": "7", "int": "3"}[param.kind]
        else:
            assert value == param.default and kind == ("1" if param.kind == "string" else "2")


def test_what_was_baked_takes_the_place_of_the_input_when_it_is_shown(bake):
    assert bake.inputs["Shown"] == ["plate", "Baked"] and bake.nodes["Shown"]["which"] == [["parent.show_baked"]]
    assert bake.inputs[bake.output] == ["Shown"]
    assert {bake.user[name][-1] for name in ("baked", "baked_first", "baked_last", "baked_raw", "baked_colour")} == {
        f"Baked.{knob}" for knob in ("file", "first", "last", "raw", "colorspace")
    }


@pytest.mark.parametrize("name", ["FaceFuse", "FaceFuseBake"])
def test_every_knob_has_a_label_and_help_and_every_button_calls_a_command(name):
    commands = {
        node.name
        for node in ast.parse((ROOT / "nuke_plugin" / "ff_vfx_nuke" / "commands.py").read_text()).body
        if isinstance(node, ast.FunctionDef)
    }
    for knob in Graph(name).user.values():
        if knob[0] in ("20", "26"):
            continue
        assert knob[knob.index("l") + 1] and len(knob[knob.index("t") + 1]) > 5, knob[1]
        if knob[0] == "22":
            call = knob[knob.index("T") + 1].removeprefix("from ff_vfx_nuke import commands; commands.")
            assert call.split("(")[0] in commands


def test_braces_and_brackets_of_help_texts_do_not_reach_tcl():
    quoted = runpy.run_path(str(MAKER))["quoted"]
    assert quoted('a "b" [0, 1] $x \\') == '"a \\"b\\" \\[0, 1] \\$x \\\\"'
