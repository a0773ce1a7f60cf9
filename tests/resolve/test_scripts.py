"""The scripts in LuaJIT against a fake Fusion: what is run, what the comp and the artist are told. Never in Resolve."""

from __future__ import annotations

import json
import re
import shutil
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from ff_vfx import door
from ff_vfx.door.hosts.params import host_parameters
from ff_vfx.types.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
FUSION = ROOT / "resolve_plugin" / "Fusion"
SCRIPTS = sorted((FUSION / "Scripts" / "Comp" / "ff-vfx").glob("*.lua"))


def node_of(lua, host: Any, name: str = "FaceFuseResult", macro: str = "FaceFuse", **values: Any) -> Any:
    """A node with every control as Fusion holds it at its default."""
    held: dict[str, Any] = {}
    for param in host_parameters():
        index = param.choices.index(str(param.default)) if param.kind == "choice" else None
        held[param.name] = index if index is not None else int(param.default) if param.kind == "bool" else param.default
    held |= {"job_plate": "/shots/plate.####.exr", "job_performer": "/stills/eve", "revision": 0, **values}
    return host.comp.give(host.comp, name, lua.table_from(held), macro)


def run(lua, host: Any, name: str) -> None:
    """A script, as Fusion runs it."""
    script = next(path for path in SCRIPTS if path.stem == name)
    names = lua.globals()
    names.comp, names.fusion, names.bmd = host.comp, host.fusion, host.bmd
    lua.execute(script.read_text())


def calls(log: Path) -> list[dict]:
    return [json.loads(line) for line in log.read_text().splitlines()]


def job_of(lua, tool: Any) -> dict:
    ff = lua.require("ff_vfx")
    return json.loads(ff.json(ff.job(tool)))


def shown(host: Any) -> list[str]:
    return [asked.default for asked in host.comp.asked.values() if asked.name == "What"]


def test_a_node_at_its_defaults_is_the_default_settings(lua, host):
    job = job_of(lua, node_of(lua, host()))
    assert job == {"plate": "/shots/plate.####.exr", "performer": "/stills/eve"}
    assert door.make_job(job).settings == Settings()


def test_the_job_names_what_differs_and_ff_vfx_reads_it(lua, host):
    node = node_of(
        lua, host(), job_preset=0, composite_skin_tone=0.75, steady_flow=4, steady_weights='{"1001": 0.5}',
        steady_trusted="1001, 1003", fuse_neutral_frame="1002", output_cryptomatte=0, track_max_faces=2.0,
        composite_feather=0.029999999329447746, job_face='C:\\stills\\"him"\n',
    )  # fmt: skip
    job = job_of(lua, node)
    assert job["settings"] == {
        "preset": "live", "composite": {"skin_tone": 0.75}, "fuse": {"neutral_frame": 1002},
        "steady": {"flow": "network", "weights": {"1001": 0.5}, "trusted": [1001, 1003]},
        "output": {"cryptomatte": False}, "track": {"max_faces": 2},
    }  # fmt: skip
    assert job["face"] == 'C:\\stills\\"him"'
    assert door.make_job(job).settings.steady.trusted == (1001, 1003)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"steady_weights": "half"}, "steady_weights is 'half'"),
        ({"steady_trusted": "1;2"}, "frame numbers"),
        ({"job_plate": ""}, "name the plate's files"),
    ],
)
def test_what_cannot_be_read_is_told_in_a_window(lua, host, values, words):
    one = host()
    node_of(lua, one, **values)
    run(lua, one, "Track")
    assert words in shown(one)[0]


def test_track_writes_the_solve_names_it_in_the_node_and_asks_for_the_picture_again(lua, host, program, tmp_path):
    log, one = program(), host(Solve=str(tmp_path / "a b's.ffsolve.json"))
    node = node_of(lua, one, track_max_faces=2, job_device="cuda:1")
    run(lua, one, "Track")
    (call,) = calls(log)
    wanted = ["--progress-lines", "track", "/shots/plate.####.exr", "-o", str(tmp_path / "a b's.ffsolve.json")]
    assert call["line"][:5] == wanted and call["line"][5:7] == ["--device", "cuda:1"]
    assert json.loads(call["files"]["--settings"]) == {"track": {"max_faces": 2}}
    assert node.held.job_solve == wanted[-1] and node.held.revision == 1
    assert shown(one) == [] and "said at the end" in list(lua.globals().printed.values())[-1]
    assert list((tmp_path / "temp").iterdir()) == [], "files are left behind"


