"""When an office is open, and how that is said."""

from datetime import UTC, date, datetime, time

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.testing import make_unit, make_viewer
from miasto.kernel.content import selectors, services
from miasto.kernel.content.hours import Timetable, parse_spans, spans_text
from miasto.kernel.content.testing import make_office
from miasto.kernel.core import changes, clock

WEEK = {day: parse_spans("7:30-15:30") for day in range(5)}
OFFICE = Timetable(WEEK)


def at(day, hour, minute=0):
    """A moment on the city's clock (November: one hour before UTC)."""
    return datetime(2026, 11, day, hour, minute, tzinfo=clock.zone()).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "sentence"),
    [
        (at(10, 9), "Dziś otwarte do 15:30."),
        (at(10, 15, 30), "Dziś już nieczynne, najbliżej otwarte w czwartek od 7:30."),
        (at(10, 6), "Teraz nieczynne, dziś jeszcze otwarte 7:30–15:30."),
        (at(11, 10), "Dziś nieczynne: Narodowe Święto Niepodległości, najbliżej otwarte jutro od 7:30."),
        (at(13, 16), "Dziś już nieczynne, najbliżej otwarte w poniedziałek od 7:30."),
        (at(14, 9), "Dziś nieczynne, najbliżej otwarte w poniedziałek od 7:30."),
        (at(15, 9), "Dziś nieczynne, najbliżej otwarte jutro od 7:30."),
        (at(9, 16), "Dziś już nieczynne, najbliżej otwarte jutro od 7:30."),
    ],
)
def test_a_sentence_tells_whether_to_come_now(moment, sentence):
    assert OFFICE.sentence(moment) == sentence


def test_a_break_at_noon_is_told():
    table = Timetable({day: parse_spans("8-12, 13-17") for day in range(5)})
    assert table.sentence(at(10, 9)) == "Teraz otwarte do 12:00, potem jeszcze od 13:00."
    assert table.sentence(at(10, 12, 30)) == "Teraz nieczynne, dziś jeszcze otwarte 13:00–17:00."
    assert table.sentence(at(10, 14)) == "Dziś otwarte do 17:00."


def test_an_office_that_never_sleeps_is_open_on_holidays_too():
    table = Timetable({day: parse_spans("całą dobę") for day in range(7)}, open_on_holidays=True)
    assert table.sentence(at(11, 3)) == "Dziś otwarte całą dobę."
    assert table.on(date(2026, 11, 11)).text == "całą dobę"


def test_a_day_that_staff_named_wins_over_the_week_and_over_the_law():
    special = {
        date(2026, 11, 10): (parse_spans("7:30-12"), "szkolenie"),
        date(2026, 11, 11): (parse_spans("10-14"), "dzień otwarty"),
        date(2026, 11, 12): ((), "inwentaryzacja"),
    }
    table = Timetable(WEEK, special)
    assert table.sentence(at(10, 9)) == "Dziś otwarte do 12:00: szkolenie."
    assert table.sentence(at(11, 9)) == "Teraz nieczynne, dziś jeszcze otwarte 10:00–14:00: dzień otwarty."
    assert table.sentence(at(12, 9)) == "Dziś nieczynne: inwentaryzacja, najbliżej otwarte jutro od 7:30."


def test_an_opening_further_than_a_week_away_is_told_with_its_date():
    special = {date(2026, 11, day): ((), "remont") for day in range(10, 24)}
    assert Timetable(WEEK, special).sentence(at(10, 9)) == (
        "Dziś nieczynne: remont, najbliżej otwarte we wtorek, 24 listopada od 7:30."
    )


def test_an_office_without_hours_promises_nothing():
    assert Timetable({}).sentence(at(10, 9)) == "Dziś nieczynne."
    assert Timetable({}).next_opening(at(10, 9)) is None


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("7.30-15.30", "7:30–15:30"),
        ("8–12, 13–17", "8:00–12:00, 13:00–17:00"),
        ("16-18,7:30-15:30", "7:30–15:30, 16:00–18:00"),
        ("całą dobę", "całą dobę"),
        ("20-24", "20:00–24:00"),
        ("nieczynne", ""),
        ("", ""),
    ],
)
def test_hours_are_read_as_people_type_them_and_shown_in_one_way(typed, shown):
    assert spans_text(parse_spans(typed)) == shown


@pytest.mark.parametrize("typed", ["rano", "15-7", "7:30", "25-26", "7-7", "8-12, 11-15", "20-24, 22-23"])
def test_hours_that_make_no_sense_are_refused_with_a_sentence(typed):
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        parse_spans(typed)


@pytest.mark.django_db
def test_a_unit_without_an_office_has_the_hours_of_the_unit_above_it(tuesday_noon):
    hall = make_unit()
    below = make_unit(parent=hall)
    make_office(hall)
    today = clock.today()
    assert selectors.opening(below.id, today).spans == ((time(7, 30), time(15, 30)),)
    assert selectors.next_opening(below.id) == datetime(2026, 5, 13, 7, 30, tzinfo=clock.zone())
    assert selectors.opening(make_unit().id, today) is None


@pytest.mark.django_db
def test_a_day_for_all_units_closes_every_office_and_is_in_the_audit(tuesday_noon):
    unit = make_unit()
    make_office(unit)
    row = services.save_special_day(unit_id=None, day=clock.today(), hours="", reason="awaria prądu", by=SYSTEM)
    row_id = row.id
    assert selectors.desks([unit.id])[unit.id].sentence.startswith("Dziś nieczynne: awaria prądu, najbliżej otwarte jutro")
    services.remove_special_day(row=row, by=SYSTEM)
    assert selectors.desks([unit.id])[unit.id].sentence == "Dziś otwarte do 15:30."
    assert [one.action for one in changes.history(row_id)] == ["content.special_day_saved", "content.special_day_removed"]


@pytest.mark.django_db
def test_a_past_day_a_second_one_and_unreadable_hours_are_refused(tuesday_noon):
    today = clock.today()
    services.save_special_day(unit_id=None, day=today, hours="", reason="awaria", by=SYSTEM)
    for day, hours in ((today, ""), (date(2026, 5, 11), ""), (date(2026, 5, 13), "rano")):
        with pytest.raises(ValidationError):
            services.save_special_day(unit_id=None, day=day, hours=hours, reason="powód", by=SYSTEM)


@pytest.mark.django_db
def test_only_those_who_may_change_hours_change_them():
    unit = make_unit()
    stranger = make_viewer(roles={"cases.clerk": unit})
    with pytest.raises(PermissionDenied):
        services.save_office(unit_id=unit.id, weekly=[()] * 7, by=stranger)
    with pytest.raises(PermissionDenied):
        services.save_special_day(unit_id=unit.id, day=date(2099, 1, 2), hours="", reason="x", by=stranger)
