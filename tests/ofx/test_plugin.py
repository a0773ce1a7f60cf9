"""The plugin in our own small host, as Nuke, Resolve, Natron and MLT; the worker is the small one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from ff_vfx.apps.worker import wire
from ff_vfx.door.hosts.params import BUTTONS, OUTPUTS, host_parameters
from tests.ofx.conftest import PLUGIN, Play, Runtime, alive, picture, source

PROFILES = ("nuke", "resolve", "natron", "mlt")


def test_the_table_of_controls_is_up_to_date():
    code = "import runpy; print(runpy.run_path('ofx_plugin/make_params.py')['header'](), end='')"
    made = subprocess.run([sys.executable, "-c", code], cwd=PLUGIN.parent, capture_output=True, text=True, check=True)
    assert made.stdout == (PLUGIN / "ff_params.h").read_text(), "run `python ofx_plugin/make_params.py`"


def test_only_what_openfx_asks_for_is_exported(built):
    lines = subprocess.run(["nm", "-D", "--defined-only", built.plugin], capture_output=True, text=True, check=True)
    names = {line.split()[-1] for line in lines.stdout.splitlines() if " T " in line}
    assert names == {"OfxGetNumberOfPlugins", "OfxGetPlugin", "OfxSetHost"}


@pytest.mark.parametrize("profile", PROFILES)
def test_every_host_gets_every_control_and_starts_no_worker_for_it(play: Play, runtime: Runtime, profile):
    said = play(profile, "create", "destroy")
    assert said.all("plugin") == ["com.ffvfx.facefuse 1.0 OfxImageEffectPluginAPI"]
    assert said.all("described") == ["0 0 0"] and said.all("unloaded") == ["0"]
    controls = {line.split()[0]: line.split()[1:] for line in said.all("control")}
    for param in host_parameters():
        kinds = {"double": "Double", "int": "Integer", "bool": "Boolean", "choice": "Choice"}
        assert controls[param.name][0] == kinds.get(param.kind, "String")
        assert controls[param.name][1] == ("-" if profile == "mlt" else f"group_{param.group}")
    assert {name for name, _, _ in BUTTONS} <= set(controls) or profile == "mlt"
    assert runtime.workers() == []


LAYOUTS = ("negative 0|padding 0", "negative 1", "negative 0|padding 24", "negative 1|padding 5000")


@pytest.mark.parametrize("profile", PROFILES)
def test_pictures_go_there_and_back_whatever_their_rows(play: Play, profile, tmp_path):
    lines = []
    for i, layout in enumerate(LAYOUTS):
        for output in (0, 2):
            lines += [*layout.split("|"), f"set host_output {output}", f"render 1003 {tmp_path}/{i}.{output}"]
    assert play(profile, "create", *lines).statuses == [0] * 8
    for path in tmp_path.glob("?.?"):
        assert np.array_equal(picture(path), 1 - source(1003) + 1003), path


@pytest.mark.parametrize("depth, dtype", [("Half", np.float16), ("Short", np.uint16), ("Byte", np.uint8)])
def test_other_depths_go_as_they_are(play: Play, runtime: Runtime, tmp_path, depth, dtype):
    play("mlt", f"depth {depth}", "create", f"render 1001 {tmp_path}/a")
    asked = runtime.asked("frame")[0]
    assert asked["images"][0]["format"] == {"Half": 2, "Short": 3, "Byte": 4}[depth]
    got, value = picture(tmp_path / "a", dtype=dtype), source(1001)
    if dtype == np.float16:
        assert np.array_equal(got, (np.float16(1) - value.astype(np.float16)).astype(np.float16))
    else:
        scaled = (np.clip(value, 0, 1) * np.iinfo(dtype).max + np.float32(0.5)).astype(dtype)
        assert np.abs(got.astype(int) - (1.0 - scaled).astype(dtype).astype(int)).max() <= 1


def test_every_output_is_its_own_layer(play: Play, runtime: Runtime):
    play("nuke", "create", *(f"set host_output {i}\nrender 1001" for i in range(len(OUTPUTS))))
    assert [wire.LAYER_NAMES[told["layer"]] for told in runtime.asked("frame")] == list(OUTPUTS)


def test_a_proxy_a_part_and_an_offset_are_told(play: Play, runtime: Runtime, tmp_path):
    play(
        "nuke",
        "scale 0.5",
        "set host_frame_offset 100",
        "create",
        "render 901",
        "window 3 4 20 11",
        f"render 902 {tmp_path}/a",
    )
    whole, part = runtime.asked("frame")
    assert whole["scale"] == [0.5, 0.5] and whole["number"] == 1001 and whole["images"][0]["x2"] == 32
    assert [part["output"][n] for n in ("x1", "y1", "x2", "y2")] == [3, 4, 20, 11]
    got = picture(tmp_path / "a", 32, 18)
    assert np.array_equal(got[4:11, 3:20], (1 - source(902, 32, 18) + 1002)[4:11, 3:20])
    assert (got[:4].view(np.uint8) == 0x77).all() and (got[:, 20:].view(np.uint8) == 0x77).all()


def test_neighbours_come_from_the_host_where_it_has_them(play: Play, runtime: Runtime, tmp_path):
    for profile in ("nuke", "mlt"):
        play(profile, "set host_pixels 1", "create", f"render 1003 {tmp_path}/{profile}", "render 1001")
    numbers = [told["inputs"] for told in runtime.asked("frame")]
    assert numbers == [[1003, 1001, 1002, 1004, 1005], [1001, 1002, 1003], [1003], [1001]]
    red = sum(float(source(n)[0, 0, 0]) for n in (1001, 1002, 1004, 1005))
    assert np.allclose(picture(tmp_path / "nuke"), 1 - source(1003) + 1003 + red, atol=1e-3)


def test_pixels_may_come_from_the_files_alone(play: Play, runtime: Runtime, tmp_path):
    play("nuke", "set host_pixels 2", "create", f"render 1003 {tmp_path}/a")
    assert runtime.asked("frame")[0]["inputs"] == [] and (picture(tmp_path / "a") == 1003).all()


def test_each_picture_has_a_key_of_its_pixels_whatever_lies_between_its_rows(play: Play, runtime: Runtime):
    layouts = ("padding 0", "padding 24", "padding 5000")
    for lines in (*((layout, "render 1003") for layout in layouts), ("render 1004",), ("size 63 36", "render 1003")):
        play("natron", "create", *lines)
    asked = runtime.asked("frame")
    same, other = {told["keys"][0] for told in asked[:3]}, {told["keys"][0] for told in asked[3:]}
    assert len(same) == 1 and len(other) == 2 and not same & other and "0" * 32 not in same | other
    assert {told["flags"] for told in asked} == {wire.KEYS_OF_PIXELS}


def test_a_job_says_what_was_changed_and_nothing_else(play: Play, runtime: Runtime):
    lines = (
        'set job_performer /people/"a"\\b',
        "set composite_skin_tone 0.35", "set job_preset 0", "set steady_trusted 1001, 1002",
        'set steady_weights {"1003": 0.5}', "set track_tiles 2", "set steady_causal 1", "set fuse_neutral_frame 1004",
        "set host_colour ACEScg", "set host_format 2", "set composite_opacity 0.99999999",
    )  # fmt: skip
    play("nuke", *lines, "create", "render 1001")
    told = runtime.asked("open")[0]
    settings = {group: fields for group, fields in told["job"].pop("settings").items() if fields}
    assert told == {
        "job": {"plate": "/plates/a.####.exr", "performer": '/people/"a"\\b'},
        "preset": "live", "colour": "ACEScg", "size": [64, 36],
    }  # fmt: skip
    assert settings == {
        "track": {"tiles": "always"}, "composite": {"skin_tone": 0.35}, "fuse": {"neutral_frame": 1004},
        "steady": {"trusted": [1001, 1002], "weights": {"1003": 0.5}, "causal": True},
    }  # fmt: skip


def test_every_setting_reaches_the_job_and_the_door_takes_it(play: Play, runtime: Runtime):
    from ff_vfx import door

    lines, wanted = [], {}
    for param in host_parameters():
        if param.written != "value" or param.group == "job":
            continue
        value: object = param.low if param.low != param.default else param.high
        if param.kind == "choice":
            value = next(choice for choice in param.choices if choice != param.default)
            lines.append(f"set {param.name} {param.choices.index(value)}")
        else:
            value = not param.default if param.kind == "bool" else int(value) if param.kind == "int" else value  # type: ignore[call-overload]
            lines.append(f"set {param.name} {float(value)!r}")  # type: ignore[arg-type]
        wanted.setdefault(param.group, {})[param.field] = value
    play("natron", *lines, "create", "render 1001")
    told = runtime.asked("open")[0]["job"]["settings"]
    assert told == {group: wanted.get(group, {}) for group in told} and set(wanted) <= set(told)
    door.make_settings("post", told)


@pytest.mark.parametrize("profile", PROFILES)
def test_controls_animate_where_the_host_has_it_so_that_they_take_expressions(play: Play, profile):
    controls = {line.split()[0]: line.split()[-1] for line in play(profile, "create").all("control")}
    kinds = {param.kind: controls[param.name] for param in host_parameters()}
    everything = profile in ("nuke", "natron")
    assert kinds["double"] == kinds["int"] == controls["revision"] == "1"
    assert {kinds[kind] for kind in ("bool", "choice", "string", "file")} == {"1" if everything else "0"}


def test_a_keyed_control_has_its_value_at_the_frames_own_time(play: Play, runtime: Runtime):
    lines = ("set composite_opacity 0.1", "create", "slope composite_opacity 0.1")
    play("nuke", *lines, "render 1001", "render 1002", "render 1004", "render 1002", "press track")
    told = [asked["job"]["settings"]["composite"]["opacity"] for asked in runtime.asked("open")]
    assert np.allclose(told, [0.1, 0.2, 0.4]), "one job a value; Track has the value that is shown"


def test_the_format_is_told_where_the_host_scales_its_pictures(play: Play, runtime: Runtime):
    play("nuke", "create", "render 1001")
    play("resolve", "create", "render 1001")
    assert [told.get("size") for told in runtime.asked("open")] == [None, [64, 36]]


def test_an_artists_matte_limits_what_is_new_and_keeps_the_sources_bits(play: Play, tmp_path):
    lines = [
        "set host_use_matte 1",
        "create",
        "matte 1",
        f"render 1002 {tmp_path}/one",
        "matte 0.25",
        f"render 1002 {tmp_path}/quarter",
    ]
    said = play("nuke", *lines, "set host_output 1", f"render 1002 {tmp_path}/face")
    new, old = 1 - source(1002) + 1002, source(1002)
    assert said.statuses == [0, 0, 0]
    assert np.array_equal(picture(tmp_path / "one"), np.concatenate([new[:, :32], old[:, 32:]], 1))
    assert np.allclose(picture(tmp_path / "quarter")[:, :32], old[:, :32] + (new - old)[:, :32] * 0.25, rtol=1e-6)
    assert (
        np.allclose(picture(tmp_path / "face")[:, :32], new[:, :32] * 0.25)
        and not picture(tmp_path / "face")[:, 32:].any()
    )


@pytest.mark.parametrize("profile", ["resolve", "nuke"])
def test_a_matte_that_only_looks_connected_is_asked_for_only_when_wanted(play: Play, profile):
    said = play(profile, "create", "render 1001", "set host_use_matte 1", "render 1001")
    assert said.statuses == [0, 1]
    assert profile == "resolve" or "Matte gives no picture" in said.all("message")[0]


def test_what_fails_is_said_and_is_an_error_or_the_source_as_chosen(play: Play, runtime: Runtime, tmp_path):
    runtime.control(do="refuse", status=22, text="a: not tracked yet; press Track")
    said = play("nuke", "create", "render 1001", "set host_on_error 1", f"render 1002 {tmp_path}/a",
                "set host_output 2", f"render 1003 {tmp_path}/b")  # fmt: skip
    assert said.statuses == [1, 0, 0]
    assert said.all("message")[0] == "FaceFuse, frame 1001: a: not tracked yet; press Track"
    assert np.array_equal(picture(tmp_path / "a"), source(1002)) and not picture(tmp_path / "b").any()


def test_a_message_goes_when_the_next_frame_is_good(play: Play):
    said = play("nuke", "set job_plate  ", "create", "render 1001", "set job_plate /a.####.exr", "render 1001")
    assert (
        said.statuses == [1, 0] and "name the plate" in said.all("message")[0] and said.all("message")[1] == "cleared"
    )


@pytest.mark.parametrize("what", ["garbage", "short"])
def test_a_worker_that_talks_nonsense_is_an_error(play: Play, runtime: Runtime, what):
    runtime.control(do=what)
    assert play("nuke", "create", "render 1001").statuses == [1]


def test_no_source_no_worker_no_program_are_said(play: Play, monkeypatch):
    assert "nothing is connected" in play("nuke", "nosource", "create", "render 1001").all("message")[0]
    monkeypatch.setenv("FF_VFX_WORKER_COMMAND", "/nowhere/worker")
    began = time.monotonic()
    said = play("nuke", "create", *["render 1001"] * 5)
    assert said.statuses == [1] * 5 and "/nowhere/worker start: ended with 127" in said.all("message")[0]
    monkeypatch.delenv("FF_VFX_WORKER_COMMAND")
    monkeypatch.setenv("PATH", "/nowhere")
    assert "ff-vfx hosts install" in play("nuke", "create", "render 1001").all("message")[0]
    assert time.monotonic() - began < 10


def test_an_aborted_frame_ends_at_once_and_says_nothing(play: Play, runtime: Runtime, tmp_path):
    play("nuke", "create", "render 1001")
    runtime.control(do="invert", seconds=5.0)
    said = play("nuke", "create", "abort 0.3", "render 1001", "abort 0")
    assert said.statuses == [0] and float(said.all("rendered")[0].split()[2]) < 1.5 and said.all("message") == []


def test_a_frame_that_takes_too_long_is_given_up(play: Play, runtime: Runtime):
    runtime.control(do="invert", seconds=30.0)
    said = play("nuke", "set host_timeout_s 0.5", "create", "render 1001")
    assert said.statuses == [1] and "took too long" in said.all("message")[0]


def test_track_shows_how_far_it_is_and_makes_the_host_ask_again(play: Play, runtime: Runtime):
    runtime.control(seconds=0.4)
    said = play("nuke", "create", "press track", "press track")
    assert (
        said.all("progress") == ["FaceFuse: track", "end"] * 2
        and said.all("param").count("status tracked: 1 person") == 2
    )
    assert said.all("param")[-1] == "revision 2" and runtime.asked("track") == [0, 1]


def test_track_can_be_cancelled_in_the_hosts_own_window_and_by_the_button(play: Play, runtime: Runtime):
    runtime.control(seconds=20.0)
    began = time.monotonic()
    said = play("natron", "create", "cancel_at 3", "press track")
    assert "status tracking was cancelled" in said.all("param")
    said = play("resolve", "create", "press track", "sleep 0.3", "press cancel", "sleep 1", "press cancel")
    assert "status tracking was cancelled" in said.all("param") and time.monotonic() - began < 10
    play("resolve", "create", "press track", "sleep 0.2", "destroy")


def test_export_asks_for_what_the_controls_say(play: Play, runtime: Runtime):
    lines = [
        "set host_export_format 2",
        "set host_export_file /exports/a.nk",
        "set host_frame_offset 1000",
        "set host_export_overwrite 1",
    ]
    said = play("nuke", "create", "press export", *lines, "press export")
    assert said.all("param") == ["status name the export file first", "status exported"]
    assert runtime.asked("export") == [
        {"format": "nuke-roto", "offset": -1000, "output": "/exports/a.nk", "overwrite": True}
    ]


def test_the_worker_owes_nothing_to_the_host(play: Play, runtime: Runtime, monkeypatch):
    for name in ("LD_LIBRARY_PATH", "QT_PLUGIN_PATH", "PYTHONDONTWRITEBYTECODE", "OCIO_X"):
        monkeypatch.setenv(name, "/nowhere")
    monkeypatch.setenv("OCIO", "ocio://default")
    os.set_inheritable(os.open("/dev/zero", os.O_RDONLY), True)
    play("nuke", "create", "render 1001")
    environment = (runtime.folder / "starts").read_text()
    assert not re.search("'(LD_|QT_|PYTHON|OCIO_)", environment) and "'OCIO'" in environment
    pid = runtime.workers()[0]
    ends = [os.readlink(f"/proc/{pid}/fd/{n}") for n in os.listdir(f"/proc/{pid}/fd")]
    assert "/dev/zero" not in ends and alive(pid) and os.getsid(pid) == pid


def test_a_config_that_mlt_names_and_nobody_has_is_not_the_workers(play: Play, runtime: Runtime, monkeypatch):
    """MLT's openfx module sets it where the user has set none; seen in MLT 7.41."""
    monkeypatch.setenv("OCIO", "ocio://ocio://default")
    play("mlt", "create", "render 1001")
    assert "'OCIO'" not in (runtime.folder / "starts").read_text()


def test_eight_threads_with_instances_of_their_own_and_with_one(play: Play, runtime: Runtime):
    said = play("nuke", "create", "threads 8 12", "shared 8 12")
    assert said.all("threads") == ["8 bad 0", "8 bad 0"] and len(runtime.workers()) == 1


def test_a_worker_that_dies_in_a_frame_is_replaced_and_the_frame_made_again(play: Play, runtime: Runtime, tmp_path):
    runtime.control(do="die")
    said = play("nuke", "create", f"render 1001 {tmp_path}/a", f"render 1002 {tmp_path}/b")
    assert said.statuses == [0, 0] and len(runtime.workers()) == 2 and said.all("message") == []
    for name, number in (("a", 1001), ("b", 1002)):
        assert np.array_equal(picture(Path(tmp_path) / name), 1 - source(number) + number)
