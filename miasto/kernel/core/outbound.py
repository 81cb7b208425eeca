"""Requests to other servers, to addresses that a stranger or an administrator has written.

A stranger's address must not make the platform ask its own network (server-side request forgery), so the name is resolved
once, every address it has must be public (``ipaddress.is_global``), and the connection goes to that very address: a second
answer of the name server changes nothing. Each redirect is looked at in the same way. ``MIASTO_OUTBOUND_HOSTS`` names the
``host:port`` pairs of the own network that may be asked in spite of that (another authority's server in the city hall).
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import os
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urljoin, urlsplit

PORTS = {"http": 80, "https": 443}
REDIRECTS = (301, 302, 303, 307, 308)
CHUNK = 64 * 1024


class Forbidden(Exception):
    """The address may not be asked: not http(s), a name without a public address, credentials in it."""


class NotSent(Exception):
    """Nothing reached the other side (no name, no connection): it may be tried again without harm."""


class Unanswered(Exception):
    """It was sent, but the answer is missing or too long or took too long: nobody knows what the other side did."""


@dataclass(frozen=True)
class Answer:
    """What the other side said. ``headers`` have names in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str = field(default="", repr=False)

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").split(";")[0].strip().lower()


def fetch(url: str, *, most: int, seconds: float, redirects: int = 3, headers: Mapping[str, str] | None = None) -> Answer:
    """GET a document of at most ``most`` bytes within ``seconds`` altogether, following ``redirects`` at most.

    Raises ``Forbidden``, ``NotSent`` or ``Unanswered``.
    """
    until = time.monotonic() + seconds
    for _step in range(redirects + 1):
        answer = _ask("GET", url, b"", dict(headers or {}), most, until)
        target = answer.headers.get("location", "")
        if answer.status not in REDIRECTS or not target:
            return answer
        url = urljoin(url, target)
    raise Unanswered("too many redirects")


def send(
    url: str,
    body: bytes,
    *,
    media_type: str,
    most: int = 1_000_000,
    seconds: float = 20,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """POST a body; redirects are not followed. Raises as ``fetch`` does."""
    return _ask("POST", url, body, {"Content-Type": media_type, **(headers or {})}, most, time.monotonic() + seconds)


def _ask(method: str, url: str, body: bytes, headers: dict[str, str], most: int, until: float) -> Answer:
    parts, port = _parts(url)
    link = _connect(parts, port, until)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    alarm = threading.Timer(max(until - time.monotonic(), 0.1), _hang_up, [link.sock])
    alarm.start()  # the socket's own timeout begins anew with each byte
    try:
        link.request(method, path, body or None, {"User-Agent": "MiastoPlatform/1", "Accept-Encoding": "identity", **headers})
        response = link.getresponse()
        data = _read(response, link, most, until)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unanswered(type(error).__name__) from error
    finally:
        alarm.cancel()
        link.close()
    return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, data, url)


def _hang_up(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _parts(url: str) -> tuple[SplitResult, int]:
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme, 0)
        (parts.hostname or "").encode("idna")
        f"{parts.path}?{parts.query}".encode("ascii")
    except ValueError as error:
        raise Forbidden("not an address") from error
    if parts.scheme not in PORTS or not parts.hostname or parts.username or parts.password:
        raise Forbidden("only http and https addresses without credentials")
    if any(letter <= " " or letter == "\x7f" for letter in url):
        raise Forbidden("not an address")
    return parts, port


def _connect(parts: SplitResult, port: int, until: float) -> http.client.HTTPConnection:
    host = parts.hostname or ""
    problem: Exception = OSError("no address")
    for address in _addresses(host, port):
        left = until - time.monotonic()
        if left <= 0:
            break
        try:
            plain = socket.create_connection((address, port), timeout=min(left, 10))
            secure = ssl.create_default_context().wrap_socket(plain, server_hostname=host) if parts.scheme == "https" else plain
        except OSError as error:
            problem = error
            continue
        link = http.client.HTTPConnection(host, port, timeout=max(left, 0.1))
        link.default_port = PORTS[parts.scheme]  # so that the Host header names a port only where it must
        link.sock = secure
        return link
    raise NotSent(type(problem).__name__) from problem


def _addresses(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotSent("no such name") from error
    addresses = list(dict.fromkeys(str(row[4][0]) for row in found))
    if not is_named(host, port):
        for address in addresses:
            if not is_public(address):
                raise Forbidden("the address lies in a network of its own")
    return addresses


def is_named(host: str, port: int) -> bool:
    """Whether the administrator named this server of the own network as one that may be asked."""
    return f"{host}:{port}" in os.environ.get("MIASTO_OUTBOUND_HOSTS", "").split(",")


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public network; an IPv4 address inside IPv6 is judged by itself."""
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return is_public(str(inner))
        if ip in ipaddress.ip_network("64:ff9b::/96"):
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
    return ip.is_global and not ip.is_multicast


def _read(response: http.client.HTTPResponse, link: http.client.HTTPConnection, most: int, until: float) -> bytes:
    """The body, in parts, so that neither its length nor its slowness is without a limit."""
    found = bytearray()
    while True:
        left = until - time.monotonic()
        if left <= 0:
            raise Unanswered("too slow")
        if link.sock is not None:
            link.sock.settimeout(left)
        part = response.read1(CHUNK)
        if not part:
            return bytes(found)
        found += part
        if len(found) > most:
            raise Unanswered("too long")
