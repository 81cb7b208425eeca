"""``/konto/``: a person's own pages, the export and the erasure."""

import json
from datetime import timedelta
from io import BytesIO
from urllib.parse import unquote
from zipfile import ZipFile

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from miasto.kernel.accounts import personal, services
from miasto.kernel.accounts.models import Person, RoleGrant
from miasto.kernel.accounts.selectors import SYSTEM, display_names, viewer_for_person
from miasto.kernel.accounts.testing import PASSWORD, make_person, make_staff, make_viewer
from miasto.kernel.core import changes, clock, mail
from miasto.kernel.core.models import Change, OutgoingMail
from miasto.kernel.core.registry import registry
from miasto.kernel.spec.accounts import PersonalData

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
OWN_PAGES = ["/konto/", "/konto/dane/", "/konto/usun/", "/konto/bezpieczenstwo/", "/konto/adres-e-mail/", "/konto/haslo/"]


@pytest.fixture
def person(client):
    made = make_person(email="ewa@przyklad.pl", name="Ewa Lis", phone="600 100 200", password=PASSWORD)
    client.force_login(made, backend=BACKEND)
    return made


@pytest.mark.parametrize("url", [*OWN_PAGES, "/konto/dwuskladnikowe/", "/konto/dwuskladnikowe/wlacz/"])
def test_own_pages_lead_an_anonymous_visitor_to_log_in_and_open_for_the_person(client, url):
    assert unquote(client.get(url)["Location"]) == f"/konto/zaloguj/?next={url}"
    client.force_login(make_person(password=PASSWORD), backend=BACKEND)
    answer = client.get(url, follow=True)
    assert answer.status_code == 200
    assert answer.content.decode().count("<h1") == 1


def test_the_overview_shows_roles_only_to_staff_and_takes_few_queries(client, person, django_assert_max_num_queries):
    assert "Twoje role" not in client.get("/konto/").content.decode()
    RoleGrant.objects.create(person=person, role="accounts.admin")
    with django_assert_max_num_queries(8):
        page = client.get("/konto/").content.decode()
    assert "Administrator" in page
    assert "całe miasto" in page


def test_own_data_are_changed_and_the_language_follows(client, person):
    answer = client.post("/konto/dane/", {"name": "Ewa Wilk", "phone": "+48 600 100 201", "language": "en"})
    assert answer["Location"] == "/konto/dane/"
    assert answer.cookies["django_language"].value == "en"
    person.refresh_from_db()
    assert (person.name, person.phone, person.language) == ("Ewa Wilk", "+48 600 100 201", "en")


def test_a_wrong_telephone_is_refused_with_an_example(client, person):
    page = client.post("/konto/dane/", {"name": "Ewa", "phone": "zadzwoń", "language": "pl"}).content.decode()
    assert "na przykład 600 100 200" in page
    person.refresh_from_db()
    assert person.phone == "600 100 200"


def test_the_export_holds_all_declared_data_of_the_person_and_nobody_elses(client, person):
    make_person(email="inna@przyklad.pl", name="Inna Osoba")
    assert client.get("/konto/dane/pobierz/").status_code == 405
    answer = client.post("/konto/dane/pobierz/")
    assert answer["Content-Disposition"].startswith('attachment; filename="moje-dane-')
    assert "no-cache" in answer["Cache-Control"] or "no-store" in answer["Cache-Control"]
    archive = ZipFile(BytesIO(b"".join(answer.streaming_content)))
    assert archive.namelist() == ["dane.json", "dane.html"]
    text, page = (archive.read(name).decode() for name in archive.namelist())
    data = json.loads(text)["data"]
    assert set(data) == {spec.key for spec in registry().all(PersonalData)}
    own = data["accounts.person"]["rows"][0]
    assert (own["email"], own["name"], own["phone"]) == ("ewa@przyklad.pl", "Ewa Lis", "600 100 200")
    assert "inna@przyklad.pl" not in text + page
    assert all(words in page for words in ("Ewa Lis", "600 100 200", "Moje dane"))


def test_the_erasure_asks_for_the_password(client, person):
    page = client.post("/konto/usun/", {"password": "zle"}).content.decode()
    assert "Hasło jest nieprawidłowe" in page
    person.refresh_from_db()
    assert person.erased_at is None


