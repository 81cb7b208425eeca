"""Letters taken in and read: idempotent, put where they belong, acknowledged once, never in a loop."""

import io
import zipfile

import pytest
from django.apps import apps
from PIL import Image

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM
from miasto.kernel.accounts.testing import make_unit
from miasto.kernel.cases import selectors as cases
from miasto.kernel.cases.services import Contact, file_case, split, take_step
from miasto.kernel.core import replies
from miasto.kernel.core.city import city
from miasto.modules.contact_centre.case_type import KEY
from miasto.modules.contact_centre.mail.intake import take_in
from miasto.modules.contact_centre.mail.models import Letter, State, Undeliverable
from miasto.modules.contact_centre.mail.tests.letters import SENDER, bounce_of, message, reply_to

pytestmark = pytest.mark.django_db


def received(mail, run_jobs, **envelope):
    letter = take_in(mail if isinstance(mail, bytes) else mail.as_bytes(), **{"source": "lmtp", **envelope})
    run_jobs()
    return Letter.objects.select_related("text", "case", "maybe_case").get(pk=letter.pk)


@pytest.fixture
def case(pothole, run_jobs, mailoutbox):
    """A report whose filer has had the message of its receipt."""
    filed = file_case(
        case_type=KEY,
        category=pothole,
        description="Dziura jak talerz.",
        point=city().centre,
        contact=Contact(email=SENDER),
        by=ANONYMOUS,
    ).case
    run_jobs()
    return filed


def words_of(case):
    return [made.body for made in cases.case_by_id(case.pk, SYSTEM).comments]


def test_a_letter_gets_a_number_waits_for_an_operator_and_its_sender_is_told_once(db, run_jobs, mailoutbox):
    letter = received(message("Na ulicy Próbnej jest dziura w jezdni."), run_jobs)
    assert letter.number.startswith("KOR-")
    assert (letter.state, letter.suggested, letter.text.sender_email) == (State.WAITING, "report", SENDER)
    assert [mail.to for mail in mailoutbox] == [[SENDER]]
    sent = mailoutbox[0]
    assert letter.number in sent.subject
    assert sent.extra_headers["Auto-Submitted"] == "auto-replied"
    assert sent.extra_headers["In-Reply-To"] == letter.message_id


def test_the_same_message_delivered_twice_is_one_letter_and_one_answer(db, run_jobs, mailoutbox):
    mail = message()
    first = received(mail, run_jobs)
    again = b"Received: from mx2 by mx1; Tue, 12 May 2026 10:00:00 +0200\r\nDelivered-To: x@y.pl\r\n" + mail.as_bytes()
    assert received(again, run_jobs).pk == first.pk
    assert Letter.objects.count() == 1
    assert len(mailoutbox) == 1


def test_two_messages_with_the_same_message_id_and_other_words_are_both_kept(db, run_jobs):
    received(message("Pierwszy list.", Message_ID="<to-samo@przyklad.pl>"), run_jobs)
    received(message("Drugi list.", Message_ID="<to-samo@przyklad.pl>"), run_jobs)
    assert Letter.objects.count() == 2


def test_reading_a_letter_a_second_time_does_nothing(db, run_jobs, mailoutbox):
    from miasto.modules.contact_centre.mail.jobs import read_letter

    letter = received(message(), run_jobs)
    read_letter(letter_id=str(letter.pk))
    run_jobs()
    assert len(mailoutbox) == 1
    assert Letter.objects.get(pk=letter.pk).version == letter.version


def test_a_message_to_the_filer_can_be_answered_and_says_so(case, mailoutbox):
    sent = mailoutbox[0]
    assert sent.extra_headers["Reply-To"] == replies.address_for(case.pk)
    assert "możesz odpisać" in sent.body
    assert list(replies.objects_in(sent.extra_headers["Message-ID"])) == [case.pk]


def test_a_reply_of_the_filer_goes_into_the_case_without_the_quotation(case, run_jobs, mailoutbox):
    letter = received(reply_to(mailoutbox[0], "Dziura jest już większa, wpadł w nią rower."), run_jobs)
    assert (letter.state, letter.case) == (State.JOINED, case)
    assert words_of(case) == ["Dziura jest już większa, wpadł w nią rower."]
    assert len(mailoutbox) == 1, "a reply to a case is not acknowledged"


