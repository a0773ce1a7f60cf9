"""Which frames are read and computed for those asked for, and in which order. Read by work. Plain numbers alone.

Post is free of order. Live looks back: a chain of frames starts at the first one asked for and is computed as a whole,
so that a run that goes on after an interrupt writes what it would have written without one.
"""

from __future__ import annotations

from collections.abc import Sequence

from ff_vfx.types.settings import Settings, SteadySettings


def needed(numbers: Sequence[int], available: Sequence[int], settings: Settings) -> list[int]:
    """The frames to compute and those they read, as the plate has them, ascending."""
    wanted = {number + step for number in numbers for step in range(-settings.reach, settings.reach + 1)}
    if not settings.steady.causal:
        near = settings.steady.trust_reach
        wanted |= {n for n in settings.steady.trusted if any(abs(n - number) <= near for number in numbers)}
    return [number for number in available if number in wanted]


def chain(numbers: Sequence[int], todo: Sequence[int], settings: SteadySettings) -> tuple[int, ...]:
    """The frames to compute, ascending: those to make and, for what looks back, all asked for before them."""
    if not settings.causal or not todo:
        return tuple(todo)
    return tuple(number for number in sorted(numbers) if number <= max(todo))


def chain_key(numbers: Sequence[int], settings: SteadySettings) -> str:
    """What of the range decides a frame's pixels, for the stamp: nothing, but for what looks back.

    Where frames follow each other it is the first alone, so that a longer range can go on from a shorter one.
    """
    if not settings.causal:
        return ""
    whole = numbers[-1] - numbers[0] + 1 == len(numbers)
    return f"from {numbers[0]}" if whole else f"of {list(numbers)}"


def order_told(numbers: Sequence[int], available: Sequence[int], settings: SteadySettings) -> dict[str, object]:
    """For the Report: that live is order-dependent, and a warning where the range makes that matter."""
    if not settings.causal:
        return {"steady": "order-free"}
    warnings = []
    if numbers[0] != available[0]:
        warnings.append(
            f"live looks back and starts anew at frame {numbers[0]}: it looks different there from a run that "
            f"begins at {available[0]}; render the whole shot in one go, or use post"
        )
    if numbers[-1] - numbers[0] + 1 != len(numbers):
        warnings.append("live looks back and frames are skipped: it starts anew after each gap; use post")
    return {"steady": "causal, order-dependent", **({"warnings": warnings} if warnings else {})}
