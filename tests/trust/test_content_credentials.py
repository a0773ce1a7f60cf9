"""C2PA: what is signed is read by C2PA's own reader, what is changed is found, and the network is never asked."""

from __future__ import annotations

import datetime
import http.server
import json
import random
import shutil
import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import c2pa
import numpy as np
import OpenImageIO as oiio
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ff_vfx.errors import TrustError
from ff_vfx.plate import write_movie
from ff_vfx.trust.certificate import CHAIN, KEY, anchors, own_credential, read_credential
from ff_vfx.trust.content_credentials import (
    EMBEDDED,
    Statement,
    read_credentials,
    sidecar_of,
    sign_beside,
    sign_into,
)
from ff_vfx.trust.label import COMPOSITE, GENERATED
from ff_vfx.trust.sidecar_seal import unsealed
from tests.plate.making import write_exr

SAID = Statement("ff-vfx", "0.1", COMPOSITE, {"ffvfx/label": "AI-manipulated", "AIGC": '{"Label":"1"}'})


def picture(path: Path) -> Path:
    """A small file of any kind we write or sign."""
    pixels = np.random.default_rng(1).integers(0, 255, (24, 32, 3), np.uint8)
    if path.suffix in (".mp4", ".mov", ".mkv"):
        write_movie([pixels] * 3, path, rate=Fraction(24), codec="prores" if path.suffix == ".mov" else "h264")
    elif path.suffix == ".exr":
        write_exr(path)
    else:
        buffer = oiio.ImageBuf(pixels)
        assert buffer.write(str(path))
    return path


@pytest.mark.parametrize("ending", [".png", ".jpg", ".tif", ".mp4", ".mov"])
def test_pictures_and_movies_carry_it_and_an_outside_reader_agrees(tmp_path, ending):
    path, signed = picture(tmp_path / f"a{ending}"), tmp_path / f"b{ending}"
    assert read_credentials(path) is None
    sign_into(path, signed, SAID, own_credential())
    found = read_credentials(signed)
    assert found and (found.state, found.faults, found.source_types) == ("trusted", (), (COMPOSITE,))
    assert found.tool == "ff-vfx 0.1" and found.label == SAID.label
    with open(signed, "rb") as file, c2pa.Reader(EMBEDDED[ending], file) as reader:
        data = json.loads(reader.json())
        assert reader.get_validation_state() == "Valid", "whole; who signed is not known there"
    assert [one["code"] for one in data["validation_status"]] == ["signingCredential.untrusted"]
    manifest = data["manifests"][data["active_manifest"]]
    (actions,) = (one["data"]["actions"] for one in manifest["assertions"] if one["label"] == "c2pa.actions.v2")
    assert [(one["action"], one["digitalSourceType"]) for one in actions] == [("c2pa.created", COMPOSITE)]
    assert "thumbnail" not in manifest


@pytest.mark.parametrize("ending", [".exr", ".mkv", ".json"])
def test_what_cannot_carry_it_has_a_sidecar(tmp_path, ending):
    path = tmp_path / f"a.0001{ending}"
    path = picture(path) if ending != ".json" else path
    if ending == ".json":
        path.write_text("{}\n")
    whole = path.read_bytes()
    assert read_credentials(path) is None
    assert sign_beside(path, SAID, own_credential()) == sidecar_of(path) == tmp_path / "a.0001.c2pa"
    found = read_credentials(path)
    assert found and found.state == "trusted" and path.read_bytes() == whole
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    found = read_credentials(path)
    assert found and found.state == "invalid" and "assertion.dataHash.mismatch" in found.faults


def test_of_the_pure_face_it_says_generated(tmp_path):
    path, signed = picture(tmp_path / "a.png"), tmp_path / "b.png"
    sign_into(path, signed, Statement("ff-vfx", "0", GENERATED, {}), own_credential())
    found = read_credentials(signed)
    assert found and found.source_types == (GENERATED,) and found.label == {}


