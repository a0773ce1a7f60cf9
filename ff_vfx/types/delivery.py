"""The gathered facts of a finished sequence, as plain data: what publish checks judge. Loads neither torch nor numpy.

Made by ff_vfx.door.delivery.gathering, which has read every file to its end; read by ff_vfx.qc.checks and by reports.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ff_vfx.types.clearance import Clearance
from ff_vfx.types.finding import Finding
from ff_vfx.types.window import Window

SIDES = ("left", "top", "right", "bottom")


@dataclass(frozen=True, slots=True)
class HeaderFacts:
    """What one EXR says of itself.

    rate: 'numerator/denominator' frames a second, '' where it does not say. timecode: its bytes in hexadecimal.
    spaces: the colour spaces it names, by the config's name where that knows them. primaries: the scene-linear space
    of its chromaticities, which are eight floats or none. interop: its `colorInteropID`. channels: name -> 'half' |
    'float' | 'uint'. lossy: channel -> the codec that does not keep its bits. attributes: those with text or a number.
    """

    data_window: Window
    display_window: Window
    aspect: float = 1.0
    rate: str = ""
    timecode: str = ""
    spaces: tuple[str, ...] = ()
    primaries: str = ""
    chromaticities: tuple[float, ...] = ()
    interop: str = ""
    channels: Mapping[str, str] = field(default_factory=dict)
    lossy: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PixelFacts:
    """What was measured in one frame's pixels.

    not_finite: channel -> how many NaN or Inf it has that the plate has not. matte_low, matte_high: over all mattes,
    matte_worst names the channel of the worse. generated: whether it has layers of ours at all. covered: pixels with
    any coverage. at_edge: side of the data window -> the highest coverage that lies against it. changed: channel ->
    pixels that differ from the plate's bits where coverage is 0; changed_at: the first of them, x, y.
    compared: False where there was no plate's frame to compare with.
    """

    not_finite: Mapping[str, int] = field(default_factory=dict)
    matte_low: float = 0.0
    matte_high: float = 0.0
    matte_worst: str = ""
    generated: bool = False
    covered: int = 0
    at_edge: Mapping[str, float] = field(default_factory=dict)
    changed: Mapping[str, int] = field(default_factory=dict)
    changed_at: tuple[int, int] | None = None
    compared: bool = False


@dataclass(frozen=True, slots=True)
class DeliveredFrame:
    """One file. fault: why it could not be read to its end, '' where it could; header and pixels are None then.

    plate: what the plate's own file says; None where it is no EXR or could not be read (plate_fault says why).
    passed: the plate went through unchanged, as the manifest says. leaving: sides over which the face leaves the plate,
    as the solve has it.
    """

    number: int
    path: str
    fault: str = ""
    sha256: str = ""
    header: HeaderFacts | None = None
    pixels: PixelFacts | None = None
    plate: HeaderFacts | None = None
    plate_fault: str = ""
    passed: bool = False
    leaving: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SealFacts:
    """The sequence manifest. path: where it lies or should. fault: why it cannot be believed, '' where it can be.

    absent: there is none. signer: who signed it. hashes: frame -> sha256 of the file it speaks of.
    """

    path: str = ""
    fault: str = ""
    absent: bool = False
    signer: str = ""
    hashes: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """A network that made pixels. fault: its file here is not the one that was used, or cannot be told; '' none.

    unknown: it is not on this machine. made: the frames it made. frames: those of them whose header speaks of another.
    """

    name: str
    sha256: str
    licence: str
    allowed_use: str
    fault: str = ""
    unknown: bool = False
    made: tuple[int, ...] = ()
    frames: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with a thing beside the pictures: a log, a sidecar. frames: those it concerns, none for all."""

    text: str
    frames: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """A finished sequence and all that is known of it today.

    pattern, plate: patterns of the files. expected: the frames that must be there, expected_by: who says so. frames:
    by number, those that are there. strays: files that should not lie there. layers: 'all' | 'face', as it was asked.
    colour_space: the space of the pixels, by the config's name; interop: its `colorInteropID`, '' none. use: what it
    is published for. labels: frame -> what is wrong with its label. marked: frames that bear the mark of missing
    consent. clearances: what today's records say of everyone in it. audit, c2pa: what is wrong; None where there is
    none. quality: what QC found; None where it was not asked.
    """

    pattern: str
    plate: str = ""
    expected: tuple[int, ...] = ()
    expected_by: str = ""
    frames: Mapping[int, DeliveredFrame] = field(default_factory=dict)
    strays: tuple[str, ...] = ()
    layers: str = "all"
    colour_space: str = ""
    interop: str = ""
    use: str = ""
    labels: Mapping[int, str] = field(default_factory=dict)
    marked: tuple[int, ...] = ()
    seal: SealFacts = SealFacts()
    models: tuple[ModelFacts, ...] = ()
    clearances: tuple[Clearance, ...] = ()
    audit: tuple[Fault, ...] | None = None
    c2pa: tuple[Fault, ...] | None = None
    quality: tuple[Finding, ...] | None = None

    @property
    def whole(self) -> dict[int, DeliveredFrame]:
        """The frames that could be read to their ends."""
        return {number: frame for number, frame in self.frames.items() if not frame.fault}
