"""What staff does with cases that belong together or to others, as one person does it, and what residents and bodies see."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.addresses import CENTRE
from tests.browser.steps import press, tab_until

FILE = """
from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM
from miasto.kernel.cases import selectors, services
from miasto.kernel.places.selectors import geocode
place = geocode("Sienkiewicza 1")[0]
category = selectors.category("contact_centre.report", "lawka-park")
for name, words in {reports!r}:
    filed = services.file_case(
        case_type="contact_centre.report", category=category, description=words, point=(place.lon, place.lat),
        address_text=place.label, contact=services.Contact(email=name + "@example.org"), by=ANONYMOUS,
    )
    services.decide_text(case=filed.case, publish=True, by=SYSTEM)
    print("filed", name, filed.case.number)
"""
REPORTS = (
    ("main", "Ławka przy przystanku ma złamane oparcie."),
    ("double", "Zepsuta ławka na przystanku, nie da się usiąść."),
    ("parts", "Ławka wyrwana, a dziura po niej zalana wodą."),
    ("gas", "Ławkę zdjęli gazownicy i leży w trawie."),
    *((f"many{number}", f"Ławka numer {number} jest pobazgrana.") for number in range(2)),
)
NOTED = """
from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.cases import services
from miasto.kernel.cases.models import Case
services.comment(case=Case.objects.get(number="{number}"), body="Notatka obok.", audience="internal", by=SYSTEM)
"""
PHRASE = re.compile(r"https?://\S+")


@pytest.fixture(scope="module")
def numbers(running_city) -> dict[str, str]:
    """The numbers of reports filed for these journeys, by the name in the filer's address."""
    said = running_city.command("shell", "-c", FILE.format(reports=REPORTS))
    return dict(re.findall(r"filed (\S+) (\S+)", said))


@pytest.fixture
def staff(visitor):
    """The operator, who sees the whole city."""
    return visitor(CENTRE)


def link_in(mail, part: str) -> str:
    """The path of the first address in a message that holds a part."""
    text = mail.get_body(("plain",)).get_content()
    return next(urlsplit(one).path for one in PHRASE.findall(text) if part in one)


def told(city, name: str, words: str):
    """The newest message to a filer that holds these words in subject or text; waits for it."""
    for count in range(1, 12):
        mails = city.wait_for_mail(f"{name}@example.org", count=count, seconds=120)
        found = [mail for mail in mails if words in f"{mail['Subject']}\n{mail.get_body(('plain',)).get_content()}"]
        if found:
            return found[-1]
    raise AssertionError(f"{name} was not told {words!r}")


def work(person, number: str) -> Page:
    person.page.goto(f"/panel/sprawy/{number}/")
    return person.page


def solve(page: Page, answer: str) -> None:
    """Answer a case at work as solved, without a photo."""
    step = page.locator("#krok-resolve")
    if not step.get_attribute("open"):
        step.locator("summary").click()
    step.get_by_label("Odpowiedź dla wszystkich").fill(answer)
    step.get_by_label("Dlaczego nie ma zdjęcia?").fill("Telefon się rozładował.")
    step.get_by_role("button", name="Oznacz jako rozwiązane").click()


def test_two_reports_are_merged_by_keyboard_and_both_filers_read_one_case(staff, visitor, running_city, numbers):
    page = work(staff, numbers["double"])
    tab_until(page, "document.activeElement.matches('#polacz > summary')")
    page.keyboard.press("Enter")
    press(page, "Połącz")
    expect(page.locator("#polacz .govuk-error-message")).to_contain_text("Wpisz numer sprawy")
    staff.look("the form of merging with an error")
    page.get_by_label("Numer sprawy, która idzie dalej").fill(numbers["main"].lower())
    page.keyboard.press("Enter")
    expect(page.get_by_text("Połączono sprawy.")).to_be_visible()
    staff.look("a merged case")
    work(staff, numbers["main"])
    expect(page.get_by_text("Dołączone zgłoszenie:")).to_be_visible()
    staff.look("a case into which another was merged")

    filer = visitor()
    filer.page.goto(link_in(told(running_city, "double", "była już zgłoszona"), "/sprawy/s/"))
    banner = filer.page.locator("main [role=note]", has_text="To samo zgłoszono już wcześniej.")
    expect(banner).to_be_visible()
    filer.look("the merged case of its filer")
    banner.get_by_role("link", name=numbers["main"]).click()
    expect(filer.page.get_by_text("Ławka przy przystanku ma złamane oparcie.")).to_be_visible()

    work(staff, numbers["main"]).get_by_role("button", name="Rozpocznij pracę").click()
    solve(page, "Oparcie wymienione.")
    expect(page.get_by_text("Rozwiązane").first).to_be_visible()
    for name in ("main", "double"):
        told(running_city, name, "Oparcie wymienione.")
    assert not staff.found | filer.found, staff.report() + filer.report()


