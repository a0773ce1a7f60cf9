"""`ff-vfx export`: a solve as trackers, corner pins and roto shapes for Nuke and Fusion."""

from __future__ import annotations

import typer

from ff_vfx import door
from ff_vfx.apps.cli.show import Show
from ff_vfx.errors import BadInput


def export(
    context: typer.Context,
    solve: str = typer.Argument(help="Solve file of `ff-vfx track`.", show_default=False),
    format: str = typer.Option(..., help=", ".join(door.EXPORT_FORMATS), show_default=False),
    output: str = typer.Option("", "--output", "-o", help="File to write; empty: to stdout.", show_default=False),
    face: str = typer.Option("", help="Whose: largest; 0, 1.. from the left; 'x,y'; a name.", show_default=False),
    points: str = typer.Option("", help="Trackers: eye_l_outer,chin,159.. or all.", show_default=False),
    shapes: str = typer.Option("", help="Shapes: oval,lips,mouth,eyes,brows.. or all.", show_default=False),
    offset: int = typer.Option(0, help="Added to every frame number: -1001 for a clip that starts at 0."),
    reference: str = typer.Option(
        "", help="Corner pin: carry along what lies on this frame; empty: picture to face.", show_default=False
    ),
    tolerance: float = typer.Option(0.0, help="Shapes: px they may lie off, for fewer keys; 0: all keys."),
    overwrite: bool = typer.Option(False, "--overwrite", help="Write over a file that is no export of ours."),
) -> int:
    """Write the track as text that Nuke or Fusion pastes or loads: docs/exports.md."""
    show: Show = context.obj
    done = door.export_track(
        solve,
        format,
        face=face,
        points=_names(points),
        shapes=_names(shapes),
        offset=offset,
        reference=_frame(reference),
        tolerance_px=tolerance,
        output=output,
        overwrite=overwrite,
    )
    if not output:
        print(done["text"], end="")
        return 0
    counts = ", ".join(f"{len(_listed(done[name]))} {name}" for name in ("known", "held", "lost"))
    show.say(f"{format} of {done['face']}: frames {counts}; {len(str(done['text'])) // 1000 + 1} kB: {output}")
    return 0


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _frame(text: str) -> int | None:
    try:
        return int(text) if text else None
    except ValueError as error:
        raise BadInput(f"--reference {text}: give one frame number of the plate") from error


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []
