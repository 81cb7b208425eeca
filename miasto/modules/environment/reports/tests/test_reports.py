"""The report on the state of the environment: counted once, told by a person, public only when published."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.testing import make_unit, make_viewer
from miasto.kernel.core import clock
from miasto.kernel.observations.selectors import Datastream
from miasto.modules.environment.law.air_norms import NORMS, OUTLOOK, THRESHOLDS
from miasto.modules.environment.norms import legal_days
from miasto.modules.environment.reports import services
from miasto.modules.environment.reports.air import _days_above
from miasto.modules.environment.reports.counting import CHAPTERS
from miasto.modules.environment.reports.models import EnvironmentReport
from miasto.modules.environment.reports.periods import last_month, offered, span
from miasto.modules.environment.tests.conftest import station

__all__ = ["station"]
NOW = datetime(2026, 2, 10, 14, 20, tzinfo=UTC)
PERIOD = "2026-01"


@pytest.fixture
def keeper(db):
    return make_viewer(roles={"observations.keeper": make_unit()})


@pytest.fixture
def measured(station):
    """Three days of January: two over the daily limit of PM10; a gauge that reached its mark on one of them."""
    with clock.at(NOW):
        end = datetime(2026, 1, 20, 22, tzinfo=UTC)  # the last hour of the legal day of the 20th
        station("air", "wzorcowa", {"pm10": [80] * 24 + [60] * 24 + [20] * 24}, now=NOW, end=end)
        station("air", "tania", {"pm10": [900] * 72}, now=NOW, end=end, grade="indicative")
        station("river", "most", {"water_level": [90] * 48 + [130] * 24}, now=NOW, end=end, properties={"warning": 120})


def made(keeper, period=PERIOD, **words):
    with clock.at(NOW):
        report = services.ask(period=period, by=keeper, **words)
        services.make(report.pk)
    report.refresh_from_db()
    return report


def table(report, key, number=0):
    return next(one for one in report.chapters if one["key"] == key)["tables"][number]


@pytest.mark.parametrize("text", ["2025", "2025-01", "2025-12"])
def test_a_period_is_a_year_or_a_month(text):
    assert span(text).key == text


@pytest.mark.parametrize("text", ["2025-13", "2025-0", "25", "1999", "2025-01-01", ""])
def test_nothing_else_is_a_period(text):
    assert span(text) is None


def test_only_what_is_over_is_offered():
    with clock.at(NOW):
        assert all(one.over for one in offered())
        assert (last_month().key, last_month().last) == (PERIOD, date(2026, 1, 31))


def test_the_numbers_are_those_of_the_law_and_each_has_its_data(measured, keeper):
    report = made(keeper)
    assert (report.state, report.done) == ("draft", len(CHAPTERS))
    (row,) = table(report, "air")["rows"]
    assert row["cells"][:3] == ["Stacja wzorcowa", "2", "53,3"]
    assert row["cells"][5] == "10%"
    assert row["url"] == "/stacje/wzorcowa/dane.csv?od=2026-01-01&do=2026-01-31"
    (gauge,) = table(report, "rivers")["rows"]
    assert gauge["cells"][3] == "130"
    assert gauge["cells"][6] == "miasta"


def test_three_hours_of_alarm_in_a_row_count_also_over_midnight(station):
    with clock.at(NOW):
        hours = [50.0] * 72
        hours[-28:-25] = [450.0] * 3
        end = datetime(2026, 1, 12, tzinfo=UTC)  # so the three began at 22, 23 and 0 o'clock of UTC+1
        station("air", "ruchliwa", {"no2": hours}, now=NOW, end=end)
        stream = Datastream.objects.get(thing__slug="ruchliwa")
        days = legal_days([stream], date(2026, 1, 9), date(2026, 1, 12))[stream.pk]
        (alarm,) = (one for one in THRESHOLDS if (one.code, one.kind) == ("no2", "alarm"))
        assert _days_above(alarm, stream, days) == "1"
        assert _days_above(replace(alarm, hours=4), stream, days) == "0"


def test_every_chart_is_drawn_on_the_page_with_its_table_and_on_paper_with_its_words(measured, keeper):
    report = made(keeper)
    kinds = {one["key"]: [chart["kind"] for chart in one["charts"]] for one in report.chapters}
    assert kinds["air"] == ["days", "rows"]
    assert kinds["rivers"] == ["days"]
    services.publish(report_id=report.pk, by=keeper)
    text = Client().get(f"/srodowisko/raport/{PERIOD}/").content.decode()
    assert text.count("<polyline") >= 3
    assert text.count("Pokaż liczby w tabeli") == 2
    document = services.document(report)
    assert "najwyższy stan dnia: od 90 (18 stycznia 2026) do 130" in document.replace(",0", "")


def test_levels_of_information_and_alarm_are_days_and_the_years_before_stand_beside(station, keeper):
    with clock.at(NOW):
        end = datetime(2026, 1, 31, 22, tzinfo=UTC)
        station("air", "wzorcowa", {"pm10": [160] * 24 + [120] * 24 + [60] * 24 * 23}, now=NOW, end=end)
    report = made(keeper)
    (told,) = table(report, "air", 2)["rows"]
    assert told["cells"][1:] == ["PM10", "2", "1"]
    (years,) = table(report, "air", 1)["rows"]
    assert years["cells"][1:] == ["–", "–", "25"]


def test_samples_of_water_and_sensors_stand_apart_and_the_sky_needs_dark_hours(station, keeper):
    with clock.at(NOW):
        end = datetime(2026, 1, 20, 10, tzinfo=UTC)
        station("water", "kapielisko", {"ecoli": [2000], "enterococci": [10]}, now=NOW, end=end)
        station("water", "czujnik", {"dissolved_oxygen": [8, 4, 9]}, now=NOW, end=end, grade="indicative")
        station("light", "rynek", {"sky_brightness": [18.0] * 24 * 10}, now=NOW, end=end, grade="indicative")
    report = made(keeper)
    (sample,) = table(report, "water")["rows"]
    assert sample["cells"][1:] == ["1", "1", "2000", "10", "za mało próbek"]
    (sensor,) = table(report, "water", 1)["rows"]
    assert "4,0 – 9,0" in sensor["cells"]
    leads = {one["key"]: one["lead"] for one in report.chapters}
    assert leads["water"] == "Wymagań nie spełniło 1 z 1 zbadanych próbek wody."
    assert "40 razy jaśniejsze niż naturalne" in leads["light"]


def test_alerts_of_the_period_that_everybody_may_see_are_counted(station, keeper):
    from miasto.kernel.observations.testing import put_alert

    with clock.at(NOW):
        thing = station("air", "wzorcowa", {"pm10": [80] * 24}, now=NOW)
        put_alert(thing, "Smog", datetime(2026, 1, 15, tzinfo=UTC))
        put_alert(thing, "Wewnętrzny", datetime(2026, 1, 16, tzinfo=UTC), public=False)
        put_alert(thing, "Później", datetime(2026, 2, 2, tzinfo=UTC))
    report = made(keeper)
    (row,) = table(report, "alerts")["rows"]
    assert row["cells"][0] == "Smog"
    assert row["cells"][2:] == ["1", "1", "2,0"]


def test_the_summary_is_first_and_a_foreword_is_before_it(measured, keeper):
    report = made(keeper)
    services.write(report_id=report.pk, words={"foreword": "Zima była długa."}, by=keeper)
    services.publish(report_id=report.pk, by=keeper)
    text = Client().get(f"/srodowisko/raport/{PERIOD}/").content.decode()
    assert text.index("Zima była długa.") < text.index("Woda sięgnęła stanu ostrzegawczego na 1 z 1") < text.index('id="air"')
    assert Client().get(f"/srodowisko/raport/{PERIOD}/dane.json").json()["foreword"] == ["Zima była długa."]


def test_a_year_tells_the_norms_and_the_outlook_and_judges_nothing_measured_too_little(measured, keeper):
    with clock.at(datetime(2027, 1, 5, tzinfo=UTC)):
        report = services.ask(period="2026", by=keeper)
        services.make(report.pk)
    report.refresh_from_db()
    assert [row["cells"][-1] for row in table(report, "air", 3)["rows"]] == ["za mało pomiarów", "za mało pomiarów"]
    assert len(table(report, "air", 4)["rows"]) == 2


def test_a_draft_is_seen_by_nobody_and_a_published_one_is_never_changed(measured, keeper):
    report = made(keeper)
    address = f"/srodowisko/raport/{PERIOD}/"
    assert Client().get(address).status_code == 404
    services.write(report_id=report.pk, words={"air": "Zima była mroźna.\n\nWięcej palono.", "obce": "x"}, by=keeper)
    services.publish(report_id=report.pk, by=keeper)
    services.publish(report_id=report.pk, by=keeper)
    text = Client().get(address).content.decode()
    assert '<p class="ui-measure">Więcej palono.</p>' in text
    assert "Stacja tania" not in text[text.index('id="air"') : text.index('id="quality"')]
    assert Client().get(f"{address}dane.json").json()["chapters"][0]["words"] == ["Zima była mroźna.", "Więcej palono."]
    assert Client().get(f"{address}raport.pdf").status_code == 503
    with pytest.raises(ValidationError):
        services.write(report_id=report.pk, words={}, by=keeper)
    with pytest.raises(ValidationError):
        made(keeper)
    again = made(keeper, note="Poprawiony opis rzek.")
    assert (again.version, again.words["air"][:4]) == (2, "Zima")


def test_a_second_one_is_not_begun_while_the_first_is_a_draft(keeper):
    made(keeper)
    with pytest.raises(ValidationError):
        made(keeper)


def test_a_count_that_was_killed_goes_on_where_it_stopped(keeper):
    with clock.at(NOW):
        report = services.ask(period=PERIOD, by=keeper)
        EnvironmentReport.objects.filter(pk=report.pk).update(state="counting", done=4, chapters=[{"key": "kept"}] * 4)
        services.make(report.pk)
    report.refresh_from_db()
    assert [one["key"] for one in report.chapters] == ["kept"] * 4 + [key for key, _count in CHAPTERS[4:]]


def test_nobody_without_the_permission_asks_writes_or_publishes(keeper):
    report = made(keeper)
    stranger = make_viewer()
    for work in (
        lambda: services.ask(period=PERIOD, by=stranger),
        lambda: services.write(report_id=report.pk, words={}, by=stranger),
        lambda: services.publish(report_id=report.pk, by=stranger),
        lambda: services.again(report_id=report.pk, by=stranger),
    ):
        with pytest.raises(PermissionDenied):
            work()


def test_the_calendar_asks_for_last_month_once(db):
    with clock.at(NOW):
        assert services.ask_last_month()
        assert not services.ask_last_month()


def test_the_document_for_the_pdf_names_the_city_and_every_chapter(measured, keeper):
    document = services.document(made(keeper))
    assert 'lang="pl"' in document
    for number, (key, _count) in enumerate(CHAPTERS, 1):
        assert f'<h2 id="{key}">{number}. ' in document
        assert f'href="#{key}"' in document


def test_the_staffs_pages_take_words_and_publish(measured, keeper, client):
    from django.contrib.auth import get_user_model

    report = made(keeper)
    client.force_login(get_user_model().objects.get(pk=keeper.person_id))
    assert client.get("/panel/srodowisko/raporty/").status_code == 200
    address = f"/panel/srodowisko/raporty/{report.pk}/"
    assert "Twoje słowa: Powietrze" in client.get(address).content.decode()
    client.post(address, {"slowa_air": "Dobrze.", "publish": "1"})
    report.refresh_from_db()
    assert (report.state, report.words) == ("public", {"air": "Dobrze."})


def test_the_outlook_is_nowhere_laxer_than_the_law():
    held = {(norm.code, norm.span): norm for norm in NORMS}
    for norm in OUTLOOK:
        now = held.get((norm.code, norm.span))
        if now is not None:
            assert norm.limit <= now.limit, norm.key


def test_a_viewer_of_the_system_is_not_named_as_a_person(db):
    with clock.at(NOW + timedelta(days=1)):
        assert services.ask(period=PERIOD, by=SYSTEM).asked_by_id is None
