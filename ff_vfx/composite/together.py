"""Several people of one frame in one picture, who is nearer to the camera over who is behind. Read by the door.

Each was rendered alone over the same plate. Where only one of them is, his own bits are kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch.nn.functional import pad

from ff_vfx.image.st_map import own_place
from ff_vfx.types.layers import CryptoIds, Layers
from ff_vfx.types.window import Window

_OVER_BY = {"ffRaw": "ffRaw.A"}  # premultiplied pictures with an alpha of their own; all else goes by coverage
_MOTIONS = ("forward", "backward")


@dataclass(frozen=True, slots=True, eq=False)
class _Picture:
    """What has been laid down so far, over the shared window. touched: (1, h, w) bool, where it is not the plate."""

    fused: torch.Tensor
    coverage: torch.Tensor
    touched: torch.Tensor
    planes: Mapping[str, torch.Tensor]


def together(people: Sequence[Layers]) -> Layers:
    """One frame's layers from those of each person.

    Args:
        people: of one frame, at least one, the farthest from the camera first.

    Returns:
        The only one as it is; else the layers over a window that holds them all, ids of all, and under 'people' what
        was decided for each. Who passed is told there alone, unless all did.

    Domain: scene-linear, unbounded.
    """
    if len(people) == 1:
        return people[0]
    there = [layers for layers in people if not layers.window.empty]
    told = {"people": [dict(layers.decisions) for layers in people]}
    if not there:
        reasons = "; ".join(str(layers.decisions.get("passed", "")) for layers in people)
        return replace(people[0], decisions={**told, "passed": reasons})
    window = there[0].window
    for layers in there[1:]:
        window = window.union(layers.window)
    widened = [_widen(layers, window) for layers in there]
    picture = _ground(widened[0])
    for layers in widened:
        picture = _lay(picture, layers)
    return Layers(
        frame=people[0].frame,
        window=window,
        fused=picture.fused,
        coverage=picture.coverage,
        planes=picture.planes,
        data_planes=there[0].data_planes,
        cryptomattes=_ids(widened),
        attributes=_attributes(there),
        decisions={**there[-1].decisions, **told},
    )


def _widen(layers: Layers, window: Window) -> Layers:
    """The same over a larger window: nothing covered there, the plate's values, pixels in their own place."""
    inner = layers.window
    edges = (inner.x0 - window.x0, window.x1 - inner.x1, inner.y0 - window.y0, window.y1 - inner.y1)
    rows, columns = window.slices(layers.frame.data_window)
    fused = layers.frame.pixels[:3, rows, columns].float().clone()
    inside = inner.slices(window)
    fused[:, inside[0], inside[1]] = layers.fused
    planes = {name: pad(plane, edges) for name, plane in layers.planes.items()}
    for name, unmoved in zip(("ffSt.u", "ffSt.v"), own_place(window, layers.frame.display_window), strict=True):
        if name in planes:
            planes[name] = torch.from_numpy(unmoved.copy())
            planes[name][inside] = layers.planes[name]
    ids = tuple(
        CryptoIds(one.kind, {name: pad(plane, edges) for name, plane in one.coverage.items()})
        for one in layers.cryptomattes
    )
    coverage = pad(layers.coverage, edges)
    return replace(layers, window=window, fused=fused, coverage=coverage, planes=planes, cryptomattes=ids)


def _ground(layers: Layers) -> _Picture:
    """The plate with nobody on it yet. layers: anybody's, over the shared window."""
    rows, columns = layers.window.slices(layers.frame.data_window)
    plate = layers.frame.pixels[:3, rows, columns].float()
    nothing = torch.zeros(1, *plate.shape[-2:])
    planes = {name: torch.zeros_like(plane) for name, plane in layers.planes.items()}
    for name, unmoved in zip(("ffSt.u", "ffSt.v"), own_place(layers.window, layers.frame.display_window), strict=True):
        planes |= {name: torch.from_numpy(unmoved.copy())} if name in planes else {}
    return _Picture(plate, nothing, nothing > 0.0, planes)


def _lay(under: _Picture, layers: Layers) -> _Picture:
    """One person over what is there."""
    free = 1.0 - layers.coverage
    rows, columns = layers.window.slices(layers.frame.data_window)
    plate = layers.frame.pixels[:3, rows, columns].float()
    changed = under.touched & (under.fused != plate)
    # Only where somebody behind shows through: inf - inf is nan, and adding 0 would not keep -0.0.
    over = torch.where(changed, layers.fused + free * (under.fused - plate), layers.fused)
    return _Picture(
        fused=torch.where(layers.coverage > 0.0, over, under.fused),
        coverage=layers.coverage + free * under.coverage,
        touched=under.touched | (layers.coverage > 0.0),
        planes=_planes(under.planes, layers),
    )


def _planes(under: Mapping[str, torch.Tensor], layers: Layers) -> dict[str, torch.Tensor]:
    covered = layers.coverage[0]
    moving = {name: _moving(layers.planes, name) for name in _MOTIONS if f"{name}.u" in layers.planes}
    found = {}
    for name, plane in layers.planes.items():
        group, channel = name.split(".", 1)
        motion = channel if group == "ffAux" and channel in moving else group
        if motion in moving:
            found[name] = torch.where(moving[motion], plane, under[name])
        elif group == "ffSt":
            found[name] = torch.where(covered > 0.0, plane, under[name])
        else:
            alpha = layers.planes.get(_OVER_BY.get(group, ""), covered)
            found[name] = plane + (1.0 - alpha) * under[name]
    return found


def _moving(planes: Mapping[str, torch.Tensor], name: str) -> torch.Tensor:
    """(h, w) bool: where a person's own motion is known."""
    sure = planes.get(f"ffAux.{name}", torch.zeros_like(planes[f"{name}.u"]))
    return (planes[f"{name}.u"] != 0.0) | (planes[f"{name}.v"] != 0.0) | (sure > 0.0)


def _ids(people: Sequence[Layers]) -> tuple[CryptoIds, ...]:
    """Each person's share of what is seen, whoever is nearer first; parts of one name are added."""
    free = torch.ones_like(people[0].coverage[0])
    found: dict[str, dict[str, torch.Tensor]] = {}
    for layers in reversed(people):
        for ids in layers.cryptomattes:
            names = found.setdefault(ids.kind, {})
            for name, plane in ids.coverage.items():
                names[name] = names.get(name, torch.zeros_like(plane)) + free * plane
        free = free * (1.0 - layers.coverage[0])
    return tuple(CryptoIds(kind, names) for kind, names in found.items())


def _attributes(people: Sequence[Layers]) -> dict[str, str | int | float]:
    """Numbers: the least of all, for they tell how sure we are; texts: the nearest person's."""
    found: dict[str, str | int | float] = {}
    for layers in people:
        for name, value in layers.attributes.items():
            old = found.get(name, value)
            found[name] = value if isinstance(value, str) or isinstance(old, str) else min(value, old)
    return found
