"""What a manifest's url gives is brought here whole and verified, or not at all; and only when it is asked for."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ff_vfx.engine.models import download, remote
from ff_vfx.engine.models.fetch import fetch_model
from ff_vfx.engine.models.listing import list_models
from ff_vfx.errors import ModelError
from tests.engine.file_server import Behaviour, serving

CONTENT = np.random.default_rng(4).integers(0, 256, 1_000_000, dtype=np.uint8).tobytes()


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "_PAUSE_S", 0.0)


@pytest.fixture
def manifest(tmp_path: Path, fields: dict[str, Any]) -> Path:
    """A manifest in a model folder, whose file is not there yet; `said` writes it anew."""
    return said(tmp_path, fields)


def said(folder: Path, fields: dict[str, Any], **changes: Any) -> Path:
    digest = hashlib.sha256(CONTENT).hexdigest()
    path = folder / "m" / "toy.json"
    path.parent.mkdir(exist_ok=True)
    given = {**fields, "format": 2, "sha256": digest, "size_bytes": len(CONTENT), **changes}
    path.write_text(json.dumps(given))
    return path


def _left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"toy.json"}


def _part(folder: Path, content: bytes) -> Path:
    path = folder / f".toy.onnx.{hashlib.sha256(CONTENT).hexdigest()[:16]}.part"
    path.write_bytes(content)
    return path


def test_a_file_comes_from_a_server_and_is_told_of(tmp_path: Path, fields: dict[str, Any]):
    told: list[str] = []
    with serving(Behaviour(CONTENT)) as server:
        path = said(tmp_path, fields, url=server.url)
        file = fetch_model(path, path.parent, say=told.append)
    assert file == tmp_path / "m" / "toy.onnx" and file.read_bytes() == CONTENT
    assert _left(path.parent) == {"toy.onnx"} and list_models(path.parent)[0].ok
    assert told[0] == "toy: licence MIT, allowed use: non-commercial"
    assert told[1] == f"toy: downloading {server.url}, 1.0 MB" and told[-2:] == ["toy: 1.0 of 1.0 MB", "toy: checking"]
    assert server.asked == [""]


@pytest.mark.parametrize("ranges", [True, False])
def test_a_line_that_is_cut_is_gone_on_with_in_the_same_call(tmp_path: Path, fields: dict[str, Any], ranges: bool):
    with serving(Behaviour(CONTENT, ranges=ranges, dies_after=[400_000, 500_000])) as server:
        path = said(tmp_path, fields, url=server.url)
        assert fetch_model(path, path.parent).read_bytes() == CONTENT
    assert server.asked == ["", "bytes=400000-", "bytes=900000-" if ranges else "bytes=500000-"]


def test_what_came_before_is_kept_for_the_next_call(tmp_path: Path, fields: dict[str, Any]):
    with serving(Behaviour(CONTENT, dies_after=[300_000, 0])) as server:
        path = said(tmp_path, fields, url=server.url)
        with pytest.raises(ModelError, match=r"ended at 300000 of 1000000 bytes; 300000 bytes are kept: pull again"):
            fetch_model(path, path.parent)
        assert not (path.parent / "toy.onnx").exists()
        assert fetch_model(path, path.parent).read_bytes() == CONTENT
    assert server.asked == ["", "bytes=300000-", "bytes=300000-"]
    assert _left(path.parent) == {"toy.onnx"}


def test_a_server_without_parts_starts_again(tmp_path: Path, fields: dict[str, Any]):
    with serving(Behaviour(CONTENT, ranges=False)) as server:
        path = said(tmp_path, fields, url=server.url)
        _part(path.parent, CONTENT[:1000])
        assert fetch_model(path, path.parent).read_bytes() == CONTENT
    assert server.asked == ["bytes=1000-"]


def test_what_is_kept_of_another_file_is_thrown_away_and_all_asked_for_again(tmp_path: Path, fields: dict[str, Any]):
    told: list[str] = []
    with serving(Behaviour(CONTENT)) as server:
        path = said(tmp_path, fields, url=server.url)
        _part(path.parent, b"x" * 1000)
        assert fetch_model(path, path.parent, say=told.append).read_bytes() == CONTENT
    assert server.asked == ["bytes=1000-", ""] and any("does not fit; starting again" in line for line in told)


@pytest.mark.parametrize("size_bytes", [len(CONTENT), 0])
def test_more_kept_than_the_file_has_is_thrown_away(tmp_path: Path, fields: dict[str, Any], size_bytes: int):
    with serving(Behaviour(CONTENT)) as server:
        path = said(tmp_path, fields, url=server.url, size_bytes=size_bytes)
        _part(path.parent, CONTENT + b"more")
        assert fetch_model(path, path.parent).read_bytes() == CONTENT


def test_all_kept_already_is_only_verified(tmp_path: Path, fields: dict[str, Any]):
    with serving(Behaviour(CONTENT)) as server:
        path = said(tmp_path, fields, url=server.url)
        _part(path.parent, CONTENT)
        assert fetch_model(path, path.parent).read_bytes() == CONTENT
    assert server.asked == []


def test_a_server_that_sends_another_part_than_asked_is_not_believed(tmp_path: Path, fields: dict[str, Any]):
    with serving(Behaviour(CONTENT, shifted=7)) as server:
        path = said(tmp_path, fields, url=server.url)
        _part(path.parent, CONTENT[:1000])
        with pytest.raises(ModelError, match="another part than asked"):
            fetch_model(path, path.parent)


@pytest.mark.parametrize("size_bytes", [len(CONTENT), 0])
def test_another_file_of_the_same_size_is_not_kept(tmp_path: Path, fields: dict[str, Any], size_bytes: int):
    with serving(Behaviour(b"x" * len(CONTENT))) as server:
        path = said(tmp_path, fields, url=server.url, size_bytes=size_bytes)
        with pytest.raises(ModelError, match=r"another file than the manifest speaks of: hash .* it was not kept"):
            fetch_model(path, path.parent)
    assert _left(path.parent) == set()


@pytest.mark.parametrize("content", [CONTENT[:-1], CONTENT + b"x"])
def test_a_file_of_another_size_is_refused_before_it_is_fetched(tmp_path: Path, fields: dict[str, Any], content: bytes):
    with serving(Behaviour(content)) as server:
        path = said(tmp_path, fields, url=server.url)
        with pytest.raises(ModelError, match=f"has {len(content)} bytes, the manifest says 1000000"):
            fetch_model(path, path.parent)
    assert _left(path.parent) == set()


def test_a_server_that_does_not_say_how_much_is_stopped_at_the_manifests_size(tmp_path: Path, fields: dict[str, Any]):
    with serving(Behaviour(CONTENT * 3, sized=False)) as server:
        path = said(tmp_path, fields, url=server.url)
        with pytest.raises(ModelError, match="sends more than 1000000 bytes; it was stopped"):
            fetch_model(path, path.parent)
    assert not (path.parent / "toy.onnx").exists()


def test_a_server_that_does_not_say_how_much_may_be_right(tmp_path: Path, fields: dict[str, Any]):
    with serving(Behaviour(CONTENT, sized=False)) as server:
        path = said(tmp_path, fields, url=server.url)
        assert fetch_model(path, path.parent).read_bytes() == CONTENT


def test_without_a_size_in_the_manifest_there_still_is_a_limit(
    tmp_path: Path, fields: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(download, "LARGEST_BYTES", 1000)
    with serving(Behaviour(CONTENT)) as server:
        path = said(tmp_path, fields, url=server.url, size_bytes=0)
        with pytest.raises(ModelError, match="1000000 bytes, and no more than 1000 are taken"):
            fetch_model(path, path.parent)


def test_too_little_room_is_said_before_anything_is_fetched(
    tmp_path: Path, fields: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(10, 5, 5))  # type: ignore[attr-defined]
    with serving(Behaviour(CONTENT)) as server:
        path = said(tmp_path, fields, url=server.url)
        with pytest.raises(ModelError, match=r"1\.0 MB to come, 0\.0 MB free in .*; free some space"):
            fetch_model(path, path.parent)


def test_a_disk_that_fills_up_keeps_what_came(tmp_path: Path, fields: dict[str, Any], monkeypatch: pytest.MonkeyPatch):
    real = os.replace

    def full(source: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with serving(Behaviour(CONTENT)) as server:
        path = said(tmp_path, fields, url=server.url)
        with pytest.raises(ModelError, match=r"No space left on device; free some space and pull again: it goes on"):
            fetch_model(path, path.parent)
        monkeypatch.setattr(os, "replace", real)
        assert fetch_model(path, path.parent).read_bytes() == CONTENT
    assert server.asked == [""]


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (404, "404 Not Found; the file is no longer there: correct the manifest's url"),
        (401, "401 Unauthorized; it wants you to sign in"),
        (500, "500 Internal Server Error; try again later"),
    ],
)
def test_a_servers_refusal_is_said_with_what_to_do(tmp_path: Path, fields: dict[str, Any], status: int, text: str):
    with serving(Behaviour(CONTENT, status=status)) as server:
        path = said(tmp_path, fields, url=server.url)
        with pytest.raises(ModelError, match=text):
            fetch_model(path, path.parent)
    assert _left(path.parent) == set()


def test_nobody_there_is_said(tmp_path: Path, fields: dict[str, Any]):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        path = said(tmp_path, fields, url=f"http://127.0.0.1:{taken.getsockname()[1]}/toy.onnx")
        with pytest.raises(ModelError, match="Connection refused; check the address and the network, or use --from"):
            fetch_model(path, path.parent)


def test_a_server_that_never_answers_is_given_up(
    tmp_path: Path, fields: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(remote, "TIMEOUT_S", 0.2)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        path = said(tmp_path, fields, url=f"http://127.0.0.1:{deaf.getsockname()[1]}/toy.onnx")
        with pytest.raises(ModelError, match="no answer within 0 s"):
            fetch_model(path, path.parent)


def test_a_redirect_on_the_same_scheme_is_followed(tmp_path: Path, fields: dict[str, Any]):
    with (
        serving(Behaviour(CONTENT)) as there,
        serving(Behaviour(b"", status=302, location=there.url)) as server,
    ):
        path = said(tmp_path, fields, url=server.url)
        assert fetch_model(path, path.parent).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("location", "text"),
    [
        ("https://example.invalid/toy.onnx", "sends on to https://example.invalid/toy.onnx, another scheme"),
        ("http://example.invalid/toy.onnx", "plain http may be read and changed"),
        ("ftp://127.0.0.1/toy.onnx", "another scheme"),
        ("file:///etc/passwd", "302"),
    ],
)
def test_a_redirect_elsewhere_is_refused(tmp_path: Path, fields: dict[str, Any], location: str, text: str):
    with serving(Behaviour(b"", status=302, location=location)) as server:
        path = said(tmp_path, fields, url=server.url)
        with pytest.raises(ModelError, match=text):
            fetch_model(path, path.parent)
    assert _left(path.parent) == set()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of this machine's loopback, signed by itself, with its key."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl to make a certificate")
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    ask = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    subprocess.run([*ask.split(), "-keyout", path, "-out", path.with_suffix(".crt")], check=True, capture_output=True)
    path.write_bytes(path.read_bytes() + path.with_suffix(".crt").read_bytes())
    return path


def test_https_is_spoken_with_those_whose_certificate_is_trusted(
    tmp_path: Path, fields: dict[str, Any], certificate: Path, monkeypatch: pytest.MonkeyPatch
):
    with serving(Behaviour(CONTENT, dies_after=[1000]), certificate) as server:
        path = said(tmp_path, fields, url=server.url)
        with pytest.raises(ModelError, match=r"certificate verify failed.*check the address"):
            fetch_model(path, path.parent)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert fetch_model(path, path.parent).read_bytes() == CONTENT
    assert server.asked == ["", "bytes=1000-"]


def test_https_that_sends_on_to_http_is_refused(
    tmp_path: Path, fields: dict[str, Any], certificate: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with (
        serving(Behaviour(CONTENT)) as plain,
        serving(Behaviour(b"", status=301, location=plain.url), certificate) as server,
    ):
        path = said(tmp_path, fields, url=server.url)
        with pytest.raises(ModelError, match="another scheme"):
            fetch_model(path, path.parent)
    assert plain.asked == []


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("http://example.invalid/toy.onnx", "plain http may be read and changed on its way; use https://"),
        ("http://127.0.0.1.example.invalid/toy.onnx", "plain http"),
        ("https://me:secret@example.invalid/toy.onnx", "a password is in the url"),
        ("https:///toy.onnx", "https:// or a path is needed"),
    ],
)
def test_an_unsafe_url_is_refused_and_nobody_is_asked(
    tmp_path: Path, fields: dict[str, Any], monkeypatch: pytest.MonkeyPatch, url: str, text: str
):
    monkeypatch.setattr(socket, "create_connection", lambda *_a, **_k: pytest.fail("the network was asked"))
    path = said(tmp_path, fields, url=url)
    with pytest.raises(ModelError, match=text) as error:
        fetch_model(path, path.parent)
    assert "secret" not in str(error.value)


def test_a_loopback_address_does_not_go_through_a_proxy(
    tmp_path: Path, fields: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with serving(Behaviour(CONTENT)) as server:
        path = said(tmp_path, fields, url=server.url)
        assert fetch_model(path, path.parent).read_bytes() == CONTENT


def test_what_is_here_and_right_is_not_asked_for(tmp_path: Path, manifest: Path):
    (manifest.parent / "toy.onnx").write_bytes(CONTENT)
    told: list[str] = []
    fetch_model(manifest, manifest.parent, say=told.append)
    assert told == ["toy: toy.onnx is here already"]


def test_what_is_here_and_wrong_stays_until_the_right_one_is(tmp_path: Path, fields: dict[str, Any]):
    path = said(tmp_path, fields, url="https://example.invalid/toy.onnx")
    (path.parent / "toy.onnx").write_bytes(b"damaged")
    with serving(Behaviour(CONTENT[:-1])) as server, pytest.raises(ModelError):
        fetch_model(path, path.parent, source=server.url)
    assert (path.parent / "toy.onnx").read_bytes() == b"damaged"
    with serving(Behaviour(CONTENT)) as server:
        assert fetch_model(path, path.parent, source=server.url).read_bytes() == CONTENT


@pytest.mark.parametrize("url", ["../store", "../store/toy.onnx", "{folder}/store"])
def test_a_folder_or_a_file_will_do_and_the_network_is_not_used(
    tmp_path: Path, fields: dict[str, Any], monkeypatch: pytest.MonkeyPatch, url: str
):
    monkeypatch.setattr(socket, "socket", lambda *_a, **_k: pytest.fail("the network was asked"))
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "toy.onnx").write_bytes(CONTENT)
    path = said(tmp_path, fields, url=url.format(folder=tmp_path))
    assert fetch_model(path, path.parent).read_bytes() == CONTENT
    assert _left(path.parent) == {"toy.onnx"}


def test_a_manifest_elsewhere_is_put_beside_its_file(tmp_path: Path, fields: dict[str, Any]):
    path = said(tmp_path, fields, url="toy.onnx")
    (path.parent / "toy.onnx").write_bytes(CONTENT)
    fetch_model(path, tmp_path / "mine")
    assert list_models(tmp_path / "mine")[0].ok
    fetch_model(path, tmp_path / "mine")
    said(tmp_path, fields, url="toy.onnx", notes="another")
    with pytest.raises(ModelError, match=r"mine.toy\.json is there and says something else"):
        fetch_model(path, tmp_path / "mine")


def test_the_wrong_file_in_a_folder_is_not_taken(tmp_path: Path, fields: dict[str, Any]):
    (tmp_path / "toy.onnx").write_bytes(b"toys")
    path = said(tmp_path, fields, url="..")
    with pytest.raises(ModelError, match="another file than the manifest speaks of"):
        fetch_model(path, path.parent)
    assert _left(path.parent) == set()


@pytest.mark.parametrize(
    ("url", "text"), [("", "its manifest has no url; put toy.onnx beside it"), ("../nowhere", "nowhere is not there")]
)
def test_nowhere_to_take_it_from_is_said(tmp_path: Path, fields: dict[str, Any], url: str, text: str):
    path = said(tmp_path, fields, url=url)
    with pytest.raises(ModelError, match=text):
        fetch_model(path, path.parent)
