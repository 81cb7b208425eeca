"""Packets of MQTT 3.1.1 and 5 (OASIS standards), as far as the door must understand them; the rest is passed on as it is.

A packet is its first byte (kind and flags) and its body. ``Malformed`` for what is no packet: the connection ends then.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP = range(1, 8)
SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK, PINGREQ, PINGRESP, DISCONNECT, AUTH = range(8, 16)
LARGEST = 1024 * 1024  # bytes of a body
V3, V4, V5 = 3, 4, 5  # 3.1, 3.1.1 and 5
RECEIVE_MAXIMUM, MAXIMUM_PACKET, MAXIMUM_QOS, RETAIN_AVAILABLE = 0x21, 0x27, 0x24, 0x25
SUBSCRIPTION_ID_AVAILABLE, SHARED_AVAILABLE, SESSION_EXPIRY, ASSIGNED_ID = 0x29, 0x2A, 0x11, 0x12
SUBSCRIPTION_ID, WILL_DELAY = 0x0B, 0x18

_BYTE = {0x01, 0x17, 0x19, 0x24, 0x25, 0x28, 0x29, 0x2A}
_TWO = {0x13, 0x21, 0x22, 0x23}
_FOUR = {0x02, 0x11, 0x18, 0x27}
_TEXT = {0x03, 0x08, 0x09, 0x12, 0x15, 0x16, 0x1A, 0x1C, 0x1F}
_PAIR = 0x26


class Malformed(ValueError):
    """What is no packet of MQTT."""


class TooLarge(Malformed):
    """A packet of more bytes than are taken."""


@dataclass(frozen=True, slots=True)
class Packet:
    """``first``: kind in the upper four bits, flags in the lower."""

    first: int
    body: bytes

    @property
    def kind(self) -> int:
        """One of the constants above."""
        return self.first >> 4

    def encoded(self) -> bytes:
        """As it goes over the wire."""
        return bytes([self.first]) + length(len(self.body)) + self.body


class Splitter:
    """Cuts a stream of bytes into packets, wherever it was cut on its way; of at most ``most`` bytes."""

    def __init__(self, most: int = LARGEST) -> None:
        self._held, self.most = bytearray(), most

    @property
    def half(self) -> int:
        """How many bytes there are of a packet that is not whole yet."""
        return len(self._held)

    def feed(self, some: bytes) -> list[Packet]:
        """The packets that are whole now. Raises ``Malformed``, ``TooLarge``."""
        self._held += some
        found, at, held = [], 0, self._held
        while (header := _header(held, at)) is not None:
            start, size = header
            if size > self.most:
                raise TooLarge
            if len(held) < start + size:
                break
            found.append(Packet(held[at], bytes(held[start : start + size])))
            at = start + size
        del held[:at]
        return found


def _header(held: bytearray, at: int) -> tuple[int, int] | None:
    """Where the body begins and its size; None where that is not known yet."""
    size = 0
    for place in range(4):
        if at + 1 + place >= len(held):
            return None
        byte = held[at + 1 + place]
        size |= (byte & 0x7F) << (7 * place)
        if not byte & 0x80:
            return at + 2 + place, size
    raise Malformed("length")


def length(size: int) -> bytes:
    """A number below 2**28 as MQTT writes it, seven bits a byte."""
    made = bytearray()
    while True:
        size, byte = size >> 7, size & 0x7F
        made.append(byte | (0x80 if size else 0))
        if not size:
            return bytes(made)


class _Cursor:
    """Reads a body from its beginning."""

    def __init__(self, body: bytes) -> None:
        self.body, self.at = body, 0

    def take(self, size: int) -> bytes:
        if self.at + size > len(self.body):
            raise Malformed("cut short")
        self.at += size
        return self.body[self.at - size : self.at]

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size))

    def bytes(self) -> bytes:
        return self.take(self.number(2))

    def text(self) -> str:
        try:
            found = self.bytes().decode()
        except UnicodeDecodeError:
            raise Malformed("no UTF-8") from None
        if "\0" in found:
            raise Malformed("NUL")
        return found

    def variable(self) -> int:
        size = 0
        for place in range(4):
            byte = self.number(1)
            size |= (byte & 0x7F) << (7 * place)
            if not byte & 0x80:
                return size
        raise Malformed("length")

    def properties(self) -> dict[int, bytes]:
        """Properties by their identifier as raw bytes; of repeated ones the last."""
        inner = _Cursor(self.take(self.variable()))
        found: dict[int, bytes] = {}
        while inner.at < len(inner.body):
            name = inner.variable()
            start = inner.at
            inner.skip(name)
            found[name] = inner.body[start : inner.at]
        return found

    def skip(self, name: int) -> None:
        if name in _BYTE:
            self.take(1)
        elif name in _TWO:
            self.take(2)
        elif name in _FOUR:
            self.take(4)
        elif name in _TEXT:
            self.bytes()
        elif name == _PAIR:
            self.bytes()
            self.bytes()
        elif name == SUBSCRIPTION_ID:
            self.variable()
        else:
            raise Malformed("property")

    def rest(self) -> bytes:
        return self.take(len(self.body) - self.at)


def properties(found: dict[int, bytes]) -> bytes:
    """Properties with their length."""
    inside = b"".join(length(name) + value for name, value in found.items())
    return length(len(inside)) + inside


def text(found: str) -> bytes:
    """A text with its length."""
    raw = found.encode()
    return len(raw).to_bytes(2) + raw


@dataclass(frozen=True)
class Connect:
    """Who connects; ``will`` is published should the connection end without a DISCONNECT, ``delay_s`` later (MQTT 5)."""

    version: int
    client_id: str
    keepalive: int
    user: str | None = None
    password: bytes | None = None
    clean: bool = True
    properties: dict[int, bytes] = field(default_factory=dict)
    will: Publish | None = None
    delay_s: int = 0

    def lasts(self, most: int) -> int:
        """For how many seconds the session is to be kept once the connection has ended, at most ``most``."""
        if self.version == V5:
            return min(int.from_bytes(self.properties.get(SESSION_EXPIRY, b"")), most)
        return 0 if self.clean else most

    def packet(self) -> Packet:
        """To connect so to a broker, without a will."""
        flags = (
            (0x02 if self.clean else 0) | (0x80 if self.user is not None else 0) | (0x40 if self.password is not None else 0)
        )
        body = text("MQTT" if self.version > V3 else "MQIsdp") + bytes([self.version, flags]) + self.keepalive.to_bytes(2)
        body += properties(self.properties) if self.version == V5 else b""
        body += text(self.client_id)
        body += text(self.user) if self.user is not None else b""
        if self.password is not None:
            body += len(self.password).to_bytes(2) + self.password
        return Packet(CONNECT << 4, body)


def read_connect(packet: Packet) -> Connect:
    """Raises ``Malformed``; ``version`` may be one that nobody knows, then nothing else is read."""
    cursor = _Cursor(packet.body)
    name, version = cursor.text(), cursor.number(1)
    if (name, version) not in (("MQTT", V4), ("MQTT", V5), ("MQIsdp", V3)):
        return Connect(0, "", 0)
    flags, keepalive = cursor.number(1), cursor.number(2)
    if flags & 0x01:
        raise Malformed("reserved flag")
    found = cursor.properties() if version == V5 else {}
    client_id = cursor.text()
    will, delay = None, 0
    if flags & 0x04:
        inside = cursor.properties() if version == V5 else {}
        will, delay = Publish(cursor.text(), cursor.bytes(), 0), int.from_bytes(inside.get(WILL_DELAY, b""))
    user = cursor.text() if flags & 0x80 else None
    password = cursor.bytes() if flags & 0x40 else None
    return Connect(version, client_id, keepalive, user, password, bool(flags & 0x02), found, will, delay)


def connack(version: int, reason: int, found: dict[int, bytes] | None = None, *, present: bool = False) -> bytes:
    """``reason`` in the numbers of MQTT 5; older clients get what theirs is. ``present``: a session was taken up."""
    if version != V5:
        old = {0: 0, 0x84: 1, 0x85: 2, 0x88: 3, 0x86: 4, 0x87: 5}
        return Packet(CONNACK << 4, bytes([present, old.get(reason, 5)])).encoded()
    return Packet(CONNACK << 4, bytes([present, reason]) + properties(found or {})).encoded()


@dataclass(frozen=True, slots=True)
class Publish:
    """A message; ``number`` is 0 at QoS 0. ``extra`` are its properties with their length, empty before MQTT 5."""

    topic: str
    payload: bytes
    qos: int
    number: int = 0
    retain: bool = False
    duplicate: bool = False
    extra: bytes = b""

    def packet(self) -> Packet:
        """Ready to be sent."""
        first = PUBLISH << 4 | (0x08 if self.duplicate else 0) | self.qos << 1 | self.retain
        number = self.number.to_bytes(2) if self.qos else b""
        return Packet(first, text(self.topic) + number + self.extra + self.payload)

    def under(self, topic: str) -> Publish:
        """The same message at another topic."""
        return replace(self, topic=topic)


def read_publish(packet: Packet, version: int) -> Publish:
    """Raises ``Malformed``; a topic that is an alias is empty."""
    cursor = _Cursor(packet.body)
    topic, qos = cursor.text(), packet.first >> 1 & 3
    if qos == 3 or "#" in topic or "+" in topic:
        raise Malformed("publish")
    number = cursor.number(2) if qos else 0
    if qos and not number:
        raise Malformed("number")
    extra = b""
    if version == V5:
        start = cursor.at
        cursor.properties()
        extra = packet.body[start : cursor.at]
    return Publish(topic, cursor.rest(), qos, number, bool(packet.first & 1), bool(packet.first & 8), extra)


@dataclass(frozen=True)
class Subscribe:
    """Filters with their options byte (UNSUBSCRIBE has none: 0)."""

    number: int
    filters: tuple[tuple[str, int], ...]
    extra: bytes = b""

    def packet(self, kind: int) -> Packet:
        """A SUBSCRIBE or UNSUBSCRIBE."""
        body = self.number.to_bytes(2) + self.extra
        for name, options in self.filters:
            body += text(name) + (bytes([options]) if kind == SUBSCRIBE else b"")
        return Packet(kind << 4 | 0x02, body)


def read_subscribe(packet: Packet, version: int) -> Subscribe:
    """Of a SUBSCRIBE or UNSUBSCRIBE. Raises ``Malformed``."""
    cursor, extra = _Cursor(packet.body), b""
    number = cursor.number(2)
    if not number or packet.first & 0x0F != 0x02:
        raise Malformed("subscribe")
    if version == V5:
        start = cursor.at
        cursor.properties()
        extra = packet.body[start : cursor.at]
    found = []
    while cursor.at < len(packet.body):
        name = cursor.text()
        options = cursor.number(1) if packet.kind == SUBSCRIBE else 0
        if not name or options & 3 == 3:
            raise Malformed("filter")
        found.append((name, options))
    if not found:
        raise Malformed("no filter")
    return Subscribe(number, tuple(found), extra)


def number_of(packet: Packet) -> int:
    """The packet's number, with which its body begins. Raises ``Malformed``."""
    return _Cursor(packet.body).number(2)


