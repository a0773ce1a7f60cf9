"""The hosts' controls: every setting, every field of a job that a host has use for, every layer."""

from __future__ import annotations

import subprocess
import sys

from pydantic import BaseModel

from ff_vfx import door
from ff_vfx.apps.worker import wire
from ff_vfx.door.hosts.params import (
    JOB_FIELDS_LEFT_OUT,
    KINDS,
    OUTPUTS,
    WRITINGS,
    group_titles,
    host_parameters,
)
from ff_vfx.types.job import Job
from ff_vfx.types.settings import Settings

BY_NAME = {param.name: param for param in host_parameters()}


def fields():
    return [
        (group, name)
        for group, value in Settings()
        if isinstance(value, BaseModel)
        for name in type(value).model_fields
    ]


def test_every_field_of_the_settings_is_a_control_and_no_other():
    groups = {group for group, _ in fields()}
    assert {f"{group}_{name}" for group, name in fields()} == {p.name for p in host_parameters() if p.group in groups}


def test_every_field_of_a_job_is_a_control_or_left_out_on_purpose():
    wanted = {f"job_{name}" for name in Job.model_fields if name not in JOB_FIELDS_LEFT_OUT} | {"job_preset"}
    assert {param.name for param in host_parameters() if param.group == "job"} == wanted


def test_every_output_is_a_layer_of_the_worker_and_none_is_missing():
    assert BY_NAME["host_output"].choices == OUTPUTS
    assert set(OUTPUTS) == set(wire.LAYER_NAMES) - {"source"}


def test_names_are_their_own_and_kinds_and_groups_known():
    assert len(BY_NAME) == len(host_parameters())
    assert all(p.kind in KINDS and p.written in WRITINGS and p.group in group_titles() for p in host_parameters())
    assert all(p.hint and p.label and p.name == f"{p.group}_{p.field}" for p in host_parameters())


def test_defaults_lie_in_their_ranges_and_ranges_are_taken_by_the_settings():
    for param in host_parameters():
        if param.kind in ("double", "int"):
            assert param.low <= param.shown[0] < param.shown[1] <= param.high, param.name
            assert param.low <= float(param.default) <= param.high, param.name
        if param.kind == "choice":
            assert param.default in param.choices
        if param.written == "value" and param.group != "job" and param.kind in ("double", "int"):
            for end in (param.low, param.high):
                door.make_settings("post", {param.group: {param.field: int(end) if param.kind == "int" else end}})


def test_defaults_are_the_settings_own():
    settings = Settings()
    for group, name in fields():
        own, param = getattr(getattr(settings, group), name), BY_NAME[f"{group}_{name}"]
        assert param.default == (own if param.written in ("value", "text") else ""), param.name


def test_it_loads_neither_torch_nor_numpy():
    code = "import sys, ff_vfx.door.hosts.params; assert not {'torch', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
