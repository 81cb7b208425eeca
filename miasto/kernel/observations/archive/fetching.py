"""Many ranges of objects at once: one thread, many connections that are kept, one request on each at a time.

Only what goes well is done here: an answer 206 of the length that was asked for. Whatever else happens – a refusal, a
connection that ends or is silent – the range is given back to who asked, to be asked for by botocore, which knows how to wait
and what a refusal means. A store that says it is asked too often is asked on half as many connections from then on.
"""

from __future__ import annotations

import errno
import re
import selectors
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

from miasto.kernel.observations.archive.signing import Signer

WIDTH, MOST = 128, 256  # connections of one read, and of a process
FRESH_S = 4.0  # an idle connection is taken again for so long: stores end them after five seconds and more
LOOK_S, WAIT_S = 0.1, 0.005  # how often it is looked who is silent; where nothing is under way, whether more may be begun
BLOCK = 1 << 18
HEAD_MOST = 1 << 14
ENDS = b"\r\n\r\n"
BUSY = {429, 500, 502, 503, 504}
READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
CLOSES = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)


class Span(NamedTuple):
    """Bytes of an object: its key, the first of them, how many."""

    key: str
    start: int
    length: int


class Host(NamedTuple):
    """Where a store answers, what comes before a key in the path of a request, and the host as the request says it."""

    name: str
    port: int
    before: str
    secure: ssl.SSLContext | None
    said: str


class Given(NamedTuple):
    """How a read goes on: ``got`` hears of each answer, ``may`` tells how many of the spans may be begun by now.

    ``ends`` is an instant of ``time.monotonic()``.
    """

    got: Callable[[int, bytes], None]
    may: Callable[[], int]
    silence_s: float
    ends: float | None
    stopped: threading.Event


class Full(Exception):
    """All connections that a process may have are at work."""


class Refused(Exception):
    """An answer other than the bytes that were asked for; its status."""


class Line:
    """A connection and what it is at: the number of a span, what is still to be sent, what has come."""

    __slots__ = ("came", "closes", "fd", "host", "length", "mask", "number", "opened", "reused", "sending", "since", "socket")

    def __init__(self, host: Host, made: socket.socket, *, reused: bool) -> None:
        self.host, self.socket, self.fd = host, made, made.fileno()
        self.reused, self.opened, self.mask = reused, reused, 0
        self.begin(-1, b"")

    def begin(self, number: int, request: bytes) -> None:
        """Be given the next request."""
        self.number, self.sending, self.came, self.length = number, request, bytearray(), -1
        self.closes, self.since = False, time.monotonic()

    def send(self) -> None:
        """Send what the connection takes. Raises ``OSError``, also where it takes nothing now."""
        if not self.opened:
            self._open()
        self.sending = self.sending[self.socket.send(self.sending) :]
        self.since = time.monotonic()

    def _open(self) -> None:
        if failed := self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            raise OSError(failed, "connect")
        if self.host.secure is not None:
            if not isinstance(self.socket, ssl.SSLSocket):
                self.socket = self.host.secure.wrap_socket(
                    self.socket, server_hostname=self.host.name, do_handshake_on_connect=False
                )
            self.socket.do_handshake()
        self.opened = True

    def receive(self, length: int) -> bytes | None:
        """The body, of the ``length`` that was asked for, when all of it is there. Raises ``OSError``, ``Refused``."""
        while True:
            found = self.socket.recv(BLOCK)
            if not found:
                raise ConnectionError
            self.came += found
            self.since = time.monotonic()
            if self.length < 0:
                self._head(length)
            if 0 <= self.length <= len(self.came):
                if self.length < len(self.came):
                    raise ConnectionError
                return bytes(self.came)
            if not isinstance(self.socket, ssl.SSLSocket):
                return None  # the selector tells when there is more; of what is decrypted already it would not

    def _head(self, length: int) -> None:
        """Take the head off, when it is there."""
        at = self.came.find(ENDS)
        if at < 0:
            if len(self.came) > HEAD_MOST:
                raise ConnectionError
            return
        head = bytes(self.came[:at])
        del self.came[: at + len(ENDS)]
        status, told = head[9:12], LENGTH.search(head)
        if status != b"206" or told is None or int(told[1]) != length:
            raise Refused(int(status) if status.isdigit() else 0)
        self.length, self.closes = length, CLOSES.search(head) is not None


