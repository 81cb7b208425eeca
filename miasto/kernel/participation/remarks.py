"""Writing a remark: from the page, or written down by staff from any other channel. Each gets a number at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import GEOSGeometry
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer, require
from miasto.kernel.accounts.services import make_link
from miasto.kernel.core import clock, events
from miasto.kernel.core.polish import fold
from miasto.kernel.notifications.services import checked_email
from miasto.kernel.participation import attachments, closing, law, writing
from miasto.kernel.participation.access import ANSWER, REMARK_LINK
from miasto.kernel.participation.events import ContributionMade, ContributionTextDecided
from miasto.kernel.participation.models import (
    Contribution,
    ContributionAuthor,
    ContributionText,
    DocumentVersion,
    Meeting,
    Paragraph,
    Phase,
    Process,
)
from miasto.kernel.participation.processes import facts_published
from miasto.kernel.participation.remark_models import Channel, TextState
from miasto.kernel.participation.writing import Refused
from miasto.kernel.places import selectors as places

LONGEST = 10_000
SHAPES = ("point", "line", "area")


@dataclass(frozen=True, kw_only=True)
class Author:
    """Who wrote a remark and how to answer; all of it personal data, most of it voluntary."""

    name: str = ""
    organisation: str = ""
    email: str = ""
    phone: str = ""
    postal_address: str = ""
    language: str = "pl"


@dataclass(frozen=True, kw_only=True)
class Target:
    """What a remark is about: a paragraph, a document's version, a place or the whole matter (empty).

    ``geom`` is one of ``SHAPES`` (EPSG:4326).
    """

    paragraph_id: UUID | None = None
    version_id: UUID | None = None
    geom: GEOSGeometry | None = None
    address_text: str = ""


@dataclass(frozen=True, kw_only=True)
class RemarkRow:
    """A remark to be. ``answers`` are those of the statutory form of the process's legal basis; ``file_ids`` stored files."""

    body: str
    author_group: str
    author: Author = Author()
    target: Target = Target()
    answers: dict[str, str] = field(default_factory=dict)
    file_ids: Sequence[UUID] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """``token`` opens the remark for who wrote it without an account; empty otherwise, and for a repetition."""

    contribution: Contribution
    token: str


@transaction.atomic
def contribute(*, process: Process, row: RemarkRow, by: Viewer, client_key: str = "") -> Written:
    """Send a remark through the page. Sent twice under one ``client_key`` it is one remark.

    Raises ``Refused`` outside a phase in which this group may send remarks and before facts are published, ``ValidationError``
    by field for what the form of the legal basis wants.
    """
    locked = _locked(process)
    known = Contribution.objects.filter(client_key=client_key).first() if client_key else None
    if known is not None:
        return Written(known, "")
    today = clock.today()
    _check_open(locked, row.author_group, today)
    made = write(locked, row, by, channel=Channel.WEB, received_on=today, person_id=by.person_id, client_key=client_key)
    token = "" if by.person_id else make_link(object_id=made.pk, purpose=REMARK_LINK, by=by)
    return Written(made, token)


@transaction.atomic
def enter(
    *,
    process: Process,
    row: RemarkRow,
    channel: str,
    received_on: date,
    by: Viewer,
    meeting_id: UUID | None = None,
    posted_on: date | None = None,
) -> Contribution:
    """Write down a remark that came in another way, with the local date on which the city got it.

    ``posted_on`` is the date of a letter's postmark: a letter posted within the time came in time (KPA art. 57 § 5 pt 2). What
    came too late is kept and marked ``late``; it too is owed an answer. Needs "participation.answer" in the unit. Raises
    ``Refused`` for a date before the time for remarks.
    """
    locked = _locked(process)
    require(by, ANSWER, locked)
    return write(locked, row, by, **arrival(locked, row, channel, received_on, posted_on, meeting_id))


def arrival(
    process: Process, row: RemarkRow, channel: str, received_on: date, posted_on: date | None, meeting_id: UUID | None
) -> dict[str, Any]:
    """How and when a remark that staff writes down came, checked, as columns of its row; ``late`` among them."""
    if channel == Channel.WEB or channel not in Channel.values:
        raise ValidationError({"channel": _("Wybierz, jak przyszła uwaga.")})
    if received_on > clock.today():
        raise Refused({"received_on": _("Ta data jest w przyszłości.")}, code="ahead")
    posted_on = posted_on if channel == Channel.LETTER else None
    if posted_on and posted_on > received_on:
        raise Refused({"posted_on": _("List nie mógł być nadany później, niż przyszedł.")}, code="ahead")
    late = _check_time(process, row.author_group, posted_on or received_on)
    if meeting_id and not Meeting.objects.filter(pk=meeting_id, process=process).exists():
        raise ValidationError({"meeting": _("Nie ma takiego spotkania.")})
    return {
        "channel": channel,
        "received_on": received_on,
        "meeting_id": meeting_id,
        "posted_on": posted_on,
        "late": late,
    }


def _locked(process: Process) -> Process:
    locked = Process.objects.select_for_update(of=("self",)).get(pk=process.pk)
    writing.refuse_closed(locked)
    if locked.published_at is None:
        raise Refused(_("Ten proces nie jest jeszcze opublikowany."), code="draft")
    return locked


def _check_open(process: Process, author_group: str, day: date) -> None:
    if _check_time(process, author_group, day):
        raise _not_open()


def _not_open() -> Refused:
    return Refused(_("Tego dnia nie zbieramy uwag. Sprawdź terminy na stronie konsultacji."), code="not_open")


