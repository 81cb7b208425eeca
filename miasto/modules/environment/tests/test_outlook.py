"""What stands beside the measured line: forecast, filled gaps, unusual hours, the crest of a river, and their words."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from miasto.kernel.core import clock
from miasto.kernel.observations.selectors import Ahead, Datastream, Forecast
from miasto.kernel.observations.testing import put_anomaly, put_forecast
from miasto.modules.environment.crests import crest_of
from miasto.modules.environment.law.rivers import Marks
from miasto.modules.environment.outlook import direction

NOW = datetime(2026, 2, 10, 14, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)


def foretold(*values, half=10.0, method="driven"):
    start = NOW.replace(minute=0)
    points = [Ahead(start + place * HOUR, value, value - half, value + half) for place, value in enumerate(values)]
    return Forecast(
        series=1, made_at=NOW, method=method, points=points, past=[], error=5.0, baseline_error=9.0, covered=0.8, trials=1
    )


def test_a_crest_is_told_with_its_hour_its_interval_and_the_mark_that_it_may_reach():
    marks = Marks(320, 400, official=True)
    with clock.at(NOW):
        found = crest_of(foretold(250, 280, 305, 312, 300, 290, half=25), 245.0, marks)
        assert found.words == "Kulminacja około 18:30, poziom 2,9–3,4 m."
        assert found.threat == "Może przekroczyć stan ostrzegawczy."
        own = crest_of(foretold(250, 280, 345, 312, half=10), 245.0, Marks(320, 400, official=False))
        assert own.threat == "Najpewniej przekroczy próg ostrzegawczy miasta."
        rises_on = crest_of(foretold(250, 280, 300), 245.0, Marks(None, None, official=False))
        assert rises_on.words == "Woda rośnie. Do 18:00 sięgnie 2,9–3,1 m, a kulminacja przyjdzie później."
        assert rises_on.threat == ""


def test_no_crest_is_told_of_water_that_falls_or_of_a_plain_rule():
    marks = Marks(320, 400, official=True)
    with clock.at(NOW):
        assert crest_of(foretold(250, 240, 230), 252.0, marks) is None
        assert crest_of(foretold(250, 300, 280, method="usual"), 245.0, marks) is None
        assert crest_of(foretold(250, 300, 280), None, marks) is None
        assert crest_of(None, 245.0, marks) is None


def test_the_direction_is_told_in_words_and_a_small_change_is_no_change():
    rising = foretold(*[20.0] * 15, *[40.0] * 15, method="model")
    with clock.at(NOW):
        assert (
            direction("pył PM10", rising, 20.0, 0, "µg/m³")
            == "Do jutra rana: pył PM10 raczej wzrośnie, do około 40\u00a0µg/m³."
        )
        assert "bez dużych zmian" in direction("pył PM10", rising, 37.0, 0, "µg/m³")
        assert "raczej spadnie" in direction("pył PM10", rising, 60.0, 0, "µg/m³")
        hill = foretold(*[20.0] * 4, *[60.0] * 4, *[21.0] * 22, method="model")
        assert "najpierw wzrośnie, a potem spadnie do około 21\u00a0µg/m³" in direction("pył PM10", hill, 20.0, 0, "µg/m³")


@pytest.fixture
def page(db, station):
    with clock.at(NOW):
        values = [20.0 + place % 7 for place in range(30)]
        station("air", "nowa", {"pm10": values}, now=NOW)
        yield lambda path="/stacje/nowa/": Client().get(path).content.decode()


def marks_of(address):
    """The third column of a file of readings, below the lines of its source and the names of its columns."""
    text = b"".join(Client().get(address).streaming_content).decode("utf-8-sig")
    return [row[2] for row in csv.reader(io.StringIO(text)) if not row[0].startswith("#")][1:]


@pytest.mark.django_db
def test_the_chart_shows_the_forecast_apart_from_what_was_measured_and_says_how_far_it_is_off(page):
    assert "Prognoza jeszcze się liczy" in page()
    stream = Datastream.objects.get(thing__slug="nowa")
    put_forecast(stream, [30.0] * 24, half=4.0, error=3.0)
    text = page()
    for words in ("ui-chart__time--forecast", "ui-chart__band", "Zwykle myli się o ±3,0\u00a0µg/m³", "26,0 – 34,0", "teraz"):
        assert words in text, words
    put_forecast(stream, [30.0] * 24, half=4.0, error=3.0, method="usual")
    text = page()
    assert "ui-chart__band" not in text
    assert "To nie jest prognoza" in text
    assert set(marks_of("/stacje/nowa/dane.csv")) == {""}


@pytest.mark.django_db
def test_an_unusual_hour_is_ringed_with_its_reason_and_flagged_in_the_file_and_a_gap_is_filled_in_view(page, station):
    stream = Datastream.objects.get(thing__slug="nowa")
    put_anomaly(stream, NOW.replace(minute=0) - 3 * HOUR, value=24.0, usual=8.0)
    station("air", "dziurawa", {"pm10": [10, 10]}, now=NOW, step=3 * HOUR)
    text = page()
    assert "ui-chart__spot" in text
    assert "do 24,0\u00a0µg/m³, a zwykle o tej porze około 8,0\u00a0µg/m³ – do sprawdzenia" in text
    put_forecast(stream, [30.0] * 24, half=4.0, error=3.0)
    marks = marks_of("/stacje/nowa/dane.csv")
    assert marks.count("unusual") == 1
    assert marks.count("forecast") >= 8
    holed = page("/stacje/dziurawa/")
    assert "uzupełnione, nie zmierzone" in holed
    assert "ui-chart__time--filled" in holed
    told = Client().get("/stacje/dziurawa/dane.json").json()
    assert [hour.get("flags", {}).get("pm10") for hour in told["hours"]] == [None, "filled", "filled", None]


@pytest.mark.django_db
def test_the_forecasts_of_the_rivers_cost_the_same_queries_for_one_gauge_and_for_many(station):
    def asked():
        with clock.at(NOW), CaptureQueriesContext(connection) as found:
            text = Client().get("/woda/").content.decode()
        return len(found), text

    def gauge(number):
        with clock.at(NOW):
            station(
                "river", f"g{number}", {"water_level": [100.0 + number, 104.0 + number]}, now=NOW, properties={"warning": 130}
            )
            put_forecast(Datastream.objects.get(thing__slug=f"g{number}"), [110.0, 125.0, 112.0], half=8.0, method="driven")

    gauge(0)
    asked()
    before, text = asked()
    assert "Kulminacja około 16:30, poziom 1,2–1,3 m." in text
    assert "Może przekroczyć próg ostrzegawczy miasta." in text
    for number in (1, 2, 3):
        gauge(number)
    after, text = asked()
    assert after == before
    assert text.count("Kulminacja około") == 4
