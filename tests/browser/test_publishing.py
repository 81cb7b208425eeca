"""From a resident's report with a telephone, a plate and faces to what everybody sees: a clerk looks at each of them first."""

import io
import os
import time
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from miasto.kernel.files.testing import plate_picture
from tests.browser.test_report_path import PASSWORD, fill_what, send_from, visitor  # noqa: F401  a fixture

CENTRE = "centrum@demo.invalid"
TEXT = "Dziura w jezdni za autem TK 5521C. Proszę dzwonić: Bogdan Krzemień, 601 777 302."
SECRETS = ("TK 5521C", "Krzemień", "601 777 302")
PEOPLE = (
    Path(os.environ.get("MIASTO_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
    / "media/detector_fastestdet/data/3.jpg"
)


@pytest.fixture
def picture(tmp_path) -> Path:
    """A car with a plate, and four people where the shared photos are."""
    image = Image.open(io.BytesIO(plate_picture("TK 5521C")))
    if PEOPLE.exists():
        image.paste(Image.open(PEOPLE), (0, 0))
    path = tmp_path / "auto.jpg"
    image.save(path, "JPEG", quality=92)
    return path


def looked_at(city, number: str) -> int:
    """How many boxes the worker suggested when it looked."""
    city.ask("files.look")
    statement = (
        "SELECT f.to_look, jsonb_array_length(f.boxes) FROM files_file f JOIN cases_casefile c ON c.file_id = f.id "
        f"JOIN cases_case k ON k.id = c.case_id WHERE k.number = '{number}'"
    )
    until = time.monotonic() + 150
    while time.monotonic() < until:
        waits, boxes = city.sql(statement)[0]
        if not waits:
            return boxes
        time.sleep(0.2)
    raise AssertionError("the worker did not look at the photo")


def test_a_clerk_sees_the_masks_and_everybody_only_the_masked(page, sign_in, visitor, running_city, picture, nothing_leaves):  # noqa: F811
    fill_what(page, TEXT)
    page.locator("input[type=file]").first.set_input_files(picture)
    expect(page.locator("main img").first).to_be_visible()
    number = send_from(page, "Sienkiewicza")
    assert looked_at(running_city, number) >= (3 if PEOPLE.exists() else 1)

    desk = sign_in(CENTRE, PASSWORD)
    desk.goto(f"/panel/centrum/publikacja/{number}/")
    assert [mark.inner_text() for mark in desk.locator("mark").all()] == ["TK 5521C", "Bogdan Krzemień", "601 777 302"]
    field = desk.get_by_label("Zobaczą wszyscy")
    assert not any(secret in field.input_value() for secret in SECRETS)

    desk.locator("mark").first.focus()
    desk.keyboard.press("Enter")
    expect(desk.locator("mark").first).to_have_attribute("aria-pressed", "false")
    assert "TK 5521C" in field.input_value()
    desk.keyboard.press("Enter")
    assert "TK 5521C" not in field.input_value()

    boxes = desk.locator("input[name=box]").count()
    desk.get_by_role("button", name="Dodaj prostokąt").click()
    before = desk.locator("input[name=box]").last.input_value()
    desk.keyboard.press("ArrowRight")
    desk.keyboard.press("Shift+ArrowDown")
    assert desk.locator("input[name=box]").last.input_value() != before
    desk.keyboard.press("Delete")
    expect(desk.locator("input[name=box]")).to_have_count(boxes)

    desk.get_by_role("button", name="Opublikuj tę wersję").click()
    expect(desk.get_by_text("Opublikowano tekst.")).to_be_visible()
    desk.get_by_role("button", name="Zamaż i opublikuj").click()
    expect(desk.get_by_text("Opublikowano zdjęcie.")).to_be_visible()

    everybody = visitor()
    everybody.goto(f"/sprawy/{number}/")
    text = everybody.content()
    assert "[telefon]" in text
    assert not any(secret in text for secret in SECRETS)
    plain, shown = running_city.sql(
        "SELECT c.original_id, c.file_id FROM cases_casefile c JOIN cases_case k ON k.id = c.case_id "
        f"WHERE k.number = '{number}'"
    )[0]
    assert plain is not None
    assert str(shown) in text
    assert str(plain) not in text
