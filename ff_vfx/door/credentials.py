"""C2PA credentials for files that are finished, as `ff-vfx label` gives them. Read by ff_vfx.door.label."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ff_vfx import __version__
from ff_vfx.door.manifests import read_manifest_of
from ff_vfx.door.provenance import give_credentials, hashed
from ff_vfx.errors import BadInput, TrustError
from ff_vfx.plate import sequence_path
from ff_vfx.trust.certificate import Credential, own_credential, read_credential
from ff_vfx.trust.content_credentials import Statement, can_carry, read_credentials, sidecar_of
from ff_vfx.trust.label import COMPOSITE, GENERATED, label_of, movie_attributes
from ff_vfx.types.manifest import Manifest


def label_files(paths: Sequence[str], *, generated: bool, chain: str, key: str) -> list[str]:
    """See ff_vfx.door.label."""
    if bool(chain) != bool(key):
        raise BadInput("label: a certificate chain and its key belong together; give both, or none")
    credential = read_credential(Path(chain), Path(key)) if chain else own_credential()
    return [str(signed) for path in paths for signed in _sign(path, generated, credential)]


def _sign(named: str, generated: bool, credential: Credential) -> Iterator[Path]:
    path = Path(named)
    numbered = sequence_path(named).numbered
    if not path.is_file() and not numbered:
        raise BadInput(f"{named}: no such file; name a picture, a movie, a frame or a pattern of frames")
    manifest = _manifest(named, needed=numbered)
    if manifest is None:
        statement = Statement("ff-vfx", __version__, GENERATED if generated else COMPOSITE, {})
        yield _signed(path, statement, credential)
        return
    folder = Path(manifest.path).parent
    records = [one for one in manifest.frames.values() if numbered or one.made.file == path.name]
    made = {one.made.file: one for one in records if one.outcome == "rendered"}
    if not made:
        raise TrustError(f"{named}: no frame of it was rendered; an unchanged plate is not ours to sign")
    for file, record in made.items():
        if hashed(folder / file).sha256 != record.made.sha256:
            raise TrustError(f"{folder / file}: is not the file that was made; see `ff-vfx verify {named}`")
        if can_carry(folder / file):
            raise TrustError(f"{folder / file}: its manifest has it as it is; render it again to have it signed")
        label = label_of(manifest.origins[record.origin], record.stamp)
        source_type = GENERATED if label.face_only else COMPOSITE
        yield _signed(folder / file, Statement("ff-vfx", __version__, source_type, movie_attributes(label)), credential)


def _manifest(named: str, *, needed: bool) -> Manifest | None:
    try:
        return read_manifest_of(named)
    except BadInput:
        if needed:
            raise
        return None


def _signed(path: Path, statement: Statement, credential: Credential) -> Path:
    if can_carry(path) and read_credentials(path) is not None:
        raise TrustError(f"{path}: carries credentials already; see `ff-vfx verify {path}`")
    give_credentials(path, statement, credential)
    return path if can_carry(path) else sidecar_of(path)