def test_a_reply_starts_the_clock_that_waited_for_it(case, run_jobs, mailoutbox):
    take_step(case=case, transition="ask", answer="Przy którym numerze?", by=SYSTEM)
    run_jobs()
    received(reply_to(mailoutbox[-1], "Przy numerze 7."), run_jobs)
    assert cases.case_by_id(case.pk, SYSTEM).stage.key == "in_progress"


def test_a_reply_to_the_question_of_one_part_of_a_case_goes_into_that_part(case, pothole, unit, run_jobs, mailoutbox):
    lamps, road = make_unit(name="Lampy"), make_unit(name="Jezdnie")
    part, _other = split(case=case, parts=[(None, lamps, "Lampa."), (None, road, "Jezdnia.")], by=SYSTEM)
    run_jobs()
    take_step(case=part, transition="ask", answer="Który słup?", by=SYSTEM)
    run_jobs()
    letter = received(reply_to(mailoutbox[-1], "Słup 1423."), run_jobs)
    assert letter.case == part
    assert cases.case_by_id(part.pk, SYSTEM).stage.key == "in_progress"
    assert words_of(part)[-1] == "Słup 1423."


def test_a_reply_to_an_address_that_lost_its_mark_is_known_by_its_reference_and_its_sender(case, run_jobs, mailoutbox):
    letter = received(reply_to(mailoutbox[0], "To nadal ja.", by_address=False), run_jobs)
    assert letter.state == State.JOINED


def test_a_stranger_with_a_forwarded_reference_does_not_write_as_the_filer(case, run_jobs, mailoutbox):
    letter = received(reply_to(mailoutbox[0], "A ja uważam inaczej.", by_address=False, sender="obcy@przyklad.pl"), run_jobs)
    assert (letter.state, letter.case, letter.maybe_case) == (State.WAITING, None, case)
    assert words_of(case) == []


def test_a_number_in_the_subject_alone_opens_nothing(case, run_jobs):
    letter = received(
        message("Proszę zamknąć tę sprawę.", subject=f"Odp.: [{case.number}] dziura", From="obcy@przyklad.pl"), run_jobs
    )
    assert (letter.state, letter.case, letter.maybe_case) == (State.WAITING, None, case)
    assert words_of(case) == []


def test_a_forged_mark_opens_nothing(case, run_jobs):
    mark = replies.mark_of(case.pk)
    forged = mark[:-1] + ("a" if mark[-1] != "a" else "e")
    letter = received(message("Włam.", To=f"kontakt+{forged}@miasto.invalid"), run_jobs)
    assert (letter.state, letter.case, letter.maybe_case) == (State.WAITING, None, None)


def test_the_mark_counts_in_the_envelope_in_any_case_of_letters(case, run_jobs):
    address = replies.address_for(case.pk).upper()
    letter = received(message("Dopisuję.", From="inny.adres@przyklad.pl"), run_jobs, recipients=[address])
    assert letter.state == State.JOINED


def test_a_reply_to_a_closed_case_waits_for_an_operator(case, run_jobs, mailoutbox):
    take_step(case=case, transition="reject", answer="Droga prywatna.", by=SYSTEM)
    run_jobs()
    letter = received(reply_to(mailoutbox[0], "Ale to droga miejska!"), run_jobs)
    assert (letter.state, letter.case, letter.maybe_case) == (State.WAITING, None, case)


