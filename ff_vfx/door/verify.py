"""The door's verbs about what is finished: what it is, and credentials for it. Loads neither torch nor numpy itself."""

from __future__ import annotations

from collections.abc import Sequence

from ff_vfx.door.auditing import audited
from ff_vfx.types.verification import Verification


def verify(path: str, *, use: str = "", plate: str = "") -> Verification:
    """What a finished thing is, whether it is intact, who signed it, and whether the consent behind it holds today.

    Args:
        path: a pattern, one frame, a folder with one sequence, a movie, a picture, a manifest or a consent record.
        use: what it is to be shown for, as consents call it; empty: what it was made for.
        plate: the plate where it lies now, to see that it is the one; empty: it is not looked at.

    Raises:
        BadInput: nothing is there, or it is of a kind that nothing can be said of.
    """
    from ff_vfx.door.verified.verifying import verify_path

    with audited("verify", path=path, use=use, plate=plate) as act:
        found = verify_path(path, use=use, plate=plate)
        wrong = [finding.check for finding in found.findings if finding.stops]
        act.result(exit_code=found.exit_code, outcome="intact" if found.intact else "not intact", wrong=wrong)
    return found


def label(paths: Sequence[str], *, generated: bool = False, chain: str = "", key: str = "") -> list[str]:
    """Sign finished files for C2PA: pictures and movies carry it inside, frames and others have a sidecar.

    Args:
        paths: patterns and files; of a pattern every frame that the manifest says was rendered. generated: files that
            no manifest speaks of are the made face alone, not laid over a plate. chain, key: PEM files of the studio's
            own certificate; empty: what is set up here, else the user's own.

    Returns:
        The files signed, or their sidecars.

    Raises:
        BadInput: nothing is there. TrustError: a file is not what its manifest says, is signed already, or cannot be.
    """
    from ff_vfx.door.credentials import label_files

    with audited("label", paths=list(paths), generated=generated, certificate=chain) as act:
        signed = label_files(paths, generated=generated, chain=chain, key=key)
        act.result(signed=signed)
    return signed
