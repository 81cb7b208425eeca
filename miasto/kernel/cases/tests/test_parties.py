"""Filing together: invitation, confirmation, what each may see, and what nobody learns."""

import re

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from miasto.kernel.accounts.models import SecretLink
from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM
from miasto.kernel.accounts.services import open_link
from miasto.kernel.accounts.testing import make_person, make_viewer
from miasto.kernel.cases import selectors, services
from miasto.kernel.cases.models import CaseParty
from miasto.kernel.cases.testing import file_one, filer_of, make_case, solve
from miasto.kernel.core.models import OutgoingMail

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("matter")]
NEIGHBOUR = "sasiadka@przyklad.pl"


def link_in(mail):
    return re.search(r"/sprawy/\S+/", mail.text).group()


def mail_to(address):
    return OutgoingMail.objects.filter(to=address).order_by("queued_at").last()


@pytest.fixture
def invited(run_jobs):
    """A case whose filer invited a neighbour, and the invitation's address."""
    case = make_case()
    services.invite(case=case, emails=[NEIGHBOUR], by=filer_of(case))
    run_jobs(only="core.deliver")
    return case, link_in(mail_to(NEIGHBOUR))


def test_an_invited_person_who_confirms_sees_the_private_page(invited, client):
    case, address = invited
    page = client.get(address).content.decode()
    assert case.number in page
    assert "Dziura w jezdni" not in page, "before joining nothing of the words is shown"
    answer = client.post(address, {"name": "Anna Sąsiadka"}, follow=True)
    assert "Dziura w jezdni" in answer.content.decode()
    case.refresh_from_db()
    assert case.co_filers == 1


def test_nobody_joins_by_looking_at_the_invitation(invited, client):
    case, address = invited
    client.get(address)
    case.refresh_from_db()
    assert case.co_filers == 0
    assert client.get(f"/sprawy/{case.number}/").context["case"].is_filer is False


def test_a_co_filer_does_not_see_the_filers_contact_nor_who_the_others_are(invited, client):
    case, address = invited
    services.invite(case=case, emails=["trzecia@przyklad.pl"], by=filer_of(case))
    client.post(address, {"name": "Anna Sąsiadka"})
    page = client.get(f"/sprawy/{case.number}/").content.decode()
    assert "mieszkanka@przyklad.pl" not in page
    assert "trzecia@przyklad.pl" not in page
    assert "2 os" in page


def test_the_public_sees_only_how_many_they_are(invited, client):
    case, address = invited
    client.post(address, {"name": "Anna Sąsiadka"})
    page = Client().get(f"/sprawy/{case.number}/").content.decode()
    assert "2 os" in page
    assert "Anna Sąsiadka" not in page
    assert NEIGHBOUR not in page


def test_each_co_filer_gets_the_messages_with_a_link_of_their_own(invited, client, run_jobs):
    case, address = invited
    client.post(address, {"name": "Anna Sąsiadka"})
    run_jobs()
    case.refresh_from_db()
    solve(case, by=SYSTEM)
    run_jobs()
    own = mail_to(NEIGHBOUR)
    assert "Załatane dzisiaj" in own.text
    assert mail_to("mieszkanka@przyklad.pl").text != own.text
    fresh = Client()
    assert fresh.get(link_in(own), follow=True).context["case"].is_filer


def test_a_link_passed_on_asks_for_an_address_and_waits_until_it_is_confirmed(run_jobs, client):
    case = make_case()
    token = services.invitation_link(case=case, by=filer_of(case))
    assert client.post(f"/sprawy/wspolnie/{token}/", {"name": "Jan"}).context["form"].errors
    sent = client.post(f"/sprawy/wspolnie/{token}/", {"name": "Jan", "email": NEIGHBOUR})
    assert "Sprawdź pocztę" in sent.content.decode()
    run_jobs(only="core.deliver")
    case.refresh_from_db()
    assert case.co_filers == 0
    client.post(link_in(mail_to(NEIGHBOUR)), {"name": "Jan"})
    case.refresh_from_db()
    assert case.co_filers == 1


def test_an_invitation_opens_no_case_as_a_secret_link(run_jobs, client):
    case = make_case()
    token = services.invitation_link(case=case, by=filer_of(case))
    assert client.get(f"/sprawy/s/{token}/").status_code == 404
    assert open_link(token).object_id != case.pk


def test_a_removed_co_filer_loses_the_link_and_their_data(invited, client):
    case, address = invited
    client.post(address, {"name": "Anna Sąsiadka"})
    party = CaseParty.objects.get(case=case, role="co_filer")
    assert services.remove(case=case, party_id=party.pk, by=filer_of(case))
    assert not client.get(f"/sprawy/{case.number}/").context["case"].is_filer
    assert client.get(address).status_code == 404
    assert not CaseParty.objects.filter(email=NEIGHBOUR).exists()


