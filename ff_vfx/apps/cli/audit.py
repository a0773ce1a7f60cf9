"""`ff-vfx audit`: what was done, by whom and with what; whether that log is whole; where it is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import typer

from ff_vfx import door
from ff_vfx.apps.cli.show import Show

app = typer.Typer(no_args_is_help=True, help="The log of who did what: tracks, renders, consents, publishing.")
_FOLDER = typer.Argument("", help="A log's folder; none: the site's or yours.", show_default=False)
_JSON = typer.Option(False, "--json", help="Print JSON.")
_NOT_WHOLE = 3


@app.command()
def show(
    context: typer.Context,
    folder: str = _FOLDER,
    verb: str = typer.Option("", help="render, track, session, publish, consent, 'consent sign'.", show_default=False),
    since: str = typer.Option("", help="From this day or moment on, UTC: 2026-11-21.", show_default=False),
    until: str = typer.Option("", help="Up to and with this day or moment, UTC.", show_default=False),
    plate: str = typer.Option("", help="Part of the plate's pattern, or of its key.", show_default=False),
    about: str = typer.Option(
        "", help="Part of anything an entry says: a hash, a record, a fault.", show_default=False
    ),
    user: str = typer.Option("", help="Of this user alone.", show_default=False),
    machine: str = typer.Option("", help="Of this machine alone.", show_default=False),
    last: int = typer.Option(
        30, "--last", "-n", min=0, help="So many of the newest; 0: all, as --json does, or 10,000."
    ),
    as_json: bool = typer.Option(False, "--json", help="One JSON line an entry, as it stands in the log."),
) -> int:
    """Show the newest entries: one row an act. Nothing is verified; `ff-vfx audit verify` does that."""
    shown: Show = context.obj
    wish = door.AuditWish(verb, since, until, plate, about, user, machine)
    if as_json:
        for entry in door.audit_show(folder, wish, last=last) if last else door.audit_each(folder, wish):
            print(json.dumps(entry, sort_keys=True))
        return 0
    found = door.audit_show(folder, wish, last=last or door.MOST_AUDIT_SHOWN)
    ended = {entry["act"] for entry in found if entry["state"] == "ended"}
    rows = [_row(entry) for entry in found if entry["state"] != "begun" or entry["act"] not in ended]
    if rows:
        shown.table("", ("entry", "time, UTC", "who", "what", "with", "came to"), rows)
    else:
        shown.say("no such entry")
    return 0


@app.command()
def verify(
    context: typer.Context,
    folder: str = typer.Argument("", help="A log's folder; none: every log your acts go to.", show_default=False),
    receipt: list[str] = typer.Option(
        [], help="LOG:COUNT:HASH kept elsewhere earlier; the log must still hold that.", show_default=False
    ),
    known_keys: bool = typer.Option(False, "--known-keys", help="A key that no keyring here knows is wrong too."),
    as_json: bool = _JSON,
) -> int:
    """Say whether the log is whole and as it was written; if not, the first wrong line and what happened to it.

    Exit code 0: it is; 3: it is not; 2: there is none.
    """
    shown: Show = context.obj
    found = door.audit_verify(folder, receipt)
    if as_json:
        print(json.dumps(found, indent=1))
    else:
        for log in found:
            _verdict(shown, log)
    strange = known_keys and any(not key["known"] for log in found for key in _rows(log["keys"]))
    if strange and not as_json:
        shown.warn("entries are signed by keys that are not known here, and --known-keys was asked for")
    return 0 if all(log["sound"] for log in found) and not strange else _NOT_WHOLE


@app.command()
def begin(
    context: typer.Context,
    folder: str = _FOLDER,
    why: str = typer.Option(..., help="The reason; it stands in the new log's first entry.", show_default=False),
) -> int:
    """Put a log away, whole and readable, and begin a new one: where what was found wrong has been looked into."""
    shown: Show = context.obj
    told = door.audit_begin(why, folder)
    shown.say(f"the log before is kept in {told['closed']}")
    shown.say(f"{told['folder']} begins anew\n  receipt: {told['receipt']}")
    return 0


@app.command()
def where(context: typer.Context, as_json: bool = _JSON) -> int:
    """Say where acts are written down, how far each log goes, and a receipt to keep elsewhere."""
    shown: Show = context.obj
    found = door.audit_where()
    if as_json:
        print(json.dumps(found, indent=1))
        return 0
    for log in found:
        if log["kind"] != "fault":
            shown.say(f"{log['kind']}: {log['folder']}, {log['entries']} entries")
        if log["receipt"]:
            shown.say(f"  receipt: {log['receipt']}")
        if log["fault"]:
            shown.warn(f"  {log['fault']}")
    return 0


def _row(entry: Mapping[str, object]) -> list[object]:
    who = f"{entry['user']}, {entry['machine']}"
    time = str(entry["time"])[:19].replace("T", " ")
    return [entry["n"], *(_clean(text) for text in (time, who, entry["verb"], _with(entry), _came_to(entry)))]


def _with(entry: Mapping[str, object]) -> str:
    """What a person knows the act by."""
    inputs = entry["inputs"]
    assert isinstance(inputs, Mapping)  # the door has read it
    plate = inputs.get("plate", "")
    name = plate.get("path", "") if isinstance(plate, Mapping) else plate
    rest = [inputs[key] for key in ("performer", "record", "output", "key", "path", "kept") if inputs.get(key)]
    return "\n".join(str(part) for part in ([name] if name else []) + rest)


def _came_to(entry: Mapping[str, object]) -> str:
    """How it ended, its frames, and its first fault."""
    result = entry["result"]
    assert isinstance(result, Mapping)
    if entry["state"] == "begun":
        return "no end is known: under way, or killed"
    frames = result.get("frames")
    counts = ", ".join(f"{count} {name}" for name, count in frames.items()) if isinstance(frames, Mapping) else ""
    faults = result.get("faults")
    first = str(faults[0]) if isinstance(faults, Sequence) and faults else str(result.get("fault", ""))
    return "\n".join(part for part in (str(result.get("outcome", "")), counts, first) if part)


def _verdict(shown: Show, log: Mapping[str, object]) -> None:
    span = f", {str(log['first'])[:10]} to {str(log['last'])[:10]}" if log["first"] else ""
    state = "whole, and as it was written" if log["sound"] else "NOT AS IT WAS WRITTEN"
    shown.say(f"{log['folder']}: {state}; {log['entries']} entries, {log['files']} files{span}")
    for one in _rows(log["wrong"]):
        place = f"{one['file']} line {one['line']}: " if one["line"] else f"{one['file']}: " if one["file"] else ""
        shown.warn(_clean(f"  {one['kind']}: {place}{one['message']}"))
    for key in _rows(log["keys"]):
        known = "known here" if key["known"] else "not known here"
        shown.say(f"  {key['entries']} signed by {key['name']}, key {key['fingerprint']}, {known}")
    notes = log["notes"]
    for note in notes if isinstance(notes, Sequence) else ():
        shown.say(_clean(f"  note: {note}"))
    if log["receipt"]:
        shown.say(f"  receipt: {log['receipt']}")


def _clean(text: object) -> str:
    """Without what could steer a terminal: who wrote an entry may mean harm."""
    return "".join(one if one.isprintable() or one == "\n" else "?" for one in str(text))


def _rows(part: object) -> Sequence[Mapping[str, object]]:
    assert isinstance(part, Sequence)
    return part
