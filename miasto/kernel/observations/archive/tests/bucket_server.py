"""A stand-in that speaks S3, as a process: ``python -m …bucket_server PORTFILE ACCESS SECRET``. Signatures (SigV4) are checked.

GET with Range, PUT with its sums, DELETE, ListObjectsV2 by pages of two. ``PUT /_faults/<kind>?<n>`` makes the next ``n``
requests go wrong: ``slow`` (503 SlowDown), ``deny`` (403 AccessDenied), ``hang`` (no answer as long as somebody listens),
``cut`` (the connection ends in the middle), ``rot`` (other bytes come back).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import sys
import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlsplit

OBJECTS: dict[str, tuple[bytes, float]] = {}
FAULTS: dict[str, int] = {}
LOCK = threading.Lock()
BUCKETS = {"readings"}
PAGE = 2


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    access = secret = ""

    def log_message(self, *_arguments):
        pass

    def _signed(self, body: bytes) -> bool:
        """AWS Signature Version 4 of this request, computed anew."""
        head = self.headers.get("Authorization", "")
        if not head.startswith("AWS4-HMAC-SHA256 "):
            return False
        parts = dict(one.strip().split("=", 1) for one in head.split(" ", 1)[1].split(","))
        access, *scope = parts["Credential"].split("/")
        at = urlsplit(self.path)
        pairs = sorted((quote(k, safe="-_.~"), quote(v, safe="-_.~")) for k, v in parse_qsl(at.query, keep_blank_values=True))
        names = parts["SignedHeaders"].split(";")
        said = self.headers["x-amz-content-sha256"]
        canonical = [
            self.command, quote(unquote(at.path), safe="/-_.~"), "&".join(f"{k}={v}" for k, v in pairs),
            *[f"{name}:{' '.join(self.headers[name].split())}" for name in names], "", ";".join(names), said,
        ]  # fmt: skip
        digest = hashlib.sha256("\n".join(canonical).encode()).hexdigest()
        text = "\n".join(["AWS4-HMAC-SHA256", self.headers["x-amz-date"], "/".join(scope), digest])
        key = f"AWS4{self.secret}".encode()
        for piece in scope:
            key = hmac.new(key, piece.encode(), hashlib.sha256).digest()
        wanted = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        right_body = said == "UNSIGNED-PAYLOAD" or said == hashlib.sha256(body).hexdigest()
        return access == self.access and right_body and hmac.compare_digest(wanted, parts["Signature"])

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _fail(self, status: int, code: str) -> None:
        self._answer(status, f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode(), Content_Type="text/xml")

    def _fault(self) -> str:
        with LOCK:
            for kind in FAULTS:
                if FAULTS[kind] > 0:
                    FAULTS[kind] -= 1
                    return kind
        return ""

    def _all(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        at = urlsplit(self.path)
        bucket, _slash, key = unquote(at.path).lstrip("/").partition("/")
        if bucket == "_faults":
            FAULTS[key] = int(at.query)
            return self._answer(200)
        fault = self._fault()
        if fault == "hang":
            self.connection.settimeout(20)
            self.connection.recv(1)
            self.close_connection = True
            return None
        if fault == "deny":
            return self._fail(403, "AccessDenied")
        if fault == "slow":
            return self._fail(503, "SlowDown")
        if not self._signed(body):
            return self._fail(403, "SignatureDoesNotMatch")
        if bucket not in BUCKETS:
            return self._fail(404, "NoSuchBucket")
        if not key:
            return self._list(dict(parse_qsl(at.query)))
        return getattr(self, f"_{self.command.lower()}")(key, body, fault)

    do_GET = do_PUT = do_DELETE = do_HEAD = _all

    def _put(self, key: str, body: bytes, fault: str) -> None:
        said = self.headers.get("x-amz-checksum-sha256")
        if said and base64.b64decode(said) != hashlib.sha256(body).digest():
            return self._fail(400, "BadDigest")
        OBJECTS[key] = (body[:-1] + b"?" if fault == "rot" else body, time.time())
        return self._answer(200, ETag='"x"')

    def _get(self, key: str, _body: bytes, fault: str) -> None:
        if key not in OBJECTS:
            return self._fail(404, "NoSuchKey")
        whole, written = OBJECTS[key]
        status, found, more = 200, whole, {"Last_Modified": formatdate(written, usegmt=True)}
        if span := self.headers.get("Range"):
            first, last = span.removeprefix("bytes=").split("-")
            start = int(first) if first else max(0, len(whole) - int(last))
            end = min(len(whole), int(last) + 1) if first and last else len(whole)
            status, found = 206, whole[start:end]
            more["Content_Range"] = f"bytes {start}-{end - 1}/{len(whole)}"
        if fault == "cut":
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(found)))
            self.end_headers()
            self.wfile.write(found[: len(found) // 2])
            self.close_connection = True
            return None
        return self._answer(status, found, **more)

    def _delete(self, key: str, _body: bytes, _fault: str) -> None:
        OBJECTS.pop(key, None)
        self._answer(204)

    def _list(self, asked: dict[str, str]) -> None:
        after = asked.get("continuation-token", "")
        keys = sorted(key for key in OBJECTS if key.startswith(asked.get("prefix", "")) and key > after)
        page, more = keys[:PAGE], len(keys) > PAGE
        rows = "".join(
            f"<Contents><Key>{key}</Key><Size>{len(OBJECTS[key][0])}</Size><LastModified>"
            f"{time.strftime('%Y-%m-%dT%H:%M:%S.000Z', time.gmtime(OBJECTS[key][1]))}</LastModified></Contents>"
            for key in page
        )
        token = f"<NextContinuationToken>{page[-1]}</NextContinuationToken>" if more else ""
        text = f"<ListBucketResult><IsTruncated>{str(more).lower()}</IsTruncated>{token}{rows}</ListBucketResult>"
        self._answer(200, text.encode(), Content_Type="text/xml")


def main() -> None:
    Handler.access, Handler.secret = sys.argv[2:4]
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told = Path(sys.argv[1])
    part = told.with_suffix(".part")
    part.write_text(str(server.server_address[1]))
    part.rename(told)
    server.serve_forever()


if __name__ == "__main__":
    main()
