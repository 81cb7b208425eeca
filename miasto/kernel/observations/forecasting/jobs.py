"""Jobs of the forecasts."""

from miasto.kernel.core.jobs import job, periodic


@periodic(name="observations.forecast_hourly", cron="6 * * * *")
def forecast_hourly() -> None:
    """Ask for a run each hour."""
    ask_for_forecasts()


def ask_for_forecasts() -> bool:
    """Ask for a run after this transaction; one may wait at a time. False where one waits already."""
    return forecast.defer(once="observations.forecast")


@job(name="observations.forecast", heavy=True, retry=False)
def forecast() -> None:
    """Foretell, and train what is a day old. A failure stands in the run's row; the next hour tries again."""
    from miasto.kernel.observations.forecasting import running

    running.run()
