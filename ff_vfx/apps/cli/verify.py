"""`ff-vfx verify` and `ff-vfx label`: a page on what a finished thing is, and C2PA credentials for it."""

from __future__ import annotations

import json
import sys

import typer

from ff_vfx import door
from ff_vfx.apps.cli.show import Show
from ff_vfx.types.finding import Finding
from ff_vfx.types.frame_ranges import said_ranges
from ff_vfx.types.verification import Verification

_WORDS = {"passed": "ok", "failed": "NOT OK", "skipped": "-", "waived": "waived"}


def verify(
    context: typer.Context,
    path: str = typer.Argument(
        help="Pattern, frame, folder, movie, picture, manifest or consent record.", show_default=False
    ),
    use: str = typer.Option("", help="Judge consent for this use; empty: the one it was made for.", show_default=False),
    plate: str = typer.Option("", help="See too that this plate is the one it was made from.", show_default=False),
    as_json: bool = typer.Option(False, "--json", help="Print what was found as JSON."),
) -> int:
    """Say what a finished thing is, whether it is intact, whose it is, and whether consent for it holds today."""
    show: Show = context.obj
    found = door.verify(path, use=use, plate=plate)
    if as_json:
        json.dump(found.as_dict(), sys.stdout, indent=1, default=str)
        print()
    else:
        _page(show, found)
    return found.exit_code


def label(
    context: typer.Context,
    paths: list[str] = typer.Argument(help="Files, or patterns of frames.", show_default=False),
    generated: bool = typer.Option(False, "--generated", help="They are the made face alone, not over a plate."),
    certificate: str = typer.Option("", help="The studio's certificate chain (PEM).", show_default=False),
    key: str = typer.Option("", help="Its key (PEM); with --certificate.", show_default=False),
) -> int:
    """Sign finished files for C2PA: pictures and movies carry it inside, frames get a sidecar each."""
    show: Show = context.obj
    for signed in door.label(paths, generated=generated, chain=certificate, key=key):
        show.say(signed)
    return 0


def _page(show: Show, found: Verification) -> None:
    """Headings with their lines, then each finding in a line."""
    show.say(f"{found.what}: {_verdict(found)}")
    for heading, lines in found.told:
        for index, line in enumerate(lines):
            show.say(f"  {heading if index == 0 else '':<10} {line}")
    for finding in found.findings:
        tell = show.warn if finding.stops and show.quiet else show.say
        tell(f"  {_WORDS[finding.outcome]:<10} {finding.check}: {_said(finding)}")


def _verdict(found: Verification) -> str:
    if found.intact:
        return "intact"
    return "NOT AS IT SHOULD BE" if found.believed else "NOT TO BE BELIEVED"


def _said(finding: Finding) -> str:
    frames = f" [{said_ranges(finding.frames)}]" if finding.frames else ""
    return f"{finding.message}{frames}"
