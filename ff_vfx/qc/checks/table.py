"""All publish checks, in order, and how they are run together. Read by the door; apps make their own of each from this.

One fault turns one check red: a check is not shown the frames for which an earlier one has already found why they are
not as they should be. What is hidden so is said by that one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

from ff_vfx.errors import BadInput
from ff_vfx.qc.checks import files, headers, pixels, quality, trust
from ff_vfx.types.delivery import Delivery, Fault
from ff_vfx.types.finding import Finding
from ff_vfx.types.frame_ranges import said_ranges

_FILE = (files.WHOLE,)
_LOSS = (*_FILE, headers.LAYERS, headers.WINDOWS, headers.LOSSLESS)
_PIXELS = (pixels.FINITE, pixels.RANGE, pixels.PRESENT, pixels.EDGE, pixels.PLATE)
_CONTENT = (*_LOSS, headers.TIMING, headers.COLOUR, *_PIXELS, trust.LABEL, trust.HASH)


@dataclass(frozen=True, slots=True)
class Check:
    """One check. run: a pure function of the delivery. yields_to: earlier checks whose frames it does not count again.

    name: for machines; title: for people; guards: what it keeps from happening. waivable: whether a person may sign for
    it by name. repair: what `--repair` can do about it without touching a pixel, '' nothing.
    """

    name: str
    title: str
    guards: str
    run: Callable[[Delivery], Finding]
    yields_to: tuple[str, ...] = ()
    waivable: bool = False
    repair: str = ""


CHECKS = (
    Check(files.COMPLETE, "Frames complete", "a hole in the shot, or a frame too many", files.frames_complete),
    Check(files.TIDY, "Folder tidy", "half-written and doubled files taken for frames", files.folder_tidy,
          repair="deletes what a broken run left half-written"),
    Check(files.WHOLE, "Files whole", "a file cut short by a full disk or a broken copy", files.files_whole),
    Check(headers.LAYERS, "Layers there", "a comp that breaks for want of a layer", headers.layers),
    Check(headers.WINDOWS, "Windows as the plate", "a picture that lies beside its plate", headers.windows),
    Check(headers.TIMING, "Rate and timecode as the plate", "a conform that slips", headers.timing,
          repair="puts the plate's rate and timecode into the header"),
    Check(headers.COLOUR, "Colour space said truly", "a picture shown in the wrong colours", headers.colour_space,
          repair="corrects what the header says of the colour"),
    Check(headers.LOSSLESS, "Stored without loss", "mattes, ids and motion bent by a codec", headers.lossless),
    Check(pixels.FINITE, "No NaN or Inf", "blocks of black or white after the next filter", pixels.finite, _LOSS),
    Check(pixels.RANGE, "Mattes in [0, 1]", "mattes that add or take light", pixels.matte_range, _LOSS),
    Check(pixels.PRESENT, "Mattes not empty", "a shot that was not done", pixels.matte_present, _LOSS, waivable=True),
    Check(pixels.EDGE, "Mattes not cut off", "a hard edge where the picture ends", pixels.matte_edge, _LOSS,
          waivable=True),
    Check(pixels.PLATE, "Plate untouched", "pixels changed that nobody asked to change", pixels.plate_untouched,
          (*_LOSS, pixels.PRESENT)),
    Check(trust.LABEL, "AI label", "a synthetic face that does not say so", trust.label, _FILE,
          repair="writes the label that the manifest vouches for"),
    Check(trust.MANIFEST, "Manifest signed", "frames that nobody vouches for", trust.manifest, (files.COMPLETE,)),
    Check(trust.HASH, "Models known", "a network that is not the one it is said to be", trust.model_hash, _FILE),
    Check(trust.INTACT, "Files as rendered", "a header or a picture edited afterwards", trust.intact, _CONTENT),
    Check(trust.LICENCE, "Models licensed", "a non-commercial network in paid work", trust.model_licence),
    Check(trust.CONSENT, "Consent", "a face used without leave", trust.consent),
    Check(trust.AUDIT, "Log whole", "a history that was rewritten", trust.audit),
    Check(trust.C2PA, "Content credentials", "credentials that speak of other files", trust.c2pa,
          (*_CONTENT, trust.INTACT)),
    Check(quality.QUALITY, "Quality limits", "flicker, pops and smears that nobody signed for", quality.quality,
          _CONTENT, waivable=True),
)  # fmt: skip
"""In the order in which they run and are shown; a check stands behind those it yields to."""


def run_checks(
    delivery: Delivery,
    *,
    only: Collection[str] = (),
    skip: Collection[str] = (),
    waive: Callable[[Finding], Finding] = lambda finding: finding,
) -> tuple[Finding, ...]:
    """Judge a delivery.

    Args:
        only: names of checks; empty: all. skip: names of those that are not run, and then explain nothing.
        waive: lets pass what somebody has signed for, of checks that are waivable. What is waived explains nothing
            either: a frame that may touch the edge may not have been edited as well.

    Returns:
        One finding a check, in the order of CHECKS.

    Raises:
        BadInput: there is no check of such a name.
    """
    refuse_unknown([*only, *skip])
    chosen = [check for check in CHECKS if (not only or check.name in only) and check.name not in skip]
    findings: dict[str, Finding] = {}
    for check in chosen:
        explained = {number for name in check.yields_to if name in findings for number in _named(findings[name])}
        shown = without(delivery, explained) if explained else delivery
        found = check.run(shown)
        findings[check.name] = waive(found) if check.waivable else found
    return tuple(_with_changes(finding, findings, delivery) for finding in findings.values())


def refuse_unknown(names: Iterable[str]) -> None:
    """See that there are checks of these names.

    Raises:
        BadInput: there is one that is none.
    """
    known = [check.name for check in CHECKS]
    for name in names:
        if name not in known:
            raise BadInput(f"check '{name}' is unknown; use {', '.join(known)}")


def without(delivery: Delivery, numbers: Collection[int]) -> Delivery:
    """The delivery as if these frames had not been looked at."""
    return replace(
        delivery,
        frames={number: frame for number, frame in delivery.frames.items() if number not in numbers},
        labels={number: text for number, text in delivery.labels.items() if number not in numbers},
        c2pa=_faults_without(delivery.c2pa, numbers),
        models=tuple(
            replace(one, frames=tuple(number for number in one.frames if number not in numbers))
            for one in delivery.models
        ),
        quality=_quality_without(delivery.quality, numbers),
    )


def _named(finding: Finding) -> tuple[int, ...]:
    return finding.frames if finding.stops else ()


def _faults_without(faults: tuple[Fault, ...] | None, numbers: Collection[int]) -> tuple[Fault, ...] | None:
    if faults is None:
        return None
    left = [(fault, tuple(number for number in fault.frames if number not in numbers)) for fault in faults]
    return tuple(replace(fault, frames=frames) for fault, frames in left if frames or not fault.frames)


def _quality_without(findings: tuple[Finding, ...] | None, numbers: Collection[int]) -> tuple[Finding, ...] | None:
    """A limit that only these frames and their neighbours break is broken by what is wrong with them."""
    if findings is None:
        return None
    near = {number + step for number in numbers for step in (-1, 0, 1)}
    return tuple(
        finding
        if not finding.stops or not finding.frames or set(finding.frames) - near
        else replace(finding, outcome="skipped")
        for finding in findings
    )


def _with_changes(finding: Finding, findings: dict[str, Finding], delivery: Delivery) -> Finding:
    """A fault of a file's content says also whether it came after the render: `intact` leaves that frame to it."""
    if trust.INTACT not in findings or finding.check not in _CONTENT or not finding.stops:
        return finding
    hashes = delivery.seal.hashes
    changed = [n for n in finding.frames if n in delivery.frames and _changed(delivery.frames[n].sha256, hashes.get(n))]
    if not changed:
        return finding
    return replace(finding, message=f"{finding.message} ({said_ranges(changed)} changed since the render)")


def _changed(digest: str, sealed: str | None) -> bool:
    return bool(digest and sealed and digest != sealed)
