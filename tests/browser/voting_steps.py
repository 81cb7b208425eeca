"""Steps of a secret vote, shared by browser tests: who votes, the code, the ballot, the receipt, paper, the committee."""

from __future__ import annotations

import re
import time
from datetime import date, datetime
from pathlib import Path

from playwright.sync_api import Page, expect

HOLDERS = ("przewodnicząca", "sekretarz", "członek")


def fill_day(page: Page, name: str, day: date) -> None:
    """A date in its three fields."""
    for part, value in enumerate((day.day, day.month, day.year)):
        page.locator(f"[name='{name}_{part}']").fill(str(value))


def messages_of(mailbox: Path) -> list[str]:
    """Text messages that the platform has sent, the oldest first: the number in the first line."""
    files = sorted(mailbox.glob("*.sms"), key=lambda one: one.stat().st_mtime_ns)
    return [one.read_text("utf-8") for one in files]


def code_for(mailbox: Path, number: str, before: int = 0, seconds: float = 30) -> str:
    """The code of the last message to a number (digits with 48), once there are more than ``before`` of them."""
    until = time.monotonic() + seconds
    while True:
        found = [text for text in messages_of(mailbox) if text.startswith(number)]
        if len(found) > before:
            return re.search(r"\b\d{6}\b", found[-1].splitlines()[1]).group()
        assert time.monotonic() < until, f"no text message to {number}"
        time.sleep(0.1)


def fill_person(page: Page, *, given: str, family: str, born: date, address: str, flat: str = "") -> None:
    """Who somebody is, on the voter's page and on the officer's."""
    page.get_by_label("Imię", exact=True).fill(given)
    page.get_by_label("Nazwisko", exact=True).fill(family)
    fill_day(page, "born", born)
    page.locator("#id_address").fill(address)
    page.keyboard.press("Escape")
    page.get_by_label("Numer mieszkania").fill(flat)


def confirm_by_phone(page: Page, home: str, mailbox: Path, *, phone: str, guardian: str = "", **person) -> None:
    """From the page of an election to its ballot, without an account. ``phone`` as nine digits."""
    number = f"48{phone}"
    before = len([text for text in messages_of(mailbox) if text.startswith(number)]) if mailbox.exists() else 0
    page.goto(f"{home}dane/")
    fill_person(page, **person)
    page.get_by_label("Numer telefonu komórkowego").fill(phone)
    if guardian:
        page.get_by_label("Imię i nazwisko rodzica albo opiekuna").fill(guardian)
        page.get_by_label("Jestem rodzicem albo opiekunem prawnym").check()
    page.get_by_label("Oświadczam, że mieszkam pod tym adresem").check()
    page.get_by_role("button", name="Wyślij kod").click()
    page.get_by_label("Kod z SMS-a").fill(code_for(mailbox, number, before))
    page.get_by_role("button", name="Potwierdź").click()
    expect(page.get_by_role("heading", name="Karta do głosowania")).to_be_visible()


def confirm_by_account(page: Page, home: str, **person) -> None:
    """The same for somebody who is logged in."""
    page.goto(f"{home}konto/")
    fill_person(page, **person)
    page.get_by_label("Oświadczam, że mieszkam pod tym adresem").check()
    page.get_by_role("button", name="Dalej: karta do głosowania").click()
    expect(page.get_by_role("heading", name="Karta do głosowania")).to_be_visible()


def choose(page: Page, choices: dict[int, list[int]]) -> None:
    """Tick options by the numbers of pools; whatever was ticked before is unticked."""
    for box in page.locator("[data-vote-option] input[type=checkbox]:checked").all():
        box.uncheck()
    for pool, options in choices.items():
        for option in options:
            page.locator(f"#p{pool}-{option}").check()


def send(page: Page) -> str:
    """From a filled ballot to its receipt; the receipt's JSON."""
    page.get_by_role("button", name="Dalej: sprawdź kartę").click()
    expect(page.get_by_text("To jeszcze nie głos.", exact=False).first).to_be_visible()
    page.get_by_role("button", name="Oddaję głos").click()
    expect(page.get_by_role("heading", name="Twój głos jest w urnie")).to_be_visible()
    return page.locator("[data-vote-done]").get_attribute("data-receipt")


def leave(page: Page) -> None:
    """End on a device that is not one's own."""
    page.get_by_role("button", name=re.compile("Zakończ na tym urządzeniu|To nie moje urządzenie")).click()
    expect(page.get_by_text("Następna osoba na tym urządzeniu zacznie od początku.")).to_be_visible()


def check_on_device(page: Page, home: str, verdict: str) -> None:
    """Hold the receipt that the device keeps against the bulletin, in the browser; ``verdict`` is in, absent, early…"""
    page.goto(f"{home}pokwitowanie/")
    page.get_by_role("button", name="Sprawdź pokwitowanie z tego urządzenia").click()
    expect(page.locator(f"[data-verdict='{verdict}']")).to_be_visible()


