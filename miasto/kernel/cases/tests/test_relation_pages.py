"""The pages around a case, as people go through them without scripts."""

import re

import pytest

from miasto.kernel.accounts.models import Person
from miasto.kernel.accounts.testing import make_staff, make_unit
from miasto.kernel.cases.models import Case, Forwarding, Relation, Supporter
from miasto.kernel.cases.testing import give_competence, make_body, make_case

pytestmark = pytest.mark.django_db
ACCOUNT = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def case(matter, tuesday_noon):
    give_competence(make_unit(name="Zieleń"))
    return make_case()


@pytest.fixture
def staff(case, client):
    """A browser of the unit's supervisor."""
    person = make_staff("cases.supervisor", case.unit)
    client.force_login(Person.objects.get(pk=person.pk), backend=ACCOUNT)
    return client


def text_of(response):
    return response.content.decode()


def send(browser, number, where, **fields):
    case = Case.objects.get(number=number)
    sent = {"version": case.version, "seen": 1, **fields}
    return browser.post(f"/panel/sprawy/{number}/{where}/", sent, follow=True)


def test_me_too_counts_once_for_a_browser_and_can_be_taken_back(case, client):
    address = f"/sprawy/{case.number}/mnie-tez/"
    for _press in range(2):
        page = client.post(address, follow=True)
    assert "Zaznaczono, że dotyczy to także Ciebie." in text_of(page)
    assert Supporter.objects.count() == 1
    assert "Cofnęliśmy Twój głos." in text_of(client.post(address, {"withdraw": "1"}, follow=True))
    assert Supporter.objects.count() == 0


def test_a_wrong_address_is_shown_beside_the_button(case, client):
    page = client.post(f"/sprawy/{case.number}/mnie-tez/", {"email": "nie-adres"})
    assert "Wpisz adres e-mail w postaci nazwa@przyklad.pl." in text_of(page)
    assert Supporter.objects.count() == 0


def test_the_address_is_confirmed_and_stopped_by_the_link_in_the_e_mail(case, client, run_jobs, mailoutbox):
    client.post(f"/sprawy/{case.number}/mnie-tez/", {"email": "sasiadka@przyklad.pl"})
    run_jobs()
    link = next(message for message in mailoutbox if message.to == ["sasiadka@przyklad.pl"])
    address = re.search(r"/sprawy/poparcie/[\w-]+/", link.body).group()
    page = client.get(address, follow=True)
    assert Supporter.objects.get().confirmed_at is None
    own = page.request["PATH_INFO"]
    assert "Adres potwierdzony." in text_of(client.post(own, follow=True))
    assert "Nie będziemy już pisać" in text_of(client.post(own, {"stop": "1"}, follow=True))
    assert Supporter.objects.get().email == ""


def test_a_duplicate_is_merged_and_the_merge_undone(case, staff):
    main = make_case()
    page = send(staff, case.number, "polacz", into="PR-1999-000001")
    assert "Nie ma sprawy o tym numerze." in text_of(page)
    send(staff, case.number, "polacz", into=main.number.lower())
    assert main.number in text_of(staff.get(f"/sprawy/{case.number}/"))
    assert case.number in text_of(staff.get(f"/sprawy/{main.number}/"))
    assert "Rozłączono sprawy." in text_of(send(staff, case.number, "rozlacz", reason="To inne drzewo."))
    assert Relation.objects.count() == 0


def test_a_case_is_split_and_its_end_asks_why_while_parts_are_open(case, staff):
    roads = make_unit(name="Drogi")
    page = send(staff, case.number, "podziel", unit_1=str(roads.pk))
    assert "Napisz, co jest do zrobienia." in text_of(page)
    send(staff, case.number, "podziel", unit_1=str(roads.pk), words_1="Załatać dziurę.")
    part = Relation.objects.get(main=case).case
    assert part.unit == roads
    assert part.number in text_of(staff.get(f"/sprawy/{case.number}/"))
    done = {"answer": "Zrobione.", "reason": "Ciemno."}
    assert "choć jej części są w toku" in text_of(send(staff, case.number, "krok/solve", **done))
    send(staff, case.number, "krok/solve", despite="Dziurą zajmą się Drogi.", **done)
    assert Case.objects.get(pk=case.pk).stage == "solved"


def test_a_body_outside_answers_by_its_link_without_an_account(case, staff, client, run_jobs, mailoutbox):
    gas = make_body(name="Gazownia")
    send(staff, case.number, "przekaz", body=str(gas.pk), words="Rura należy do gazowni.")
    assert "Gazownia" in text_of(staff.get("/panel/sprawy/przekazane/"))
    run_jobs()
    letter = next(message for message in mailoutbox if message.to == [gas.email])
    address = re.search(r"/sprawy/odpowiedz/[\w-]+/", letter.body).group()
    client.logout()
    page = client.get(address, follow=True)
    assert "Rura należy do gazowni." in text_of(page)
    assert "mieszkanka@przyklad.pl" not in text_of(page)
    own = page.request["PATH_INFO"]
    assert "Napisz, co zostało zrobione" in text_of(client.post(own, {"outcome": "done"}))
    client.post(own, {"outcome": "done", "words": "Usunięto wyciek."})
    assert Forwarding.objects.get().state == "done"
    assert Case.objects.get(pk=case.pk).stage == "solved"


def test_the_page_of_the_answer_is_nobody_elses(case, staff, client):
    send(staff, case.number, "przekaz", body=str(make_body().pk), words="Przekazujemy.")
    forwarding = Forwarding.objects.get()
    client.logout()
    assert client.get(f"/sprawy/odpowiedz/{forwarding.pk}/").status_code == 404
    assert client.get("/sprawy/odpowiedz/zly-zeton/").status_code == 404


def test_watching_is_for_accounts(case, client):
    address = f"/sprawy/{case.number}/obserwuj/"
    assert client.post(address).status_code == 403
    client.force_login(make_staff("cases.clerk", case.unit), backend=ACCOUNT)
    assert "Obserwujesz tę sprawę." in text_of(client.post(address, follow=True))
    assert "Nie obserwujesz już" in text_of(client.post(address, {"stop": "1"}, follow=True))
