"""Background work of the notifications."""

from miasto.kernel.core.jobs import periodic
from miasto.kernel.notifications import listeners


@periodic(name="notifications.daily", cron="0 5 * * *")
def daily() -> int:
    """The daily messages of subscriptions, before people go to work."""
    return listeners.send_daily()
