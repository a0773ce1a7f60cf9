"""How a swapper is run on a shot: at what size, how many at once, as whom. Decided once, so that nothing pops.

Read by the door, which opens swappers, and by swap_fuser.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import numpy as np

from ff_vfx.engine.batch import invariant_batch
from ff_vfx.errors import BadInput
from ff_vfx.fuse.swap.layout import SwapLayout, swap_layout
from ff_vfx.image.fit import similarity_matrix
from ff_vfx.types.engine import Engine
from ff_vfx.types.face import FaceTrack
from ff_vfx.types.settings import FuseSettings
from ff_vfx.types.template import Template, five_points

_MOST_BOOST = 3  # chosen by itself: it costs its square, and beyond it nothing is gained; docs/swappers.md
_LEAST_PX, _MOST_PX = 96, 1024  # of a network whose size is open
_USUAL = 512  # numbers of an identity whose length is open
_PICTURES = 8  # most at once; more gains little and costs memory
_SLOW_S = 0.1  # a picture: so long a run fills the machine by itself, and would make measuring batches long


@dataclass(frozen=True, slots=True)
class SwapPlan:
    """boost: times the network's own side. side: its own side, px; None: the crop's. most: frames at once.

    pictures: at once, each phase of each frame is one.
    """

    boost: int = 1
    side: int | None = None
    most: int = 1
    pictures: int = 1


def swap_plan(engine: Engine, track: FaceTrack, settings: FuseSettings, people: int = 1) -> SwapPlan:
    """The plan for one shot: of a fixed size boosted, of an open size chosen, so that face and picture are as fine.

    Args:
        people: whose faces the engine draws in the shot.

    Raises:
        ModelError: the network's inputs and outputs are not a swapper's, or it does not run.
    """
    layout = swap_layout(engine.spec)
    face_px = aligned_side(track, engine.spec.template) * settings.detail
    side = layout.side
    if side is not None:
        boost = settings.boost or int(np.clip(round(face_px / side), 1, _MOST_BOOST))
    else:
        boost = settings.boost or 1
        if engine.spec.template is not None:
            multiple = engine.spec.multiple
            wanted = float(np.clip(face_px / boost, _LEAST_PX, _MOST_PX))
            side = math.ceil(wanted / multiple) * multiple
    pictures = _at_once(engine, layout, side, min(_PICTURES, settings.batch * boost * boost * people))
    return SwapPlan(boost, side, max(1, min(settings.batch, pictures // (boost * boost))), pictures)


def aligned_side(track: FaceTrack, template: Template | None) -> float:
    """The side of the aligned square over the shot, plate px: nine frames of ten are no larger. 0 without a face."""
    rows = [i for i, status in enumerate(track.status) if status != "lost"]
    if template is None:
        sides = [math.sqrt(abs(np.linalg.det(track.crop_to_plate[i][:2, :2]))) for i in rows]
    else:
        unit = np.array(template.points)
        fits = [similarity_matrix(unit, five_points(track.landmarks[i])) for i in rows]
        sides = [math.sqrt(abs(np.linalg.det(fit[:2, :2]))) for fit in fits]
    return float(np.quantile(sides, 0.9)) if sides else 0.0


def identity_input(
    layout: SwapLayout, embedding: np.ndarray | None, matrix: np.ndarray | None, name: str
) -> np.ndarray | None:
    """What the identity input takes, (1, d) float32, once a shot; None where there is no such input.

    Args:
        embedding: (e,) what the recogniser sees in the performer. matrix: (e, d), see Manifest.identity_matrix; what
            comes out of it is brought to length 1 again. name: the model's, for messages.

    Raises:
        BadInput: no embedding is given, or its length is not what the network takes.

    Source: the layout of INSwapper as its authors publish it (docs of insightface): latent = normed(normed @ emap).
    """
    if layout.identity is None:
        return None
    if embedding is None:
        raise BadInput(f"swapper {name}: wants to know whose face; name a recogniser (track.recogniser, or a pack)")
    latent = _unit(np.asarray(embedding, np.float64).reshape(-1), name)
    if matrix is not None:
        if matrix.ndim != 2 or matrix.shape[0] != latent.size:
            raise BadInput(
                f"swapper {name}: its identity matrix is {matrix.shape}, the recogniser gives {latent.size} numbers; "
                "use the recogniser it was trained with"
            )
        latent = _unit(latent @ matrix.astype(np.float64), name)
    rest = layout.identity.shape[1:]
    wanted = None if None in rest else math.prod(n for n in rest if n)
    if wanted not in (None, latent.size):
        raise BadInput(
            f"swapper {name}: input '{layout.identity.name}' takes {wanted} numbers, the recogniser gives "
            f"{latent.size}; use the recogniser it was trained with"
        )
    shape = tuple(n for n in rest if n) if wanted else (latent.size,)
    return np.ascontiguousarray(latent.reshape((1, *shape)), np.float32)


def _unit(vector: np.ndarray, name: str) -> np.ndarray:
    length = float(np.linalg.norm(vector))
    if not math.isfinite(length) or length == 0.0:
        raise BadInput(f"swapper {name}: the performer's embedding is empty or not finite; use other stills")
    return vector / length


def _at_once(engine: Engine, layout: SwapLayout, side: int | None, most: int) -> int:
    """How many pictures may be run at once without changing a bit; 1 where that gains nothing."""
    if most < 2 or layout.picture.shape[0] is not None or side is None:
        return 1
    shape = (1, 3, side, side) if layout.picture.layout == "nchw" else (1, side, side, 3)
    levels = [np.mean(level) for level in (layout.picture.low, layout.picture.high)]
    example = {layout.picture.name: np.full(shape, sum(levels) / 2.0, np.float32)}
    if layout.identity is not None:
        rest = [n or _USUAL for n in layout.identity.shape[1:]]
        example[layout.identity.name] = np.full((1, *rest), math.prod(rest) ** -0.5, np.float32)
    engine.run(example)  # the first may be slow for reasons of its own
    start = time.perf_counter()
    engine.run(example)
    return 1 if time.perf_counter() - start > _SLOW_S else invariant_batch(engine, most, example)
