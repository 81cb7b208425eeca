"""Booking the sign-language interpreter: times, one seat for one person, messages, the secret link, forgetting."""

import re
import threading
from contextvars import copy_context
from datetime import UTC, datetime, timedelta

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client

from miasto.kernel.accounts.selectors import ANONYMOUS, viewer_for_person
from miasto.kernel.accounts.testing import make_person, make_staff
from miasto.kernel.core import clock, mail
from miasto.kernel.core.ical import LINE
from miasto.modules.contact_centre.signing import services, slots
from miasto.modules.contact_centre.signing.ical import calendar
from miasto.modules.contact_centre.signing.models import Booking
from miasto.modules.contact_centre.signing.tests.conftest import TUESDAY_9

OutgoingMail = apps.get_model("core", "OutgoingMail")
pytestmark = pytest.mark.usefixtures("monday")
WHO = {"name": "Anna Niesłysząca", "email": "anna@przyklad.pl"}


def book(at=TUESDAY_9, **fields):
    return services.book(starts_at=at, by=ANONYMOUS, **{**WHO, **fields})[0]


def times(day):
    return [clock.local(slot.starts_at).strftime("%H:%M") for slot in slots.offered() if clock.local(slot.starts_at).day == day]


def test_the_times_follow_the_hours_the_exceptions_and_the_length():
    assert times(12) == ["09:00", "09:30", "10:00", "10:30"]
    assert times(14) == [], "the interpreter is away"
    assert times(15) == ["09:00", "09:30"], "what would end after the hours does not begin"
    assert times(19) == ["12:00", "12:30"], "an exception has hours of its own"
    assert {slot.capacity for slot in slots.offered() if clock.local(slot.starts_at).day == 13} == {2}


def test_no_time_is_offered_on_a_day_free_by_law_nor_at_the_last_moment():
    with clock.at(datetime(2026, 5, 28, 6, 0, tzinfo=UTC)):
        assert times(4) == [], "Corpus Christi, 4 June 2026, is a Thursday"
    with clock.at(datetime(2026, 5, 12, 6, 0, tzinfo=UTC)):
        assert times(12) == ["10:00", "10:30"]


def test_local_hours_stay_when_the_clocks_change():
    with clock.at(datetime(2026, 10, 20, 6, 0, tzinfo=UTC)):
        tuesdays = [
            slot.starts_at for slot in slots.offered() if clock.local(slot.starts_at).strftime("%a %H:%M") == "Tue 09:00"
        ]
        assert {moment.hour for moment in tuesdays} == {8}, "27 October and 3 November: winter time"


def test_a_booked_time_is_offered_no_more():
    book()
    assert "09:00" not in [
        clock.local(one.starts_at).strftime("%H:%M") for one in slots.offered() if one.free and one.starts_at.day == 12
    ]
    with pytest.raises(services.Taken):
        book(email="druga@przyklad.pl")


def test_the_database_itself_refuses_a_second_booking_of_a_seat():
    made = book()
    with pytest.raises(IntegrityError), transaction.atomic():
        Booking.objects.create(
            starts_at=made.starts_at, ends_at=made.ends_at, seat=made.seat, room="x", made_at=clock.now(), **WHO
        )


def test_two_interpreters_take_two_talks_at_once():
    wednesday = TUESDAY_9 + timedelta(days=1)
    assert [book(wednesday).seat, book(wednesday).seat] == [1, 2]
    with pytest.raises(services.Taken):
        book(wednesday)