def test_strangers_and_co_filers_invite_nobody(invited, client):
    case, address = invited
    client.post(address, {"name": "Anna"})
    for who in (ANONYMOUS, make_viewer()):
        with pytest.raises(PermissionDenied):
            services.invite(case=case, emails=["x@przyklad.pl"], by=who)
    refused = client.post(f"/sprawy/{case.number}/wspolnie/", {"do": "invite", "emails": "x@przyklad.pl"})
    assert refused.status_code == 403
    assert Client().post(f"/sprawy/{case.number}/wspolnie/", {"do": "link"}).status_code == 403


def test_only_somebody_who_confirmed_speaks_for_the_group(invited, client):
    case, address = invited
    party = CaseParty.objects.get(case=case, role="co_filer")
    with pytest.raises(ValidationError):
        services.appoint(case=case, party_id=party.pk, by=filer_of(case))
    client.post(address, {"name": "Anna Sąsiadka"})
    services.appoint(case=case, party_id=party.pk, by=filer_of(case))
    assert selectors.case_page(case.number, filer_of(case)).group.representative == "Anna Sąsiadka"
    services.appoint(case=case, party_id=None, by=filer_of(case))
    assert selectors.case_page(case.number, filer_of(case)).group.representative == ""


def test_the_filer_invites_on_the_page_and_a_wrong_address_is_named(client):
    filed = file_one()
    client.get(f"/sprawy/s/{filed.token}/")
    wrong = client.post(f"/sprawy/{filed.case.number}/wspolnie/", {"do": "invite", "emails": f"{NEIGHBOUR}, nie-adres"})
    assert "nie-adres" in str(wrong.context["group_form"].errors)
    done = client.post(f"/sprawy/{filed.case.number}/wspolnie/", {"do": "invite", "emails": NEIGHBOUR}, follow=True)
    assert NEIGHBOUR in done.content.decode()
    made = client.post(f"/sprawy/{filed.case.number}/wspolnie/", {"do": "link"}).content.decode()
    assert "/sprawy/wspolnie/" in made


def test_nobody_is_invited_twice(invited):
    case, _address = invited
    assert services.invite(case=case, emails=[NEIGHBOUR.upper()], by=filer_of(case)) == []


def test_erasure_takes_the_group_with_it(invited, client):
    case, address = invited
    client.post(address, {"name": "Anna Sąsiadka"})
    services.erase_personal(case=case, by=SYSTEM)
    assert not CaseParty.objects.filter(case=case).exclude(name="", email="").exists()
    assert not client.get(f"/sprawy/{case.number}/").context["case"].is_filer
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("written", ["600 100 200", "+48 600-100-200", "0048600100200"])
def test_the_cases_of_a_telephone_number_are_found_however_it_is_written(written):
    from miasto.kernel.cases.services import Contact

    case = make_case(contact=Contact(phone=written))
    clerk = make_viewer(roles={"cases.clerk": case.unit})
    assert [row.number for row in selectors.cases_of_phone("+48600100200", clerk)] == [case.number]
    assert selectors.cases_of_phone("+48600100201", clerk) == []
    assert selectors.cases_of_phone("112", clerk) == []
    assert selectors.cases_of_phone("+48600100200", make_viewer()) == [], "who is no staff of the case learns nothing"


@pytest.fixture
def neighbour():
    """The browser of somebody who has an account with the neighbour's confirmed address."""
    person = make_person(email=NEIGHBOUR)
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_who_joined_finds_the_case_among_the_own_ones_of_the_account(invited, neighbour):
    case, address = invited
    assert case.number not in neighbour.get("/konto/sprawy/").content.decode(), "an invitation is not yet a confirmation"
    Client().post(address, {"name": "Anna Sąsiadka"})
    assert case.number in neighbour.get("/konto/sprawy/", follow=True).content.decode()
    view = neighbour.get(f"/sprawy/{case.number}/").context["case"]
    assert view.is_filer
    assert view.party is None
    assert view.group.others == []
    assert not view.group.may_invite


def test_looking_again_makes_no_further_link(invited, neighbour):
    case, address = invited
    Client().post(address, {"name": "Anna Sąsiadka"})
    neighbour.get("/konto/sprawy/", follow=True)
    made = SecretLink.objects.filter(object_id=case.pk).count()
    assert neighbour.get("/konto/sprawy/").status_code == 200
    assert SecretLink.objects.filter(object_id=case.pk).count() == made


def test_an_address_that_is_not_confirmed_for_the_account_opens_nothing(invited):
    case, address = invited
    Client().post(address, {"name": "Anna Sąsiadka"})
    stranger = make_person(email=NEIGHBOUR, confirmed=False)
    client = Client()
    client.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")
    assert case.number not in client.get("/konto/sprawy/", follow=True).content.decode()


def test_who_was_taken_out_of_the_group_loses_the_case_in_the_account_too(invited, neighbour):
    case, address = invited
    Client().post(address, {"name": "Anna Sąsiadka"})
    neighbour.get("/konto/sprawy/", follow=True)
    services.remove(case=case, party_id=CaseParty.objects.get(email=NEIGHBOUR).pk, by=SYSTEM)
    assert case.number not in neighbour.get("/konto/sprawy/", follow=True).content.decode()
    assert not neighbour.get(f"/sprawy/{case.number}/").context["case"].is_filer
