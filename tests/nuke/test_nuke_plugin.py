"""Buttons and menus in a fake Nuke: what is run, what the node and the artist are told. Never run inside Nuke."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from ff_vfx import door
from ff_vfx.door.hosts.params import host_parameters
from ff_vfx.types.settings import Settings
from tests.nuke import fake_nuke

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "nuke_plugin").rglob("*.py"))
posix = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in program is a script with a first line")


def node_of(nuke, **knobs: Any):
    """A FaceFuse with every knob at its default, linked as in the gizmo, standing on a Read through a Dot."""
    read = nuke.add(
        "Read", "Read1", file=fake_nuke.File("/shots/plate.####.exr"), first=1001, last=1004, raw=False,
        colorspace="ACES - ACEScg",
    )  # fmt: skip
    dot = nuke.add("Dot", "Dot1", (read,))
    values = {param.name: param.default for param in host_parameters()}
    values |= {"job_performer": "/stills/eve", **knobs}
    files = {param.name for param in host_parameters() if param.kind in ("file", "folder")}
    kinds = {name: fake_nuke.File if name in files else fake_nuke.Knob for name in values}
    made = {name: fake_nuke.Link(kinds[name](value)) for name, value in values.items()}
    return nuke.add("FaceFuse", "FaceFuse1", (dot,), **made)


def calls(log: Path) -> list[list[str]]:
    return [json.loads(line)["line"] for line in log.read_text().splitlines()]


def test_all_of_it_is_python_3_9_and_needs_the_standard_library_and_nuke_alone():
    allowed = set(sys.stdlib_module_names) | {"nuke", "ff_vfx_nuke"}
    for path in SOURCES:
        tree = ast.parse(path.read_text(), feature_version=(3, 9))
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                assert {alias.name.split(".")[0] for alias in node.names} <= allowed, path
            if isinstance(node, ast.ImportFrom) and not node.level:
                assert (node.module or "").split(".")[0] in allowed | {"__future__"}, path


def test_it_asks_nuke_for_nothing_that_the_fake_has_not(nuke):
    used = {
        node.attr
        for path in SOURCES
        if path.name != "ff_vfx_smoke.py"  # it asks for what only a real one has
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "nuke"
    }
    assert used - set(vars(nuke.module)) - {"rotopaint", "views"} == set()


def test_the_job_names_only_what_differs_from_a_default(nuke, ours):
    node = node_of(
        nuke, job_preset="live", composite_skin_tone=0.75, steady_flow="network", steady_weights='{"1001": 0.5}',
        steady_trusted="1001, 1003", fuse_neutral_frame="1002", output_cryptomatte=False, track_max_faces=2.0,
    )  # fmt: skip
    job = ours("knobs").job_of(node)
    assert job == {
        "plate": "/shots/plate.####.exr",
        "performer": "/stills/eve",
        "settings": {
            "preset": "live",
            "composite": {"skin_tone": 0.75},
            "steady": {"flow": "network", "weights": {"1001": 0.5}, "trusted": [1001, 1003]},
            "fuse": {"neutral_frame": 1002},
            "output": {"cryptomatte": False},
            "track": {"max_faces": 2},
        },
    }
    settings = door.make_job(job).settings
    assert settings.composite.skin_tone == 0.75 and settings.steady.causal and settings.steady.trusted == (1001, 1003)


def test_a_node_at_its_defaults_is_the_default_settings(nuke, ours):
    job = ours("knobs").job_of(node_of(nuke))
    assert "settings" not in job and door.make_job(job).settings == Settings()


def test_a_number_that_nuke_keeps_as_float32_is_still_the_default(nuke, ours):
    node = node_of(nuke, composite_feather=0.029999999329447746)
    assert "settings" not in ours("knobs").job_of(node)


def test_several_people_come_from_the_cast_knob(nuke, ours):
    cast = '[{"face": "0", "performer": "/stills/eve"}, {"face": "1", "performer": "/stills/ann"}]'
    job = ours("knobs").job_of(node_of(nuke, job_performer="", job_cast=cast))
    assert [part.performer for part in door.make_job(job).cast] == ["/stills/eve", "/stills/ann"]


@pytest.mark.parametrize(
    ("knobs", "words"),
    [({"steady_weights": "half"}, "steady_weights is 'half'"), ({"steady_trusted": "1001;2"}, "frame numbers")],
)
def test_text_that_cannot_be_read_is_told_with_its_knob(nuke, ours, knobs, words):
    with pytest.raises(ours("told").Told, match=words):
        ours("knobs").job_of(node_of(nuke, **knobs))


def test_without_a_read_above_and_a_plate_the_artist_is_told_both_ways_out(nuke, ours):
    blur = nuke.add("Blur", "Blur1")
    node = node_of(nuke)
    node._inputs = (blur,)
    with pytest.raises(ours("told").Told, match="Plate knob, or press Bake"):
        ours("knobs").job_of(node)


@posix
def test_track_runs_the_program_and_names_the_solve_in_the_node(nuke, ours, at_once, program, tmp_path):
    log = program()
    nuke.pressed = node = node_of(nuke, track_max_faces=2, job_device="cuda:1", revision=6.0)
    ours("commands").track()
    solve = f"{tmp_path}/ffvfx/FaceFuse1.ffsolve.json"
    (line,) = calls(log)
    assert line[:5] == ["--progress-lines", "track", "/shots/plate.####.exr", "-o", solve]
    assert line[line.index("--device") + 1] == "cuda:1"
    assert not Path(line[line.index("--settings") + 1]).exists(), "the settings' file is left behind"
    assert ours("knobs").text_of(node, "job_solve") == solve and ours("knobs").number_of(node, "revision") == 7
    assert nuke.messages == [] and "said at the end" in nuke.printed[-1]
    assert any(message.startswith("tracking") and share == 50 for message, share in nuke.progress)


@posix
def test_what_the_program_says_when_it_fails_is_shown_and_the_node_is_left_alone(nuke, ours, at_once, program):
    program(code=2)
    nuke.pressed = node = node_of(nuke)
    ours("commands").track()
    assert "ff-vfx track failed" in nuke.messages[0] and "said at the end" in nuke.messages[0]
    assert ours("knobs").text_of(node, "job_solve") == ""


@posix
def test_cancel_ends_the_program_at_once_and_says_nothing(nuke, ours, at_once, program, monkeypatch):
    program(slow=True)
    nuke.cancelled, nuke.pressed = True, node_of(nuke)
    running = ours("running")
    ended = []
    end = running.Running.end
    monkeypatch.setattr(running.Running, "end", lambda self: (end(self), ended.append(self._process.poll())))
    ours("commands").track()
    assert len(ended) == 1 and ended[0] is not None and nuke.messages == []


@posix
def test_nuke_is_not_held_up_and_nodes_are_touched_in_its_main_thread_alone(nuke, ours, program):
    program()
    nuke.pressed = node = node_of(nuke)
    handed: list[Any] = []
    came = threading.Event()

    def later(call, args=()):
        handed.append((call, args))
        came.set()

    nuke.module.executeInMainThread = later
    ours("commands").track()
    assert came.wait(20) and ours("knobs").text_of(node, "job_solve") == ""
    call, given = handed[0]
    call(*given)
    assert ours("knobs").text_of(node, "job_solve").endswith(".ffsolve.json")


@posix
def test_the_program_inherits_none_of_nukes_libraries(nuke, ours, program, monkeypatch):
    log = program()
    monkeypatch.setenv("PYTHONHOME", "/nuke/python")
    assert ours("executable").environment({"LD_LIBRARY_PATH": "/nuke", "OCIO": "c.ocio", "QT_PLUGIN_PATH": "q"}) == {
        "OCIO": "c.ocio"
    }
    ours("running").run(["info"], "info")
    assert json.loads(log.read_text())["python"] == ""


def test_a_missing_program_is_told_with_where_it_can_be_named(nuke, ours, at_once, monkeypatch):
    monkeypatch.setenv("PATH", "")
    nuke.pressed = node_of(nuke)
    ours("commands").track()
    assert "FF_VFX_EXECUTABLE" in nuke.messages[0] and "Where ff-vfx is" in nuke.messages[0]


def test_a_program_that_was_chosen_is_remembered_and_the_environment_wins_over_it(nuke, ours, tmp_path, monkeypatch):
    chosen, other = tmp_path / "a", tmp_path / "b"
    chosen.touch()
    other.touch()
    nuke.answers["file"] = str(chosen)
    ours("commands").choose_executable()
    assert ours("executable").find() == str(chosen)
    monkeypatch.setenv("FF_VFX_EXECUTABLE", str(other))
    assert ours("executable").find() == str(other)
    monkeypatch.setenv("FF_VFX_EXECUTABLE", str(tmp_path / "none"))
    with pytest.raises(ours("told").Told, match=r"FF_VFX_EXECUTABLE says"):
        ours("executable").find()


@posix
def test_bake_over_a_read_writes_no_plate_and_reads_the_result_as_the_plate_was(nuke, ours, at_once, program, tmp_path):
    log = program()
    nuke.pressed = node_of(nuke)
    ours("commands").bake()
    assert nuke.executed == [] and nuke.messages == []
    (line,) = calls(log)
    job = json.loads(Path(line[line.index("--job") + 1]).read_text())
    assert job["frames"] == "1001-1004" and job["plate"] == "/shots/plate.####.exr"
    assert job["output"] == f"{tmp_path}/ffvfx/FaceFuse1/FaceFuse1.####.exr"
    door.make_job(job)
    read = nuke.nodes[-1]
    assert (read.Class(), read["file"].value(), read["first"].value(), read["last"].value()) == (
        "Read", job["output"], 1001, 1004,
    )  # fmt: skip
    assert read["colorspace"].value() == "ACES - ACEScg" and read["raw"].value() is False


@posix
def test_bake_over_other_nodes_writes_them_out_first_in_the_working_space(nuke, ours, at_once, program):
    log = program()
    nuke.pressed = node = node_of(nuke, host_frame_offset=1000)
    node._inputs = (nuke.add("Grade", "Grade1"),)
    node.knobs |= {
        name: fake_nuke.Knob(None) for name in ("baked", "show_baked", "baked_first", "baked_last", "baked_raw")
    }
    ours("commands").bake()
    assert nuke.messages == []
    ((write, first, last),) = nuke.executed
    assert write["raw"].value() is True and (first, last) == (1001, 1003), "the plate's numbers, not the host's"
    (line,) = calls(log)
    job = json.loads(Path(line[line.index("--job") + 1]).read_text())
    assert job["plate"] == write["file"].value() and job["plate_colour"] == "ACEScg"
    assert node["baked"].value() == job["output"] and node["show_baked"].value() is True
    assert node["baked_raw"].value() is True
    assert [n.Class() for n in nuke.nodes if n.Class() in ("Write", "TimeOffset", "Read")] == ["Read"], "left behind"


def test_a_closed_window_ends_a_bake_without_a_word(nuke, ours, at_once):
    nuke.closed, nuke.pressed = True, node_of(nuke)
    ours("commands").bake()
    assert nuke.messages == [] and nuke.executed == []


def test_a_farm_job_is_what_ff_vfx_fuse_reads(nuke, ours, at_once, tmp_path):
    nuke.pressed = node_of(nuke, composite_eyes="plate")
    nuke.answers["Frames (empty: all)"] = "1001-1002"
    ours("commands").farm_job()
    file = tmp_path / "ffvfx" / "FaceFuse1.ffjob.json"
    job = door.make_job(json.loads(file.read_text()))
    assert job.frames == "1001-1002" and job.settings.composite.eyes == "plate"
    assert f'ff-vfx fuse --job "{file}"' in nuke.messages[0]


@posix
def test_a_farm_job_is_handed_to_the_studios_own_program(nuke, ours, at_once, tmp_path, monkeypatch):
    script = tmp_path / "submit"
    script.write_text(f"#!{sys.executable}\nimport sys; print('job 42 for', sys.argv[1])\n")
    script.chmod(0o755)
    monkeypatch.setenv("FF_VFX_SUBMIT", str(script))
    nuke.pressed = node_of(nuke)
    ours("commands").farm_job()
    assert nuke.messages[0].startswith("job 42 for ")


@posix
def test_exports_are_pasted_with_the_hosts_frames_and_the_nodes_face(nuke, ours, at_once, program, tmp_path):
    log = program(text="Tracker4 {\n}\n")
    solve = tmp_path / "s.ffsolve.json"
    solve.touch()
    nuke.pressed = node_of(nuke, job_solve=str(solve), job_face="1", host_frame_offset=1000)
    nuke.answers["Points (empty: the usual)"] = "chin"
    ours("commands").export("nuke-tracker")
    (line,) = calls(log)
    wanted = ["export", str(solve), "--format", "nuke-tracker", "--points", "chin", "--face", "1", "--offset", "-1000"]
    assert line[1:-2] == wanted
    assert nuke.pasted == ["Tracker4 {\n}\n"] and nuke.messages == []


def test_an_export_without_a_solve_says_to_track(nuke, ours, at_once):
    nuke.pressed = node_of(nuke)
    ours("commands").export("nuke-cornerpin")
    assert "Press Track first" in nuke.messages[0]


@posix
def test_roto_data_goes_through_the_builder(nuke, ours, at_once, program, tmp_path):
    program(text='{"format": "something else"}')
    solve = tmp_path / "s.ffsolve.json"
    solve.touch()
    nuke.pressed = node_of(nuke, job_solve=str(solve))
    ours("commands").export("nuke-roto-json")
    assert nuke.messages == ["Roto: these are not shapes that this version of ff-vfx wrote; export them again"]


def test_the_menus_call_what_there_is(nuke, ours):
    exec(compile((ROOT / "nuke_plugin" / "menu.py").read_text(), "menu.py", "exec"), {"__name__": "menu"})
    names = dict(nuke.menu)
    assert names["Nodes/ff-vfx/FaceFuse"].endswith("create('FaceFuse')")
    commands = ours("commands")
    for call in names.values():
        assert callable(getattr(commands, call.split("commands.")[1].split("(")[0]))


def test_the_other_nodes_follow_where_expressions_do_not(nuke, ours):
    nuke.pressed = node = node_of(nuke)
    following = ours("following")
    for name in ("Result", *following.OTHERS):
        kinds = fake_nuke.Knob if name == "Result" else fake_nuke.Driven
        inner = nuke.add("OFX", name, host_output=name, composite_grain=kinds(1.0), job_plate=kinds("a"), revision=0)
        node.inside[name] = inner
    result, face = node.inside["Result"], node.inside["Face"]
    result["composite_grain"].setValue(0.5)
    result["job_plate"].setValue("b")
    nuke.changed = "composite_grain"
    following.changed()
    assert (face["composite_grain"].value(), face["job_plate"].value()) == (0.5, "a")
    following.follow(node)
    assert face["job_plate"].value() == "b" and face["host_output"].value() == "Face"
    nuke.changed = "xpos"
    following.changed()


def test_a_new_node_knows_its_plate_and_the_space_of_its_pixels(nuke, ours):
    nuke.new = node = node_of(nuke)
    ours("commands").create("FaceFuse")
    text = ours("knobs").text_of
    assert (text(node, "job_plate"), text(node, "host_colour")) == ("/shots/plate.####.exr", "ACEScg")
    node.knob("job_plate").getLinkedKnob().setValue("/other.####.exr")
    ours("filling").fill(node)
    assert text(node, "job_plate") == "/other.####.exr", "what an artist wrote stays"


def test_pixels_that_are_read_raw_keep_the_plates_own_space(nuke, ours):
    node = node_of(nuke)
    node.input(0).input(0)["raw"].setValue(True)
    ours("filling").fill(node)
    assert ours("knobs").text_of(node, "host_colour") == ""


def test_a_nuke_that_does_not_see_the_openfx_plugin_is_told_about_the_other_node(nuke, ours):
    ours("commands").create("FaceFuse")
    assert "FaceFuse (without OpenFX) does not" in nuke.messages[0]


def test_init_finds_the_gizmos_of_a_checkout(nuke):
    path = ROOT / "nuke_plugin" / "init.py"
    exec(compile(path.read_text(), str(path), "exec"), {"__name__": "init", "__file__": str(path)})
    assert nuke.paths == [(ROOT / "gizmos").as_posix()]


def test_doctor_says_that_the_live_node_is_missing_and_what_works_without(nuke, ours, monkeypatch):
    monkeypatch.setenv("PATH", "")
    ours("commands").doctor()
    assert "not seen; FaceFuse (without OpenFX) works" in nuke.messages[0]


@pytest.mark.models
def test_a_job_of_the_node_really_renders(nuke, ours, models_in_use, example_shot, example_solve, tmp_path):
    """The example shot, one frame, by the program that was installed."""
    node = node_of(
        nuke, job_plate=str(example_shot / "plate.####.exr"), job_solve=str(example_solve), job_preset="live",
        job_performer=str(example_shot / "performer" / "still_0.exr"), fuse_crop_px=128,
    )  # fmt: skip
    job = {**ours("knobs").job_of(node), "output": str(tmp_path / "out.####.exr"), "frames": "1001"}
    ours("jobs").write_job(job, str(tmp_path / "a.ffjob.json"))
    words = ["--progress-lines", *ours("jobs").fuse_arguments(str(tmp_path / "a.ffjob.json"))]
    done = subprocess.run([sys.executable, "-m", "ff_vfx.apps.cli", *words], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.1001.exr").is_file() and "progress " in done.stderr
