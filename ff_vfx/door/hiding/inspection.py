"""The list a person goes through before anonymised frames leave the house. Read by anonymising.

Every track and every detection: what saw it, how surely, what became of it and why; first what is easiest to have got
wrong. JSON for machines, CSV for tables; inspection_sheet has the pictures.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ff_vfx.door.hiding.clearing import Clearing
from ff_vfx.plate.atomic import write_atomically
from ff_vfx.track.sweep import Sighting, Sweep
from ff_vfx.types.heads import Head, HeadTrack
from ff_vfx.types.window import Window

FORMAT = "ff-vfx inspection 1"
_HELD_LONG = 3  # frames in a row that nothing saw
_UNSURE = 0.15  # above the least score: a track that never was surer


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Who is covered where. tracks: all; released: track name -> who said that it is no face."""

    tracks: tuple[HeadTrack, ...]
    clearing: Clearing
    released: Mapping[str, str]
    method: str

    def why_open(self, track: HeadTrack, number: int) -> str:
        """Why a track is not covered on a frame; '' where it is."""
        if track.name in self.released:
            return f"no face, says {self.released[track.name]}"
        one = self.clearing.tracks.get(track.name)
        if one is None or one.why_not(number):
            return ""
        return f"cleared by {one.clearance.record_id}"

    def covered(self, number: int) -> list[tuple[HeadTrack, Head]]:
        """Every head that is covered on a frame, in the tracks' order."""
        there = [(track, track.heads[number]) for track in self.tracks if number in track.heads]
        return [(track, head) for track, head in there if not self.why_open(track, number)]

    def outcome(self, track: HeadTrack) -> str:
        """'covered', 'cleared', 'cleared in part' or 'released'."""
        if track.name in self.released:
            return "released"
        if track.name not in self.clearing.tracks:
            return "covered"
        return "cleared in part" if any(not self.why_open(track, n) for n in track.heads) else "cleared"


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """What the list is of. numbers: the plate's frames; cuts: those that begin a take; size: display window."""

    plate: str
    numbers: Sequence[int]
    cuts: Sequence[int]
    display: Window
    least: float


def inspection(plan: Plan, sweep: Sweep, shot: Shot) -> dict[str, object]:
    """The list as plain data. `told_of_frames`, which a run adds, says how single frames were covered."""
    tracks = [_track(plan, track) for track in plan.tracks]
    return {
        "format": FORMAT,
        "plate": shot.plate,
        "method": plan.method,
        "frames": len(shot.numbers),
        "look_first": look_first(plan, sweep, shot),
        "not_cleared": list(plan.clearing.refused),
        "tracks": tracks,
        "passed_over": _passed_over(plan, sweep),
    }


def look_first(plan: Plan, sweep: Sweep, shot: Shot) -> list[dict[str, object]]:
    """What a person looks at first: the likeliest places for a face that is open, the worst first."""
    found: list[tuple[int, str, list[int], str]] = []
    if sweep.faults:
        found.append((0, "", sorted(sweep.faults), "nobody could look at these frames; they are not written"))
    for track in plan.tracks:
        name, outcome = track.name, plan.outcome(track)
        if outcome == "released":
            found.append((1, name, _ends(track), f"not covered: {plan.released[name]} says it is no face"))
            continue
        if outcome == "cleared in part":
            covered = [n for n in sorted(track.heads) if not plan.why_open(track, n)]
            found.append((2, name, covered, "cleared, but covered where a recogniser does not know him"))
        if outcome == "cleared":
            if plan.clearing.tracks[name].scores is None:
                found.append((2, name, _ends(track), "cleared by choice alone: is it he on every one of these frames?"))
            continue
        for first, last in track.gaps:
            found.append((1, name, [first, last], "a gap too long to be held: open in its middle"))
        found += [(order, name, frames, why) for order, frames, why in _doubts(track, shot)]
    found.sort(key=lambda one: (one[0], one[1], one[2]))
    told: dict[str, dict[str, object]] = {}
    for k, (_, name, frames, why) in enumerate(found):
        where = f"{frames[0]}-{frames[-1]}" if len(frames) > 1 else f"{frames[0]}" if frames else ""
        line = f"{where}: {why}"
        if name and name in told:
            told[name]["why"] = f"{told[name]['why']}; {line}"
        else:
            told[name or f"frames {k}"] = {"track": name, "frames": frames, "why": line}
    return list(told.values())


def as_csv(listed: Mapping[str, object]) -> str:
    """One line a detection."""
    text = io.StringIO()
    columns = ["track", "kind", "outcome", "number", "state", "confidence", "covered", "why", "x", "y", "radius"]
    table = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    table.writeheader()
    for track in listed["tracks"]:  # type: ignore[attr-defined]
        for one in track["detections"]:
            row = {"track": track["name"], "kind": track["kind"], "outcome": track["outcome"], **one}
            table.writerow({name: _harmless(value) for name, value in row.items()})
    return text.getvalue()