@pytest.mark.parametrize("ending", [".png", ".mp4"])
def test_a_flipped_bit_of_the_picture_is_found_and_none_crashes(tmp_path, ending):
    """Of what C2PA covers: all but its own boxes' padding, which says nothing (docs/provenance.md)."""
    path, signed = picture(tmp_path / f"a{ending}"), tmp_path / f"b{ending}"
    sign_into(path, signed, SAID, own_credential())
    whole, seeded = signed.read_bytes(), random.Random(7)
    start = whole.index(b"jumb") - 8
    end = start + len(whole) - len(path.read_bytes())
    for _ in range(120):
        torn = bytearray(whole)
        place = seeded.randrange(len(torn))
        torn[place] ^= 1 << seeded.randrange(8)
        signed.write_bytes(torn)
        try:
            found = read_credentials(signed)
        except TrustError:
            continue
        if found is not None and found.state != "invalid":
            inside = start - 64 <= place < end + 64
            assert (inside or place < 32) and found.label == SAID.label, f"byte {place}"


def test_every_flipped_bit_of_a_sidecar_is_found(tmp_path):
    path, seeded = picture(tmp_path / "a.exr"), random.Random(8)
    beside = sign_beside(path, SAID, own_credential())
    whole = beside.read_bytes()
    for _ in range(300):
        torn = bytearray(whole)
        torn[seeded.randrange(len(torn))] ^= 1 << seeded.randrange(8)
        beside.write_bytes(torn)
        with pytest.raises(TrustError, match="not the one that was written"):
            read_credentials(path)


def test_others_read_a_sealed_sidecar_and_we_read_theirs(tmp_path):
    path = picture(tmp_path / "a.exr")
    beside = sign_beside(path, SAID, own_credential())
    whole = beside.read_bytes()
    with open(path, "rb") as read, c2pa.Reader("image/x-exr", read, whole) as reader:
        assert str(reader.get_validation_state()) == "Valid"
    beside.write_bytes(unsealed(whole))
    found = read_credentials(path)
    assert found and found.state == "trusted"


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n", b"x" * 5000])
def test_a_broken_picture_is_refused_in_words(tmp_path, content):
    path = tmp_path / "a.png"
    path.write_bytes(content)
    with pytest.raises(TrustError, match=r"a\.png"):
        sign_into(path, tmp_path / "b.png", SAID, own_credential())
    sidecar_of(tmp_path / "a.exr").write_bytes(content)
    write_exr(tmp_path / "a.exr")
    with pytest.raises(TrustError, match=r"a\.exr: its C2PA credentials are damaged"):
        read_credentials(tmp_path / "a.exr")


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """A server on this machine that notes what it is asked."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        do_POST = do_GET

        def log_message(self, *given: object) -> None:
            pass

    running = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}", asked
    running.shutdown()


def test_a_file_that_points_elsewhere_is_not_followed(tmp_path, server):
    """A picture may hold nothing but the address of its credentials."""
    address, asked = server
    path, signed = picture(tmp_path / "a.jpg"), tmp_path / "b.jpg"
    own = own_credential()
    created = {"actions": [{"action": "c2pa.created", "digitalSourceType": COMPOSITE}]}
    assertions = [{"label": "c2pa.actions.v2", "data": created}]
    builder = c2pa.Builder({"claim_generator_info": [{"name": "x"}], "assertions": assertions})
    builder.set_remote_url(f"{address}/elsewhere.c2pa")
    builder.set_no_embed()
    info = c2pa.C2paSignerInfo(own.algorithm, own.chain, own.key, None)
    with open(path, "rb") as read, open(signed, "w+b") as write:
        builder.sign(c2pa.Signer.from_info(info), "image/jpeg", read, write)
    try:
        assert read_credentials(signed) is None
    except TrustError:
        pass
    assert asked == []
    with pytest.raises(c2pa.C2paError), open(signed, "rb") as file:
        c2pa.Reader("image/jpeg", file)
    assert asked, "without our settings it would have been followed"


def test_the_chain_is_made_once_for_the_users_own_key(own_user):
    first, again = own_credential(), own_credential()
    assert (first.chain, first.key) == (again.chain, again.key) and first.algorithm == "ed25519"
    folder = own_user / "config" / "ff-vfx" / "trust"
    assert (folder / "own.key").stat().st_mode & 0o077 == 0
    assert not list(folder.glob("*c2pa-key*")), "no second secret"
    assert anchors() in (folder / CHAIN).read_bytes() and anchors()
    (folder / "own.key").unlink()
    assert own_credential().chain != first.chain, "another key has another chain"


def test_a_chain_of_another_user_is_valid_and_not_trusted(tmp_path, own_user):
    path, signed = picture(tmp_path / "a.png"), tmp_path / "b.png"
    sign_into(path, signed, SAID, own_credential())
    root = anchors()
    shutil.rmtree(own_user / "config")
    found = read_credentials(signed)
    assert found and found.state == "valid" and found.faults == ("signingCredential.untrusted",)
    folder = own_user / "config" / "ff-vfx" / "trust" / "c2pa-anchors"
    folder.mkdir(parents=True)
    (folder / "their.pem").write_bytes(root)
    found = read_credentials(signed)
    assert found and found.state == "trusted"
    (folder / "torn.pem").write_bytes(b"-----BEGIN CERTIFICATE-----\nxx")
    assert read_credentials(signed) == found, "a broken anchor is not believed, and no more"


def studio(folder: Path, key) -> tuple[Path, Path]:
    """A studio's own certificate, from its own root."""
    now, root_key = datetime.datetime.now(datetime.UTC), ec.generate_private_key(ec.SECP256R1())

    def certificate(name: str, public, extensions) -> x509.Certificate:
        builder = x509.CertificateBuilder().serial_number(x509.random_serial_number()).public_key(public)
        builder = builder.subject_name(named(name)).issuer_name(named("root"))
        builder = builder.not_valid_before(now - datetime.timedelta(1)).not_valid_after(now + datetime.timedelta(99))
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(root_key, hashes.SHA256())

    def named(name: str) -> x509.Name:
        pairs = ((NameOID.COMMON_NAME, f"Studio {name}"), (NameOID.ORGANIZATION_NAME, "Studio"))
        return x509.Name([x509.NameAttribute(kind, text) for kind, text in pairs])

    def usage(signs: bool) -> x509.KeyUsage:
        return x509.KeyUsage(not signs, False, False, False, False, signs, False, False, False)

    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key())
    mail = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
    root = certificate("root", root_key.public_key(), [(x509.BasicConstraints(True, 0), True), (usage(True), True)])
    own = certificate(
        "signer",
        key.public_key(),
        [(x509.BasicConstraints(False, None), True), (usage(False), True), (mail, False), (authority, False)],
    )
    pem = serialization.Encoding.PEM
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CHAIN).write_bytes(own.public_bytes(pem) + root.public_bytes(pem))
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / KEY).write_bytes(private)
    return folder / CHAIN, folder / KEY


