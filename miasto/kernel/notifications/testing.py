"""What the tests of other engines and modules need of the notifications: the daily message, and time passing."""

from miasto.kernel.notifications.listeners import send_daily
from miasto.kernel.notifications.privacy import expire

__all__ = ["expire", "send_daily"]
