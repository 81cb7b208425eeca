"""Rate limits in an unlogged table: a fixed window for each key, counted by one statement."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection

from miasto.kernel.core import digests


class TooMany(PermissionDenied):
    """The limit is used up; ``retry_after`` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("too many requests")
        self.retry_after = retry_after


def hit(*, name: str, who: str, limit: int, per_s: int) -> None:
    """Count one use of ``name`` by ``who``; raises ``TooMany`` past ``limit`` uses in a window of ``per_s`` seconds.

    ``who`` is stored only as a keyed hash, since it is an address of a device.
    """
    digest = digests.plain(f"{name}|{who}").hex()[:32]
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO core_ratelimit AS seen (key, until, count) VALUES (%s, now() + make_interval(secs => %s), 1)
               ON CONFLICT (key) DO UPDATE SET
                   count = CASE WHEN seen.until < now() THEN 1 ELSE seen.count + 1 END,
                   until = CASE WHEN seen.until < now() THEN EXCLUDED.until ELSE seen.until END
               RETURNING count, ceil(extract(epoch FROM until - now()))""",
            [digest, per_s],
        )
        count, left = cursor.fetchone()
    if count > limit:
        raise TooMany(max(int(left), 1))


def client(request: Any) -> str:
    """The address of the device behind a request; a proxy's header is believed only where settings say so."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.TRUST_PROXY else ""
    return forwarded.rsplit(",", 1)[-1].strip() or request.META.get("REMOTE_ADDR", "")


def limited(name: str, *, limit: int, per_s: int, methods: tuple[str, ...] = ("POST",)) -> Callable[..., Any]:
    """Decorate a view: past the limit of requests from one device it answers 429."""

    def wrap(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def inner(request: Any, *args: Any, **kwargs: Any) -> Any:
            if request.method in methods:
                hit(name=name, who=client(request), limit=limit * settings.RATE_LIMIT_FACTOR, per_s=per_s)
            return view(request, *args, **kwargs)

        return inner

    return wrap
