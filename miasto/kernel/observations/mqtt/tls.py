"""TLS at the door: a second port with a certificate that is read anew when it was renewed.

``MIASTO_MQTT_TLS`` is its address (``0.0.0.0:8883``), ``MIASTO_MQTT_CERTIFICATE`` and ``MIASTO_MQTT_CERTIFICATE_KEY`` the
files in PEM, the chain after the certificate.
"""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Certificate:
    """Where it listens and with what. Raises ``OSError`` (``ssl.SSLError`` among them) for files that are none."""

    address: str
    chain: Path
    key: Path
    context: ssl.SSLContext = field(init=False)
    _read: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.renew()

    def renew(self) -> None:
        """Take the files as they are now; those who are connected stay so."""
        now = (self.chain.stat().st_mtime_ns, self.key.stat().st_mtime_ns)
        if now != self._read:
            self.context.load_cert_chain(self.chain, self.key)
            self._read = now


def configured() -> Certificate | None:
    """What the settings name; None without them."""
    address = os.environ.get("MIASTO_MQTT_TLS")
    if not address:
        return None
    return Certificate(address, Path(os.environ["MIASTO_MQTT_CERTIFICATE"]), Path(os.environ["MIASTO_MQTT_CERTIFICATE_KEY"]))
