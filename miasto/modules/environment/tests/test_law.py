"""The arithmetic of the law, against numbers worked out by hand and against the institutions' own answers."""

import json
import math
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from miasto.modules.environment.law import air_norms as norms
from miasto.modules.environment.law.air_index import AirClass, air_class, caqi, caqi_name, polish_index
from miasto.modules.environment.law.noise import AREAS, energetic_mean, indicators, ldwn, part_of_day
from miasto.modules.environment.law.rivers import Marks, State, crest, rate, state, tendency
from miasto.modules.environment.words import ADVICE

DATA = Path(os.environ.get("MIASTO_DATA", Path(__file__).parents[5] / "shared" / "data"))
BY_KEY = {one.key: one for one in norms.NORMS}


def whole_day(day, mean, hours=24):
    return norms.LegalDay(day, hours, mean, mean)


@pytest.mark.parametrize(
    ("code", "value", "expected"),
    [
        ("pm10", 20, AirClass.VERY_GOOD),
        ("pm10", 20.04, AirClass.VERY_GOOD),
        ("pm10", 20.05, AirClass.GOOD),
        ("pm10", 150.1, AirClass.VERY_BAD),
        ("pm25", 75, AirClass.SUFFICIENT),
        ("o3", 83.9, AirClass.GOOD),
        ("no2", 5.1, AirClass.VERY_GOOD),
        ("so2", 500.1, AirClass.VERY_BAD),
    ],
)
def test_a_border_belongs_to_the_better_class(code, value, expected):
    assert air_class(code, value) is expected


def test_the_index_of_a_station_is_that_of_its_worst_pollutant():
    found = polish_index({"pm10": 61, "pm25": 30, "o3": None, "co": 4000})
    assert (found.value, found.decisive) == (AirClass.MODERATE, ("pm10",))
    assert polish_index({"co": 4000}) is None
    assert polish_index({"no2": 5, "so2": 3}) is None
    assert polish_index({"no2": 120, "o3": 60}).decisive == ("no2",)
    assert polish_index({"pm10": float("nan"), "no2": -1}) is None


def test_our_index_agrees_with_that_which_the_inspectorate_published():
    folder = DATA / "poland" / "gios_api"
    if not folder.is_dir():
        pytest.skip("the real answers of GIOŚ are not here")
    published = json.loads((folder / "indexes.json").read_text("utf-8"))["AqIndex"]
    hour, values = "2025-07-04 14:00:00", {}
    for code, sensor in {"no2": 3760, "o3": 3762, "pm10": 3764, "pm25": 14688}.items():
        rows = json.loads((folder / f"sensor_{sensor}.json").read_text("utf-8"))["Lista danych pomiarowych"]
        values[code] = next(row["Wartość"] for row in rows if row["Data"] == hour)
    found = polish_index(values)
    assert found.value == published["Wartość indeksu"]
    assert found.parts["no2"] == published["Wartość indeksu dla wskaźnika NO2"]
    assert found.parts["o3"] == published["Wartość indeksu dla wskaźnika O3"]
    assert found.decisive == ("o3",)


def test_caqi_is_linear_between_its_borders_and_needs_its_core_pollutants():
    assert caqi({"pm10": 25, "no2": 0}) == 25
    assert caqi({"pm10": 37.5, "no2": 10}) == 38
    assert caqi({"pm10": 270, "no2": 10, "o3": 10}) == 125
    assert caqi({"pm10": 30, "o3": 10}) is None
    assert [str(caqi_name(value)) for value in (25, 26, 101)] == ["bardzo niski", "niski", "bardzo wysoki"]


def test_without_ozone_caqi_is_that_of_the_roadside_which_knows_no_sulphur():
    assert caqi({"pm10": 25, "no2": 10, "so2": 500}) == 25
    assert caqi({"pm10": 25, "no2": 10, "so2": 500, "o3": 10}) == 100


def test_the_legal_day_begins_an_hour_before_midnight_in_utc_in_summer_too():
    start, end = norms.legal_bounds(date(2026, 7, 1))
    assert (start, end) == (datetime(2026, 6, 30, 23, tzinfo=UTC), datetime(2026, 7, 1, 23, tzinfo=UTC))
    assert norms.legal_day(start) == date(2026, 7, 1)
    assert norms.legal_day(start - timedelta(seconds=1)) == date(2026, 6, 30)


def test_a_day_is_judged_after_rounding_and_only_with_three_quarters_of_its_hours():
    first = date(2026, 1, 1)
    days = [
        whole_day(first, 50.4),
        whole_day(first + timedelta(days=1), 50.5),
        whole_day(first + timedelta(days=2), 90, hours=17),
        whole_day(first + timedelta(days=3), 90, hours=18),
        whole_day(date(2025, 12, 31), 90),
    ]
    found = norms.standing_of_days(BY_KEY["pm10.day"], days, date(2026, 1, 4))
    assert (found.count, found.left, found.broken) == (2, 33, False)
    assert found.when == (date(2026, 1, 2), date(2026, 1, 4))
    assert found.share == pytest.approx(3 / 4)
    assert not found.complete


