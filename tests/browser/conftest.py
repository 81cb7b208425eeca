"""A real browser (Debian's Chromium) against the running platform."""

import pytest
from playwright.sync_api import expect

from tests.browser.samples import sample_of
from tests.browser.visits import Visitor

DEMO_PASSWORD = "pokaz-miasta-2026"
CHROMIUM = "/usr/bin/chromium"
expect.set_options(timeout=30_000)  # ms; of 5, the default, a busy machine with two cores takes more now and then
ARGUMENTS = [
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    # Only the map needs the graphics processor that is played in software; pages drawn by it took a third more of the time.
    "--disable-gpu-compositing",
    "--disable-gpu-rasterization",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Browser tests are marked before anything is selected by marks.

    The longest files begin, so that no core waits at the end; then those that share a city.
    """
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: (not item.path.name.startswith("test_every_"), item.get_closest_marker("common_city") is None))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": ARGUMENTS}


# The service worker is tested in test_offline.py; elsewhere it would only keep copies of files for each new context, and
# hide requests from the listeners of the tests.
@pytest.fixture
def browser_context_args(browser_context_args, running_city):
    return {
        **browser_context_args,
        "base_url": running_city.url,
        "locale": "pl-PL",
        "timezone_id": "Europe/Warsaw",
        "service_workers": "block",
    }


@pytest.fixture
def nothing_leaves(context, running_city):
    """Fails the test if a page asks any address but the platform's own, or breaks its content security policy."""
    asked, broken = [], []
    context.on("request", lambda request: asked.append(request.url))
    context.on("console", lambda message: broken.append(message.text) if "Content Security Policy" in message.text else None)
    yield
    foreign = [url for url in asked if not url.startswith((running_city.url, "data:", "blob:", "about:"))]
    assert not foreign
    assert not broken


@pytest.fixture
def sign_in(browser, browser_context_args):
    """``sign_in(email)`` gives a page in a session of its own, signed in as a person of the demo city."""
    contexts = []

    def enter(email: str, password: str, **options):
        context = browser.new_context(**{**browser_context_args, **options})
        contexts.append(context)
        page = context.new_page()
        page.goto("/konto/zaloguj/")
        page.get_by_label("Adres e-mail").fill(email)
        page.get_by_label("Hasło").fill(password)
        page.locator("main").get_by_role("button", name="Zaloguj").click()
        page.wait_for_url(lambda url: "zaloguj" not in url)
        return page

    yield enter
    for context in contexts:
        context.close()


@pytest.fixture
def visitor(browser, browser_context_args, running_city, sign_in):
    """``visitor(email)`` gives a ``Visitor`` in a session of its own; without an address nobody is signed in."""
    contexts = []

    def enter(email: str = "") -> Visitor:
        if email:
            return Visitor(sign_in(email, DEMO_PASSWORD), running_city.url)
        contexts.append(browser.new_context(**browser_context_args))
        return Visitor(contexts[-1].new_page(), running_city.url)

    yield enter
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def sample(running_city) -> dict:
    """What the demo city holds for the parameters in addresses."""
    return sample_of(running_city)
