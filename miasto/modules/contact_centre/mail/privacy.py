"""What letters hold of a person, how long, and how it is overwritten."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from miasto.kernel.accounts.selectors import SYSTEM, contacts_of
from miasto.kernel.core import changes, clock, mail
from miasto.kernel.core.city import city
from miasto.kernel.files import selectors as stored
from miasto.kernel.files import services as files
from miasto.modules.contact_centre.mail.intake import KIND
from miasto.modules.contact_centre.mail.models import Letter, LetterText, Reply, State, Undeliverable

ERASED = "[usunięto]"
RAW_DAYS, NOTHING_DAYS, WORDS_DAYS = 90, 30, 730
AT_ONCE = 500


def _of_person(person_id: UUID) -> Any:
    email = (contacts_of([person_id]).get(person_id) or {}).get("email", "").lower()
    mine = Q(case__filer_person=person_id)
    return Letter.objects.filter(mine | Q(text__sender_email=email) if email else mine).select_related("text")


def export(person_id: UUID) -> list[dict[str, Any]]:
    """Each letter that a person sent from the address of the account, and those in the person's cases."""
    return [
        {
            "number": letter.number,
            "received_at": letter.received_at.isoformat(),
            "from": [letter.text.sender_name, letter.text.sender_email, letter.text.sender_phone, letter.text.sender_address],
            "subject": letter.text.subject,
            "text": letter.text.whole or letter.text.body,
            "files": [row.name for row in letter.attachments.all()],
            "answers": [reply.body for reply in letter.replies.all()],
        }
        for letter in _of_person(person_id).prefetch_related("attachments", "replies").order_by("received_at")
    ]


def erase(person_id: UUID) -> int:
    """Overwrite those letters, their files and our answers; returns how many letters."""
    found = list(_of_person(person_id).filter(text__erased_at=None))
    addresses = {letter.text.sender_email for letter in found} - {""}
    for letter in found:
        erase_letter(letter)
    Undeliverable.objects.filter(email__in=addresses).delete()
    return len(found)


@transaction.atomic
def erase_letter(letter: Letter) -> None:
    """Overwrite one letter: words, sender, names of files; files, the original and the messages about it are deleted."""
    _drop_files(letter)
    LetterText.objects.filter(letter=letter).update(
        sender_name="", sender_email="", sender_phone="", sender_address="", subject=ERASED, body=ERASED, whole="",
        headers={}, envelope={}, search="", erased_at=clock.now(),
    )  # fmt: skip
    letter.attachments.update(name="", file_id=None)
    Reply.objects.filter(letter=letter).update(body=ERASED)
    Letter.objects.filter(pk=letter.pk).update(raw_id=None, message_id="")
    mail.forget_about(letter.pk)
    changes.record(action="contact_centre.letter_erase", kind=KIND, object_id=letter.pk, actor=SYSTEM.actor)


def _drop_files(letter: Letter) -> None:
    for file in stored.files_of([letter.pk]).get(letter.pk, []):
        files.remove(file=file, by=SYSTEM)


def erase_of_case(case_id: UUID) -> int:
    """Overwrite the letters of a case whose words were erased."""
    found = list(Letter.objects.filter(case=case_id, text__erased_at=None))
    for letter in found:
        erase_letter(letter)
    return len(found)


def expire() -> int:
    """Delete originals after ``RAW_DAYS``; overwrite what is nobody's case after 30 days (spam, machines) or two years."""
    now, limit = clock.now(), city().limit
    nothing = _before(now, limit("letters_nothing_days", NOTHING_DAYS))
    words = _before(now, limit("letters_words_days", WORDS_DAYS))
    empty = Q(letter_class="spam") | Q(state=State.AUTOMATIC)
    loose = Letter.objects.filter(case=None, text__erased_at=None).filter(
        (empty & Q(received_at__lt=nothing)) | Q(state=State.SORTED, received_at__lt=words)
    )
    erased = _each(loose)
    old = Letter.objects.filter(raw_id__isnull=False, received_at__lt=_before(now, limit("letters_raw_days", RAW_DAYS)))
    originals = {letter.raw_id: letter.pk for letter in old.exclude(state__in=[State.NEW, State.BROKEN])[:AT_ONCE]}
    for file in stored.files_by_id(originals).values():
        files.remove(file=file, by=SYSTEM)
    Letter.objects.filter(pk__in=originals.values()).update(raw_id=None)
    Undeliverable.objects.filter(last_at__lt=words).delete()
    return erased


def _before(now: datetime, days: int) -> datetime:
    return now - timedelta(days=days)


def _each(letters: Iterable[Letter]) -> int:
    found = list(letters)
    for letter in found:
        erase_letter(letter)
    return len(found)
