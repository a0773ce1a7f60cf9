"""Jobs and settings out of plain data."""

from typing import Any

import pytest

from ff_vfx.door import make_job, make_settings, settings_schema
from ff_vfx.errors import BadInput

LEAST = {"plate": "p.####.exr", "performer": "stills", "output": "o.####.exr"}


def test_a_job_of_three_names_has_the_post_settings():
    job = make_job(LEAST)
    assert job.settings == make_settings("post") and job.frames == ""


def test_a_job_files_preset_brings_the_presets_own_values():
    job = make_job({**LEAST, "settings": {"preset": "live"}})
    assert job.settings.steady.causal and job.settings.preset == "live"


def test_changes_win_over_the_file_and_leave_its_neighbours():
    data = {**LEAST, "settings": {"composite": {"skin_tone": 0.2, "grain": 0.3}}}
    job = make_job(data, changes={"composite": {"skin_tone": 0.9}})
    assert (job.settings.composite.skin_tone, job.settings.composite.grain) == (0.9, 0.3)


def test_the_given_preset_wins_over_the_files():
    assert make_job({**LEAST, "settings": {"preset": "live"}}, preset="post").settings.preset == "post"


def test_an_unknown_field_is_named():
    with pytest.raises(BadInput, match="frmaes"):
        make_job({**LEAST, "frmaes": "1-2"})


def test_an_unknown_setting_is_named():
    with pytest.raises(BadInput, match="feathr"):
        make_settings("post", {"composite": {"feathr": 1}})


def test_a_value_out_of_range_says_the_range():
    with pytest.raises(BadInput, match="less than or equal to 1"):
        make_settings("post", {"composite": {"skin_tone": 3}})


def test_an_unknown_preset_is_answered_with_those_there_are():
    with pytest.raises(BadInput, match="live, post"):
        make_settings("fast")


def test_the_schema_gives_each_setting_a_description():
    groups: Any = settings_schema()["$defs"]
    assert all("description" in field for group in groups.values() for field in group["properties"].values())
