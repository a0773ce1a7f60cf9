"""A network's code of the face, held still without holding back what truly changes. Read by shot.

A fuser that reads a code (identity, expression) off each frame flickers with it. In post a robust mean over a window,
on this side of a lasting change alone; in live a memory that jumps when a change has shown itself twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch

from ff_vfx.errors import ModelError, PlateError, TrackLost
from ff_vfx.types.recall import Recall
from ff_vfx.types.settings import SteadySettings
from ff_vfx.types.solve import cut_between

_BESIDE = 3  # frames on each side of a change that must agree with each other; their middle outvotes one that is wrong
_ROUNDS = 4  # of reweighting the mean
_RECENT = 12  # frames from which live learns how much a code scatters
_FEWEST = 4  # of them, before it can tell
Codes = Callable[[int], torch.Tensor]


def code_reach(settings: SteadySettings) -> int:
    """Frames on each side that vote on a code: a window that calms as much as a memory of `code_memory` would."""
    return round(settings.code_memory / (1.0 - settings.code_memory))


def steady_code(codes: Mapping[int, torch.Tensor], number: int, settings: SteadySettings) -> torch.Tensor:
    """The code of one frame, held still by those around it.

    Args:
        codes: frame -> (d,) float32, of one take, the frame's own among them; those beyond `code_reach` do not vote.

    Returns:
        (d,) float32; equal codes come back bit for bit. A single frame that jumps moves nothing, its own code neither.

    Repeats: a pure function of the codes within reach, in whatever order they come.
    Source: ours; Tukey's biweight in time and in distance. See docs/decisions/0019-codes.md.
    """
    reach = code_reach(settings)
    near = sorted(n for n in codes if abs(n - number) <= reach)
    stack = torch.stack([codes[n] for n in near]).double()
    first, last = _same_state(stack, near.index(number), settings.code_gate)
    stack, times = stack[first:last], torch.tensor(near[first:last], dtype=torch.float64) - number
    in_time = (1.0 - (times / (reach + 1.0)).square()).square()
    return _robust_mean(stack, in_time, settings.code_gate).to(codes[number].dtype)


def _robust_mean(stack: torch.Tensor, weights: torch.Tensor, gate: float) -> torch.Tensor:
    """(d,): mean of the rows that lie together. Those further off than `gate` times the usual distance do not count."""
    middle = stack.median(0).values
    mean = middle
    for _ in range(_ROUNDS):
        far = (stack - mean).norm(dim=1)
        limit = (gate * _usual(far, stack.shape[1])).clamp_min(1e-12)
        votes = weights * (1.0 - (far / limit).square()).clamp_min(0.0).square()
        if not votes.any():
            break
        mean = middle + (votes[:, None] * (stack - middle)).sum(0) / votes.sum()
    return mean


def _same_state(stack: torch.Tensor, at: int, gate: float) -> tuple[int, int]:
    """Rows [first, last) around row `at` between which the code has not changed for good."""
    score = _change(stack, gate)
    first, last = 0, len(stack)
    for before in torch.nonzero(score).flatten().tolist():  # a change after row `before`
        around = score[max(0, before - _BESIDE) : before + _BESIDE + 1]
        if score[before] < around.max():
            continue
        if before < at:
            first = before + 1
        else:
            last = min(last, before + 1)
    return first, last


def _change(stack: torch.Tensor, gate: float) -> torch.Tensor:
    """(n,) how far the code jumps after each row and stays, 0 where it does not."""
    score = torch.zeros(len(stack), dtype=stack.dtype)
    if len(stack) < 2 * _BESIDE:
        return score
    least = gate * _scatter(stack)
    for row in range(_BESIDE - 1, len(stack) - _BESIDE):
        before, after = stack[row - _BESIDE + 1 : row + 1], stack[row + 1 : row + 1 + _BESIDE]
        middles = (after.median(0).values - before.median(0).values).norm()
        # Middles alone would be as far apart one frame early or late; means are not.
        step = torch.minimum(middles, (after.mean(0) - before.mean(0)).norm())
        score[row] = step if middles > least else 0.0
    return score


def _scatter(stack: torch.Tensor) -> torch.Tensor:
    """How far a code usually lies from its true place: half the variance from one frame to the next."""
    return _usual((stack[1:] - stack[:-1]).norm(dim=1), stack.shape[1]) / 2.0**0.5


def _usual(distances: torch.Tensor, numbers: int) -> torch.Tensor:
    """Root mean square of normal scatter in that many numbers, from its median. Source: Wilson and Hilferty 1931."""
    return distances.median() / (1.0 - 2.0 / (9.0 * numbers)) ** 1.5


@dataclass(frozen=True, slots=True, eq=False)
class CodeMemory:
    """What live knows of a code so far. held: (d,) the code to use now. recent: the last raw codes, latest last.

    doubted: the last raw code, where it lay too far off to be believed at once. seen: how many frames were averaged.
    """

    held: torch.Tensor
    recent: tuple[torch.Tensor, ...]
    doubted: torch.Tensor | None = None
    seen: int = 1


def remember(past: CodeMemory | None, code: torch.Tensor, settings: SteadySettings) -> CodeMemory:
    """The memory after one more frame. ORDER-DEPENDENT: this is for live alone.

    One code that is off changes nothing; two in a row that are off and agree are a change, and it shows at once.
    """
    if past is None:
        return CodeMemory(code, (code,))
    recent = (*past.recent, code)[-_RECENT:]
    limit = settings.code_gate * _scatter(torch.stack(past.recent)) if len(past.recent) >= _FEWEST else torch.inf
    if (code - past.held).norm() <= limit:
        new = max(1.0 - settings.code_memory, 1.0 / (past.seen + 1))
        return CodeMemory(past.held + new * (code - past.held), recent, None, past.seen + 1)
    if past.doubted is not None and (code - past.doubted).norm() <= limit:
        return CodeMemory((code + past.doubted) / 2.0, recent, None, 2)
    return CodeMemory(past.held, recent, code, past.seen)


def code_holder(cuts: Sequence[int], settings: SteadySettings) -> Callable[[Codes], Codes]:
    """From codes by frame number to steady ones, each frame's own code made once while a range is rendered.

    Args:
        cuts: the first frame of each new take; nothing is shared across one.
        settings: `causal` remembers what was asked for before, in that order; otherwise order never matters.

    What it gives raises PlateError, TrackLost: the frame has no code. Neighbours that have none do not vote.
    """

    def hold(code: Codes) -> Codes:
        return _RunningCodes(code, cuts, settings) if settings.causal else _window(code, cuts, settings)

    return hold


def _window(code: Codes, cuts: Sequence[int], settings: SteadySettings) -> Codes:
    reach = code_reach(settings)
    made = Recall(2 * reach + 2)

    def tried(number: int) -> torch.Tensor | None:
        try:
            return code(number)
        except (ModelError, PlateError, TrackLost):
            return None

    def held(number: int) -> torch.Tensor:
        near = [n for n in range(number - reach, number + reach + 1) if not cut_between(cuts, number, n)]
        found = {n: made.get(n, lambda n=n: tried(n)) for n in near}  # type: ignore[misc]
        codes = {n: made_code for n, made_code in found.items() if made_code is not None}
        return steady_code(codes if number in codes else codes | {number: code(number)}, number, settings)

    return held


class _RunningCodes:
    """A code that remembers the frames asked for before, as `causal` says it does; going back starts anew."""

    def __init__(self, code: Codes, cuts: Sequence[int], settings: SteadySettings) -> None:
        self._code, self._cuts, self._settings = code, cuts, settings
        self._last: int | None = None
        self._memory: CodeMemory | None = None

    def __call__(self, number: int) -> torch.Tensor:
        if self._memory is None or number != self._last:
            new = self._last is None or number < self._last or cut_between(self._cuts, self._last, number)
            self._memory = remember(None if new else self._memory, self._code(number), self._settings)
            self._last = number
        return self._memory.held
