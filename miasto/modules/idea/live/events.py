"""What happens at live meetings. Identifiers and keys only; a secret ballot is no event."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from miasto.kernel.core.events import Event


@dataclass(frozen=True, kw_only=True)
class LiveMeetingChanged(Event):
    """A meeting or its agenda changed; ``action`` as in the audit."""

    meeting_id: UUID
    action: str


@dataclass(frozen=True, kw_only=True)
class LiveQuestionOpened(Event):
    """People may vote."""

    question_id: UUID


@dataclass(frozen=True, kw_only=True)
class LiveQuestionClosed(Event):
    """The tally is made and what it decided is known."""

    question_id: UUID


@dataclass(frozen=True, kw_only=True)
class LiveVoteCast(Event):
    """Somebody voted by name."""

    question_id: UUID
    participant_id: UUID


@dataclass(frozen=True, kw_only=True)
class LiveResultsPublished(Event):
    """The results of a meeting are public."""

    meeting_id: UUID
