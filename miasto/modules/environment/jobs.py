"""Background jobs of the environment."""

import os
from uuid import UUID

from miasto.kernel.core.jobs import job, periodic
from miasto.modules.environment import demo, norms, station_year, views_light, views_noise
from miasto.modules.environment.air_map import making
from miasto.modules.environment.feeds import polling
from miasto.modules.environment.heating import services as heating
from miasto.modules.environment.noise import measuring
from miasto.modules.environment.reports import services as reports
from miasto.modules.environment.stations import keep_classes
from miasto.modules.environment.watching import judging


@periodic(name="environment.demo_goes_on", cron="* * * * *")
def demo_goes_on() -> None:
    """The made-up stations of a demo city measure on; does nothing in a real one, or where they send by themselves."""
    if not os.environ.get("MIASTO_DEMO_DEVICES"):
        demo.go_on()


@periodic(name="environment.poll_gios", cron="20,40 * * * *")
def poll_gios() -> None:
    """Readings of the state's stations of the air, where the profile switches them on."""
    polling.poll_gios()


@periodic(name="environment.poll_imgw", cron="*/10 * * * *")
def poll_imgw() -> None:
    """Gauges, weather and warnings of the hydrological and meteorological service, where the profile switches them on."""
    polling.poll_imgw()


@periodic(name="environment.judge_watches", cron="5,15,25,35,45,55 * * * *")
def judge_watches() -> None:
    """Which thresholds that residents watch are passed now, and the first step of telling of it."""
    judging.judge()
    tell_watches.defer(once="environment.watches")


@job(name="environment.tell_watches")
def tell_watches() -> None:
    """One step of telling; it queues the next."""
    judging.tell_step()


@job(name="environment.make_air_maps", heavy=True, retry=False)
def make_air_maps() -> None:
    """Some of the maps of the air that are missing; the next run makes the rest, so that no other heavy job waits long."""
    if making.make_maps() == making.MOST_AT_ONCE:
        make_air_maps.defer(once="environment.air_maps")


@periodic(name="environment.look_for_air_maps", cron="*/10 * * * *")
def look_for_air_maps() -> None:
    """Every ten minutes: an hour has ended, or a late sensor has reported."""
    make_air_maps.defer(once="environment.air_maps")


@job(name="environment.take_heating", heavy=True, awaited=True, retry=False)
def take_heating(*, import_id: str) -> None:
    """Take over an export of the register of emissions, and count what its public page tells before somebody waits for it."""
    from miasto.modules.environment.heating import hexagons, selectors

    heating.take(UUID(import_id))
    hexagons.hexagons(selectors.public())


@periodic(name="environment.report_draft", cron="40 3 2-31 * *")
def report_draft() -> None:
    """From the second day of a month on there is a draft of the report of the month before."""
    reports.ask_last_month()


@job(name="environment.demo_report", heavy=True)
def demo_report() -> None:
    """The report of last month in a demo city, which alone asks for this."""
    demo.publish_report()


@job(name="environment.make_report", heavy=True, awaited=True, retry=False)
def make_report(*, report_id: str) -> None:
    """Count the chapters of a report."""
    reports.make(UUID(report_id))


@job(name="environment.draw_report", heavy=True)
def draw_report(*, report_id: str) -> None:
    """Draw the PDF of a published report."""
    reports.draw(UUID(report_id))


@job(name="environment.keep_classes")
def keep_classes_now() -> None:
    """The class of the air at each station, for the colours of the city map."""
    keep_classes()


@periodic(name="environment.look_at_classes", cron="1-56/5 * * * *")
def look_at_classes() -> None:
    """Every five minutes."""
    keep_classes_now.defer(once="environment.classes")


@job(name="environment.keep_warm", heavy=True, retry=False)
def keep_warm() -> None:
    """Norms of the year, noise and night sky of the month, so that nobody who opens a page waits for them."""
    norms.keep()
    views_noise.keep()
    views_light.keep()


@periodic(name="environment.look_at_kept", cron="3-53/10 * * * *")
def look_at_kept() -> None:
    """Every ten minutes."""
    keep_warm.defer(once="environment.kept")


@job(name="environment.keep_years", heavy=True, retry=False)
def keep_years() -> None:
    """Calendars and roses of the stations of the air."""
    station_year.keep()


@periodic(name="environment.look_at_years", cron="26 * * * *")
def look_at_years() -> None:
    """Once an hour, when the state's stations have told theirs."""
    keep_years.defer(once="environment.years")


@job(name="environment.measure_noise")
def measure_noise() -> None:
    """Hours and nights of noise from minutes."""
    measuring.measure_noise()


@job(name="environment.measure_old_noise", heavy=True, retry=False)
def measure_old_noise() -> None:
    """Hours of noise from minutes that came long after they were measured."""
    measuring.measure_noise(measuring.LONG_AGO)


@periodic(name="environment.look_at_old_noise", cron="14 2 * * *")
def look_at_old_noise() -> None:
    """Once a night."""
    measure_old_noise.defer(once="environment.old_noise")


@periodic(name="environment.look_at_noise", cron="4,34 * * * *")
def look_at_noise() -> None:
    """Twice an hour: late minutes are folded in."""
    measure_noise.defer(once="environment.noise")
