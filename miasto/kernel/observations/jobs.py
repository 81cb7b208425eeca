"""Background jobs of the engine of observations."""

from miasto.kernel.core.jobs import periodic
from miasto.kernel.observations.alerts import judging, rules
from miasto.kernel.observations.alerts.posting import post_readings, wake_readings
from miasto.kernel.observations.alerts.publishing import publish, publish_open
from miasto.kernel.observations.alerts.telling import post, tell, tell_late, tell_over, text
from miasto.kernel.observations.analysis.jobs import judge_hourly, judge_sensors
from miasto.kernel.observations.archive.jobs import archive, archive_hourly
from miasto.kernel.observations.forecasting.jobs import forecast, forecast_hourly
from miasto.kernel.observations.importing.jobs import check_file, forget_imports, write_file

__all__ = [
    "archive",
    "archive_hourly",
    "check_file",
    "forecast",
    "forecast_hourly",
    "forget_imports",
    "judge_hourly",
    "judge_sensors",
    "look_for_silence",
    "post",
    "post_readings",
    "publish",
    "publish_open",
    "tell",
    "tell_late",
    "tell_over",
    "text",
    "wake_readings",
    "write_file",
]


@periodic(name="observations.look_for_silence", cron="* * * * *", queue="alerts")
def look_for_silence() -> None:
    """Raise and clear the alerts of rules that wait for readings that do not come; end restless alerts that have calmed down.

    The streams that are new are watched from now on.
    """
    rules.mark_watched()
    judging.look_for_silence()
    judging.end_the_calm()