def test_a_case_is_split_each_unit_answers_and_only_then_it_ends(staff, visitor, running_city, numbers):
    page = work(staff, numbers["parts"])
    page.get_by_role("button", name="Rozpocznij pracę").click()
    page.locator("#podziel > summary").click()
    page.locator("#podziel").get_by_role("button", name="Podziel").click()
    expect(page.locator("#podziel .govuk-error-message").first).to_be_visible()
    staff.look("the form of splitting with errors")
    units = running_city.sql(
        "SELECT name FROM accounts_unit WHERE slug IN ('wodociagi-kanalizacja', 'mzd-utrzymanie') ORDER BY slug"
    )
    for place, ((unit,), words) in enumerate(zip(units, ("Zasypać dziurę.", "Sprawdzić, skąd woda."), strict=True), 1):
        page.locator(f"#split_unit_{place}").select_option(label=unit)
        page.locator(f"#split_words_{place}").fill(words)
    page.locator("#podziel").get_by_role("button", name="Podziel").click()
    expect(page.get_by_text("Podzielono sprawę na części.")).to_be_visible()
    staff.look("a split case")
    bonds = page.locator("[aria-labelledby=powiazania]")
    parts = re.findall(r"ZG-\d{4}-\d{6}", bonds.inner_text())
    assert len(parts) == 2

    solve(page, "Ławka stoi z powrotem.")
    expect(page.locator("#krok-resolve .govuk-error-message").first).to_contain_text("Części tej sprawy są jeszcze w toku")
    staff.look("a case that cannot end while its parts are open")
    for part, answer in zip(parts, ("Dziura zasypana.", "Woda z pękniętej rury, naprawiona."), strict=True):
        work(staff, part).get_by_role("button", name="Rozpocznij pracę").click()
        solve(page, answer)
        expect(page.locator(".case-head").get_by_text("Rozwiązane")).to_be_visible()
    staff.look("a part that is done")
    work(staff, numbers["parts"])
    solve(page, "Ławka stoi z powrotem.")
    expect(page.locator(".case-head").get_by_text("Rozwiązane")).to_be_visible()

    filer = visitor()
    filer.page.goto(link_in(told(running_city, "parts", "podzieliliśmy"), "/sprawy/s/"))
    for words in ("Dziura zasypana.", "Woda z pękniętej rury, naprawiona.", "Ławka stoi z powrotem."):
        expect(filer.page.get_by_text(words).first).to_be_visible()
    filer.look("the filer's page of a split case")
    assert not staff.found | filer.found, staff.report() + filer.report()


def test_a_case_goes_outside_and_the_answer_comes_back_by_the_link(staff, visitor, running_city, numbers):
    page = work(staff, numbers["gas"])
    page.locator("#przekaz > summary").click()
    page.locator("#przekaz").get_by_role("button", name="Przekaż").click()
    expect(page.locator("#przekaz .govuk-error-message").first).to_be_visible()
    staff.look("the form of forwarding with errors")
    body = running_city.sql("SELECT id, email FROM cases_externalbody WHERE open311_endpoint = '' AND email <> '' LIMIT 1")[0]
    page.locator("#forward_body").select_option(str(body[0]))
    page.locator("#forward_words").fill("Ławkę zdjęto przy pracach gazowych, dlatego prosimy o jej ustawienie.")
    page.locator("#przekaz").get_by_role("button", name="Przekaż").click()
    expect(page.get_by_text("Przekazano sprawę. Czekamy na odpowiedź.")).to_be_visible()
    expect(page.get_by_text("Ruszy, gdy instytucja odpowie")).to_be_visible()
    page.locator("#odpowiedz-instytucji > summary").click()
    staff.look("a forwarded case with the form of an answer by telephone")

    outside = visitor()
    mail = running_city.wait_for_mail(body[1], seconds=120)[-1]
    outside.page.goto(link_in(mail, "/sprawy/odpowiedz/"))
    outside.look("the page of a body outside")
    answers = outside.page
    answers.get_by_role("button", name="Wyślij odpowiedź").click()
    expect(answers.locator(".govuk-error-summary")).to_be_visible()
    outside.look("the page of a body outside with errors")
    answers.get_by_label("Przyjmujemy sprawę i pracujemy nad nią").check()
    answers.get_by_label("Numer sprawy w instytucji").fill("G/12/7")
    answers.get_by_role("button", name="Wyślij odpowiedź").click()
    expect(answers.get_by_text("Sprawa jest przyjęta.")).to_be_visible()
    outside.look("the page of a body that has taken the matter on")
    answers.get_by_label("Sprawa jest załatwiona").check()
    answers.get_by_label("Co zrobiono albo").fill("Ławka wróciła na miejsce.")
    answers.get_by_role("button", name="Wyślij odpowiedź").click()
    expect(answers.get_by_text("Odpowiedź jest w sprawie: załatwiona.")).to_be_visible()
    outside.look("the page of a body that is done")

    work(staff, numbers["gas"])
    expect(page.get_by_text("załatwiła sprawę").first).to_be_visible()
    expect(page.locator(".case-head").get_by_text("Rozwiązane")).to_be_visible()
    told(running_city, "gas", "Ławka wróciła na miejsce.")
    outside.go("/sprawy/odpowiedz/nie-ma-takiego/", status=404)
    assert not staff.found | outside.found, staff.report() + outside.report()


