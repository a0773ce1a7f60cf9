"""The whole page as text. Read by the door, which brings the pictures.

Names of files and words of waivers come from anywhere: all is escaped, and the page's own policy lets no script run but
its own, by hash, and fetches nothing.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from ff_vfx.qc.page.curves import curve_svg, outside
from ff_vfx.types.finding import Finding
from ff_vfx.types.frame_ranges import said_ranges
from ff_vfx.types.qc_report import Curve, QcReport

_HERE = Path(__file__).parent
WORDS = {
    "frames": "Frames",
    "finite": "NaN and Inf",
    "matte-range": "Range of the mattes",
    "matte-present": "Empty mattes",
    "plate-untouched": "Plate outside the matte",
    "negatives": "Below black",
    "matte-cut": "Matte cut off",
    "flicker": "Flicker",
    "pop": "One-frame pop",
    "slip": "Face off its head",
    "colour-jump": "Colour jump",
    "steadiness": "Steadiness",
    "sharpness": "Sharpness",
    "smear": "Smeared part",
    "track": "Jump of the track",
    "identity": "Likeness",
    "previous": "Previous version",
}
_RANKS = ("failed", "waived", "passed", "skipped")


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture. jpeg: its bytes. words: what it is."""

    jpeg: bytes
    words: str


@dataclass(frozen=True, slots=True)
class FrameShown:
    """A frame worth a look. why: checks it failed, or came nearest to failing. pictures: left to right."""

    number: int
    why: str
    pictures: Sequence[Shown]


@dataclass(frozen=True, slots=True)
class Pair:
    """One frame in two versions."""

    number: int
    previous: Shown
    current: Shown


def page(report: QcReport, frames: Sequence[FrameShown], pairs: Sequence[Pair], day: str) -> str:
    """The page. frames: the worst first. pairs: with the previous version; none: nothing is compared. day: of today."""
    style, script = ((_HERE / name).read_text(encoding="utf-8") for name in ("style.css", "script.js"))
    own = f"style-src '{_hash(style)}'; script-src '{_hash(script)}'"
    policy = f"default-src 'none'; img-src data:; {own}; base-uri 'none'; form-action 'none'"
    title = escape(f"QC {Path(report.job.output).name}")
    body = "".join(
        (_head(report, day), _verdict(report), _findings(report.findings), _frames(frames), _pairs(pairs, report),
         _curves(report.curves))
    )  # fmt: skip
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{title}</title><style>{style}</style></head>\n<body><main>{body}</main>"
        '<dialog id="large"><img alt=""><p></p></dialog>'
        f"<script>{script}</script></body></html>\n"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _head(report: QcReport, day: str) -> str:
    facts = {"result": report.job.output, "plate": report.job.plate, "solve": report.job.solve,
             "previous": report.job.previous, "limits": report.job.limits or "ff-vfx's own",
             "waivers": report.job.waivers, "frames": f"{said_ranges(report.numbers)} ({len(report.numbers)})",
             "judged": f"{day}, ff-vfx {report.version}"}  # fmt: skip
    notes = report.facts.get("notes")
    told = [(name, value) for name, value in facts.items() if value]
    told += [("note", str(note)) for note in notes] if isinstance(notes, (list, tuple)) else []
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(str(value))}</dd>" for name, value in told)
    output = Path(report.job.output)
    name = escape(f"{output.parent.name}/{output.name}" if output.parent.name else output.name)
    return (
        f'<div class="top"><h1>Quality control: {name}</h1><button id="theme" type="button">Light / dark</button></div>'
        f'<dl class="facts">{rows}</dl>'
    )


def _verdict(report: QcReport) -> str:
    if report.faults:
        why = escape("; ".join(report.faults))
        return f'<div class="verdict bad"><strong>Could not be judged</strong><p>{why}</p></div>'
    counts = {rank: [f for f in report.findings if f.outcome == rank] for rank in _RANKS}
    failed = counts["failed"]
    if failed:
        frames = sorted({number for finding in failed for number in finding.frames})
        what = ", ".join(WORDS.get(finding.check, finding.check).lower() for finding in failed)
        words = f"{len(failed)} of {len(report.findings)} checks failed ({what})"
        words += f", on {len(frames)} of {len(report.numbers)} frames: {said_ranges(frames)}" if frames else ""
    else:
        words = f"{len(counts['passed'])} checks passed over {len(report.numbers)} frames"
    rest = [f"{len(counts[rank])} {rank}" for rank in ("waived", "skipped") if counts[rank]]
    head = "Not fit to leave" if failed else "Interrupted" if report.facts.get("interrupted") else "Fit to leave"
    bad = " bad" if failed or report.facts.get("interrupted") else ""
    return f'<div class="verdict{bad}"><strong>{head}</strong><p>{escape("; ".join([words, *rest]))}.</p></div>'


