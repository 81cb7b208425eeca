"""What an operator decides of a letter: its class, the case that it becomes or joins, the answer to the sender."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import SYSTEM, Viewer
from miasto.kernel.cases import services as cases
from miasto.kernel.core import changes, clock
from miasto.kernel.files import services as files
from miasto.kernel.notifications.services import Recipient, notify
from miasto.modules.contact_centre.mail import drafts, reading
from miasto.modules.contact_centre.mail.classes import LetterClass, letter_class
from miasto.modules.contact_centre.mail.intake import KIND, PREFIX
from miasto.modules.contact_centre.mail.models import PERMISSION, Letter, LetterText, Reply, Source, State

DESCRIPTION_MOST = 4_900
PICTURES = 5
UNDECIDED = (State.WAITING, State.BROKEN, State.AUTOMATIC)


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What the operator chose and filled in. ``point`` is (longitude, latitude), EPSG:4326, None where the place is not known.

    ``complete`` is what the sender is asked to add (name and address, the place); ``reply`` the answer where no case is made.
    ``name_public``: the letter agrees that the name is published with it (act on petitions, art. 4 sec. 3).
    """

    key: str
    category: Any = None
    point: tuple[float, float] | None = None
    address_text: str = ""
    name: str = ""
    email: str = ""
    phone: str = ""
    postal: str = ""
    complete: str = ""
    reply: str = ""
    name_public: bool = False


def _locked(letter: Letter, by: Viewer, version: int | None) -> Letter:
    if not by.system and not by.holds(PERMISSION):
        raise PermissionDenied(PERMISSION)
    found = Letter.objects.select_for_update(of=("self",)).select_related("case").get(pk=letter.pk)
    if version is not None and found.version != version:
        raise cases.Conflict
    return found


def _save(letter: Letter, by: Viewer, action: str, **data: Any) -> None:
    letter.version += 1
    letter.save()
    changes.record(action=f"contact_centre.letter_{action}", kind=KIND, object_id=letter.pk, actor=by.actor, data=data)


@transaction.atomic
def decide(*, letter: Letter, decision: Decision, by: Viewer, version: int | None = None) -> Letter:
    """Give a letter its class. One that law or city must answer becomes a case whose clock runs from the receipt of the letter.

    Deciding otherwise later keeps the case, its number and its clock (``cases.reclassify``). Raises ``ValidationError`` by
    field, ``cases.Conflict``, ``PermissionDenied``.
    """
    locked, chosen = _locked(letter, by, version), letter_class(decision.key)
    text = LetterText.objects.get(letter=locked)
    _keep_sender(text, decision)
    if chosen.case_type:
        _into_case(locked, text, chosen, decision, by)
    elif locked.case is not None:
        words = _("Z tego pisma jest już sprawa %(number)s. Zakończ ją na jej stronie.")
        raise ValidationError(words % {"number": locked.case})
    else:
        _check_reply(chosen, decision, text)
    locked.letter_class, locked.state = chosen.key, State.SORTED
    locked.decided_at, locked.decided_by_id = clock.now(), by.person_id
    locked.maybe_case = None
    _save(locked, by, "decide", letter_class=chosen.key, case=str(locked.case_id) if locked.case_id else None)
    if decision.reply.strip() and not chosen.case_type:
        _send(locked, text, decision.reply, chosen.key, by)
    return locked


def _check_reply(chosen: LetterClass, decision: Decision, text: LetterText) -> None:
    if chosen.reply == "required" and not decision.reply.strip() and text.sender_email:
        raise ValidationError({"reply": _("Napisz odpowiedź: nadawca musi wiedzieć, co dalej.")})


def _keep_sender(text: LetterText, decision: Decision) -> None:
    """Who wrote, as the operator read it in the letter."""
    text.sender_name = decision.name.strip()[:200] or text.sender_name
    text.sender_email = decision.email.strip().lower()[:254] or text.sender_email
    text.sender_phone = decision.phone.strip()[:30] or text.sender_phone
    text.sender_address = decision.postal.strip()[:300] or text.sender_address
    text.search = reading.search_of(text)
    text.save()


