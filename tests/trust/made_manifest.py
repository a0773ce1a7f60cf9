"""Small manifests for tests, made as a render makes them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ff_vfx.trust.manifest import add_frames, named, new_run, now, sign_frame
from ff_vfx.trust.signing import Signer
from ff_vfx.types.clearance import Clearance
from ff_vfx.types.manifest import FileHash, FrameRecord, Manifest, Origin

PATTERN = "comp.####.exr"
EVE = Clearance("Eve", True, record_id="r1", kind="synthetic", key="k", signer="K", sha256="3" * 64, record={"a": 1})


def signer(name: str = "artist") -> Signer:
    return Signer(name, Ed25519PrivateKey.generate())


def origin(**changes: object) -> Origin:
    plate = {"pattern": "plate.####.exr", "key": "k", "colour_space": "ACEScg", "size": [64, 48], "rate": "24"}
    models = ({"name": "net", "kind": "swapper", "licence": "MIT", "allowed_use": "any", "sha256": "4" * 64},)
    given = {
        "tool": "ff-vfx 9", "plate": plate, "solve": FileHash("solve.json", "5" * 64, 10),
        "settings": {"preset": "post"}, "models": models, "stills": (), "clearances": (EVE,),
        "job": {"plate": "plate.####.exr"},
    }  # fmt: skip
    return Origin(**{**given, **changes})  # type: ignore[arg-type]


def written(
    path: Path, numbers: Sequence[int], by: Signer, *, digest: str = "1" * 64, made_from: Origin | None = None
) -> Manifest:
    """Adds frames to the manifest at `path`."""
    origins, runs = named((made_from or origin(),), (new_run(by),))
    start = Manifest(str(path), "sequence", PATTERN, "", {}, origins, runs)
    return add_frames(start, [record(number, start, by, digest) for number in numbers], by)[0]


def empty(path: Path, by: Signer) -> Manifest:
    origins, runs = named((origin(),), (new_run(by),))
    return Manifest(str(path), "sequence", PATTERN, "", {}, origins, runs)


def record(number: int, start: Manifest, by: Signer, digest: str = "1" * 64) -> FrameRecord:
    origin, run = next(iter(start.origins)), next(iter(start.runs))
    made, plate = FileHash(f"comp.{number}.exr", digest, 100), FileHash(f"plate.{number}.exr", "2" * 64, 100)
    return sign_frame(FrameRecord(number, made, "rendered", plate, "ab" * 16, origin, run, now()), PATTERN, by)
