"""Writing comments and deciding on them. Permission is the business of the engine or module that owns the thread."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.core import changes, clock, events
from miasto.kernel.core.ids import uuid7
from miasto.kernel.discussions.events import CommentDecided, CommentPosted
from miasto.kernel.discussions.models import Audience, Comment, CommentText, State, Thread

LONGEST = 10_000
ERASED = "[usunięto]"
BATCH = 2000


def open_thread(*, object_id: UUID | None, by: Viewer) -> Thread:
    """A thread for the comments of one object."""
    return Thread.objects.create(object_id=object_id, opened_at=clock.now())


@transaction.atomic
def post(
    *, thread: Thread, body: str, audience: str, by: Viewer, unit_id: UUID | None = None, approved: bool = False
) -> Comment:
    """Write a comment, in the name of a unit where ``unit_id`` is given.

    It is published at once when ``approved`` or internal, else it waits. Raises ``ValidationError`` for an empty or too long
    body.
    """
    state = State.PUBLISHED if approved or audience == Audience.INTERNAL else State.WAITING
    actor = by.actor_for(thread.object_id) if thread.object_id else by.actor
    made = Comment.objects.create(
        thread=thread,
        audience=Audience(audience),
        author_kind=actor.kind,
        author_id=actor.id,
        unit_id=unit_id,
        state=state,
        created_at=clock.now(),
    )
    CommentText.objects.create(comment=made, body=clean(body))
    about = thread.object_id or thread.pk
    changes.record(
        action="discussions.post",
        kind="discussions.comment",
        object_id=about,
        actor=actor,
        unit_id=unit_id,
        data={"comment": str(made.pk), "audience": audience, "state": state},
    )
    events.publish(CommentPosted(comment_id=made.pk, object_id=thread.object_id, audience=audience, state=state))
    return made


@transaction.atomic
def decide(*, comment: Comment, publish: bool, by: Viewer, body: str | None = None) -> Comment:
    """Publish a comment or withhold it; ``body`` is what others read instead of its words (personal data masked)."""
    locked = Comment.objects.select_for_update().select_related("thread").get(pk=comment.pk)
    if body is not None:
        shown = clean(body)
        same = Q(body=shown)
        CommentText.objects.filter(same, comment=locked).update(public_body="")
        CommentText.objects.filter(~same, comment=locked).update(public_body=shown)
    locked.state = State.PUBLISHED if publish else State.WITHHELD
    locked.decided_at, locked.decided_by = clock.now(), by.person_id
    locked.save(update_fields=["state", "decided_at", "decided_by"])
    thread = locked.thread
    changes.record(
        action="discussions.decide",
        kind="discussions.comment",
        object_id=thread.object_id or thread.pk,
        actor=by.actor,
        unit_id=locked.unit_id,
        data={"comment": str(locked.pk), "published": publish, "edited": body is not None},
    )
    events.publish(CommentDecided(comment_id=locked.pk, object_id=thread.object_id, published=publish))
    return locked


def clean(body: str) -> str:
    """The words of a comment as they are kept; raises ``ValidationError``."""
    words = body.replace("\r\n", "\n").replace("\x00", "").strip()
    if not words:
        raise ValidationError(_("Wpisz treść."), code="empty")
    if len(words) > LONGEST:
        raise ValidationError(_("Treść może mieć najwyżej %(most)d znaków.") % {"most": LONGEST}, code="long")
    return words


@transaction.atomic
def erase_texts(*, thread_ids: Iterable[UUID], by: Viewer) -> int:
    """Overwrite what residents wrote in some threads and what units wrote to them; returns how many comments.

    What units wrote to everybody stays, and the notes of staff: they are kept as long as the matter itself.
    """
    threads = list(thread_ids)
    waiting = Comment.objects.filter(thread__in=threads, unit=None, state=State.WAITING)
    waiting.update(state=State.WITHHELD, decided_at=clock.now(), decided_by=by.person_id)
    theirs = Q(comment__unit=None) | Q(comment__audience=Audience.PARTIES)
    found = CommentText.objects.filter(theirs, comment__thread__in=threads, erased_at=None)
    return found.update(body=ERASED, public_body="", erased_at=clock.now())


@transaction.atomic
def anonymise(*, thread_ids: Iterable[UUID]) -> int:
    """Leave of some threads what everybody could read, as they read it, and overwrite the rest; returns how many comments."""
    now = clock.now()
    found = CommentText.objects.filter(comment__thread__in=list(thread_ids), erased_at=None)
    public = Q(comment__audience=Audience.PUBLIC, comment__state=State.PUBLISHED)
    found.filter(public).exclude(public_body="").update(body=F("public_body"), public_body="")
    Comment.objects.filter(thread__in=list(thread_ids), state=State.WAITING).update(state=State.WITHHELD, decided_at=now)
    return found.exclude(public).update(body=ERASED, public_body="", erased_at=now)


@transaction.atomic
def erase_author(*, person_id: UUID) -> int:
    """Overwrite what a person wrote in their own name anywhere; returns how many comments."""
    found = CommentText.objects.filter(comment__author_id=person_id, comment__author_kind="person", comment__unit=None)
    return found.filter(erased_at=None).update(body=ERASED, public_body="", erased_at=clock.now())


@dataclass(frozen=True, kw_only=True)
class CommentRow:
    """A comment of the past for ``import_comments``. ``id`` may be given beforehand, so that others can refer to it."""

    thread_id: UUID
    body: str
    audience: str
    at: datetime
    state: str = State.PUBLISHED
    author_kind: str = "anonymous"
    author_id: UUID | None = None
    unit_id: UUID | None = None
    id: UUID = field(default_factory=uuid7)


@transaction.atomic
def import_threads(*, threads: Sequence[tuple[UUID, UUID, datetime]]) -> None:
    """Threads of the past: ``(thread id, object id, opened at)``."""
    rows = [Thread(id=pk, object_id=object_id, opened_at=at) for pk, object_id, at in threads]
    Thread.objects.bulk_create(rows, batch_size=BATCH)


@transaction.atomic
def import_comments(*, rows: Sequence[CommentRow]) -> int:
    """Comments of the past with their historical times; nobody is told. Returns how many."""
    made = [
        Comment(
            id=row.id,
            thread_id=row.thread_id,
            audience=Audience(row.audience),
            author_kind=row.author_kind,
            author_id=row.author_id,
            unit_id=row.unit_id,
            state=State(row.state),
            created_at=row.at,
            decided_at=None if row.state == State.WAITING else row.at,
        )
        for row in rows
    ]
    Comment.objects.bulk_create(made, batch_size=BATCH)
    CommentText.objects.bulk_create([CommentText(comment_id=row.id, body=clean(row.body)) for row in rows], batch_size=BATCH)
    return len(made)
