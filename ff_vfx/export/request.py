"""What is wanted of an export. Read by the writers and the door."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """One export of one person.

    format: one of FORMATS. points: names or landmark numbers of trackers. shapes: names of roto shapes. Empty: the
        usual ones, see `marks`.
    offset: added to every frame number. reference: a frame of the plate (before the offset) whose picture a corner pin
        carries along; None: a pin lays the picture's own corners on the face's crop.
    tolerance_px: how far a shape may lie off between its keys; 0 keys every frame.
    """

    format: str
    points: tuple[str, ...] = ()
    shapes: tuple[str, ...] = ()
    offset: int = 0
    reference: int | None = None
    tolerance_px: float = 0.0
