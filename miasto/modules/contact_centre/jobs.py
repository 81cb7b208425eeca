"""Background jobs of the contact centre."""

from miasto.kernel.core.jobs import periodic
from miasto.modules.contact_centre import services
from miasto.modules.contact_centre.likeness import jobs as likeness_jobs  # noqa: F401
from miasto.modules.contact_centre.mail import jobs as letters_jobs  # noqa: F401
from miasto.modules.contact_centre.messages import jobs as messages_jobs  # noqa: F401
from miasto.modules.contact_centre.open311 import jobs as open311_jobs  # noqa: F401
from miasto.modules.contact_centre.reports import jobs as reports_jobs  # noqa: F401


@periodic(name="contact_centre.forget_old_drafts", cron="41 * * * *")
def forget_old_drafts() -> None:
    """Delete drafts left for a day."""
    services.forget_old_drafts()
