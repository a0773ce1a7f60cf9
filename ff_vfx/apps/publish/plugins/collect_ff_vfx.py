"""Finds the sequences that ff-vfx made and makes an instance of each. Read by pyblish.

What is collected: `context.data["ffvfx"]`, a list of patterns or of objects with `output` and options of
`ff-vfx check`; $FF_VFX_PUBLISH, patterns with the path separator between; and instances of other collectors that have
`ffvfxOutput`.
"""

from __future__ import annotations

import os
from types import ModuleType
from typing import Any

import pyblish.api

_FOLDER = os.path.dirname(__file__)
_PATH = os.path.join(_FOLDER, "_program.py")
_program = ModuleType("_ff_vfx_program")
with open(_PATH, encoding="utf-8") as _file:
    exec(compile(_file.read(), _PATH, "exec"), _program.__dict__)


VARIABLE = "FF_VFX_PUBLISH"


class CollectFfVfx(pyblish.api.ContextPlugin):
    """Sequences with a new face in them."""

    label = "ff-vfx sequences"
    order = pyblish.api.CollectorOrder + 0.2

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
            instance.data.update({"ffvfx": asked, "label": "{} ({})".format(name, asked["output"]), "publish": True})
            self.log.info("collected %s", asked["output"])
        for instance in context:
            if instance.data.get("ffvfxOutput") and "ffvfx" not in instance.data:
                instance.data["ffvfx"] = {"output": instance.data["ffvfxOutput"]}
                instance.data["families"] = [*instance.data.get("families", []), _program.FAMILY]
