"""What is looked at on each page of the platform: accessibility, width, structure, the content security policy, errors."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page, Response

from miasto.kernel.core.city import city
from tests.browser.axe import findings

DESK = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}
STYLED = re.compile(r"<[a-z][^<>]*\sstyle\s*=", re.IGNORECASE)
STRUCTURE = """() => ({
    headings: document.querySelectorAll("h1").length,
    lang: document.documentElement.lang,
    title: document.title,
})"""
DARKEN = """async () => {
    document.documentElement.dataset.theme = "dark";
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    const finite = document.getAnimations().filter((one) => one.effect.getComputedTiming().endTime < 5000);
    await Promise.race([Promise.allSettled(finite.map((one) => one.finished)), new Promise((late) => setTimeout(late, 10000))]);
}"""
WIDER = """() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= window.innerWidth) return null;
    const over = [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > width + 1);
    return over.slice(0, 3).map((one) => one.tagName + "." + one.className).join(", ") || "the page";
}"""


class Visitor:
    """One person in a browser: goes from page to page and keeps what was wrong, by address."""

    def __init__(self, page: Page, own: str) -> None:
        self.page, self.own = page, own
        self.found: dict[str, list[str]] = {}
        self.seen: list[str] = []
        self._heard: list[str] = []
        self._answer: Response | None = None
        page.on("request", self._requested)
        page.on("response", self._answered)
        page.on("console", self._said)
        page.on("pageerror", lambda error: self._heard.append(f"error of a script: {error}"))

    def _requested(self, request: Any) -> None:
        if not request.url.startswith((self.own, "data:", "blob:", "about:")):
            self._heard.append(f"asks another server: {request.url}")

    def _answered(self, response: Response) -> None:
        request = response.request
        if request.is_navigation_request() and request.frame == self.page.main_frame and not 300 <= response.status < 400:
            self._answer = response

    def _said(self, message: Any) -> None:
        """Errors in the console; that the visited address itself answered 404 or 403 is no error of the page."""
        itself = message.location.get("url", "") == self.page.url or "Failed to load resource" not in message.text
        if message.type == "error" and not ("Failed to load resource" in message.text and itself):
            self._heard.append(f"console: {message.text} {message.location.get('url', '')}")

    def go(self, address: str, *, status: int = 200, then: Callable[[Page], Any] | None = None) -> None:
        """Open an address, do what the test wants there, and look at the page."""
        self.page.goto(address)
        if (led := urlsplit(self.page.url).path) != urlsplit(address).path:
            self._heard.append(f"leads to {led}")
        if then:
            then(self.page)
        self.look(address, status=status)

    def look(self, name: str = "", *, status: int = 200) -> None:
        """Look at the page that is open now: as on a desk in light, then as on a phone in dark."""
        self.page.wait_for_load_state("domcontentloaded")
        address = urlsplit(self.page.url).path
        self.seen.append(address)
        problems = [*self._heard, *self._structure(status)]
        problems += [f"light: {line}" for line in findings(self.page, served=True)]
        self.page.set_viewport_size(PHONE)
        self.page.evaluate(DARKEN)
        problems += [f"dark, phone: {line}" for line in findings(self.page, served=True, again=True)]
        if wide := self.page.evaluate(WIDER):
            problems.append(f"wider than a phone: {wide}")
        self.page.set_viewport_size(DESK)
        if problems:
            self.found[f"{name or address} ({address})"] = problems
        self._heard.clear()

    def _structure(self, status: int) -> list[str]:
        problems, page = [], self.page.evaluate(STRUCTURE)
        answered = self._answer.status if self._answer else 0
        served = self._answer.text() if self._answer else ""
        if answered != status:
            problems.append(f"answered {answered}")
        if page["headings"] != 1:
            problems.append(f"{page['headings']} first headings")
        if not page["title"].endswith(city().platform_name):
            problems.append(f"title: {page['title']}")
        if page["lang"] != "pl":
            problems.append(f"language: {page['lang']!r}")
        problems += [f"inline style: {match.group()[:160]}" for match in STYLED.finditer(served)]
        return problems

    def report(self) -> str:
        """Everything that was wrong, for the message of a failed test."""
        return "\n".join(f"{name}\n    " + "\n    ".join(problems) for name, problems in self.found.items())


def drawn(page: Page) -> None:
    """Wait for the map, which may be what writes to the console."""
    if page.locator("[data-map]").count():
        page.locator("[data-map][data-ready='1']").first.wait_for(timeout=60_000)


def look_at(visitor: Visitor, addresses, sample: dict) -> None:
    for address in addresses:
        visitor.go(address.format(**sample), then=drawn if "mapa" in address.removesuffix("lista/") else None)
    assert not visitor.found, visitor.report()


def open_everything(page: Page) -> None:
    page.evaluate(
        "for (const one of document.querySelectorAll('main details')) { one.removeAttribute('name'); one.open = true; }"
    )
