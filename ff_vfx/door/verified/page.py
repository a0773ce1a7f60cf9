"""The page `ff-vfx verify` shows: what was done to whom, by what, with whose consent. Read by verifying."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from ff_vfx.trust.keyring import load_keyring
from ff_vfx.trust.known import known_as
from ff_vfx.trust.label import label_of
from ff_vfx.types.clearance import Clearance
from ff_vfx.types.frame_ranges import said_ranges
from ff_vfx.types.manifest import Manifest, Origin

Page = tuple[tuple[str, tuple[str, ...]], ...]


def page_of(manifest: Manifest, numbers: Sequence[int], today: Sequence[Clearance]) -> tuple[str, Page]:
    """What it is in a line, and the page: headings with their lines. numbers: the frames that are spoken of."""
    origins = _in_order(manifest.origin_of(number) for number in numbers)
    lines = {
        "what": _done(manifest, numbers),
        "to whom": _performers(today),
        "of": _once(_plate(one) for one in origins),
        "by": _once(line for one in origins for line in _tools(one)),
        "settings": _once(_settings(one) for one in origins),
        "for": _once(_purpose(one) for one in origins),
        "signed by": _signed(manifest),
        "written": _written(manifest, numbers),
    }
    what = f"{manifest.kind} {manifest.pattern}"
    if manifest.kind == "sequence" and len(numbers) == 1 and len(manifest.frames) > 1:
        what = f"frame {numbers[0]} of {what}"
    return what, tuple((heading, told) for heading, told in lines.items() if told)


def _done(manifest: Manifest, numbers: Sequence[int]) -> tuple[str, ...]:
    done: dict[str, list[int]] = {}
    hidden = {name: label_of(origin, "").hidden for name, origin in manifest.origins.items()}
    for number in numbers:
        record = manifest.frames[number]
        word = "faces were covered" if hidden[record.origin] else "a face was replaced (AI-manipulated)"
        done.setdefault("the plate, unchanged" if record.outcome == "passed" else word, []).append(number)
    return tuple(
        f"{word}: {len(those)} frame{'s' * (len(those) > 1)}, {said_ranges(those)}" for word, those in done.items()
    )


def _performers(today: Sequence[Clearance]) -> tuple[str, ...]:
    told = []
    for one in today:
        standing = "consent holds" if one.cleared else f"NO CONSENT: {one.why_not}"
        record = f", record {one.record_id} ({one.kind}), signed by {one.signer} ({one.key})" if one.record_id else ""
        told.append(f"{one.performer}: {standing}{record}")
        told += [f"  {restriction}" for restriction in one.restrictions]
    return tuple(told)


def _plate(origin: Origin) -> str:
    plate = origin.plate
    size = plate.get("size")
    shape = f", {size[0]}x{size[1]}" if isinstance(size, list | tuple) and len(size) == 2 else ""
    solve = f"; solve {origin.solve.file} {_short(origin.solve.sha256)}" if origin.solve.sha256 else ""
    return f"plate {plate.get('pattern', '')}, {plate.get('colour_space', '')}{shape}{solve}"


def _tools(origin: Origin) -> Iterable[str]:
    yield origin.tool
    for model in origin.models:
        row = {name: model.get(name, "") for name in ("name", "kind", "licence", "allowed_use", "sha256")}
        use = f"{row['licence']}, for {row['allowed_use']} use"
        yield f"model {row['name']} ({row['kind']}): {use}, {_short(row['sha256'])}"


def _settings(origin: Origin) -> str:
    return f"preset {origin.settings.get('preset', '')}; all of them are in the manifest"


def _purpose(origin: Origin) -> str:
    named = ((name, origin.job.get(name)) for name in ("project", "shot", "use", "territory"))
    return ", ".join(f"{name} {value}" for name, value in named if value)


def _signed(manifest: Manifest) -> tuple[str, ...]:
    keyring = load_keyring()
    keys = {one.public: (one.name, one.key) for one in manifest.signatures}
    keys |= {run.public: (run.name, run.key) for run in manifest.runs.values()}
    return tuple(
        f"{name} ({key}): {known_as(public, keyring) or 'NOT KNOWN HERE'}" for public, (name, key) in keys.items()
    )


def _written(manifest: Manifest, numbers: Sequence[int]) -> tuple[str, ...]:
    told = []
    for name, run in manifest.runs.items():
        at = sorted(manifest.frames[number].at for number in numbers if manifest.frames[number].run == name)
        if at:
            when = at[0] if at[0] == at[-1] else f"{at[0]} to {at[-1]}"
            told.append(f"{len(at)} frame{'s' * (len(at) > 1)} on {run.machine} ({run.system}), {when}")
    return (*told[:6], *((f"and by {len(told) - 6} more runs",) if len(told) > 6 else ()), Path(manifest.path).name)


def _in_order(origins: Iterable[Origin]) -> list[Origin]:
    return list({id(one): one for one in origins}.values())


def _once(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line for line in lines if line))


def _short(sha256: str) -> str:
    return f"sha256 {sha256[:16]}..." if sha256 else ""
