"""What a live meeting holds of a person, and how long."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.modules.idea.live.models import Kind, LiveBallot, LiveMeeting, LiveParticipant, LiveRollCall

MONTHS = 12
ERASED = "[usunięto]"


def months() -> int:
    """How long after a meeting it is known who took part."""
    return city().limit("live_months", MONTHS)


def export(person_id: UUID) -> list[dict[str, Any]]:
    """The meetings in which a person took part by account, and how they voted by name."""
    found = LiveParticipant.objects.filter(person=person_id).select_related("meeting").order_by("joined_at")
    votes: dict[UUID, list[dict[str, Any]]] = {}
    for row in LiveRollCall.objects.filter(participant__person=person_id).select_related("question"):
        said = [row.question.options[one] if isinstance(one, int) else one for one in row.answer]
        votes.setdefault(row.participant_id, []).append({"question": row.question.title, "answer": said})
    return [
        {
            "meeting": one.meeting.title,
            "joined": one.joined_at.isoformat() if one.joined_at else None,
            "remote": one.remote,
            "votes": votes.get(one.pk, []),
        }
        for one in found
    ]


def erase(person_id: UUID) -> int:
    """Cut the account off; a vote by name stays as that of somebody who was erased, a secret one is nobody's anyway."""
    return _forget(LiveParticipant.objects.filter(person=person_id))


@transaction.atomic
def _forget(rows: QuerySet[LiveParticipant]) -> int:
    ids = list(rows.values_list("pk", flat=True))
    LiveRollCall.objects.filter(participant__in=ids, question__kind__in=(Kind.OPEN, Kind.WORDS)).update(
        answer=[ERASED], shown=False
    )
    left = {"person": None, "secret": None, "joined_at": None, "seen_at": None}
    return LiveParticipant.objects.filter(pk__in=ids).update(name=ERASED, **left)


def _old(before: datetime) -> QuerySet[LiveMeeting]:
    ended = Q(ended_at__lt=before) | Q(ended_at=None, starts_at__lt=before)
    return LiveMeeting.objects.filter(ended, erased_at=None)


def due(until: datetime) -> int:
    """How many meetings will lose their people up to an instant."""
    return _old(clock.months_before(until, months())).count()


def expire(before: datetime) -> int:
    """Forget who took part in old meetings, and answers that nobody showed; names in roll-calls of the results stay."""
    count = 0
    for meeting in list(_old(before)):
        with transaction.atomic():
            voted = LiveRollCall.objects.filter(question__meeting=meeting).values("participant")
            meeting.participants.filter(pk__in=voted).update(secret=None, seen_at=None)
            _forget(meeting.participants.exclude(pk__in=voted))
            for rows in (LiveBallot, LiveRollCall):
                rows.objects.filter(question__meeting=meeting, question__kind=Kind.OPEN, shown=False).update(answer=[ERASED])
            LiveMeeting.objects.filter(pk=meeting.pk).update(erased_at=clock.now())
        count += 1
    return count
