"""What modules may read: things and streams a viewer may see, their latest readings, raw readings, hours and days."""

from miasto.kernel.observations.access import ALERTS, MANAGE, WRITE
from miasto.kernel.observations.alerts.describing import describe, unit_of, valued
from miasto.kernel.observations.alerts.standing import standing_alerts
from miasto.kernel.observations.store.reading import Reading, RollUp, days, hot, hours, latest

__all__ = [
    "ALERTS",
    "MANAGE",
    "WRITE",
    "Reading",
    "RollUp",
    "days",
    "describe",
    "hot",
    "hours",
    "latest",
    "standing_alerts",
    "unit_of",
    "valued",
]