def _check_time(process: Process, author_group: str, day: date) -> bool:
    """Whether a remark of this group made on ``day`` is late; raises ``Refused`` where the time has not begun yet."""
    if author_group not in process.author_groups:
        raise Refused({"author_group": _("Wybierz, w czyim imieniu jest uwaga.")}, code="group")
    taking = [
        phase
        for phase in process.phases.all()
        if Phase.Action.REMARK in phase.actions and author_group in (phase.author_groups or process.author_groups)
    ]
    if not any(phase.starts_on <= day for phase in taking):
        raise _not_open()
    if not facts_published(process.pk):
        raise Refused(_("Uwagi przyjmujemy dopiero po opublikowaniu faktów i diagnoz."), code="facts")
    return not any(phase.starts_on <= day <= phase.ends_on for phase in taking)


def write(process: Process, row: RemarkRow, by: Viewer, **values: Any) -> Contribution:
    """Put a remark into the ledger of a locked process; ``values`` are further columns of its row."""
    body = _checked(process, row, staff=values["channel"] != Channel.WEB)
    target = _target(process, row.target)
    process.last_number += 1
    process.save(update_fields=["last_number"])
    values["client_key"] = values.get("client_key") or None
    made = Contribution.objects.create(
        process=process,
        number=process.last_number,
        author_group=row.author_group,
        entered_at=clock.now(),
        **target,
        **values,
    )
    ContributionText.objects.create(contribution=made, body=body, answers=row.answers)
    attachments.attach_to_remark(contribution_id=made.pk, file_ids=row.file_ids, by=by)
    _save_author(made, row.author, confirmed=values["channel"] != Channel.WEB)
    writing.record("remark", process, by, contribution=made.pk, number=made.number, channel=made.channel)
    events.publish(ContributionMade(process_id=process.pk, contribution_id=made.pk))
    return made


def _save_author(made: Contribution, author: Author, *, confirmed: bool) -> None:
    values = {name: getattr(author, name).strip() for name in law.AUTHOR_FIELDS}
    if made.person_id:
        values["email"] = ""
    ContributionAuthor.objects.create(
        contribution=made, language=author.language, confirmed_at=made.entered_at if confirmed else None, **values
    )


def _checked(process: Process, row: RemarkRow, *, staff: bool) -> str:
    wrong: dict[str, Any] = {}
    body = row.body.replace("\r\n", "\n").replace("\x00", "").strip()
    if not body:
        wrong["body"] = _("Napisz uwagę.")
    elif len(body) > LONGEST:
        wrong["body"] = _("Uwaga może mieć najwyżej %(most)d znaków.") % {"most": LONGEST}
    if row.author.email.strip():
        try:
            checked_email(row.author.email)
        except ValidationError as error:
            wrong["email"] = error
    if not staff:
        wrong |= _missing(process, row)
    if wrong:
        raise ValidationError(wrong)
    return body


def _missing(process: Process, row: RemarkRow) -> dict[str, str]:
    """What the statutory form wants and the remark lacks. A letter that lacks it is still a remark that staff writes down."""
    wrong = {}
    for one in law.basis(process.basis).fields:
        given = getattr(row.author, one.key) if one.key in law.AUTHOR_FIELDS else row.answers.get(one.key, "")
        if one.required and not str(given).strip():
            wrong[one.key] = _("Wypełnij to pole: wymaga go ustawa.")
        elif given and one.choices and given not in dict(one.choices):
            wrong[one.key] = _("Wybierz jedną z odpowiedzi.")
    return wrong


def _target(process: Process, target: Target) -> dict[str, Any]:
    found: dict[str, Any] = {"geom": None, "address_text": target.address_text.strip()[:300]}
    if target.paragraph_id:
        paragraph = Paragraph.objects.filter(pk=target.paragraph_id, version__document__process=process, heading=False).first()
        if paragraph is None:
            raise ValidationError({"paragraph": _("Nie ma takiego akapitu.")})
        found |= {"paragraph": paragraph, "version_id": paragraph.version_id}
    elif target.version_id:
        if not DocumentVersion.objects.filter(pk=target.version_id, document__process=process).exists():
            raise ValidationError({"version": _("Nie ma takiego dokumentu.")})
        found["version_id"] = target.version_id
    if target.geom is not None:
        found["geom"] = _place(target.geom)
    return found


def _place(geom: GEOSGeometry) -> GEOSGeometry:
    try:
        return places.checked_shape(geom.geojson, shapes=SHAPES)
    except ValidationError as error:
        raise ValidationError({"place": error}) from error


@transaction.atomic
def decide_text(
    *, contribution: Contribution, publish: bool, edited: str | None = None, files: Iterable[UUID] = (), by: Viewer
) -> Contribution:
    """Let everybody read a remark, as ``edited`` (personal data masked) or as it is, or keep its words from the public.

    ``files`` are the attachments that everybody may read with the words; the others stay with the author and the office.
    """
    writing.lock(contribution.process_id, by, ANSWER)
    row = Contribution.objects.select_for_update(of=("self",)).select_related("text", "process").get(pk=contribution.pk)
    words = (edited if edited is not None else row.text.body).replace("\r\n", "\n").replace("\x00", "").strip()
    if publish and not words:
        raise ValidationError({"edited": _("Wpisz treść.")})
    shown = words if publish else ""
    ContributionText.objects.filter(pk=row.pk).update(published=shown, folded=fold(shown))
    row.text_state = TextState.APPROVED if publish else TextState.WITHHELD
    row.save(update_fields=["text_state"])
    attachments.publish_of_remark(row.pk, files if publish else ())
    if row.after_close:
        closing.draw_later(row.process_id, anew=True)
    writing.record("text_decided", row.process, by, contribution=row.pk, published=publish)
    events.publish(ContributionTextDecided(process_id=row.process_id, contribution_id=row.pk, published=publish))
    return row
