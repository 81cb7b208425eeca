"""Readers of files: every way in which Polish offices and meters write a number, a time and a series."""

import gzip
import zipfile
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miasto.kernel.observations.importing import checking, epanet, guessing, numerals, units
from miasto.kernel.observations.importing.faults import Unreadable
from miasto.kernel.observations.importing.layout import Column, Layout
from miasto.kernel.observations.importing.moments import NAT, Reader, Zone, instant, local_micros, parts_order, second_pass

WARSAW = ZoneInfo("Europe/Warsaw")
START, END = datetime(1975, 1, 1), datetime(2037, 1, 1)  # noqa: DTZ001 - as a file writes them


def file(tmp_path, text, name="plik.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


def read(path, layout=None):
    """(summary, {key of series: [(instant, value)]}, refused lines) of a file by its guessed or given layout."""
    layout = layout or guessing.guess(path, path.name)
    folder = path.parent / f"{path.name}.d"
    folder.mkdir(exist_ok=True)
    summary = checking.check(path, folder, layout, {})
    series, _counts = checking.series_of(folder)
    import numpy as np

    found = {one.key: [] for one in series}
    for row in np.fromfile(folder / checking.READY, dtype=checking.ROW).tolist():
        found[series[row[0]].key].append((instant(row[1]), row[2]))
    refused = (folder / checking.REFUSED).read_text("utf-8-sig").splitlines()[1:]
    return summary, found, refused


@given(st.floats(-1e9, 1e9, allow_nan=False), st.sampled_from([",", "."]), st.booleans())
def test_a_number_is_read_as_it_was_written_with_either_sign_and_with_parted_thousands(value, decimal, parted):
    text = f"{value:{',' if parted else ''}.4f}"
    if decimal == ",":
        text = text.replace(",", "\u00a0").replace(".", ",")
    assert numerals.number(text, decimal) == float(f"{value:.4f}")
    column, wrong = numerals.numbers([text, "", "x", text], decimal)
    assert column[0] == column[3] == float(f"{value:.4f}")
    assert wrong == [2]
    assert str(column[1]) == "nan"


@pytest.mark.parametrize("text", ["1,5", "1_000", "inf", "0x10", "12:30", "1.2.3", "1,00", "12 szt.", "1,2345"])
def test_what_is_no_number_is_refused_and_never_taken_for_another_one(text):
    with pytest.raises(ValueError):
        numerals.number(text, ".")


def test_a_point_does_not_part_a_number_whose_sign_is_the_comma():
    assert numerals.number("1.234.567,5", ",") == 1234567.5
    with pytest.raises(ValueError):
        numerals.number("1.5", ",")


@given(st.datetimes(START, END))
def test_a_time_is_read_in_every_order_and_form(moment):
    moment = moment.replace(microsecond=0)
    wanted = local_micros(moment)
    for order, form in (
        ("ymd", "%Y-%m-%d %H:%M:%S"),
        ("ymd", "%Y%m%dT%H%M%S"),
        ("dmy", "%d.%m.%Y %H:%M:%S"),
        ("mdy", "%m/%d/%Y %I:%M:%S %p"),
    ):
        assert Reader(order)([moment.strftime(form)])[0] == wanted
    assert Reader("ymd")([f"{moment:%Y-%m-%d}"], [f"{moment:%H:%M:%S}"])[0] == wanted
    assert Reader("unix")([str(int(moment.replace(tzinfo=UTC).timestamp()))])[0] == wanted


@given(st.datetimes(START, END), st.integers(-12, 12))
def test_a_time_with_its_offset_is_that_instant(moment, hours):
    text = f"{moment:%Y-%m-%dT%H:%M:%S}{'-' if hours < 0 else '+'}{abs(hours):02}:00"
    assert instant(int(Reader("ymd", offset=True)([text])[0])) == datetime.fromisoformat(text)
    assert Reader("ymd")([text])[0] < NAT // 2


def test_the_day_ends_at_24_and_of_a_range_of_hours_the_beginning_counts():
    reader = Reader("ymd")
    assert reader(["2026-01-01"], ["24:00"])[0] == reader(["2026-01-02"], ["0:00"])[0]
    assert reader(["2026-01-01"], ["6:00-6:59"])[0] == reader(["2026-01-01 06:00"])[0]
    assert (reader(["2026-02-30 10:00", "", "wczoraj", "2026-01-01 24:30", "2026-01-01 10:61"]) < NAT // 2).all()


def test_the_order_of_a_date_is_told_by_parts_that_can_be_no_month():
    assert parts_order(["11/25/2011", "1/2/2011"]) == ("mdy", True)
    assert parts_order(["25.11.2011"]) == ("dmy", True)
    assert parts_order(["1.2.2011"]) == ("dmy", False)
    assert parts_order(["2011-02-01"]) == ("ymd", True)


@given(st.datetimes(START, END))
def test_a_local_time_becomes_the_instant_that_the_zone_says(moment):
    import numpy as np

    moment = moment.replace(microsecond=0)
    instants, ambiguous, missing = Zone(WARSAW)(np.array([local_micros(moment)]))
    first, second = (moment.replace(tzinfo=WARSAW, fold=fold) for fold in (0, 1))
    gone = first.astimezone(UTC).astimezone(WARSAW).replace(tzinfo=None) != moment
    assert bool(missing[0]) == gone
    assert bool(ambiguous[0]) == (not gone and first.utcoffset() != second.utcoffset())
    if not gone:
        assert instant(int(instants[0])) == first.astimezone(UTC)
        assert instant(int(Zone(WARSAW).second(np.array([local_micros(moment)]))[0])) == second.astimezone(UTC)


@given(st.sampled_from([5, 10, 15, 30, 60]), st.booleans(), st.integers(2000, 2035))
def test_the_hour_that_comes_twice_is_told_by_the_order_of_the_rows(minutes, rising, year):
    sunday = max(date(year, 10, day) for day in range(25, 32) if date(year, 10, day).weekday() == 6)
    start = datetime(year, 10, sunday.day, tzinfo=UTC)
    instants = [start + timedelta(minutes=minutes * step) for step in range(120 // minutes)]  # 02:00 to 03:00, twice
    if not rising:
        instants.reverse()
    local = [local_micros(one.astimezone(WARSAW).replace(tzinfo=None)) for one in instants]
    passes = second_pass(local, rising=rising)
    assert passes == [one.astimezone(WARSAW).fold == 1 for one in instants]
    assert second_pass(local[: len(local) // 2], rising=rising) is None


def test_a_year_of_quarters_from_a_polish_spreadsheet_keeps_both_hours_of_autumn_and_misses_none(tmp_path):
    first = datetime(2025, 10, 25, 20, tzinfo=UTC)
    instants = [first + timedelta(minutes=15 * step) for step in range(40)]
    rows = [
        f"{one.astimezone(WARSAW):%d.%m.%Y %H:%M};{step / 4:.2f}".replace(".25", ",25") for step, one in enumerate(instants)
    ]
    rows = [row.rsplit(";", 1)[0] + ";" + row.rsplit(";", 1)[1].replace(".", ",") for row in rows]
    path = file(tmp_path, "Czas odczytu;Zużycie [kWh]\r\n" + "\r\n".join(rows), encoding="cp1250")
    layout = guessing.guess(path, path.name)
    assert (layout.encoding, layout.delimiter, layout.decimal, layout.order) == ("cp1250", ";", ",", "dmy")
    assert layout.values == (Column(place=1, unit="kWh"),)
    summary, found, refused = read(path)
    assert sorted(found["Zużycie [kWh]"]) == [(one, step / 4) for step, one in enumerate(instants)]
    assert (summary.rows, summary.readings, refused) == (40, 40, [])


def test_a_lone_double_hour_and_the_missing_hour_of_spring_are_told_with_their_lines(tmp_path):
    text = "czas;wartość\n2025-10-26 02:30;1\n2025-10-26 05:00;2\n2025-03-30 02:15;3\n2025-03-30 03:15;x\nnic;5\n2025-01-01\n"
    path = file(tmp_path, text)
    summary, found, refused = read(path)
    assert (summary.readings, summary.refused) == (1, 5)
    assert [one.split(";")[0] for one in refused] == ["7", "6", "4", "5", "2"]
    layout = guessing.guess(path, path.name)
    for double, hour in (("first", 0), ("second", 1)):
        _summary, found, _refused = read(path, Layout.of({**layout.as_json(), "double": double}))
        assert (datetime(2025, 10, 26, hour, 30, tzinfo=UTC), 1.0) in found["wartość"]
    assert read(path, Layout.of({**layout.as_json(), "zone": "winter"}))[0].readings == 3


def test_a_long_table_with_a_row_for_each_reading_makes_a_series_of_each_name(tmp_path):
    text = "\ufefflicznik;czas;stan\n" + "".join(f"L{n % 3};2026-01-{1 + n // 3:02} 10:00;{n},5\n" for n in range(30))
    summary, found, _refused = read(file(tmp_path, text))
    assert sorted(found) == ["L0", "L1", "L2"]
    assert summary.readings == 30
    assert found["L1"][0] == (datetime(2026, 1, 1, 9, tzinfo=UTC), 1.5)


def test_packed_files_are_read_and_what_is_no_table_is_said_in_words(tmp_path):
    text = "czas,temperatura\n" + "".join(f"2026-01-01T{hour:02}:00:00Z,{hour}\n" for hour in range(24))
    packed = tmp_path / "a.csv.gz"
    packed.write_bytes(gzip.compress(text.encode()))
    assert read(packed)[0].readings == 24
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as made:
        made.writestr("b.csv", text)
        made.writestr("__MACOSX/._b.csv", b"\0\1")
    assert read(tmp_path / "b.zip")[0].readings == 24
    for name, body in (
        ("c.xlsx", b"PK\x03\x04 broken"),
        ("d.csv", b""),
        ("e.json", b'{"a": 1}'),
        ("f.gz", b"\x1f\x8b\x08broken"),
    ):
        (tmp_path / name).write_bytes(body)
        with pytest.raises(Unreadable):
            guessing.guess(tmp_path / name, name)


def test_rows_without_a_time_follow_each_other_by_a_step(tmp_path):
    path = file(tmp_path, "773869,767541,767542\n" + "\n".join(f"6{n}.5,7{n}.25,5{n}.125" for n in range(9)))
    guessed = guessing.guess(path, path.name)
    assert (guessed.header, guessed.date) == (True, None)
    layout = Layout.of({**guessed.as_json(), "start": "2026-03-01T00:00", "step_s": 300, "zone": "utc"})
    found = read(path, layout)[1]
    assert found["767541"][2] == (datetime(2026, 3, 1, 0, 10, tzinfo=UTC), 72.25)


INP = """[TITLE]
 mała sieć
[JUNCTIONS]
;ID  Elev  Demand  Pattern
 J1  10    2       dzien ;
 J2  12    3
 J3  12    0
[DEMANDS]
 J2  1  dzien
 J2  4  noc
[PATTERNS]
 dzien 1 2
 dzien 3
 noc   0.5
[OPTIONS]
 UNITS LPS
 PATTERN noc
 Demand Multiplier 2
[TIMES]
 Duration 6:00
 Pattern Timestep 2:00
"""


def test_demands_of_a_network_are_base_times_pattern_times_multiplier(tmp_path):
    path = file(tmp_path, INP, "siec.inp")
    layout = Layout.of({**guessing.guess(path, path.name).as_json(), "start": "2026-01-01T00:00", "zone": "utc"})
    _summary, found, _refused = read(path, layout)
    assert [value for _at, value in found["J1"]] == [4, 8, 12]
    assert [value for _at, value in found["J2"]] == [2 * (1 + 2), 2 * (2 + 2), 2 * (3 + 2)]
    assert "J3" not in found
    assert [value for _at, value in found["wzorzec dzien"]] == [1, 2, 3]
    assert found["J1"][1][0] == datetime(2026, 1, 1, 2, tzinfo=UTC)
    with pytest.raises(Unreadable, match="Wiersz 5 "):
        epanet.network(INP.replace("10    2 ", "10    dwa ").splitlines())


def test_units_are_turned_into_ours_and_strangers_are_refused():
    assert units.factor("l", "m³") == pytest.approx(0.001)
    assert units.factor("GPM", "m³/h") == pytest.approx(0.2271247)
    assert units.factor("GJ", "kWh") == pytest.approx(277.7778)
    assert units.factor("ug/m3", "µg/m³") == units.factor("", "°C") == 1
    assert units.factor("l", "kWh") is None
    assert units.choices("kWh")[0] == "kWh"
    assert "GJ" in units.choices("kWh")


def test_a_table_that_no_form_could_hold_is_refused(tmp_path):
    path = file(tmp_path, ";".join(f"s{n}" for n in range(901)) + "\n" + ";".join(["1"] * 901))
    with pytest.raises(Unreadable, match="900"):
        guessing.guess(path)
