"""Jobs of citizen panels."""

from uuid import UUID

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.core.jobs import job


@job(name="idea.panel_list", heavy=True, awaited=True, retry=False)
def make_list(*, panel_id: str, attempt: int) -> None:
    """Compute and publish the list of committees of one panel; where that breaks, the panel says so and waits for a person."""
    from miasto.modules.idea.panels import services

    try:
        services.publish_list(panel_id=UUID(panel_id), attempt=attempt, by=SYSTEM)
    except Exception:
        services.fail_list(panel_id=UUID(panel_id), attempt=attempt)
        raise
