"""Coming to a meeting: by the meeting's code, a card, a personal code or an account; and being seen there."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import SYSTEM, Viewer
from miasto.kernel.core import clock
from miasto.kernel.participation.services import refuse_if
from miasto.modules.idea.live import codes
from miasto.modules.idea.live.models import Admission, LiveMeeting, LiveParticipant, Role
from miasto.modules.idea.live.writing import PEOPLE, lock_meeting, record

SEEN_EVERY = timedelta(seconds=30)
GUESTS_MOST = 5000


@transaction.atomic
def join_by_secret(*, meeting: LiveMeeting, secret: str, remote: bool) -> LiveParticipant:
    """The holder of a card or of a personal code. Raises ``Refused`` for a wrong one; a second device is the same voter."""
    _refuse_ended(meeting)
    found = (
        LiveParticipant.objects.select_for_update()
        .filter(meeting=meeting, secret=codes.digest(meeting.pk, secret), removed_at=None)
        .first()
    )
    refuse_if(found is None, _("Nie znamy takiego kodu. Sprawdź, czy jest przepisany litera po literze."), "unknown")
    assert found is not None
    return _come(meeting, found, remote)


@transaction.atomic
def join_by_account(*, meeting: LiveMeeting, remote: bool, by: Viewer) -> LiveParticipant:
    """A signed-in person, once in a meeting."""
    _refuse_ended(meeting)
    refuse_if(meeting.admission != Admission.ACCOUNTS or by.person_id is None, _("Na to spotkanie nie wchodzi się kontem."))
    made, _new = LiveParticipant.objects.get_or_create(
        meeting=meeting, person_id=by.person_id, defaults={"role": Role.ACCOUNT, "remote": remote}
    )
    refuse_if(made.removed_at is not None, _("Na to spotkanie nie możesz już wejść."))
    return _come(meeting, made, remote)


@transaction.atomic
def join_as_guest(*, meeting: LiveMeeting, remote: bool) -> LiveParticipant:
    """Anybody with the meeting's code, where that is the rule; one for each device that asks."""
    _refuse_ended(meeting)
    refuse_if(meeting.admission != Admission.OPEN, _("Na to spotkanie wchodzi się kodem osobistym albo kontem."))
    refuse_if(
        LiveParticipant.objects.filter(meeting=meeting, role=Role.GUEST).count() >= GUESTS_MOST,
        _("Na tym spotkaniu nie ma już miejsc."),
    )
    return _come(meeting, LiveParticipant(meeting=meeting, role=Role.GUEST), remote)


def _come(meeting: LiveMeeting, who: LiveParticipant, remote: bool) -> LiveParticipant:
    now = clock.now()
    first = who.joined_at is None
    who.joined_at, who.seen_at, who.remote = who.joined_at or now, now, remote
    who.save()
    if first:
        # a card and a guest have no name, so nothing here says who came
        record("joined", meeting, SYSTEM, kind=PEOPLE, role=who.role)
    return who


def _refuse_ended(meeting: LiveMeeting) -> None:
    refuse_if(meeting.ended_at is not None, _("To spotkanie już się skończyło."), "ended")


def seen(*, participant: LiveParticipant) -> None:
    """Note that somebody is here, at most twice a minute; no audit: nothing of the city changes by it."""
    now = clock.now()
    if participant.seen_at is not None and participant.seen_at > now - SEEN_EVERY:
        return
    late = Q(seen_at=None) | Q(seen_at__lte=now - SEEN_EVERY)
    LiveParticipant.objects.filter(late, pk=participant.pk).update(seen_at=now)


@transaction.atomic
def mark_present(*, meeting: LiveMeeting, participant_id: UUID, present: bool, by: Viewer) -> None:
    """The office says that somebody on the list sits in the room without a phone, or has left."""
    locked = lock_meeting(meeting.pk, by)
    now = clock.now()
    values = {"joined_at": now, "seen_at": now} if present else {"seen_at": None}
    rows = LiveParticipant.objects.filter(pk=participant_id, meeting=locked, role=Role.LISTED, removed_at=None)
    if rows.update(**values):
        record("present", locked, by, kind=PEOPLE, participant=participant_id, present=present)
