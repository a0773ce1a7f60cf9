"""A face laid over a plate that moves, made of arithmetic, and faults planted in it. Read by the tests of ff_vfx.qc."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch

from ff_vfx.image.blur import gaussian
from ff_vfx.qc.look import Look
from ff_vfx.qc.measures.along import Way
from ff_vfx.qc.measures.over_time import flicker, lasting, least_beside, pops
from ff_vfx.qc.watch import Measured, Watch
from ff_vfx.types.window import Window

SIZE, FACE = 160, 96
FRAMES = range(1001, 1013)
SPEED = 2  # px a frame that the plate and the face go to the right
Plant = Callable[[int, torch.Tensor], torch.Tensor]


def skin(seed: int, size: int = SIZE) -> torch.Tensor:
    """Detail of all sizes, (3, size, size) scene-linear around 0.3; the same for a seed."""
    noise = torch.Generator().manual_seed(seed)
    layers = [gaussian(torch.randn(3, size, size, generator=noise), sigma) * sigma for sigma in (1.0, 3.0, 9.0)]
    return 0.3 * 2.0 ** (0.15 * sum(layers[1:], layers[0]))


def grain(seed: int, size: int = SIZE) -> torch.Tensor:
    """(3, size, size) factor around 1."""
    noise = torch.Generator().manual_seed(seed)
    return 2.0 ** (0.03 * torch.randn(3, size, size, generator=noise))


def look_at(number: int, plant: Plant | None = None, light: float = 0.0, gain: float = 1.0) -> Look:
    """One frame.

    Args:
        plant: changes the finished face, grain and all. light: stops that the plate, and the face with it, is brighter.
    """
    shift = SPEED * (number - FRAMES[0])
    plate = torch.roll(skin(1), shift, 2) * 2.0**light
    new = torch.roll(skin(2), shift, 2) * 2.0**light
    x0 = (SIZE - FACE) // 2
    face = torch.zeros(1, SIZE, SIZE)
    face[:, x0 : x0 + FACE, x0 : x0 + FACE] = 1.0
    plate = plate * grain(number)
    new = new * grain(9000 + number)
    made = torch.where(face > 0.0, plant(number, new) if plant else new, plate)
    return Look(number, Window(0, 0, SIZE, SIZE), made * gain, plate * gain, face)


def true_flows(first: torch.Tensor, second: torch.Tensor) -> tuple[Way, Way]:
    """The plate's exact motion, which these pictures are made with."""
    missed = torch.zeros(1, *first.shape[1:])
    on = torch.zeros(2, *first.shape[1:])
    on[0] = SPEED
    return (on, missed), (-on, missed)


def watched(
    plant: Plant | None = None, numbers: Iterable[int] = FRAMES, light: Callable[[int], float] | None = None
) -> Measured:
    """All frames, watched."""
    watch = Watch(true_flows)
    for number in numbers:
        watch.add(look_at(number, plant, light(number) if light else 0.0))
    return watch.measured


def curves(measured: Measured) -> dict[str, dict[int, float]]:
    """What the rules judge, of the measures over time."""
    values = measured.values
    found = {f"pop-{key}": pops(values.get(key, {})) for key in ("tone", "patch")}
    found |= {f"flicker-{key}": flicker(values.get(key, {})) for key in ("tone", "patch")}
    return {**found, "jump": lasting(measured.tones), "warp": least_beside(values.get("warp", {}))}


def brighter(frames: dict[int, float], channels: tuple[float, float, float] = (1.0, 1.0, 1.0)) -> Plant:
    """frames: number -> stops."""
    weights = torch.tensor(channels)[:, None, None]
    return lambda number, new: new * 2.0 ** (frames.get(number, 0.0) * weights)
