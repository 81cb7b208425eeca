"""A consultation from its draft to its report: the law's time, a remark without scripts, a drawn one, one answer for all."""

import re
import time
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from miasto.kernel.core import clock
from miasto.kernel.files.testing import drawn_film
from tests.browser.addresses import CONSULTANT

PASSWORD = "pokaz-miasta-2026"
TITLE = "Próbny skwer przy ratuszu"
GUEST = "gosc.konsultacji@poczta.invalid"
SIGNER = "podpis.wniosku@poczta.invalid"


@pytest.fixture
def plain(browser, browser_context_args):
    """A page of a resident whose browser runs no scripts."""
    context = browser.new_context(**{**browser_context_args, "java_script_enabled": False})
    yield context.new_page()
    context.close()


def fill_day(page: Page, name: str, day: date) -> None:
    for part, value in enumerate((day.day, day.month, day.year)):
        page.locator(f"[name='{name}_{part}']").fill(str(value))


def describe(page: Page, today: date) -> None:
    """The form of a new consultation, with a time for remarks that is one day too short."""
    page.get_by_label("Tytuł", exact=True).fill(TITLE)
    page.get_by_label("O czym zdecydujemy?", exact=True).fill("Czy skwer będzie miał fontannę.")
    page.get_by_label("Kiedy zapadnie decyzja?").fill("jesienią")
    page.get_by_label("Kto zdecyduje?").fill("Rada Miasta")
    page.get_by_label("mieszkaniec lub mieszkanka", exact=True).check()
    fill_day(page, "etap-0-starts_on", today)
    fill_day(page, "etap-0-ends_on", today + timedelta(days=20))
    fill_day(page, "etap-1-starts_on", today + timedelta(days=22))
    fill_day(page, "etap-1-ends_on", today + timedelta(days=40))


def add_document(page: Page, title: str, role: str, text: str) -> None:
    page.get_by_role("link", name="Dodaj dokument").click()
    page.get_by_label("Tytuł dokumentu").fill(title)
    page.get_by_label(role).check()
    page.get_by_label("Treść").fill(text)
    page.get_by_role("button", name="Zapisz i podziel na akapity").click()
    expect(page.get_by_text("Dokument zapisany i podzielony na akapity.")).to_be_visible()


def add_film(page: Page, bench: str, public: str) -> None:
    """A film in sign language with captions, sent by script with its progress; the page plays it."""
    page.goto(f"{bench}film/")
    film = {"name": "pjm.webm", "mimeType": "video/webm", "buffer": drawn_film(frames=8)}
    captions = {"name": "pjm.vtt", "mimeType": "text/vtt", "buffer": b"WEBVTT\n\n00:00.000 --> 00:01.000\nSkwer\n"}
    page.get_by_label("Plik z filmem").set_input_files(film)
    page.get_by_label("Napisy").set_input_files(captions)
    page.get_by_role("button", name="Dodaj film").click()
    expect(page.get_by_text("Film jest na stronie konsultacji.")).to_be_visible()
    page.goto(public)
    video = page.locator("video")
    video.evaluate("one => one.play()")
    expect(video).to_have_js_property("videoWidth", 320)
    page.wait_for_function("() => document.querySelector('video').currentTime > 0", timeout=20_000)


def enter_late_letter(page: Page, bench: str) -> None:
    """A letter that was found after the close, with its scan and its answer."""
    page.goto(f"{bench}uwagi/nowa/")
    page.get_by_label("na papierze", exact=True).check()
    page.get_by_label("Treść uwagi").fill("Proszę o klony wzdłuż ulicy.")
    page.get_by_label("mieszkaniec lub mieszkanka", exact=True).check()
    page.get_by_label("Skany i załączniki").set_input_files(
        {"name": "list.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n%%EOF"}
    )
    page.get_by_label("złożona po terminie", exact=True).check()
    page.get_by_label("Uzasadnienie").fill("List przyszedł po zamknięciu; klony i tak będą.")
    page.get_by_role("button", name="Wpisz do rejestru").click()
    expect(page.get_by_text("Jest w uzupełnieniu raportu.", exact=False)).to_be_visible()
    page.get_by_label("Załącznik 1", exact=False).check()
    page.get_by_role("button", name="Opublikuj tę wersję").click()
    expect(page.get_by_text("Opublikowano treść uwagi.")).to_be_visible()


