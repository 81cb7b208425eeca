"""``/panel/``: people, units, and the log of changes."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from miasto.kernel.accounts import log, services
from miasto.kernel.accounts.models import Competence, Person, RoleGrant
from miasto.kernel.accounts.selectors import SYSTEM, viewer_for_person
from miasto.kernel.accounts.testing import make_organisation, make_person, make_staff, make_unit
from miasto.kernel.core import changes, clock
from miasto.kernel.core.changes import Actor
from miasto.kernel.core.ids import uuid7
from miasto.kernel.core.models import Change, OutgoingMail

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
PAGES = ["/panel/osoby/", "/panel/osoby/zapros/", "/panel/jednostki/", "/panel/dziennik/"]


@pytest.fixture
def admin(client):
    made = make_staff("accounts.admin", name="Anna Nowak", email="anna@przyklad.pl")
    client.force_login(made, backend=BACKEND)
    return made


def everywhere():
    person, unit = make_person(), make_unit()
    grant = RoleGrant.objects.create(person=person, role="tests.clerk", unit=unit)
    return [
        *[("get", url) for url in PAGES],
        ("get", f"/panel/osoby/{person.id}/"),
        ("get", f"/panel/jednostki/{unit.id}/"),
        ("post", f"/panel/osoby/{person.id}/rola/"),
        ("post", f"/panel/osoby/{person.id}/rola/{grant.id}/odbierz/"),
        ("post", f"/panel/osoby/{person.id}/stan/"),
        ("post", f"/panel/osoby/{person.id}/zaproszenie/"),
        ("post", f"/panel/osoby/{person.id}/drugi-skladnik/"),
        ("post", f"/panel/jednostki/{unit.id}/"),
        ("post", "/panel/osoby/zapros/"),
    ]


def test_the_panel_is_closed_to_everybody_without_the_permission():
    anonymous, resident, clerk = Client(), Client(), Client()
    resident.force_login(make_person(), backend=BACKEND)
    clerk.force_login(make_staff("tests.clerk", make_unit()), backend=BACKEND)
    for method, url in everywhere():
        assert getattr(anonymous, method)(url)["Location"].startswith("/konto/zaloguj/?next=/panel/"), url
        assert getattr(resident, method)(url).status_code == 403, url
        assert getattr(clerk, method)(url).status_code == 403, url
    assert RoleGrant.objects.filter(role="tests.clerk").exclude(valid_to=None).count() == 0


def test_the_list_of_people_shows_staff_first_and_finds_by_name_and_address(client, admin):
    make_person(name="Ewa Mieszkanka", email="ewa@przyklad.pl")
    clerk = make_staff("tests.clerk", make_unit(short_name="WD"), name="Zofia Urzędniczka")
    page = client.get("/panel/osoby/").content.decode()
    assert clerk.name in page
    assert "tests.clerk: WD" in page
    assert "Ewa Mieszkanka" not in page
    for query in ("q=ewa+mieszk&who=all", "q=ewa@przyklad&who=all"):
        found = client.get(f"/panel/osoby/?{query}").content.decode()
        assert "Ewa Mieszkanka" in found
        assert clerk.name not in found
    assert "Nikogo nie znaleziono" in client.get("/panel/osoby/?q=nikt-taki").content.decode()


def test_the_list_of_people_takes_as_many_queries_for_sixty_as_for_one(client, admin, django_assert_max_num_queries):
    unit = make_unit()
    for _number in range(60):
        make_staff("tests.clerk", unit)
    with django_assert_max_num_queries(10):
        page = client.get("/panel/osoby/").content.decode()
    assert "Strony listy" in page
    assert client.get("/panel/osoby/?page=2").status_code == 200


def test_erased_people_are_not_listed_and_have_no_page(client, admin):
    gone = make_person(erased_at=clock.now(), is_active=False)
    assert client.get(f"/panel/osoby/{gone.id}/").status_code == 404
    assert str(gone.id) not in client.get("/panel/osoby/?who=inactive").content.decode()


def test_an_administrator_invites_a_person_and_gives_a_role(client, admin):
    answer = client.post("/panel/osoby/zapros/", {"name": "Nowa Osoba", "email": "nowa@przyklad.pl"})
    person = Person.objects.get(email="nowa@przyklad.pl")
    assert answer["Location"] == f"/panel/osoby/{person.id}/"
    assert "Czeka na ustawienie hasła" in client.get(answer["Location"]).content.decode()
    client.post(f"/panel/osoby/{person.id}/zaproszenie/")
    assert OutgoingMail.objects.filter(to="nowa@przyklad.pl").count() == 2
    dates = {"valid_from_0": "1", "valid_from_1": "5", "valid_from_2": "2026"}
    client.post(f"/panel/osoby/{person.id}/rola/", {"role": "accounts.admin", "unit": "", **dates})
    grant = person.role_grants.get()
    assert grant.valid_from.isoformat() == "2026-05-01"
    page = client.get(f"/panel/osoby/{person.id}/").content.decode()
    assert "Administrator" in page
    client.post(f"/panel/osoby/{person.id}/rola/{grant.id}/odbierz/")
    assert not viewer_for_person(person.id).is_staff
    assert "Role zakończone" in client.get(f"/panel/osoby/{person.id}/").content.decode()


def test_a_mistake_in_the_form_of_a_role_is_shown_where_it_was_made(client, admin):
    unit, person = make_unit(), make_person()
    page = client.post(f"/panel/osoby/{person.id}/rola/", {"role": "accounts.admin", "unit": str(unit.id)}).content.decode()
    assert "Ta rola obejmuje całe miasto" in page
    assert 'href="#id_unit"' in page


def test_a_taken_address_is_told_and_nobody_is_invited(client, admin):
    page = client.post("/panel/osoby/zapros/", {"name": "Druga", "email": "ANNA@przyklad.pl"}).content.decode()
    assert "ma już konto" in page
    assert not OutgoingMail.objects.exists()


def test_the_last_administrator_stays(client, admin):
    answer = client.post(f"/panel/osoby/{admin.id}/stan/", {"active": "0"}, follow=True)
    assert "jedyna osoba, która zarządza kontami" in answer.content.decode()
    grant = admin.role_grants.get()
    answer = client.post(f"/panel/osoby/{admin.id}/rola/{grant.id}/odbierz/", follow=True)
    assert "jedyna osoba, która zarządza kontami" in answer.content.decode()
    admin.refresh_from_db()
    assert admin.is_active


def test_an_account_is_switched_off_and_on_from_the_panel(client, admin):
    person = make_person()
    client.post(f"/panel/osoby/{person.id}/stan/", {"active": "0"})
    assert not Person.objects.get(pk=person.pk).is_active
    client.post(f"/panel/osoby/{person.id}/stan/", {"active": "1"})
    assert Person.objects.get(pk=person.pk).is_active


def test_a_role_of_one_person_cannot_be_revoked_through_anothers_address(client, admin):
    victim = make_staff("accounts.admin")
    grant = victim.role_grants.get()
    assert client.post(f"/panel/osoby/{make_person().id}/rola/{grant.id}/odbierz/").status_code == 404
    assert viewer_for_person(victim.id).is_staff


def test_the_tree_of_units_shows_who_answers_for_what_in_few_queries(client, admin, django_assert_max_num_queries):
    hall = make_organisation(name="Urząd Próby")
    roads = make_unit(name="Wydział Dróg", organisation=hall)
    light = make_unit(name="Referat Oświetlenia", parent=roads, valid_to=clock.today() - timedelta(days=1))
    Competence.objects.create(key="roads.repair", unit=roads)
    Competence.objects.create(key="roads.past", unit=roads, until=clock.today() - timedelta(days=1))
    for _number in range(10):
        make_unit(parent=light)
    with django_assert_max_num_queries(9):
        page = client.get("/panel/jednostki/").content.decode()
    assert "Urząd Próby" in page
    assert "roads.repair" in page
    assert "roads.past" not in page
    assert "Nie działa" in page


def test_a_unit_is_edited_and_its_page_shows_people_and_past_competences(client, admin):
    unit = make_unit(name="Wydział Dróg")
    Competence.objects.create(key="roads.past", unit=unit, until=clock.today() - timedelta(days=1))
    make_staff("tests.clerk", unit, name="Zofia")
    url = f"/panel/jednostki/{unit.id}/"
    page = client.get(url).content.decode()
    assert "roads.past" in page
    assert "Zofia" in page
    assert client.post(url, {"name": "Wydział Dróg i Mostów", "email": "drogi@przyklad.pl"}).status_code == 302
    unit.refresh_from_db()
    assert (unit.name, unit.email) == ("Wydział Dróg i Mostów", "drogi@przyklad.pl")
    assert "Popraw formularz" in client.post(url, {"name": "X", "email": "zle"}).content.decode()
    assert client.get(f"/panel/jednostki/{uuid7()}/").status_code == 404


def test_the_log_names_staff_and_nobody_else(client, admin):
    resident = make_person(name="Ewa Mieszkanka")
    services.update_own_data(person=resident, by=viewer_for_person(resident.id), phone="600 100 200")
    services.deactivate(person=resident, by=viewer_for_person(admin.id))
    page = client.get("/panel/dziennik/").content.decode()
    assert "Anna Nowak" in page
    assert "wyłączono konto" in page
    assert "osoba z kontem" in page
    assert "Ewa Mieszkanka" not in page
    assert "600 100 200" not in page


def test_somebody_whose_role_has_ended_is_still_named_in_the_log(client, admin):
    clerk = make_staff("tests.clerk", make_unit(), name="Dawna Urzędniczka")
    changes.record(action="tests.done", kind="tests.thing", object_id=uuid7(), actor=Actor("person", clerk.id))
    services.revoke_role(grant=clerk.role_grants.get(), by=SYSTEM)
    assert "Dawna Urzędniczka" in client.get("/panel/dziennik/").content.decode()


def test_the_log_is_narrowed_by_part_object_person_and_time(tuesday_noon):
    first, second, clerk = uuid7(), uuid7(), make_staff("tests.clerk", None, name="Zofia Wilk")
    with clock.at(tuesday_noon - timedelta(days=2)):
        changes.record(action="tests.a", kind="tests.thing", object_id=first, actor=Actor("anonymous"))
    changes.record(action="files.stored", kind="files.file", object_id=second, actor=Actor("person", clerk.id))

    def found(**wanted):
        return [entry.object_id for entry in log.find(**wanted)[0]]

    assert found() == [second, first]
    assert found(engine="files") == [second]
    assert found(object_id=first) == [first]
    assert found(who="wilk zofia") == [second]
    assert found(who="nikt") == []
    assert found(since=clock.today()) == [second]
    assert found(until=clock.today() - timedelta(days=2)) == [first]
    assert found(until=clock.today() - timedelta(days=3)) == []


def test_the_log_goes_through_its_pages_without_a_gap_or_a_repetition(django_assert_max_num_queries):
    made = [
        changes.record(action="tests.a", kind="tests.thing", object_id=uuid7(), actor=Actor("anonymous")).id
        for _number in range(120)
    ]
    seen, before = [], None
    while True:
        with django_assert_max_num_queries(4):
            entries, before = log.find(engine="tests", before=before)
        seen += [entry.id for entry in entries]
        if before is None:
            break
    assert seen == made[::-1]


def test_the_log_answers_wrong_filters_with_an_explanation(client, admin):
    answer = client.get("/panel/dziennik/?obiekt=abc&od=wczoraj&przed=-5")
    assert answer.status_code == 200
    assert "Popraw formularz" in answer.content.decode()
    assert client.get("/panel/dziennik/?przed=99999999999999999999999").status_code == 200


def test_pages_of_the_panel_are_not_cached_and_have_one_heading(client, admin):
    for url in [*PAGES, f"/panel/osoby/{admin.id}/", f"/panel/jednostki/{make_unit().id}/"]:
        answer = client.get(url)
        assert "no-store" in answer["Cache-Control"], url
        assert answer.content.decode().count("<h1") == 1, url
        assert "style=" not in answer.content.decode(), url


def test_who_lost_the_telephone_and_the_codes_is_let_in_again_and_told(client, admin):
    person = make_staff("tests.clerk", make_unit())
    TOTP.activate(person, generate_totp_secret())
    RecoveryCodes.activate(person)
    address = f"/panel/osoby/{person.id}/"
    assert "Ta osoba straciła telefon" in client.get(address).content.decode()
    refused = client.post(f"{address}drugi-skladnik/", {"proof": "na słowo"}, follow=True).content.decode()
    assert "jak potwierdzono tożsamość" in refused
    assert Authenticator.objects.filter(user=person).count() == 2
    client.post(f"{address}drugi-skladnik/", {"proof": "document"})
    assert not Authenticator.objects.filter(user=person).exists()
    assert "dwuskładnikowe" in OutgoingMail.objects.get(to=person.email).subject
    change = Change.objects.get(action="accounts.second_factor_removed")
    assert (change.object_id, change.data) == (person.id, {"proof": "document"})
    again = client.post(f"{address}drugi-skladnik/", {"proof": "document"}, follow=True).content.decode()
    assert "nie ma włączonego" in again


def test_nobody_removes_the_own_second_factor_past_the_own_page(client, admin):
    TOTP.activate(admin, generate_totp_secret())
    assert "Ta osoba straciła telefon" not in client.get(f"/panel/osoby/{admin.id}/").content.decode()
    client.post(f"/panel/osoby/{admin.id}/drugi-skladnik/", {"proof": "document"})
    assert Authenticator.objects.filter(user=admin).exists()
