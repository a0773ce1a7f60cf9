"""Finds the sequences that ff-vfx made and makes an instance of each. Read by pyblish and by AYON.

What is collected: `context.data["ffvfx"]`, a list of patterns or of objects with `output` and options of
`ff-vfx check`; $FF_VFX_PUBLISH, patterns with the path separator between; instances of other collectors that have
`ffvfxOutput`, or EXR files in `representations` that a manifest of ours lies beside.
"""

from __future__ import annotations

import glob
import os
import re
from types import ModuleType
from typing import Any, ClassVar

import pyblish.api

_FOLDER = os.path.dirname(__file__)
_PATH = os.path.join(_FOLDER, "_program.py")
_program = ModuleType("_ff_vfx_program")
with open(_PATH, encoding="utf-8") as _file:
    exec(compile(_file.read(), _PATH, "exec"), _program.__dict__)

VARIABLE = "FF_VFX_PUBLISH"
_MANIFEST = "*.ffmanifest.json"
_NUMBER = re.compile(r"-?[0-9]+(?=\.exr$)", re.IGNORECASE)


class CollectFfVfx(pyblish.api.ContextPlugin):
    """Sequences with a new face in them."""

    label = "ff-vfx sequences"
    order = pyblish.api.CollectorOrder + 0.45  # behind those whose instances it looks at
    defaults: ClassVar[dict[str, str]] = {}

    @classmethod
    def apply_settings(cls, project_settings: Any) -> None:
        """AYON's settings of the project: program, limits, waivers."""
        own = project_settings.get("ff_vfx") or {}
        cls.defaults = {name: own[name] for name in ("command", "limits", "waivers") if own.get(name)}

    def process(self, context: Any) -> None:
        named = context.data.get("ffvfx") or []
        named = [named] if isinstance(named, (str, dict)) else list(named)
        named += [one for one in os.environ.get(VARIABLE, "").split(os.pathsep) if one]
        for one in named:
            asked = {"output": one} if isinstance(one, str) else dict(one)
            if not asked.get("output"):
                raise ValueError("context.data['ffvfx']: an entry has no 'output'; give the pattern of the frames")
            name = os.path.basename(asked["output"]).split(".")[0] or "comp"
            instance = context.create_instance(name, family=_program.FAMILY, families=[_program.FAMILY])
            instance.data.update({"label": "{} ({})".format(name, asked["output"]), "publish": True})
            self._take(instance, asked)
        for instance in context:
            output = instance.data.get("ffvfxOutput") or _made_by_us(instance)
            if output and "ffvfx" not in instance.data:
                instance.data["families"] = [*instance.data.get("families", []), _program.FAMILY]
                self._take(instance, {"output": output})

    def _take(self, instance: Any, asked: Any) -> None:
        instance.data["ffvfx"] = {**self.defaults, **asked}
        self.log.info("collected %s", asked["output"])


def _made_by_us(instance: Any) -> str:
    """The pattern of an instance's EXR files, where a manifest beside them says that they are ours; else ''."""
    for one in instance.data.get("representations") or []:
        files = one.get("files") or ""
        first = files if isinstance(files, str) else files[0]
        folder = one.get("stagingDir") or instance.data.get("stagingDir") or ""
        pattern = _NUMBER.sub(lambda found: "#" * len(found[0]), first)
        if pattern != first and glob.glob(os.path.join(glob.escape(folder), _MANIFEST)):
            beside = re.sub(r"[._-]*#+[.]exr$", "", pattern, flags=re.IGNORECASE) + _MANIFEST[1:]
            if os.path.isfile(os.path.join(folder, beside)):
                return os.path.join(folder, pattern)
    return ""