def write(page: Page, address: str, text: str, email: str = "") -> None:
    page.goto(address)
    page.get_by_role("link", name="Propozycja skweru").click()
    page.get_by_role("link", name="Napisz uwagę do akapitu 2").click()
    page.get_by_label("Twoja uwaga").fill(text)
    page.get_by_label("mieszkaniec lub mieszkanka", exact=True).check()
    page.get_by_label("Adres e-mail").fill(email)
    page.get_by_role("button", name="Wyślij uwagę").click()
    expect(page.get_by_text("Przyjęliśmy Twoją uwagę.")).to_be_visible()
    expect(page.get_by_text(text)).to_be_visible()


def draw(page: Page, address: str) -> None:
    """A remark about a street, drawn on the map as a line; whoever reads it sees the line."""
    page.goto(address)
    page.get_by_role("link", name="Uwaga do miejsca na mapie").click()
    city_map = page.locator("#mapa-uwagi")
    city_map.get_by_role("button", name="Narysuj linię").click(timeout=60_000)
    canvas = city_map.locator("canvas").first
    canvas.scroll_into_view_if_needed()
    for n, (x, y) in enumerate(((80, 80), (150, 120), (230, 90)), start=1):
        canvas.click(position={"x": x, "y": y})
        expect(city_map.get_by_role("status")).to_contain_text(f"Liczba punktów: {n}.")
    city_map.get_by_role("button", name="Zakończ rysowanie").click()
    page.get_by_label("Twoja uwaga").fill("Tędy chodzimy na przystanek.")
    page.get_by_label("mieszkaniec lub mieszkanka", exact=True).check()
    page.get_by_role("button", name="Wyślij uwagę").click()
    expect(page.get_by_text("Przyjęliśmy Twoją uwagę.")).to_be_visible()
    expect(city_map).to_have_attribute("data-ready", "1", timeout=60_000)
    shown = city_map.evaluate(
        "one => one.cityMap.queryRenderedFeatures({ layers: ['page-geojson-line'] }).map((f) => f.geometry.type)"
    )
    assert "LineString" in shown


def link_in(mail, part: str = "s") -> str:
    return re.search(rf"https?://\S+(/idea/{part}/\S+/)", mail.get_body(("plain",)).get_content()).group(1)


