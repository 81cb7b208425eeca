"""The register of petitions: what everybody reads of a petition, and when."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM
from miasto.kernel.accounts.testing import make_staff, make_viewer
from miasto.kernel.cases import selectors as cases
from miasto.kernel.cases import services
from miasto.kernel.core import clock
from miasto.modules.contact_centre.mail.case_types import COMPLAINT, PETITION
from miasto.modules.contact_centre.mail.services import Decision, decide, take_in
from miasto.modules.contact_centre.mail.tests.letters import message
from miasto.modules.contact_centre.petitions import selectors
from miasto.modules.contact_centre.petitions.services import ask_opinion, receive_opinion

pytestmark = pytest.mark.django_db
LAST_YEAR = datetime(2025, 3, 3, 9, 0, tzinfo=UTC)
TITLE = "Petycja o ławki w parku"
WORDS = f"{TITLE}\n\nProsimy o dziesięć ławek. Jan Kanarkowy, tel. 600 700 800."
MASKED = f"{TITLE}\n\nProsimy o dziesięć ławek."


@pytest.fixture
def file(unit):
    """Files a petition; ``at`` is when it reaches the city."""

    def made(*, agreed=False, at=None, words=WORDS):
        contact = services.Contact(name="Jan Kanarkowy", email="jan@example.org", name_public=agreed)
        with clock.at(at or clock.now()):
            return services.file_case(
                case_type=PETITION, category=None, description=words, point=None, contact=contact,
                answers={"address": "ul. Kanarkowa 7"}, by=ANONYMOUS,
            ).case  # fmt: skip

    return made


def words_of(client, address):
    return client.get(address).content.decode()


def shown(client, case):
    return words_of(client, reverse("petitions:petition", args=[case.number]))


def publish(case):
    return services.decide_text(case=case, publish=True, edited=MASKED, by=SYSTEM)


def test_a_petition_is_in_the_register_at_once_and_its_words_after_a_person_let_them_through(client, file):
    case = file()
    for page in (shown(client, case), words_of(client, "/petycje/"), words_of(client, f"/sprawy/{case.number}/")):
        assert case.number in page
        assert "ławek" not in page
        assert "ławki" not in page
        assert "Kanarkow" not in page
        assert "600 700 800" not in page
    publish(case)
    page = shown(client, case)
    assert TITLE in page
    assert "Prosimy o dziesięć ławek." in page
    assert "Kanarkow" not in page
    assert "600 700 800" not in page
    assert TITLE in client.get("/petycje/").content.decode()


def test_a_petition_that_waits_stands_on_the_desk_of_publication(client, file, unit):
    case = file()
    client.force_login(make_staff("cases.supervisor", unit), backend="django.contrib.auth.backends.ModelBackend")
    assert case.number in words_of(client, "/panel/centrum/publikacja/")


@pytest.mark.parametrize("agreed", [True, False])
def test_the_name_is_published_only_on_consent(client, file, agreed):
    case = file(agreed=agreed)
    assert ("Jan Kanarkowy" in shown(client, case)) is agreed
    assert "Kanarkowa 7" not in shown(client, case)


def test_consent_is_taken_back_and_erasure_takes_the_name_too(client, file):
    case = file(agreed=True)
    [named] = cases.names_of(case, SYSTEM)
    assert services.agree_to_name(case=case, party_id=named.id, agreed=False, by=SYSTEM)
    assert "Jan Kanarkowy" not in shown(client, case)
    services.agree_to_name(case=case, party_id=named.id, agreed=True, by=SYSTEM)
    services.erase_personal(case=case, by=SYSTEM)
    assert "Jan Kanarkowy" not in shown(client, case)


def test_a_stranger_may_not_speak_for_the_name_of_another(file):
    case = file()
    [named] = cases.names_of(case, SYSTEM)
    with pytest.raises(PermissionDenied):
        services.agree_to_name(case=case, party_id=named.id, agreed=True, by=ANONYMOUS)
    assert cases.names_of(case, ANONYMOUS) == []


def test_those_who_sign_together_are_named_each_on_their_own_consent(client, file, run_jobs, mailoutbox):
    case = file(agreed=True)
    parties = services.invite(case=case, emails=["ewa@example.org", "adam@example.org"], by=SYSTEM)
    for party, name, agreed in zip(parties, ("Ewa Zgodna", "Adam Skryty"), (True, False), strict=True):
        services.join(invitation=cases.Invitation(case, party), name=name, name_public=agreed)
    page = shown(client, case)
    assert "Jan Kanarkowy" in page
    assert "Ewa Zgodna" in page
    assert "3 osoby" in page.replace("3 osób", "3 osoby")
    assert "Adam Skryty" not in page
    assert "ewa@example.org" not in page


def test_the_form_of_an_invitation_asks_for_the_consent_where_names_may_be_published(client, file, run_jobs, mailoutbox):
    case = file()
    url = reverse("cases:join", args=[services.invitation_link(case=case, by=SYSTEM)])
    assert 'name="name_public"' in words_of(client, url)
    client.post(url, {"name": "Ewa Zgodna", "email": "ewa@example.org", "name_public": "on"})
    assert "Ewa Zgodna" not in shown(client, case)
    run_jobs()
    [own] = re.findall(r"/sprawy/wspolnie/[^/]+/", mailoutbox[-1].body)
    client.post(own, {"name": "Ewa Zgodna", "name_public": "on"})
    assert "Ewa Zgodna" in shown(client, case)


def test_the_operator_who_takes_a_petition_in_writes_the_consent_down(client, unit, by, run_jobs):
    letter = take_in(message("Petycja o ławki.").as_bytes())
    run_jobs()
    letter.refresh_from_db()
    case = decide(letter=letter, decision=Decision(key="petition", name="Ewa Zgodna", postal="x", name_public=True), by=by).case
    assert case.public
    assert "Ewa Zgodna" in shown(client, case)


def test_opinions_and_the_settlement_are_told(client, file, unit):
    case, clerk = file(), make_viewer({"cases.clerk": unit})
    opinion = ask_opinion(case=case, body="Komisja Urbanistyczna", asked_on=clock.today(), by=clerk)
    assert "czekamy na odpowiedź" in shown(client, case)
    receive_opinion(opinion_id=opinion.pk, received_on=clock.today(), gist="Popiera dziesięć ławek.", by=clerk)
    assert "Popiera dziesięć ławek." in shown(client, case)
    services.take_step(case=case, transition="partly", answer="Stanie pięć ławek.", by=clerk)
    page = shown(client, case)
    assert "Uwzględniona częściowo" in page
    assert "Stanie pięć ławek." in page


def test_an_opinion_holds_no_private_persons_data_and_no_day_to_come(file, unit):
    case, clerk = file(), make_viewer({"cases.clerk": unit})
    with pytest.raises(ValidationError) as refused:
        ask_opinion(case=case, body="pan Jan Nowak, tel. 600 700 800", asked_on=clock.today() + timedelta(days=1), by=clerk)
    assert set(refused.value.message_dict) == {"body", "asked_on"}
    with pytest.raises(PermissionDenied):
        ask_opinion(case=case, body="Komisja", asked_on=clock.today(), by=ANONYMOUS)


def test_a_lawful_extension_is_told_with_its_new_day(client, file, unit):
    case, clerk = file(), make_viewer({"cases.clerk": unit})
    services.take_step(case=case, transition="extend", reason="Czekamy na opinię.", by=clerk)
    assert "termin przedłużono" in shown(client, case)


def test_the_yearly_information_lists_what_was_settled_in_the_year(client, file):
    with clock.at(LAST_YEAR):
        case = file(at=LAST_YEAR)
        publish(case)
        services.take_step(case=case, transition="grant", answer="Ławki staną.", by=SYSTEM)
        file(at=LAST_YEAR, words="Inna petycja")
    page = client.get("/petycje/rok/2025/").content.decode()
    assert case.number in page
    assert TITLE in page
    assert "Inna petycja" not in page
    table = client.get("/petycje/rok/2025.csv").content.decode().splitlines()
    assert table[0].startswith("numer,przedmiot,data_zlozenia")
    assert table[1] == f"{case.number},{TITLE},2025-03-03,2025-03-03,Uwzględniona,{case.unit.name},1"
    assert len(table) == 2
    assert "/petycje/rok/2025/" in client.get("/petycje/").content.decode()
    assert client.get(f"/petycje/rok/{clock.today().year}/").status_code == 404


def test_the_list_asks_few_queries_however_many_petitions_there_are(client, file, django_assert_max_num_queries):
    for number in range(12):
        file(words=f"Petycja {number}")
    with django_assert_max_num_queries(9):
        client.get("/petycje/?stan=otwarte")


def test_other_letters_stay_out_of_the_register(client, unit):
    made = services.file_case(case_type=COMPLAINT, category=None, description="Skarga", point=None, by=ANONYMOUS).case
    assert not made.public
    assert client.get(f"/petycje/{made.number}/").status_code == 404
    assert selectors.petitions().count() == 0


def test_a_petition_written_on_the_page_needs_an_e_mail_and_asks_for_the_consent(client, unit):
    words = {"form_key": "a" * 20, "body": WORDS, "name": "Jan Kanarkowy", "postal": "ul. Próbna 1"}
    assert "art. 4 ust. 5" in client.post("/petycje/nowa/", words).content.decode()
    sent = client.post("/petycje/nowa/", {**words, "email": "jan@example.org", "name_public": "on"}, follow=True)
    assert "publicznym rejestrze" in sent.content.decode()
    [case] = selectors.petitions()
    assert "Jan Kanarkowy" in client.get(f"/petycje/{case.number}/").content.decode()


def test_staff_note_opinions_and_consents_on_one_page(client, file, unit):
    case = file()
    client.force_login(make_staff("cases.clerk", unit), backend="django.contrib.auth.backends.ModelBackend")
    url = reverse("petitions_panel:petition", args=[case.number])
    day = clock.today()
    asked = {
        "do": "ask",
        "body": "Rada osiedla",
        "asked_on_0": day.day,
        "asked_on_1": day.month,
        "asked_on_2": day.year,
    }
    assert client.post(url, asked).status_code == 302
    [opinion] = selectors.opinions_of(case.pk)
    refused = client.post(url, {"do": "received", "opinion": str(opinion.pk), "gist": "Tak", "received_on_0": "40"})
    assert refused.status_code == 200
    assert "Podaj prawdziwą datę" in refused.content.decode()
    [named] = cases.names_of(case, SYSTEM)
    client.post(url, {"do": "agree", "party": named.id})
    assert "Jan Kanarkowy" in shown(client, case)
    assert client.get(f"/panel/sprawy/{case.number}/").status_code == 200


def test_nobody_says_me_too_to_a_petition(client, file):
    case = file()
    assert "Mnie też to dotyczy" not in client.get(f"/sprawy/{case.number}/").content.decode()
    with pytest.raises(ValidationError):
        services.support(case=case, by=make_viewer(), device="abc")
