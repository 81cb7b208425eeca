"""An LMTP server (RFC 2033) for the city's mail transfer agent: 250 means committed; while the database is away, 451.

One recipient for each transaction, because LMTP answers for each; a second one gets 452 and the sender tries it next.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aiosmtpd.lmtp import LMTP
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection

from miasto.kernel.core.incoming.handing import LMTP as BY_LMTP
from miasto.kernel.core.incoming.handing import Unwanted, hand_over, most_bytes

log = logging.getLogger(__name__)
THREADS = 4
LINE_BYTES = 65_536


class Server(LMTP):
    """As aiosmtpd's, with long lines let through: some senders break the 998 letters of RFC 5322."""

    line_length_limit = LINE_BYTES


class Handler:
    """Hands each message over in a thread, since the database is waited for."""

    def __init__(self) -> None:
        self.pool = ThreadPoolExecutor(THREADS, thread_name_prefix="letter")

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        """One recipient at a time."""
        if envelope.rcpt_tos:
            return "452 4.5.3 One recipient at a time, please"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """The answer that the sender waits for."""
        loop = asyncio.get_running_loop()
        raw = envelope.original_content or b""
        return await loop.run_in_executor(self.pool, deliver, raw, envelope.mail_from, list(envelope.rcpt_tos))


def deliver(raw: bytes, envelope_from: str | None, recipients: list[str]) -> str:
    """Take a message in and say how that went, as an SMTP answer. Nothing is refused for good that could be kept later."""
    try:
        word = hand_over(raw, source=BY_LMTP, envelope_from=envelope_from or "", recipients=recipients)
    except DatabaseError:
        log.warning("the database is away: a message was put off")
        return "451 4.3.0 Try again later"
    except Unwanted:
        return "550 5.1.1 Nobody reads this address"
    except ValidationError:
        return "552 5.3.4 Message too large"
    except OSError as error:
        log.error("a message could not be stored: %s", error.strerror)
        return "452 4.3.1 Try again later"
    except Exception as error:  # whatever it is, the sender keeps the message
        log.exception("a message could not be taken in: %s", type(error).__name__)
        return "451 4.3.0 Try again later"
    finally:
        connection.close()
    return f"250 2.6.0 {word} taken in"


async def serve(*, host: str = "127.0.0.1", port: int = 0, socket: str = "", ready: Any = None) -> None:
    """Serve until SIGTERM or SIGINT. ``ready`` is called with the address once the server listens."""
    loop, handler = asyncio.get_running_loop(), Handler()

    def made() -> Server:
        return Server(
            handler, data_size_limit=most_bytes(), enable_SMTPUTF8=True, hostname="miasto", ident="Platforma", loop=loop
        )

    if socket:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(socket)
        server = await loop.create_unix_server(made, path=socket)
        os.chmod(socket, 0o660)
        where = socket
    else:
        server = await loop.create_server(made, host=host, port=port)
        where = "{}:{}".format(*server.sockets[0].getsockname()[:2])
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if ready is not None:
        ready(where)
    async with server:
        await stop.wait()
    handler.pool.shutdown(wait=True)
    if socket:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(socket)
