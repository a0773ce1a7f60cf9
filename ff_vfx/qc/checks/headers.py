"""Does each file say of itself what it should? Layers, windows, time, colour, compression. Read by table.

Frames whose plate could not be read are not compared with it; the check of the plate says so.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from ff_vfx.qc.checks.verdict import failed, passed
from ff_vfx.types.delivery import DeliveredFrame, Delivery, HeaderFacts
from ff_vfx.types.finding import Finding
from ff_vfx.types.window import Window

LAYERS, WINDOWS, TIMING, COLOUR, LOSSLESS = "layers", "windows", "timing", "colour-space", "lossless"
_PICTURE = frozenset("RGBA")
_FACE = frozenset({"ffMatte.red", "ffMatte.green", "ffMatte.blue", "ffMatte.alpha"})
_ALL = _FACE | {"ffFace.R", "ffFace.G", "ffFace.B", "ffFace.A"}
_DATA = ("depth", "ffSt.", "forward.", "backward.", "ffPeople", "ffParts", "crypto", "motion", "ffMatte.", "ffAux.")
_OURS = re.compile(r"ff[A-Z]\w*\.|(forward|backward)\.[uv]$")
_RANKS = re.compile(r"ff[A-Z]\w*(?!00)\d\d\.")  # further ranks of a Cryptomatte: where several people are in a frame
_RENDERED = "ffvfx/stamp"  # only a file of ours has it
_NEAR = 1e-3
_RENDER = "render again"


def layers(delivery: Delivery) -> Finding:
    """Every frame has the layers it should, and the plate's own channels in the plate's own types."""
    usual = _usual(delivery)
    wrong: dict[int, str] = {}
    for number, frame in delivery.whole.items():
        assert frame.header
        missing = sorted(_wanted(delivery, frame, usual) - set(frame.header.channels))
        if missing:
            wrong[number] = f"without {_few(missing)}"
        elif delivery.layers == "all" and frame.plate and (other := _other_types(frame.header, frame.plate)):
            wrong[number] = f"{_few(other)} of another type than in the plate"
    if wrong:
        return failed(LAYERS, wrong, f"{_said(wrong)}; {_RENDER}", faults=wrong)
    return passed(LAYERS, f"{len(usual)} channels in every frame with a face")


def windows(delivery: Delivery) -> Finding:
    """Picture size, data window and pixel aspect are the plate's."""
    wrong: dict[int, str] = {}
    for number, frame in delivery.whole.items():
        if frame.plate and (what := _other_window(delivery, frame)):
            wrong[number] = what
    if wrong:
        return failed(WINDOWS, wrong, f"{_said(wrong)}; {_RENDER} from this plate", faults=wrong)
    return _compared(WINDOWS, delivery, "display window, data window and pixel aspect are the plate's")


def timing(delivery: Delivery) -> Finding:
    """Frame rate and timecode are the plate's."""
    wrong: dict[int, str] = {}
    for number, frame in delivery.whole.items():
        made, plate = frame.header, frame.plate
        if made is None or plate is None:
            continue
        if made.rate != plate.rate:
            wrong[number] = f"{_rate(made.rate)}, the plate {_rate(plate.rate)}"
        elif made.timecode != plate.timecode:
            wrong[number] = "the timecode is not the plate's"
    if wrong:
        return failed(
            TIMING, wrong, f"{_said(wrong)}; `ff-vfx check --repair timing` puts the plate's back", faults=wrong
        )
    return _compared(TIMING, delivery, "rate and timecode are the plate's")


def colour_space(delivery: Delivery) -> Finding:
    """What the files say of their colour is what the pixels are in."""
    wrong: dict[int, str] = {}
    for number, frame in delivery.whole.items():
        assert frame.header
        if what := _other_colour(delivery, frame.header, frame.plate):
            wrong[number] = what
    if wrong:
        fix = "`ff-vfx check --repair colour-space` corrects the attributes; the pixels stay"
        return failed(COLOUR, wrong, f"{_said(wrong)}; {fix}", faults=wrong)
    return passed(COLOUR, f"every frame says {delivery.colour_space or 'what its plate says'}")