def test_an_erased_person_leaves_a_tombstone_without_any_personal_data(client, person):
    elsewhere = Client()
    elsewhere.force_login(person, backend=BACKEND)
    mail.enqueue(to=person.email, subject="Sprawa", text="Dzień dobry, Ewo")
    RoleGrant.objects.create(person=person, role="tests.clerk")
    assert client.post("/konto/usun/", {"password": PASSWORD})["Location"] == "/konto/usuniete/"
    assert client.get("/konto/usuniete/").status_code == 200
    person.refresh_from_db()
    assert (person.name, person.phone, person.is_active) == ("", "", False)
    assert "ewa" not in person.email
    assert person.erased_at is not None
    assert display_names([person.id]) == {person.id: "konto usunięte"}
    assert not EmailAddress.objects.filter(user=person).exists()
    assert not RoleGrant.objects.filter(person=person).exists()
    assert elsewhere.get("/konto/").status_code == 302
    assert personal.export_person(person.id) == []
    assert [message.subject for message in OutgoingMail.objects.filter(to="ewa@przyklad.pl")] == ["Konto zostało usunięte"]


def test_the_audit_of_an_erasure_holds_only_the_identifier(client, person):
    client.post("/konto/usun/", {"password": PASSWORD})
    row = changes.history(person.id)[-1]
    assert (row.action, row.actor_id, row.data) == ("accounts.person_erased", person.id, {})
    assert not Change.objects.filter(data__icontains="ewa").exists()


def test_the_address_of_an_erased_person_is_free_again(client, person):
    client.post("/konto/usun/", {"password": PASSWORD})
    assert services.register_person(email="ewa@przyklad.pl", by=SYSTEM).pk != person.pk


def test_nobody_erases_somebody_else():
    person = make_person()
    from django.core.exceptions import PermissionDenied

    for viewer in (make_viewer(), make_viewer(roles={"accounts.admin": None})):
        with pytest.raises(PermissionDenied):
            services.erase_person(person=person, by=viewer)


def test_an_erasure_that_fails_anywhere_changes_nothing(monkeypatch, person):
    def fail(person_id):
        raise RuntimeError("one of the declarations fails")

    monkeypatch.setattr("miasto.kernel.accounts.personal.registry", lambda: Broken(fail))
    with pytest.raises(RuntimeError):
        services.erase_person(person=person, by=viewer_for_person(person.id))
    person.refresh_from_db()
    assert person.name == "Ewa Lis"


class Broken:
    """A registry whose first declaration of personal data works and whose second fails."""

    def __init__(self, fail):
        works = PersonalData(
            key="tests.a", name="", purpose="", retention="", export=lambda one: [], erase=personal.erase_own_row
        )
        self.specs = [works, PersonalData(key="tests.b", name="", purpose="", retention="", export=lambda one: [], erase=fail)]

    def all(self, kind):
        return self.specs


def test_accounts_nobody_confirmed_are_erased_after_thirty_days():
    forgotten = make_person(confirmed=False, date_joined=clock.now() - timedelta(days=31))
    young = make_person(confirmed=False, date_joined=clock.now() - timedelta(days=29))
    confirmed = make_person(date_joined=clock.now() - timedelta(days=31))
    assert personal.forget_unconfirmed() == 1
    assert set(Person.objects.filter(erased_at=None)) == {young, confirmed}
    assert Person.objects.get(pk=forgotten.pk).email.endswith("@erased.invalid")


def test_the_daily_job_runs_every_term_even_after_another_failed(run_jobs):
    from miasto.kernel.accounts import jobs

    make_person(confirmed=False, date_joined=clock.now() - timedelta(days=31))
    jobs.expire()
    assert "accounts.expire_one" in run_jobs(only="accounts.expire_one")
    assert Person.objects.filter(erased_at=None).count() == 0


def test_pages_of_the_account_are_not_cached(client, person):
    for url in OWN_PAGES[:4]:
        assert "no-store" in client.get(url)["Cache-Control"]


def test_a_members_panel_link_shows_only_with_a_role(client):
    client.force_login(make_staff("accounts.admin", password=PASSWORD), backend=BACKEND)
    assert "/panel/" in client.get("/konto/").content.decode()
