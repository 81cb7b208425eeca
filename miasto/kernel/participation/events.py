"""What happens in a process or an election. Identifiers and keys only."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from miasto.kernel.core.events import Event


@dataclass(frozen=True, kw_only=True)
class ProcessPublished(Event):
    """Everybody can see a process from now on."""

    process_id: UUID
    process_kind: str


@dataclass(frozen=True, kw_only=True)
class ProcessClosed(Event):
    """Every remark has its answer; the report is being made."""

    process_id: UUID
    process_kind: str


@dataclass(frozen=True, kw_only=True)
class ContributionMade(Event):
    """A remark stands in the ledger."""

    process_id: UUID
    contribution_id: UUID


@dataclass(frozen=True, kw_only=True)
class ContributionTextDecided(Event):
    """A person decided whether everybody may read a remark."""

    process_id: UUID
    contribution_id: UUID
    published: bool


@dataclass(frozen=True, kw_only=True)
class DecisionMade(Event):
    """A decision answers one remark or several."""

    process_id: UUID
    decision_id: UUID


@dataclass(frozen=True, kw_only=True)
class ContributionAnswered(Event):
    """A remark joined a group that had been answered before."""

    process_id: UUID
    contribution_id: UUID
    decision_id: UUID


@dataclass(frozen=True, kw_only=True)
class SeatChanged(Event):
    """Somebody registered, moved up from the waiting list or gave the seat back. ``state`` is seat, waiting or cancelled."""

    registration_id: UUID
    state: str


@dataclass(frozen=True, kw_only=True)
class MeetingChanged(Event):
    """A meeting with registrations was moved or cancelled."""

    meeting_id: UUID
    sequence: int


@dataclass(frozen=True, kw_only=True)
class ElectionClosed(Event):
    """The box takes no more ballots; the bulletin of sealed ballots is public."""

    election_id: UUID


@dataclass(frozen=True, kw_only=True)
class ElectionTallied(Event):
    """The committee opened the box; the ballots can be counted."""

    election_id: UUID


@dataclass(frozen=True, kw_only=True)
class ElectionPublished(Event):
    """The result is announced."""

    election_id: UUID


@dataclass(frozen=True, kw_only=True)
class VotesCounted(Event):
    """The result is there, for those who prepare its announcement; nobody else may read it yet."""

    election_id: UUID


@dataclass(frozen=True, kw_only=True)
class ResultsAnnounced(Event):
    """Everybody can read the result of an election and download its ballots."""

    election_id: UUID


@dataclass(frozen=True, kw_only=True)
class OutcomeChanged(Event):
    """Something came of an object of the city (``source_id``), or what came of it got further; ``fate`` as of the outcome."""

    outcome_id: UUID
    source_id: UUID
    fate: str