def check_pasted(page: Page, home: str, receipt: str, said: str) -> None:
    """Hold a pasted receipt against the bulletin, on the server."""
    page.goto(f"{home}pokwitowanie/")
    page.locator("#pokwitowanie").fill(receipt)
    page.get_by_role("button", name="Sprawdź", exact=True).click()
    expect(page.get_by_role("heading", name=said)).to_be_visible()


def make_election(page: Page, *, title: str, opens: datetime, closes: datetime, options: list[str], most: int = 1) -> str:
    """The committee's draft of a vote of its own; the address of its workbench."""
    page.goto("/panel/idea/glosowania/nowe/")
    page.get_by_label("Tytuł").fill(title)
    page.get_by_label("O czym decydujemy?").fill("Próba.")
    for name, moment in (("opens", opens), ("closes", closes)):
        fill_day(page, f"{name}_on", moment.date())
        page.locator(f"[name='{name}_at']").fill(f"{moment:%H:%M}")
    page.get_by_role("checkbox", name="na papierze").check()
    page.get_by_label("Ile najwyżej można wybrać").fill(str(most))
    page.get_by_label("Ile propozycji wygra").fill("1")
    page.get_by_label("Propozycje").fill("\n".join(options))
    page.get_by_role("button", name="Zapisz szkic").click()
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
    return page.url


def make_key(page: Page, bench: str, *, threshold: int = 2, holders: tuple[str, ...] = HOLDERS) -> list[str]:
    """Make the committee's key and read each share as its holder does, one at a time; the words of the shares."""
    page.goto(f"{bench}klucz/")
    page.get_by_label("Kto dostaje część klucza").fill("\n".join(holders))
    page.get_by_label("Ile części razem otwiera urnę").fill(str(threshold))
    page.get_by_role("button", name="Zrób klucz i pokaż części").click()
    shares = []
    for number in range(1, len(holders) + 1):
        share = page.locator("details.vote-share").nth(number - 1)
        share.locator("summary").click()
        expect(page.locator("details.vote-share[open]")).to_have_count(1)
        shares.append(" ".join(share.locator("li").all_inner_texts()))
    page.get_by_role("link", name="Każdy ma swoją część").click()
    return shares


def open_box(page: Page, bench: str) -> None:
    """Set the box up."""
    page.goto(bench)
    page.get_by_role("button", name="Wystaw urnę").click()
    expect(page.get_by_text("Urna stoi.", exact=False)).to_be_visible()


def add_point(page: Page, bench: str, *, name: str, opens: datetime, closes: datetime, officers: list[str]) -> None:
    """A voting point with its officers, by their names."""
    page.goto(f"{bench}punkty/")
    page.get_by_label("Nazwa").fill(name)
    page.get_by_label("Adres").fill("Rynek 1")
    for field, moment in (("opens", opens), ("closes", closes)):
        fill_day(page, f"{field}_on", moment.date())
        page.locator(f"[name='{field}_at']").fill(f"{moment:%H:%M}")
    for officer in officers:
        page.get_by_label(officer).check()
    page.get_by_role("button", name="Zapisz").click()
    expect(page.get_by_text("Punkt zapisany.")).to_be_visible()


def hand_out(page: Page, point: str, **person) -> str:
    """An officer hands a paper out; the code of its envelope."""
    page.goto("/panel/idea/glosowania/punkt/")
    page.get_by_role("link", name=point).click()
    fill_person(page, **person)
    page.get_by_role("button", name="Sprawdź").click()
    page.get_by_role("button", name="Wydaj kartę i kopertę").click()
    return page.locator(".vote-envelope").inner_text()


def enter_paper(page: Page, point: str, code: str, choices: dict[int, list[int]]) -> None:
    """Another officer opens the envelope and enters its ballot."""
    page.goto("/panel/idea/glosowania/punkt/")
    page.get_by_role("link", name=point).click()
    page.get_by_role("link", name="Wpisz głos z koperty").click()
    page.get_by_label("Kod koperty").fill(code)
    page.get_by_role("button", name="Otwórz kopertę").click()
    choose(page, choices)
    page.get_by_role("button", name="Wrzuć do urny").click()
    expect(page.get_by_text("Głos z koperty jest w urnie.")).to_be_visible()


def end_now(city, election: str) -> None:
    """The vote's last instant has passed (the test moves it in the database, as nobody can wait for it)."""
    moved = "opens_at = least(opens_at, now() - interval '1 day'), closes_at = now() - interval '1 second'"
    city.sql(f"UPDATE participation_election SET {moved} WHERE id = '{election}' RETURNING id")


def close_box(page: Page, bench: str) -> None:
    """Close by hand what the platform would close within five minutes."""
    page.goto(bench)
    page.get_by_role("button", name="Zamknij urnę").click()
    expect(page.get_by_text("Urna zamknięta.", exact=False)).to_be_visible()


def open_with_shares(page: Page, bench: str, shares: list[str]) -> None:
    """Enough members type their words; the numbers agree."""
    page.goto(f"{bench}urna/")
    for number, words in enumerate(shares, 1):
        page.get_by_label(f"Część {number}").fill(words)
    page.get_by_role("button", name="Otwórz urnę").click()
    expect(page.get_by_text("Liczby się zgadzają", exact=False)).to_be_visible()
