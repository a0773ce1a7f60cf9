"""Whether each frame's label is there and true: what its header should say, by the signed manifest. Read by gathering.

The same expectation is what `--repair label` writes.
"""

from __future__ import annotations

from collections.abc import Iterable

from ff_vfx.trust.label import HIDDEN, LABEL, UNCHANGED, attributes_of, is_labelled, label_of
from ff_vfx.types.delivery import DeliveredFrame
from ff_vfx.types.manifest import Manifest

MODELS = "ffvfx/models"  # another check's: a network that is not the one it is said to be


def labels_of(manifest: Manifest | None, frames: Iterable[DeliveredFrame]) -> dict[int, str]:
    """Frame -> what is wrong with its label; frames whose label is as it should be are not in it."""
    wrong: dict[int, str] = {}
    for frame in frames:
        if frame.header is None:
            continue
        record = manifest.frames.get(frame.number) if manifest else None
        fault = _untrue(manifest, frame) if manifest and record else _unlabelled(frame)
        if fault:
            wrong[frame.number] = fault
    return wrong


def expected_label(manifest: Manifest, frame: DeliveredFrame) -> dict[str, str]:
    """What the header of a frame of the manifest should say of how it was made."""
    record, origin = manifest.frames[frame.number], manifest.origin_of(frame.number)
    earlier = frame.plate.attributes if frame.plate else {}
    texts = {name: value for name, value in earlier.items() if isinstance(value, str)}
    label = label_of(origin, record.stamp)
    told = attributes_of(label, frame.number, record.plate, passed=record.outcome == "passed", earlier=texts)
    return {name: text for name, text in told.items() if name != MODELS}


def _untrue(manifest: Manifest, frame: DeliveredFrame) -> str:
    """What the header does not say, or says otherwise than the manifest."""
    assert frame.header
    said = frame.header.attributes
    expected = expected_label(manifest, frame)
    missing = sorted(name for name in expected if name not in said)
    if missing:
        return f"the header lacks {', '.join(missing[:4])}"
    other = sorted(name for name, text in expected.items() if said[name] != text)
    return f"the header's {', '.join(other[:4])} is not what the manifest says" if other else ""


def _unlabelled(frame: DeliveredFrame) -> str:
    """Without a manifest: whether it says at all that it is made."""
    assert frame.header
    said = frame.header.attributes
    generated = bool(frame.pixels and frame.pixels.generated)
    if generated and not is_labelled(said):
        return "does not say that its face is made by AI"
    if not generated and not str(said.get(LABEL, "")).startswith((UNCHANGED, HIDDEN)):
        return "does not say whether it was changed"
    return ""
