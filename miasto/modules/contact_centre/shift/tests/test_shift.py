"""The hand-over: who is on duty, what the next shift must know, tasks taken over by name."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from miasto.kernel.accounts.selectors import SYSTEM, viewer_for_person
from miasto.kernel.accounts.testing import make_person, make_staff
from miasto.kernel.cases.services import file_case
from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.modules.contact_centre.case_type import KEY
from miasto.modules.contact_centre.phone.models import Call
from miasto.modules.contact_centre.shift import selectors, services
from miasto.modules.contact_centre.shift.models import Duty, Entry, Shift

pytestmark = pytest.mark.django_db
BOARD = "contact_centre_shift:board"


@pytest.fixture
def cecylia(catalogue, tuesday_noon):
    return make_staff("contact_centre.operator", name="Cecylia Próbna")


@pytest.fixture
def dorota(catalogue, tuesday_noon):
    return make_staff("contact_centre.operator", name="Dorota Wzorowa")


def viewer(person):
    return viewer_for_person(person.pk)


def danger(catalogue):
    values = {"description": "Wisi przewód.", "point": city().centre, "address_text": "ul. Próbna 1"}
    return file_case(case_type=KEY, category=catalogue["kabel"], by=SYSTEM, **values).case


def test_the_first_opens_the_shift_and_the_last_closes_it(cecylia, dorota):
    services.begin(by=viewer(cecylia))
    services.begin(by=viewer(cecylia))
    services.begin(by=viewer(dorota))
    assert (Shift.objects.count(), Duty.objects.count()) == (1, 2)
    services.leave(by=viewer(cecylia))
    assert Shift.objects.get().ended_at is None
    services.leave(by=viewer(dorota))
    assert Shift.objects.get().ended_at is not None
    assert not services.leave(by=viewer(dorota))


def test_a_task_left_is_taken_over_by_one_person_and_done_by_that_person(cecylia, dorota):
    services.begin(by=viewer(cecylia))
    task = services.write(kind="task", body="Sprawdzić, czy prąd wrócił.", by=viewer(cecylia))
    services.leave(by=viewer(cecylia))
    services.begin(by=viewer(dorota))
    assert [line.body for line in selectors.board(viewer(dorota)).tasks] == ["Sprawdzić, czy prąd wrócił."]
    with pytest.raises(services.Refused, match="Najpierw przyjmij"):
        services.finish(entry_id=task.pk, by=viewer(dorota))
    services.take(entry_id=task.pk, by=viewer(dorota))
    with pytest.raises(services.Refused, match="Ktoś inny"):
        services.take(entry_id=task.pk, by=viewer(cecylia))
    assert selectors.board(viewer(dorota)).tasks[0].taker == "Dorota Wzorowa"
    services.finish(entry_id=task.pk, by=viewer(dorota))
    board = selectors.board(viewer(dorota))
    assert board.tasks == []
    assert board.notes[0].done_at is not None


def test_the_board_shows_danger_calls_to_return_and_who_is_on_duty(client, cecylia, catalogue, tuesday_noon):
    case = danger(catalogue)
    Call.objects.create(began_at=clock.now(), call_back_at=tuesday_noon + timedelta(hours=1), number="+48600700800")
    client.force_login(cecylia)
    client.post(reverse("contact_centre_shift:duty"))
    page = client.get(reverse(BOARD)).content.decode()
    for words in (case.number, "Wiszący przewód", "bez odpowiedzi", "Cecylia Próbna", "Kończę dyżur"):
        assert words in page
    assert "600700800" not in page


def test_the_board_takes_a_bounded_number_of_queries(cecylia, catalogue, django_assert_max_num_queries):
    services.begin(by=viewer(cecylia))
    for number in range(8):
        danger(catalogue)
        services.write(kind="task" if number % 2 else "note", body=f"Wpis {number}", by=viewer(cecylia))
    who = viewer(cecylia)
    with django_assert_max_num_queries(8):
        selectors.board(who)
    with django_assert_max_num_queries(5):
        selectors.history(who)


@pytest.mark.parametrize("words", ["Oddzwonić na 600 700 800", "Pisał jan@przyklad.pl", "PESEL 44051401359"])
def test_data_of_residents_are_kept_out_of_the_log(client, cecylia, words):
    client.force_login(cecylia)
    client.post(reverse("contact_centre_shift:duty"))
    answer = client.post(reverse(BOARD), {"kind": "note", "body": words})
    assert answer.status_code == 422
    assert "są tu dane osobowe" in answer.content.decode()
    assert not Entry.objects.exists()


def test_a_line_names_a_case_that_exists(cecylia, catalogue):
    services.begin(by=viewer(cecylia))
    case = danger(catalogue)
    assert services.write(kind="note", body="Jadą.", number=case.number.lower(), by=viewer(cecylia)).number == case.number
    with pytest.raises(services.Refused, match="Nie ma sprawy"):
        services.write(kind="note", body="Jadą.", number="ZG-1999-000001", by=viewer(cecylia))


def test_who_is_not_on_duty_writes_nothing(cecylia):
    with pytest.raises(services.Refused, match="Najpierw zacznij"):
        services.write(kind="note", body="Cisza.", by=viewer(cecylia))


def test_the_log_is_closed_to_residents_and_to_clerks_of_units(client, cecylia):
    for person in (make_person(), make_staff("cases.clerk")):
        who = viewer(person)
        with pytest.raises(PermissionDenied):
            services.begin(by=who)
        with pytest.raises(PermissionDenied):
            selectors.board(who)
        client.force_login(person)
        for name, args in ((BOARD, []), ("contact_centre_shift:history", [])):
            assert client.get(reverse(name, args=args)).status_code == 403
        assert client.post(reverse("contact_centre_shift:take", args=[uuid4()])).status_code == 403


def test_words_are_forgotten_after_ninety_days_and_on_request(cecylia, dorota, tuesday_noon):
    services.begin(by=viewer(cecylia))
    services.begin(by=viewer(dorota))
    services.write(kind="note", body="Stara sprawa.", by=viewer(cecylia))
    with clock.at(tuesday_noon + timedelta(days=80)):
        services.write(kind="note", body="Nowa sprawa.", by=viewer(dorota))
    with clock.at(tuesday_noon + timedelta(days=91)):
        assert services.forget_old() == 1
        assert services.forget_old() == 0
    assert [row.body for row in Entry.objects.order_by("written_at")] == ["", "Nowa sprawa."]
    assert services.export_entries(dorota.pk)[0]["body"] == "Nowa sprawa."
    services.erase_entries(dorota.pk)
    assert not Entry.objects.exclude(body="").exists()
    assert services.export_entries(dorota.pk) == []
