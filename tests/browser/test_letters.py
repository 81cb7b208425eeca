"""A letter: into our LMTP server as a mail server brings it, onto the operator's page, into a case, and back and forth."""

import smtplib
import subprocess
import sys
import time
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

PASSWORD = "pokaz-miasta-2026"
OPERATOR = "centrum@demo.invalid"
WRITER = "anna.pisarska@poczta.invalid"
INBOX = "kontakt@miasto.invalid"


@pytest.fixture
def lmtp(running_city):
    """The LMTP server of the running city; gives the path of its socket."""
    socket = str(running_city.folder / "lmtp.sock")
    process = subprocess.Popen(
        [sys.executable, "-m", "miasto", "lmtp", "--socket", socket],
        env=running_city.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline().startswith("LMTP: ")
    yield socket
    process.kill()
    process.wait()


def send(socket, subject, text, *, to=INBOX, **headers):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"Anna Pisarska <{WRITER}>", to, subject
    mail["Message-ID"] = f"<{time.time_ns()}@poczta.invalid>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    with smtplib.LMTP(socket) as client:
        client.sendmail(WRITER, [to], mail.as_bytes())


def until(found, seconds=120):
    end = time.monotonic() + seconds
    while True:
        value = found()
        if value:
            return value
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.2)


def messages_to(city, address, words):
    """The messages to an address whose subject or body has the words, oldest first."""
    files = sorted((city.folder / "mailbox").glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    read = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]
    mine = [mail for mail in read if mail["To"] == address]
    return [mail for mail in mine if words in mail["Subject"] or words in mail.get_body(("plain",)).get_content()]


def letter_of(city, subject):
    statement = (
        "SELECT l.number FROM contact_centre_letter l JOIN contact_centre_lettertext t ON t.letter_id = l.id "
        "WHERE t.subject = %s AND l.state = 'waiting'"
    )
    return until(lambda: city.sql(statement, subject))[0][0]


def test_one_letter_becomes_a_report_whose_writer_answers_by_e_mail_and_another_a_complaint(running_city, lmtp, sign_in):
    page = sign_in(OPERATOR, PASSWORD)
    send(lmtp, "Dziura przy szkole", "Dzień dobry,\n\nw jezdni jest wielka dziura, zgłaszam i proszę o naprawę.\n\nAnna")
    number = letter_of(running_city, "Dziura przy szkole")
    acknowledged = until(lambda: messages_to(running_city, WRITER, number))
    assert len(acknowledged) == 1

    page.goto("/panel/centrum/korespondencja/")
    page.get_by_role("link", name="Dziura przy szkole").click()
    report = page.locator("#rodzaj-report")
    if report.get_attribute("open") is None:
        report.locator("summary").first.click()
    report.get_by_label("Kategoria").select_option(label="Dziura w jezdni")
    report.get_by_role("button", name="Rozstrzygnij: Zgłoszenie").click()
    page.get_by_text("Zapisano: Zgłoszenie.").wait_for()

    asked = until(lambda: messages_to(running_city, WRITER, "Gdzie to jest?"))[-1]
    assert asked["Reply-To"].startswith("kontakt+")
    quoted = "\n".join(f"> {line}" for line in asked.get_body(("plain",)).get_content().splitlines())
    text = f"Przy szkole na Chopina 4.\n\nW dniu 12.05.2026 o 10:00, Platforma pisze:\n{quoted}"
    send(lmtp, f"Re: {asked['Subject']}", text, to=asked["Reply-To"], In_Reply_To=asked["Message-ID"])
    case = running_city.sql("SELECT c.number FROM cases_case c JOIN contact_centre_letter l ON l.case_id = c.id "
                            "WHERE l.number = %s", number)[0][0]  # fmt: skip
    until(lambda: running_city.sql("SELECT 1 FROM cases_case WHERE number = %s AND stage = 'in_progress'", case))
    page.goto(f"/panel/sprawy/{case}/")
    assert page.get_by_text("Przy szkole na Chopina 4.").is_visible()
    assert not page.get_by_text("Platforma pisze").is_visible()

    send(lmtp, "Skarga na obsługę", "Skarżę się na opieszałość urzędu. Anna Pisarska, ul. Długa 4.")
    number = letter_of(running_city, "Skarga na obsługę")
    page.goto(f"/panel/centrum/korespondencja/{number}/")
    complaint = page.locator("#rodzaj-complaint")
    assert complaint.get_by_text("Trzeba ją załatwić w ciągu miesiąca").is_visible()
    complaint.get_by_label("Imię i nazwisko albo nazwa").fill("Anna Pisarska")
    complaint.get_by_label("Adres do korespondencji").fill("ul. Długa 4")
    complaint.get_by_label("Prośba o uzupełnienie").fill("")
    complaint.get_by_role("button", name="Rozstrzygnij: Skarga").click()
    page.get_by_text("Zapisano: Skarga.").wait_for()
    until(lambda: messages_to(running_city, WRITER, "SK-"))


def test_a_resident_sends_a_complaint_from_the_page(page, running_city, nothing_leaves):
    page.goto("/skargi-i-wnioski/")
    page.get_by_label("Skarga – coś zrobiono źle").check()
    page.get_by_label("Treść").fill("Skarżę się na to, że nikt nie odpowiada na pisma.")
    page.get_by_role("button", name="Wyślij").click()
    page.get_by_label("Wysyłam bez imienia").wait_for()
    page.get_by_label("Imię i nazwisko").fill("Jan Próbny")
    page.get_by_label("Adres do korespondencji").fill("ul. Długa 1")
    page.get_by_role("button", name="Wyślij").click()
    page.get_by_text("Pismo do nas dotarło").wait_for()
    assert page.get_by_label("Tajny odsyłacz do sprawy").input_value().startswith(running_city.url)
    page.get_by_role("link", name="Zobacz sprawę").click()
    page.get_by_text("nikt nie odpowiada na pisma").wait_for()
