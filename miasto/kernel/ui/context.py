"""What every page needs around its content, read only when the template asks for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from miasto.kernel.core import clock, marks
from miasto.kernel.core.city import City, city
from miasto.kernel.core.registry import registry
from miasto.kernel.spec.ui import AccountPage, HeaderItem, NavItem, PanelPage
from miasto.kernel.ui.colours import style_sheet
from miasto.kernel.ui.reader import Reader


@dataclass(frozen=True)
class Link:
    """A link of a menu; ``current`` where the reader is on that page or below it."""

    label: Any
    url: str
    icon: str
    current: bool


class Frame:
    """The frame of one page."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def city(self) -> City:
        return city()

    @cached_property
    def drawn(self) -> str:
        """When the request for this page began, in milliseconds since 1970: its streams of events start from then."""
        return str(int(getattr(self.request, "began", clock.now()).timestamp() * 1000))

    @cached_property
    def colours_digest(self) -> str:
        return style_sheet(city())[1]

    @cached_property
    def reader(self) -> Reader:
        return Reader.of(self.request)

    @cached_property
    def contacts(self) -> dict[str, str]:
        return city().contacts

    @cached_property
    def short_name(self) -> str:
        """The name of the platform that fits into the header."""
        return str(city().data.get("platform_short_name") or city().platform_name)

    @cached_property
    def in_city(self) -> str:
        """The city with its preposition („w …”, „we …”); only Polish declines the name."""
        if (get_language() or "pl").startswith("pl"):
            return str(city().data.get("in_city") or f"w {city().name_locative}")
        return _("w mieście %(name)s") % {"name": city().name}

    @cached_property
    def demo(self) -> bool:
        """Whether the data are made up. Asked on each page: a demo may be loaded while the server runs."""
        try:
            return bool(marks.get("demo", False))
        except DatabaseError:
            return False

    @cached_property
    def nav(self) -> list[Link]:
        return [self._link(item) for item in registry().all(NavItem)]

    @cached_property
    def account_pages(self) -> list[Link]:
        return [self._link(item) for item in registry().all(AccountPage)]

    @cached_property
    def header_items(self) -> list[tuple[str, dict[str, Any]]]:
        """``(template, values)`` of what engines put into the header; None from an engine hides its part."""
        found = ((item.template, item.context(self.request)) for item in registry().all(HeaderItem))
        return [(template, values) for template, values in found if values is not None]

    @cached_property
    def signed_in(self) -> bool:
        viewer = getattr(self.request, "viewer", None)
        return viewer is not None and not viewer.is_anonymous

    @cached_property
    def login_url(self) -> str:
        return resolve_url(settings.LOGIN_URL)

    @cached_property
    def panel_groups(self) -> list[tuple[Any, list[Link]]]:
        """``(name of the group, links)`` of the staff pages open to this viewer, in their order; the nearest one is current."""
        pages = panel_pages(getattr(self.request, "viewer", None))
        first = {}
        for position, page in enumerate(pages):
            first.setdefault(str(page.group), position)
        pages.sort(key=lambda page: first[str(page.group)])
        links = [(str(page.group), self._link(page)) for page in pages]
        here = max((link.url for _name, link in links if link.current), key=len, default="")
        one = [(name, link if link.url == here else replace(link, current=False)) for name, link in links]
        return [(name, [link for _name, link in group]) for name, group in groupby(one, lambda pair: pair[0])]

    @cached_property
    def languages(self) -> list[tuple[str, str]]:
        """``(code, name in that language)`` of the languages other than the present one."""
        present = (get_language() or settings.LANGUAGE_CODE).split("-")[0]
        return [(code, name) for code, name in settings.LANGUAGES if code != present]

    def _link(self, item: Any) -> Link:
        url = reverse(item.url_name)
        current = self._is_current(url) or any(self.request.path.startswith(path) for path in getattr(item, "also", ()))
        return Link(item.label, url, item.icon, current)

    def _is_current(self, url: str) -> bool:
        here = self.request.path
        return here == url or (url not in ("/", "/panel/", "/konto/") and here.startswith(url))


def panel_pages(viewer: Any) -> list[PanelPage]:
    """The staff pages that a viewer may open, by their order; none for an anonymous one."""
    if viewer is None or viewer.is_anonymous:
        return []
    return [page for page in registry().all(PanelPage) if viewer.holds(page.permission)]


def page(request: HttpRequest) -> dict[str, Frame]:
    """Context processor: ``frame`` in every template."""
    return {"frame": Frame(request)}
