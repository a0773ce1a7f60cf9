"""`ff-vfx track` and `ff-vfx fuse`: options become a Job, the door does it, the Report is shown and saved."""

from __future__ import annotations

from pathlib import Path

import typer

from ff_vfx import door
from ff_vfx.apps.cli.files import FrameLog, parts_of, read_json, settings_changes, write_report
from ff_vfx.apps.cli.show import Show
from ff_vfx.errors import BadInput
from ff_vfx.types.job import Job

_PLATE = typer.Argument(help="Sequence pattern (dir/plate.####.exr) or movie.", show_default=False)
_PLATE_COLOUR = typer.Option("", help="OCIO colour space of the plate; empty: the file's own.", show_default=False)
_FACE = typer.Option("", help="Whose face: largest; 0, 1.. from the left; 'x,y'; or a still.", show_default=False)
_FRAMES = typer.Option("", help="1001-1016, 1001-1016x2 or 1001,1005,1010-1012; empty: all.", show_default=False)
_PRESET = typer.Option("", help="post (default) or live.", show_default=False)
_SETTINGS = typer.Option("", help="JSON that names what differs from the preset.", show_default=False)
_SET = typer.Option([], "--set", help="One setting: composite.skin_tone=1; may be repeated.", show_default=False)
_MODELS = typer.Option("", help="Model folder; empty: the user's.", show_default=False)
_PACK = typer.Option("", help="Folder of an insightface pack: finds and knows faces.", show_default=False)
_DEVICE = typer.Option("", help="cpu, cuda, cuda:1, cuda/tensorrt/fp16; empty: the CPU.", show_default=False)
_REPORT = typer.Option("", help="Write the report here, JSON.", show_default=False)
_LOG = typer.Option("", help="Append one JSON line a frame here, as it is done.", show_default=False)


def track(
    context: typer.Context,
    plate: str = _PLATE,
    output: str = typer.Option(..., "--output", "-o", help="Solve file to write (.json).", show_default=False),
    sheet: str = typer.Option("", help="Write an overlay contact sheet here (.png).", show_default=False),
    movie: str = typer.Option("", help="Write an overlay movie here (.mp4, .mov).", show_default=False),
    frames: str = typer.Option("", help="Frames to show; the whole plate is tracked.", show_default=False),
    plate_colour: str = _PLATE_COLOUR,
    preset: str = _PRESET,
    settings: str = _SETTINGS,
    changes: list[str] = _SET,
    models: str = _MODELS,
    pack: str = _PACK,
    device: str = _DEVICE,
    report: str = _REPORT,
    log: str = typer.Option("", help="Append one JSON line a frame here, at the end.", show_default=False),
) -> int:
    """Look at the whole plate once and write what was found: the solve. An existing solve's keyframes are kept."""
    show: Show = context.obj
    job = Job(
        plate=plate,
        solve=output,
        frames=frames,
        plate_colour=plate_colour,
        models=models,
        pack=pack,
        device=device,
        settings=door.make_settings(preset, settings_changes(settings, changes)),
    )
    with show.bars() as progress, FrameLog(log) as frame_log:
        done = door.track(job, sheet=sheet, movie=movie, progress=progress)
        for entry in done.frames:
            frame_log.add(entry)
    show.report(done)
    if report:
        write_report(done, report)
    return done.exit_code