def answer(kind: int, number: int, reason: int = 0, version: int = V4) -> bytes:
    """PUBACK, PUBREC, PUBREL or PUBCOMP; the reason only where it is told (MQTT 5) and not success."""
    flags = 0x02 if kind == PUBREL else 0
    more = bytes([reason]) if version == V5 and reason else b""
    return Packet(kind << 4 | flags, number.to_bytes(2) + more).encoded()


def suback(kind: int, number: int, reasons: list[int], version: int) -> bytes:
    """SUBACK or UNSUBACK with one reason for each filter."""
    body = number.to_bytes(2) + (b"\0" if version == V5 else b"")
    if kind == SUBACK or version == V5:
        body += bytes(reason if version == V5 or reason < 0x80 else 0x80 for reason in reasons)
    return Packet(kind << 4, body).encoded()


def disconnect(reason: int) -> bytes:
    """The server's own, which only MQTT 5 has."""
    return Packet(DISCONNECT << 4, bytes([reason])).encoded()


def read_disconnect(packet: Packet, version: int) -> tuple[int, dict[int, bytes]]:
    """Reason and properties of a client's DISCONNECT; older ones have neither. Raises ``Malformed``."""
    cursor = _Cursor(packet.body)
    reason = cursor.number(1) if version == V5 and packet.body else 0
    return reason, cursor.properties() if version == V5 and len(packet.body) > 1 else {}


def read_reasons(packet: Packet, version: int) -> tuple[int, list[int]]:
    """Number and reasons of a SUBACK or UNSUBACK."""
    cursor = _Cursor(packet.body)
    number = cursor.number(2)
    if version == V5:
        cursor.properties()
    return number, list(cursor.rest())
