"""What happens to a panel. Identifiers only."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from miasto.kernel.core.events import Event


@dataclass(frozen=True, kw_only=True)
class PanelClosed(Event):
    """The sign-up is over (or quotas were changed since): the list is to be made, for this ``attempt``."""

    panel_id: UUID
    attempt: int


@dataclass(frozen=True, kw_only=True)
class ApplicantInvited(Event):
    """The draw, or a replacement, brought somebody to the panel."""

    applicant_id: UUID
