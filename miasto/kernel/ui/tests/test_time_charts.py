"""Lines over time: scales, gaps, levels, tables."""

from datetime import UTC, date, datetime, timedelta

from miasto.kernel.ui.time_charts import Band, Line, Mark, Spot, TimeChart, scale, time_layout

START = datetime(2026, 7, 1, tzinfo=UTC)


def hours(*values):
    return [(START + timedelta(hours=step), value) for step, value in enumerate(values)]


def test_a_scale_is_round_and_holds_its_ends():
    assert scale(0, 97) == [0, 25, 50, 75, 100]
    assert scale(-7, 12) == [-10, -5, 0, 5, 10, 15]
    assert scale(202, 235) == [200, 210, 220, 230, 240]
    assert scale(5, 5) == [5.0, 5.25, 5.5, 5.75, 6.0]


def test_a_line_is_broken_where_readings_are_missing():
    points = [
        *hours(1, 2, 3),
        (START + timedelta(hours=9), 4.0),
        (START + timedelta(hours=10), None),
        (START + timedelta(hours=11), 5.0),
    ]
    drawn = time_layout(TimeChart("t", "m", [Line("a", points)]))
    assert [len(path["points"].split()) for path in drawn["lines"][0]["paths"]] == [3, 1, 1]
    assert drawn["lines"][0]["paths"][1]["dot"] is not None
    assert len(drawn["rows"]) == 5


def test_a_level_is_drawn_only_where_the_line_comes_near_it():
    near, far = Mark(40, "blisko"), Mark(4000, "daleko")
    drawn = time_layout(TimeChart("t", "m", [Line("a", hours(10, 30))], marks=(near, far)))
    assert [one["mark"] for one in drawn["marks"]] == [near]


def test_the_table_holds_every_line_and_says_what_is_missing():
    chart = TimeChart("t", "m", [Line("a", [(date(2026, 7, 1), 1.25)]), Line("b", [(date(2026, 7, 2), 2.0)])])
    assert [values for _moment, values, _note in time_layout(chart)["rows"]] == [["–", "2,0"], ["1,3", "–"]]
    assert time_layout(TimeChart("t", "m", [Line("a", [])]))["empty"]


def test_a_forecast_has_a_band_a_line_of_its_own_and_columns_and_stands_apart_from_what_was_measured():
    now = START + timedelta(hours=2)
    measured = Line("stacja", hours(10, 12, 14))
    ahead = [(now, 14.0), (now + timedelta(hours=1), 16.0)]
    forecast = Line("prognoza", ahead, kind="forecast", joined=frozenset({now}))
    band = Band("przedział", [(now + timedelta(hours=1), 9.0, 30.5)])
    spot = Spot(START, 10, "za mało jak na tę porę")
    drawn = time_layout(TimeChart("t", "m", [measured, forecast], bands=[band], spots=[spot], now=now))
    assert [line["look"] for line in drawn["lines"]] == ["1", "forecast"]
    assert float(drawn["grid"][-1]["value"].replace(",", ".")) >= 30.5
    assert drawn["now_x"]
    assert [row[1:] for row in drawn["rows"]] == [
        (["–", "16,0", "9,0 – 30,5"], ""),
        (["14,0", "–", "–"], ""),
        (["12,0", "–", "–"], ""),
        (["10,0", "–", "–"], "za mało jak na tę porę"),
    ]
