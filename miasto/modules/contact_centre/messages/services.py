"""Writing in conversations: what comes in, what goes out, the report that comes of it, and the forgetting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import SYSTEM, Viewer
from miasto.kernel.cases import selectors as cases
from miasto.kernel.cases import services as case_services
from miasto.kernel.cases.services import Contact, Filed
from miasto.kernel.core import changes, clock
from miasto.kernel.core.city import city
from miasto.kernel.files import selectors as stored
from miasto.kernel.files import services as files
from miasto.modules.contact_centre.case_type import KEY, REPORT
from miasto.modules.contact_centre.messages import jobs
from miasto.modules.contact_centre.messages.heard import Heard, Told
from miasto.modules.contact_centre.messages.models import Conversation, Message, Picture
from miasto.modules.contact_centre.messages.sources import META, Source, name_of

PERMISSION = "contact_centre.messages"
KIND = "contact_centre.conversation"
LINK = "{link}"
TEXT_MOST = 2000
PICTURES_MOST = 10
FLOOD_PER_HOUR = 60
SAME_MOST = 3
ERASED = "[usunięto]"
RANK = {"queued": 0, "sending": 0, "failed": 0, "sent": 1, "delivered": 2, "read": 3}


@transaction.atomic
def take_in(*, source: Source, heard: Heard) -> Message | None:
    """Keep a message of a resident; None for one that is known already, for a flood, and for a circle of two machines.

    A known conversation waits again for an answer, also a closed one.
    """
    if not (heard.text.strip() or heard.pictures or heard.left_out or heard.place):
        return None
    conversation = _conversation(source, heard)
    known = conversation.messages.filter(incoming=True)
    if known.filter(external_id=heard.id[:200]).exists() or _is_noise(known, heard):
        return None
    message = Message.objects.create(
        conversation=conversation,
        incoming=True,
        external_id=heard.id[:200],
        text=heard.text.replace("\x00", "").strip(),
        left_out=[kind[:20] for kind in heard.left_out[:PICTURES_MOST]],
        at=heard.at,
        state=Message.State.RECEIVED,
    )
    for url in heard.pictures[:PICTURES_MOST]:
        picture = Picture.objects.create(message=message, url=url[:2000])
        jobs.bring_picture.defer(picture_id=str(picture.pk))
    _wait(conversation, message, heard)
    changes.record(action="contact_centre.message_in", kind=KIND, object_id=conversation.pk, actor=SYSTEM.actor)
    return message


def _conversation(source: Source, heard: Heard) -> Conversation:
    """The locked conversation of a message; a new one where it is the first. A second writer waits for the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"messages:{source.slug}:{heard.thread}"])
    kind = Conversation.Kind.PUBLIC if heard.public else Conversation.Kind.PRIVATE
    values = {"kind": kind, "last_at": heard.at, "person_id": heard.person_id[:200], "person_name": heard.person_name}
    found, fresh = Conversation.objects.get_or_create(source=source.slug, external_id=heard.thread[:200], defaults=values)
    if fresh and source.kind == META and not heard.person_name and source.can_send:
        jobs.learn_name.defer(conversation_id=str(found.pk))
    return Conversation.objects.select_for_update().get(pk=found.pk)


def _is_noise(known: Any, heard: Heard) -> bool:
    """Too many messages in an hour, or the same words again and again: a machine that answers our answers."""
    lately = known.filter(at__gte=clock.now() - timedelta(hours=1))
    if lately.count() >= FLOOD_PER_HOUR:
        return True
    return bool(heard.text.strip()) and lately.filter(text=heard.text.strip()).count() >= SAME_MOST


def _wait(conversation: Conversation, message: Message, heard: Heard) -> None:
    conversation.state = Conversation.State.WAITING
    conversation.waiting_since = conversation.waiting_since or message.at
    conversation.erased_at = None
    if message.at >= conversation.last_at:
        conversation.last_at, conversation.last_text = message.at, message.text[:200]
    if heard.place:
        conversation.lon, conversation.lat = heard.place
    conversation.person_name = heard.person_name or conversation.person_name
    conversation.save()


