"""From measures to findings: which limit holds for what, and how a fault is said to an artist. Read by the door.

One table. A check may have several measures; it fails when one of them leaves its limits, with exactly those frames.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ff_vfx.qc.limits import Limit, Limits
from ff_vfx.qc.measures.over_time import beside_usual, flicker, lasting, least_beside, pops
from ff_vfx.qc.watch import Measured
from ff_vfx.types.finding import Finding
from ff_vfx.types.frame_ranges import said_ranges
from ff_vfx.types.qc_report import Curve

Values = Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Rule:
    """One measure. check: whose. key: its name for machines. words, unit: for people. least, most: names of limits.

    wrong: what it means when it is out of them, and what to do.
    """

    check: str
    key: str
    words: str
    unit: str
    wrong: str
    least: str = ""
    most: str = ""

    def bounds(self, limits: Limits) -> tuple[Limit, Limit]:
        """The limits, least and most; None: there is none."""
        return getattr(limits, self.least or "-", None), getattr(limits, self.most or "-", None)


_STEADY = "raise steadying there (steady.window, steady.weights), or render these frames again"
_ONE = "give the frame no weight (steady.weights) or render it again, and look at what was done to it since"
RULES = (
    Rule("negatives", "negatives", "pixels below black that the plate has not", "px",
         "darker than black where the plate is not; look for a grade or a sharpen after the render",
         most="negatives_px"),
    Rule("negatives", "negative-depth", "how far below black", "of white",
         "far darker than black where the plate is not; look for a grade or a sharpen after the render",
         most="negatives_depth"),
    Rule("matte-cut", "cut", "straight cut side of the matte", "part of a side",
         "the matte ends in a straight line: a window cut it off; widen the crop or the artist's matte",
         most="cut_most"),
    Rule("flicker", "flicker-tone", "tone that flickers", "stops",
         f"the whole face flickers; {_STEADY}", most="tone_stops"),
    Rule("flicker", "flicker-patch", "places that flicker", "stops",
         f"part of the face flickers (eyes, mouth, an edge); {_STEADY}", most="patch_stops"),
    Rule("pop", "pop-tone", "tone that pops", "stops",
         f"the face changes tone on one frame alone; {_ONE}", most="tone_stops"),
    Rule("pop", "pop-patch", "places that pop", "stops",
         f"part of the face is another on one frame alone; {_ONE}", most="patch_stops"),
    Rule("slip", "slip", "face off its head", "px",
         "the face sits beside where the head is, on these frames alone; look at the track there, set a keyframe",
         most="slip_px"),
    Rule("colour-jump", "jump", "tone that jumps and stays", "stops",
         "from this frame on the face has another tone; look for a change of light, of settings or of version there",
         most="jump_stops"),
    Rule("steadiness", "warp", "E_warp along the plate's motion", "× the plate's",
         "the face does not lie on the plate's motion as the plate does: low is smeared or frozen, high restless; "
         "look at the flow's quality and at steady.window", least="warp_least", most="warp_most"),
    Rule("sharpness", "sharpness", "detail of the face", "× the plate's",
         "the face is not as sharp as the plate; look at composite.focus and composite.grain, and at filters after it",
         least="sharpness_least", most="sharpness_most"),
    Rule("smear", "softest", "finest detail where the face is softest", "× the plate's",
         "part of the face is smeared, softer than the plate is there; look for a blur or a denoise over part of it",
         least="softest_least"),
    Rule("smear", "softest-usual", "that place", "× what is usual around the frame",
         "part of the face is softer than on the frames around; look for a blur or a denoise over part of it",
         least="softest_usual"),
    Rule("track", "track", "landmarks off the plate's motion", "eye distances",
         "the track jumps where the plate does not; set a keyframe there, or track again", most="track_eyes"),
    Rule("identity", "identity", "likeness to the performer", "cosine",
         "it does not look like the performer; look at the stills, at enhance.strength and at occlusion",
         least="identity_least"),
    Rule("previous", "ssim", "SSIM to the previous version", "", "differs from the previous version",
         least="ssim_least"),
    Rule("previous", "flip", "FLIP to the previous version", "", "differs from the previous version",
         most="flip_most"),
)  # fmt: skip
_SMALLEST = ("softest", "softest-usual", "sharpness")  # of several faces, the one that is worst has the least of these


def over_time(faces: Sequence[Measured]) -> dict[str, dict[int, float]]:
    """All measures of a shot by key and frame; of several faces the worst of each frame."""
    every = [dict(_derived(face)) for face in faces]
    found: dict[str, dict[int, float]] = {}
    for values in every:
        for key, row in values.items():
            worst: Callable[[float, float], float] = min if key in _SMALLEST else _farther if key == "warp" else max
            kept = found.setdefault(key, {})
            for n, value in row.items():
                kept[n] = worst(kept[n], value) if n in kept else value
    return {key: dict(sorted(row.items())) for key, row in found.items()}


def curves_of(values: Mapping[str, Values], limits: Limits) -> tuple[Curve, ...]:
    """What is drawn, in the order of RULES; measures without a value have none."""
    rows = [(rule, values[rule.key]) for rule in RULES if values.get(rule.key)]
    return tuple(Curve(rule.check, rule.words, rule.unit, dict(row), *rule.bounds(limits)) for rule, row in rows)


def findings_of(values: Mapping[str, Values], limits: Limits, missing: Mapping[str, str]) -> list[Finding]:
    """One finding a check, in the order of RULES. missing: check -> why there is no value of it."""
    return [_finding(check, values, limits, missing.get(check, "")) for check in dict.fromkeys(r.check for r in RULES)]


def _derived(face: Measured) -> Iterator[tuple[str, dict[int, float]]]:
    values = face.values
    for key in ("tone", "patch"):
        yield f"flicker-{key}", flicker(values.get(key, {}))
        yield f"pop-{key}", pops(values.get(key, {}))
    yield "jump", lasting(face.tones)
    yield "softest-usual", beside_usual(values.get("softest", {}))
    yield "warp", least_beside(values.get("warp", {}))
    for key in values.keys() - {"tone", "patch", "warp"}:
        yield key, dict(values[key])


def _farther(one: float, other: float) -> float:
    """Whichever is farther from 1."""
    return max(one, other, key=lambda value: abs(value - 1.0))


def _finding(check: str, values: Mapping[str, Values], limits: Limits, missing: str) -> Finding:
    rules = [rule for rule in RULES if rule.check == check and values.get(rule.key)]
    if not rules:
        return Finding(check, "skipped", missing or "nothing could be measured: too few frames beside each other")
    told: dict[str, dict[str, float | None]] = {}
    wrong: dict[int, None] = {}
    parts: list[tuple[list[int], str]] = []
    for rule in rules:
        row, (least, most) = values[rule.key], rule.bounds(limits)
        out = [n for n, value in row.items() if _outside(value, least, most)]
        at = max(row, key=lambda n: _excess(row[n], least, most, lower=bool(rule.least)))
        told[rule.key] = {"worst": row[at], "frame": at, "least": least, "most": most}
        wrong |= dict.fromkeys(out)
        if out:
            worst = f"{rule.words} {row[at]:.3g} {rule.unit}".strip()
            parts.append((out, f"{rule.wrong} ({worst} at {at}, {_said(row[at], least, most)})"))
    if parts:
        # Each measure's own frames, where they are not all the same.
        texts = [text if len(out) == len(wrong) else f"{said_ranges(out)}: {text}" for out, text in parts]
        return Finding(check, "failed", "; ".join(texts), tuple(sorted(wrong)), values=told)
    kept = "; ".join(f"{rule.words}: {_kept(told[rule.key])}" for rule in rules)
    return Finding(check, "passed", kept, values=told)


def _kept(told: Mapping[str, float | None]) -> str:
    """'0.003 at 1004 of 0.01': the frame that comes nearest to a limit, and that limit."""
    least, most, worst = told["least"], told["most"], told["worst"] or 0.0
    nearer = least if most is None or (least is not None and abs(worst - least) < abs(most - worst)) else most
    return f"{worst:.3g} at {told['frame']:.0f}" + ("" if nearer is None else f", limit {nearer:.3g}")


def _outside(value: float, least: Limit, most: Limit) -> bool:
    return (least is not None and value < least) or (most is not None and value > most)


def _excess(value: float, least: Limit, most: Limit, *, lower: bool) -> float:
    """How far out, or how near to being so. lower: what is less is worse where there is no limit."""
    sides = [least - value] if least is not None else []
    sides += [value - most] if most is not None else []
    return max(sides, default=-value if lower else value)


def _said(value: float, least: Limit, most: Limit) -> str:
    return f"at least {least:.3g} asked" if least is not None and value < least else f"at most {most:.3g} allowed"
