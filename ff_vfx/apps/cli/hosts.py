"""`ff-vfx hosts`: the node for Nuke and Resolve built, put where they look, taken away, checked."""

from __future__ import annotations

from pathlib import Path

import typer

from ff_vfx.apps import hosts as work
from ff_vfx.apps.cli.show import Show
from ff_vfx.errors import BadInput

app = typer.Typer(no_args_is_help=True, help="ff-vfx inside Nuke and Resolve: docs/openfx.md.")
_HOST = typer.Argument("", help="nuke or resolve; empty: both.", show_default=False)
_SITE = typer.Option(False, "--site", help="For everybody on this machine; takes an administrator.")
_BUNDLES = Path("build")
_NOT_WELL = 1


@app.command()
def build(
    context: typer.Context,
    folder: str = typer.Option(str(_BUNDLES), "--output", "-o", help="Folder that the bundle is written to."),
    everywhere: bool = typer.Option(False, "--all", help="For Linux, Windows and macOS, with ziglang."),
    compiler: str = typer.Option("", help="C compiler instead of cc.", show_default=False),
) -> int:
    """Compile the OpenFX bundle from source."""
    show: Show = context.obj
    show.say(f"{work.build(_folder(folder), everywhere=everywhere, compiler=compiler, say=show.say)}")
    return 0


@app.command()
def install(
    context: typer.Context,
    host: str = _HOST,
    bundle: str = typer.Option(str(_BUNDLES / work.NAME), help="The bundle that was built."),
    site: bool = _SITE,
) -> int:
    """Put bundle, gizmos, menus and macros where the hosts look; clears their stale plugin caches."""
    show: Show = context.obj
    for line in work.install(Path(bundle), _hosts(host), work.places_here(site=site)):
        show.say(line)
    return 0


@app.command()
def uninstall(context: typer.Context, host: str = _HOST, site: bool = _SITE) -> int:
    """Take away what install put, and nothing else."""
    show: Show = context.obj
    for line in work.uninstall(_hosts(host), work.places_here(site=site)) or ["nothing of ours was there"]:
        show.say(line)
    return 0


@app.command()
def doctor(context: typer.Context, host: str = _HOST, site: bool = _SITE) -> int:
    """See whether what was installed is whole, loads, and finds its worker; exit code 1 where not."""
    show: Show = context.obj
    found = work.examine(_hosts(host), work.places_here(site=site))
    rows = [("good" if one.good else "WRONG", one.what, one.text) for one in found]
    show.table("hosts", ("", "what", "found"), rows)
    return 0 if all(one.good for one in found) else _NOT_WELL


def _hosts(name: str) -> tuple[str, ...]:
    if name and name not in work.HOSTS:
        raise BadInput(f"host '{name}': use {' or '.join(work.HOSTS)}")
    return (name,) if name else work.HOSTS


def _folder(name: str) -> Path:
    path = Path(name)
    path.mkdir(parents=True, exist_ok=True)
    return path
