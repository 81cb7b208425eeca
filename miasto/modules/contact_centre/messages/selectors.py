"""Reading conversations: the list by what waits, and one thread."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.modules.contact_centre.messages.models import Conversation, Message
from miasto.modules.contact_centre.messages.services import LINK, PERMISSION
from miasto.modules.contact_centre.messages.sources import META, name_of, source, sources

PAGE = 25
LATE_AFTER = timedelta(hours=4)
META_WINDOW = timedelta(hours=24)


@dataclass(frozen=True)
class Row:
    """A conversation on the list. ``late`` where the resident has waited for more than four hours."""

    id: UUID
    person: str
    source: str
    is_public: bool
    state: str
    state_name: Any
    excerpt: str
    last_at: Any
    waiting_since: Any
    late: bool
    number: str


@dataclass(frozen=True)
class Line:
    """A message as the thread shows it. ``pictures`` are (picture id, file id)."""

    id: UUID
    incoming: bool
    text: str
    at: Any
    author: str
    state: str
    state_name: Any
    error: str
    pictures: list[tuple[UUID, UUID]]
    coming: int
    left_out: list[str]
    may_add: bool


@dataclass(frozen=True)
class Thread:
    """One conversation with its messages, oldest first. ``too_late`` where Meta lets nobody answer any more."""

    conversation: Conversation
    person: str
    source: str
    can_send: bool
    too_late: bool
    number: str
    lines: list[Line]


def visible(viewer: Viewer) -> QuerySet[Conversation]:
    """The conversations that a viewer may read: all or none."""
    return Conversation.objects.all() if viewer.holds(PERMISSION) else Conversation.objects.none()


def rows(viewer: Viewer, *, state: str = "", source_slug: str = "", text: str = "", page: int = 1) -> tuple[list[Row], bool]:
    """One page of conversations and whether more follow: what waits first and longest, else the newest; one query.

    ``text`` is looked for in names, the last message and case numbers.
    """
    found = visible(viewer).annotate(number=F("case__number"))
    if state:
        found = found.filter(state=state)
    if source_slug:
        found = found.filter(source=source_slug)
    if text.strip():
        found = found.filter(
            Q(person_name__icontains=text.strip()) | Q(last_text__icontains=text.strip()) | Q(number=text.strip().upper())
        )
    order = ("waiting_since", "id") if state == Conversation.State.WAITING else ("-last_at", "-id")
    part = list(found.order_by(*order)[(page - 1) * PAGE : page * PAGE + 1])
    return [_row(one) for one in part[:PAGE]], len(part) > PAGE


def counts(viewer: Viewer) -> dict[str, int]:
    """How many conversations are in each state; one query."""
    found = visible(viewer).order_by().values_list("state").annotate(n=Count("pk"))
    return dict(found)


def source_choices() -> list[tuple[str, str]]:
    """The sources of the profile for a filter."""
    return [(one.slug, one.name) for one in sources()]


def thread(conversation_id: UUID, viewer: Viewer) -> Thread:
    """One conversation; 4 queries at most. Raises ``Conversation.DoesNotExist`` for one that the viewer may not read."""
    conversation = visible(viewer).annotate(number=F("case__number")).get(pk=conversation_id)
    messages = list(conversation.messages.select_related("author").prefetch_related("pictures"))
    found = source(conversation.source)
    return Thread(
        conversation=conversation,
        person=_person(conversation),
        source=name_of(conversation.source),
        can_send=bool(found and found.can_send),
        too_late=bool(found and found.kind == META) and _is_too_late(conversation, messages),
        number=conversation.number or "",
        lines=[_line(one, conversation) for one in messages],
    )


def _is_too_late(conversation: Conversation, messages: list[Message]) -> bool:
    """Meta lets a page answer a private message for 24 hours."""
    last = max((one.at for one in messages if one.incoming), default=None)
    return not conversation.is_public and last is not None and clock.now() - last > META_WINDOW


def _row(one: Any) -> Row:
    late = one.waiting_since is not None and clock.now() - one.waiting_since > LATE_AFTER
    return Row(
        id=one.pk,
        person=_person(one),
        source=name_of(one.source),
        is_public=one.is_public,
        state=one.state,
        state_name=one.get_state_display(),
        excerpt=_shown(one.last_text),
        last_at=one.last_at,
        waiting_since=one.waiting_since,
        late=late,
        number=one.number or "",
    )


def _person(one: Conversation) -> str:
    if one.erased_at:
        return _("dane usunięte")
    return one.person_name or _("osoba bez podanego nazwiska")


def _shown(text: str) -> str:
    return text.replace(LINK, _("[odsyłacz do zgłoszenia]"))


def _line(one: Message, conversation: Conversation) -> Line:
    here = [(picture.pk, picture.file_id) for picture in one.pictures.all() if picture.file_id]
    return Line(
        id=one.pk,
        incoming=one.incoming,
        text=_shown(one.text),
        at=one.at,
        author=one.author.name if one.author else "",
        state=one.state,
        state_name=one.get_state_display(),
        error=_ERRORS[one.error]() if one.error in _ERRORS else "",
        pictures=here,
        coming=sum(1 for picture in one.pictures.all() if not picture.file_id),
        left_out=[_LEFT_OUT.get(kind, lambda: _("załącznik"))() for kind in one.left_out],
        may_add=one.incoming and conversation.case_id is not None and not one.added_to_case and not conversation.erased_at,
    )


_ERRORS = {
    "late": lambda: _("minęły 24 godziny, w których wolno odpisać na Messengerze"),
    "blocked": lambda: _("ta osoba nie przyjmuje wiadomości"),
    "credentials": lambda: _("serwis odrzucił nasze uprawnienia – zgłoś to administratorowi"),
    "refused": lambda: _("serwis nie przyjął wiadomości"),
    "unset": lambda: _("połączenie z tym serwisem nie jest ustawione"),
    "unreachable": lambda: _("serwis nie odpowiada"),
}
_LEFT_OUT = {
    "video": lambda: _("film"),
    "audio": lambda: _("nagranie głosowe"),
    "file": lambda: _("plik"),
    "application": lambda: _("plik"),
    "sticker": lambda: _("naklejka"),
    "image": lambda: _("obraz, którego nie udało się pobrać"),
    "fallback": lambda: _("odsyłacz"),
    "template": lambda: _("karta"),
}


def words_for_report(found: Thread) -> str:
    """What the resident wrote, as the beginning of a report: all messages since the last report."""
    said = [line.text for line in found.lines if line.incoming and line.text and (line.may_add or not found.number)]
    return "\n\n".join(said)[: city().limit("report_text", 4000)]
