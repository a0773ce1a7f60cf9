"""What a file is, as plain data: plates, pictures, solves, models. Read by ff_vfx.door.public."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from ff_vfx.engine import read_manifest
from ff_vfx.errors import BadInput, UnknownColourSpace
from ff_vfx.plate import open_plate, sequence_path
from ff_vfx.plate.exr_header import PartHeader, read_header
from ff_vfx.plate.sequence import is_exr
from ff_vfx.track import load_solve, unused_keyframes
from ff_vfx.trust.manifest import ENDING as MANIFEST
from ff_vfx.types.engine import Level
from ff_vfx.types.window import Window

_MODELS = (".tflite", ".onnx", ".safetensors")
_PIXELS = ("uint", "half", "float")
_HOLES_SHOWN = 20


def look_at(path: str, *, plate_colour: str) -> dict[str, object]:
    """See ff_vfx.door.info."""
    place = Path(path)
    if place.suffix == ".json":
        return _json(place)
    if place.suffix in _MODELS:
        return _model(place.with_suffix(".json"))
    return _plate(path, plate_colour)


def _json(path: Path) -> dict[str, object]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}; check the path") from error
    except ValueError as error:
        raise BadInput(f"{path}: not JSON ({error}); nothing can be said of it") from error
    if isinstance(data, dict) and "sha256" in data and "runtime" in data:
        return _model(path)
    if path.name.endswith((MANIFEST, ".ffconsent.json")):
        raise BadInput(f"{path}: is for `ff-vfx verify`, which says what it is and whether it is intact")
    return _solve(path)


def _model(path: Path) -> dict[str, object]:
    manifest = read_manifest(path)
    tensors = {
        t.name: f"{list(t.shape)} {t.layout}, {_level(t.low)} to {_level(t.high)}"
        for t in (*manifest.inputs, *manifest.outputs)
    }
    return {
        "what": f"model {manifest.name}",
        "kind": manifest.kind,
        "licence": f"{manifest.licence}; use: {manifest.allowed_use}",
        "origin": manifest.origin,
        "file": f"{manifest.file}, sha256 {manifest.sha256}",
        "tensors": tensors,
        "notes": manifest.notes,
    }


def _level(value: Level) -> str:
    """One number, or one for each channel."""
    return ", ".join(f"{one:g}" for one in value) if isinstance(value, tuple) else f"{value:g}"


def _solve(path: Path) -> dict[str, object]:
    solve = load_solve(path)
    tracks: dict[str, object] = {}
    for track in solve.tracks:
        counts = Counter(track.status)
        counted = ", ".join(f"{count} {status}" for status, count in counts.items())
        tracks[track.name] = f"frames {track.numbers[0]}-{track.numbers[-1]}: {counted}"
    return {
        "what": "solve",
        "size": f"{solve.size[0]} x {solve.size[1]}",
        "colour space": solve.colour_space,
        "tracks": tracks or "none: no face was found",
        "cuts": list(solve.cuts) or "none",
        "exposure, stops": round(solve.exposure_stops, 3),
        "keyframes": f"{len(solve.keyframes)}, {len(unused_keyframes(solve))} of them without a track or frame",
        "plate key": solve.plate_key,
        "made with": dict(solve.made_with),
    }


def _plate(path: str, plate_colour: str) -> dict[str, object]:
    facts: dict[str, object] = {"what": "plate"}
    try:
        plate = open_plate(path, colour_space=plate_colour)
    except UnknownColourSpace as error:
        if plate_colour:
            raise
        facts |= {"colour space": str(error)}
        plate = open_plate(path, colour_space="data")
    else:
        facts |= {"colour space": plate.colour_space}
    files = _files(path)
    holes = [number for number in plate.numbers if files and number not in files]
    facts |= {
        "frames": f"{plate.numbers[0]}-{plate.numbers[-1]}, {len(plate.numbers) - len(holes)} files",
        "holes": (holes if len(holes) <= _HOLES_SHOWN else [*holes[:_HOLES_SHOWN], f"... {len(holes)} in all"])
        or "none",
        "rate": str(plate.rate),
        "size": f"{plate.size[0]} x {plate.size[1]}",
    }
    first = next(iter(files.values()), Path(path))
    if is_exr(first, str(first)):
        for part in read_header(first, str(first)):
            facts |= _part(part)
    return facts


def _files(path: str) -> dict[int, Path]:
    pattern = sequence_path(path)
    return pattern.found() if pattern.numbered else {}


def _part(part: PartHeader) -> dict[str, object]:
    """One EXR part; the name tells parts of one file apart."""
    prefix = f"part {part.name}: " if part.name else ""
    texts = {name: part.text(name) for name, (kind, _) in part.values.items() if kind == "string"}
    others = sorted(f"{name} ({kind})" for name, (kind, _) in part.values.items() if kind != "string")
    return {
        f"{prefix}data window": _window(part.data_window),
        f"{prefix}display window": _window(part.display_window),
        f"{prefix}channels": [f"{name} {_PIXELS[kind]}" for name, (kind, _, _) in part.channels.items()],
        f"{prefix}attributes": {name: _short(text) for name, text in texts.items()},
        f"{prefix}other attributes": ", ".join(others),
    }


def _window(window: Window) -> str:
    return f"({window.x0}, {window.y0}) - ({window.x1 - 1}, {window.y1 - 1}), {window.width} x {window.height}"


def _short(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:200]}... ({len(text)} characters)"