def lossless(delivery: Delivery) -> Finding:
    """No codec has changed a value: not in mattes, ids and motion, and not in the picture."""
    wrong: dict[int, str] = {}
    for number, frame in delivery.whole.items():
        assert frame.header
        if frame.header.lossy:
            names = sorted(frame.header.lossy, key=lambda name: (not name.startswith(_DATA), name))
            wrong[number] = f"{frame.header.lossy[names[0]].upper()} on {_few(names)}"
    if wrong:
        fix = "what it took away cannot be put back: render again with zip, zips or piz (`output.compression`)"
        return failed(LOSSLESS, wrong, f"lossy compression: {_said(wrong)}; {fix}", faults=wrong)
    return passed(LOSSLESS, "every channel is stored without loss")


def _usual(delivery: Delivery) -> frozenset[str]:
    """The channels that frames with a face have, more often than not: all are made alike."""
    counts: Counter[frozenset[str]] = Counter(
        frozenset(frame.header.channels)
        for frame in delivery.whole.values()
        if frame.header and frame.pixels and frame.pixels.generated and not frame.passed
    )
    return counts.most_common(1)[0][0] if counts else frozenset()


def _wanted(delivery: Delivery, frame: DeliveredFrame, usual: frozenset[str]) -> frozenset[str]:
    """What this frame must have."""
    theirs = _own_channels(frame.plate) if frame.plate and delivery.layers == "all" else frozenset()
    if frame.passed:
        return theirs
    ours = _ALL if delivery.layers == "all" else _FACE | _PICTURE
    return ours | theirs | {name for name in usual if name.startswith("ff") and not _RANKS.match(name)}


def _own_channels(plate: HeaderFacts) -> frozenset[str]:
    """The plate's, but for those that an earlier render of ours left in it and a new one replaces."""
    again = _RENDERED in plate.attributes
    return frozenset(name for name in plate.channels if not (again and _OURS.match(name)))


def _other_types(made: HeaderFacts, plate: HeaderFacts) -> list[str]:
    """The plate's channels that are of another type now."""
    kept = (name for name in plate.channels if not _OURS.match(name))
    return sorted(name for name in kept if made.channels.get(name, "") not in ("", plate.channels[name]))


def _other_window(delivery: Delivery, frame: DeliveredFrame) -> str:
    made, plate = frame.header, frame.plate
    assert made and plate
    if made.display_window != plate.display_window:
        return f"display window {_box(made.display_window)}, the plate {_box(plate.display_window)}"
    inside = made.data_window.intersect(plate.data_window) == made.data_window
    if not inside if delivery.layers == "face" else made.data_window != plate.data_window:
        return f"data window {_box(made.data_window)}, the plate {_box(plate.data_window)}"
    if made.aspect != plate.aspect:
        return f"pixel aspect {made.aspect:g}, the plate {plate.aspect:g}"
    return ""


def _other_colour(delivery: Delivery, made: HeaderFacts, plate: HeaderFacts | None) -> str:
    """What a frame says of its colour that is not so, '' where all is."""
    space = delivery.colour_space
    if plate and not _same(made.chromaticities, plate.chromaticities):
        return "the chromaticities are not the plate's"
    if plate is None and space and made.primaries and made.primaries != space:
        return f"its chromaticities are those of {made.primaries}, its pixels are {space}"
    if delivery.interop and made.interop != delivery.interop:
        return f"colorInteropID is {made.interop or 'absent'}, for {space} it is {delivery.interop}"
    other = [name for name in made.spaces if space and name != space]
    return f"says {other[0]}, its pixels are {space}" if other else ""


def _same(some: tuple[float, ...], others: tuple[float, ...]) -> bool:
    return len(some) == len(others) and all(abs(a - b) <= _NEAR for a, b in zip(some, others))


def _compared(check: str, delivery: Delivery, message: str) -> Finding:
    if any(frame.plate for frame in delivery.whole.values()):
        return passed(check, message)
    return Finding(
        check, "skipped", "the plate is no EXR sequence that could be read: there is nothing to compare with"
    )


def _said(wrong: Mapping[int, str]) -> str:
    """The first frame's words, and that there are others."""
    texts = dict.fromkeys(wrong[number] for number in sorted(wrong))
    first = next(iter(texts))
    return first if len(texts) == 1 else f"{first}, and other faults like it"


def _few(names: list[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def _box(window: Window) -> str:
    return f"({window.x0}, {window.y0})-({window.x1}, {window.y1})"


def _rate(text: str) -> str:
    return f"{text.removesuffix('/1')} frames a second" if text else "no frame rate"
