"""A resident asks the environment: what the air is like now, at an address, this year, and how the rivers stand."""

import re
import time

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.common_city


def test_from_the_menu_to_a_station_an_address_and_the_rivers(visitor):
    page = visitor().page
    page.goto("/")
    page.get_by_role("navigation").get_by_role("link", name="Środowisko").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"^Teraz powietrze jest .+\.$"))
    expect(page.get_by_text("Wietrzyć?")).to_be_visible()
    expect(page.locator("#lista-stacji table").first.locator("tbody tr")).to_have_count(3)
    expect(page.get_by_text(re.compile("z przekroczeniem; wolno mieć 35")).first).to_be_visible()

    page.locator("#lista-stacji").get_by_role("link").first.click()
    expect(page).to_have_url(re.compile(r"/stacje/[a-z0-9-]+/$"))
    page.get_by_role("navigation", name="Okres").get_by_role("link", name="rok").click()
    chart = page.locator(".ui-chart--time")
    expect(chart.locator("polyline").first).to_be_visible()
    chart.get_by_text("Pokaż liczby w tabeli").click()
    expect(chart.locator("tbody tr").nth(300)).to_be_attached()
    with page.expect_download() as loading:
        page.get_by_role("button", name="Pobierz CSV").click()
    assert loading.value.suggested_filename.endswith(".csv")

    page.goto("/powietrze/")
    page.get_by_label("Ulica i numer").fill("sienkiewicza")
    page.get_by_role("button", name="Sprawdź").click()
    expect(page.get_by_text("To oszacowanie, nie pomiar")).to_be_visible()
    expect(page.get_by_role("region", name="Stacje powietrza").locator("tbody tr")).to_have_count(4)

    page.get_by_role("navigation", name="Środowisko").get_by_role("link", name="Rzeki").click()
    expect(page.get_by_role("region", name="Wodowskazy").locator("tbody tr")).to_have_count(8)
    expect(page.locator(".ui-chart__mark--warning")).to_have_count(1)


POSTED = """
from datetime import timedelta
from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.services import issue_key
from miasto.kernel.core import clock
from miasto.kernel.observations.selectors import Datastream
stream = Datastream.objects.filter(source__startswith="demo:", observed_property__code="laeq").order_by("pk").first()
key, plain = issue_key(name="Miernik", rights=["observations.write"], by=SYSTEM)
print(stream.thing.slug, stream.pk, plain, (clock.now() + timedelta(minutes=1)).isoformat())
"""


def test_a_reading_that_a_device_sends_appears_on_the_open_page(visitor, running_city):
    slug, series, key, moment = running_city.command("shell", "-v", "0", "-c", POSTED).split()[-4:]
    page = visitor().page
    page.goto(f"/stacje/{slug}/")
    expect(page.get_by_text("Ta strona zmienia się sama")).to_be_visible()
    sent = page.request.post(
        "/api/sta/v1.1/Observations",
        headers={"X-API-Key": key},
        data={"result": 71.7, "phenomenonTime": moment, "Datastream": {"@iot.id": int(series)}},
    )
    assert sent.status == 201, sent.text()
    expect(page.locator("#odczyty-na-zywo")).to_contain_text(re.compile(r"71,7|72"))
    expect(page.locator("[data-live-said]")).to_have_text("Są nowe odczyty.")


def test_a_page_whose_stream_is_refused_is_read_anew_at_intervals_until_it_is_let_in(visitor):
    page = visitor().page
    wrong, read, begun = [], [], []
    streams = re.compile(r"/odczyty/na-zywo/")
    page.on("pageerror", lambda error: wrong.append(error))
    page.on("request", lambda asked: read.append(asked) if asked.headers.get("x-requested-with") == "live" else None)
    page.on("response", lambda told: begun.append(told.status) if streams.search(told.url) else None)
    page.clock.install()

    def pass_until(happened):
        end = time.monotonic() + 60
        while not happened():
            assert time.monotonic() < end
            page.clock.fast_forward(50_000)

    page.route(streams, lambda route: route.fulfill(status=429, headers={"Retry-After": "30"}))
    page.goto("/powietrze/")
    pass_until(lambda: read)
    expect(page.get_by_text("Ta strona zmienia się sama")).to_be_visible()
    assert set(begun) == {429}
    page.unroute(streams)
    pass_until(lambda: 200 in begun)
    assert wrong == []
