"""What a message answers: a case, or an earlier letter. What anybody could write (a number in the subject) proves nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.cases import selectors as cases
from miasto.kernel.core import replies
from miasto.kernel.core.incoming.parsing import Parsed
from miasto.modules.contact_centre.mail.models import Letter

NUMBER = re.compile(r"\b([A-Z]{2,4}-20\d{2}-\d{6})\b", re.IGNORECASE)


@dataclass(frozen=True)
class Thread:
    """``case`` is answered for certain; ``maybe`` is a case that is only named; ``earlier`` an earlier letter."""

    case: Any = None
    maybe: Any = None
    earlier: Letter | None = None


def thread_of(message: Parsed, recipients: Iterable[str]) -> Thread:
    """Where a message belongs.

    Certain is the mark of a case in an address that the message came to: we put it into the Reply-To of messages to the filer
    only. The mark in a Message-ID that is referred to, and a reference to an earlier letter, count when the message comes from
    the same address too, since a reference travels on with everything that is forwarded.
    """
    addressed = [found for text in (*recipients, *message.recipients) for found in replies.objects_in(text)]
    referred = [found for text in message.references for found in replies.objects_in(text)]
    case, letter = _case(addressed), _letter(addressed)
    if case is not None:
        return Thread(case=case)
    if letter is None:
        letter = _letter(referred) or _by_message_id(message.references)
    known = _case(referred) or (letter.case if letter else None)
    if letter is not None and not _same_sender(letter, message):
        letter = None
    if known is not None:
        return Thread(case=known) if letter or _is_filer(known, message) else Thread(maybe=known)
    return Thread(maybe=_named(message.subject), earlier=letter)


def _case(ids: Iterable[UUID]) -> Any:
    wanted = list(ids)
    return cases.visible_cases(SYSTEM).filter(pk__in=wanted).first() if wanted else None


def _letter(ids: Iterable[UUID]) -> Letter | None:
    wanted = list(ids)
    return Letter.objects.select_related("case", "text").filter(pk__in=wanted).first() if wanted else None


def _by_message_id(references: list[str]) -> Letter | None:
    if not references:
        return None
    found = Letter.objects.select_related("case", "text").filter(message_id__in=references)
    return found.order_by("-received_at").first()


def _same_sender(letter: Letter, message: Parsed) -> bool:
    return bool(message.sender_email) and letter.text.sender_email == message.sender_email


def _is_filer(case: Any, message: Parsed) -> bool:
    party = cases.case_by_id(case.pk, SYSTEM).party
    return bool(party and party.email and message.sender_email) and party.email.lower() == message.sender_email


def _named(subject: str) -> Any:
    """The case, or the case of the letter, whose number the subject says."""
    found = NUMBER.search(subject)
    if found is None:
        return None
    number = found.group(1).upper()
    case = cases.visible_cases(SYSTEM).filter(number=number).first()
    if case is not None:
        return case
    letter = Letter.objects.select_related("case").filter(number=number).first()
    return letter.case if letter else None