def write_list(listed: Mapping[str, object], path: Path) -> None:
    """The list as JSON, or as CSV where the name ends so. WriteRefused: the disk says no."""
    text = as_csv(listed) if path.suffix.lower() == ".csv" else json.dumps(listed, indent=1) + "\n"

    def write(hidden: Path) -> None:
        hidden.write_text(text, encoding="utf-8")

    write_atomically(path, write)


def _track(plan: Plan, track: HeadTrack) -> dict[str, object]:
    one = plan.clearing.tracks.get(track.name)
    seen = [head.confidence for head in track.heads.values() if head.state == "seen"]
    told: dict[str, object] = {"name": track.name, "kind": track.kind, "outcome": plan.outcome(track)}
    if one is not None:
        told |= {"choice": one.choice, "consent": one.clearance.record_id, "performer": one.clearance.performer}
        told |= {"known_by": "a recogniser" if one.scores else "choice alone"}
    return told | {
        "first": min(track.heads, default=None),
        "last": max(track.heads, default=None),
        "seen": len(track.seen()),
        "confidence": {"least": round(min(seen, default=0.0), 3), "most": round(max(seen, default=0.0), 3)},
        "gaps": [list(gap) for gap in track.gaps],
        "detections": [_detection(plan, track, number) for number in sorted(track.heads)],
    }


def _detection(plan: Plan, track: HeadTrack, number: int) -> dict[str, object]:
    head, why = track.heads[number], plan.why_open(track, number)
    x0, y0, x1, y1 = head.corners(0.0)
    one = plan.clearing.tracks.get(track.name)
    return {
        "number": number,
        "state": head.state,
        "confidence": round(head.confidence, 3),
        "covered": not why,
        "why": why or (one.why_not(number) if one else "") or "no consent on file",
        "x": round(float(x0 + x1) / 2.0, 1),
        "y": round(float(y0 + y1) / 2.0, 1),
        "radius": round(float(max(x1 - x0, y1 - y0)) / 2.0, 1),
    }


def _doubts(track: HeadTrack, shot: Shot) -> list[tuple[int, list[int], str]]:
    """What may be wrong with a covered track: (order, frames, why)."""
    seen = track.seen()
    found: list[tuple[int, list[int], str]] = []
    if track.kind == "hand":
        return found
    if len(seen) == 1:
        found.append((3, seen, "seen on one frame alone: a mistake, or somebody who is there for longer"))
    for first, last in _runs([n for n in sorted(track.heads) if track.heads[n].state == "held"], shot.numbers):
        if last - first + 1 > _HELD_LONG:
            found.append((4, [first, last], "covered where it must be; nothing saw it"))
    most = max((track.heads[n].confidence for n in seen), default=0.0)
    if most < shot.least + _UNSURE:
        found.append((5, _ends(track), f"never surer than {most:.2f}: a mistake, or a face that is hard to see"))
    for number, word in ((seen[0], "begins"), (seen[-1], "ends")) if seen else ():
        if _inside(track, number, word, shot):
            found.append((6, [number], f"{word} in mid-picture: is somebody still there?"))
    return found


def _inside(track: HeadTrack, number: int, word: str, shot: Shot) -> bool:
    """Whether a track begins or ends where nobody comes or goes: neither at a cut, the shot's end nor the rim."""
    edge = shot.numbers[0] if word == "begins" else shot.numbers[-1]
    beside = number if word == "begins" else number + 1
    if number == edge or beside in shot.cuts:
        return False
    x0, y0, x1, y1 = track.heads[number].corners(0.0)
    return bool(x0 > shot.display.x0 and y0 > shot.display.y0 and x1 < shot.display.x1 and y1 < shot.display.y1)


def _passed_over(plan: Plan, sweep: Sweep) -> list[dict[str, object]]:
    """Boxes too weak to count, with no strong one beside them, that nothing covers."""
    found = []
    for number, seen in sorted(sweep.sightings.items()):
        heads = [track.heads[number] for track in plan.tracks if number in track.heads]
        found += [_weak(number, one) for one in seen if not one.strong and not _within(one, heads, sweep.aspect)]
    return found


def _weak(number: int, one: Sighting) -> dict[str, object]:
    return {"number": number, "x": one.x, "y": one.y, "side": one.side, "confidence": one.score}


def _within(one: Sighting, heads: Sequence[Head], aspect: float) -> bool:
    middle = np.array([[one.x / aspect, one.y]])
    return any(float(head.radius_at(middle)[0]) <= 1.0 for head in heads)


def _ends(track: HeadTrack) -> list[int]:
    return [min(track.heads), max(track.heads)] if track.heads else []


def _runs(frames: Sequence[int], numbers: Sequence[int]) -> list[tuple[int, int]]:
    place = {number: k for k, number in enumerate(numbers)}
    runs: list[tuple[int, int]] = []
    for number in frames:
        if runs and place[number] == place[runs[-1][1]] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


def _harmless(value: object) -> object:
    """Text that a table does not take for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@") else value