class Fetcher:
    """Reads from one store; used by several threads at once, which share the connections that are idle."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.wanting = 0  # reads that wait for connections of others
        self._idle: deque[tuple[float, socket.socket]] = deque()
        self._open = 0
        self._lock = threading.Lock()

    def fetch(self, spans: Sequence[Span], signer: Signer, given: Given) -> list[int]:
        """Read them in about their order; the numbers of those that did not come, what was refused first.

        Raises ``TimeoutError`` at the end of the time.
        """
        run = _Run(self, spans, signer, given)
        try:
            run.go()
        finally:
            run.end()
        return run.left

    def line(self) -> Line:
        """An idle connection, or a new one that is just being made. Raises ``Full``, ``OSError``."""
        with self._lock:
            while self._idle:
                since, made = self._idle.pop()
                if time.monotonic() - since < FRESH_S:
                    return Line(self.host, made, reused=True)
                self._end(made)
            if self._open >= MOST:
                raise Full
            self._open += 1
        try:
            return Line(self.host, self._made(), reused=False)
        except OSError:
            with self._lock:
                self._open -= 1
            raise

    def _made(self) -> socket.socket:
        family, kind, protocol, _name, address = socket.getaddrinfo(self.host.name, self.host.port, type=socket.SOCK_STREAM)[0]
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if made.connect_ex(address) not in {0, errno.EINPROGRESS}:
            made.close()
            raise ConnectionError
        return made

    def back(self, made: socket.socket, *, good: bool) -> None:
        """Keep a connection for the next read, or end it."""
        with self._lock:
            if good:
                self._idle.append((time.monotonic(), made))
            else:
                self._end(made)

    def wants(self, more: int) -> None:
        """So many reads more wait for connections."""
        with self._lock:
            self.wanting += more

    def _end(self, made: socket.socket) -> None:
        made.close()
        self._open -= 1


class _Run:
    """One read: what is still to be asked for, the connections at work, what has to be asked for otherwise."""

    def __init__(self, store: Fetcher, spans: Sequence[Span], signer: Signer, given: Given) -> None:
        self.store, self.spans, self.signer, self.given = store, spans, signer, given
        self.todo = deque(range(len(spans)))
        self.left: list[int] = []
        self.width, self.answers, self.wanting = WIDTH, 0, False
        self.busy: set[Line] = set()
        self.selector = selectors.DefaultSelector()
        self.looked = time.monotonic()

    def go(self) -> None:
        while (self.todo or self.busy) and not self.given.stopped.is_set():
            self._begin()
            for key, _events in self.selector.select(LOOK_S if self.busy else WAIT_S):
                if key.data in self.busy:
                    self._go_on(key.data)
            self._look()

    def end(self) -> None:
        """What is under way is broken off: its answer would come into the next read."""
        for line in self.busy:
            self.store.back(line.socket, good=False)
        self._wants(False)
        self.selector.close()

    def _wants(self, wanting: bool) -> None:
        self.store.wants(wanting - self.wanting)
        self.wanting = wanting

    def _more(self) -> bool:
        """Whether another request may be under way; where another read waits for connections, it gets some of them."""
        most = min(self.width, MOST // 4) if self.store.wanting > self.wanting else self.width
        return bool(self.todo) and len(self.busy) < most and self.todo[0] < self.given.may()

    def _begin(self) -> None:
        while self._more():
            try:
                line = self.store.line()
                self._wants(False)
            except Full:
                self._wants(True)
                return
            except OSError:
                self._give_up()
                return
            self.busy.add(line)
            self._ask(line)
            if line.reused:
                self._go_on(line)
            else:
                self._wait(line, WRITE)

    def _ask(self, line: Line) -> None:
        number = self.todo.popleft()
        span = self.spans[number]
        line.begin(number, self.signer.request(self.store.host.before + span.key, span.start, span.length))

    def _go_on(self, line: Line) -> None:
        """Send or receive, as far as it goes now."""
        try:
            if line.sending:
                line.send()
                self._wait(line, WRITE if line.sending else READ)
            elif (body := line.receive(self.spans[line.number].length)) is not None:
                self._came(line, body)
        except ssl.SSLWantReadError:
            self._wait(line, READ)
        except (ssl.SSLWantWriteError, BlockingIOError):
            self._wait(line, WRITE if line.sending else READ)
        except Refused as answer:
            self._refused(line, answer.args[0])
        except OSError:
            self._broken(line)

    def _wait(self, line: Line, mask: int) -> None:
        if line.mask == 0:
            self.selector.register(line.fd, mask, line)
        elif line.mask != mask:
            self.selector.modify(line.fd, mask, line)
        line.mask = mask

    def _came(self, line: Line, body: bytes) -> None:
        self.given.got(line.number, body)
        self.answers, line.reused = self.answers + 1, True
        self.busy.discard(line)
        if not line.closes and self._more():
            self.busy.add(line)
            self._ask(line)
            self._go_on(line)
        else:
            self._drop(line, good=not line.closes)

    def _drop(self, line: Line, *, good: bool = False) -> None:
        self.busy.discard(line)
        if line.mask:
            self.selector.unregister(line.fd)
        self.store.back(line.socket, good=good)

    def _refused(self, line: Line, status: int) -> None:
        """Too many requests: fewer at a time. Anything else will not get better by asking so again."""
        self._drop(line)
        if status in BUSY:
            self.left.append(line.number)
            self.width //= 2
            if not self.width:
                self._give_up()
        else:
            self.left.insert(0, line.number)
            self._give_up()

    def _broken(self, line: Line) -> None:
        """A kept connection may have ended meanwhile: a new one is tried. A new one that ends is not."""
        self._drop(line)
        if line.reused and line.length < 0 and not line.came:
            self.todo.appendleft(line.number)
            return
        self.left.append(line.number)
        if not self.answers:
            self._give_up()

    def _give_up(self) -> None:
        self.left += self.todo
        self.todo.clear()

    def _look(self) -> None:
        now = time.monotonic()
        if now - self.looked < LOOK_S:
            return
        self.looked = now
        if self.given.ends is not None and now > self.given.ends:
            raise TimeoutError
        for line in [one for one in self.busy if now - one.since > self.given.silence_s]:
            self._drop(line)
            self.left.append(line.number)
            self._give_up()
