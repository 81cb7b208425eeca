"""Taking a message in: stored whole and committed first, read by a job afterwards, so that nothing can be lost or doubled."""

from __future__ import annotations

import io
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import connection, transaction

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.cases.services import next_number
from miasto.kernel.core import changes, clock
from miasto.kernel.core.incoming import parsing
from miasto.kernel.core.incoming.handing import most_bytes
from miasto.kernel.files import services as files
from miasto.modules.contact_centre.mail.models import Letter, LetterText, Source

KIND = "contact_centre.letter"
PREFIX = "KOR"


class Upload(io.BytesIO):
    """Bytes with a name, as the services of files take them."""

    def __init__(self, data: bytes, name: str) -> None:
        super().__init__(data)
        self.name = name


def take_mail(raw: bytes, *, source: str, envelope_from: str | None, recipients: Sequence[str]) -> str:
    """As ``take_in``; returns the letter's number."""
    return take_in(raw, source=source, envelope_from=envelope_from, recipients=recipients).number


def take_in(
    raw: bytes, *, source: str = Source.LMTP, envelope_from: str | None = None, recipients: Sequence[str] = ()
) -> Letter:
    """Keep a message and queue its reading; committed when this returns (unless the caller has a transaction open).

    Idempotent: the same Message-ID with the same content gives the letter that is there. ``envelope_from`` is the envelope's
    sender (empty for reports), None where it is not known; ``recipients`` the envelope's addresses. Raises ``ValidationError``
    for one larger than ``most_bytes()``.
    """
    if len(raw) > most_bytes():
        raise ValidationError("the message is too large", code="too_large")
    message_id, digest = parsing.identity(raw)
    known = Letter.objects.filter(identity=digest).first()
    return known or _keep(raw, message_id, digest, source, envelope_from, [one.lower()[:320] for one in recipients])


@transaction.atomic
def _keep(raw: bytes, message_id: str, digest: str, source: str, envelope_from: str | None, recipients: list[str]) -> Letter:
    from miasto.modules.contact_centre.mail import jobs

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"contact_centre.letter:{digest}"])
    known = Letter.objects.filter(identity=digest).first()
    if known is not None:
        return known
    now = clock.now()
    letter = Letter(
        number=next_number(PREFIX, clock.local(now).year),
        identity=digest,
        message_id=message_id.encode("utf-8", "replace").decode().replace("\x00", ""),
        source=source,
        received_at=now,
        raw_size=len(raw),
    )
    letter.raw_id = files.store_document(upload=Upload(raw, "list.eml"), by=SYSTEM, owner_id=letter.pk, letter=True).pk
    letter.save(force_insert=True)
    LetterText.objects.create(letter=letter, envelope={"from": envelope_from, "to": recipients})
    data = {"number": letter.number}
    changes.record(action="contact_centre.letter_receive", kind=KIND, object_id=letter.pk, actor=SYSTEM.actor, data=data)
    jobs.read_letter.defer(letter_id=str(letter.pk))
    return letter