@pytest.mark.parametrize("kind", ["es256", "ps256", "ed25519"])
def test_a_studios_own_certificate_takes_the_place_of_the_made_one(tmp_path, own_user, kind):
    key = {
        "es256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "ps256": lambda: rsa.generate_private_key(65537, 2048),
        "ed25519": ed25519.Ed25519PrivateKey.generate,
    }[kind]()
    studio(own_user / "config" / "ff-vfx" / "trust", key)
    assert own_credential().algorithm == kind
    path, signed = picture(tmp_path / "a.png"), tmp_path / "b.png"
    sign_into(path, signed, SAID, own_credential())
    found = read_credentials(signed)
    assert found and found.state == "trusted" and found.signer == "Studio signer, Studio"


def test_a_key_that_does_not_fit_or_cannot_be_read_is_refused_in_words(tmp_path):
    chain, key = studio(tmp_path / "a", ec.generate_private_key(ec.SECP256R1()))
    _, other = studio(tmp_path / "b", ec.generate_private_key(ec.SECP256R1()))
    with pytest.raises(TrustError, match="is of another key than"):
        read_credential(chain, other)
    with pytest.raises(TrustError, match="cannot be read as PEM"):
        read_credential(key, chain)
    _, weak = studio(tmp_path / "c", ec.generate_private_key(ec.SECP256K1()))
    with pytest.raises(TrustError, match="C2PA takes"):
        read_credential(weak.with_name(CHAIN), weak)
    with pytest.raises(TrustError, match="check the path"):
        read_credential(tmp_path / "none.pem", key)
