"""Lists that are read by cursors: the addresses of their other parts."""

from __future__ import annotations

from typing import Protocol

from django.http import HttpRequest

PARAMETER = "strona"


class Part(Protocol):
    """A part of a list; None where nothing comes before or after."""

    next: str | None
    previous: str | None


def cursor_urls(request: HttpRequest, page: Part, *, anchor: str = "") -> dict[str, str]:
    """``newer_url`` and ``older_url`` with the rest of the query kept; empty where there is nothing."""

    def address(cursor: str | None) -> str:
        if not cursor:
            return ""
        query = request.GET.copy()
        query[PARAMETER] = cursor
        return f"?{query.urlencode()}{anchor}"

    return {"newer_url": address(page.previous), "older_url": address(page.next)}
