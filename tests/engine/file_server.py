"""A web server on this machine's loopback that serves one file and misbehaves as told. Read by tests alone."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass
class Behaviour:
    """ranges: whether parts may be asked for. dies_after: bytes of each request's answer, then the line is cut; one
    entry a request, None: does not. status, location: answered instead. sized: whether it says how long the file is.
    shifted: its parts start so many bytes further on than asked. asked: the Range of each request, '' for none."""

    content: bytes
    ranges: bool = True
    dies_after: list[int | None] = field(default_factory=list)
    status: int = 200
    location: str = ""
    sized: bool = True
    shifted: int = 0
    asked: list[str] = field(default_factory=list)
    url: str = ""


@contextmanager
def serving(behaviour: Behaviour, certificate: Path | None = None) -> Iterator[Behaviour]:
    """While inside, `behaviour.url` answers; by https where a certificate with its key is given."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _answer(self, behaviour)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    behaviour.url = f"http{'s' if certificate else ''}://127.0.0.1:{server.server_port}/toy.onnx"
    try:
        yield behaviour
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _answer(handler: BaseHTTPRequestHandler, behaviour: Behaviour) -> None:
    wanted = handler.headers.get("Range", "")
    behaviour.asked.append(wanted)
    if behaviour.location:
        handler.send_response(behaviour.status)
        handler.send_header("Location", behaviour.location)
        handler.end_headers()
        return
    if behaviour.status != 200:
        handler.send_error(behaviour.status)
        return
    content, start = behaviour.content, 0
    if wanted and behaviour.ranges:
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) + behaviour.shifted
        if start >= len(content):
            handler.send_error(416)
            return
        handler.send_response(206)
        handler.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
    else:
        handler.send_response(200)
    if behaviour.sized:
        handler.send_header("Content-Length", str(len(content) - start))
    handler.end_headers()
    dies = behaviour.dies_after.pop(0) if behaviour.dies_after else None
    handler.wfile.write(content[start:] if dies is None else content[start : start + dies])
    handler.close_connection = True