def test_me_too_counts_at_once_and_is_written_to_only_after_the_link(visitor, running_city, numbers):
    person, number = visitor(), numbers["many0"]
    page = person.page
    page.goto(f"/sprawy/{number}/")
    page.get_by_text("Chcę wiedzieć, co dalej").click()
    page.get_by_label("Adres e-mail (nieobowiązkowo)").fill("sasiad")
    page.get_by_role("button", name="Mnie też to dotyczy").click()
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    person.look("me too with an error")
    page.get_by_label("Adres e-mail (nieobowiązkowo)").fill("sasiad@example.org")
    page.get_by_role("button", name="Mnie też to dotyczy").click()
    expect(page.get_by_text("Sprawdź pocztę i potwierdź adres")).to_be_visible()
    expect(page.locator("#mnie-tez .case-voices")).to_contain_text("1")
    person.look("me too said")

    page.goto(link_in(running_city.wait_for_mail("sasiad@example.org", seconds=120)[0], "/sprawy/poparcie/"))
    person.look("a supporter's address to be confirmed")
    page.get_by_role("button", name="Potwierdzam").click()
    expect(page.get_by_text("Ten adres jest potwierdzony.")).to_be_visible()
    person.look("a supporter's address confirmed")
    confirmed = page.url
    staff = visitor(CENTRE)
    work(staff, number).get_by_role("button", name="Rozpocznij pracę").click()
    second = running_city.wait_for_mail("sasiad@example.org", count=2, seconds=120)[1]
    assert number in str(second["Subject"])
    page.goto(link_in(second, "/sprawy/poparcie/"))
    page.get_by_role("button", name="Nie chcę więcej wiadomości").click()
    expect(page.get_by_text("Nie wysyłamy Ci wiadomości o tej sprawie.")).to_be_visible()
    person.look("a supporter who wants no messages")
    assert page.url == confirmed
    person.go("/sprawy/poparcie/nie-ma-takiego/", status=404)
    assert not person.found, person.report()


def test_many_cases_are_changed_at_once_and_what_was_refused_is_named(staff, running_city, numbers):
    page = staff.page
    first, second = numbers["many0"], numbers["many1"]
    page.goto("/panel/sprawy/?kolejnosc=newest")
    for number in (first, second):
        page.locator(f"#sprawa-{number} input[type=checkbox]").focus()
        page.keyboard.press("Space")
    # somebody else works on one of them: its row is drawn anew, and stays chosen
    running_city.command("shell", "-c", NOTED.format(number=first))
    expect(page.locator(f"#sprawa-{first}.is-fresh")).to_be_visible()
    expect(page.locator(f"#sprawa-{first} input[type=checkbox]")).to_be_checked()
    press(page, "Zmień zaznaczone")
    expect(page.get_by_role("heading", name="2 sprawy do zmiany")).to_be_visible()
    page.get_by_role("button", name="Zmień 2 sprawy").click()
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    staff.look("the form for many cases with an error")
    page.get_by_label("Połącz z jedną sprawą").check()
    page.get_by_label("Numer sprawy, która idzie dalej").fill(first)
    staff.look("the form for many cases filled in")
    page.get_by_role("button", name="Zmień 2 sprawy").click()
    expect(page.get_by_role("heading", name="Gotowe")).to_be_visible()
    expect(page.get_by_text("Sprawy nie można połączyć z nią samą.")).to_be_visible()
    page.get_by_text("Zmienione sprawy").click()
    expect(page.get_by_role("link", name=second)).to_be_visible()
    staff.look("what came of many changes")
    page.get_by_role("link", name=second).click()
    expect(page.get_by_text("Połączona ze sprawą")).to_be_visible()
    assert not staff.found, staff.report()
