"""Jobs of the analysis."""

from miasto.kernel.core.jobs import job, periodic


@periodic(name="observations.judge_hourly", cron="12 * * * *")
def judge_hourly() -> None:
    """Ask for a judgement of all sensors; one may wait at a time."""
    judge_sensors.defer(once="observations.judge_sensors")


@job(name="observations.judge_sensors", heavy=True, retry=False)
def judge_sensors() -> None:
    """Judge the health of every sensor."""
    from miasto.kernel.observations.analysis import watching

    watching.judge_all()
