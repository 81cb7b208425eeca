"""What the services of live votes share: locks, refusals, the audit."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from miasto.kernel.accounts.selectors import Viewer, require
from miasto.kernel.core import changes, events
from miasto.modules.idea.live.events import LiveMeetingChanged
from miasto.modules.idea.live.models import MANAGE, LiveMeeting, LiveQuestion

KIND = "idea.live_meeting"
PEOPLE = "idea.live_people"  # a kind of its own: three hundred phones need not be told of each one who comes


def lock_meeting(meeting_id: UUID, by: Viewer) -> LiveMeeting:
    """The meeting's row, locked until the commit; raises ``PermissionDenied`` for who does not lead it."""
    locked = LiveMeeting.objects.select_for_update().get(pk=meeting_id)
    require(by, MANAGE, locked)
    return locked


def lock_question(question_id: UUID, by: Viewer) -> LiveQuestion:
    """The question's row with its meeting, both locked in the order meeting, question."""
    meeting_id = LiveQuestion.objects.values_list("meeting_id", flat=True).get(pk=question_id)
    meeting = lock_meeting(meeting_id, by)
    locked = LiveQuestion.objects.select_for_update().get(pk=question_id)
    locked.meeting = meeting
    return locked


def record(action: str, meeting: LiveMeeting, by: Viewer, kind: str = KIND, **data: Any) -> None:
    """Append to the audit and tell listeners; ``data`` holds identifiers and keys only."""
    plain = {key: str(value) if isinstance(value, UUID) else value for key, value in data.items()}
    changes.record(
        action=f"idea.live_{action}", kind=kind, object_id=meeting.pk, actor=by.actor, unit_id=meeting.unit_id, data=plain
    )
    events.publish(LiveMeetingChanged(meeting_id=meeting.pk, action=action))
