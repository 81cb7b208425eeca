"""An hour and a day in one number, where the mean of numbers would be wrong: decibels, directions, rain."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from miasto.kernel.core import clock
from miasto.kernel.observations.selectors import Datastream
from miasto.modules.environment import means
from miasto.modules.environment.law.noise import energetic_mean
from miasto.modules.environment.noise.measuring import measure_noise

NOW = datetime(2026, 2, 10, 14, 20, tzinfo=UTC)
TEN = timedelta(minutes=10)
LAST = NOW.replace(minute=50) - timedelta(hours=1)


def test_the_mean_direction_is_that_of_the_mean_vector():
    assert means.mean_direction([350, 10]) == pytest.approx(0, abs=1e-9) or means.mean_direction([350, 10]) == pytest.approx(
        360
    )
    assert means.mean_direction([80, 100, 90]) == pytest.approx(90)
    assert means.mean_direction([0, 180]) is None
    assert means.mean_direction([]) is None


def of(slug, code):
    return Datastream.objects.select_related("observed_property").get(thing__slug=slug, observed_property__code=code)


def hours_in_the_file(slug):
    text = b"".join(Client().get(f"/stacje/{slug}/dane.csv").streaming_content).decode("utf-8-sig")
    heads, *rows = [row for row in csv.reader(io.StringIO(text)) if not row[0].startswith("#")]
    return [dict(zip((one.split(" [")[0] for one in heads), row, strict=True)) for row in rows]


@pytest.mark.django_db
def test_rain_told_every_ten_minutes_is_no_more_rain_than_told_once_an_hour(station):
    with clock.at(NOW):
        values = {"rain": [6.0] * 12, "air_temperature": [4.0] * 12, "wind_direction": [350, 10] * 6}
        station("weather", "nowa", values, now=NOW, step=TEN, end=LAST)
        rain, side = of("nowa", "rain"), of("nowa", "wind_direction")
        assert means.days([rain], date(2026, 2, 10), date(2026, 2, 10)) == {rain.pk: [(date(2026, 2, 10), 12.0)]}
        [(_day, blown)] = means.days([side], date(2026, 2, 10), date(2026, 2, 10))[side.pk]
        assert min(blown, 360 - blown) == pytest.approx(10)
        rows = hours_in_the_file("nowa")
        assert [(row["rain"], row["wind_direction"]) for row in rows] == [("6.0", "10.0")] * 2
        page = Client().get("/stacje/nowa/?co=rain&okres=30d").content.decode()
        assert "12,0" in page
        assert "72,0" not in page


@pytest.mark.django_db
def test_levels_of_minutes_are_averaged_by_their_energy_on_the_page_and_in_the_file(station):
    with clock.at(NOW):
        levels = [50.0] * 59 + [90.0]
        end = NOW.replace(minute=59) - timedelta(hours=1)
        station("noise", "glosna", {"laeq": levels}, now=NOW, step=timedelta(minutes=1), end=end, properties={"area": "multi"})
        measure_noise()
        loud = energetic_mean(levels)
        assert loud > sum(levels) / 60 + 20
        stream = of("glosna", "laeq")
        assert [value for _at, value in means.hours([stream], NOW - TEN * 12, NOW)[stream.pk]] == [pytest.approx(loud)]
        assert means.days([stream], date(2026, 2, 10), date(2026, 2, 10))[stream.pk][0][1] == pytest.approx(loud)
        assert float(hours_in_the_file("glosna")[0]["laeq"]) == pytest.approx(loud, abs=0.001)
        assert f"{loud:.1f}".replace(".", ",") in Client().get("/stacje/glosna/").content.decode()
