"""A citizen panel in the browser: from the form to the published answer to its recommendation."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from miasto.kernel.core import clock
from tests.browser.addresses import CONSULTANT, RESIDENT

pytestmark = pytest.mark.common_city

PASSWORD = "pokaz-miasta-2026"
LIST_MS = 120_000  # the page is not read anew by hand: it follows the worker
TITLE = "Próbny panel o ławkach"


def fill_day(page: Page, name: str, day: date) -> None:
    for part, value in enumerate((day.day, day.month, day.year)):
        page.locator(f"[name='{name}_{part}']").fill(str(value))


def describe(page: Page, today: date) -> None:
    page.goto("/panel/idea/panele/")
    page.get_by_role("link", name="Nowy panel").click()
    page.get_by_label("Tytuł", exact=True).fill(TITLE)
    page.get_by_label("Na jakie pytanie odpowie panel?").fill("Gdzie postawić ławki?")
    page.get_by_label("Ile osób liczy panel?").fill("5")
    fill_day(page, "recruit_until", today)
    fill_day(page, "draw_on", today + timedelta(days=1))
    page.get_by_label("Z jakiego publicznego wyniku powstanie ziarno losowania?").fill("liczby Lotto")
    page.get_by_label("Cecha 1: nazwa").fill("Wiek")
    page.get_by_label("Cecha 1: grupy").fill("16–39; 40 000\n40+; 60 000")
    page.get_by_role("button", name="Zapisz").click()
    expect(page.get_by_role("heading", name=TITLE)).to_be_visible()


def sign_up(page: Page) -> None:
    page.goto("/idea/panele/")
    page.get_by_role("link", name=TITLE).click()
    page.get_by_role("link", name="Zgłaszam się").click()
    for label in ("40+", "Mieszkam w mieście", "Mam co najmniej 16 lat"):
        page.get_by_label(label, exact=True).check()
    page.get_by_label("Zgadzam się, żeby miasto użyło tych odpowiedzi").check()
    page.get_by_role("button", name="Zgłoś się").click()
    expect(page.get_by_role("heading", name="Masz zgłoszenie")).to_be_visible()


def four_more(running_city, panel_id: str) -> None:
    """Others who signed up, so that everybody is needed; and the last day was yesterday."""
    running_city.sql(
        'INSERT INTO idea_applicant (id, panel_id, person_id, "values", phone, language, consent_at, state)'
        " SELECT gen_random_uuid(), %s, id, jsonb_build_object('Wiek', CASE WHEN n <= 2 THEN '16–39' ELSE '40+' END),"
        " '', 'pl', now(), 'applied'"
        " FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM accounts_person WHERE email <> %s) p"
        " WHERE n <= 4 RETURNING id",
        panel_id,
        RESIDENT,
    )
    running_city.sql(
        "UPDATE idea_panel SET recruit_until = recruit_until - 2, draw_on = draw_on - 1 WHERE id = %s RETURNING id", panel_id
    )


def test_a_panel_from_the_form_to_the_answers_to_its_recommendations(sign_in, page, running_city):
    staff, today = sign_in(CONSULTANT, PASSWORD), clock.today()
    describe(staff, today)
    bench = staff.url
    staff.get_by_role("button", name="Opublikuj i zbieraj zgłoszenia").click()
    expect(staff.get_by_text("Mieszkańcy mogą się zgłaszać.")).to_be_visible()
    resident = sign_in(RESIDENT, PASSWORD)
    sign_up(resident)
    public = resident.url

    four_more(running_city, bench.rstrip("/").rsplit("/", 1)[-1])
    staff.goto(bench)
    staff.get_by_role("button", name="Zamknij zgłoszenia i zrób listę").click()
    expect(staff.get_by_text("Zgłoszenia zamknięte.")).to_be_visible()
    expect(staff.get_by_role("button", name="Losuj")).to_be_visible(timeout=LIST_MS)
    resident.goto(public)
    expect(resident.get_by_text("z 1000 składów.", exact=False).first).to_be_visible()
    staff.get_by_label("Ogłoszony wynik").fill("1 2 3 4 5 6")
    staff.get_by_role("button", name="Losuj").click()
    expect(staff.get_by_text("Panel wylosowany.")).to_be_visible()

    resident.goto(public)
    resident.get_by_role("button", name="Biorę udział").click()
    expect(resident.get_by_text("Do zobaczenia na pierwszej sesji.")).to_be_visible()

    staff.goto(bench)
    staff.get_by_role("link", name="Dodaj sesję").click()
    staff.get_by_label("Nazwa sesji").fill("Sesja o ławkach")
    fill_day(staff, "day", today + timedelta(days=9))
    staff.get_by_label("Godzina").fill("17:00")
    staff.get_by_label("Miejsce").fill("Ratusz")
    staff.get_by_role("button", name="Zapisz").click()
    staff.get_by_label("Treść rekomendacji").fill("Ławka co dwieście metrów.")
    staff.get_by_role("button", name="Opublikuj rekomendację").click()
    staff.get_by_role("link", name="Odpowiedz na rekomendację 1").click()
    staff.get_by_label("przyjęta w części").check()
    staff.get_by_label("Dlaczego?").fill("Na głównych ulicach.")
    staff.get_by_role("button", name="Zapisz").click()
    staff.get_by_role("button", name="Zakończ panel").click()
    expect(staff.get_by_text("Panel zakończony.")).to_be_visible()

    page.goto(public)
    for text in ("Ławka co dwieście metrów.", "Na głównych ulicach.", "Sesja o ławkach", "1 2 3 4 5 6"):
        expect(page.get_by_text(text).first).to_be_visible()
