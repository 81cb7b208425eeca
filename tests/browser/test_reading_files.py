"""A keeper brings a file of readings: sees what the platform sees in it, says what it measures, confirms."""

import pytest
from playwright.sync_api import expect

from tests.browser import axe
from tests.browser.addresses import KEEPER

pytestmark = pytest.mark.common_city

FILE = "Numer;Data odczytu;Stan\n" + "".join(f"WX-7;{day:02}.03.2026 08:00;{100 + day},5\n" for day in range(1, 11))


def test_from_the_upload_over_the_columns_to_the_readings(visitor):
    page = visitor(KEEPER).page
    page.goto("/panel/pomiary/wgraj/")
    body = (FILE + "WX-7;31.02.2026 08:00;5\n").encode("cp1250")
    page.get_by_label("Plik z odczytami").set_input_files({"name": "marzec.csv", "mimeType": "text/csv", "buffer": body})
    page.get_by_role("button", name="Wgraj i obejrzyj").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("marzec.csv")
    expect(page.get_by_role("region", name="Pierwsze odczyty").get_by_text("1 marca 2026, 08:00")).to_be_visible()
    page.get_by_label("Co mierzą", exact=True).select_option("volume")
    page.get_by_role("button", name="Sprawdź cały plik").click()
    expect(page.get_by_text("1 × to nie jest data")).to_be_visible()
    page.get_by_text("Zmień ustalenia i sprawdź jeszcze raz").click()
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        expect(page.get_by_label("Nazwa ustaleń")).to_be_visible()
        axe.check(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    with page.expect_download() as loading:
        page.get_by_role("link", name="Pobierz listę odrzuconych").click()
    assert loading.value.suggested_filename == "odrzucone.csv"
    page.get_by_role("button", name="Wpisz 10 odczytów").click()
    expect(page.get_by_text("wpisane odczyty")).to_be_visible()
    expect(page.get_by_role("region", name="Serie w pliku").get_by_role("link")).to_be_visible()