def test_a_consultation_from_its_draft_to_its_report(sign_in, plain, page, running_city):
    staff, today = sign_in(CONSULTANT, PASSWORD), clock.today()
    staff.goto("/panel/idea/nowe/")
    describe(staff, today)
    staff.get_by_role("button", name="Zapisz").click()
    expect(staff.get_by_text(re.compile("trzeba dać co najmniej 21 dni")).first).to_be_visible()
    fill_day(staff, "etap-0-ends_on", today + timedelta(days=21))
    staff.get_by_role("button", name="Zapisz").click()
    expect(staff.get_by_role("heading", name=TITLE)).to_be_visible()
    bench = staff.url
    add_document(staff, "Skwer dziś", "fakty: jak jest dziś", "Dziś jest tu parking na dwanaście aut.")
    add_document(staff, "Propozycja skweru", "projekt, o którym rozmawiamy", "# Woda\n\nNa środku stanie fontanna.")
    staff.get_by_role("button", name="Opublikuj").click()
    expect(staff.get_by_text("Wszyscy widzą te konsultacje.")).to_be_visible()
    public = staff.get_by_role("link", name="Strona publiczna").get_attribute("href")

    add_film(staff, bench, public)
    write(plain, public, "Fontanna jest za droga, wolę drzewa.", GUEST)
    plain.goto(link_in(running_city.wait_for_mail(GUEST)[0]))
    plain.get_by_role("button", name="Tak, potwierdzam adres").click()
    expect(plain.get_by_text("Adres potwierdzony.")).to_be_visible()
    write(plain, public, "Zamiast fontanny proszę o drzewa. Mój numer 600 700 800.")
    draw(page, public)

    staff.goto(f"{bench}uwagi/")
    for number in (1, 2, 3):
        staff.locator(f"#u{number}").check()
    staff.get_by_label("Czego dotyczą zaznaczone uwagi?").fill("Drzewa zamiast fontanny")
    staff.get_by_role("button", name="Połącz w grupę").click()
    staff.get_by_label("uwzględniona", exact=True).check()
    staff.get_by_label("Uzasadnienie").fill("Posadzimy sześć klonów, fontanny nie będzie.")
    staff.get_by_role("button", name="Odpowiedz całej grupie").click()
    expect(staff.get_by_text("Odpowiedź zapisana dla całej grupy.")).to_be_visible()
    for number in (1, 2, 3):
        staff.goto(f"{bench}uwagi/{number}/")
        staff.get_by_role("button", name="Opublikuj tę wersję").click()
        expect(staff.get_by_text("Opublikowano treść uwagi.")).to_be_visible()

    told = running_city.wait_for_mail(GUEST, count=2)
    assert any("sześć klonów" in mail.get_body(("plain",)).get_content() for mail in told)
    page.goto(f"{public}uwagi/")
    expect(page.get_by_text("Zamiast fontanny proszę o drzewa.")).to_be_visible()
    assert "600 700 800" not in page.content()

    shift = (
        "UPDATE participation_phase SET starts_on = starts_on - 30, ends_on = ends_on - 30 WHERE process_id = '{}' RETURNING id"
    )
    running_city.sql(shift.format(bench.rstrip("/").rsplit("/", 1)[-1]))
    staff.goto(bench)
    staff.get_by_label("Co wynikło z konsultacji?").fill("Na skwerze będą drzewa.")
    staff.get_by_role("button", name="Zamknij i zrób raport").click()
    expect(staff.get_by_text("Raport właśnie powstaje", exact=False)).to_be_visible()
    plain.goto(f"{public}raport/")
    expect(plain.get_by_text("Posadzimy sześć klonów, fontanny nie będzie.")).to_be_visible()
    assert pdf_of(plain, f"{public}raport.pdf").startswith(b"%PDF")
    enter_late_letter(staff, bench)
    plain.goto(f"{public}raport/")
    expect(plain.get_by_role("heading", name="Uzupełnienie raportu z dnia")).to_be_visible()
    plain.get_by_role("link", name="nr 4", exact=True).click()
    expect(plain.get_by_role("link", name="Załącznik 1")).to_be_visible()


def pdf_of(page: Page, address: str, seconds: float = 120) -> bytes:
    """The report's file, once the worker has drawn it."""
    end = time.monotonic() + seconds
    while True:
        answer = page.request.get(address)
        if answer.status == 200:
            return answer.body()
        assert answer.status == 503, answer.status
        assert time.monotonic() < end, "nobody drew the report"
        time.sleep(0.5)


def test_a_request_of_residents_is_signed_by_e_mail_and_counted_once_it_is_confirmed(page, running_city, nothing_leaves):
    [[title]] = running_city.sql("SELECT title FROM idea_consultationrequest WHERE fate = 'collecting'")
    page.goto("/idea/wnioski/")
    page.get_by_role("link", name=title).click()
    counted = page.locator("label[for=ile]")
    before, needed = map(int, re.findall(r"\d+", counted.inner_text()))
    page.get_by_role("button", name="Podpisz").click()
    expect(page.get_by_text("Podpisać mogą mieszkańcy miasta.").first).to_be_visible()
    page.get_by_label("Adres e-mail").fill(SIGNER)
    page.get_by_label("Mieszkam w mieście").check()
    page.get_by_role("button", name="Podpisz").click()
    expect(page.get_by_text("Wysłaliśmy e-mail.")).to_be_visible()
    expect(counted).to_have_text(f"{before} z {needed}")
    page.goto(link_in(running_city.wait_for_mail(SIGNER)[0], "wnioski/podpis"))
    page.get_by_role("button", name="Potwierdzam podpis").click()
    expect(page.get_by_text("Podpis potwierdzony.")).to_be_visible()
    expect(counted).to_have_text(f"{before + 1} z {needed}")
