"""pyblish without a window: what is collected, what integrators get, what is mended, and that hosts load nothing."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ff_vfx.apps.publish import plugins_folder
from ff_vfx.door.audit_places import audit_folders
from tests.apps.publish.made_delivery import NUMBERS, Delivered

Publish = Callable[..., Any]
_RATE_25 = {"framesPerSecond": ("rational", struct.pack("<iI", 25, 1))}


def test_integrators_get_files_range_rate_size_colour_and_where_it_comes_from(delivered: Delivered, publish: Publish):
    (instance,) = publish(delivered)
    data = instance.data
    assert (data["frameStart"], data["frameEnd"], data["fps"]) == (1004, 1006, 24.0)
    assert (data["resolutionWidth"], data["resolutionHeight"], data["pixelAspect"]) == (512, 512, 1.0)
    assert (data["colorspace"], data["stagingDir"]) == ("ACEScg", str(delivered.folder))
    frames, manifest, credentials = data["representations"]
    assert frames["files"] == [f"comp.{number}.exr" for number in NUMBERS] and frames["ext"] == "exr"
    assert manifest["files"] == "comp.ffmanifest.json" and credentials["files"] == "comp.ffmanifest.c2pa"
    assert all((Path(one["stagingDir"]) / one["files"]).is_file() for one in (manifest, credentials))
    assert data["ffvfxProvenance"]["consents"][0]["kind"] == "synthetic"
    json.dumps(data["ffvfxProvenance"])


def test_that_it_leaves_is_in_the_audit_log_and_that_it_may_not_is_too(delivered: Delivered, publish: Publish):
    publish(delivered)
    assert [one["result"]["outcome"] for one in _log() if one["state"] == "ended"] == ["published"]


def test_what_is_red_is_neither_extracted_nor_logged_as_gone(delivered: Delivered, publish: Publish):
    delivered.file(1005).unlink()
    (instance,) = publish(delivered)
    assert "representations" not in instance.data
    assert not any(folder.is_dir() for folder in audit_folders()[0])


def test_what_changed_between_the_check_and_the_extraction_does_not_leave(delivered: Delivered, publish: Publish):
    import pyblish.api

    def spoil(self: object, instance: object) -> None:
        delivered.file(1005).unlink()

    spoiler = type(
        "Spoil", (pyblish.api.InstancePlugin,), {"order": pyblish.api.ExtractorOrder - 0.1, "process": spoil}
    )
    pyblish.api.register_plugin(spoiler)
    try:
        context = publish(delivered)
    finally:
        pyblish.api.deregister_plugin(spoiler)
    errors = [str(result["error"]) for result in context.data["results"] if result["error"]]
    assert len(errors) == 1 and "it changed since it was checked: frame 1005: missing" in errors[0]
    assert [one["result"]["outcome"] for one in _log() if one["state"] == "ended"] == ["refused"]


def test_a_repair_puts_back_the_very_file_that_was_rendered(delivered: Delivered, publish: Publish):
    import pyblish.plugin

    before = delivered.file(1005).read_bytes()
    delivered.header(1005, _RATE_25, sealed=False)
    context = publish(delivered)
    (failed,) = [result for result in context.data["results"] if result["error"]]
    (action,) = failed["plugin"].actions
    mended = pyblish.plugin.process(failed["plugin"], context, action=action.id)
    assert mended["success"], mended["error"]
    assert delivered.file(1005).read_bytes() == before
    assert [result["error"] for result in publish(delivered).data["results"] if result["error"]] == []


def test_a_sequence_beside_whose_frames_our_manifest_lies_is_collected_from_others_instances(delivered: Delivered):
    collector = _collector()
    for files in ([f"comp.{number}.exr" for number in NUMBERS], "comp.1004.exr"):
        context, instance = _with_instance({"ext": "exr", "files": files, "stagingDir": str(delivered.folder)})
        collector().process(context)
        assert instance.data["ffvfx"]["output"] == delivered.job.output
        assert "ffvfx.comp" in instance.data["families"]
    context, other = _with_instance({"ext": "exr", "files": ["other.1004.exr"], "stagingDir": str(delivered.folder)})
    collector().process(context)
    assert "ffvfx" not in other.data


def test_settings_of_ayon_reach_the_program_and_what_the_instance_says_wins(delivered: Delivered):
    collector = _collector()
    collector.apply_settings({"ff_vfx": {"command": "/opt/ff-vfx", "limits": "/show/limits.json", "waivers": ""}})
    import pyblish.api

    context = pyblish.api.Context()
    context.data["ffvfx"] = [{"output": delivered.job.output, "limits": "mine.json"}]
    collector().process(context)
    assert context[0].data["ffvfx"] == {
        "output": delivered.job.output, "command": "/opt/ff-vfx", "limits": "mine.json",
    }  # fmt: skip


def test_a_program_that_is_not_there_is_said_and_nothing_passes(
    delivered: Delivered, publish: Publish, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("FF_VFX_COMMAND", str(delivered.folder / "no-such-program"))
    context = publish(delivered, process=True)
    validated = [one for one in context.data["results"] if "Validate" in one["plugin"].__name__]
    assert validated and all("could not be run" in str(one["error"]) for one in validated)


def test_the_plugins_table_is_what_the_code_says():
    import runpy

    made = runpy.run_path(str(Path(__file__).resolve().parents[3] / "docs" / "make_checks.py"))
    assert made["TABLE"].read_text() == made["table"](), "stale: run `make docs`"
    assert made["PAGE"].read_text() == made["page"](), "stale: run `make docs`"


def _collector() -> Any:
    import pyblish.api

    found = pyblish.api.discover(paths=[plugins_folder()])
    return next(plugin for plugin in found if plugin.__name__ == "CollectFfVfx")


def _with_instance(representation: dict[str, object]) -> tuple[Any, Any]:
    import pyblish.api

    context = pyblish.api.Context()
    return context, context.create_instance("render", family="render", representations=[representation])


def _log() -> list[dict[str, Any]]:
    """The entries of `publish`, in order."""
    lines = [line for path in sorted(audit_folders()[0][0].glob("*.jsonl")) for line in path.read_text().splitlines()]
    entries = [json.loads(line) for line in lines]
    return [one for one in entries if one.get("verb") == "publish"]


def test_the_plugins_and_the_addon_are_python_that_hosts_have():
    import ast

    folder = Path(plugins_folder())
    for path in [*folder.glob("*.py"), folder.parent / "ayon" / "client" / "ff_vfx_ayon" / "__init__.py"]:
        ast.parse(path.read_text(), feature_version=(3, 9))
