"""Jobs of citizen panels."""

from uuid import UUID

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.core.jobs import job


@job(name="idea.panel_list", heavy=True)
def make_list(*, panel_id: str) -> None:
    """Compute and publish the list of committees of one panel."""
    from miasto.modules.idea.panels import services

    services.publish_list(panel_id=UUID(panel_id), by=SYSTEM)
