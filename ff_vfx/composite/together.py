"""Several people of one frame in one picture, who is nearer to the camera over who is behind. Read by the door.

Each was rendered alone over the same plate. Where only one of them is, his own bits are kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch.nn.functional import pad

from ff_vfx.composite.planes import face_planes
from ff_vfx.image.sample import sample
from ff_vfx.image.st_map import own_place
from ff_vfx.types.layers import CryptoIds, Layers
from ff_vfx.types.window import Window

_MOTIONS = ("forward", "backward")


@dataclass(frozen=True, slots=True, eq=False)
class _Picture:
    """What has been laid down so far, over the shared window. touched: (1, h, w) bool, where it is not the plate.

    ids: by kind and name, see CryptoIds.
    """

    fused: torch.Tensor
    coverage: torch.Tensor
    touched: torch.Tensor
    planes: Mapping[str, torch.Tensor]
    ids: Mapping[str, Mapping[str, torch.Tensor]]


def together(people: Sequence[Layers]) -> Layers:
    """One frame's layers from those of each person.

    Args:
        people: of one frame, at least one, the farthest from the camera first.

    Returns:
        The only one as it is; else the layers over a window that holds them all, ids of all, and under 'people' what
        was decided for each, the farthest first.

    Domain: scene-linear, unbounded.
    """
    if len(people) == 1:
        return people[0]
    there = [layers for layers in people if not layers.window.empty]
    told: dict[str, object] = {"people": [dict(layers.decisions) for layers in people]}
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
        cryptomattes=tuple(CryptoIds(kind, names) for kind, names in picture.ids.items()),
        attributes=_attributes(there),
        decisions=told,
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
    return _Picture(plate, nothing, nothing > 0.0, planes, {})


def _lay(under: _Picture, layers: Layers) -> _Picture:
    """One person over what is there.

    His face hides it; around his face, where the plate was bent to fit, what is behind him is bent along.
    """
    rows, columns = layers.window.slices(layers.frame.data_window)
    plate = layers.frame.pixels[:3, rows, columns].float()
    hides = layers.planes["ffRaw.A"][None] if "ffRaw.A" in layers.planes else layers.coverage
    change = under.fused - plate
    # A broken pixel of the plate must not spread to those beside it.
    change = torch.where(under.touched & torch.isfinite(change), change, 0.0)
    behind = torch.cat([change, under.coverage])
    shown = (1.0 - hides) * _bent(behind, layers)
    # Where nothing shows through his own bits: adding 0 would not keep -0.0.
    over = torch.where(shown[:3] != 0.0, layers.fused + shown[:3], layers.fused)
    away = (layers.coverage == 0.0) & (hides == 0.0)
    fused = torch.where(away, under.fused, over)
    coverage = torch.where(away, under.coverage, (layers.coverage + shown[3:]).clamp_max(1.0))
    planes = {**_planes(under.planes, layers, hides[0]), **_faces(layers, plate, fused, coverage)}
    left = torch.where(layers.coverage > 0.0, (coverage - shown[3:]) / layers.coverage, 0.0)
    ids = _ids(under.ids, layers, 1.0 - hides[0], left[0])
    return _Picture(fused, coverage, under.touched | (layers.coverage > 0.0), planes, ids)


def _faces(layers: Layers, plate: torch.Tensor, fused: torch.Tensor, coverage: torch.Tensor) -> dict[str, torch.Tensor]:
    found = face_planes(plate, fused, coverage) | {"ffMatte.red": coverage[0]}
    return {name: plane for name, plane in found.items() if name in layers.planes}


def _bent(behind: torch.Tensor, layers: Layers) -> torch.Tensor:
    """What is behind somebody, (c, h, w), moved as the plate around him was; its own bits where nothing moved."""
    if "ffSt.u" not in layers.planes:
        return behind
    window, display = layers.window, layers.frame.display_window
    u, v = layers.planes["ffSt.u"], layers.planes["ffSt.v"]
    unmoved = [torch.from_numpy(plane.copy()) for plane in own_place(window, display)]
    moved = (u != unmoved[0]) | (v != unmoved[1])
    x = u.double() * display.width + display.x0 - window.x0
    y = (1.0 - v.double()) * display.height + display.y0 - window.y0
    places = torch.stack([x, y], -1).float()
    return torch.where(moved, sample(behind, places, mode="bilinear"), behind)


def _planes(under: Mapping[str, torch.Tensor], layers: Layers, hides: torch.Tensor) -> dict[str, torch.Tensor]:
    """Data planes from whoever is seen; pictures and mattes over one another. hides: (h, w)."""
    covered = layers.coverage[0] > 0.0
    moving = {name: _moving(layers.planes, name) for name in _MOTIONS if f"{name}.u" in layers.planes}
    found = {}
    for name, plane in layers.planes.items():
        group, channel = name.split(".", 1)
        motion = channel if group == "ffAux" and channel in moving else group
        if motion in moving:
            found[name] = torch.where(moving[motion], plane, under[name])
        elif group == "ffSt":
            found[name] = torch.where(covered, plane, under[name])
        else:
            found[name] = plane + (1.0 - hides) * under[name]
            if group in ("ffMatte", "ffAux"):
                found[name] = found[name].clamp(0.0, 1.0)
    return found


def _moving(planes: Mapping[str, torch.Tensor], name: str) -> torch.Tensor:
    """(h, w) bool: where a person's own motion is known."""
    sure = planes.get(f"ffAux.{name}", torch.zeros_like(planes[f"{name}.u"]))
    return (planes[f"{name}.u"] != 0.0) | (planes[f"{name}.v"] != 0.0) | (sure > 0.0)


def _ids(
    under: Mapping[str, Mapping[str, torch.Tensor]], layers: Layers, through: torch.Tensor, own: torch.Tensor
) -> dict[str, dict[str, torch.Tensor]]:
    """Each person's share of what is seen, by kind and name; parts of one name are added.

    Args:
        through: (h, w) how much of those behind shows. own: (h, w) what they leave to this one.
    """
    found = {kind: {name: plane * through for name, plane in names.items()} for kind, names in under.items()}
    for ids in layers.cryptomattes:
        names = found.setdefault(ids.kind, {})
        for name, plane in ids.coverage.items():
            names[name] = names.get(name, torch.zeros_like(plane)) + own * plane
    return found


def _attributes(people: Sequence[Layers]) -> dict[str, str | int | float]:
    """Numbers: the least of all, for they tell how sure we are; texts: the nearest person's."""
    found: dict[str, str | int | float] = {}
    for layers in people:
        for name, value in layers.attributes.items():
            old = found.get(name, value)
            found[name] = value if isinstance(value, str) or isinstance(old, str) else min(value, old)
    return found
