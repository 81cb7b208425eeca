"""The signature of push messages. Heavy: import it inside a function."""

from datetime import timedelta
from typing import Any

import jwt
from webpush.vapid import VAPID

from miasto.kernel.core import clock

DEFAULT_PORTS = {"http": 80, "https": 443}


class Vapid(VAPID):
    """The library's signature with what it lacks of RFC 8292, 2.

    The audience is the whole origin, with its port where it is not the usual one; the contact is any address, or none.
    """

    def __init__(self, *, private_key: bytes, public_key: bytes, contact: str) -> None:
        super().__init__(private_key=private_key, public_key=public_key)
        self.contact = contact

    def get_authorization_header(self, endpoint: Any, subscriber: str, expiration: int) -> str:
        usual = endpoint.port in (None, DEFAULT_PORTS.get(endpoint.scheme))
        origin = f"{endpoint.scheme}://{endpoint.host}" + ("" if usual else f":{endpoint.port}")
        ends = clock.now() + timedelta(seconds=expiration)
        claims: dict[str, Any] = {"aud": origin, "exp": int(ends.timestamp())}
        if self.contact:
            claims["sub"] = self.contact
        token = jwt.encode(claims, self.private_key, algorithm="ES256")
        return f"vapid t={token}, k={self.get_application_server_key(self.public_key)}"
