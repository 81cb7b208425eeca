"""A message comes by a signed webhook; an operator answers it, makes a report of it, and the resident gets both."""

import base64
import hashlib
import hmac
import json
import re
import time
import urllib.request

import pytest
from playwright.sync_api import expect

from miasto.kernel.core.testing import listening

PASSWORD = "pokaz-miasta-2026"
SECRET = "tajemnica bramki czatu"
ROOM = "!rozmowa:przyklad.pl"


@pytest.fixture
def chat(running_city):
    """The running city joined to a gateway that keeps what it was asked to send: ``{own_id: text}``."""
    sent = {}

    def gateway(asked):
        data = json.loads(asked.body)["data"]
        sent.setdefault(data["own_id"], data["text"])
        return 200, {"Content-Type": "application/json"}, json.dumps({"message_id": f"$out-{len(sent)}"}).encode()

    with listening(gateway) as url:
        running_city.kill("web")
        running_city.kill("worker")
        running_city.extra = {
            "MIASTO_MESSAGES_MATRIX_SECRET": SECRET,
            "MIASTO_MESSAGES_MATRIX_URL": url,
            "MIASTO_OUTBOUND_HOSTS": url.removeprefix("http://"),
        }
        running_city.start_web()
        running_city.start_worker()
        yield sent
    running_city.extra = {}


def arrives(city, text, message_id):
    """The gateway hands over what a resident wrote."""
    sender = {"id": "@ola:przyklad.pl", "name": "Ola z czatu"}
    data = {"message_id": message_id, "conversation_id": ROOM, "text": text, "from": sender}
    body, stamp = json.dumps({"type": "message.received", "data": data}).encode(), str(int(time.time()))
    signed = f"{message_id}.{stamp}.".encode() + body
    sign = base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()).decode()
    headers = {"webhook-id": message_id, "webhook-timestamp": stamp, "webhook-signature": f"v1,{sign}"}
    request = urllib.request.Request(f"{city.url}/api/wiadomosci/matrix/", body, headers)
    assert urllib.request.urlopen(request, timeout=30).status == 200


def waited_for(sent, words):
    until = time.monotonic() + 120
    while time.monotonic() < until:
        if found := [text for text in sent.values() if words in text]:
            return found[0]
        time.sleep(0.2)
    raise AssertionError(f"{words} was not sent: {list(sent.values())}")


def test_a_message_is_answered_and_becomes_a_report(running_city, chat, sign_in):
    page = sign_in("centrum@demo.invalid", PASSWORD)
    with page.expect_response(re.compile("/wiadomosci/na-zywo/"), timeout=30_000):
        page.goto("/panel/centrum/wiadomosci/")
    arrives(running_city, "Na Rynku przewrócił się kosz na śmieci", "$1")
    expect(page.get_by_role("link", name="Ola z czatu")).to_be_visible(timeout=30_000)  # nobody reloaded the page
    page.get_by_role("link", name="Ola z czatu").click()
    expect(page.get_by_text("Na Rynku przewrócił się kosz na śmieci")).to_be_visible()
    page.get_by_label("Odpowiedź").fill("Przy którym numerze?")
    page.get_by_role("button", name="Wyślij odpowiedź").click()
    expect(page.get_by_text("odpisaliśmy").first).to_be_visible()
    assert waited_for(chat, "Przy którym numerze?") == "Przy którym numerze?"
    arrives(running_city, "Przy wejściu do ratusza", "$2")
    page.get_by_role("link", name="Utwórz zgłoszenie").click()
    expect(page.get_by_label("Opis")).to_have_value("Na Rynku przewrócił się kosz na śmieci\n\nPrzy wejściu do ratusza")
    page.get_by_label("Kategoria").select_option(label="Przepełniony kosz lub pojemnik")
    page.get_by_role("combobox", name="Adres, ulica lub nazwa miejsca").fill("Rynek")
    page.locator(".ui-combo__list").get_by_role("option").first.click()
    expect(page.locator("[data-chosen]")).to_contain_text("Wybrane miejsce")
    page.get_by_role("button", name="Wyślij zgłoszenie").click()
    expect(page.get_by_text(re.compile(r"Utworzono zgłoszenie ZG-")).first).to_be_visible()
    told = waited_for(chat, "Przyjęliśmy zgłoszenie ZG-")
    number, link = re.search(r"ZG-\d{4}-\d+", told).group(), re.search(r"http\S+/sprawy/s/\S+/", told).group()
    rows = running_city.sql("SELECT channel FROM cases_case WHERE number = %s", number)
    assert rows == [("social",)]
    resident = page.context.browser.new_page()
    resident.goto(link)
    expect(resident.get_by_text("Na Rynku przewrócił się kosz na śmieci").first).to_be_visible()
    resident.close()
