"""The newsletter from a stranger's sign-up to the last click, and a sending that survives a killed worker."""

import re
import time

from playwright.sync_api import Page, expect

from tests.browser.addresses import CONSULTANT, EDITOR

PASSWORD = "pokaz-miasta-2026"
READER = "czytelniczka.newslettera@poczta.invalid"
TITLE = "Próbny numer o remontach"
CROWD = 30  # more than one step of the sending takes
CROWD_COMES = f"""
INSERT INTO idea_subscriber (id, email, language, topics, areas, source, consent_id, asked_at, confirmed_at, failures)
SELECT gen_random_uuid(), 'tlum' || n || '@poczta.invalid', 'pl', '[]', '[]', 'page',
       (SELECT min(id) FROM idea_newsletterconsent), now(), now(), 0
FROM generate_series(1, {CROWD}) n"""


def link_in(mail, part: str) -> str:
    return re.search(rf"https?://\S+?(/newsletter/{part}/\S+)", mail.get_body(("plain",)).get_content()).group(1)


def sign_up(page: Page) -> None:
    page.goto("/newsletter/")
    page.get_by_label("Twój adres e-mail").fill(READER)
    page.get_by_role("button", name="Zapisz mnie").click()
    expect(page.get_by_text("Bez zgody nie możemy wysyłać newslettera.").first).to_be_visible()
    page.get_by_label("Chcę dostawać newsletter").check()
    page.get_by_role("button", name="Zapisz mnie").click()
    expect(page.get_by_text("Sprawdź pocztę")).to_be_visible()


def write_and_hand_over(staff: Page) -> str:
    staff.goto("/panel/idea/newsletter/nowy/")
    staff.get_by_label("Tytuł", exact=True).fill(TITLE)
    staff.get_by_label("Wstęp", exact=True).fill("Od poniedziałku objazdy.")
    staff.locator("[name=text]").fill("# Ulica Próbna\n\n- objazd przez rynek\n- autobusy bez zmian")
    staff.get_by_role("group", name="Tematy, o których jest ten numer").get_by_label("remonty, ulice i komunikacja").check()
    staff.get_by_role("button", name="Zapisz i zobacz").click()
    expect(staff.locator(".newsletter-preview iframe")).to_have_count(2)
    assert "<h2>Ulica Próbna</h2>" in staff.request.get(f"{staff.url}podglad/").text()
    staff.get_by_role("button", name="Oddaj do zatwierdzenia").click()
    expect(staff.get_by_text("Numer czeka na zatwierdzenie.")).to_be_visible()
    expect(staff.get_by_role("button", name="Zatwierdź")).to_have_count(0)
    return staff.url


def wait_until(holds, seconds: float = 240) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.2)


def test_a_newsletter_from_the_sign_up_to_the_last_click(page, sign_in, running_city):
    sign_up(page)
    (asked,) = running_city.wait_for_mail(READER, seconds=120)
    page.goto(link_in(asked, "s"))
    expect(page.get_by_text("Ten zapis czeka na Twoje potwierdzenie.")).to_be_visible()
    page.get_by_label("remonty, ulice i komunikacja").check()
    page.get_by_role("button", name="Potwierdzam zapis").click()
    expect(page.get_by_text("Adres potwierdzony.")).to_be_visible()
    running_city.sql(CROWD_COMES)
    address = write_and_hand_over(sign_in(EDITOR, PASSWORD))
    second = sign_in(CONSULTANT, PASSWORD)
    second.goto(address)
    second.get_by_role("button", name="Zatwierdź").click()
    expect(second.get_by_text("Numer jest zatwierdzony.")).to_be_visible()
    running_city.ask("idea.newsletter_tick")

    def written() -> int:
        return running_city.sql("SELECT count(*) FROM core_outgoingmail WHERE subject = %s", TITLE)[0][0]

    wait_until(lambda: written() > 0)
    running_city.kill("worker")
    second.reload()
    expect(second.get_by_text(re.compile(r"Wysłano \d+ z \d+"))).to_be_visible()
    running_city.start_worker()
    (all_of_them,) = running_city.sql("SELECT recipients FROM idea_issue WHERE title = %s", TITLE)[0]
    assert all_of_them > CROWD
    wait_until(lambda: running_city.sql("SELECT state FROM idea_issue WHERE title = %s", TITLE) == [("sent",)])
    told = running_city.sql('SELECT count(*), count(DISTINCT "to") FROM core_outgoingmail WHERE subject = %s', TITLE)
    assert told == [(all_of_them, all_of_them)], "somebody was written to twice or left out"

    issue = running_city.wait_for_mail(READER, count=2, seconds=180)[-1]
    assert str(issue["Subject"]) == TITLE
    assert issue["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    page.goto(link_in(issue, "koniec"))
    page.get_by_role("button", name="Rezygnuję z newslettera").click()
    expect(page.get_by_role("heading", name="To był ostatni newsletter")).to_be_visible()
    assert running_city.sql("SELECT count(*) FROM idea_subscriber WHERE email = %s", READER) == [(0,)]
    page.goto("/newsletter/")
    page.get_by_role("link", name=TITLE).click()
    expect(page.get_by_role("heading", name="Ulica Próbna")).to_be_visible()
    second.goto(address)
    expect(second.locator(".idea-sums div", has_text="Rezygnacje z tego numeru").locator("dd")).to_have_text("1")