def test_the_program_inherits_none_of_the_hosts_libraries(lua, host, program, monkeypatch, tmp_path):
    log, one = program(), host()
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))
    # The stand-in itself is Python, which must start: the variable is cleared before.
    node_of(lua, one, job_solve=str(tmp_path / "s.json"))
    run(lua, one, "Track")
    assert calls(log)[0]["home"] == ""


def test_what_the_program_says_when_it_fails_is_shown_and_the_node_is_left_alone(lua, host, program, tmp_path):
    program(code=2)
    one = host(Solve=str(tmp_path / "s.json"))
    node = node_of(lua, one)
    run(lua, one, "Track")
    assert "ff-vfx track failed.\nsaid at the end" in shown(one)[0] and node.held.job_solve == ""


def test_cancel_from_another_script_ends_a_track_and_nobody_is_told_off(lua, runtime, host, program, tmp_path):
    log, one = program(slow=True), host(Solve=str(tmp_path / "s.json"))
    node_of(lua, one)
    other = runtime()
    fusion = other.globals().new_fusion(str(tmp_path), other.table(), False)
    node_of(other, fusion)

    def cancel() -> None:
        for _ in range(200):
            if log.exists():
                run(other, fusion, "Cancel")
                return
            time.sleep(0.05)

    thread = threading.Thread(target=cancel)
    thread.start()
    begun = time.monotonic()
    run(lua, one, "Track")
    thread.join()
    assert time.monotonic() - begun < 30 and list(other.globals().printed.values()) == []
    assert shown(one) == [] and list(lua.globals().printed.values())[-1] == "ff-vfx: cancelled"
    assert [path.suffix for path in (tmp_path / "temp").iterdir()] == []


def test_cancel_with_nothing_at_work_says_so(lua, host):
    one = host()
    node_of(lua, one)
    run(lua, one, "Cancel")
    assert "nothing is at work" in list(lua.globals().printed.values())[-1]


def test_bake_writes_a_job_that_ff_vfx_reads_and_loads_three_layers_where_the_node_shows_them(
    lua, host, program, tmp_path
):
    log, one = program(), host(Output="/out/comp.####.exr", Frames="1001-1003")
    node_of(lua, one, host_frame_offset=1001, composite_eyes=1)
    run(lua, one, "Bake")
    (call,) = calls(log)
    job = door.make_job(json.loads(call["files"]["--job"]))
    assert (job.output, job.frames, job.settings.composite.eyes) == ("/out/comp.####.exr", "1001-1003", "plate")
    loaders = list(one.comp.added.values())
    assert [loader.Name for loader in loaders] == ["FaceFuseBaked", "FaceFuseBakedFace", "FaceFuseBakedMatte"]
    for loader in loaders:
        assert loader.held.Clip == "/out/comp.1001.exr"
        assert (loader.held.GlobalIn, loader.held.GlobalOut) == (0, 2)
    assert loaders[2].held["Clip1.OpenEXRFormat.RedName"] == "ffMatte.red"
    assert one.comp.locked == 0 and shown(one) == []


def test_bake_wants_a_pattern(lua, host, program):
    one = host(Output="/out/comp.mov")
    node_of(lua, one)
    run(lua, one, "Bake")
    assert "give an EXR pattern" in shown(one)[0]


@pytest.mark.parametrize(
    ("script", "format", "answers", "words"),
    [
        ("Paste trackers", "fusion-tracker", {"Points": "chin"}, ["--points", "chin"]),
        ("Paste corner pin", "fusion-cornerpin", {"Reference": "1002"}, ["--reference", "1002"]),
        ("Paste shapes", "fusion-polygon", {"Shapes": "", "Tolerance": "0.25"}, ["--tolerance", "0.25"]),
    ],
)
def test_exports_are_pasted_on_the_comps_frames(lua, host, program, tmp_path, script, format, answers, words):
    log, one = program(), host(**answers)
    solve = tmp_path / "s.ffsolve.json"
    solve.write_text("{}")
    node_of(lua, one, job_solve=str(solve), job_face="1", host_frame_offset=1001)
    run(lua, one, script)
    line = calls(log)[0]["line"]
    assert line[1:5] == ["export", str(solve), "--format", format] and line[-2:] == ["--face", "1"]
    assert line[line.index("--offset") + 1] == "-1001" and line[line.index(words[0]) + 1] == words[1]
    assert list(one.comp.pasted.values()) == ["what was exported"] and one.comp.undone == 0 and shown(one) == []


def test_an_export_without_a_solve_says_to_track(lua, host, program):
    program()
    one = host()
    node_of(lua, one)
    run(lua, one, "Paste trackers")
    assert "Run Track first" in shown(one)[0]