def _findings(findings: Sequence[Finding]) -> str:
    rows = []
    for finding in sorted(findings, key=lambda one: _RANKS.index(one.outcome)):
        message = finding.message + (f" (waived by {finding.waiver})" if finding.outcome == "waived" else "")
        rows.append(
            f'<tr class="is-{finding.outcome}"><td class="{finding.outcome}">{finding.outcome}</td>'
            f"<td>{escape(WORDS.get(finding.check, finding.check))}</td>"
            f"<td>{escape(said_ranges(finding.frames))}</td><td>{escape(message)}</td></tr>"
        )
    head = "<tr><th>Outcome</th><th>Check</th><th>Frames</th><th>What was found</th></tr>"
    return f'<h2>Findings</h2><table id="findings"><thead>{head}</thead><tbody>{"".join(rows)}</tbody></table>'


def _frames(frames: Sequence[FrameShown]) -> str:
    if not frames:
        return ""
    cards = []
    for frame in frames:
        figures = "".join(
            f'<figure><button type="button">{_image(one, frame.number)}</button>'
            f"<figcaption>{escape(one.words)}</figcaption></figure>"
            for one in frame.pictures
        )
        head = f"<h3>Frame {frame.number}: {escape(frame.why)}</h3>"
        cards.append(f'<section class="card">{head}<div class="row">{figures}</div></section>')
    keys = '<p class="keys">Press a picture to enlarge it.</p>'
    return f'<h2>Frames to look at</h2>{keys}<div id="frames">{"".join(cards)}</div>'


def _pairs(pairs: Sequence[Pair], report: QcReport) -> str:
    if not pairs:
        return ""
    choices = "".join(f'<button type="button">{pair.number}</button>' for pair in pairs)
    hidden = "".join(
        f'<div data-frame="{pair.number}">{_image(pair.previous, pair.number)}{_image(pair.current, pair.number)}</div>'
        for pair in pairs
    )
    empty = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
    return (
        f"<h2>This version and the previous one</h2><p>Left of the edge: {escape(report.job.previous)}. "
        f"Right of it: {escape(report.job.output)}.</p>"
        f'<div class="wipe" id="wipe"><img src="{empty}" alt=""><img class="over" src="{empty}" alt="">'
        '<span class="edge"></span><b class="left">previous</b><b class="right">this</b></div>'
        '<div class="bar"><input id="slider" type="range" min="0" max="100" value="50" aria-label="where the wipe is">'
        '<button id="flip" type="button">Flip</button></div>'
        f'<div class="bar" id="choices">Frame: {choices}</div>'
        '<p class="keys">Keys: <kbd>F</kbd> flips, <kbd>[</kbd> and <kbd>]</kbd> change the frame, arrows move the '
        "slider.</p>"
        f'<div id="pairs" hidden>{hidden}</div>'
    )


def _curves(curves: Sequence[Curve]) -> str:
    if not curves:
        return ""
    cards = []
    for curve in sorted(curves, key=lambda one: not any(outside(one, value) for value in one.values.values())):
        name = f"{curve.words[:1].upper()}{curve.words[1:]}" + (f", {curve.unit}" if curve.unit else "")
        out = [n for n, value in sorted(curve.values.items()) if outside(curve, value)]
        rest = f"outside its limit: {said_ranges(out)}" if out else "within its limits"
        cards.append(
            f'<section class="card"><h3>{escape(WORDS.get(curve.check, curve.check))}: {escape(name)}</h3>'
            f'{curve_svg(curve, name)}<div class="value" data-rest="{escape(rest, quote=True)}">{escape(rest)}</div>'
            "</section>"
        )
    return (
        '<h2>Over the shot</h2><p class="keys">Point at a curve for a frame\'s value; with the keyboard, tab to it and '
        f'use the arrow keys. Dashed: the limit.</p><div class="curves" id="curves">{"".join(cards)}</div>'
    )


def _image(shown: Shown, number: int) -> str:
    data = base64.b64encode(shown.jpeg).decode()
    return f'<img src="data:image/jpeg;base64,{data}" alt="{escape(f"frame {number}, {shown.words}", quote=True)}">'
