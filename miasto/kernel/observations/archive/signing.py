"""Signatures of reads from object storage, cheap enough for thousands a second.

botocore makes everything else that a store is asked; a request of its own costs it more than a millisecond. Source: AWS
Signature Version 4 (https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html).
"""

from __future__ import annotations

import hashlib
import hmac
import time
from urllib.parse import quote

EMPTY = hashlib.sha256(b"").hexdigest()


class Signer:
    """Signs reads of one host with one key. A session's ``token`` goes with those keys that have one."""

    def __init__(self, host: str, region: str, access: str, secret: str, token: str | None) -> None:
        self.host, self.region, self.access, self._secret, self.token = host, region, access, secret, token
        self._day, self._key = "", b""

    def request(self, path: str, start: int, length: int) -> bytes:
        """The whole request for bytes of what lies under ``path``, now: the store looks at the real clock."""
        second, path = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()), quote(path, safe="/-_.~")
        if second[:8] != self._day:
            self._day, self._key = second[:8], self._of_day(second[:8])
        names, token = "host;x-amz-content-sha256;x-amz-date", ""
        if self.token:
            names, token = f"{names};x-amz-security-token", f"x-amz-security-token:{self.token}\n"
        signed = f"host:{self.host}\nx-amz-content-sha256:{EMPTY}\nx-amz-date:{second}\n{token}"
        whole = hashlib.sha256(f"GET\n{path}\n\n{signed}\n{names}\n{EMPTY}".encode()).hexdigest()
        scope = f"{self._day}/{self.region}/s3/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{second}\n{scope}\n{whole}"
        signature = hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()
        lines = signed.replace("\n", "\r\n")
        return (
            f"GET {path} HTTP/1.1\r\n{lines}range:bytes={start}-{start + length - 1}\r\n"
            f"authorization:AWS4-HMAC-SHA256 Credential={self.access}/{scope}, SignedHeaders={names}, Signature={signature}"
            "\r\n\r\n"
        ).encode()

    def _of_day(self, day: str) -> bytes:
        key = f"AWS4{self._secret}".encode()
        for piece in (day, self.region, "s3", "aws4_request"):
            key = hmac.new(key, piece.encode(), hashlib.sha256).digest()
        return key