def test_the_thirty_sixth_day_breaks_the_norm():
    days = [whole_day(date(2026, 1, 1) + timedelta(days=step), 51) for step in range(36)]
    until = date(2026, 2, 5)
    assert not norms.standing_of_days(BY_KEY["pm10.day"], days[:35], until).broken
    assert norms.standing_of_days(BY_KEY["pm10.day"], days, until).broken


def test_an_eight_hour_mean_belongs_to_the_day_in_which_it_ends():
    midnight = norms.legal_bounds(date(2026, 7, 2))[0]
    hours = {midnight + timedelta(hours=step): 100.0 for step in range(-7, 24)}
    hours[midnight - timedelta(hours=1)] = 260.0  # raises windows that end in the first seven hours of the second day
    highest = norms.highest_eight(hours)
    assert highest[date(2026, 7, 2)] == pytest.approx((7 * 100 + 260) / 8)
    assert date(2026, 7, 1) not in highest
    assert norms.standing_of_eights(BY_KEY["o3.eight"], highest, date(2026, 7, 2)).count == 0
    hours[midnight - timedelta(hours=1)] = 265.0  # 120.6
    assert norms.standing_of_eights(BY_KEY["o3.eight"], norms.highest_eight(hours), date(2026, 7, 2)).count == 1


def test_an_eight_hour_mean_needs_six_hours_and_a_day_eighteen_means():
    start = norms.legal_bounds(date(2026, 7, 2))[0]
    assert norms.eight_hour_means({start + timedelta(hours=step): 1.0 for step in range(5)}) == {}
    six = norms.eight_hour_means({start + timedelta(hours=step): float(step) for step in range(6)})
    assert six[start + timedelta(hours=5)] == 2.5
    assert norms.highest_eight({start + timedelta(hours=step): 1.0 for step in range(17)}) == {}


def test_hours_over_two_hundred_are_counted_each():
    start = datetime(2026, 1, 10, tzinfo=UTC)
    over = [(start + timedelta(hours=step), value) for step, value in enumerate((200.4, 200.5, 260, 199))]
    found = norms.standing_of_hours(
        BY_KEY["no2.hour"], [norms.LegalDay(date(2026, 1, 10), 24, 90, 260)], over, date(2026, 1, 10)
    )
    assert (found.count, found.left, found.value) == (2, 16, 260)


def test_alarm_of_dust_is_by_the_day_and_of_gases_by_three_hours_in_a_row():
    def kind(code, day_mean=None, hours=()):
        found = norms.reached(code, day_mean=day_mean, hours=hours)
        return found.kind if found else ""

    assert [kind("pm10", mean, [300]) for mean in (100.4, 101, 150.4, 151)] == ["", "information", "information", "alarm"]
    assert kind("no2", hours=[410, 399, 410]) == ""
    assert kind("no2", hours=[410, 410]) == ""
    assert kind("no2", hours=[1, 410, 401, 410]) == "alarm"
    assert [kind("o3", hours=[value]) for value in (180, 181, 241)] == ["", "information", "alarm"]


def ozone(year, over, months=range(4, 10), days=27):
    """Highest eight-hour means of a summer: the first ``over`` days above the target, the rest below."""
    every = [date(year, month, day) for month in months for day in range(1, days + 1)]
    return {day: 121.0 if at < over else 80.0 for at, day in enumerate(every)}


def test_ozone_is_judged_by_the_mean_of_three_years_and_of_those_measured_in_five_summer_months():
    norm = BY_KEY["o3.eight"]
    until = date(2026, 12, 31)
    alone = norms.standing_of_eights(norm, ozone(2026, 26), until)
    assert (alone.count, alone.broken, alone.complete) == (26, True, True)
    held = ozone(2024, 20) | ozone(2025, 29) | ozone(2026, 26)
    three = norms.standing_of_eights(norm, held, until)
    assert (three.earlier, three.average, three.broken) == ((20, 29), 25.0, False)
    assert norms.standing_of_eights(norm, held | ozone(2025, 30), until).broken
    short = norms.standing_of_eights(norm, ozone(2025, 29, range(4, 8)) | ozone(2024, 20, days=26) | ozone(2026, 26), until)
    assert short.earlier == ()
    assert not norms.standing_of_eights(norm, ozone(2026, 5, range(4, 8)), until).complete


