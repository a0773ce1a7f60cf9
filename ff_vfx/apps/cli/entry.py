"""Where `ff-vfx` starts: the commands, and how every way of ending becomes one exit code.

Read by the console script and the tests. Exit codes: docs/reports.md.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType

import typer

from ff_vfx import __version__
from ff_vfx.apps.cli import (
    anonymise,
    audit,
    bench,
    check,
    consent,
    demo,
    export,
    hosts,
    info,
    mark,
    models,
    qc,
    settings,
    shots,
    verify,
)
from ff_vfx.apps.cli.show import Show
from ff_vfx.apps.worker import commands as worker
from ff_vfx.errors import FfVfxError

BUG, CANNOT_START, INTERRUPTED = 1, 2, 130

app = typer.Typer(
    name="ff-vfx",
    help="Put one performer's face over another's in a film shot: EXR in, layered EXR out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("track")(shots.track)
app.command("fuse")(shots.fuse)
app.command("check")(check.check)
app.command("qc")(qc.qc)
app.command("export")(export.export)
app.command("anonymise")(anonymise.anonymise)
app.command("info")(info.info)
app.command("verify")(verify.verify)
app.command("label")(verify.label)
app.command("demo")(demo.demo)
app.command("bench")(bench.bench)
app.add_typer(audit.app, name="audit")
app.add_typer(consent.app, name="consent")
app.add_typer(hosts.app, name="hosts")
app.add_typer(mark.app, name="mark")
app.add_typer(models.app, name="models")
app.add_typer(settings.app, name="settings")
app.add_typer(worker.app, name="worker")


@app.callback(invoke_without_command=True)
def everywhere(
    context: typer.Context,
    quiet: bool = typer.Option(False, "--quiet", "-q", help="No progress bars, no tables; anywhere on the line."),
    debug: bool = typer.Option(False, "--debug", help="Show the traceback of an error; anywhere on the line."),
    progress_lines: bool = typer.Option(
        False, "--progress-lines", help="'progress STAGE DONE TOTAL' on stderr, for programs; anywhere on the line."
    ),
    version: bool = typer.Option(False, "--version", help="Print the version and stop."),
) -> None:
    """Options of every command."""
    context.obj = Show(quiet=quiet, debug=debug, lines=progress_lines)
    if version:
        print(f"ff-vfx {__version__}")
        raise typer.Exit()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit code."""
    signal.signal(signal.SIGTERM, _terminate)
    # Before torch is loaded: threads that wait must sleep, see docs/decisions/0012-threads-that-wait-sleep.md.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run one command; every end has its code: docs/reports.md."""
    words = _everywhere_first(arguments)
    debug = "--debug" in words
    try:
        code = int(app(args=words, standalone_mode=False, prog_name="ff-vfx") or 0)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except (FfVfxError, OSError) as error:
        if debug:
            raise
        _say(str(error))
        return CANNOT_START
    except Exception as error:
        # typer carries its own copy of click: its usage errors are known by what they can do, not by their class.
        if hasattr(error, "format_message") and hasattr(error, "show"):
            error.show()
            return CANNOT_START
        if debug:
            raise
        _say(f"unexpected {type(error).__name__}: {error}")
        _say("this is a bug in ff-vfx; run again with --debug and report what it prints")
        return BUG
    if code == INTERRUPTED:
        _say("interrupted; nothing half-written is left, and a second run goes on from here")
    return code


def _everywhere_first(arguments: Sequence[str]) -> list[str]:
    """Move the options of every command to the front, so that they may stand anywhere before a `--`."""
    words = list(arguments)
    end = words.index("--") if "--" in words else len(words)
    moved = [word for word in words[:end] if word in ("--quiet", "-q", "--debug", "--progress-lines")]
    return moved + [word for word in words[:end] if word not in moved] + words[end:]


def _say(text: str) -> None:
    print(f"ff-vfx: {text}", file=sys.stderr)


def _terminate(signum: int, frame: FrameType | None) -> None:
    # A farm's SIGTERM ends a run as Ctrl-C does: files in work are finished, the report is written.
    raise KeyboardInterrupt