def test_a_reply_to_the_acknowledgement_is_shown_with_the_first_letter_and_not_acknowledged_again(db, run_jobs, mailoutbox):
    first = received(message(), run_jobs)
    second = received(reply_to(mailoutbox[0], "Zapomniałem dodać: przy sklepie."), run_jobs)
    assert (second.earlier_id, second.state) == (first.pk, State.WAITING)
    assert second.text.body == "Zapomniałem dodać: przy sklepie."
    assert len(mailoutbox) == 1


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"Auto_Submitted": "auto-replied"}, "auto-reply"),
        ({"Auto_Submitted": "auto-generated"}, "machine"),
        ({"Precedence": "bulk"}, "list"),
        ({"Precedence": "auto_reply"}, "list"),
        ({"X_Autoreply": "yes"}, "auto-reply"),
        ({"X_Autorespond": "Urlop"}, "auto-reply"),
        ({"List_Id": "<nowosci.sklep.pl>"}, "list"),
        ({"List_Unsubscribe": "<mailto:wypisz@sklep.pl>"}, "list"),
        ({"Return_Path": "<>"}, "machine"),
        ({"From": "MAILER-DAEMON@mx.przyklad.pl", "subject": "Undelivered Mail Returned to Sender"}, "bounce"),
        ({"subject": "Automatyczna odpowiedź: Dziura"}, "auto-reply"),
        ({"subject": "Odpowiedź automatyczna: urlop"}, "auto-reply"),
        ({"subject": "Out of Office: dziura"}, "auto-reply"),
    ],
)
def test_what_a_machine_sent_is_kept_and_never_answered(db, run_jobs, mailoutbox, headers, reason):
    letter = received(message("Jestem na urlopie.", **headers), run_jobs)
    assert (letter.state, letter.automatic) == (State.AUTOMATIC, reason)
    assert mailoutbox == []


def test_an_empty_envelope_sender_is_never_answered(db, run_jobs, mailoutbox):
    assert received(message(), run_jobs, envelope_from="").automatic == "machine"
    assert mailoutbox == []


@pytest.mark.parametrize("subject", ["Automatyczna sygnalizacja nie działa", "Nieobecność listonosza", "Odpowiedź na pismo"])
def test_a_person_who_writes_of_machines_and_absences_is_a_person(db, run_jobs, subject):
    assert received(message(subject=subject), run_jobs).state == State.WAITING


def test_an_auto_reply_to_a_case_does_not_start_its_clock(case, run_jobs, mailoutbox):
    take_step(case=case, transition="ask", answer="Przy którym numerze?", by=SYSTEM)
    run_jobs()
    received(reply_to(mailoutbox[-1], "Jestem na urlopie do poniedziałku.", Auto_Submitted="auto-replied"), run_jobs)
    assert cases.case_by_id(case.pk, SYSTEM).stage.key == "question"
    assert len(mailoutbox) == 2


def test_our_own_message_that_comes_back_is_known(case, run_jobs, mailoutbox):
    own = message("Sprawa ma numer…", Message_ID=mailoutbox[0].extra_headers["Message-ID"], From="platforma@miasto.invalid")
    assert received(own, run_jobs).automatic == "own"


def test_one_sender_gets_a_few_acknowledgements_a_day_and_no_more(db, run_jobs, mailoutbox):
    for number in range(6):
        received(message(f"List numer {number}", Message_ID=f"<{number}@przyklad.pl>"), run_jobs)
    assert Letter.objects.filter(state=State.WAITING).count() == 6
    assert len(mailoutbox) == 3


def test_two_auto_responders_do_not_talk_to_each_other_for_ever(db, run_jobs, mailoutbox):
    """Each acknowledgement is answered by a responder that sets no header at all."""
    received(message(), run_jobs)
    for number in range(10):
        received(reply_to(mailoutbox[-1], f"Dostaliśmy Twój list nr {number}."), run_jobs)
    assert len(mailoutbox) == 1


def test_a_delivery_report_marks_the_address_and_tells_the_case(case, run_jobs, mailoutbox):
    letter = received(bounce_of(mailoutbox[0]), run_jobs, envelope_from="")
    assert (letter.state, letter.automatic, letter.case) == (State.AUTOMATIC, "bounce", case)
    assert Undeliverable.objects.get(pk=SENDER).status == "5.1.1"
    assert apps.get_model("core", "OutgoingMail").objects.get(about_id=case.pk).state == "failed"
    assert "5.1.1" in words_of(case)[0]
    assert [made.audience for made in cases.case_by_id(case.pk, SYSTEM).comments] == ["internal"]


