"""Progress for programs."""

from __future__ import annotations

from ff_vfx.apps.cli.show import Show


def test_progress_lines_say_the_first_and_last_step_of_each_stage_and_not_every_one_between(capsys):
    with Show(quiet=True, lines=True).bars() as progress:
        for done in range(1, 1001):
            progress("track", done, 1000)
        progress("frame", 1, 1)
    said = capsys.readouterr()
    lines = said.err.splitlines()
    assert said.out == ""
    assert lines[0] == "progress track 1 1000" and "progress track 1000 1000" in lines
    assert lines[-1] == "progress frame 1 1" and len(lines) < 100


def test_without_progress_lines_a_pipe_hears_nothing(capsys):
    with Show().bars() as progress:
        progress("track", 1, 2)
    assert capsys.readouterr() == ("", "")
