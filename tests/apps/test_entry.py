"""The command line's shape: its commands, its words when something is wrong, and its exit codes."""

from __future__ import annotations

import json

import pytest

from ff_vfx.apps.cli.entry import BUG, CANNOT_START, INTERRUPTED, run


@pytest.fixture(autouse=True)
def wide(monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("track", ["--output", "-o", "--sheet", "--movie", "--plate-colour", "--frames"]),
        (
            "fuse",
            [
                "--performer", "--solve", "-o", "--frames", "--preset", "--layers", "--matte", "--settings", "--report",
                "--overwrite", "--face", "--plate-colour", "--stills-colour", "--set", "--models", "--review", "--job",
                "--log",
            ],
        ),
        ("info", ["--json"]),
        ("models", ["list", "pull", "show"]),
        ("models pull", ["--from"]),
        ("demo", ["-o"]),
        ("bench", ["--quick", "--only"]),
        ("settings", ["schema", "show"]),
    ],
)  # fmt: skip
def test_each_command_explains_itself_with_all_it_takes(command, options, capsys):
    assert run([*command.split(), "--help"]) == 0
    shown = capsys.readouterr().out
    assert [option for option in options if option not in shown] == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("nonsense", "No such command"),
        ("fuse plate.####.exr --bogus", "No such option"),
        ("track plate.####.exr", "Missing option"),
        ("fuse", "PLATE is missing"),
        ("fuse p.####.exr -o o.####.exr", "--performer DIR is missing"),
        ("fuse p.####.exr --performer d", "-o OUT_PATTERN is missing"),
        ("fuse p.####.exr --performer d -o o.####.exr --set composite.skin_tone=7", "less than or equal to 1"),
        ("fuse p.####.exr --performer d -o o.####.exr --set skin_tone=7", "group.name=value"),
        ("fuse p.####.exr --performer d -o o.####.exr --preset fast", "preset 'fast' is unknown"),
        ("fuse p.####.exr --performer d -o o.####.exr --layers some", "output.layers"),
        ("fuse p.####.exr --performer d -o o.####.exr --settings none.json", "none.json"),
        ("fuse p.####.exr --performer d -o o.####.exr --solve none.json", "ff-vfx track"),
        ("fuse --job none.json", "none.json"),
        ("models pull everything", "embedded"),
    ],
)
def test_what_cannot_start_is_exit_2_with_words_that_help(line, said, capsys):
    assert run(line.split()) == CANNOT_START
    error = capsys.readouterr().err
    assert said in error and "Traceback" not in error


def test_a_job_file_with_an_unknown_field_names_it(tmp_path, capsys):
    job = {"plate": "p.####.exr", "performer": "d", "output": "o.####.exr", "colour": "red"}
    (tmp_path / "job.json").write_text(json.dumps(job))
    assert run(["fuse", "--job", str(tmp_path / "job.json")]) == CANNOT_START
    assert "colour" in capsys.readouterr().err


def test_settings_show_prints_a_settings_file(capsys):
    assert run(["settings", "show", "--preset", "live", "--set", "composite.grain=0.5"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["preset"] == "live" and shown["composite"]["grain"] == 0.5 and shown["steady"]["causal"]


def test_settings_schema_prints_a_json_schema(capsys):
    assert run(["settings", "schema"]) == 0
    assert "CompositeSettings" in json.loads(capsys.readouterr().out)["$defs"]


def test_the_version_is_printed(capsys):
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("ff-vfx 0.")


@pytest.fixture
def broken(monkeypatch):
    """`ff-vfx models list` with a door that raises what the test says."""

    def breaks(error: BaseException) -> None:
        def list_models(folder: str = "") -> list[dict[str, object]]:
            raise error

        monkeypatch.setattr("ff_vfx.door.list_models", list_models)

    return breaks


def test_a_bug_is_exit_1_without_a_traceback(broken, capsys):
    broken(KeyError("x"))
    assert run(["models", "list"]) == BUG
    error = capsys.readouterr().err
    assert "unexpected KeyError" in error and "--debug" in error and "Traceback" not in error


def test_debug_anywhere_on_the_line_lets_the_traceback_through(broken):
    broken(KeyError("x"))
    with pytest.raises(KeyError):
        run(["models", "list", "--debug"])


def test_ctrl_c_is_exit_130(broken, capsys):
    broken(KeyboardInterrupt())
    assert run(["models", "list"]) == INTERRUPTED
    assert "interrupted" in capsys.readouterr().err


def test_a_file_the_system_refuses_is_said_in_words(broken, capsys):
    broken(OSError(28, "No space left on device", "x.exr"))
    assert run(["models", "list"]) == CANNOT_START
    assert "No space left" in capsys.readouterr().err


def test_an_empty_model_folder_says_how_to_fill_it(tmp_path, capsys):
    assert run(["models", "list", "--models", str(tmp_path)]) == 0
    assert "ff-vfx models pull embedded" in capsys.readouterr().out


def test_models_are_pulled_from_a_folder_and_listed(models_dir, tmp_path, capsys):
    assert run(["models", "pull", "embedded", "--from", models_dir, "--models", str(tmp_path)]) == 0
    assert run(["models", "show", "face_landmark", "--models", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert '"licence": "Apache-2.0"' in shown


def test_the_demo_without_its_shot_says_where_it_comes_from(tmp_path, capsys):
    assert run(["demo", "--shot", str(tmp_path)]) == CANNOT_START
    assert "clone" in capsys.readouterr().err
