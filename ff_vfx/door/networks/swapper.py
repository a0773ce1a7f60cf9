"""The swapper a job names, checked early and opened late, told whose face to draw. Read by work and preparing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ff_vfx.colour import Bridge
from ff_vfx.door.networks.opening import Opener, opener
from ff_vfx.door.stamp import file_hash
from ff_vfx.engine import Manifest, models_folder, read_manifest
from ff_vfx.engine.model import Say, silent
from ff_vfx.engine.models.onnx_file import identity_matrix
from ff_vfx.errors import BadInput
from ff_vfx.fuse.ahead import Company
from ff_vfx.fuse.swap.fuser import SwapFuser
from ff_vfx.fuse.swap.layout import swap_layout
from ff_vfx.fuse.swap.plan import aligned_side, identity_input, swap_plan
from ff_vfx.track.recognise import Recogniser, performer_embedding
from ff_vfx.types.face import FaceTrack
from ff_vfx.types.identity import Identity
from ff_vfx.types.job import Job


@dataclass(frozen=True, slots=True, eq=False)
class Whose:
    """Whose face a swapper draws. identity: None where no performer is named. recogniser: the job's; None: it has none.

    say: hears of stills that look like somebody else. open: how networks are opened; None: for this one alone.
    company: of the people that a manifest's network draws; None: he is the only one.
    """

    identity: Identity | None
    recogniser: Recogniser | None = None
    say: Say = silent
    open: Opener | None = None
    company: Callable[[Path], Company] | None = None


def swapper_key(job: Job, swapper: str) -> str:
    """What decides a swapper's pixels, for the stamp: its manifest (which holds its file's hash), and that of the

    recogniser it names for itself; '' for none.

    Args:
        swapper: a job's or a part's: a manifest's path, or a name in the models folder.

    Raises:
        BadInput: no such manifest, or another kind of model. ModelError: it cannot be read, or is no swapper's.
    """
    if not swapper:
        return ""
    path, manifest = swapper_manifest(job, swapper)
    own = _own_recogniser(job, path, manifest)
    return " ".join(file_hash(one) for one in (path, own) if one)


def open_swapper(
    job: Job, swapper: str, whose: Whose, track: FaceTrack, light: tuple[str, float]
) -> tuple[SwapFuser, dict[str, object]]:
    """The fuser of a job's or a part's swapper for one track, and what was decided, for the Report.

    Args:
        swapper: as for swapper_key, not empty. light: the scene-linear colour space worked in, and the shot's exposure
            in stops.

    Raises:
        BadInput: as swapper_key; or it must know whose face and nobody can tell, or in numbers it does not take.
        ModelError: it cannot be opened, or does not keep to its manifest.
    """
    path, manifest = swapper_manifest(job, swapper)
    layout, opened = swap_layout(manifest.spec), whose.open or opener(job, whose.say)
    embedding = _embedding(job, (path, manifest), whose, opened) if layout.identity else None
    engine = opened(path)
    matrix = identity_matrix(manifest, path.parent)
    latent = identity_input(layout, embedding, matrix, manifest.name)
    space, exposure = light
    bridge = Bridge(space, exposure, "linear" if layout.picture.encoding == "linear" else "srgb")
    plan = swap_plan(engine, track, job.settings.fuse, max(1, len(job.cast)))
    told = {
        "model": manifest.name,
        "boost": plan.boost,
        "side_px": layout.side or plan.side or "the crop's",
        "face_px": round(aligned_side(track, manifest.template)),
        "at_once": plan.most,
        "allowed_use": manifest.allowed_use,
    }
    company = whose.company(path) if whose.company else None
    return SwapFuser(engine, bridge, plan, latent, company), {"swapper": told}


def swapper_manifest(job: Job, swapper: str) -> tuple[Path, Manifest]:
    """The manifest that a job or a part names, and its path.

    Raises:
        BadInput: no such manifest, or another kind of model. ModelError: it cannot be read, or is no swapper's.
    """
    folder = models_folder(job.models)
    named = Path(swapper).name == swapper and not swapper.endswith(".json")
    path = folder / f"{swapper}.json" if named else Path(swapper).expanduser()
    if path.suffix.lower() != ".json" or not path.is_file():
        raise BadInput(
            f"swapper {swapper}: no manifest {path}; give the .json that `ff-vfx models add` wrote, or a model's name "
            f"in {folder}"
        )
    manifest = read_manifest(path)
    if manifest.kind != "swapper":
        raise BadInput(f"swapper {swapper}: a model of kind '{manifest.kind}'; one of kind 'swapper' is needed")
    swap_layout(manifest.spec)
    return path, manifest


def swapper_recogniser(job: Job, swapper: str) -> Manifest | None:
    """The recogniser that a swapper names and brings, whose licence binds as its own does; None: the job's will do.

    Raises:
        BadInput, ModelError: as swapper_manifest; or its manifest cannot be read.
    """
    own = _own_recogniser(job, *swapper_manifest(job, swapper))
    return read_manifest(own) if own else None


def _own_recogniser(job: Job, path: Path, manifest: Manifest) -> Path | None:
    """The manifest of the recogniser that the swapper names, beside it or in the models folder; None: not there."""
    if not manifest.recogniser or Path(manifest.recogniser).name != manifest.recogniser:
        return None
    places = (folder / f"{manifest.recogniser}.json" for folder in (path.parent, models_folder(job.models)))
    return next((place for place in places if place.is_file()), None)


def _embedding(job: Job, swapper: tuple[Path, Manifest], whose: Whose, opened: Opener) -> np.ndarray:
    """Who the performer is, in the eyes of the recogniser that the swapper was trained with."""
    path, manifest = swapper
    if whose.identity is None:
        raise BadInput(f"swapper {manifest.name}: must be told whose face to draw; give the performer's stills")
    recogniser, own = whose.recogniser, _own_recogniser(job, path, manifest)
    if manifest.recogniser and (recogniser is None or recogniser.name != manifest.recogniser):
        if own is None:
            has = f"the job has '{recogniser.name}'" if recogniser else "the job has none"
            raise BadInput(
                f"swapper {manifest.name}: needs the recogniser '{manifest.recogniser}' and {has}; put it into "
                f"{models_folder(job.models)}, or name it in track.recogniser"
            )
        recogniser = Recogniser(opened(own))
    if recogniser is None:
        if whose.identity.embedding is not None:
            return whose.identity.embedding
        raise BadInput(
            f"swapper {manifest.name}: must be told whose face to draw; name a recogniser in track.recogniser, give a "
            "pack (--pack), or write the swapper's own recogniser into its manifest"
        )
    embedding, lines = performer_embedding(whose.identity, recogniser, job.settings.track.same_person)
    for line in lines:
        whose.say(line)
    return embedding