def test_the_limits_are_those_of_the_ordinance_and_of_the_directive_of_2024():
    def rows(found):
        return {(one.code, one.span): (one.limit, one.allowed, one.years) for one in found}

    assert rows(norms.NORMS) == {
        ("pm10", "day"): (50, 35, 1),
        ("pm10", "year"): (40, None, 1),
        ("pm25", "year"): (20, None, 1),
        ("no2", "hour"): (200, 18, 1),
        ("no2", "year"): (40, None, 1),
        ("so2", "hour"): (350, 24, 1),
        ("so2", "day"): (125, 3, 1),
        ("o3", "eight"): (120, 25, 3),
        ("c6h6", "year"): (5, None, 1),
        ("co", "eight"): (10_000, 0, 1),
    }
    assert rows(norms.OUTLOOK) == {
        ("pm10", "day"): (45, 18, 1),
        ("pm10", "year"): (20, None, 1),
        ("pm25", "day"): (25, 18, 1),
        ("pm25", "year"): (10, None, 1),
        ("no2", "hour"): (200, 3, 1),
        ("no2", "day"): (50, 18, 1),
        ("no2", "year"): (20, None, 1),
        ("so2", "hour"): (350, 3, 1),
        ("so2", "day"): (50, 18, 1),
        ("so2", "year"): (20, None, 1),
        ("o3", "eight"): (120, 18, 3),
        ("c6h6", "year"): (3.4, None, 1),
        ("co", "day"): (4_000, 18, 1),
        ("co", "eight"): (10_000, 0, 1),
    }


def test_a_mean_is_rounded_to_the_precision_of_its_limit():
    benzene = next(one for one in norms.OUTLOOK if one.code == "c6h6")
    assert [benzene.exceeded(value) for value in (3.44, 3.45)] == [False, True]
    assert [BY_KEY["benzene.year"].exceeded(value) for value in (5.4, 5.5)] == [False, True]


def test_noise_is_averaged_by_its_energy():
    assert energetic_mean([60, 60]) == pytest.approx(60)
    assert energetic_mean([70, 40]) == pytest.approx(67, abs=0.02)
    assert energetic_mean([]) is None
    assert ldwn(60, 60, 60) == pytest.approx(66.4, abs=0.05)
    assert [part_of_day(hour) for hour in (5, 6, 17, 18, 21, 22)] == ["night", "day", "day", "evening", "evening", "night"]


def test_noise_of_a_night_with_gaps_gives_no_indicator():
    hours = [(hour, 60.0) for hour in range(24)]
    full = indicators(hours, 1)
    assert (full.day, full.night) == (pytest.approx(60), pytest.approx(60))
    gaps = indicators([one for one in hours if one[0] not in (23, 0, 1)], 1)
    assert (gaps.night, gaps.ldwn) == (None, None)
    assert math.isclose(gaps.day, 60)
    assert AREAS["multi"].ldwn == 68


def test_reaching_the_mark_is_the_state_and_the_speed_tells_the_tendency():
    marks = Marks(230, 260, official=True)
    assert [state(level, marks) for level in (229, 230, 260)] == [State.NORMAL, State.WARNING, State.ALARM]
    assert state(500, Marks(None, None, official=False)) is State.UNKNOWN
    with pytest.raises(ValueError, match="above"):
        Marks(260, 260, official=True)
    start = datetime(2026, 5, 12, 4, tzinfo=UTC)
    wave = [(start + timedelta(hours=step), level) for step, level in ((0, 202), (3, 220), (6, 235), (8, 221))]
    assert tendency(rate(wave[:2])) == "rising"
    assert rate(wave[:2]) == pytest.approx(6)
    assert tendency(rate(wave)) == "falling"
    assert tendency(rate([(start, 200.0), (start + timedelta(hours=2), 201.0)])) == "steady"
    assert tendency(rate(wave[:1])) == ""
    assert crest(wave) == wave[2]


@pytest.mark.parametrize(
    ("values", "air", "run"),
    [
        ({"pm10": 20, "pm25": 13}, "Tak", "Tak"),
        ({"pm10": 20.1}, "Tak", "Tak"),
        ({"pm10": 50, "pm25": 35}, "Tak", "Tak"),
        ({"pm25": 35.1}, "Tak", "Raczej tak"),
        ({"pm10": 80, "pm25": 55}, "Tak", "Raczej tak"),
        ({"pm10": 80.1}, "Krótko", "Lepiej nie"),
        ({"o3": 150.1, "pm10": 10}, "Krótko", "Lepiej nie"),
        ({"pm10": 110.1}, "Nie", "Nie"),
        ({"no2": 230.1}, "Nie", "Nie"),
        ({"pm25": 110.1, "pm10": 10}, "Nie", "Nie"),
    ],
)
def test_whether_to_air_and_to_run_follows_the_worst_pollutant(values, air, run):
    said = ADVICE[polish_index(values).value]
    assert (str(said.air), str(said.run)) == (air, run)
