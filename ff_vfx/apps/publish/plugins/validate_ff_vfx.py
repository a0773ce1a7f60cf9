"""One validator for each publish check of ff-vfx, made from the table beside this file. Read by pyblish.

`make docs` writes checks.json from ff_vfx.qc.checks.CHECKS. The check itself runs once an instance, as a process.
"""

from __future__ import annotations

import json
import os
from types import ModuleType
from typing import Any, ClassVar

import pyblish.api

_FOLDER = os.path.dirname(__file__)
_PATH = os.path.join(_FOLDER, "_program.py")
_program = ModuleType("_ff_vfx_program")
with open(_PATH, encoding="utf-8") as _file:
    exec(compile(_file.read(), _PATH, "exec"), _program.__dict__)


class ValidateFfVfx(pyblish.api.InstancePlugin):
    """Runs `ff-vfx check` on the sequence; what it found is said by the validators after this one."""

    label = "ff-vfx: could be checked"
    families: ClassVar = [_program.FAMILY]
    order = pyblish.api.ValidatorOrder - 0.01

    def process(self, instance: Any) -> None:
        _program.forget(instance)
        report = _program.report_of(instance)
        if report["faults"]:
            raise _program.CheckFailed("; ".join(report["faults"]))
        self.log.info("%d checks, %d frames", len(report["findings"]), len(report["numbers"]))


def _process(self: Any, instance: Any) -> None:
    finding = _program.finding_of(_program.report_of(instance), self.check)
    if finding["outcome"] == "failed":
        raise _program.CheckFailed(finding["message"])
    told = finding["waiver"] or finding["message"]
    (self.log.warning if finding["outcome"] == "waived" else self.log.info)(
        "%s %s: %s", self.check, finding["outcome"], told
    )


def _repair(self: Any, context: Any, plugin: Any) -> None:
    """Mend every instance for which this validator failed; pyblish then validates again."""
    failed = {
        result["instance"].id: result["instance"]
        for result in context.data.get("results", [])
        if result["plugin"] is plugin and result["error"] and result["instance"] is not None
    }
    for instance in failed.values():
        report = _program.run(instance, ["--repair", plugin.check])
        instance.data[_program.REPORT] = report
        if report["faults"]:
            raise _program.CheckFailed("; ".join(report["faults"]))


def _camel(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("-"))


def _validators() -> dict[str, type]:
    """A class a check: pyblish knows plugins by their names."""
    with open(os.path.join(_FOLDER, "checks.json"), encoding="utf-8") as file:
        checks = json.load(file)
    made = {}
    for place, check in enumerate(checks):
        name = _camel(check["name"])
        members = {
            "__doc__": "Guards against {}.".format(check["guards"]),
            "label": "ff-vfx: {}".format(check["title"]),
            "families": [_program.FAMILY],
            "order": pyblish.api.ValidatorOrder + 0.01 * place,
            "optional": False,
            "check": check["name"],
            "process": _process,
        }
        if check["repair"]:
            repair = {"label": "Repair", "on": "failed", "icon": "wrench", "process": _repair}
            repair["__doc__"] = check["repair"]
            members["actions"] = [type("RepairFfVfx" + name, (pyblish.api.Action,), repair)]
        made["ValidateFfVfx" + name] = type("ValidateFfVfx" + name, (pyblish.api.InstancePlugin,), members)
    return made


globals().update(_validators())