@transaction.atomic
def note(*, source: Source, told: Told) -> int:
    """Note what became of messages of ours; a later state is never replaced by an earlier one. Returns how many changed."""
    found = Message.objects.filter(conversation__source=source.slug, incoming=False)
    if told.before is not None:
        found = found.filter(conversation__external_id=told.thread, at__lte=told.before, state__in=("sent", "delivered"))
    else:
        found = found.filter(pk=_uuid(told.own_id)) if told.own_id else found.filter(external_id=told.id or None)
    changed = 0
    for message in found.select_for_update(of=("self",)):
        if RANK[told.status] > RANK.get(message.state, 0):
            message.state, message.error = told.status, ""
            message.external_id = message.external_id or told.id or None
            message.save(update_fields=["state", "error", "external_id"])
            changed += 1
        elif told.status == "failed" and message.state == Message.State.SENT:
            message.state, message.error = Message.State.FAILED, "refused"
            message.save(update_fields=["state", "error"])
            changed += 1
    return changed


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@transaction.atomic
def reply(*, conversation: Conversation, text: str, by: Viewer, once: str | None = None) -> Message | None:
    """Write to the resident: the message is queued and goes out after the commit. ``once`` makes a repetition nothing (None).

    Raises ``ValidationError`` for an empty or too long text, ``PermissionDenied``.
    """
    locked = _locked(conversation, by)
    words = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if not words:
        raise ValidationError({"text": _("Napisz odpowiedź.")}, code="empty")
    if len(words) > TEXT_MOST:
        raise ValidationError({"text": _("Wiadomość może mieć najwyżej %(most)d znaków.") % {"most": TEXT_MOST}}, code="long")
    if once and Message.objects.filter(once=once).exists():
        return None
    message = Message.objects.create(
        conversation=locked,
        incoming=False,
        text=words,
        at=clock.now(),
        author_id=by.person_id,
        state=Message.State.QUEUED,
        once=once,
    )
    jobs.send_message.defer(message_id=str(message.pk))
    locked.last_at, locked.last_text = message.at, words[:200]
    if not by.system:
        locked.waiting_since = None
        if locked.state == Conversation.State.WAITING:
            locked.state = Conversation.State.ANSWERED
    locked.save()
    _record("reply", locked, by)
    return message


@transaction.atomic
def retry(*, message: Message, by: Viewer) -> None:
    """Send a message that failed once more; nothing for one in another state."""
    _require(by)
    if Message.objects.filter(pk=message.pk, state=Message.State.FAILED).update(
        state=Message.State.QUEUED, error="", attempts=0
    ):
        jobs.send_message.defer(message_id=str(message.pk))
        _record("retry", message.conversation, by)


@transaction.atomic
def close(*, conversation: Conversation, by: Viewer) -> Conversation:
    """Nothing more is to be answered; the next message of the resident opens the conversation again."""
    locked = _locked(conversation, by)
    if locked.state != Conversation.State.CLOSED:
        locked.state, locked.waiting_since = Conversation.State.CLOSED, None
        locked.save(update_fields=["state", "waiting_since"])
        _record("close", locked, by)
    return locked


@transaction.atomic
def ask_place(*, conversation: Conversation, by: Viewer) -> Message | None:
    """Ask the resident where it is."""
    words = _(
        "Gdzie to jest? Napisz ulicę i numer albo najbliższy charakterystyczny punkt. Możesz też wysłać swoją lokalizację."
    )
    return reply(conversation=conversation, text=words, by=by)


@transaction.atomic
def file_report(
    *,
    conversation: Conversation,
    category: Any,
    description: str,
    point: tuple[float, float] | None,
    address_text: str = "",
    answers: Mapping[str, Any] | None = None,
    pictures: Sequence[UUID] = (),
    by: Viewer,
) -> Filed:
    """Make a report of a conversation and tell the resident its number. ``pictures`` are ids of the conversation's pictures.

    Pressed twice it is one report; after the resident's next message it is another one. Raises ``ValidationError`` by field.
    """
    locked = _locked(conversation, by)
    file_ids = _copies(locked, pictures, by)
    latest = locked.messages.filter(incoming=True).order_by("-at", "-id").values_list("pk", flat=True).first()
    filed = case_services.file_case(
        case_type=KEY,
        category=category,
        description=description,
        point=point,
        address_text=address_text,
        answers=answers or {},
        file_ids=file_ids,
        contact=Contact(name=locked.person_name),
        channel="social",
        by=by,
        client_key=f"message:{latest}",
    )
    if filed.fresh:
        locked.case_id = filed.case.pk
        locked.save(update_fields=["case"])
        locked.messages.filter(incoming=True).update(added_to_case=True)
        words = _("Dziękujemy. Przyjęliśmy zgłoszenie %(number)s. Co się z nim dzieje, sprawdzisz tutaj: %(link)s")
        reply(conversation=locked, text=words % {"number": filed.case.number, "link": LINK}, by=by)
        _record("file", locked, by, case=str(filed.case.pk))
    return filed


