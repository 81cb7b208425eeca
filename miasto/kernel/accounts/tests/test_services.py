"""Roles, units, people: each change with its audit and event."""

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import check_password
from django.core import mail as outbox
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from miasto.kernel.accounts import people, services
from miasto.kernel.accounts.models import Person, RoleGrant
from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM, viewer_for_person
from miasto.kernel.accounts.testing import PASSWORD, make_person, make_staff, make_unit, make_viewer
from miasto.kernel.core import changes, clock
from miasto.kernel.core.models import OutgoingMail

pytestmark = pytest.mark.django_db


def actions(object_id):
    return [row.action for row in changes.history(object_id)]


def test_a_role_is_granted_by_an_administrator_only():
    person = make_person()
    for viewer in (ANONYMOUS, make_viewer(), viewer_for_person(person.id)):
        with pytest.raises(PermissionDenied):
            services.grant_role(person=person, role="accounts.admin", unit=None, by=viewer)
    admin = make_viewer(roles={"accounts.admin": None})
    services.grant_role(person=person, role="accounts.admin", unit=None, by=admin)
    assert viewer_for_person(person.id).holds("accounts.manage")
    assert actions(person.id) == ["accounts.role_granted"]
    assert changes.history(person.id)[0].actor_id == admin.person_id


@pytest.mark.parametrize(
    ("role", "in_unit", "dates", "words"),
    [
        ("nobody.knows", False, {}, "Nie ma takiej roli"),
        ("accounts.admin", True, {}, "obejmuje całe miasto"),
        ("accounts.admin", False, {"valid_from": 1, "valid_to": 0}, "nie może być wcześniejsza"),
    ],
)
def test_a_senseless_role_is_refused_and_nothing_changes(role, in_unit, dates, words):
    days = {name: clock.today() + timedelta(days=days) for name, days in dates.items()}
    with pytest.raises(ValidationError, match=words):
        services.grant_role(person=make_person(), role=role, unit=make_unit() if in_unit else None, by=SYSTEM, **days)
    assert not RoleGrant.objects.exists()


def test_granting_the_same_role_again_changes_its_dates_and_after_its_end_makes_another():
    person, later = make_person(), clock.today() + timedelta(days=30)
    first = services.grant_role(person=person, role="accounts.admin", unit=None, by=SYSTEM)
    again = services.grant_role(person=person, role="accounts.admin", unit=None, by=SYSTEM, valid_to=later)
    assert first.pk == again.pk
    make_staff("accounts.admin")
    services.revoke_role(grant=again, by=SYSTEM)
    assert services.grant_role(person=person, role="accounts.admin", unit=None, by=SYSTEM).pk != first.pk


def test_a_revoked_role_ends_at_once_and_stays_in_the_record():
    make_staff("accounts.admin")
    person = make_staff("accounts.admin")
    services.revoke_role(grant=person.role_grants.get(), by=SYSTEM)
    assert not viewer_for_person(person.id).is_staff
    assert RoleGrant.objects.filter(person=person).exists()
    assert actions(person.id) == ["accounts.role_revoked"]


def test_the_last_administrator_can_neither_be_revoked_nor_switched_off_nor_erased():
    admin = make_staff("accounts.admin")
    make_staff("accounts.admin", is_active=False)
    with pytest.raises(ValidationError, match="jedyna osoba"):
        services.revoke_role(grant=admin.role_grants.get(), by=SYSTEM)
    with pytest.raises(ValidationError, match="jedyna osoba"):
        services.deactivate(person=admin, by=SYSTEM)
    with pytest.raises(ValidationError, match="jedyna osoba"):
        services.erase_person(person=admin, by=SYSTEM)
    admin.refresh_from_db()
    assert admin.is_active
    assert admin.erased_at is None


def test_an_address_belongs_to_one_person_whatever_the_case_of_its_letters():
    person = services.register_person(email=" Ala.Nowak@Przyklad.PL ", by=SYSTEM)
    assert person.email == "ala.nowak@przyklad.pl"
    assert Person.objects.get_by_natural_key("ALA.nowak@przyklad.pl") == person
    with pytest.raises(ValidationError, match="ma już konto"):
        services.register_person(email="ala.nowak@PRZYKLAD.pl", by=SYSTEM)
    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.create(email="ALA.NOWAK@przyklad.pl")


def test_an_invited_person_sets_a_password_by_the_link_in_the_message(client):
    admin = make_viewer(roles={"accounts.admin": None})
    person = services.invite(email="nowa@przyklad.pl", name="Nowa Osoba", by=admin)
    message = OutgoingMail.objects.get(to="nowa@przyklad.pl")
    assert message.subject.startswith("Zaproszenie")
    assert not person.has_usable_password()
    address = next(word for word in message.text.split() if "/konto/haslo/nowe/" in word)
    form = client.get(address.split("8000", 1)[-1], follow=True)
    assert "Ustaw nowe hasło" in form.content.decode()
    done = client.post(form.redirect_chain[-1][0], {"password1": PASSWORD, "password2": PASSWORD})
    assert done.status_code == 302
    person.refresh_from_db()
    assert person.check_password(PASSWORD)
    assert actions(person.id) == ["accounts.person_registered", "accounts.person_invited", "accounts.password_changed"]


