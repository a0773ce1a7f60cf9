"""`ff-vfx anonymise`: options become a job, the door does it, the Report is shown and saved."""

from __future__ import annotations

from pathlib import Path

import typer

from ff_vfx import door
from ff_vfx.apps.cli.files import FrameLog, read_json, settings_changes, write_report
from ff_vfx.apps.cli.show import Show
from ff_vfx.errors import BadInput
from ff_vfx.types.report import Report

RECORD = ".ffconsent.json"
_SHOWN = 8
_GROUPS = {"anonymise": "settings", "track": "track", "output": "written"}


def anonymise(
    context: typer.Context,
    plate: str = typer.Argument("", help="Sequence pattern (dir/plate.####.exr) or movie.", show_default=False),
    output: str = typer.Argument("", help="Where to: dir/hidden.####.exr, or a movie.", show_default=False),
    method: str = typer.Option("", help=f"{', '.join(door.ANONYMISE_METHODS)}; blur.", show_default=False),
    cleared: list[str] = typer.Option(
        [],
        "--cleared",
        help="Who stays: FACE=RECORD, a still that a record lists, or a record; FACE alone with --record. Repeat.",
        show_default=False,
    ),
    record: str = typer.Option("", help="Consent record of the one --cleared FACE.", show_default=False),
    consent: str = typer.Option("", help="Consent record or folder of them, for stills.", show_default=False),
    release: list[str] = typer.Option(
        [], "--release", help="TRACK=NAME: no face at all, says NAME, who answers for it. Repeat.", show_default=False
    ),
    cover: list[str] = typer.Option(
        [], "--cover", help="X,Y,RADIUS or X,Y,RADIUS@FRAMES: covered by hand. Repeat.", show_default=False
    ),
    performer: str = typer.Option("", help="Folder of stills of a made-up performer; synthetic.", show_default=False),
    solve: str = typer.Option("", help="Solve file; without it the plate is tracked first.", show_default=False),
    frames: str = typer.Option("", help="Frames to write; the whole plate is looked at.", show_default=False),
    sheet: str = typer.Option("", help="Contact sheet of every track (.png).", show_default=False),
    inspect: str = typer.Option(
        "", "--list", help="Inspection list (.json, .csv); else beside the output.", show_default=False
    ),
    project: str = typer.Option("", help="Project, as consents name it.", show_default=False),
    shot: str = typer.Option("", help="Shot, as consents name it.", show_default=False),
    use: str = typer.Option("", help="Use, as consents name it.", show_default=False),
    territory: str = typer.Option("", help="Territory, as consents name it.", show_default=False),
    plate_colour: str = typer.Option("", help="OCIO colour space of the plate; empty: its own.", show_default=False),
    settings: str = typer.Option("", help="JSON with groups anonymise, track, output.", show_default=False),
    changes: list[str] = typer.Option([], "--set", help="One setting: anonymise.cells=4. Repeat.", show_default=False),
    models: str = typer.Option("", help="Model folder; empty: the user's.", show_default=False),
    pack: str = typer.Option("", help="Folder of an insightface pack: finds, knows faces.", show_default=False),
    device: str = typer.Option("", help="cpu, cuda, cuda:1; empty: the CPU.", show_default=False),
    stop_on_error: bool = typer.Option(False, "--stop-on-error", help="Stop at the first frame that fails."),
    overwrite: bool = typer.Option(False, "--overwrite", help="Make frames again that are valid on disk."),
    report: str = typer.Option("", help="Write the report here, JSON.", show_default=False),
    log: str = typer.Option("", help="Append one JSON line a frame here, as it is done.", show_default=False),
    job: str = typer.Option("", "--job", help="A job file; options on the line win over it.", show_default=False),
) -> int:
    """Blur, pixelate or replace the face of everybody who is not cleared by a consent. A frame that fails is not

    written: the plate never passes.
    """
    show: Show = context.obj
    given: dict[str, object] = {
        "plate": plate, "output": output, "method": method, "cleared": cleared_of(cleared, record), "consent": consent,
        "released": released_of(release), "covers": covers_of(cover), "performer": performer, "solve": solve,
        "frames": frames, "sheet": sheet, "list": inspect, "project": project, "shot": shot, "use": use,
        "territory": territory, "plate_colour": plate_colour, "models": models, "pack": pack, "device": device,
        "stop_on_error": stop_on_error, "overwrite": overwrite,
    }  # fmt: skip
    data = {**(read_json(job, "job file") if job else {}), **{name: value for name, value in given.items() if value}}
    for what, name in (("PLATE", "plate"), ("OUTPUT", "output")):
        if not data.get(name):
            raise BadInput(f"anonymise: {what} is missing; see `ff-vfx anonymise --help`")
    work = door.make_anonymise_job(_with_settings(data, settings_changes(settings, changes)))
    with show.bars() as progress, FrameLog(log) as frame_log:
        done = door.anonymise(work, progress=progress, on_frame=frame_log.add)
    if report:
        write_report(done, report)
    show.report(done)
    _say(show, done)
    return done.exit_code