def _into_case(letter: Letter, text: LetterText, chosen: LetterClass, decision: Decision, by: Viewer) -> None:
    if letter.case is not None:
        letter.case = cases.reclassify(case=letter.case, case_type=chosen.case_type, category=decision.category, by=by)
        return
    if chosen.key == "report" and decision.category is None:
        raise ValidationError({"category": _("Wybierz kategorię zgłoszenia.")})
    letter.case = _file(letter, text, chosen, decision, by)
    asked = decision.complete.strip()
    if asked:
        step = "ask" if chosen.key == "report" else "complete"
        letter.case = cases.take_step(case=letter.case, transition=step, answer=asked, by=by)


def _file(letter: Letter, text: LetterText, chosen: LetterClass, decision: Decision, by: Viewer) -> Any:
    report = chosen.key == "report"
    pictures = [row.file_id for row in letter.attachments.filter(picture=True, file_id__isnull=False)][:PICTURES]
    files.release(file_ids=pictures, owner_id=letter.pk, by=by)
    try:
        return cases.file_case(
            case_type=chosen.case_type,
            category=decision.category if report else None,
            description=_description(letter, text, report),
            point=decision.point if report else None,
            address_text=decision.address_text if report else "",
            answers={} if report else {"address": text.sender_address},
            file_ids=pictures,
            contact=cases.Contact(
                name=text.sender_name[:120],
                email=text.sender_email,
                phone=text.sender_phone,
                name_public=decision.name_public,
            ),
            channel="letter" if letter.source == Source.PAPER else "email",
            by=by,
            client_key=f"letter:{letter.pk}",
            received_at=letter.received_at,
            place_later=True,
        ).case
    except LookupError as error:
        raise ValidationError(_("Profil miasta nie mówi, która jednostka odpowiada za takie sprawy.")) from error


def _description(letter: Letter, text: LetterText, report: bool) -> str:
    body = text.body.strip()
    subject = text.subject.strip()
    whole = body if report and body else f"{subject}\n\n{body}".strip() if subject else body
    if len(whole) > DESCRIPTION_MOST:
        more = _("(dalszy ciąg w piśmie %(number)s)") % {"number": letter.number}
        whole = f"{whole[: DESCRIPTION_MOST - len(more) - 3]}…\n\n{more}"
    return whole or _("Pismo bez treści, zobacz załączniki.")


@transaction.atomic
def join(*, letter: Letter, case: Any, as_filer: bool, by: Viewer, version: int | None = None) -> Letter:
    """Add a letter to a case that is there: as what its filer adds, or, from somebody else, as an internal note.

    ``as_filer`` is the operator's word that the letter is the filer's. Raises ``ValidationError`` (a closed case).
    """
    locked = _locked(letter, by, version)
    if locked.case is not None:
        raise ValidationError(_("To pismo należy już do sprawy %(number)s.") % {"number": locked.case})
    text = LetterText.objects.get(letter=locked)
    body = text.body[: reading.COMMENT_MOST] or _("Przesłano pliki bez treści.")
    if as_filer:
        pictures = [row.file_id for row in locked.attachments.filter(picture=True, file_id__isnull=False)][:PICTURES]
        files.release(file_ids=pictures, owner_id=locked.pk, by=by)
        cases.add_from_filer(case=case, body=body, file_ids=pictures, by=Viewer(links=frozenset({case.pk})))
    else:
        who = text.sender_name or text.sender_email or _("nadawca nieznany")
        words = _("Pismo %(number)s od kogoś innego niż osoba zgłaszająca (%(who)s):") % {"number": locked.number, "who": who}
        cases.comment(case=case, body=f"{words}\n\n{body}", audience="internal", by=by)
    locked.case, locked.state, locked.maybe_case = case, State.JOINED, None
    locked.decided_at, locked.decided_by_id = clock.now(), by.person_id
    _save(locked, by, "join", case=str(case.pk), as_filer=as_filer)
    return locked


@transaction.atomic
def write_back(*, letter: Letter, body: str, by: Viewer) -> Reply:
    """Write to the sender without deciding anything. Raises ``ValidationError`` where there is nobody to write to."""
    locked = _locked(letter, by, None)
    text = LetterText.objects.get(letter=locked)
    if not text.sender_email:
        raise ValidationError({"body": _("Nie znamy adresu e-mail nadawcy.")})
    if not body.strip():
        raise ValidationError({"body": _("Napisz odpowiedź.")})
    made = _send(locked, text, body, "message", by)
    _save(locked, by, "write", reply=str(made.pk))
    return made


