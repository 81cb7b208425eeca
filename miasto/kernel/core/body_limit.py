"""Refuses bodies that are larger than any form of the platform sends, before they fill the disk.

Django reads the whole body of a request into a temporary file before the first line of a view runs, and its own limit does
not count uploaded files. So the bytes are counted in front of it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.template.loader import render_to_string

from miasto.kernel.core.city import city

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


class BodyLimit:
    """ASGI middleware: a body of more than ``most`` bytes is answered 413 (RFC 9110 § 15.5.14) and not kept."""

    def __init__(self, app: App, *, most: int) -> None:
        self.app, self.most = app, most

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        if _declared(scope) > self.most:
            return await self._refuse(send)
        counted = _Counted(receive, self.most)
        await self.app(scope, counted, send)
        # Django takes the broken body for a client that has gone, and answers nothing
        return await self._refuse(send) if counted.exceeded else None

    async def _refuse(self, send: Send) -> None:
        """413 with a page that stands alone: the body was not read, so neither session nor language is known."""
        page = render_to_string("413.html", {"platform": city().platform_name, "megabytes": self.most // 1_000_000})
        body = page.encode()
        headers = [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", str(len(body)).encode())]
        headers += [(b"connection", b"close"), (b"content-security-policy", b"default-src 'none'; style-src 'self'")]
        await send({"type": "http.response.start", "status": 413, "headers": headers})
        await send({"type": "http.response.body", "body": body})


class _Counted:
    """``receive`` for a body whose length was not told: past the limit the client seems to have gone."""

    def __init__(self, receive: Receive, most: int) -> None:
        self.receive, self.left, self.exceeded = receive, most, False

    async def __call__(self) -> Message:
        message = await self.receive()
        if message["type"] == "http.request":
            self.left -= len(message.get("body", b""))
            if self.left < 0:
                self.exceeded = True
                return {"type": "http.disconnect"}
        return message


def _declared(scope: Message) -> int:
    value = dict(scope["headers"]).get(b"content-length", b"")
    return int(value) if value.isdigit() and len(value) <= 18 else 0