@pytest.mark.django_db(transaction=True)
def test_of_many_who_ask_at_once_one_gets_the_time():
    results = []

    def ask(number):
        try:
            book(email=f"osoba{number}@przyklad.pl")
            results.append("booked")
        except services.Taken:
            results.append("taken")
        finally:
            connection.close()

    threads = [threading.Thread(target=copy_context().run, args=(ask, number)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["booked", *["taken"] * 5]
    assert Booking.objects.count() == 1
    assert OutgoingMail.objects.count() == 1, "who did not get the time is not told that they did"


def test_times_that_are_not_offered_cannot_be_booked():
    for wrong in (TUESDAY_9 + timedelta(minutes=7), TUESDAY_9 - timedelta(days=7), TUESDAY_9 + timedelta(days=70)):
        with pytest.raises(services.Taken):
            book(wrong)


def test_the_confirmation_holds_the_room_the_calendar_and_the_link(settings, mailoutbox):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    made = book()
    queued = OutgoingMail.objects.get()
    assert f"https://wideo.przyklad.invalid/{made.room}" in queued.text
    assert "12 maja 2026, 09:00–09:30" in queued.text
    mail.send(str(queued.pk))
    (file,) = mailoutbox[0].attachments
    assert file[0] == "rozmowa.ics"
    assert "DTSTART:20260512T070000Z" in file[1]
    assert mailoutbox[0].message().get_payload()[-1].get_content_type() == "text/calendar"


def test_the_calendar_file_keeps_to_the_standard():
    made = book()
    text = calendar(made)
    assert text.endswith("END:VCALENDAR\r\n")
    assert all(len(line.encode()) <= LINE for line in text.split("\r\n"))
    assert f"UID:{made.pk}@" in text
    assert "SEQUENCE:0" in text
    services.cancel(booking=made, by=services.SYSTEM)
    made.refresh_from_db()
    assert "STATUS:CANCELLED" in calendar(made)


def test_the_whole_way_on_the_pages(client):
    page = client.get("/tlumacz-migowy/").content.decode()
    assert "3 dni robocze" in page
    value = re.search(r'name="at" value="([^"]+)"', page).group(1)
    done = client.post("/tlumacz-migowy/", {"at": value, **WHO}, follow=True)
    made = Booking.objects.get()
    assert made.room in done.content.decode()
    other = (made.starts_at + timedelta(minutes=30)).isoformat()
    client.post(f"/tlumacz-migowy/termin/{made.pk}/zmien/", {"at": other})
    made.refresh_from_db()
    assert (made.starts_at.isoformat(), made.sequence) == (other, 1)
    ics = client.get(f"/tlumacz-migowy/termin/{made.pk}/rozmowa.ics")
    assert ics["Content-Type"].startswith("text/calendar")
    client.post(f"/tlumacz-migowy/termin/{made.pk}/odwolaj/")
    made.refresh_from_db()
    assert made.cancelled_at is not None
    again = client.post(f"/tlumacz-migowy/termin/{made.pk}/odwolaj/", follow=True)
    assert "już odwołana" in again.content.decode()
    assert OutgoingMail.objects.count() == 3


def test_errors_are_said_and_what_was_typed_stays(client):
    answer = client.post("/tlumacz-migowy/", {"at": "kiedyś", "name": "Anna", "email": "nie"})
    assert {"at", "email"} <= set(answer.context["form"].errors)
    book()
    taken = client.post("/tlumacz-migowy/", {"at": TUESDAY_9.isoformat(), **WHO})
    assert "właśnie zajęto" in taken.content.decode()
    assert WHO["email"] in taken.content.decode()


def test_a_booking_is_seen_only_by_who_holds_its_link_and_by_operators(client):
    made = book()
    address = f"/tlumacz-migowy/termin/{made.pk}/"
    assert client.get(address).status_code == 404
    neighbour = make_person()
    with pytest.raises(PermissionDenied):
        services.cancel(booking=made, by=viewer_for_person(neighbour.pk))
    link = re.search(r"/tlumacz-migowy/s/\S+/", OutgoingMail.objects.get().text).group()
    assert made.room in client.get(link, follow=True).content.decode()
    assert client.get("/tlumacz-migowy/s/zly/").status_code == 404
    assert "anna@przyklad.pl" not in Client().get("/tlumacz-migowy/").content.decode()


def test_operators_see_the_list_and_cancel_with_a_message(client):
    made = book()
    client.force_login(make_staff("contact_centre.operator"), backend="django.contrib.auth.backends.ModelBackend")
    assert "anna@przyklad.pl" in client.get("/panel/centrum/jezyk-migowy/").content.decode()
    client.post(f"/panel/centrum/jezyk-migowy/{made.pk}/odwolaj/")
    assert "musieliśmy odwołać" in OutgoingMail.objects.get(subject__contains="odwołana").text
    clerk = Client()
    clerk.force_login(make_staff("cases.clerk"), backend="django.contrib.auth.backends.ModelBackend")
    assert clerk.get("/panel/centrum/jezyk-migowy/").status_code == 403


def test_the_reminder_comes_once_for_each_time():
    made = book()
    with clock.at(TUESDAY_9 - timedelta(hours=20)):
        services.remind()
        services.remind()
        assert OutgoingMail.objects.filter(subject__contains="Przypomnienie").count() == 1
        services.move(booking=made, starts_at=TUESDAY_9 + timedelta(hours=1), by=services.SYSTEM)
        services.remind()
    assert OutgoingMail.objects.filter(subject__contains="Przypomnienie").count() == 2


def test_a_cancelled_time_is_free_again_and_a_talk_that_began_stays():
    made = book()
    services.cancel(booking=made, by=services.SYSTEM)
    second = book(email="druga@przyklad.pl")
    with clock.at(TUESDAY_9 + timedelta(minutes=1)), pytest.raises(ValidationError):
        services.cancel(booking=second, by=services.SYSTEM)


def test_old_talks_forget_who_and_what_about():
    made = book(topic="zasiłek")
    with clock.at(TUESDAY_9 + timedelta(days=92)):
        assert services.forget_old() == 1
    made.refresh_from_db()
    assert (made.name, made.email, made.topic, made.room) == ("", "", "", "")


def test_a_resident_gets_and_erases_their_bookings():
    made = book()
    person = make_person(email=WHO["email"])
    assert [row["name"] for row in services.export_bookings(person.pk)] == [WHO["name"]]
    assert services.erase_bookings(person.pk) == 1
    made.refresh_from_db()
    assert made.cancelled_at is not None
    assert made.email == ""
