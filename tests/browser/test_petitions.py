"""A petition from the form to the public register: masked by a clerk, with an opinion, the name only on consent."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.common_city

PASSWORD, CENTRE = "pokaz-miasta-2026", "centrum@demo.invalid"
TITLE = "Petycja o zegar na wieży"
SECRET = "601 777 303"


def test_a_petition_is_filed_published_masked_and_told_in_the_register(page, sign_in, nothing_leaves):
    page.goto("/petycje/")
    page.get_by_role("link", name="Złóż petycję").click()
    page.get_by_label("Treść").fill(f"{TITLE}\n\nProsimy, żeby zegar na wieży znowu chodził. Telefon {SECRET}.")
    page.get_by_label("Imię i nazwisko albo nazwa", exact=True).fill("Jan Próbny")
    page.get_by_label("Adres do korespondencji").fill("ul. Długa 1")
    page.get_by_role("button", name="Wyślij petycję").click()
    expect(page.get_by_role("alert")).to_contain_text("Podaj adres e-mail")
    page.get_by_label("Adres e-mail").fill("jan.probny@demo.invalid")
    page.get_by_label("Zgadzam się, żeby moje imię").check()
    page.get_by_role("button", name="Wyślij petycję").click()
    expect(page.get_by_text("Petycja jest już w publicznym rejestrze")).to_be_visible()
    number = re.search(r"PE-\d{4}-\d{6}", page.locator(".ui-confirmation").inner_text()).group()

    page.goto(f"/petycje/{number}/")
    expect(page.get_by_text("Treść pokażemy, gdy pracownik sprawdzi")).to_be_visible()
    expect(page.get_by_text("Jan Próbny")).to_be_visible()
    expect(page.get_by_text("zegar na wieży")).to_have_count(0)

    desk = sign_in(CENTRE, PASSWORD)
    desk.goto(f"/panel/sprawy/{number}/")
    desk.get_by_role("link", name="Opublikuj treść").click()
    assert SECRET not in desk.get_by_label("Zobaczą wszyscy").input_value()
    desk.get_by_role("button", name="Opublikuj tę wersję").click()
    expect(desk.get_by_text("Opublikowano tekst.")).to_be_visible()
    desk.goto(f"/panel/centrum/petycje/{number}/")
    desk.get_by_label("Kogo poproszono o opinię").fill("Komisja Urbanistyczna")
    desk.get_by_role("button", name="Zapisz", exact=True).click()
    expect(desk.get_by_text("Prośbę o opinię widać na stronie petycji")).to_be_visible()
    desk.get_by_role("button", name="Zgoda wycofana").click()
    expect(desk.get_by_text("Nazwiska nie pokazujemy.")).to_be_visible()

    page.goto(f"/petycje/{number}/")
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    expect(page.get_by_text("Prosimy, żeby zegar na wieży")).to_be_visible()
    expect(page.get_by_text("Komisja Urbanistyczna")).to_be_visible()
    assert SECRET not in page.content()
    expect(page.get_by_text("Jan Próbny")).to_have_count(0)
    expect(page.get_by_text("bez zgody na podanie nazwiska")).to_be_visible()


def test_a_petition_is_sent_in_part_to_another_body_and_considered_with_others_of_its_matter(page, sign_in):
    """The demo has petitions that are considered together: another one joins them, and a part of it goes elsewhere."""
    page.goto("/petycje/nowa/")
    page.get_by_label("Treść").fill("Petycja o kosz przy pętli\n\nProsimy o kosz i ławkę przy pętli.")
    page.get_by_label("Imię i nazwisko albo nazwa", exact=True).fill("Ewa Próbna")
    page.get_by_label("Adres do korespondencji").fill("ul. Długa 2")
    page.get_by_label("Adres e-mail").fill("ewa.probna@demo.invalid")
    page.get_by_role("button", name="Wyślij petycję").click()
    number = re.search(r"PE-\d{4}-\d{6}", page.locator(".ui-confirmation").inner_text()).group()

    desk = sign_in(CENTRE, PASSWORD)
    desk.goto(f"/panel/sprawy/{number}/")
    desk.get_by_role("link", name="Przekaż, połącz, powtórzona").click()
    desk.get_by_label("Komu przekazujesz petycję").fill("Zarząd Transportu Miejskiego")
    desk.get_by_label("Która część petycji do niego należy").fill("kosz na śmieci")
    desk.get_by_role("button", name="Przekaż i zawiadom").click()
    expect(desk.get_by_text("Zapisano przekazanie.")).to_be_visible()
    desk.get_by_label("Dołącz do rozpatrywanych łącznie").select_option(label="Ławki przy pętli autobusowej")
    desk.get_by_role("button", name="Dołącz", exact=True).click()
    expect(desk.get_by_text("Petycja jest rozpatrywana łącznie z innymi.")).to_be_visible()

    page.goto(f"/petycje/{number}/")
    expect(page.get_by_text("Zarząd Transportu Miejskiego").first).to_be_visible()
    page.get_by_role("link", name="Ławki przy pętli autobusowej").click()
    expect(page.get_by_text("Petycja wielokrotna")).to_be_visible()
    expect(page.get_by_role("link", name=f"Petycja {number}")).to_be_visible()
