"""Steps of the participatory budget in a browser: proposing, signing, verifying. Other tests call them."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect


def propose(
    page: Page,
    edition: str,
    *,
    title: str,
    pool: str,
    address: str = "",
    items: tuple[tuple[str, str], ...] = (("Materiały", "30 000"), ("Montaż", "10 000,50")),
    author: str = "Anna Próbna",
    email: str = "",
) -> str:
    """The whole wizard; an empty ``address`` is the whole city. Returns the address of the project's page."""
    page.goto(f"/idea/budzet/{edition}/nowy/")
    page.get_by_role("main").get_by_role("button").first.click()
    page.get_by_label(re.compile(f"^{re.escape(pool)}")).check()
    page.get_by_label("Tytuł projektu").fill(title)
    page.get_by_label("Co ma powstać?").fill("Nowe miejsce odpoczynku.")
    page.get_by_label("Opis i uzasadnienie").fill("Nie ma gdzie usiąść w cieniu.")
    page.get_by_label("Kto skorzysta").fill("Wszyscy mieszkańcy, bezpłatnie.")
    page.get_by_role("button", name="Dalej: miejsce").click()
    if address:
        page.get_by_label("Adres lub miejsce").fill(address)
    else:
        page.get_by_label("Projekt dotyczy całego miasta").check()
    page.get_by_role("button", name="Dalej: sprawdź miejsce").click()
    expect(page.get_by_role("heading", name="Sprawdzenie miejsca")).to_be_visible()
    page.get_by_role("button", name="Dalej: koszty").click()
    for number, (name, amount) in enumerate(items, 1):
        page.locator(f"[name='name_{number}']").fill(name)
        page.locator(f"[name='amount_{number}']").fill(amount)
    page.get_by_role("button", name="Dalej", exact=True).last.click()
    page.get_by_label("Imię i nazwisko", exact=True).fill(author)
    if email:
        page.get_by_label("Adres e-mail", exact=True).fill(email)
    page.get_by_label("Adres zamieszkania").fill("Długa 1")
    page.get_by_role("button", name="Dalej: podsumowanie").click()
    page.get_by_role("button", name="Złóż projekt").click()
    expect(page.get_by_role("heading", name=re.compile("Projekt złożony"))).to_be_visible()
    return page.url.partition("?")[0]


def open_in_panel(page: Page, title: str) -> None:
    """The project's page of staff, by its title, from the newest edition."""
    page.goto("/panel/idea/budzet/")
    page.get_by_role("main").get_by_role("table").get_by_role("link").first.click()
    page.locator("#id_szukaj").fill(title)
    page.get_by_role("button", name="Pokaż").click()
    page.get_by_role("link", name=title).click()
    expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()


def report_work(page: Page, title: str, *, spent: str, text: str, photo: Path) -> None:
    """An officer's news of the work on a winner: the stage, the money, a photo."""
    open_in_panel(page, title)
    page.get_by_role("link", name="Napisz o realizacji").click()
    page.get_by_label("Etap").select_option("works")
    page.get_by_label("Wydano do tej pory (zł)").fill(spent)
    page.get_by_label("Co nowego?").fill(text)
    page.get_by_label("Zdjęcia").set_input_files(photo)
    page.get_by_role("button", name="Opublikuj").click()
    expect(page.get_by_text("Wiadomość jest opublikowana.")).to_be_visible()


def enter_paper_list(page: Page, people: int) -> None:
    """On the project's page of staff: so many people from a paper list."""
    page.get_by_text("Wpisz osoby z papierowej listy").click()
    page.get_by_label("Osoby z papierowej listy").fill("\n".join(f"Osoba Numer{n}; Krótka {n}" for n in range(people)))
    page.get_by_role("button", name="Wpisz na listę").click()
    expect(page.get_by_text(f"Podpisów: {people} z")).to_be_visible()


def verify(page: Page, opinions: int) -> None:
    """On the project's page of staff: the formal check, so many good opinions, the verdict."""
    page.get_by_role("button", name="Spełnia wymogi: opublikuj i poproś o opinie").click()
    for _number in range(opinions):
        waiting = page.get_by_role("main").locator("details:has(form[action*='/opinie/'])").first
        waiting.locator("summary").click()
        waiting.get_by_label("pozytywna").check()
        waiting.get_by_label("Uzasadnienie").fill("Nie ma przeciwwskazań.")
        waiting.get_by_role("button", name="Zapisz opinię").click()
        expect(page.get_by_text("Opinia jest zapisana.")).to_be_visible()
    page.locator("#id_text").fill("Projekt spełnia warunki.")
    page.get_by_role("button", name="Dopuść do głosowania").click()
    expect(page.get_by_text("Wynik jest opublikowany.")).to_be_visible()
