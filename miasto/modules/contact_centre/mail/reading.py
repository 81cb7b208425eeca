"""Reading a letter that was taken in: its words, files, thread, what it answers, and the one acknowledgement."""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import SYSTEM, Viewer
from miasto.kernel.cases import services as cases
from miasto.kernel.core import changes, clock, ratelimit
from miasto.kernel.core.incoming import automatic, failures, parsing
from miasto.kernel.core.polish import fold
from miasto.kernel.files import selectors as stored
from miasto.kernel.files import services as files
from miasto.kernel.notifications.services import Recipient, notify
from miasto.modules.contact_centre.mail import quoting, suggesting, threads
from miasto.modules.contact_centre.mail.intake import KIND, Upload
from miasto.modules.contact_centre.mail.models import Attachment, Letter, LetterText, State, Undeliverable

log = logging.getLogger(__name__)
ACKNOWLEDGED_A_DAY = 3
COMMENT_MOST = 9_000
JOINED_PICTURES = 5
RECEIVED, REPLY = "contact_centre.letter_received", "contact_centre.letter_reply"
_EXECUTABLE = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe")


@transaction.atomic
def read(letter_id: UUID) -> None:
    """Read a letter once; a repetition does nothing. A message that cannot be taken apart waits for a person as it is."""
    letter = Letter.objects.select_for_update().filter(pk=letter_id, state=State.NEW).first()
    if letter is None:
        return
    text = LetterText.objects.get(letter=letter)
    raw = _raw(letter)
    try:
        message = parsing.parse(raw)
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError, AssertionError) as error:
        log.warning("letter %s cannot be read: %s", letter.number, type(error).__name__)
        letter.state = State.BROKEN
        _save(letter)
        return
    _keep_words(text, message)
    _keep_files(letter, message)
    envelope = text.envelope
    letter.automatic = automatic.reason(message, envelope_from=envelope.get("from"))
    if letter.automatic:
        letter.state = State.AUTOMATIC
        _note_failures(message, letter)
    else:
        _place(letter, text, message, envelope.get("to", []))
    _save(letter)


def _raw(letter: Letter) -> bytes:
    file = stored.files_by_id([letter.raw_id]).get(letter.raw_id) if letter.raw_id else None
    return (files.document_bytes(file) if file is not None else None) or b""


def _save(letter: Letter) -> None:
    letter.version += 1
    letter.save()
    data = {"state": letter.state}
    changes.record(action="contact_centre.letter_read", kind=KIND, object_id=letter.pk, actor=SYSTEM.actor, data=data)


def _keep_words(text: LetterText, message: parsing.Parsed) -> None:
    whole = message.text.strip()
    answers = bool(message.references) or message.subject.lower().startswith(("re:", "odp:", "odp.:"))
    text.sender_name, text.sender_email = message.sender_name, message.sender_email
    text.subject, text.whole = message.subject, whole
    text.body = quoting.newest(whole) if answers else quoting.unsigned(whole)
    text.headers, text.notes = message.shown_headers, message.notes
    text.search = search_of(text)
    text.save()


def search_of(text: LetterText) -> str:
    """What the list searches of a letter's words."""
    return fold(f"{text.sender_name} {text.sender_email} {text.subject} {text.body}")[:20_000]


def _keep_files(letter: Letter, message: parsing.Parsed) -> None:
    rows = [keep_file(letter, number, part) for number, part in enumerate(message.parts)]
    Attachment.objects.bulk_create(rows)
    letter.attachments_count = len(rows)


def keep_file(letter: Letter, order: int, part: parsing.Part) -> Attachment:
    """Keep one file of a letter: pictures are made anew, documents are downloads, what may run is refused with a note."""
    row = Attachment(letter=letter, order=order, name=part.name, media_type=part.media_type, size=len(part.data))
    if part.media_type == "application/ms-tnef" or part.name.lower() == "winmail.dat":
        row.refused = "winmail"
    elif part.data[:4].startswith(_EXECUTABLE) or part.data[:2] == b"#!":
        row.refused = "program"
    elif not part.data:
        row.refused = "empty"
    elif part.media_type.startswith("image/") and _as_picture(letter, row, part):
        pass
    else:
        _as_document(letter, row, part)
    return row


def _as_picture(letter: Letter, row: Attachment, part: parsing.Part) -> bool:
    try:
        image = files.store_image(upload=Upload(part.data, part.name or "obraz"), by=SYSTEM, owner_id=letter.pk)
    except files.Refused:
        return False
    row.file_id, row.picture = image.file.pk, True
    return True


