"""Web push in a real browser: agreed to on the page, sent encrypted, shown by the service worker.

The browser maker's push service cannot be reached from here. Its two ends are played: ``subscribe()`` gives the address and
keys of a stand-in that speaks RFC 8030, and what that stand-in got is decrypted (RFC 8291) and given to the service worker.
"""

import json
import time

import pytest
from playwright.sync_api import expect

from miasto.kernel.notifications.testing import push_service
from tests.browser.axe import findings
from tests.browser.conftest import CHROMIUM
from tests.browser.test_offline import READY, keep, state, write

AGREES = """(() => {
    const given = %s;
    const made = { toJSON: () => ({ endpoint: given.endpoint, keys: { p256dh: given.p256dh, auth: given.auth } }) };
    made.unsubscribe = async () => { localStorage.removeItem("agreed"); return true; };
    PushManager.prototype.getSubscription = async () => (localStorage.getItem("agreed") ? made : null);
    PushManager.prototype.subscribe = async () => { localStorage.setItem("agreed", "yes"); return made; };
})()"""
SHOWN = """async () => {
    const { active } = await navigator.serviceWorker.ready;
    const registration = await navigator.serviceWorker.getRegistration("/");
    return (await registration.getNotifications()).map(({ title, body, data }) => ({ title, body, url: data.url }));
}"""


@pytest.fixture
def service(running_city):
    """A push service that the running city may ask."""
    with push_service() as made:
        for part in ("web", "worker"):
            running_city.kill(part)
        running_city.start_web()
        running_city.start_worker()
        yield made


@pytest.fixture
def whole_browser(launch_browser):
    """Push and notifications belong to what the browser without a window lacks."""
    made = launch_browser(executable_path=CHROMIUM)
    yield made
    made.close()


def received(service, count: int):
    until = time.monotonic() + 60
    while len(service.received) < count:
        assert time.monotonic() < until, "no message came to the push service"
        time.sleep(0.1)
    return service.received


def deliver(page, origin: str, message: dict) -> None:
    """What the browser's own connection to the push service does: hands the decrypted message to the service worker."""
    devtools = page.context.new_cdp_session(page)
    found = []
    devtools.on("ServiceWorker.workerRegistrationUpdated", lambda event: found.extend(event["registrations"]))
    devtools.send("ServiceWorker.enable")
    until = time.monotonic() + 30
    while not found:
        assert time.monotonic() < until, "the browser has no service worker"
        page.evaluate("1")
    values = {"origin": origin, "registrationId": found[0]["registrationId"], "data": json.dumps(message)}
    devtools.send("ServiceWorker.deliverPushMessage", values)


def notifications(page) -> list[dict]:
    """What the service worker shows, once it shows something."""
    until = time.monotonic() + 30
    while not (shown := page.evaluate(SHOWN)):
        assert time.monotonic() < until, "the service worker showed nothing"
        time.sleep(0.1)
    return shown


def test_a_browser_that_follows_a_category_shows_a_new_report(whole_browser, browser_context_args, running_city, service):
    device = service.browser()
    options = {**browser_context_args, "service_workers": "allow", "permissions": ["notifications"]}
    context = whole_browser.new_context(**options)
    context.add_init_script(AGREES % json.dumps(device.given))
    page = context.new_page()
    page.goto("/obserwuj/okolica/?kategoria=drogi")
    page.evaluate(READY)
    page.get_by_role("button", name="W tej przeglądarce", exact=True).click()
    expect(page.locator(".follow-list")).to_contain_text("w tej przeglądarce")
    expect(page.locator("[data-push-state]")).to_have_text("Powiadomienia w tej przeglądarce są włączone.")
    assert findings(page) == []

    page.goto("/zglos/bez-sieci/")
    write(page, "Tajne słowa o dziurze, których nie ma na zablokowanym ekranie")
    keep(page)
    expect(state(page)).to_contain_text("wysłane: ZG-")
    message = device.read(received(service, 1)[0].body)
    assert "Dziura w jezdni" in message["title"]
    assert "Tajne" not in json.dumps(message, ensure_ascii=False)
    deliver(page, running_city.url, message)
    (shown,) = notifications(page)
    assert shown == {"title": message["title"], "body": message["body"], "url": message["url"]}

    page.goto("/obserwuj/")
    page.get_by_role("button", name="Wyłącz powiadomienia w tej przeglądarce").click()
    expect(page.locator("[data-push-state]")).to_have_text("Powiadomienia w tej przeglądarce są wyłączone.")
    expect(page.locator(".follow-list")).to_have_count(0)
    assert running_city.sql("SELECT count(*) FROM notifications_pushdevice") == [(0,)]
    context.close()
