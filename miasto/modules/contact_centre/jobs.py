"""Background jobs of the contact centre."""

from miasto.kernel.core.jobs import periodic
from miasto.modules.contact_centre import services
from miasto.modules.contact_centre.likeness import jobs as likeness_jobs  # noqa: F401
from miasto.modules.contact_centre.mail import jobs as letters_jobs  # noqa: F401
from miasto.modules.contact_centre.messages import jobs as messages_jobs  # noqa: F401
from miasto.modules.contact_centre.open311 import jobs as open311_jobs  # noqa: F401
from miasto.modules.contact_centre.phone import services as phone
from miasto.modules.contact_centre.reports import jobs as reports_jobs  # noqa: F401
from miasto.modules.contact_centre.shift import jobs as shift_jobs  # noqa: F401
from miasto.modules.contact_centre.signing import services as signing


@periodic(name="contact_centre.forget_old_drafts", cron="41 * * * *")
def forget_old_drafts() -> None:
    """Delete drafts left for a day."""
    services.forget_old_drafts()


@periodic(name="contact_centre.forget_calls", cron="23 1 * * *")
def forget_calls() -> None:
    """Overwrite who called in old calls, and who talked in old bookings."""
    phone.forget_old()
    signing.forget_old()


@periodic(name="contact_centre.close_abandoned_calls", cron="11 * * * *")
def close_abandoned_calls() -> None:
    """End the calls that nobody ended."""
    phone.close_abandoned()


@periodic(name="contact_centre.remind_of_talks", cron="*/10 * * * *")
def remind_of_talks() -> None:
    """Remind of the talks in sign language that are near."""
    signing.remind()
