"""A real browser (Debian's Chromium, without its window) against the running platform."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.samples import sample_of
from tests.browser.visits import Visitor

DEMO_PASSWORD = "pokaz-miasta-2026"
ENTRANCE = "/konto/zaloguj/"
CHROMIUM = "/usr/bin/chromium"
SHELL = "/usr/bin/chromium-headless-shell"  # the same engine without what a window needs: a twelfth less work for each page
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
    # No page lives long enough to be worth it: a fifth of the time of a page went into compiling what was not run again.
    "--js-flags=--no-maglev,--no-opt",
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
    return {**browser_type_launch_args, "executable_path": SHELL, "args": ARGUMENTS}


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
        "reduced_motion": "reduce",  # nothing fades, so nobody waits until it has
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
    """``sign_in(email, password)`` gives an empty page in a session of its own, signed in as a person of the demo city.

    The form is sent without being drawn; how it looks and works is seen in test_accounts.py and test_every_step.py.
    """
    contexts = []

    def enter(email: str, password: str, **options):
        context = browser.new_context(**{**browser_context_args, **options})
        contexts.append(context)
        token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', context.request.get(ENTRANCE).text())
        said = {"login": email, "password": password, "csrfmiddlewaretoken": token[1]}
        answer = context.request.post(ENTRANCE, form=said, max_redirects=0)
        assert answer.status == 302, answer.text()
        assert ENTRANCE not in answer.headers["location"]
        return context.new_page()

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
