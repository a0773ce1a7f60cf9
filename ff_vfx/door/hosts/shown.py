"""From layers to what a host shows: RGBA by layer, bottom row first, put into the host's picture. Read by session."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import torch

from ff_vfx.colour import Transform
from ff_vfx.door.hosts.picture import Bounds, HostPicture, put
from ff_vfx.door.hosts.plate import with_alpha
from ff_vfx.door.hosts.remembered import Made, Picture
from ff_vfx.types.frame import Frame
from ff_vfx.types.layers import Layers
from ff_vfx.types.window import Window

_PLANES: dict[str, tuple[str | float, ...]] = {
    "face": ("ffFace.R", "ffFace.G", "ffFace.B", "ffFace.A"),
    "matte": ("ffMatte.red", "ffMatte.green", "ffMatte.blue", "ffMatte.alpha"),
    "raw": ("ffRaw.R", "ffRaw.G", "ffRaw.B", "ffRaw.A"),
    "st": ("ffSt.u", "ffSt.v", 0.0, 1.0),
    "motion": ("forward.u", "forward.v", "backward.u", "backward.v"),
    "confidence": ("ffAux.confidence", "ffAux.forward", "ffAux.backward", "ffAux.weight"),
}
LAYERS = ("source", "result", *_PLANES)
_LIKE_SOURCE = ("source", "result")
_Part = tuple[slice, slice]


def bounds_of(window: Window, display: Window) -> Bounds:
    """A window of the plate as hosts have it: y up from the display's bottom left."""
    return window.x0 - display.x0, display.y1 - window.y1, window.x1 - display.x0, display.y1 - window.y0


def made_of(layers: Layers, display: Window, to_host: Transform | None) -> Made:
    """Every layer's picture in the face's window. to_host: from the plate's colour space; None: it is the host's."""
    bounds = bounds_of(layers.window, display)
    if layers.window.empty:
        return Made({}, (0, 0, 0, 0), str(layers.decisions.get("passed", "")))
    planes = dict(layers.planes)
    fused = layers.fused.float()
    if to_host:
        fused, planes = _in_space(layers, to_host)
    covered = torch.cat([fused, layers.coverage])
    pictures = {"result": Picture(bounds, _upwards(list(covered)), _mask(layers.coverage))}
    nothing = torch.zeros_like(layers.coverage[0])
    for name, channels in _PLANES.items():
        parts = [
            planes.get(channel, nothing) if isinstance(channel, str) else torch.full_like(nothing, channel)
            for channel in channels
        ]
        pictures[name] = Picture(bounds, _upwards(parts))
    return Made(pictures, bounds)


def _in_space(layers: Layers, to_host: Transform) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """The fused picture and all planes, those that are light in the host's space."""
    rows, columns = layers.window.slices(layers.frame.data_window)
    plate = to_host(layers.frame.pixels[:3, rows, columns].float())
    fused, planes = to_host(layers.fused.float()), dict(layers.planes)
    inside = layers.coverage > 0.0
    face = torch.where(inside, fused - torch.nan_to_num(plate) * (1.0 - layers.coverage), torch.zeros_like(fused))
    planes |= {f"ffFace.{name}": plane for name, plane in zip("RGB", face, strict=True)}
    if "ffRaw.A" in planes:
        alpha = planes["ffRaw.A"]
        raw = torch.stack([planes[f"ffRaw.{name}"] for name in "RGB"])
        raw = to_host(torch.where(alpha > 0.0, raw / alpha, torch.zeros_like(raw))) * alpha
        planes |= {f"ffRaw.{name}": plane for name, plane in zip("RGB", raw, strict=True)}
    return fused, planes


def base_of(frame: Frame, display: Window, to_host: Transform | None) -> Picture:
    """A whole frame as the host would have it."""
    pixels = with_alpha(frame).pixels.float()
    if to_host:
        pixels = torch.cat([to_host(pixels[:3]), pixels[3:]])
    return Picture(bounds_of(frame.data_window, display), _upwards(list(pixels)))


def _upwards(planes: list[torch.Tensor]) -> np.ndarray:
    out = np.empty((*planes[0].shape, 4), np.float32)
    for index, plane in enumerate(planes):
        out[..., index] = plane.numpy()[::-1]
    return out


def _mask(coverage: torch.Tensor) -> np.ndarray:
    return np.ascontiguousarray((coverage[0] > 0.0).numpy()[::-1])


