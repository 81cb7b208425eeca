"""The Petitions Act's own steps and terms: sent on, completed, extended, considered together, repeated."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM
from miasto.kernel.accounts.testing import make_staff, make_viewer
from miasto.kernel.cases import selectors as cases
from miasto.kernel.cases import services
from miasto.kernel.core import clock
from miasto.modules.contact_centre.mail.case_types import PETITION
from miasto.modules.contact_centre.petitions import proceeding, selectors

pytestmark = pytest.mark.django_db
MONDAY = datetime(2025, 3, 3, 9, 0, tzinfo=UTC)


@pytest.fixture
def clerk(unit):
    return make_viewer({"cases.clerk": unit})


@pytest.fixture
def file(unit):
    def made(at=MONDAY, words="Petycja o ławki\n\nProsimy o ławki."):
        contact = services.Contact(name="Jan Kanarkowy", email="jan@example.org")
        with clock.at(at):
            return services.file_case(
                case_type=PETITION, category=None, description=words, point=None, contact=contact,
                answers={"address": "ul. Kanarkowa 7"}, by=ANONYMOUS,
            ).case  # fmt: skip

    return made


def due(case):
    case.refresh_from_db()
    return case.due_on


def shown(client, case):
    return client.get(reverse("petitions:petition", args=[case.number])).content.decode()


def days(number):
    return clock.at(MONDAY + timedelta(days=number))


def test_a_petition_is_sent_to_the_competent_body_and_the_petitioner_and_everybody_are_told(
    client, file, clerk, run_jobs, mailoutbox
):
    case = file()
    assert cases.last_day_of(PETITION, case.filed_at, "forward") == date(2025, 4, 2)
    with days(5):
        proceeding.transfer(case=case, body="Zarząd województwa", by=clerk)
        proceeding.transfer(case=case, body="Zarząd województwa", by=clerk)
    case.refresh_from_db()
    assert (case.stage, case.progress) == ("forwarded", "closed")
    run_jobs()
    [told] = [mail for mail in mailoutbox if "Zarząd województwa" in mail.body]
    assert "art. 6 ust. 1" in told.body
    page = shown(client, case)
    assert "Zarząd województwa" in page
    assert "art. 6 ust. 1 ustawy" in page


def test_a_part_of_a_petition_is_sent_on_and_the_rest_goes_on_here(client, file, clerk):
    case = file()
    with days(2):
        proceeding.transfer(case=case, body="Wody Polskie", gist="oczyszczenie rzeki", by=clerk)
    case.refresh_from_db()
    assert case.stage == "received"
    assert "oczyszczenie rzeki" in shown(client, case)


def test_a_transfer_names_no_private_person_and_is_nobodys_plain_step(file, clerk):
    case = file()
    with pytest.raises(ValidationError, match="bez danych osób"):
        proceeding.transfer(case=case, body="pan Jan Nowak, tel. 600 700 800", by=clerk)
    with pytest.raises(ValidationError):
        services.take_step(case=case, transition="forward", answer="Do kogo innego.", by=clerk)
    with pytest.raises(PermissionDenied):
        proceeding.transfer(case=case, body="Urząd", by=ANONYMOUS)
    with pytest.raises(PermissionDenied):
        services.take_own_step(case=case, transition="forward", answer="x", by=ANONYMOUS)


def test_a_call_to_complete_gives_fourteen_days_and_the_term_runs_anew_from_the_completion(file, clerk):
    case = file()
    assert due(case) == date(2025, 6, 3)
    with days(10):
        services.take_step(case=case, transition="complete", answer="Proszę podać adres.", by=clerk)
    with days(25):
        services.take_clock_step(case_id=case.pk, transition="not_completed", by=SYSTEM)
    case.refresh_from_db()
    assert case.stage == "not_completed"
    with clock.at(datetime(2025, 4, 1, 9, 0, tzinfo=UTC)):
        services.take_step(case=case, transition="completed", by=clerk)
        assert due(case) == date(2025, 7, 1)
        services.take_step(case=case, transition="extend", reason="Opinia się spóźnia.", by=clerk)
    assert due(case) == date(2025, 10, 1), "three months more than the term of art. 10 sec. 2"


def test_petitions_on_one_matter_wait_for_others_and_get_one_answer(client, file, clerk, run_jobs, mailoutbox):
    first, second = file(), file(MONDAY + timedelta(days=20))
    with days(21):
        until = date(2025, 5, 20)
        joint = proceeding.announce(petitions=[first, second], subject="Ławki w parku", wait_until=until, by=clerk)
        assert due(first) == due(second) == date(2025, 8, 20)
        with pytest.raises(ValidationError, match="czekamy do"):
            proceeding.settle(multiple=joint, manner="grant", answer="Będą ławki.", by=clerk)
    third, late = file(MONDAY + timedelta(days=60)), file(MONDAY + timedelta(days=90))
    with days(91):
        proceeding.add(multiple=joint, case=third, by=clerk)
        with pytest.raises(ValidationError, match="po ogłoszonym czasie"):
            proceeding.add(multiple=joint, case=late, by=clerk)
        assert due(third) == date(2025, 8, 20)
        listed = client.get("/petycje/").content.decode()
        assert "Ławki w parku" in listed
        announced = client.get(reverse("petitions:multiple", args=[joint.pk])).content.decode()
        assert all(one.number in announced for one in (first, second, third))
        assert "art. 11" in announced
        assert "Ławki w parku" in shown(client, first)
        assert proceeding.settle(multiple=joint, manner="partly", answer="Będzie pięć ławek.", by=clerk) == 3
    for one in (first, second, third):
        assert "Będzie pięć ławek." in shown(client, one)
        assert "termin przedłużono" not in shown(client, one)
    run_jobs()
    assert sum("Będzie pięć ławek." in mail.body for mail in mailoutbox) == 3


def test_what_may_not_be_considered_together_is_refused(file, clerk):
    first, far = file(), file(MONDAY + timedelta(days=40))
    with days(41):
        options = {"subject": "Ławki", "wait_until": clock.today() + timedelta(days=80), "by": clerk}
        with pytest.raises(ValidationError) as refused:
            proceeding.announce(petitions=[first, far], **options)
        assert set(refused.value.message_dict) == {"petitions", "wait_until"}
        with pytest.raises(ValidationError, match="co najmniej dwie"):
            proceeding.announce(petitions=[first], **{**options, "wait_until": clock.today()})


def test_a_repeated_petition_is_left_with_word_of_how_the_earlier_one_was_settled(client, file, clerk):
    first = file()
    with days(30):
        services.take_step(case=first, transition="decline", answer="Nie ma miejsca.", by=SYSTEM)
    again = file(MONDAY + timedelta(days=60))
    with days(61):
        with pytest.raises(ValidationError, match="Nie ma rozpatrzonej"):
            proceeding.leave_repeated(case=again, earlier=again.number, by=clerk)
        proceeding.leave_repeated(case=again, earlier=first.number.lower(), by=clerk)
    page = shown(client, again)
    assert "art. 12" in page
    assert first.number in page
    assert "nieuwzględniona" in page


def test_a_clerk_does_all_of_it_on_one_page(client, file, unit):
    first, second = file(clock.now() - timedelta(days=2)), file(clock.now() - timedelta(days=1))
    client.force_login(make_staff("cases.clerk", unit), backend="django.contrib.auth.backends.ModelBackend")
    url = reverse("petitions_panel:proceeding", args=[first.number])
    until = clock.today() + timedelta(days=14)
    day = {"wait_until_0": until.day, "wait_until_1": until.month, "wait_until_2": until.year}
    assert client.post(url, {"do": "joint", "subject": "", "petitions": [second.number], **day}).status_code == 200
    assert client.post(url, {"do": "joint", "subject": "Ławki", "petitions": [second.number], **day}).status_code == 302
    assert selectors.multiple_of(second.pk).wait_until == until
    client.post(url, {"do": "transfer", "body": "Wody Polskie", "gist": "rzeka"})
    assert [one.body for one in selectors.transfers_of(first.pk)] == ["Wody Polskie"]
    refused = client.post(url, {"do": "settle", "manner": "grant", "answer": "Tak."})
    assert "Odpowiedz po tym dniu" in refused.content.decode()
    assert "Przekaż, połącz, powtórzona" in client.get(f"/panel/sprawy/{first.number}/").content.decode()
    third = file(clock.now())
    client.post(reverse("petitions_panel:proceeding", args=[third.number]), {"do": "transfer", "body": "Powiat"})
    assert selectors.petition(third.number).row.settled
