"""The Asterisk Manager Interface (AMI): a client of the exchange, and what its events mean for a call.

Source: docs.asterisk.org, "Asterisk Manager Interface" (actions Challenge and Login; events Newchannel, DialBegin, BridgeEnter,
Hangup; Asterisk 13 and later). The protocol is lines of ``Key: value`` over TCP, packets end with an empty line.
"""

from __future__ import annotations

import hashlib
import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import unquote, urlsplit

from miasto.kernel.core import clock
from miasto.modules.contact_centre.phone.services import Heard
from miasto.modules.contact_centre.phone.webhook import caller_of

PORT, TLS_PORT = 5038, 5039
CONNECT_S = 10.0
SILENCE_S = 60.0  # a Ping goes out after so much silence; no answer to it is a broken line
MOST_LINE = 8_192
Packet = dict[str, str]
_EXTENSION = re.compile(r"^(?:PJSIP|SIP|IAX2|SCCP|Agent|Local)/(?P<number>\d{1,10})(?:[-@].*)?$")


class Refused(Exception):
    """The exchange refused the log-in."""


@dataclass(frozen=True)
class Address:
    """Where the exchange is and who logs in."""

    host: str
    port: int
    user: str
    secret: str
    tls: bool

    @classmethod
    def read(cls, url: str) -> Self:
        """From ``ami://user:secret@host:5038`` or ``amis://…`` (TLS); raises ``ValueError``."""
        parts = urlsplit(url)
        if parts.scheme not in ("ami", "amis") or not parts.hostname or not parts.username:
            raise ValueError("MIASTO_AMI must be ami://user:secret@host:port or amis://…")
        tls = parts.scheme == "amis"
        port = parts.port or (TLS_PORT if tls else PORT)
        return cls(parts.hostname, port, unquote(parts.username), unquote(parts.password or ""), tls)


class Manager:
    """One connection to the exchange. Use as a context manager; ``events`` yields packets until the line breaks."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._number = 0

    def __enter__(self) -> Self:
        raw = socket.create_connection((self.address.host, self.address.port), timeout=CONNECT_S)
        if self.address.tls:
            raw = ssl.create_default_context().wrap_socket(raw, server_hostname=self.address.host)
        self._socket, self._buffer = raw, b""
        self._line()  # "Asterisk Call Manager/…"
        self._log_in()
        raw.settimeout(SILENCE_S)
        return self

    def __exit__(self, *error: object) -> None:
        self._socket.close()

    def _log_in(self) -> None:
        """By challenge, so that the secret does not travel."""
        challenge = self._ask(Action="Challenge", AuthType="MD5").get("Challenge", "")
        key = hashlib.md5((challenge + self.address.secret).encode()).hexdigest()  # noqa: S324 - the protocol's own
        answer = self._ask(Action="Login", AuthType="MD5", Username=self.address.user, Key=key, Events="call")
        if answer.get("Response") != "Success":
            raise Refused(answer.get("Message", "log-in refused"))

    def events(self) -> Iterator[Packet]:
        """Every event of the exchange. Raises ``OSError`` (also ``TimeoutError``) where the line is broken."""
        asked = False
        while True:
            try:
                packet = self._packet()
            except TimeoutError:
                if asked:
                    raise
                asked = True
                self._send(Action="Ping")
                continue
            asked = False
            if "Event" in packet:
                yield packet

    def _ask(self, **fields: str) -> Packet:
        """Send an action and wait for its answer."""
        number = self._send(**fields)
        while True:
            packet = self._packet()
            if "Response" in packet and packet.get("ActionID", number) == number:
                return packet

    def _send(self, **fields: str) -> str:
        self._number += 1
        number = str(self._number)
        lines = [f"{key}: {value}" for key, value in {**fields, "ActionID": number}.items()]
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        return number

    def _packet(self) -> Packet:
        packet: Packet = {}
        while line := self._line():
            key, colon, value = line.partition(":")
            if colon:
                packet[key.strip()] = value.strip()
        return packet

    def _line(self) -> str:
        while b"\n" not in self._buffer:
            if len(self._buffer) > MOST_LINE:
                raise ConnectionError("a line without an end")
            part = self._socket.recv(65_536)
            if not part:
                raise ConnectionError("the exchange closed the line")
            self._buffer += part
        line, _end, self._buffer = self._buffer.partition(b"\n")
        return line.rstrip(b"\r").decode("utf-8", "replace")


@dataclass
class Listener:
    """Turns the exchange's events into what happened to calls. ``Linkedid``, the first channel's Uniqueid, names the whole."""

    callers: dict[str, str] = field(default_factory=dict)
    ringing: set[str] = field(default_factory=set)

    def hear(self, event: Packet) -> Heard | None:
        """What an event says of a call to the centre; None for everything else."""
        kind = {"Newchannel": self._new, "DialBegin": self._dial, "BridgeEnter": self._bridge, "Hangup": self._hangup}
        found = kind.get(event.get("Event", ""))
        return found(event) if found else None

    def _new(self, event: Packet) -> None:
        """The first channel of a call knows the caller's number."""
        if event.get("Uniqueid") == event.get("Linkedid"):
            self.callers[event["Linkedid"]] = event.get("CallerIDNum", "")

    def _dial(self, event: Packet) -> Heard | None:
        call = event.get("Linkedid") or event.get("DestLinkedid", "")
        extension = extension_of(event.get("DestChannel", ""))
        if not call or not extension:
            return None
        self.ringing.add(call)
        number = caller_of(self.callers.get(call) or event.get("CallerIDNum", ""))
        return Heard(call, "ringing", clock.now(), number, extension)

    def _bridge(self, event: Packet) -> Heard | None:
        call, extension = event.get("Linkedid", ""), extension_of(event.get("Channel", ""))
        if call not in self.ringing or not extension:
            return None
        return Heard(call, "answered", clock.now(), caller_of(self.callers.get(call)), extension)

    def _hangup(self, event: Packet) -> Heard | None:
        """The call ends with its first channel; that of an extension which did not answer ends before."""
        call = event.get("Linkedid", "")
        if event.get("Uniqueid") != call:
            return None
        self.callers.pop(call, None)
        if call not in self.ringing:
            return None
        self.ringing.discard(call)
        return Heard(call, "ended", clock.now())


def extension_of(channel: str) -> str:
    """The extension of a channel's name ("PJSIP/101-00000002" is 101); empty for a trunk or anything else."""
    found = _EXTENSION.match(channel)
    return found.group("number") if found else ""