@dataclass(frozen=True, slots=True, eq=False)
class Painter:
    """Puts layers into hosts' pictures. size: the plate's, px. scale: the pictures', of the plate's own."""

    size: tuple[int, int]
    scale: tuple[float, float] = (1.0, 1.0)

    def paint(self, target: HostPicture, layer: str, made: Made | None, base: Picture | np.ndarray | None) -> None:
        """One layer. made: None: nothing is new. base: what lies under it, as it is, or a host's own; None: there."""
        out = target.array()
        picture = made.pictures.get(layer) if made else None
        if layer in _LIKE_SOURCE:
            if base is not None:
                self._lay_base(out, target.bounds, base)
            if layer == "result" and picture is not None:
                self._lay_over(out, target.bounds, picture)
        elif self.scale == (1.0, 1.0):
            self._ground(out, target.bounds, layer)
            if picture is not None:
                lay(out, target.bounds, picture)
        else:
            put(out, self._small(self._whole(target.bounds, layer, picture), target.size, layer))

    def _lay_base(self, out: np.ndarray, bounds: Bounds, base: Picture | np.ndarray) -> None:
        if isinstance(base, np.ndarray):
            # A host's own picture, with the same bounds: its bits, whatever its type.
            np.copyto(out, base)
        elif self.scale == (1.0, 1.0):
            if not _within(bounds, base.bounds):
                out[...] = 0
            lay(out, bounds, base)
        else:
            size = (out.shape[1], out.shape[0])
            put(out, self._small(_canvas(self._full(bounds), base), size, "source"))

    def _lay_over(self, out: np.ndarray, bounds: Bounds, picture: Picture) -> None:
        """The new face where it is new; alpha stays what it is."""
        if self.scale == (1.0, 1.0):
            lay_colour(out, bounds, picture)
            return
        mask = np.ones(picture.values.shape[:2], np.float32) if picture.mask is None else picture.mask
        new = np.dstack([picture.values[..., :3] * mask[..., None], mask]).astype(np.float32)
        small = self._small(_canvas(self._full(bounds), Picture(picture.bounds, new)), out.shape[1::-1], "result")
        there = small[..., 3] > 0.0
        under = out[there][:, :3]
        if out.dtype.kind == "u":
            under = under / np.float32(np.iinfo(out.dtype).max)
        mixed = np.empty((len(under), 3), out.dtype)
        put(mixed, under * (1.0 - small[there][:, 3:]) + small[there][:, :3])
        out[there, :3] = mixed

    def _whole(self, bounds: Bounds, layer: str, picture: Picture | None) -> np.ndarray:
        full = self._full(bounds)
        canvas = np.zeros((full[3] - full[1], full[2] - full[0], 4), np.float32)
        self._ground(canvas, full, layer)
        if picture is not None:
            lay(canvas, full, picture)
        return canvas

    def _ground(self, out: np.ndarray, bounds: Bounds, layer: str) -> None:
        """What a layer is where there is no face."""
        out[...] = 0
        if layer == "st":
            x1, y1, x2, y2 = bounds
            width, height = self.size
            ground = np.ones((1, x2 - x1, 4), np.float32)
            ground[..., 0], ground[..., 2] = (np.arange(x1, x2) + 0.5) / width, 0.0
            for row in range(y2 - y1):
                # As ff_vfx.image.st_map has it, to the bit: y counted from the top, then turned.
                ground[..., 1] = 1.0 - (height - 1 - (y1 + row) + 0.5) / height
                put(out[row : row + 1], ground)

    def _full(self, bounds: Bounds) -> Bounds:
        x, y = self.scale
        return round(bounds[0] / x), round(bounds[1] / y), round(bounds[2] / x), round(bounds[3] / y)

    def _small(self, whole: np.ndarray, size: tuple[int, ...], layer: str) -> np.ndarray:
        way = cv2.INTER_AREA if min(self.scale) <= 1.0 else cv2.INTER_LINEAR
        small = cv2.resize(whole, (size[0], size[1]), interpolation=way)
        if layer == "motion":
            small *= np.array([*self.scale, *self.scale], np.float32)
        return small


def lay(out: np.ndarray, bounds: Bounds, picture: Picture) -> None:
    """Put a picture's values where they belong, all four channels; its mask is not asked.

    Args:
        out: (h, w, 4) of any host's type, bottom row first, over `bounds`.
    """
    if shared := _shared(bounds, picture.bounds):
        put(out[shared[0]], picture.values[shared[1]])


def lay_colour(out: np.ndarray, bounds: Bounds, picture: Picture) -> None:
    """Put a picture's colour where its mask is True; nothing else is changed, alpha neither. out: as `lay`."""
    shared = _shared(bounds, picture.bounds)
    if shared is None or picture.mask is None:
        return
    target, values, mask = out[shared[0]], picture.values[shared[1]], picture.mask[shared[1]]
    if target.dtype != np.float32:
        coded = np.empty(values.shape, target.dtype)
        put(coded, values)
        np.copyto(target[..., :3], coded[..., :3], where=mask[..., None])
        return
    # Red and green as one number, then blue: a third of the time of three channels under a mask.
    np.copyto(target.view(np.uint64)[..., 0], values.view(np.uint64)[..., 0], where=mask)
    np.copyto(target[..., 2], values[..., 2], where=mask)


def _shared(outer: Bounds, inner: Bounds) -> tuple[_Part, _Part] | None:
    """Rows and columns that both have, in the first and in the second; None where there are none."""
    x1, y1 = max(outer[0], inner[0]), max(outer[1], inner[1])
    x2, y2 = min(outer[2], inner[2]), min(outer[3], inner[3])
    if x1 >= x2 or y1 >= y2:
        return None
    there = slice(y1 - outer[1], y2 - outer[1]), slice(x1 - outer[0], x2 - outer[0])
    return there, (slice(y1 - inner[1], y2 - inner[1]), slice(x1 - inner[0], x2 - inner[0]))


def _canvas(bounds: Bounds, picture: Picture) -> np.ndarray:
    canvas = np.zeros((bounds[3] - bounds[1], bounds[2] - bounds[0], 4), np.float32)
    lay(canvas, bounds, picture)
    return canvas


def _within(inner: Bounds, outer: Bounds) -> bool:
    return outer[0] <= inner[0] and outer[1] <= inner[1] and outer[2] >= inner[2] and outer[3] >= inner[3]
