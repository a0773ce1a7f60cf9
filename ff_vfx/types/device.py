"""On what networks run, as a text says it: 'cpu', 'cuda', 'cuda:1', 'cuda:0,cuda:1', 'cuda:0/tensorrt/fp16'.

Read by the door (which parses a job's) and engine (which obeys). Loads neither torch nor numpy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ff_vfx.errors import BadInput

RUNTIMES = ("torch", "onnx", "tensorrt", "opencv")
PRECISIONS = ("fp32", "fp16", "int8")
_PLACE = re.compile(r"(cpu)|cuda(?::(\d{1,2}))?")


@dataclass(frozen=True, slots=True)
class Device:
    """One place. kind: 'cpu' | 'cuda'. index: which card. runtime: one of RUNTIMES, '' what the model says first.

    precision: one of PRECISIONS; below fp32 only what keeps to the manifest's tolerance is taken.
    """

    kind: str = "cpu"
    index: int = 0
    runtime: str = ""
    precision: str = "fp32"

    def __str__(self) -> str:
        where = self.kind if self.kind == "cpu" else f"{self.kind}:{self.index}"
        return "/".join([where, *([self.runtime] if self.runtime else []), *_other_than_default(self.precision)])


CPU = Device()


def parse_devices(text: str) -> tuple[Device, ...]:
    """The places a text names; the CPU for an empty one.

    Raises:
        BadInput: not of the forms above; the message says which part.
    """
    places, *wishes = text.replace(" ", "").split("/")
    runtime = next((wish for wish in wishes if wish in RUNTIMES), "")
    precision = next((wish for wish in wishes if wish in PRECISIONS), "fp32")
    if wrong := [wish for wish in wishes if wish not in (runtime, precision)]:
        raise BadInput(f"device '{text}': '{wrong[0]}' is none of {', '.join((*RUNTIMES, *PRECISIONS))}")
    return tuple(_place(text, place, runtime, precision) for place in (places.split(",") if places else ["cpu"]))


def _place(text: str, place: str, runtime: str, precision: str) -> Device:
    found = _PLACE.fullmatch(place)
    if found is None:
        raise BadInput(f"device '{text}': '{place}' is neither cpu, cuda nor cuda:N")
    return Device("cpu" if found[1] else "cuda", int(found[2] or 0), runtime, precision)


def _other_than_default(precision: str) -> list[str]:
    return [] if precision == "fp32" else [precision]
