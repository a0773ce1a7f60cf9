"""The certificate chain that C2PA wants with a key: made once a user, or the studio's. Read by content_credentials.

A chain made here is for the user's own key (signing.user_signer); its root's key is thrown away, so that it vouches for
that one key for ever. It is believed where its root lies among the anchors; elsewhere a C2PA reader says 'untrusted'.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ff_vfx.errors import TrustError
from ff_vfx.trust.signed_text import read_bounded, write_whole
from ff_vfx.trust.signing import Signer, user_signer
from ff_vfx.types.user_folders import config_folder, site_folder

CHAIN, KEY = "c2pa-chain.pem", "c2pa-key.pem"
_ANCHORS = "c2pa-anchors"
_YEARS = 20
_MOST_BYTES = 1 << 17
_MOST_ANCHORS = 100
_DOCUMENTS = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336, document signing
_CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}


@dataclass(frozen=True, slots=True)
class Credential:
    """What C2PA signs with. algorithm: its name there. chain: PEM, the signer's own first. key: PEM, PKCS 8."""

    algorithm: str
    chain: bytes
    key: bytes


def own_credential() -> Credential:
    """The studio's, where its administrator or this user has put one; else the user's own, made at its first use.

    The studio's are two files, c2pa-chain.pem and c2pa-key.pem, in the `trust` folder of the site's or user's
    configuration.

    Raises:
        TrustError: what is there cannot be used, or nothing can be made.
    """
    for folder in _folders():
        if (folder / KEY).is_file():
            return read_credential(folder / CHAIN, folder / KEY)
    signer = user_signer()
    path = config_folder() / "trust" / CHAIN
    if not _is_of(path, signer):
        write_whole(path, _made_chain(signer))
    return Credential("ed25519", read_bounded(path, _MOST_BYTES), _pem_of(signer.private))


def read_credential(chain: Path, key: Path) -> Credential:
    """A chain and its key from PEM files.

    Raises:
        TrustError: they are none, do not fit each other, or are of a kind that C2PA does not take.
    """
    content, secret = read_bounded(chain, _MOST_BYTES), read_bounded(key, _MOST_BYTES)
    try:
        private = serialization.load_pem_private_key(secret, None)
        first = x509.load_pem_x509_certificates(content)[0]
    except (ValueError, TypeError, IndexError) as error:
        raise TrustError(
            f"certificate {chain}, key {key}: cannot be read as PEM; the key must not be encrypted"
        ) from error
    form, encoding = serialization.PublicFormat.SubjectPublicKeyInfo, serialization.Encoding.DER
    if private.public_key().public_bytes(encoding, form) != first.public_key().public_bytes(encoding, form):
        raise TrustError(f"certificate {chain}: is of another key than {key}; the signer's own comes first in a chain")
    return Credential(_algorithm(private, key), content, _pem_of(private))


def anchors() -> bytes:
    """Every root that is believed here, PEM: this user's own and those in `trust/c2pa-anchors` of site and user."""
    found: list[bytes] = []
    for folder in _folders():
        for path in sorted((folder / _ANCHORS).glob("*.pem"))[:_MOST_ANCHORS]:
            found.append(_certificates(path))
    own = _certificates(config_folder() / "trust" / CHAIN)
    return b"".join([*found, own])


def _folders() -> tuple[Path, Path]:
    return site_folder() / "trust", config_folder() / "trust"


def _certificates(path: Path) -> bytes:
    """The roots in a file, nothing where it is no such file: it is then not believed, and no more."""
    try:
        certificates = x509.load_pem_x509_certificates(read_bounded(path, _MOST_BYTES))
    except (TrustError, ValueError):
        return b""
    return b"".join(one.public_bytes(serialization.Encoding.PEM) for one in certificates if _is_root(one))


def _is_root(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _is_of(path: Path, signer: Signer) -> bool:
    """Whether the chain is there, of this key and not out of date."""
    try:
        first = x509.load_pem_x509_certificates(read_bounded(path, _MOST_BYTES))[0]
    except (TrustError, ValueError):
        return False
    raw = first.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    own = signer.private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return raw == own and first.not_valid_after_utc > datetime.datetime.now(datetime.UTC)


def _made_chain(signer: Signer) -> bytes:
    root_key = ed25519.Ed25519PrivateKey.generate()
    root_name, own_name = _name("ff-vfx root of", signer), _name("ff-vfx", signer)
    root = (
        _builder(root_name, root_name, root_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(root_key, None)
    )
    public = signer.private.public_key()
    own = (
        _builder(own_name, root_name, public)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([_DOCUMENTS, ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .sign(root_key, None)
    )
    return b"".join(one.public_bytes(serialization.Encoding.PEM) for one in (own, root))


def _builder(subject: x509.Name, issuer: x509.Name, public: ed25519.Ed25519PublicKey) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))  # clocks of one studio differ
        .not_valid_after(now + datetime.timedelta(days=365 * _YEARS))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _name(what: str, signer: Signer) -> x509.Name:
    common = f"{what} {signer.name}"[:64]
    organisation = f"ff-vfx key {signer.fingerprint}"
    attributes = ((NameOID.COMMON_NAME, common), (NameOID.ORGANIZATION_NAME, organisation))
    return x509.Name([x509.NameAttribute(kind, text) for kind, text in attributes])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _algorithm(private: object, path: Path) -> str:
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return "ed25519"
    if isinstance(private, rsa.RSAPrivateKey) and private.key_size >= 2048:
        return "ps256"
    if isinstance(private, ec.EllipticCurvePrivateKey) and private.curve.name in _CURVES:
        return _CURVES[private.curve.name]
    raise TrustError(f"key {path}: C2PA takes Ed25519, P-256, P-384, P-521, or RSA of 2048 bits and more")


def _pem_of(private: object) -> bytes:
    assert isinstance(private, ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