def _say(show: Show, done: Report) -> None:
    """Where the list is, and what a person must look at first."""
    first = done.decisions.get("look_first")
    for one in first[:_SHOWN] if isinstance(first, list) else ():
        show.say(f"look first: {one['track'] or 'frames'} {one['why']}")
    if isinstance(first, list) and len(first) > _SHOWN:
        show.say(f"look first: and {len(first) - _SHOWN} more")
    if "list" in done.decisions:
        show.say(f"inspection list: {done.decisions['list']}")


def cleared_of(choices: list[str], record: str) -> list[dict[str, str]]:
    """What `--cleared` and `--record` say, as a job's.

    Raises:
        BadInput: a record for several people, or for nobody.
    """
    found = []
    for text in choices:
        face, equals, by = text.rpartition("=")
        if text.endswith(RECORD) and not (equals and face):
            found.append({"face": "", "record": text})
        elif equals and by.endswith(RECORD) and not Path(text).is_file():
            found.append({"face": face.strip(), "record": by.strip()})
        else:
            found.append({"face": text.strip(), "record": ""})
    if record:
        bare = [one for one in found if one["face"] and not one["record"]]
        if len(bare) != 1:
            raise BadInput(f"--record {record}: is for one --cleared FACE; {len(bare)} are given; write FACE=RECORD")
        bare[0]["record"] = record
    return found


def released_of(releases: list[str]) -> list[dict[str, str]]:
    """What `--release TRACK=NAME` says. BadInput: nobody answers for it."""
    found = []
    for text in releases:
        track, equals, by = text.partition("=")
        if not equals or not track.strip() or not by.strip():
            raise BadInput(f"--release {text}: not of the form TRACK=NAME: somebody must answer for it")
        found.append({"track": track.strip(), "by": by.strip()})
    return found


def covers_of(covers: list[str]) -> list[dict[str, object]]:
    """What `--cover X,Y,RADIUS[@FRAMES]` says. BadInput: not of that form."""
    found: list[dict[str, object]] = []
    for text in covers:
        place, _, frames = text.partition("@")
        try:
            x, y, radius = (float(part) for part in place.split(","))
        except ValueError as error:
            raise BadInput(f"--cover {text}: not of the form X,Y,RADIUS@FRAMES, as in 640,210,80@1001-1016") from error
        found.append({"x": x, "y": y, "radius": radius, "frames": frames})
    return found


def _with_settings(data: dict[str, object], changes: dict[str, object]) -> dict[str, object]:
    """The job's data with settings that win over it: groups are called as people know them."""
    merged = dict(data)
    for group, fields in changes.items():
        if group not in _GROUPS or not isinstance(fields, dict):
            raise BadInput(f"settings: no group '{group}' in anonymise; use {', '.join(_GROUPS)}")
        old = merged.get(_GROUPS[group])
        merged[_GROUPS[group]] = {**(old if isinstance(old, dict) else {}), **fields}
    return merged
