"""The signature of push messages. Heavy: import it inside a function."""

from types import SimpleNamespace
from typing import Any

from webpush.vapid import VAPID

DEFAULT_PORTS = {"http": 80, "https": 443}


class Vapid(VAPID):
    """The library's signature whose audience is the whole origin, with its port where it is not the usual one (RFC 8292, 2)."""

    def get_authorization_header(self, endpoint: Any, subscriber: str, expiration: int) -> str:
        usual = endpoint.port in (None, DEFAULT_PORTS.get(endpoint.scheme))
        origin: Any = SimpleNamespace(
            scheme=endpoint.scheme, host=endpoint.host if usual else f"{endpoint.host}:{endpoint.port}"
        )
        return super().get_authorization_header(origin, subscriber, expiration)