def _copies(conversation: Conversation, pictures: Sequence[UUID], by: Viewer) -> list[UUID]:
    """Copies of the conversation's pictures: the report keeps its own when the conversation is forgotten."""
    rows = Picture.objects.filter(message__conversation=conversation, file__isnull=False, pk__in=list(pictures)).order_by("id")
    return [files.copy(file=row.file, by=by).pk for row in rows.select_related("file")[: REPORT.photos]]


@transaction.atomic
def add_to_case(*, message: Message, by: Viewer) -> Any:
    """Add what the resident wrote to the report of the conversation, as the resident's own words. Idempotent.

    Raises ``ValidationError`` for a closed case, ``PermissionDenied``.
    """
    conversation = _locked(message.conversation, by)
    fresh = Message.objects.select_for_update().get(pk=message.pk, conversation=conversation, incoming=True)
    if conversation.case_id is None or fresh.added_to_case:
        return None
    ids = list(fresh.pictures.filter(file__isnull=False).values_list("pk", flat=True))
    copies = _copies(conversation, ids, by)
    viewer = Viewer(person_id=by.person_id, grants=by.grants, system=by.system, links=frozenset({conversation.case_id}))
    case = cases.visible_cases(viewer).get(pk=conversation.case_id)
    added = case_services.add_from_filer(case=case, body=fresh.text, file_ids=copies[:5], by=viewer)
    fresh.added_to_case = True
    fresh.save(update_fields=["added_to_case"])
    return added


@transaction.atomic
def erase(*, conversation: Conversation, by: Viewer) -> Conversation:
    """Overwrite everything that the resident wrote and sent here, and who it was; the row and its report stay."""
    locked = _locked(conversation, by)
    for file in stored.files_by_id(_file_ids([locked.pk])).values():
        files.remove(file=file, by=by)
    Picture.objects.filter(message__conversation=locked).delete()
    Message.objects.filter(conversation=locked).update(text=ERASED, left_out=[])
    locked.person_name = locked.person_id = locked.last_text = ""
    locked.lon = locked.lat = locked.waiting_since = None
    locked.state, locked.erased_at = Conversation.State.CLOSED, clock.now()
    locked.save()
    _record("erase", locked, by)
    return locked


def _file_ids(conversations: Sequence[UUID]) -> list[UUID]:
    rows = Picture.objects.filter(message__conversation__in=conversations, file__isnull=False)
    return list(rows.values_list("file_id", flat=True))


def forget_old() -> int:
    """Erase the conversations in which nothing was said for ``limits.messages_days`` days (90); returns how many."""
    before = clock.now() - timedelta(days=city().limit("messages_days", 90))
    old = Conversation.objects.filter(last_at__lt=before, erased_at=None)[:1000]
    return len([erase(conversation=one, by=SYSTEM) for one in old])


def export_none(person_id: UUID) -> list[dict[str, Any]]:
    """Conversations belong to no account of the platform, so there is nothing to export by account."""
    return []


def erase_none(person_id: UUID) -> int:
    """Conversations belong to no account; an operator erases one at the resident's wish (``erase``)."""
    return 0


def source_name(conversation: Conversation) -> str:
    """How the source of a conversation is called."""
    return name_of(conversation.source)


def count_attempt(message: Message) -> None:
    """Remember that a message is on its way; committed before it is sent."""
    Message.objects.filter(pk=message.pk).update(state=Message.State.SENDING, tried_at=clock.now(), attempts=F("attempts") + 1)


def _locked(conversation: Conversation, by: Viewer) -> Conversation:
    _require(by)
    return Conversation.objects.select_for_update().get(pk=conversation.pk)


def _require(by: Viewer) -> None:
    if not by.holds(PERMISSION):
        raise PermissionDenied(PERMISSION)


def _record(action: str, conversation: Conversation, by: Viewer, **data: Any) -> None:
    changes.record(action=f"contact_centre.message_{action}", kind=KIND, object_id=conversation.pk, actor=by.actor, data=data)
