"""Jobs of the analysis."""

from miasto.kernel.core.jobs import job, periodic


@periodic(name="observations.judge_hourly", cron="12 * * * *")
def judge_hourly() -> None:
    """Ask for a judgement of all sensors; one may wait at a time."""
    judge_sensors.defer(once="observations.judge_sensors")


@periodic(name="observations.find_anomalies_hourly", cron="20 * * * *")
def find_anomalies_hourly() -> None:
    """Ask for a look at all series."""
    look_for_anomalies()


def look_for_anomalies() -> None:
    """Have all series looked at; one such look may wait at a time."""
    find_anomalies.defer(once="observations.find_anomalies")


@job(name="observations.find_anomalies", heavy=True, retry=False)
def find_anomalies() -> None:
    """Look for unusual hours of every series."""
    from miasto.kernel.observations.analysis import finding

    finding.find_all()


@job(name="observations.judge_sensors", heavy=True, retry=False)
def judge_sensors() -> None:
    """Judge the health of every sensor."""
    from miasto.kernel.observations.analysis import watching

    watching.judge_all()
