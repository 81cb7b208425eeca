"""Reading letters: the list, one letter with all that belongs to it. Everything begins with ``visible_to``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from miasto.kernel.accounts.selectors import Viewer, display_names
from miasto.kernel.cases import selectors as cases
from miasto.kernel.content import selectors as content
from miasto.kernel.core.polish import fold
from miasto.modules.contact_centre.mail.classes import name_of
from miasto.modules.contact_centre.mail.models import PERMISSION, Letter, State, Undeliverable

TABS = {
    "": (State.WAITING, State.BROKEN, State.NEW),
    "rozstrzygniete": (State.SORTED,),
    "dolaczone": (State.JOINED,),
    "automatyczne": (State.AUTOMATIC,),
    "wszystkie": tuple(State.values),
}
PAGE = 30
EARLIER = 8
ASKED_MOST = 200


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A letter as the list shows it."""

    id: UUID
    number: str
    source: str
    state: str
    received_at: datetime
    sender: str
    subject: str
    excerpt: str
    attachments: int
    class_name: Any
    suggested: Any
    case_number: str
    maybe_number: str
    answered: bool


def letters(viewer: Viewer, *, tab: str = "", text: str = "", letter_class: str = "") -> QuerySet:
    """The letters of a tab, oldest first where they wait (the longest waiting is the most urgent), else newest first."""
    states = TABS.get(tab, TABS[""])
    found = Letter.objects.visible_to(viewer).filter(state__in=states)
    if letter_class:
        found = found.filter(Q(letter_class=letter_class) | Q(letter_class="", suggested=letter_class))
    for word in fold(text).split():
        found = found.filter(Q(text__search__contains=word) | Q(number__icontains=word))
    order = ("received_at", "id") if tab == "" else ("-received_at", "-id")
    return found.order_by(*order)


def rows(found: Any) -> list[LetterRow]:
    """Lines of the list for a page of ``letters``; 1 query."""
    named = found.select_related("text").annotate(
        case_number=F("case__number"), maybe_number=F("maybe_case__number"), written=Count("replies")
    )
    return [
        LetterRow(
            id=one.pk, number=one.number, source=one.source, state=one.state, received_at=one.received_at,
            sender=one.text.sender_name or one.text.sender_email, subject=one.text.subject,
            excerpt=" ".join(one.text.body.split())[:160], attachments=one.attachments_count,
            class_name=name_of(one.letter_class), suggested=name_of(one.suggested),
            case_number=one.case_number or "", maybe_number=one.maybe_number or "", answered=bool(one.written),
        )
        for one in named
    ]  # fmt: skip


def counts(viewer: Viewer) -> dict[str, int]:
    """How many letters each tab holds; 1 query."""
    found = Letter.objects.visible_to(viewer)
    return found.aggregate(**{tab or "czekajace": Count("pk", filter=Q(state__in=states)) for tab, states in TABS.items()})


@dataclass(frozen=True)
class LetterView:
    """A letter with everything that belongs to it."""

    letter: Letter
    text: Any
    attachments: list[Any]
    replies: list[Any]
    earlier: list[Letter]
    cases: list[Any]
    undeliverable: Undeliverable | None
    decided_by: str
    answers: list[Any]


def letter_for(number: str, viewer: Viewer) -> Letter:
    """The letter of a number; raises ``Letter.DoesNotExist`` where the viewer may not know of it."""
    found = Letter.objects.visible_to(viewer).select_related("text", "case__category", "maybe_case")
    return found.get(number=number.strip().upper())


def letter_page(letter: Letter, viewer: Viewer) -> LetterView:
    """Everything of one letter; at most 9 queries, and those of the guide's answers while the letter waits."""
    text, email = letter.text, letter.text.sender_email
    thread = Q(pk=letter.earlier_id) | Q(earlier=letter.pk)
    others = Letter.objects.visible_to(viewer).filter(thread | Q(text__sender_email=email) if email else thread)
    seen = cases.cases_of_email(email, viewer, limit=EARLIER) if email else []
    return LetterView(
        letter=letter,
        text=text,
        attachments=list(letter.attachments.all()),
        replies=list(letter.replies.all()),
        earlier=list(others.exclude(pk=letter.pk).select_related("text", "case").order_by("-received_at")[:EARLIER]),
        cases=seen,
        undeliverable=Undeliverable.objects.filter(pk=email).first() if email else None,
        decided_by=display_names({letter.decided_by_id}).get(letter.decided_by_id, "") if letter.decided_by_id else "",
        answers=_answers(letter, text) if viewer.holds(PERMISSION) else [],
    )


def _answers(letter: Letter, text: Any) -> list[Any]:
    """What the guide says to the words of a letter that waits."""
    if letter.state != State.WAITING:
        return []
    return content.answers(f"{text.subject} {text.body[:ASKED_MOST]}", limit=3)


def waiting(viewer: Viewer) -> int:
    """How many letters wait for a decision; 1 query."""
    return Letter.objects.visible_to(viewer).filter(state__in=(State.WAITING, State.BROKEN)).count()
