"""docs/time.md, written from a run of the table. Read by benchmarks/time.py."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.steadiness.modes import MODES, NONE, POST
from benchmarks.steadiness.table import Judged, is_whole
from benchmarks.steadiness.verdict import LEAST_SHARPNESS, LEAST_WARP, Score, reduced

_HEAD = """# How still it holds

Written by `ff-vfx bench time --docs`; do not edit. Flicker is why face replacement fails in film, so steadying is
measured here against EXACT truth: shots whose perfect result and whose motion are known to the last pixel. A fuser that
flickers on purpose (it jitters, its texture and colour change with every frame, its latent jumps) is plugged into the
pipeline, and each mode has to bring its pictures back to the truth. Only the crop with the new face is judged, not the
composite; the truth goes through the same crop, so nobody pays for resampling.
"""

_METRICS = f"""## Numbers

All light is compared in stops, log2(x + 0.01), in the face alone.

- **PSNR**: peak 10 stops, over all frames of a shot.
- **E_warp**: the next frame brought back along the TRUE motion, less this one, as a ratio to the truth's own: 1 is as
  still as the truth with its grain. **tOF**: how far the motion seen in the result is from that seen in the truth, px.
- **flicker**: rms of what changes faster than 6 Hz along true trajectories, as a ratio to the truth's; takes are apart.
- **gone**: how much of `none`'s excess over the truth is gone; 100 % is all of it, more is stiller than the truth.
- **sharp**: finest detail, as a ratio to the truth's. **event**: rms error in eyes that blink, in a mouth that moves.
- **FLIP**: what an eye sees that flips between result and truth, [0, 1] (decisions/0016-flip.md).

**Verdict**, against `none`: `pass`, or the first rule broken: sharpness at least {LEAST_SHARPNESS} of the truth's (of
`none`'s, where the fuser itself is softer); E_warp down, but not below {LEAST_WARP} of the truth's; PSNR and FLIP no
worse; events no worse. The floor under E_warp is what a smear fails by: an exponential mean has a beautiful E_warp. It
is a little under 1, since the truth's E_warp is almost all grain, of which resampling and merging leave a few percent
out without harm.
"""
_OCCLUDER = """`painted`: what was changed over the thing that passes before the face, stops (0: nothing). `uncovered`:
error of places covered up to four frames ago, as a ratio to the same places' long before and after (1: no pop).
`light gain`, `light correlation`: a moving key followed, right half of the face against left (1: as the truth).
"""
_MARK = {True: "pass", False: "**fails**"}


def write_page(judged: Sequence[Judged], skipped: Mapping[str, str], path: Path) -> None:
    """The page; pictures are expected in pictures/ beside it."""
    parts = [_HEAD, _shots(judged, skipped), _modes(), _METRICS, _summary(judged), _pictures()]
    path.write_text("\n".join(parts + [_details(one) for one in judged]))


def _shots(judged: Sequence[Judged], skipped: Mapping[str, str]) -> str:
    lines = ["## Shots", ""] + [f"- **{one.name}**: {one.about}" for one in judged]
    return "\n".join(lines + [f"- **{name}**: not in this run: {why}" for name, why in skipped.items()]) + "\n"


def _modes() -> str:
    return "\n".join(["## Modes", ""] + [f"- **{mode.name}**: {mode.about}." for mode in MODES]) + "\n"


def _summary(judged: Sequence[Judged]) -> str:
    """Shots down, modes across: excess of flicker and of E_warp gone, and the verdict."""
    alone, whole = ([one for one in judged if is_whole(one) == asked] for asked in (False, True))
    modes = [mode for mode in (alone[0].scores if alone else ()) if mode != NONE.name]
    lines = ["## Steadying alone", "", "Excess of flicker gone / excess of E_warp gone, and the verdict.", ""]
    lines += [_line(["shot", *modes]), _line(["---"] * (len(modes) + 1))]
    lines += [_line([one.name, *(_cell(one, mode) for mode in modes)]) for one in alone]
    passed = [sum(one.verdict(mode) == "pass" for one in alone) for mode in modes]
    lines.append(_line(["**passes**", *(f"**{n} of {len(alone)}**" for n in passed)]))
    return "\n".join([*lines, *(_whole_summary(whole) if whole else ())]) + "\n"


def _whole_summary(whole: Sequence[Judged]) -> list[str]:
    """The finished picture of `post`: ratios to the truth's."""
    lines = ["", "## End to end", "", "The finished picture against the truth, `post`; ratios to the truth's own.", ""]
    columns = ["shot", "E_warp", "flicker", "sharp", "PSNR dB", "before: E_warp", "before: flicker", "verdict", "more"]
    lines += [_line(columns), _line(["---"] * len(columns))]
    for one in whole:
        found, none, truth = one.scores[POST.name], one.scores[NONE.name], one.truth
        ratios = (found.warp / truth.warp, found.flicker / truth.flicker, found.sharpness / truth.sharpness)
        before = none.warp / truth.warp, none.flicker / truth.flicker
        more = "; ".join(f"{name} {_number(value, 3)}" for name, value in one.more[POST.name].items())
        cells = [*(_number(r, 2) for r in ratios), _number(found.psnr_db, 1), *(_number(r, 2) for r in before)]
        lines.append(_line([one.name.split(": ")[-1], *cells, one.verdict(POST.name), more]))
    return [*lines, "", _OCCLUDER]


def _cell(one: Judged, mode: str) -> str:
    if mode not in one.scores:
        return ""
    found, none, truth = one.scores[mode], one.scores[NONE.name], one.truth
    flicker, warp = reduced(found.flicker, none.flicker, truth.flicker), reduced(found.warp, none.warp, truth.warp)
    return f"{_percent(flicker)} / {_percent(warp)} {_MARK[one.verdict(mode) == 'pass']}"


def _pictures() -> str:
    return """## Pictures

![Error by frame, spectrum along true trajectories, and what is gone of the excess, by mode](pictures/time_curves.png)

![One frame of each shot and one line of the face over time](pictures/time_shots.jpg)
"""


def _details(one: Judged) -> str:
    """One shot's full table."""
    columns = ["mode", "PSNR dB", "E_warp", "gone", "tOF px", "flicker", "gone", "sharp", "event", "FLIP", "verdict"]
    lines = [
        f"### {one.name}",
        "",
        _line(columns),
        _line(["---"] * len(columns)),
        _mode_line(one, "truth", one.truth, ""),
    ]
    return "\n".join(lines + [_mode_line(one, mode, s, one.verdict(mode)) for mode, s in one.scores.items()]) + "\n"


def _mode_line(one: Judged, mode: str, found: Score, words: str) -> str:
    truth, none = one.truth, one.scores[NONE.name]
    compared = mode not in ("truth", NONE.name)
    return _line(
        [
            mode,
            _number(found.psnr_db, 1),
            _number(found.warp / truth.warp, 2),
            _percent(reduced(found.warp, none.warp, truth.warp)) if compared else "",
            _number(found.motion_px, 2),
            _number(found.flicker / truth.flicker, 2),
            _percent(reduced(found.flicker, none.flicker, truth.flicker)) if compared else "",
            _number(found.sharpness / truth.sharpness, 2),
            _number(found.event, 3),
            _number(found.flip, 3),
            words,
        ]
    )


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _number(value: float, places: int) -> str:
    return f"{value:.{places}f}" if math.isfinite(value) else ""


def _percent(part: float) -> str:
    return f"{100.0 * part:.0f} %" if math.isfinite(part) else ""