def test_of_several_macros_the_selected_one_is_meant(lua, host):
    one = host()
    for number in (1, 2):
        node_of(lua, one, f"FaceFuseResult_{number}", f"FaceFuse_{number}", job_performer=f"/stills/{number}")
        node_of(lua, one, f"FaceFuseFace_{number}", f"FaceFuse_{number}", host_output=1)
    ff = lua.require("ff_vfx")
    one.comp.ActiveTool = lua.table_from({"Name": "FaceFuse_2"})
    assert ff.node(one).Name == "FaceFuseResult_2"
    one.comp.ActiveTool = None
    run(lua, one, "Track")
    assert shown(one)[0] == "Select one FaceFuse in the flow."


def test_the_macros_other_tools_are_made_equal_and_no_other_macros(lua, host):
    one = host()
    node_of(lua, one, composite_grain=0.5, job_performer="/stills/new", revision=3)
    face = node_of(lua, one, "FaceFuseFace", host_output=1)
    other = node_of(lua, one, "FaceFuseFace_1", "FaceFuse_1", host_output=1)
    run(lua, one, "Make outputs equal")
    assert (face.held.composite_grain, face.held.job_performer, face.held.revision) == (0.5, "/stills/new", 3)
    assert face.held.host_output == 1 and other.held.composite_grain == 1.0
    assert list(lua.globals().printed.values())[-1] == "ff-vfx: 2 values were not equal"


def test_a_closed_window_ends_a_script_without_another(lua, host, program):
    program()
    one = host(closed=True)
    node_of(lua, one)
    run(lua, one, "Bake")
    assert shown(one) == []


def test_a_missing_program_is_told_with_how_to_name_it(lua, host, monkeypatch, tmp_path):
    monkeypatch.delenv("FF_VFX_EXECUTABLE", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    one = host(Solve=str(tmp_path / "s.json"))
    node_of(lua, one)
    run(lua, one, "Track")
    assert "Where ff-vfx is" in shown(one)[0] and "FF_VFX_EXECUTABLE" in shown(one)[0]


def test_a_program_that_was_chosen_is_remembered(lua, host, monkeypatch, tmp_path):
    monkeypatch.delenv("FF_VFX_EXECUTABLE", raising=False)
    chosen = tmp_path / "ff-vfx"
    chosen.touch()
    one = host(Program=str(chosen))
    run(lua, one, "Where ff-vfx is")
    assert lua.require("ff_vfx_program").find(one) == str(chosen)


@pytest.mark.parametrize("name", ["executable.txt", "ff_vfx_executable.txt"])
def test_what_the_installer_wrote_beside_the_modules_is_found(runtime, monkeypatch, tmp_path, name):
    monkeypatch.delenv("FF_VFX_EXECUTABLE", raising=False)
    chosen = tmp_path / "ff-vfx"
    chosen.touch()
    shutil.copytree(FUSION / "Modules" / "Lua", tmp_path / "Lua")
    (tmp_path / "Lua" / name).write_text(f"{chosen}\n")
    lua = runtime()
    lua.execute(f'package.path = "{(tmp_path / "Lua").as_posix()}/?.lua"')
    one = lua.globals().new_fusion(str(tmp_path), lua.table(), False)
    assert lua.require("ff_vfx_program").find(one) == str(chosen)


def test_on_windows_a_pattern_reaches_the_program_whole(lua):
    script, file, line = lua.require("ff_vfx_program").script(
        lua.table_from(["C:/ff vfx/ff-vfx.exe", "D:\\a\\p.%04d.exr"]), "C:\\T\\ff-vfx-1", True
    )
    assert '"C:/ff vfx/ff-vfx.exe" "D:\\a\\p.%%04d.exr" > "C:\\T\\ff-vfx-1.log" 2>&1 < nul\r\n' in script
    assert file == "C:\\T\\ff-vfx-1.cmd" and line == 'start "ff-vfx-1" /min cmd /c "C:\\T\\ff-vfx-1.cmd"'


def test_no_script_asks_the_host_for_its_time():
    for path in [*SCRIPTS, *(FUSION / "Modules" / "Lua").glob("*.lua")]:
        assert not re.search(r"CurrentTime|CurrentFrame|COMPN_|GetFrame", path.read_text()), path.name


def test_a_script_without_its_module_says_where_it_belongs(lua, host):
    lua.execute('package.path = "" package.loaded.ff_vfx = nil')
    run(lua, host(), "Track")
    assert "Modules/Lua" in list(lua.globals().printed.values())[-1]
