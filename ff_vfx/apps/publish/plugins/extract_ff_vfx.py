"""Fills in what integrators ask for: files, range, rate, size, colour, provenance. Read by pyblish, after validation.

Nothing is copied or changed. The sequence is checked once more, but for its quality, and its leaving is written into
the audit log; where it cannot be written, nothing leaves.
"""

from __future__ import annotations

import os
from fractions import Fraction
from types import ModuleType
from typing import Any, ClassVar

import pyblish.api

_FOLDER = os.path.dirname(__file__)
_PATH = os.path.join(_FOLDER, "_program.py")
_program = ModuleType("_ff_vfx_program")
with open(_PATH, encoding="utf-8") as _file:
    exec(compile(_file.read(), _PATH, "exec"), _program.__dict__)


class ExtractFfVfx(pyblish.api.InstancePlugin):
    """The sequence as integrators want it."""

    label = "ff-vfx: files and facts"
    families: ClassVar = [_program.FAMILY]
    order = pyblish.api.ExtractorOrder

    def process(self, instance: Any) -> None:
        skip = [name for name in str((instance.data["ffvfx"] or {}).get("skip") or "").split(",") if name]
        report = _program.run(instance, ["--skip", ",".join([*skip, "quality"]), "--publish"])
        wrong = [*report["faults"], *(one["message"] for one in report["findings"] if one["outcome"] == "failed")]
        if wrong:
            raise _program.CheckFailed("not published, for it changed since it was checked: " + "; ".join(wrong))
        instance.data.update(instance_data(report))
        instance.data.setdefault("representations", []).extend(representations(report))
        self.log.info("%d files of %s", len(report["facts"]["files"]), report["pattern"])


def instance_data(report: dict[str, Any]) -> dict[str, Any]:
    """Range, rate, size, colour and where it comes from, by the names AYON and older pipelines use."""
    facts, numbers = report["facts"], report["numbers"]
    width, height = facts["size"]
    return {
        "frameStart": numbers[0],
        "frameEnd": numbers[-1],
        "handleStart": 0,
        "handleEnd": 0,
        "fps": float(Fraction(facts["frames_per_second"])) if facts["frames_per_second"] else None,
        "resolutionWidth": width,
        "resolutionHeight": height,
        "pixelAspect": facts["pixel_aspect"],
        "colorspace": facts["colour_space"],
        "stagingDir": facts["folder"],
        "ffvfxProvenance": {
            "manifest": facts["manifest"],
            "plate": facts["plate"],
            "tool": facts.get("tool", []),
            "models": facts["models"],
            "consents": facts["consents"],
            "sha256": facts.get("sha256", {}),
        },
    }


def representations(report: dict[str, Any]) -> list[dict[str, Any]]:
    """The frames, and beside them what proves where they come from."""
    facts, numbers = report["facts"], report["numbers"]
    files = facts["files"]
    frames = {
        "name": "exr",
        "ext": "exr",
        "files": files if len(files) > 1 else files[0],
        "stagingDir": facts["folder"],
        "frameStart": numbers[0],
        "frameEnd": numbers[-1],
        "colorspaceData": {"colorspace": facts["colour_space"], "interopId": facts["interop_id"]},
        "tags": ["review"],
    }
    found = [frames]
    manifest = facts["manifest"]["path"]
    for name, path in (("ffmanifest", manifest), ("c2pa", os.path.splitext(manifest)[0] + ".c2pa")):
        if os.path.isfile(path):
            ext = os.path.basename(path).split(".", 1)[1] if name == "ffmanifest" else name
            one = {"name": name, "ext": ext, "files": os.path.basename(path), "stagingDir": os.path.dirname(path)}
            found.append(one)
    return found
