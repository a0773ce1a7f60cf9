"""Every network a job brings, beside the embedded ones: checked before anything is opened, named in stamp and Report.

Read by work, rendering and provenance. Only manifests are read here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from ff_vfx.door.cast import Role
from ff_vfx.door.networks.enhancer import enhancer_key
from ff_vfx.door.networks.flow_model import flow_key
from ff_vfx.door.networks.matte_models import matte_models_key
from ff_vfx.door.networks.recognise import models_of
from ff_vfx.door.networks.swapper import swapper_key, swapper_manifest, swapper_recogniser
from ff_vfx.engine import Manifest, models_folder, read_manifest
from ff_vfx.types.device import parse_devices
from ff_vfx.types.job import Job


def check_networks(job: Job, roles: Sequence[Role]) -> tuple[Manifest, ...]:
    """The manifests of all networks a job brings, each once, in a fixed order.

    Raises:
        BadInput: one is not there or of another kind, or the device is no device. ModelError: a manifest cannot be
            read, or the pack is none.
    """
    parse_devices(job.device)
    names = []
    if enhancer_key(job):
        names.append(job.settings.enhance.model)
    if matte_models_key(job):
        names += [name for name in (job.settings.composite.parser, job.settings.composite.occluder) if name]
    if flow_key(job):
        names.append(job.settings.steady.flow_model)
    folder, chosen = models_folder(job.models), models_of(job)
    swappers = [role.part.swapper for role in roles if role.part.swapper]
    found = [swapper_manifest(job, swapper)[1] for swapper in swappers]
    found += [own for swapper in swappers if (own := swapper_recogniser(job, swapper))]
    found += [read_manifest(folder / f"{name}.json") for name in names]
    found += [one.manifest for one in (chosen.detector, chosen.recogniser, *chosen.landmarks) if one]
    return tuple({manifest.sha256 + manifest.name: manifest for manifest in found}.values())


def networks_key(job: Job, manifests: Sequence[Manifest], roles: Sequence[Role]) -> str:
    """Changes with whatever of these networks decides a pixel, for the stamp; '' where there are none."""
    swappers = [swapper_key(job, role.part.swapper) for role in roles]
    if not manifests and not any(swappers):
        return ""
    track = job.settings.track
    # Another runtime or precision gives other last bits, and fp16 more than those.
    others = [str(track.same_person), str(track.agreement), *map(str, parse_devices(job.device))]
    return hashlib.sha256("\n".join([m.as_json() for m in manifests] + swappers + others).encode()).hexdigest()


def networks_told(manifests: Sequence[Manifest]) -> dict[str, object]:
    """For the Report: what each is and may be used for, and a warning for those that are not for any use."""
    if not manifests:
        return {}
    bound = [f"model {m.name} ({m.licence}) is for {m.allowed_use} use" for m in manifests if m.allowed_use != "any"]
    return {"models": list(networks_rows(manifests)), **({"warnings": bound} if bound else {})}


def networks_rows(manifests: Sequence[Manifest]) -> tuple[dict[str, str], ...]:
    """What each network is, in the order they were checked in."""
    return tuple(
        {"name": m.name, "kind": m.kind, "licence": m.licence, "allowed_use": m.allowed_use, "sha256": m.sha256}
        for m in manifests
    )
