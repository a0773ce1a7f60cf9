"""A shot of noise with a moving face in it, and what codecs make of it. Read by the invisible mark's tests."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import torch

from ff_vfx.plate import write_movie
from ff_vfx.trust.invisible import PUBLIC_KEY, Found, Search, display_of, find, hear, pattern_of, periods_of, stops_of
from ff_vfx.types.window import Window

PAYLOAD = 0xDEADBEEF
SIZE = (640, 360)


def made_shot(frames: int = 4, seed: int = 3) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Scene-linear pictures (3, h, w) with grain, and the coverage (1, h, w) of a round face of 230 px that moves."""
    rng = np.random.default_rng(seed)
    width, height = SIZE
    smooth = cv2.GaussianBlur(rng.normal(0.0, 1.0, (height, width, 3)), (0, 0), 14.0)
    edges = cv2.GaussianBlur((rng.random((height, width, 3)) > 0.5).astype(float), (0, 0), 5.0)
    ground = 0.2 * 2.0 ** (14.0 * smooth + 4.0 * (edges - 0.5))
    rows, columns = np.mgrid[:height, :width]
    shot = []
    for number in range(frames):
        grain = 2.0 ** rng.normal(0.0, 0.03, (height, width, 1))
        moved = np.roll(ground, 2 * number, 1) * grain
        near = np.hypot(columns - 320 - 2 * number, rows - 180) / 115.0
        coverage = np.clip((1.1 - near) / 0.2, 0.0, 1.0)[None]
        shot.append((torch.from_numpy(moved.transpose(2, 0, 1)).float(), torch.from_numpy(coverage).float()))
    return shot


def laid(
    shot: list[tuple[torch.Tensor, torch.Tensor]], payload: int = PAYLOAD, key: bytes = PUBLIC_KEY
) -> list[torch.Tensor]:
    """The shot with the mark in its face."""
    whole = Window(0, 0, *SIZE)
    noise = pattern_of(payload, key).over(whole, whole)
    return [light * torch.exp2(stops_of(light, noise) * coverage) for light, coverage in shot]


def shown(light: torch.Tensor) -> np.ndarray:
    """(h, w, 3) uint16 as a display codes it."""
    coded = light.clamp(0.0, 1.0).pow(1.0 / 2.4)
    return (coded * 65535.0 + 0.5).to(torch.int32).permute(1, 2, 0).numpy().astype(np.uint16)


def through(pictures: list[np.ndarray], path: Path, codec: str, crf: int = 0) -> list[np.ndarray]:
    """What a movie makes of them: (h, w, 3) uint16 again. codec: one of ours, or x264 at some crf."""
    if codec != "x264":
        write_movie(pictures, path, rate=Fraction(24), codec=codec)  # type: ignore[arg-type]
    else:
        with av.open(str(path), "w") as container:
            stream = container.add_stream("libx264", rate=24, options={"crf": str(crf)})
            stream.height, stream.width, stream.pix_fmt = pictures[0].shape[0], pictures[0].shape[1], "yuv420p"
            for picture in pictures:
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb48le")))
            container.mux(stream.encode(None))
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb48le") for frame in container.decode(video=0)]


def halved(pictures: list[np.ndarray]) -> list[np.ndarray]:
    height, width = pictures[0].shape[:2]
    return [cv2.resize(one, (width // 2, height // 2), interpolation=cv2.INTER_AREA) for one in pictures]


def found_in(pictures: list[np.ndarray], keys: dict[str, bytes] | None = None, made_px: int = 0) -> Found:
    """The search, as the door starts it."""
    codes = [
        display_of(torch.from_numpy(one.transpose(2, 0, 1).astype(np.float32) / 65535.0), linear=False)
        for one in pictures
    ]
    periods = periods_of(codes[0].shape[1], made_px)
    return find(Search(keys or {"public": PUBLIC_KEY}, periods, lambda period: hear(codes, period)))
