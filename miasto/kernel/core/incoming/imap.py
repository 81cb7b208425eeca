"""Fetching from an IMAP mailbox (RFC 3501): a message is marked as read, or moved, only after our commit.

A message is known by its UID within the folder's UIDVALIDITY. Should both be lost, taking in is idempotent anyway. Settings:
MIASTO_IMAP_HOST, _PORT, _USER, _PASSWORD, _TLS (ssl, starttls or none), _FOLDER, _MOVE_TO.
"""

from __future__ import annotations

import imaplib
import logging
import os
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection

from miasto.kernel.core import clock
from miasto.kernel.core.incoming.handing import IMAP, Unwanted, hand_over, most_bytes
from miasto.kernel.core.models import Mailbox

log = logging.getLogger(__name__)
TIMEOUT_S = 30
AT_ONCE = 200
PART_BYTES = 1_000_000
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")


@dataclass(frozen=True)
class Account:
    """Where the mailbox is. ``tls`` is ssl (its own port), starttls or none; ``move_to`` is empty where messages stay."""

    host: str
    port: int
    user: str
    password: str
    tls: str = "ssl"
    folder: str = "INBOX"
    move_to: str = ""

    @property
    def key(self) -> str:
        """What the progress is kept under."""
        return f"{self.user}@{self.host}:{self.port}/{self.folder}"[:64]


def account() -> Account | None:
    """The mailbox of the environment; None where none is set up."""
    host = os.environ.get("MIASTO_IMAP_HOST", "")
    if not host:
        return None
    tls = os.environ.get("MIASTO_IMAP_TLS", "ssl")
    return Account(
        host=host,
        port=int(os.environ.get("MIASTO_IMAP_PORT") or (993 if tls == "ssl" else 143)),
        user=os.environ.get("MIASTO_IMAP_USER", ""),
        password=os.environ.get("MIASTO_IMAP_PASSWORD", ""),
        tls=tls,
        folder=os.environ.get("MIASTO_IMAP_FOLDER", "INBOX"),
        move_to=os.environ.get("MIASTO_IMAP_MOVE_TO", ""),
    )


def poll(box: Account | None = None) -> int:
    """Fetch what is new; returns how many messages were taken. A server that is away is tried again next time."""
    box = box or account()
    if box is None:
        return 0
    with _alone(box.key) as alone:
        if not alone:
            return 0
        try:
            with _logged_in(box) as server:
                return _fetch_new(server, box)
        except (OSError, imaplib.IMAP4.error) as error:
            log.warning("the mailbox could not be read: %s", type(error).__name__)
            return 0


@contextmanager
def _alone(key: str) -> Iterator[bool]:
    """Whether no other process reads this mailbox now; the lock goes with the connection, however it ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [f"core.imap:{key}"])
        held = bool(cursor.fetchone()[0])
    try:
        yield held
    finally:
        if held and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [f"core.imap:{key}"])


@contextmanager
def _logged_in(box: Account) -> Iterator[imaplib.IMAP4]:
    if box.tls == "ssl":
        server: imaplib.IMAP4 = imaplib.IMAP4_SSL(
            box.host, box.port, ssl_context=ssl.create_default_context(), timeout=TIMEOUT_S
        )
    else:
        server = imaplib.IMAP4(box.host, box.port, timeout=TIMEOUT_S)
    try:
        if box.tls == "starttls":
            server.starttls(ssl.create_default_context())
        server.login(box.user, box.password)
        yield server
    finally:
        try:
            server.logout()
        except (OSError, imaplib.IMAP4.error):
            server.shutdown()


def _fetch_new(server: imaplib.IMAP4, box: Account) -> int:
    _ok(server.select(f'"{box.folder}"'))
    validity = int((server.response("UIDVALIDITY")[1] or [b"0"])[0] or 0)
    progress = Mailbox.objects.filter(key=box.key).first() or Mailbox(key=box.key)
    if progress.uidvalidity != validity:
        progress.uidvalidity, progress.last_uid = validity, 0
    taken = 0
    for uid in _waiting(server, progress.last_uid)[:AT_ONCE]:
        raw = _message(server, uid)
        if raw is not None:
            taken += _take(server, uid, box, raw)
        progress.last_uid = max(progress.last_uid, uid)
        progress.checked_at = clock.now()
        progress.save()
    if box.move_to and taken:
        server.expunge()
    return taken


def _take(server: imaplib.IMAP4, uid: int, box: Account, raw: bytes) -> int:
    """One message; what nobody takes is marked as read and stays where it is, for people."""
    try:
        hand_over(raw, source=IMAP)  # committed here
    except Unwanted:
        log.warning("a message in the mailbox belongs to nobody")
        _ok(server.uid("STORE", str(uid), "+FLAGS", r"(\Seen)"))
        return 0
    _done(server, uid, box)
    return 1


def _waiting(server: imaplib.IMAP4, last_uid: int) -> list[int]:
    """UIDs to be read: unread ones, and those that came since and were opened elsewhere. A folder met for the first time
    gives its unread messages only."""
    found = {int(uid) for uid in (_ok(server.uid("SEARCH", "UNSEEN", "UNDELETED"))[0] or b"").split()}
    if last_uid:
        newer = _ok(server.uid("SEARCH", "UNDELETED", "UID", f"{last_uid + 1}:*"))[0] or b""
        found |= {int(uid) for uid in newer.split() if int(uid) > last_uid}  # "n:*" names the last one always
    return sorted(found)


def _message(server: imaplib.IMAP4, uid: int) -> bytes | None:
    """The bytes of a message, without marking it as read; of one that is too large the beginning. None where it is gone."""
    size = next(
        (
            int(found.group(1))
            for line in _lines(server.uid("FETCH", str(uid), "(RFC822.SIZE)"), uid)
            if (found := _SIZE.search(line))
        ),
        0,
    )
    what = "(BODY.PEEK[])" if size <= most_bytes() else f"(BODY.PEEK[]<0.{PART_BYTES}>)"
    for item in _ok(server.uid("FETCH", str(uid), what)):
        if isinstance(item, tuple):
            return bytes(item[1])
    return None


def _lines(answer: tuple[str, list], uid: int) -> list[bytes]:
    found = [item[0] if isinstance(item, tuple) else item for item in _ok(answer)]
    return [line for line in found if isinstance(line, bytes) and (uid_of := _UID.search(line)) and int(uid_of.group(1)) == uid]


def _done(server: imaplib.IMAP4, uid: int, box: Account) -> None:
    """Mark as read; where the messages go to another folder, move (RFC 6851) or copy and delete."""
    _ok(server.uid("STORE", str(uid), "+FLAGS", r"(\Seen)"))
    if not box.move_to:
        return
    if "MOVE" in server.capabilities:
        _ok(server.uid("MOVE", str(uid), f'"{box.move_to}"'))
    else:
        _ok(server.uid("COPY", str(uid), f'"{box.move_to}"'))
        _ok(server.uid("STORE", str(uid), "+FLAGS", r"(\Deleted)"))


def _ok(answer: tuple[str, list]) -> list:
    status, data = answer
    if status != "OK":
        raise imaplib.IMAP4.error("the server refused a command")
    return data
