"""What happens to a survey. Identifiers only."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from miasto.kernel.core.events import Event


@dataclass(frozen=True, kw_only=True)
class SurveyPublished(Event):
    """People may answer from its first day."""

    survey_id: UUID


@dataclass(frozen=True, kw_only=True)
class SurveyClosed(Event):
    """Nobody may answer any more, and nobody can tell who did."""

    survey_id: UUID


@dataclass(frozen=True, kw_only=True)
class SurveyResultsPublished(Event):
    """Everybody may see the results."""

    survey_id: UUID