def _send(letter: Letter, text: LetterText, body: str, kind: str, by: Viewer) -> Reply:
    made = Reply.objects.create(letter=letter, at=clock.now(), by_id=by.person_id, kind=kind, body=body.strip())
    if text.sender_email:
        subject = drafts.plain_subject(text.subject)
        notify(
            topic=reading.REPLY,
            to=[Recipient(email=text.sender_email)],
            context={"words": made.body, "subject": subject, "number": letter.number},
            url="/",
            about_id=letter.pk,
            once=f"letter-reply:{made.pk}",
            replies=True,
            headers={"Auto-Submitted": "no", **reading.answering(letter)},
        )
    return made


@transaction.atomic
def reopen(*, letter: Letter, by: Viewer, version: int | None = None) -> Letter:
    """Take back a decision that made no case: the letter waits again."""
    locked = _locked(letter, by, version)
    if locked.case is not None:
        raise ValidationError(_("Z tego pisma jest już sprawa %(number)s.") % {"number": locked.case})
    locked.state, locked.letter_class, locked.decided_at, locked.decided_by = State.WAITING, "", None, None
    _save(locked, by, "reopen")
    return locked


@transaction.atomic
def register_paper(
    *,
    received_at: datetime,
    subject: str,
    body: str,
    name: str = "",
    email: str = "",
    phone: str = "",
    postal: str = "",
    scans: tuple[Any, ...] = (),
    client_key: str,
    by: Viewer,
) -> Letter:
    """Register a letter that came on paper; it waits for its class like any other. ``client_key`` is the form's secret.

    ``scans`` are pictures or documents (file objects with ``read`` and ``name``). Raises ``ValidationError`` for a scan that
    cannot be kept.
    """
    if not by.system and not by.holds(PERMISSION):
        raise PermissionDenied(PERMISSION)
    known = Letter.objects.filter(identity=client_key).first()
    if known is not None:
        return known
    now = clock.now()
    letter = Letter.objects.create(
        number=cases.next_number(PREFIX, clock.local(now).year),
        identity=client_key,
        source=Source.PAPER,
        state=State.WAITING,
        received_at=min(received_at, now),
    )
    text = LetterText(
        letter=letter, subject=subject.strip()[:300], body=body.strip(), whole=body.strip(), sender_name=name.strip(),
        sender_email=email.strip().lower(), sender_phone=phone.strip(), sender_address=postal.strip(),
    )  # fmt: skip
    text.search = reading.search_of(text)
    text.save()
    letter.suggested = reading.suggesting.suggest(text.subject, text.body)
    _keep_scans(letter, scans, by)
    _save(letter, by, "register", number=letter.number)
    return letter


def _keep_scans(letter: Letter, scans: tuple[Any, ...], by: Viewer) -> None:
    from miasto.kernel.files import selectors as stored
    from miasto.modules.contact_centre.mail.models import Attachment

    for order, scan in enumerate(scans):
        row = Attachment(letter=letter, order=order, name=str(scan.name)[:150], size=getattr(scan, "size", 0) or 0)
        try:
            row.file_id, row.picture = files.store_image(upload=scan, by=by, owner_id=letter.pk).file.pk, True
        except files.Refused:
            scan.seek(0)
            file = files.store_document(upload=scan, by=by, owner_id=letter.pk)
            row.file_id, row.kind = file.pk, stored.kind_of(file)
        row.save()
    letter.attachments_count = len(scans)


def case_of_number(number: str) -> Any:
    """The case that an operator names; None where there is none."""
    from miasto.kernel.cases.selectors import visible_cases

    return visible_cases(SYSTEM).filter(number=number.strip().upper()).first()


def letters_of_case(case_id: UUID) -> list[Letter]:
    """The letters of a case, oldest first, with words and files; 2 queries."""
    found = Letter.objects.filter(case=case_id).select_related("text").prefetch_related("attachments")
    return list(found.order_by("received_at"))
