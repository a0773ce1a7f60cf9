"""`ff-vfx consent`: whose face may be used for what. Records begun, signed, asked, withdrawn; keys believed."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from ff_vfx import door
from ff_vfx.apps.cli.show import Show
from ff_vfx.errors import BadInput

app = typer.Typer(no_args_is_help=True, help="Consent of performers: signed records, and whose keys are believed.")
_REFUSED = 2
_RECORD = typer.Argument(help="The record, *.ffconsent.json.", show_default=False)
_KEY = typer.Option(..., "--key", help="Your private key's file.", show_default=False)
_ASK = typer.Option(False, "--passphrase", help="Ask for the key's passphrase.")
_PASSPHRASE_FILE = typer.Option("", help="Read the key's passphrase from this file instead.", show_default=False)
_JSON = typer.Option(False, "--json", help="Print JSON.")


@app.command()
def new(
    context: typer.Context,
    performer: str = typer.Option("", help="Folder of his stills, or one still.", show_default=False),
    output: str = typer.Option("", "--output", "-o", help="Where to; *.ffconsent.json.", show_default=False),
    model: list[str] = typer.Option([], "--model", help="Manifest of a model made of him.", show_default=False),
    evidence: list[str] = typer.Option([], "--evidence", help="A paper; its hash is kept.", show_default=False),
    fields: str = typer.Option("", help="Filled-in fields, JSON; options win.", show_default=False),
    template: str = typer.Option("", help="Write empty fields here, and nothing else.", show_default=False),
    kind: str = typer.Option("", help="performer (default), synthetic or public-domain.", show_default=False),
    subject: str = typer.Option("", help="Whose face it is.", show_default=False),
    grantor: str = typer.Option("", help="Who gives the permission.", show_default=False),
    authority: str = typer.Option(
        "", help="self, guardian, agent, estate, rights-holder, maker, none-needed.", show_default=False
    ),
    contact: str = typer.Option("", help="Where the grantor can be reached.", show_default=False),
    replica: str = typer.Option(
        "", help="employment-based, independently-created, alteration, synthetic, archive.", show_default=False
    ),
    description: str = typer.Option("", help="The use, in plain and specific words.", show_default=False),
    project: list[str] = typer.Option([], "--project", help="May be repeated.", show_default=False),
    shot: list[str] = typer.Option([], "--shot", help="May be repeated; sh010* for many.", show_default=False),
    use: list[str] = typer.Option([], "--use", help="May be repeated: theatrical, trailer.", show_default=False),
    territory: list[str] = typer.Option([], "--territory", help="May be repeated; worldwide.", show_default=False),
    valid_from: str = typer.Option("", "--from", help="First day, 2026-11-21.", show_default=False),
    valid_until: str = typer.Option("", "--until", help="Last day; none: no end agreed.", show_default=False),
    training: bool | None = typer.Option(None, help="Whether a model may be trained on him.", show_default=False),
    training_scope: str = typer.Option("", help="Which models, for what.", show_default=False),
    retention: str = typer.Option("", help="How long pictures and models are kept.", show_default=False),
    sensitive: list[str] = typer.Option(
        [], "--sensitive", help="Sensitive content he agreed to: nudity, violence...", show_default=False
    ),
    compensation: str = typer.Option("", help="Reference of the agreement on pay.", show_default=False),
    post_mortem: str = typer.Option("", help="not-allowed, estate-decides, allowed.", show_default=False),
    revocation: str = typer.Option("", help="How it may be withdrawn.", show_default=False),
) -> int:
    """Begin a record: his pictures by content, and what was agreed. It counts once it is signed."""
    show: Show = context.obj
    if template:
        Path(template).write_text(json.dumps(door.consent_template(), indent=2) + "\n", encoding="utf-8")
        show.say(f"{template}: fill it in, then `ff-vfx consent new --fields {template} --performer DIR -o ...`")
        return 0
    if not output or not (performer or model):
        raise BadInput("consent new: give --performer DIR (or --model MANIFEST) and -o NAME.ffconsent.json")
    given: dict[str, object] = {
        "kind": kind, "subject": subject, "replica": replica, "description": description, "valid_from": valid_from,
        "valid_until": valid_until, "retention": retention, "compensation": compensation, "post_mortem": post_mortem,
    }  # fmt: skip
    data = door.read_fields(fields) if fields else door.consent_template()
    data |= {name: value for name, value in given.items() if value}
    parts: dict[str, dict[str, object]] = {
        "grantor": {"name": grantor, "authority": authority, "contact": contact},
        "scope": {"projects": project, "shots": shot, "uses": use, "territories": territory},
        "training": {"allowed": training, "scope": training_scope},
        "revocation": {"terms": revocation},
    }
    for name, values in parts.items():
        old = data.get(name)
        found = {key: value for key, value in values.items() if value not in ("", [], None)}
        data[name] = {**(old if isinstance(old, dict) else {}), **found}
    if sensitive:
        data["sensitive_allowed"] = sensitive
    made = door.consent_new(performer, output, data, models=model, evidence=evidence)
    likeness = made["likeness"]
    count = len(likeness) if isinstance(likeness, list) else 0
    show.say(f"{output}: {made['id']}, {count} pictures and models; sign it: `ff-vfx consent sign {output} --key KEY`")
    return 0


@app.command()
def sign(
    context: typer.Context,
    record: str = _RECORD,
    key: str = _KEY,
    passphrase: bool = _ASK,
    passphrase_file: str = _PASSPHRASE_FILE,
) -> int:
    """Sign a record: you say that what it says was agreed."""
    show: Show = context.obj
    data = door.consent_sign(record, key, _secret(passphrase, passphrase_file))
    show.say(f"{record}: signed; {data['subject']}, {data['id']}. Look at it with `ff-vfx consent show {record}`.")
    return 0


@app.command()
def verify(
    context: typer.Context,
    record: str = _RECORD,
    performer: str = typer.Option("", help="Stills that must all be listed.", show_default=False),
    project: str = typer.Option("", help="For this project?", show_default=False),
    shot: str = typer.Option("", help="For this shot?", show_default=False),
    use: str = typer.Option("", help="For this use?", show_default=False),
    territory: str = typer.Option("", help="For this territory?", show_default=False),
    on: str = typer.Option("", help="On this day; empty: today.", show_default=False),
    as_json: bool = _JSON,
) -> int:
    """Whether a record holds, and covers a use where one is named. Leaves with 2 where it does not."""
    show: Show = context.obj
    scope = {"project": project, "shot": shot, "use": use, "territory": territory}
    told = door.consent_verify(record, performer=performer, scope=scope if any(scope.values()) else None, on=on)
    if as_json:
        print(json.dumps({name: value for name, value in told.items() if name != "record"}, indent=1))
    elif told["cleared"]:
        show.say(
            f"{record}: valid; {told['performer']}, {told['kind']}, vouched for by {told['signer']} ({told['key']})"
        )
    else:
        show.warn(f"{record}: NOT VALID: {told['why_not']}; {told['remedy']}")
    return 0 if told["cleared"] else _REFUSED


@app.command()
def revoke(
    context: typer.Context,
    record: str = _RECORD,
    key: str = _KEY,
    on: str = typer.Option("", help="First day it no longer holds; empty: today.", show_default=False),
    reason: str = typer.Option("", help="Why, for those who meet it.", show_default=False),
    folder: str = typer.Option("", help="Where the notice goes; empty: beside the record.", show_default=False),
    passphrase: bool = _ASK,
    passphrase_file: str = _PASSPHRASE_FILE,
) -> int:
    """Withdraw a consent: a signed notice that stops every copy of the record wherever the notice is found."""
    show: Show = context.obj
    secret = _secret(passphrase, passphrase_file)
    notice = door.consent_revoke(record, key, on=on, reason=reason, folder=folder, passphrase=secret)
    show.say(f"{notice}: written. Put copies where records are kept: beside the stills, and in the site's folder.")
    return 0


@app.command()
def show(context: typer.Context, record: str = _RECORD, as_json: bool = _JSON) -> int:
    """One page on what was agreed, who vouches for it, and whether it holds today."""
    page: Show = context.obj
    told = door.consent_show(record)
    if as_json:
        print(json.dumps(told, indent=1))
        return 0
    page.table(record, ("", ""), _page(told))
    if not told["holds"]:
        page.warn(f"NOT VALID today: {told['why_not']}")
    return 0


@app.command()
def keygen(
    context: typer.Context,
    path: str = typer.Argument(help="File of the private key to make.", show_default=False),
    name: str = typer.Option(..., help="The name it signs under.", show_default=False),
    passphrase: bool = _ASK,
    passphrase_file: str = _PASSPHRASE_FILE,
) -> int:
    """Make a key pair for a rights manager: a private key to keep, a public one to hand out."""
    show: Show = context.obj
    made = door.consent_keygen(path, name, _secret(passphrase, passphrase_file))
    show.say(
        f"private key: {made['private']} (keep it to yourself)\n"
        f"public key:  {made['public']} (hand it to those who should believe it)\n"
        f"fingerprint: {made['key']} (tell it them by another way, so that they can compare)"
    )
    return 0


@app.command()
def trust(
    context: typer.Context,
    key: str = typer.Argument(help="A public key's file, *.ffkey.json.", show_default=False),
    role: str = typer.Option(..., help="rights: may grant faces; label: may sign labels.", show_default=False),
) -> int:
    """Believe a key from now on. For rights: faces it signs for are used unmarked; be sure whose it is."""
    show: Show = context.obj
    told = door.consent_trust(key, role)
    meaning = {
        "rights": "records of consent that it signed are believed on this account: those faces are used unmarked",
        "label": "labels and manifests that it signed are believed on this account",
    }[role]
    show.say(f"{told['name']} ({told['key']}): {meaning}. Compare the fingerprint with its owner. It lies in")
    show.say(f"{told['place']}; remove that file to take it back.")
    return 0


@app.command()
def keys(context: typer.Context, as_json: bool = _JSON) -> int:
    """Whose keys are believed on this account."""
    show: Show = context.obj
    rows = door.consent_keys()
    if as_json:
        print(json.dumps(rows, indent=1))
        return 0
    columns = ("name", "fingerprint", "role", "place")
    good = [[row["name"], row["key"], row["role"], row["place"]] for row in rows if not row["fault"]]
    show.table("keys that are believed", columns, good)
    for row in rows:
        if row["fault"]:
            show.warn(f"not believed: {row['fault']}")
    return 0


@app.command()
def schema(context: typer.Context) -> int:
    """Print the JSON schema of a record."""
    print(json.dumps(door.consent_schema(), indent=1))
    return 0


def _secret(ask: bool, file: str) -> str:
    if file:
        return Path(file).read_text(encoding="utf-8").strip("\r\n")
    return str(typer.prompt("Passphrase", hide_input=True)) if ask else ""


def _page(told: dict[str, object]) -> list[tuple[str, str]]:
    """Rows of the page, in the order a person asks."""
    record = told["record"]
    assert isinstance(record, dict)
    grantor, scope, training, revocation = (record[name] for name in ("grantor", "scope", "training", "revocation"))
    signers = told["signers"]
    assert isinstance(signers, list)
    signed = [f"{one['name']} ({one['key']}), {', '.join(one['trusted_for']) or 'NOT KNOWN HERE'}" for one in signers]
    models = [one["name"] for one in record["likeness"] if one["kind"] == "model"]
    allowed = "allowed" if training["allowed"] else "not allowed"
    return [
        ("holds today", "yes" if told["holds"] else f"NO: {told['why_not']}"),
        ("whose face", f"{record['subject']} ({record['kind']})"),
        ("granted by", ", ".join(one for one in (grantor["name"], grantor["authority"], grantor["contact"]) if one)),
        ("for", record["description"]),
        ("replica", record["replica"]),
        ("projects", ", ".join(scope["projects"])),
        ("shots", ", ".join(scope["shots"])),
        ("uses", ", ".join(scope["uses"])),
        ("territories", ", ".join(scope["territories"])),
        ("from, until", f"{record['valid_from']}, {record['valid_until'] or 'no end agreed'}"),
        ("training", ": ".join(one for one in (allowed, training["scope"]) if one)),
        ("sensitive content", ", ".join(record["sensitive_allowed"]) or "none agreed to"),
        ("kept", record["retention"] or "not said"),
        ("pay", record["compensation"] or "not said"),
        ("after death", record["post_mortem"]),
        ("withdrawal", revocation["terms"] or "not said"),
        ("papers", ", ".join(f"{one['name']} {one['sha256'][:16]}..." for one in record["evidence"]) or "none"),
        ("pictures", f"{len(record['likeness']) - len(models)}"),
        ("models", ", ".join(models) or "none"),
        ("signed by", "\n".join(signed) or "NOBODY"),
        ("id", record["id"]),
        ("sha256", str(told["sha256"])),
    ]
