"""What an operator decides of a letter, and what the law makes of it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM
from miasto.kernel.accounts.testing import make_unit, make_viewer
from miasto.kernel.cases import selectors as cases
from miasto.kernel.cases import services as case_services
from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.modules.contact_centre.mail import privacy, selectors
from miasto.modules.contact_centre.mail.case_types import COMPLAINT, INFORMATION, PETITION, PROPOSAL
from miasto.modules.contact_centre.mail.classes import CLASSES
from miasto.modules.contact_centre.mail.models import Letter, State
from miasto.modules.contact_centre.mail.services import Decision, decide, join, register_paper, reopen, take_in, write_back
from miasto.modules.contact_centre.mail.tests.letters import SENDER, message, reply_to

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 8, 31, 8, 0, tzinfo=UTC)


def received(run_jobs, mail=None) -> Letter:
    letter = take_in((mail or message()).as_bytes())
    run_jobs()
    return fresh(letter)


def fresh(letter: Letter) -> Letter:
    return Letter.objects.select_related("text", "case", "maybe_case").get(pk=letter.pk)


@pytest.fixture
def letter(unit, run_jobs, mailoutbox):
    with clock.at(MONDAY):
        return received(run_jobs)


@pytest.mark.parametrize(
    ("key", "case_type", "prefix", "due_on"),
    [
        ("complaint", COMPLAINT, "SK", date(2026, 9, 30)),
        ("proposal", PROPOSAL, "WN", date(2026, 9, 30)),
        ("petition", PETITION, "PE", date(2026, 11, 30)),
        ("information", INFORMATION, "IP", date(2026, 9, 14)),
    ],
)
def test_the_clock_of_the_law_runs_from_the_receipt_of_the_letter(letter, by, unit, key, case_type, prefix, due_on):
    """Received on 31 August: a month ends on 30 September, three on 30 November (KPA art. 57 § 3), 14 days on 14 September."""
    with clock.at(MONDAY + timedelta(days=5)):
        case = decide(letter=letter, decision=Decision(key=key), by=by).case
    assert (case.case_type, case.due_on, case.unit, case.channel) == (case_type, due_on, unit, "email")
    assert case.number.startswith(f"{prefix}-")
    assert case.public is (key == "petition")
    assert fresh(letter).state == State.SORTED


def test_what_the_page_says_before_the_choice_is_what_the_case_gets(letter, by):
    received_on = clock.local(letter.received_at).date()
    for one in CLASSES:
        if one.due_on(received_on) is None:
            continue
        with clock.at(MONDAY + timedelta(days=1)):
            other = take_in(message(f"List na próbę {one.key}.").as_bytes())
        Letter.objects.filter(pk=other.pk).update(state=State.WAITING, received_at=letter.received_at)
        case = decide(letter=fresh(other), decision=Decision(key=one.key), by=by).case
        assert case.due_on == one.due_on(received_on)


def test_a_report_with_a_place_is_filed_with_the_channel_of_e_mail(letter, by, pothole, run_jobs, mailoutbox):
    decision = Decision(key="report", category=pothole, point=city().centre, address_text="ul. Próbna 7")
    case = decide(letter=letter, decision=decision, by=by).case
    assert (case.category, case.channel, case.stage, case.address_text) == (pothole, "email", "received", "ul. Próbna 7")
    run_jobs()
    assert case.number in mailoutbox[-1].subject
    assert mailoutbox[-1].to == [SENDER]


def test_a_report_without_a_place_asks_for_it_and_the_reply_lands_in_the_case(letter, by, pothole, run_jobs, mailoutbox):
    decision = Decision(key="report", category=pothole, complete="Gdzie to jest?")
    case = decide(letter=letter, decision=decision, by=by).case
    assert (case.stage, case.clock, case.geom) == ("question", "paused", None)
    run_jobs()
    asked = mailoutbox[-1]
    assert "Gdzie to jest?" in asked.body
    joined = received(run_jobs, reply_to(asked, "Ulica Próbna 7."))
    assert (joined.state, joined.case_id) == (State.JOINED, case.pk)
    view = cases.case_by_id(case.pk, SYSTEM)
    assert (view.stage.key, view.comments[-1].body) == ("in_progress", "Ulica Próbna 7.")


def test_a_report_needs_its_category(letter, by):
    with pytest.raises(ValidationError) as refused:
        decide(letter=letter, decision=Decision(key="report"), by=by)
    assert "category" in refused.value.message_dict


def test_a_complaint_without_name_and_address_is_answered_by_a_request_while_the_clock_runs(letter, by, run_jobs, mailoutbox):
    from miasto.modules.contact_centre.mail.drafts import identity

    letter.text.sender_name = ""
    words = identity(letter.text)
    assert "imię i nazwisko i adres do korespondencji" in words
    case = decide(letter=letter, decision=Decision(key="complaint", complete=words), by=by).case
    assert (case.stage, case.clock, case.due_on) == ("completion", "runs", date(2026, 9, 30))
    run_jobs()
    assert "termin sprawy nie biegnie" not in mailoutbox[-1].body
    assert "pozostawić pismo bez rozpoznania" in mailoutbox[-1].body


def test_the_address_that_the_operator_reads_in_the_letter_goes_into_the_case(letter, by):
    decision = Decision(key="complaint", name="Jan Kowal", postal="ul. Próbna 1, 25-001 Miasto")
    case = decide(letter=letter, decision=decision, by=by).case
    assert ("Adres do korespondencji", "ul. Próbna 1, 25-001 Miasto") in cases.case_by_id(case.pk, SYSTEM).answers


def test_deciding_otherwise_keeps_the_case_its_number_and_the_day_of_receipt(letter, by):
    case = decide(letter=letter, decision=Decision(key="complaint"), by=by).case
    again = decide(letter=fresh(letter), decision=Decision(key="petition"), by=by).case
    assert (again.pk, again.number, again.filed_at) == (case.pk, case.number, case.filed_at)
    assert (again.case_type, again.due_on) == (PETITION, date(2026, 11, 30))


def test_a_case_does_not_vanish_because_its_letter_is_called_spam(letter, by):
    decide(letter=letter, decision=Decision(key="complaint"), by=by)
    with pytest.raises(ValidationError):
        decide(letter=fresh(letter), decision=Decision(key="spam"), by=by)


def test_an_application_gets_the_answer_that_says_how_to_file_it_and_no_case(letter, by, run_jobs, mailoutbox):
    from miasto.modules.contact_centre.mail.drafts import application

    words = application(letter.text)
    assert "e-Doręczenia" in words
    assert "art. 63 § 1" in words
    with pytest.raises(ValidationError):
        decide(letter=letter, decision=Decision(key="application"), by=by)
    decided = decide(letter=letter, decision=Decision(key="application", reply=words), by=by)
    assert decided.case is None
    run_jobs()
    sent = mailoutbox[-1]
    assert sent.to == [SENDER]
    assert sent.extra_headers["In-Reply-To"] == letter.message_id
    assert sent.extra_headers["Auto-Submitted"] == "no"
    assert "e-Doręczenia" in sent.body


def test_the_reply_to_an_answer_without_a_case_comes_back_as_a_letter_of_the_same_thread(letter, by, run_jobs, mailoutbox):
    decide(letter=letter, decision=Decision(key="question", reply="Otwarte do 15.30."), by=by)
    run_jobs()
    second = received(run_jobs, reply_to(mailoutbox[-1], "A w piątek?"))
    assert (second.earlier_id, second.state, second.text.body) == (letter.pk, State.WAITING, "A w piątek?")


def test_spam_gets_no_answer_and_its_words_go_after_a_month(letter, by, run_jobs, mailoutbox):
    before = len(mailoutbox)
    decide(letter=letter, decision=Decision(key="spam"), by=by)
    run_jobs()
    assert len(mailoutbox) == before
    with clock.at(MONDAY + timedelta(days=31)):
        assert privacy.expire() == 1
    assert fresh(letter).text.body == privacy.ERASED
    assert fresh(letter).text.sender_email == ""


def test_the_original_goes_after_ninety_days_and_the_words_of_a_case_stay(letter, by):
    decide(letter=letter, decision=Decision(key="complaint"), by=by)
    with clock.at(MONDAY + timedelta(days=91)):
        privacy.expire()
    assert fresh(letter).raw_id is None
    assert fresh(letter).text.body


def test_a_decision_can_be_taken_back_until_there_is_a_case(letter, by):
    decide(letter=letter, decision=Decision(key="thanks"), by=by)
    assert reopen(letter=fresh(letter), by=by).state == State.WAITING
    decide(letter=fresh(letter), decision=Decision(key="complaint"), by=by)
    with pytest.raises(ValidationError):
        reopen(letter=fresh(letter), by=by)


def test_two_operators_do_not_decide_the_same_letter_twice(letter, by):
    decide(letter=letter, decision=Decision(key="thanks"), by=by, version=letter.version)
    with pytest.raises(case_services.Conflict):
        decide(letter=letter, decision=Decision(key="complaint"), by=by, version=letter.version)


def test_only_those_who_sort_letters_may_decide_and_read_them(letter, unit):
    clerk = make_viewer(roles={"cases.clerk": unit})
    for viewer in (ANONYMOUS, clerk):
        with pytest.raises(PermissionDenied):
            decide(letter=letter, decision=Decision(key="spam"), by=viewer)
        assert not Letter.objects.visible_to(viewer).exists()


def test_the_clerk_of_a_case_reads_its_letters_and_no_others(letter, by, unit):
    clerk, stranger = make_viewer(roles={"cases.clerk": unit}), make_viewer(roles={"cases.clerk": make_unit()})
    decide(letter=letter, decision=Decision(key="complaint"), by=by)
    assert Letter.objects.visible_to(clerk).get() == letter
    assert not Letter.objects.visible_to(stranger).exists()


def test_a_letter_that_names_a_case_is_joined_by_the_operator_as_the_filers_or_as_a_note(letter, by, pothole, run_jobs):
    case = case_services.file_case(
        case_type="contact_centre.report", category=pothole, description="Dziura", point=city().centre, by=ANONYMOUS
    ).case
    join(letter=letter, case=case, as_filer=True, by=by)
    other = received(run_jobs, message("Ja też tam byłem.", subject=f"[{case.number}]", From="inny@przyklad.pl"))
    assert other.maybe_case == case
    join(letter=other, case=case, as_filer=False, by=by)
    said = [(made.audience, made.by_staff) for made in cases.case_by_id(case.pk, SYSTEM).comments]
    assert said == [("public", False), ("internal", True)]


def test_a_message_to_the_sender_decides_nothing(letter, by, run_jobs, mailoutbox):
    write_back(letter=letter, body="Czy chodzi o ulicę Próbną?", by=by)
    run_jobs()
    assert "Czy chodzi o ulicę Próbną?" in mailoutbox[-1].body
    assert fresh(letter).state == State.WAITING


def test_a_letter_on_paper_goes_the_same_way_from_its_day_of_receipt(by, unit):
    values = {
        "received_at": MONDAY,
        "subject": "Skarga",
        "body": "Skarżę się.",
        "name": "Jan Kowal",
        "client_key": "paper:1",
        "by": by,
    }
    letter = register_paper(**values)
    assert register_paper(**values).pk == letter.pk
    assert letter.suggested == "complaint"
    case = decide(letter=fresh(letter), decision=Decision(key="complaint"), by=by).case
    assert (case.channel, case.due_on) == ("letter", date(2026, 9, 30))


def test_an_extension_of_a_request_for_information_ends_two_months_after_the_receipt(letter, by):
    case = decide(letter=letter, decision=Decision(key="information"), by=by).case
    reason = "Czekamy na dokumenty z archiwum."
    assert case_services.take_step(case=case, transition="extend", reason=reason, by=by).due_on == date(2026, 11, 2)


def test_the_filer_reads_the_answer_on_the_page_of_the_case_and_nobody_else_does(letter, by, run_jobs, mailoutbox):
    from miasto.kernel.cases.testing import filer_of

    case = decide(letter=letter, decision=Decision(key="complaint", name="Jan"), by=by).case
    case_services.take_step(case=case, transition="answer", answer="Skarga jest zasadna.", by=by)
    assert cases.case_page(case.number, filer_of(case)).answer.body == "Skarga jest zasadna."
    with pytest.raises(type(case).DoesNotExist):
        cases.case_page(case.number, ANONYMOUS)
    run_jobs()
    assert "Skarga jest zasadna." in mailoutbox[-1].body


def test_erasing_a_case_erases_its_letters(letter, by, run_jobs):
    case = decide(letter=letter, decision=Decision(key="complaint"), by=by).case
    case_services.erase_personal(case=case, by=SYSTEM)
    run_jobs()
    assert fresh(letter).text.body == privacy.ERASED
    assert fresh(letter).message_id == ""


def test_the_list_asks_the_database_a_fixed_number_of_times(letter, by, run_jobs, django_assert_max_num_queries):
    for number in range(5):
        received(run_jobs, message(f"List {number}", Message_ID=f"<lista.{number}@przyklad.pl>"))
    with django_assert_max_num_queries(1):
        assert len(selectors.rows(selectors.letters(by))) == 6
    with django_assert_max_num_queries(1):
        selectors.counts(by)
    with django_assert_max_num_queries(17):
        selectors.letter_page(selectors.letter_for(letter.number, by), by)
    decide(letter=letter, decision=Decision(key="thanks"), by=by)
    with django_assert_max_num_queries(9):
        selectors.letter_page(selectors.letter_for(letter.number, by), by)


@pytest.fixture
def desk(client, operator):
    client.force_login(operator)
    return client


def page_of(letter):
    return reverse("letters:letter", args=[letter.number])


def test_the_page_shows_the_consequence_of_each_class_before_it_is_chosen(desk, letter, pothole):
    page = desk.get(page_of(letter)).content.decode()
    for words in ("w ciągu miesiąca", "3 miesięcy", "14 dni", "art. 63 § 1", "pozostaje bez rozpoznania", "30 września 2026"):
        assert words in page


def test_an_operator_decides_on_the_page(desk, letter, pothole):
    address = reverse("letters:decide", args=[letter.number, "complaint"])
    answer = desk.post(address, {"version": letter.version, "name": "Jan Kowal", "postal": "ul. Próbna 1", "email": SENDER})
    assert answer.status_code == 302
    assert fresh(letter).case.case_type == COMPLAINT
    page = desk.get(page_of(letter)).content.decode()
    assert fresh(letter).case.number in page


def test_an_attachment_is_a_download_and_never_runs(desk, run_jobs, unit):
    mail = message("Pismo w załączeniu.")
    mail.add_attachment(b"%PDF-1.7 <script>alert(1)</script>", maintype="application", subtype="pdf", filename="a.pdf")
    letter = received(run_jobs, mail)
    page = desk.get(page_of(letter)).content.decode()
    link = page.split("download")[0].rsplit('href="', 1)[1].split('"')[0]
    answer = desk.get(link)
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_what_a_sender_writes_is_text_on_the_page(desk, run_jobs, unit):
    letter = received(run_jobs, message("<script>alert(1)</script><img src=x onerror=alert(2)>", subject="<b>Temat</b>"))
    page = desk.get(page_of(letter)).content.decode()
    assert "<script>alert" not in page
    assert "<b>Temat" not in page


def test_a_complaint_without_a_name_is_sent_from_the_page_only_knowingly(client, unit):
    address = reverse("letters_web:complaint")
    typed = {"kind": "complaint", "body": "Skarżę się na zwłokę urzędu.", "form_key": "klucz"}
    warned = client.post(address, typed).content.decode()
    assert "Wiem, że pismo pozostanie bez rozpoznania" in warned
    assert "Skarżę się na zwłokę urzędu." in warned
    assert client.post(address, {**typed, "anonymous": "on"}).status_code == 302


def test_a_complaint_from_the_page_has_number_link_and_term(client, unit):
    typed = {"kind": "proposal", "body": "Proponuję ławkę.", "name": "Jan", "postal": "ul. Próbna 1", "form_key": "k1"}
    answer = client.post(reverse("letters_web:complaint"), typed, follow=True)
    page = answer.content.decode()
    assert "WN-" in page
    assert "/sprawy/s/" in page
    client.post(reverse("letters_web:complaint"), typed)
    assert cases.visible_cases(SYSTEM).filter(case_type=PROPOSAL).count() == 1


def test_a_request_for_information_needs_no_name_and_an_address_for_the_answer(client, unit):
    address = reverse("letters_information:form")
    typed = {"body": "Proszę o rejestr umów.", "form": "email", "form_key": "k2"}
    assert "Podaj adres e-mail" in client.post(address, typed).content.decode()
    assert client.post(address, {**typed, "email": SENDER}).status_code == 302
    assert cases.visible_cases(SYSTEM).get(case_type=INFORMATION).due_on
