"""What modules may read: things and streams a viewer may see, their latest readings, raw readings, hours and days."""

from miasto.kernel.observations.access import ALERTS, MANAGE, WRITE
from miasto.kernel.observations.alerts.describing import describe, unit_of, valued
from miasto.kernel.observations.alerts.standing import raised_alerts, standing_alerts
from miasto.kernel.observations.analysis.gaps import filled
from miasto.kernel.observations.analysis.reading import Unusual, unusual
from miasto.kernel.observations.forecasting.reading import Ahead, Forecast, Silence, forecast, forecasts, silence
from miasto.kernel.observations.listing import page_of, streams, things
from miasto.kernel.observations.live import address as live_address
from miasto.kernel.observations.models import AlertRule, Datastream, Grade, Sensor, Thing
from miasto.kernel.observations.store.charting import Chart, chart
from miasto.kernel.observations.store.reading import Reading, RollUp, days, fixed_days, hot, hours, latest, readings

__all__ = [
    "ALERTS",
    "MANAGE",
    "WRITE",
    "Ahead",
    "AlertRule",
    "Chart",
    "Datastream",
    "Forecast",
    "Grade",
    "Reading",
    "RollUp",
    "Sensor",
    "Silence",
    "Thing",
    "Unusual",
    "chart",
    "days",
    "describe",
    "filled",
    "fixed_days",
    "forecast",
    "forecasts",
    "hot",
    "hours",
    "latest",
    "live_address",
    "page_of",
    "raised_alerts",
    "readings",
    "silence",
    "standing_alerts",
    "streams",
    "things",
    "unit_of",
    "unusual",
    "valued",
]
