"""`ff-vfx check`: may a finished sequence leave? One line a check, the frames named, and what can be mended."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

import typer

from ff_vfx import door
from ff_vfx.apps.cli.files import write_json
from ff_vfx.apps.cli.show import Show
from ff_vfx.errors import BadInput
from ff_vfx.types.delivery_job import DeliveryJob, DeliveryReport

_WORDS = {"passed": "ok", "failed": "FAULT", "waived": "waived", "skipped": "skipped"}


def check(
    context: typer.Context,
    output: str = typer.Argument("", help="Pattern (out/comp.####.exr), manifest or folder.", show_default=False),
    plate: str = typer.Option("", help="Plate's pattern; empty: as the manifest says.", show_default=False),
    plate_colour: str = typer.Option("", help="OCIO colour space of the plate.", show_default=False),
    frames: str = typer.Option("", help="Frames that must be there; empty: the plate's.", show_default=False),
    use: str = typer.Option("", help="What it is published for; empty: as rendered.", show_default=False),
    models: str = typer.Option("", help="Model folder; empty: the user's.", show_default=False),
    limits: str = typer.Option("", help="Limits file of quality control.", show_default=False),
    waivers: str = typer.Option("", help="File of named waivers.", show_default=False),
    only: list[str] = typer.Option([], help="Run this check alone; may be repeated, or named with commas."),
    skip: list[str] = typer.Option([], help="Leave this check out; likewise."),
    repair: list[str] = typer.Option([], help="Mend what this check found, where that is safe; likewise."),
    publish: bool = typer.Option(False, "--publish", help="If all is well, write into the audit log that it leaves."),
    as_json: bool = typer.Option(False, "--json", help="Print the report as JSON instead of a table."),
    report: str = typer.Option("", help="Write the report here, JSON.", show_default=False),
    listed: bool = typer.Option(False, "--list", help="List the checks, and stop."),
) -> int:
    """Check a finished sequence before it is published: files, layers, pixels, label, consent, quality.

    Exit code 0: fit; 5: not fit; 2: could not be checked.
    """
    show: Show = context.obj
    if listed:
        return _list(show, as_json)
    if not output:
        raise BadInput("check: OUTPUT is missing; name a pattern such as out/comp.####.exr")
    job = DeliveryJob(
        output=output, plate=plate, plate_colour=plate_colour, frames=frames, use=use, models=models, limits=limits,
        waivers=waivers, only=_names(only), skip=_names(skip),
    )  # fmt: skip
    if mended := _names(repair):
        for line in door.repair_delivery(job, mended):
            show.warn(line) if as_json else show.say(line)
    with show.bars() as progress:
        judge = door.publish_delivery if publish else door.check_delivery
        done = judge(job, progress=progress)
    if report:
        write_json(done.as_dict(), report)
    if as_json:
        print(json.dumps(done.as_dict(), indent=1, default=str))
    else:
        _tell(show, done)
    return done.exit_code


def _tell(show: Show, report: DeliveryReport) -> None:
    """A table of all checks, the faults with their frames first in the eye."""
    for fault in report.faults:
        show.warn(f"ff-vfx: {fault}")
    if not report.findings:
        return
    rows = [(_WORDS[one.outcome], one.check, one.message) for one in report.findings]
    if not show.quiet:
        show.table(report.pattern, ("", "check", "found"), rows)
    counts = {name: sum(one.outcome == name for one in report.findings) for name in _WORDS}
    told = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    if report.passed:
        show.say(f"check: {told}; fit to be published")
    else:
        show.warn(f"check: {told}; not fit to be published")


def _list(show: Show, as_json: bool) -> int:
    infos = door.delivery_checks()
    if as_json:
        print(json.dumps([asdict(info) for info in infos], indent=1))
        return 0
    rows = [(one.name, one.guards, "yes" if one.waivable else "", one.repair) for one in infos]
    show.table("", ("check", "keeps from", "waivable", "--repair"), rows)
    return 0


def _names(given: Sequence[str]) -> tuple[str, ...]:
    return tuple(name.strip() for text in given for name in text.split(",") if name.strip())