def test_a_delivery_report_of_a_message_that_we_never_sent_marks_nobody(case, run_jobs, mailoutbox):
    forged = bounce_of(mailoutbox[0]).replace(mailoutbox[0].extra_headers["Message-ID"].encode(), b"<nie-nasz@przyklad.pl>")
    received(forged, run_jobs, envelope_from="")
    assert not Undeliverable.objects.exists()


def picture():
    out = io.BytesIO()
    Image.effect_noise((300, 200), 90).convert("RGB").save(out, "JPEG")
    return out.getvalue()


def archive(*names, first=""):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        if first:
            made.writestr("mimetype", first)
        for name in names:
            made.writestr(name, "x")
    return out.getvalue()


def test_pictures_are_made_anew_documents_are_kept_and_what_may_run_is_refused(db, run_jobs):
    mail = message("W załączeniu zdjęcia i pismo.")
    docx = archive("[Content_Types].xml", "word/document.xml")
    mail.add_attachment(picture(), maintype="image", subtype="jpeg", filename="dziura.jpg")
    mail.add_attachment(b"%PDF-1.7 pismo", maintype="application", subtype="pdf", filename="pismo.pdf")
    mail.add_attachment(docx, maintype="application", subtype="octet-stream", filename="podanie.docx")
    macros = archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin")
    mail.add_attachment(macros, maintype="application", subtype="octet-stream", filename="faktura.docm")
    mail.add_attachment(b"MZ\x90\x00", maintype="application", subtype="pdf", filename="umowa.pdf.exe")
    mail.add_attachment(b"<html><script>alert(1)</script>", maintype="text", subtype="html", filename="strona.html")
    mail.add_attachment(b"\x78\x9f\x3e\x22x", maintype="application", subtype="ms-tnef", filename="winmail.dat")
    letter = received(mail, run_jobs)
    kept = {row.name: (row.kind or ("picture" if row.picture else ""), row.refused) for row in letter.attachments.all()}
    assert kept == {
        "dziura.jpg": ("picture", ""),
        "pismo.pdf": ("pdf", ""),
        "podanie.docx": ("docx", ""),
        "faktura.docm": ("", "active"),
        "umowa.pdf.exe": ("", "program"),
        "strona.html": ("", "unknown"),
        "winmail.dat": ("", "winmail"),
    }


def test_the_pictures_of_a_reply_go_into_the_case(case, run_jobs, mailoutbox):
    mail = reply_to(mailoutbox[0], "Zdjęcie w załączeniu.")
    mail.add_attachment(picture(), maintype="image", subtype="jpeg", filename="dziura.jpg")
    received(mail, run_jobs)
    assert [photo.phase for photo in cases.case_by_id(case.pk, SYSTEM).photos] == ["added"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n",
        b"From: =?utf-8?B?ZzzzZZ?= <a@b.pl>\r\nSubject: =?nie-ma-takiego?Q?a?=\r\n\r\ntekst",
        b"From: a@b.pl\r\nContent-Type: text/plain; charset=nie-ma\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!",
        b"From: a@b.pl\r\nDate: wczoraj po obiedzie\r\nMessage-ID: bez-nawiasow\r\n\r\n" + "żółć".encode("cp1250"),
        b"Content-Type: multipart/mixed; boundary=a\r\n\r\n"
        + b"--a\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n" * 400,
    ],
    ids=["empty", "garbage", "cut", "words", "charset", "cp1250", "nested"],
)
def test_whatever_the_bytes_the_letter_is_kept_and_waits_for_somebody(db, run_jobs, raw):
    letter = received(raw, run_jobs)
    assert letter.state in (State.WAITING, State.BROKEN)


def test_polish_letters_in_a_wrong_charset_are_readable(db, run_jobs):
    raw = (
        b"From: a@b.pl\r\nSubject: Sk\xb3adam\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        + "Zażółć gęślą jaźń".encode("cp1250")
    )
    letter = received(raw, run_jobs)
    assert (letter.text.body, letter.text.subject) == ("Zażółć gęślą jaźń", "Składam")
