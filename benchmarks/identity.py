"""How far apart a recogniser keeps people, and how well two networks agree on a face's points.

`cosine`: of embeddings, over all pairs of a row. `disagreement`: of a face's five points by a second network to the
mesh's, in outer-eye distances. FF_VFX_PACK names the folder of a pack to measure; else the small networks beside the
checkout are. The people are rendered heads of one family, nobody real, but for one portrait: harder than most casts.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # run as a file by `ff-vfx bench`

from benchmarks.truth.two_people import TwoPeople, why_absent, write_two_people  # noqa: E402
from ff_vfx.door.linear import open_linear_plate, read_linear_still  # noqa: E402
from ff_vfx.engine import Manifest, models_folder, open_engine  # noqa: E402
from ff_vfx.engine.models.manifest import sha256_of  # noqa: E402
from ff_vfx.engine.models.pack import read_pack  # noqa: E402
from ff_vfx.track import Detectors, detect_still, open_detectors, track_plate  # noqa: E402
from ff_vfx.track.recognise import Recogniser, likeness  # noqa: E402
from ff_vfx.track.witness import FinderWitness, Witness, disagreement  # noqa: E402
from ff_vfx.types.engine import TensorSpec  # noqa: E402
from ff_vfx.types.face import FaceTrack  # noqa: E402
from ff_vfx.types.settings import TrackSettings  # noqa: E402
from ff_vfx.types.template import TEMPLATES  # noqa: E402

Row = dict[str, object]
_SHARED = ROOT.parent / "shared" / "data"
_CORNERS, _TRUE_CORNERS = [33, 263, 61, 291], [36, 45, 48, 54]  # of the mesh, of the 68
_NEAR_PX = 10.0
_SURE = 0.65  # cosine that the small recogniser needs for one person


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One picture of somebody. apart: outer-eye distances, by witness."""

    who: str
    embedding: np.ndarray
    apart: dict[str, float]


def rows(quick: bool) -> list[Row]:
    """Cosines, disagreements, and how many frames of two people's shots are given the right name."""
    if why_absent():
        return [{"fault": why_absent()}]
    engines = _engines()
    if engines is None:
        return [{"fault": f"no recogniser: set FF_VFX_PACK, or put MobileFaceNet.onnx into {_SHARED / 'onnx'}"}]
    seen = [one for who, paths in _people(quick).items() for one in _looked_at(engines, who, paths)]
    found = [*_cosines(seen), *_agreements(seen)]
    return found if quick else [*found, *_names(engines)]


def _engines() -> Detectors | None:
    folder, file = os.environ.get("FF_VFX_PACK", ""), _SHARED / "onnx" / "MobileFaceNet.onnx"
    if folder:
        return open_detectors(models_folder(), TrackSettings(), read_pack(Path(folder)))
    if not file.is_file():
        return None
    manifest = Manifest(
        "MobileFaceNet", "recogniser", file.name, "Apache-2.0", "research", "test data", sha256_of(file), "onnx",
        (TensorSpec("input0", (1, 3, 112, 112), "nchw", -1.0, 1.0, "srgb", "rgb"),),
        (TensorSpec("output0", (1, 128), "flat", role="embedding"),), 1e-3, "", TEMPLATES["arcface_112"],
    )  # fmt: skip
    plain = open_detectors(models_folder())
    recogniser = Recogniser(open_engine(manifest, file))
    return Detectors(plain.detector, plain.mesh, plain.iris, plain.person, recogniser=recogniser)


def _people(quick: bool) -> dict[str, list[Path]]:
    """Who -> pictures: actors A, B through their shots, performers C, F in their stills, and somebody real."""
    every = 8 if quick else 2
    shots = {"A": _SHARED / "shots" / "s010", "B": _SHARED / "shots" / "s020"}
    found = {who: [shot / f"plate.{n}.exr" for n in range(1001, 1017, every)] for who, shot in shots.items()}
    for who, shot in zip("CF", shots.values(), strict=True):
        found[who] = sorted((shot / "performer").glob("*.exr"))[: 2 if quick else None]
    return {**found, "real": [_SHARED / "photos" / "astronaut_nasa_512.png"]}


def _looked_at(engines: Detectors, who: str, paths: list[Path]) -> Iterator[Seen]:
    witnesses: dict[str, Witness] = {"who finds": FinderWitness(engines.searcher)}
    if engines.landmarks:
        witnesses["landmark network"] = engines.witness
    assert engines.recogniser is not None
    for path in paths:
        frame = read_linear_still(str(path))
        face = detect_still(frame, engines, path.name)
        apart = {name: disagreement(frame, face, witness) for name, witness in witnesses.items()}
        yield Seen(who, engines.recogniser.embed(frame, face), apart)


def _cosines(seen: list[Seen]) -> Iterator[Row]:
    groups: dict[str, list[float]] = {}
    for a, b in combinations(seen, 2):
        cosine = likeness(a.embedding, b.embedding)
        if a.who == b.who:
            kind = "one person through a shot" if a.who in "AB" else "one person in several stills"
        else:
            kind = "a rendered and a real person" if "real" in (a.who, b.who) else "two rendered people"
        groups.setdefault(kind, []).append(cosine)
    for kind, found in groups.items():
        yield {"what": "cosine", "of": kind, **_spread(found)}


def _agreements(seen: list[Seen]) -> Iterator[Row]:
    for name in seen[0].apart:
        yield {"what": "disagreement", "of": name, **_spread([one.apart[name] for one in seen])}


def _spread(found: list[float]) -> Row:
    known = np.array([value for value in found if np.isfinite(value)])
    numbers = {"least": known.min(), "median": np.median(known), "most": known.max()} if len(known) else {}
    return {"count": len(found), **{name: round(float(value), 3) for name, value in numbers.items()}}


def _names(engines: Detectors) -> Iterator[Row]:
    """How many frames of each person who is mostly seen bear the right name, with and without the recogniser."""
    looks = Detectors(engines.detector, engines.mesh, engines.iris, engines.person)
    for (kind, cut), (how, by) in product((("crossing", False), ("cut", True)), (("looks", looks), ("it", engines))):
        with tempfile.TemporaryDirectory() as folder:
            truth = write_two_people(Path(folder), cut=cut, truth=False)
            settings = TrackSettings(crop_variants=2, same_person=_SURE)
            tracks = track_plate(open_linear_plate(truth.plate, ""), settings, by).tracks
        right = [_right(track, truth, who) for track, who in zip(tracks, "AB", strict=False)]
        yield {
            "what": "names that hold",
            "of": f"{kind}, by {'looks alone' if how == 'looks' else 'the recogniser'}",
            "count": sum(int((truth.visible[who] > 0.9).sum()) for who in "AB"),
            "right": sum(right),
            "tracks": len(tracks),
        }


def _right(track: FaceTrack, truth: TwoPeople, who: str) -> int:
    off = np.abs(truth.landmarks[who][:, _TRUE_CORNERS] - track.landmarks[:, _CORNERS, :2]).mean((1, 2))
    seen = [status == "tracked" for status in track.status]
    return int(((truth.visible[who] > 0.9) & seen & (off < _NEAR_PX)).sum())