def fuse(
    context: typer.Context,
    plate: str = typer.Argument("", help="Sequence pattern (dir/plate.####.exr) or movie.", show_default=False),
    performer: str = typer.Option("", help="Folder of stills of the performer, or one still.", show_default=False),
    cast: list[str] = typer.Option(
        [],
        "--cast",
        help="FACE=PERFORMER, once for each of several people; instead of --performer.",
        show_default=False,
    ),
    swapper: str = typer.Option(
        "", help="Manifest of a swapper network, or its name; empty: stills on a mesh.", show_default=False
    ),
    output: str = typer.Option("", "--output", "-o", help="Where to: dir/comp.####.exr", show_default=False),
    solve: str = typer.Option("", help="Solve file; without it the plate is tracked first.", show_default=False),
    frames: str = _FRAMES,
    preset: str = _PRESET,
    layers: str = typer.Option("", help="all: fused plate with layers; face: its window only.", show_default=False),
    matte: str = typer.Option("", help="Your own matte sequence; it wins over ours.", show_default=False),
    settings: str = _SETTINGS,
    changes: list[str] = _SET,
    face: str = _FACE,
    plate_colour: str = _PLATE_COLOUR,
    stills_colour: str = typer.Option("", help="Colour space of the stills; empty: each file's.", show_default=False),
    models: str = _MODELS,
    pack: str = _PACK,
    device: str = _DEVICE,
    project: str = typer.Option("", help="Project it is made for; consent is given for projects.", show_default=False),
    shot: str = typer.Option("", help="Name of the shot, as a consent may name it.", show_default=False),
    use: str = typer.Option("", help="What it is for, as the consent calls it: theatrical, test.", show_default=False),
    territory: str = typer.Option("", help="Where it will be shown: worldwide, EU.", show_default=False),
    consent: str = typer.Option("", help="Consent record, or a folder of them.", show_default=False),
    label: str = typer.Option(
        "", help="Visible label of movies; empty: AI-GENERATED on the review movie; none: nowhere.", show_default=False
    ),
    stop_on_error: bool = typer.Option(False, "--stop-on-error", help="Stop at the first frame that fails."),
    overwrite: bool = typer.Option(False, "--overwrite", help="Make frames again that are valid on disk."),
    review: str = typer.Option("", help="Write a review movie here (.mp4, .mov).", show_default=False),
    review_view: str = typer.Option("picture", help="picture, or confidence: how sure steadying was."),
    curves: str = typer.Option("", help="Draw confidence over the shot here (.png).", show_default=False),
    report: str = _REPORT,
    log: str = _LOG,
    job: str = typer.Option("", "--job", help="A job file; options on the line win over it.", show_default=False),
) -> int:
    """Put the performer's face on the plate and write the fused picture with its layers."""
    show: Show = context.obj
    given = {
        "plate": plate, "performer": performer, "output": output, "solve": solve, "frames": frames, "matte": matte,
        "face": face, "plate_colour": plate_colour, "stills_colour": stills_colour, "models": models,
        "overwrite": overwrite, "cast": parts_of(cast), "swapper": swapper, "pack": pack, "device": device,
        "stop_on_error": stop_on_error, "project": project, "shot": shot, "use": use, "territory": territory,
        "consent": consent, "label": label,
    }  # fmt: skip
    if layers:
        changes = [*changes, f"output.layers={layers}"]
    data = {**(read_json(job, "job file") if job else {}), **{name: value for name, value in given.items() if value}}
    if review_view not in door.REVIEW_VIEWS:
        raise BadInput(f"--review-view {review_view}: use one of {', '.join(door.REVIEW_VIEWS)}")
    _need(data, f"job file {job}" if job else "fuse")
    work = door.make_job(data, preset=preset, changes=settings_changes(settings, changes))
    with show.bars() as progress, FrameLog(log) as frame_log:
        done = door.render(work, progress=progress, on_frame=frame_log.add)
    if report:
        write_report(done, report)
    show.report(done)
    if done.exit_code in (0, 3):
        _draw(show, work, review, review_view, curves)
    return done.exit_code


def _draw(show: Show, work: Job, review: str, view: str, curves: str) -> None:
    """The pictures that were asked for. review, curves: paths; empty: none."""
    if review:
        with show.bars() as progress:
            door.write_review(work, review, view=view, progress=progress)
        show.say(f"review movie: {review}")
    if curves:
        door.write_curves(work, curves)
        show.say(f"curves: {curves}")


def _need(data: dict[str, object], where: str) -> None:
    needed = (
        (("plate",), "PLATE"),
        (("performer", "cast", "swapper"), "--performer DIR"),
        (("output",), "-o OUT_PATTERN"),
    )
    for names, what in needed:
        if not any(data.get(name) for name in names):
            raise BadInput(f"{where}: {what} is missing; see `ff-vfx fuse --help`")
    solve = data.get("solve")
    if solve and not Path(str(solve)).is_file():
        raise BadInput(f"solve {solve}: no such file; make it with `ff-vfx track PLATE -o {solve}`")