def _as_document(letter: Letter, row: Attachment, part: parsing.Part) -> None:
    whole = part.media_type == "message/rfc822"
    try:
        file = files.store_document(upload=Upload(part.data, part.name), by=SYSTEM, owner_id=letter.pk, letter=whole)
    except files.Refused as refused:
        row.refused = getattr(refused, "code", None) or "too_large"
    else:
        row.file_id, row.kind = file.pk, stored.kind_of(file)


def _note_failures(message: parsing.Parsed, letter: Letter) -> None:
    """A delivery report: the address is marked, the message too, and whoever handles the case reads of it."""
    if letter.automatic != "bounce":
        return
    for sent, status in failures.note(message):
        email = sent.to.lower()
        first = {"status": status, "last_at": clock.now()}
        row, fresh = Undeliverable.objects.get_or_create(email=email, defaults=first)
        if not fresh:
            row.failures, row.status, row.last_at = row.failures + 1, status, clock.now()
            row.save()
        case = cases_of(sent.about_id)
        if case is not None:
            letter.case = case
            words = _("E-mail w tej sprawie nie dotarł: serwer adresata go odrzucił (kod %(status)s). Skontaktuj się inaczej.")
            cases.comment(case=case, body=words % {"status": status or "–"}, audience="internal", by=SYSTEM)


def cases_of(object_id: UUID | None) -> Any:
    """The case of an identifier, or of the letter of that identifier; None where there is none."""
    from miasto.kernel.cases.selectors import visible_cases

    if object_id is None:
        return None
    case = visible_cases(SYSTEM).filter(pk=object_id).first()
    if case is None:
        letter = Letter.objects.select_related("case").filter(pk=object_id).first()
        case = letter.case if letter else None
    return case


def _place(letter: Letter, text: LetterText, message: parsing.Parsed, recipients: list[str]) -> None:
    """Into the case that it answers, else before a person."""
    thread = threads.thread_of(message, recipients)
    letter.earlier, letter.maybe_case = thread.earlier, thread.maybe
    if thread.case is not None:
        if _join(letter, text, thread.case):
            return
        letter.maybe_case = thread.case
    letter.state = State.WAITING
    letter.suggested = suggesting.suggest(message.subject, text.body)
    if thread.case is None and thread.earlier is None:
        acknowledge(letter, text)


def _join(letter: Letter, text: LetterText, case: Any) -> bool:
    """Add the letter to its case as what the filer adds; False where the case takes nothing more (it is closed)."""
    pictures = [row.file_id for row in letter.attachments.filter(picture=True)][:JOINED_PICTURES]
    body = text.body[:COMMENT_MOST] or _("Przesłano pliki bez treści.")
    try:
        with transaction.atomic():
            files.release(file_ids=pictures, owner_id=letter.pk, by=SYSTEM)
            cases.add_from_filer(case=case, body=body, file_ids=pictures, by=Viewer(links=frozenset({case.pk})))
    except ValidationError:
        return False
    letter.case, letter.state, letter.decided_at = case, State.JOINED, clock.now()
    return True


def acknowledge(letter: Letter, text: LetterText) -> bool:
    """Tell the sender, once, that the letter came and which number it has; nobody gets more than a few such a day."""
    email = text.sender_email
    if not email or letter.acknowledged_at is not None or not _may_be_written_to(email):
        return False
    try:
        ratelimit.hit(name="letters.acknowledge", who=email, limit=ACKNOWLEDGED_A_DAY, per_s=86_400)
    except ratelimit.TooMany:
        return False
    notify(
        topic=RECEIVED,
        to=[Recipient(email=email)],
        context={"number": letter.number, "subject": text.subject},
        url="/",
        about_id=letter.pk,
        once=f"letter:{letter.pk}",
        replies=True,
        headers={"Auto-Submitted": "auto-replied", **answering(letter)},
    )
    letter.acknowledged_at = clock.now()
    return True


def answering(letter: Letter) -> dict[str, str]:
    """The headers by which a mail program shows our message under the one that it answers (RFC 5322, 3.6.4)."""
    known = letter.message_id if letter.message_id.startswith("<") and letter.message_id.isascii() else ""
    return {"In-Reply-To": known, "References": known} if known else {}


def _may_be_written_to(email: str) -> bool:
    from django.conf import settings

    try:
        validate_email(email)
    except ValidationError:
        return False
    local, _at, _domain = email.partition("@")
    return email != settings.INBOX.lower() and not local.startswith(("noreply", "no-reply", "nie-odpowiadaj", "mailer-daemon"))
