"""The ST map that moves nothing. Read by plate (around a face's window) and composite (around several)."""

from __future__ import annotations

import numpy as np

from ff_vfx.types.window import Window


def own_place(window: Window, display: Window) -> tuple[np.ndarray, np.ndarray]:
    """u, v of every pixel of a window, (h, w) float32 each: its own place in the display window, from bottom left.

    Source: Nuke's STMap: (x + 0.5) / width, (y + 0.5) / height, y up.
    """
    u = (np.arange(window.x0, window.x1) + 0.5 - display.x0) / display.width
    v = 1.0 - (np.arange(window.y0, window.y1) + 0.5 - display.y0) / display.height
    shape = (window.height, window.width)
    return np.broadcast_to(u.astype(np.float32), shape), np.broadcast_to(v.astype(np.float32)[:, None], shape)
