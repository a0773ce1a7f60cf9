"""What a host wants of one frame, and what it hears of it. Read by session and by apps, which make them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ff_vfx.door.hosts.picture import Bounds, HostPicture, check_apart
from ff_vfx.door.hosts.shown import LAYERS
from ff_vfx.errors import BadInput


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """One frame's layers. number: the plate's own. scale: of the host's pictures, a proxy's, both at most 1.

    inputs: the host's own frames by number, the one asked for among them; empty: from the plate's files.
    outputs: layer and where it goes; `source` and `result` may go where that frame's input is.
    or_source: a frame that fails gives its source picture and the reason instead of an error.
    """

    number: int
    outputs: Sequence[tuple[str, HostPicture]]
    inputs: Mapping[int, HostPicture] = field(default_factory=dict)
    scale: tuple[float, float] = (1.0, 1.0)
    or_source: bool = False
    _digests: dict[int, bytes] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        if self.inputs and self.number not in self.inputs:
            raise BadInput(f"frame {self.number}: is not among the frames handed over; hand it over, or none")
        if not all(0.0 < part <= 1.0 for part in self.scale):
            raise BadInput(f"frame {self.number}: scale {self.scale}; (0, 1] can be")
        if unknown := [layer for layer, _ in self.outputs if layer not in LAYERS]:
            raise BadInput(f"layer {unknown[0]}: is unknown; use one of {', '.join(LAYERS)}")
        check_apart(list(self.inputs.values()), [picture for _, picture in self.outputs], self.own)

    @property
    def own(self) -> HostPicture | None:
        """The host's picture of this frame."""
        return self.inputs.get(self.number)

    @property
    def source_alone(self) -> bool:
        """Whether nothing of ours is asked for."""
        return all(layer == "source" for layer, _ in self.outputs)

    def digests(self) -> dict[int, bytes]:
        """Of the inputs' pixels, by number; taken once, before anything is written over them."""
        if not self._digests:
            self._digests.update({number: picture.digest() for number, picture in self.inputs.items()})
        return self._digests


@dataclass(frozen=True, slots=True)
class Answered:
    """outcome: 'rendered', 'passed' or 'failed'. window: the face's, y up. remembered: nothing had to be made."""

    outcome: str
    text: str = ""
    window: Bounds = (0, 0, 0, 0)
    remembered: bool = False
    computed_ms: float = 0.0
    copied_ms: float = 0.0