def test_nobody_is_invited_by_somebody_without_the_right_or_twice():
    with pytest.raises(PermissionDenied):
        services.invite(email="nowa@przyklad.pl", name="Nowa", by=make_viewer())
    make_person(email="nowa@przyklad.pl")
    with pytest.raises(ValidationError):
        services.invite(email="nowa@przyklad.pl", name="Nowa", by=SYSTEM)
    assert outbox.outbox == []
    assert not OutgoingMail.objects.exists()


def test_an_account_that_is_switched_off_loses_its_open_session(client):
    person = make_person(password=PASSWORD)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/konto/").status_code == 200
    services.deactivate(person=person, by=SYSTEM)
    assert client.get("/konto/").status_code == 302
    services.reactivate(person=person, by=SYSTEM)
    assert client.get("/konto/").status_code == 200
    assert actions(person.id) == ["accounts.person_deactivated", "accounts.person_reactivated"]


def test_only_the_person_or_an_administrator_changes_the_persons_data():
    person = make_person(name="Ewa")
    with pytest.raises(PermissionDenied):
        services.update_own_data(person=person, by=make_viewer(), name="Zła")
    services.update_own_data(person=person, by=viewer_for_person(person.id), name="Ewa Lis", phone="600 100 200")
    row = changes.history(person.id)[-1]
    assert row.data == {"fields": ["name", "phone"]}
    services.update_own_data(person=person, by=viewer_for_person(person.id), name="Ewa Lis")
    assert len(changes.history(person.id)) == 1


def test_a_unit_is_changed_with_audit_of_fields_and_not_of_values():
    unit = make_unit(email="stary@przyklad.pl")
    services.update_unit(unit=unit, by=SYSTEM, email="nowy@przyklad.pl", organisation="ignored")
    unit.refresh_from_db()
    assert unit.email == "nowy@przyklad.pl"
    assert changes.history(unit.id)[0].data == {"fields": ["email"]}
    with pytest.raises(ValidationError):
        services.update_unit(unit=unit, by=SYSTEM, email="to nie adres")
    with pytest.raises(ValidationError, match="wcześniejsza"):
        services.update_unit(unit=unit, by=SYSTEM, valid_from=clock.today(), valid_to=clock.today() - timedelta(days=1))
    with pytest.raises(PermissionDenied):
        services.update_unit(unit=unit, by=make_viewer(), name="Inna")


def test_people_are_imported_in_bulk_with_roles_one_hash_and_few_queries():
    unit = make_unit()
    rows = [
        {"email": f"Demo{number}@przyklad.pl", "name": f"Demo {number}", "password": PASSWORD, "roles": [("tests.clerk", unit)]}
        for number in range(200)
    ] + [{"email": "ktos@przyklad.pl"}]
    with CaptureQueriesContext(connection) as queries:
        made = services.import_people(rows)
    assert len(made) == 201
    assert sum("core_change" not in query["sql"] for query in queries) <= 12
    assert {person.password for person in made[:200]} == {made[0].password}
    assert check_password(PASSWORD, made[0].password)
    assert not made[-1].has_usable_password()
    assert RoleGrant.objects.filter(unit=unit).count() == 200
    assert all(address.verified for address in made[5].emailaddress_set.all())


def test_an_import_repeated_changes_nothing():
    rows = [{"email": "demo@przyklad.pl", "name": "Demo", "roles": [("accounts.admin", None)]}]
    first = services.import_people(rows)
    assert services.import_people([{**rows[0], "name": "Inna"}]) == first
    assert Person.objects.get().name == "Demo"
    assert RoleGrant.objects.count() == 1


def test_the_first_administrator_is_made_from_the_terminal(monkeypatch, capsys):
    monkeypatch.setenv("MIASTO_ADMIN_PASSWORD", "trzy-zielone-krowy-7")
    call_command("accounts", "create-admin", "--email", "Szef@Przyklad.pl", "--name", "Szefowa")
    person = Person.objects.get(email="szef@przyklad.pl")
    assert person.check_password("trzy-zielone-krowy-7")
    assert viewer_for_person(person.id).holds("accounts.manage")
    call_command("accounts", "create-admin", "--email", "szef@przyklad.pl")
    assert Person.objects.count() == 1
    assert "krowy" not in capsys.readouterr().out


def test_a_weak_password_of_an_administrator_is_refused(monkeypatch):
    monkeypatch.setenv("MIASTO_ADMIN_PASSWORD", "haslo")
    with pytest.raises(CommandError):
        call_command("accounts", "create-admin", "--email", "szef@przyklad.pl")
    assert not Person.objects.exists()


def test_an_invitation_cannot_be_sent_to_an_account_that_is_switched_off():
    with pytest.raises(ValidationError, match="wyłączone"):
        people.send_invitation(person=make_person(is_active=False), by=SYSTEM)
