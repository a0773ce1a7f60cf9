"""Writes the page of a QC report: which frames it shows, and the file, whole or not at all. Read by the door."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from ff_vfx.door.folders import make_folder
from ff_vfx.door.qc.inputs import open_inputs
from ff_vfx.door.qc.pictures import Pictures
from ff_vfx.errors import BadInput
from ff_vfx.plate.atomic import write_atomically
from ff_vfx.qc.page.document import WORDS, FrameShown, Pair, page
from ff_vfx.types.qc_report import Curve, QcReport
from ff_vfx.types.report import ProgressCall

_FRAMES, _CLEAN_FRAMES, _PAIRS = 8, 3, 8
_DRAWN = ("flicker", "pop", "slip", "colour-jump", "steadiness", "sharpness", "smear")


def write_page(report: QcReport, path: str, progress: ProgressCall) -> None:
    """See ff_vfx.door.write_qc_page."""
    target = Path(path)
    if target.suffix.lower() not in (".html", ".htm"):
        raise BadInput(f"report {path}: is no page; give it a name that ends in .html")
    make_folder(target.parent)
    frames: list[FrameShown] = []
    pairs: list[Pair] = []
    if not report.faults and report.numbers:
        pictures = Pictures(open_inputs(report.job), float(str(report.facts.get("gain") or 0.0)))
        chosen = frames_to_show(report)
        numbers = _spread([n for n, _, _ in chosen], report.numbers) if report.job.previous else []
        total = len(chosen) + len(numbers)
        for done, (number, why, checks) in enumerate(chosen, 1):
            frames += [shown] if (shown := pictures.frame(number, why, checks)) else []
            progress("page", done, total)
        for done, number in enumerate(numbers, len(chosen) + 1):
            pairs += [pair] if (pair := pictures.pair(number)) else []
            progress("page", done, total)
    text = page(report, frames, pairs, report.job.today or date.today().isoformat())
    write_atomically(target, lambda hidden: _write(hidden, text))


def frames_to_show(report: QcReport) -> list[tuple[int, str, tuple[str, ...]]]:
    """Frames worth a look, the worst first: number, why in words, checks.

    Every check that failed has its worst frame shown before any has a second. Where none failed: the frames that come
    nearest to a limit.
    """
    failed = {f.check for f in report.findings if f.outcome in ("failed", "waived") and f.frames}
    ranked = [_ranked(curve) for curve in report.curves if not failed or curve.check in failed]
    bare = [[(n, f.check, "") for n in f.frames] for f in report.findings
            if f.check in failed and not any(curve.check == f.check for curve in report.curves)]  # fmt: skip
    if not failed:
        ranked = [[row] for row in _nearest(report.curves)]
    why: dict[int, list[tuple[str, str]]] = {}
    most = _FRAMES if failed else _CLEAN_FRAMES
    rows = [*ranked, *bare]
    for place in range(max(map(len, rows), default=0)):
        for row in rows:
            if place < len(row) and (row[place][0] in why or len(why) < most):
                number, check, words = row[place]
                why.setdefault(number, []).append((check, words))
    lead = "" if failed else "nearest to its limit: "
    return [
        (
            n,
            lead + ", ".join(f"{WORDS.get(check, check).lower()} {words}".strip() for check, words in told),
            tuple(check for check, _ in told),
        )
        for n, told in why.items()
    ]


def _ranked(curve: Curve) -> list[tuple[int, str, str]]:
    """(frame, check, value in words) of frames outside the limits, the farthest out first."""
    far = {n: _excess(curve, value) for n, value in curve.values.items()}
    shown = [n for n in sorted(far, key=lambda n: -far[n]) if far[n] > 0.0]
    return [(n, curve.check, f"{curve.values[n]:.3g} {curve.unit}".strip()) for n in shown]


def _nearest(curves: Sequence[Curve]) -> list[tuple[int, str, str]]:
    """Of each measure that can be seen the frame nearest to its limit, the nearest of all first; 0 is never near."""
    drawn = [curve for curve in curves if curve.check in _DRAWN and curve.values]
    near = [(curve, max(curve.values, key=lambda n: _excess(curve, curve.values[n]))) for curve in drawn]
    seen = [(curve, n) for curve, n in near if curve.values[n] > 0.0]
    told = sorted(seen, key=lambda pair: -_excess(pair[0], pair[0].values[pair[1]]))
    return [(n, curve.check, f"{curve.values[n]:.3g} {curve.unit}".strip()) for curve, n in told]


def _excess(curve: Curve, value: float) -> float:
    sides = [curve.least - value] if curve.least is not None else []
    sides += [value - curve.most] if curve.most is not None else []
    scale = max((abs(limit) for limit in (curve.least, curve.most) if limit is not None), default=1.0)
    return max(sides, default=-1.0) / (scale or 1.0)


def _spread(first: Sequence[int], numbers: Sequence[int]) -> list[int]:
    """The frames shown already, and others evenly over the shot."""
    places = [numbers[round(k * (len(numbers) - 1) / max(_PAIRS - 1, 1))] for k in range(_PAIRS)]
    return sorted(list(dict.fromkeys([*first, *places]))[:_PAIRS])


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
