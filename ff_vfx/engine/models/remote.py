"""What a URL may be, and how one is asked: https, or http to this machine alone. Read by fetch; nothing else asks any.

Traps: urllib's own opener would follow a redirect to ftp, and a loopback address into a proxy; this one does neither.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import urllib.error
import urllib.request
from email.message import Message
from typing import IO, Any
from urllib.parse import urljoin, urlsplit

from ff_vfx.errors import ModelError

TIMEOUT_S = 30.0
_AGENT = "ff-vfx"


def is_url(text: str) -> bool:
    """Whether this is a URL of any kind, and not a path."""
    return "://" in text


def open_url(url: str, start: int) -> http.client.HTTPResponse:
    """Ask for a file from a byte on; the server may answer from 0 (status 200), which is the caller's to see.

    Raises:
        ModelError: not https, a redirect to another scheme, no such host, no answer, or an answer that is no file.
    """
    _refuse_unsafe(url)
    asked = urllib.request.Request(url, headers={"User-Agent": _AGENT, "Accept-Encoding": "identity"})
    if start:
        asked.add_header("Range", f"bytes={start}-")
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler({} if _loopback(url) else None),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(context=ssl.create_default_context()),
        _SameScheme(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    try:
        return opener.open(asked, timeout=TIMEOUT_S)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise RangeRefused(url) from error
        raise ModelError(f"pull {url}: the server says {error.code} {error.reason}; {_remedy(error.code)}") from error
    except (urllib.error.URLError, OSError, http.client.HTTPException, ValueError) as error:
        raise ModelError(f"pull {url}: {_reason(error)}; check the address and the network, or use --from") from error


class RangeRefused(ModelError):
    """The server has no such part of the file: what is kept of it is of another one."""


class _SameScheme(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        target = urljoin(req.full_url, newurl)
        if urlsplit(target).scheme != urlsplit(req.full_url).scheme:
            raise ModelError(f"pull {req.full_url}: the server sends on to {target}, another scheme; give that address")
        _refuse_unsafe(target)
        return super().redirect_request(req, fp, code, msg, headers, target)


def _refuse_unsafe(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ModelError(f"pull {url}: https:// or a path is needed; correct the url")
    if parts.scheme == "http" and not _loopback(url):
        raise ModelError(f"pull {url}: plain http may be read and changed on its way; use https:// or a path")
    if parts.username or parts.password:
        raise ModelError(f"pull {parts.scheme}://...@{parts.hostname}: a password is in the url; take it out")


def _loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _remedy(code: int) -> str:
    if code in (http.client.NOT_FOUND, http.client.GONE):
        return "the file is no longer there: correct the manifest's url, or use --from"
    if code in (http.client.UNAUTHORIZED, http.client.FORBIDDEN):
        return "it wants you to sign in: fetch the file yourself, and use --from"
    return "try again later, or use --from"


def _reason(error: Exception) -> str:
    inner = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(inner, TimeoutError | socket.timeout):
        return f"no answer within {TIMEOUT_S:.0f} s"
    if isinstance(inner, socket.gaierror):
        return "no such host is known"
    return str(inner) or type(inner).__name__


def content_range(headers: Message) -> tuple[int, int | None]:
    """Where a partial answer starts, and the whole file's size; (-1, None) where the server does not say."""
    unit, _, rest = headers.get("Content-Range", "").partition(" ")
    part, _, whole = rest.partition("/")
    first = part.partition("-")[0]
    if unit != "bytes" or not first.isdecimal():
        return -1, None
    return int(first), int(whole) if whole.isdecimal() else None
