"""Who is told of what happens in a process. Each listener bears being called twice: ``once`` names the event."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.functional import lazy

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.services import make_link
from miasto.kernel.core import clock, ical
from miasto.kernel.core.registry import registry
from miasto.kernel.notifications.services import Attachment, Recipient, notify, quoted
from miasto.kernel.participation import events
from miasto.kernel.participation.access import REMARK_LINK, SEAT_LINK
from miasto.kernel.participation.models import Contribution, Decision, Meeting, Process, Registration
from miasto.kernel.participation.remark_models import Status
from miasto.kernel.spec.participation import ProcessKind

DECIDED, SEAT, MEETING, REPORT = (f"participation.{name}" for name in ("decided", "seat", "meeting", "report"))
AT_ONCE = 500


def _label(status: str) -> str:
    return str(Status(status).label)


# Lazy: each recipient reads the outcome in their own language, which is known only when their message is rendered.
_outcome_name = lazy(_label, str)


def kind_of(process: Process) -> ProcessKind:
    """The declared kind of a process."""
    return registry().get(ProcessKind, process.process_kind)


def remark_url(process: Process, number: int) -> str:
    """The public page of one remark."""
    return kind_of(process).remark_url.format(slug=process.slug, number=number)


def _secret(process: Process, object_id: UUID, purpose: str) -> str:
    return kind_of(process).link_url.format(token=make_link(object_id=object_id, purpose=purpose, by=SYSTEM))


def tell_decided(event: events.DecisionMade) -> None:
    """Everybody whose remark the decision answers."""
    found = Contribution.objects.filter(decision=event.decision_id).select_related("process", "author")
    decision = Decision.objects.select_related("unit").get(pk=event.decision_id)
    for made in found.order_by("number").iterator(chunk_size=AT_ONCE):
        _tell(made, decision)


def tell_answered(event: events.ContributionAnswered) -> None:
    """Somebody whose remark joined a group that had its answer, or who has just confirmed the address."""
    made = Contribution.objects.select_related("process", "author").get(pk=event.contribution_id)
    if made.decision_id == event.decision_id:
        _tell(made, Decision.objects.select_related("unit").get(pk=event.decision_id))


def _tell(made: Contribution, decision: Decision) -> int:
    to = _recipient(made)
    if to is None:
        return 0
    page = remark_url(made.process, made.number)
    context = {
        "number": made.number,
        "title": made.process.title,
        "outcome": _outcome_name(decision.outcome),
        "reasons": quoted(decision.reasons),
        "unit": decision.unit.name if decision.unit else "",
        "inbox_url": page,
    }
    url: Any = page if made.person_id else lambda: _secret(made.process, made.pk, REMARK_LINK)
    return notify(
        topic=DECIDED, to=[to], context=context, url=url, about_id=made.pk, once=f"participation:{decision.pk}:{made.pk}"
    )


def _recipient(made: Contribution) -> Recipient | None:
    """The author's account, else the confirmed address; None where there is nobody to tell."""
    author = made.author
    if made.person_id:
        return Recipient(person_id=made.person_id, language=author.language)
    if author.email and author.confirmed_at and not author.erased_at:
        return Recipient(email=author.email, language=author.language)
    return None


def tell_closed(event: events.ProcessClosed) -> None:
    """Everybody who wrote, once each, however many remarks: what came of it all."""
    process = Process.objects.get(pk=event.process_id)
    found = Contribution.objects.filter(process=process).select_related("process", "author").order_by("number")
    for made in found.iterator(chunk_size=AT_ONCE):
        to = _recipient(made)
        if to is not None:
            notify(
                topic=REPORT,
                to=[to],
                context={"title": process.title, "outcome": quoted(process.outcome)},
                url=kind_of(process).url.format(slug=process.slug),
                about_id=process.pk,
                once=f"participation:closed:{process.pk}",
            )


def tell_seat(event: events.SeatChanged) -> None:
    """Whoever registered: that there is a seat, a place on the waiting list, or none any more."""
    row = Registration.objects.select_related("meeting__process").get(pk=event.registration_id)
    _tell_registered(row, SEAT, f"participation:seat:{row.pk}:{event.state}", state=event.state)


def tell_meeting(event: events.MeetingChanged) -> None:
    """All who registered: that the meeting has another time or place, or was called off."""
    rows = Registration.objects.filter(meeting=event.meeting_id, cancelled_at=None).select_related("meeting__process")
    for row in rows:
        _tell_registered(row, MEETING, f"participation:meeting:{row.meeting_id}:{event.sequence}", state="changed")


def _tell_registered(row: Registration, topic: str, once: str, *, state: str) -> None:
    if row.erased_at or not (row.person_id or row.email):
        return
    meeting = row.meeting
    context = {
        "state": state,
        "meeting": meeting.title,
        "title": meeting.process.title,
        "at": clock.local(meeting.starts_at),
        "place": meeting.place,
        "online_url": meeting.online_url,
        "cancelled": meeting.cancelled_at is not None,
        "inbox_url": kind_of(meeting.process).url.format(slug=meeting.process.slug),
    }
    file = Attachment("spotkanie.ics", "text/calendar; charset=utf-8", ical.calendar([calendar_event(meeting)]))
    notify(
        topic=topic,
        to=[Recipient(person_id=row.person_id, email=row.email, language=row.language)],
        context=context,
        url=lambda: _secret(meeting.process, row.pk, SEAT_LINK),
        about_id=row.pk,
        once=once,
        attachments=[] if state in ("waiting", "cancelled") else [file],
    )


def calendar_event(meeting: Meeting, *, url: str = "") -> ical.CalendarEvent:
    """A meeting as calendars read it; ``url`` is its page."""
    return ical.CalendarEvent(
        uid=str(meeting.pk),
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        summary=meeting.title,
        description=meeting.text,
        location=meeting.place or meeting.online_url,
        url=url,
        sequence=meeting.sequence,
        cancelled=meeting.cancelled_at is not None,
    )
