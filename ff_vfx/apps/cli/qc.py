"""`ff-vfx qc`: is a finished shot fit to leave, said in a table, a page and an exit code."""

from __future__ import annotations

import json

import typer

from ff_vfx import door
from ff_vfx.apps.cli.files import write_json
from ff_vfx.apps.cli.show import Show
from ff_vfx.errors import BadInput
from ff_vfx.types.frame_ranges import said_ranges
from ff_vfx.types.qc_job import QcJob
from ff_vfx.types.qc_report import QcReport


def qc(
    context: typer.Context,
    output: str = typer.Argument("", help="The result: dir/comp.####.exr, a movie, its manifest.", show_default=False),
    plate: str = typer.Option("", help="The plate it was laid over; empty: as the manifest says.", show_default=False),
    solve: str = typer.Option("", help="Solve file; empty: as the manifest says.", show_default=False),
    previous: str = typer.Option("", help="An earlier version, to compare with.", show_default=False),
    limits: str = typer.Option("", help="JSON that names the limits that differ: docs/qc.md.", show_default=False),
    waivers: str = typer.Option("", help="JSON of faults that somebody signed for: docs/qc.md.", show_default=False),
    frames: str = typer.Option("", help="1001-1016, 1001-1016x2 or 1001,1005; empty: all.", show_default=False),
    plate_colour: str = typer.Option("", help="OCIO colour space of the plate; empty: its own.", show_default=False),
    performer: str = typer.Option("", help="Folder of stills, for the identity score.", show_default=False),
    recogniser: str = typer.Option("", help="Name of a recogniser model, for it.", show_default=False),
    pack: str = typer.Option("", help="Folder of an insightface pack that has one.", show_default=False),
    models: str = typer.Option("", help="Model folder; empty: the user's.", show_default=False),
    report: str = typer.Option("", help="Write the page here (.html): one file, no network.", show_default=False),
    as_json: str = typer.Option("", "--json", help="Write findings and measures here, JSON.", show_default=False),
    show_limits: bool = typer.Option(False, "--show-limits", help="Print all limits with their defaults, and stop."),
) -> int:
    """Measure a finished shot against its plate: flicker, pops, smears, jumps, edges; 0 fit, 5 not fit."""
    show: Show = context.obj
    if show_limits:
        print(json.dumps(door.qc_limits(), indent=1))
        return 0
    if not output:
        raise BadInput("qc: OUTPUT is missing; name the result, as in `ff-vfx qc out/comp.####.exr`")
    job = QcJob(
        output=output,
        plate=plate,
        solve=solve,
        previous=previous,
        limits=limits,
        waivers=waivers,
        frames=frames,
        plate_colour=plate_colour,
        performer=performer,
        recogniser=recogniser,
        pack=pack,
        models=models,
    )
    with show.bars() as progress:
        done = door.judge(job, progress=progress)
        if report:
            door.write_qc_page(done, report, progress=progress)
    if as_json:
        write_json(done.as_dict(), as_json)
    _tell(show, done, report)
    return done.exit_code


def _tell(show: Show, done: QcReport, page: str) -> None:
    """The verdict, each fault in a line, and the table."""
    for fault in done.faults:
        show.warn(f"ff-vfx: {fault}")
    notes = done.facts.get("notes")
    for note in notes if isinstance(notes, list) else ():
        show.warn(f"ff-vfx: {note}")
    if not show.quiet and done.findings:
        rows = [(f.outcome, f.check, said_ranges(f.frames), f.waiver or f.message) for f in done.findings]
        show.table("", ("outcome", "check", "frames", "what was found"), rows)
    for finding in done.findings if show.quiet else ():
        if finding.stops:
            show.warn(f"ff-vfx: {finding.check} {said_ranges(finding.frames)}: {finding.message}")
    if not done.faults:
        show.say(f"qc: {'fit' if done.passed else 'not fit'}; {len(done.numbers)} frames")
    if page:
        show.say(f"page: {page}")
