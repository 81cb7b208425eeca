"""The job of the log."""

from miasto.kernel.core.jobs import periodic
from miasto.modules.contact_centre.shift import services


@periodic(name="contact_centre.forget_shift_notes", cron="50 2 * * *")
def forget_shift_notes() -> int:
    """Overwrite old lines of the log."""
    return services.forget_old()
