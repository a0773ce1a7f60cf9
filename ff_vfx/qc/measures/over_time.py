"""What only the row of frames can tell: a pop is one frame, flicker is several, a jump stays. Read by verdict.

Plain numbers by frame; frames that could not be judged are absent, and end a row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

_NEAR_FRAMES = 3  # within which something that stands apart again makes it flicker: above 3 Hz at 24 fps
_ALONE = 2.0  # a pop stands out so many times as far as any other near it
_SHADOW = 0.25  # of what stands out most near it: less is that one's doing, not a frame's own
_USUAL_FRAMES, _LEAST_OTHERS = 6, 3
_STAYS = 3  # frames to each side over which a jump is seen to stay

Row = Mapping[int, float]


def pops(apart: Row) -> dict[int, float]:
    """How far each frame stands out alone; 0 where others near it do too."""
    return {n: value if value > _ALONE * _others(apart, n) else 0.0 for n, value in apart.items()}


def flicker(apart: Row) -> dict[int, float]:
    """How far each frame stands out while others near it do too; 0 for a lone one, and beside one."""
    return {n: _restless(value, _others(apart, n)) for n, value in apart.items()}


def least_beside(between: Row) -> dict[int, float]:
    """What lies between frames, said of the frames: the smaller of both sides, so that none is accused for another.

    Args:
        between: frame -> value between it and the frame before it.
    """
    frames = sorted({*between, *(n - 1 for n in between)})
    return {n: min(between[k] for k in (n, n + 1) if k in between) for n in frames}


def beside_usual(values: Row) -> dict[int, float]:
    """Each frame's value over what is usual around it, the median of the others within six frames; 1 is usual.

    What is there from first to last is usual; a frame with fewer than three others near it has no value.
    """
    found: dict[int, float] = {}
    for n, value in values.items():
        others = [values[k] for k in range(n - _USUAL_FRAMES, n + _USUAL_FRAMES + 1) if k != n and k in values]
        if len(others) >= _LEAST_OTHERS and (usual := median(others)) > 0.0:
            found[n] = value / usual
    return found


def lasting(steps: Mapping[int, Sequence[float]]) -> dict[int, float]:
    """How much of each frame's change stays: the worst channel's least difference of any frame after to any before.

    Args:
        steps: frame -> change from the frame before it, one number a channel.

    A pop does not stay, and slow drift is small from frame to frame. On the row's last frame a pop and a jump are one.
    """
    found: dict[int, float] = {}
    for n, step in steps.items():
        found[n] = max(
            _lasting([steps[k][channel] for k in _row(steps, n)], _at(steps, n)) for channel in range(len(step))
        )
    return found


def _lasting(row: Sequence[float], at: int) -> float:
    """One channel's. row: changes of the frames around, without a hole. at: this frame's place in it."""
    step = row[at]
    after = [sum(row[at : k + 1]) for k in range(at, min(len(row), at + _STAYS))]
    before = [sum(row[k:at]) for k in range(max(0, at - _STAYS + 1), at + 1)]
    sign = 1.0 if step >= 0.0 else -1.0
    least = min(sign * (a + b) for a in after for b in before)
    return max(0.0, min(abs(step), least))


def _row(steps: Mapping[int, object], n: int) -> range:
    return range(n - _at(steps, n), next(k for k in range(n + 1, n + _STAYS + 1) if k not in steps or k == n + _STAYS))


def _at(steps: Mapping[int, object], n: int) -> int:
    """How many judged frames lie before n without a hole, `_STAYS` less one at most."""
    return next(k for k in range(_STAYS) if k == _STAYS - 1 or n - k - 1 not in steps)


def _restless(value: float, others: float) -> float:
    return min(value, others) if _SHADOW * others <= value <= _ALONE * others else 0.0


def _others(apart: Row, n: int) -> float:
    return max((apart[k] for k in range(n - _NEAR_FRAMES, n + _NEAR_FRAMES + 1) if k != n and k in apart), default=0.0)
