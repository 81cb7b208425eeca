"""A stand-in that speaks S3, as a process: ``python -m …bucket_server PORTFILE ACCESS SECRET``. Signatures (SigV4) are checked.

GET with Range, by a signed head or a signed address, PUT with its sums, DELETE, ListObjectsV2 by pages of two. ``PUT
/_faults/<kind>?<n>`` makes the next ``n`` requests go wrong: ``slow`` (503 SlowDown), ``deny`` (403 AccessDenied), ``expired``
(400 ExpiredToken), ``skewed`` (403 RequestTimeTooSkewed), ``hang`` (no answer), ``cut`` (the connection ends in the middle),
``rot`` (other bytes are kept). ``PUT /_latency?<ms>`` makes every answer wait so long, as that of a distant store does.
``GET /_log`` tells what was asked since it was last told, a line for each: method, key, range. ``--folder`` serves the files
of a folder as well, ``--tls CERTIFICATE KEY`` speaks TLS. One thread, since measurements share their two cores with it.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import calendar
import hashlib
import hmac
import io
import ssl
import time
from email.utils import formatdate
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlsplit

OBJECTS: dict[str, tuple[bytes, float]] = {}
FAULTS: dict[str, int] = {}
LOG: list[str] = []
BUCKETS = {"readings"}
PAGE = 2
SETTINGS = {"latency": 0.0}
REFUSALS = {
    "deny": (403, "AccessDenied"),
    "slow": (503, "SlowDown"),
    "expired": (400, "ExpiredToken"),
    "skewed": (403, "RequestTimeTooSkewed"),
}
EMPTY = hashlib.sha256(b"").hexdigest()
KEYS: dict[str, bytes] = {}


class Talk(asyncio.Protocol):
    """One connection."""

    access = secret = ""
    folder: Path | None = None

    def __init__(self) -> None:
        self.came, self.told = bytearray(), False

    def connection_made(self, transport) -> None:
        self.out = transport

    def data_received(self, data: bytes) -> None:
        self.came += data
        end = self.came.find(b"\r\n\r\n")
        if end < 0:
            return
        first, *lines = bytes(self.came[:end]).decode("latin-1").split("\r\n")
        self.headers = {name.lower(): value.strip() for name, _colon, value in (line.partition(":") for line in lines)}
        length = int(self.headers.get("content-length", 0))
        if "expect" in self.headers and not self.told:
            self.told = True
            self.out.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if len(self.came) < end + 4 + length:
            return
        body = bytes(self.came[end + 4 : end + 4 + length])
        del self.came[: end + 4 + length]
        self.told, (self.method, self.path, _version) = False, first.split(" ")
        self._asked(body)

    def _asked(self, body: bytes) -> None:
        at = urlsplit(self.path)
        bucket, _slash, key = unquote(at.path).lstrip("/").partition("/")
        if bucket.startswith("_"):
            return self._told_to(bucket, key, at.query)
        LOG.append(f"{self.method} {key} {self.headers.get('range', '')}")
        fault = self._fault()
        if fault == "hang":
            return None
        if not SETTINGS["latency"]:
            return self._answers(bucket, key, body, fault)
        asyncio.get_running_loop().call_later(SETTINGS["latency"], self._answers, bucket, key, body, fault)
        return None

    def _told_to(self, what: str, key: str, asked: str) -> None:
        if what == "_log":
            said, LOG[:] = "\n".join(LOG), []
            return self._answer(200, said.encode())
        if what == "_latency":
            SETTINGS["latency"] = float(asked) / 1000
        else:
            FAULTS[key] = int(asked)
        return self._answer(200)

    def _answers(self, bucket: str, key: str, body: bytes, fault: str) -> None:
        if self.out.is_closing():
            return None
        if fault in REFUSALS:
            return self._fail(*REFUSALS[fault])
        if not self._signed(body):
            return self._fail(403, "SignatureDoesNotMatch")
        if bucket not in BUCKETS:
            return self._fail(404, "NoSuchBucket")
        if not key:
            return self._list(dict(parse_qsl(urlsplit(self.path).query)))
        return getattr(self, f"_{self.method.lower()}")(key, body, fault)

    def _signed(self, body: bytes) -> bool:
        """AWS Signature Version 4 of this request, in its head or its address, computed anew."""
        at = urlsplit(self.path)
        asked = parse_qsl(at.query, keep_blank_values=True)
        head = self.headers.get("authorization", "")
        if head.startswith("AWS4-HMAC-SHA256 "):
            parts = dict(one.strip().split("=", 1) for one in head.split(" ", 1)[1].split(","))
            said, date = self.headers["x-amz-content-sha256"], self.headers["x-amz-date"]
            right = said == "UNSIGNED-PAYLOAD" or said == (hashlib.sha256(body).hexdigest() if body else EMPTY)
        else:
            known = dict(asked)
            if "X-Amz-Signature" not in known:
                return False
            parts = {name: known[f"X-Amz-{name}"] for name in ("Credential", "SignedHeaders", "Signature")}
            asked = [one for one in asked if one[0] != "X-Amz-Signature"]
            said, date = "UNSIGNED-PAYLOAD", known["X-Amz-Date"]
            right = _age(date) < int(known["X-Amz-Expires"])
        access, *scope = parts["Credential"].split("/")
        pairs = sorted((quote(k, safe="-_.~"), quote(v, safe="-_.~")) for k, v in asked)
        names = parts["SignedHeaders"].split(";")
        canonical = [
            self.method, quote(unquote(at.path), safe="/-_.~"), "&".join(f"{k}={v}" for k, v in pairs),
            *[f"{name}:{' '.join(self.headers[name].split())}" for name in names], "", ";".join(names), said,
        ]  # fmt: skip
        digest = hashlib.sha256("\n".join(canonical).encode()).hexdigest()
        text = "\n".join(["AWS4-HMAC-SHA256", date, "/".join(scope), digest])
        wanted = hmac.new(self._key("/".join(scope)), text.encode(), hashlib.sha256).hexdigest()
        return access == self.access and right and hmac.compare_digest(wanted, parts["Signature"])

    def _key(self, scope: str) -> bytes:
        if scope not in KEYS:
            key = f"AWS4{self.secret}".encode()
            for piece in scope.split("/"):
                key = hmac.new(key, piece.encode(), hashlib.sha256).digest()
            KEYS[scope] = key
        return KEYS[scope]

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        self.out.write(f"HTTP/1.1 {status} -\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    def _fail(self, status: int, code: str) -> None:
        """As AWS does it, the key's name is in the answer."""
        more = f"<AWSAccessKeyId>{self.access}</AWSAccessKeyId>"
        text = f"<Error><Code>{code}</Code><Message>{code}</Message>{more}</Error>"
        self._answer(status, text.encode(), Content_Type="text/xml")

    def _fault(self) -> str:
        for kind in FAULTS:
            if FAULTS[kind] > 0:
                FAULTS[kind] -= 1
                return kind
        return ""

    def _put(self, key: str, body: bytes, fault: str) -> None:
        said = self.headers.get("x-amz-checksum-sha256")
        if said and base64.b64decode(said) != hashlib.sha256(body).digest():
            return self._fail(400, "BadDigest")
        OBJECTS[key] = (body[:-1] + b"?" if fault == "rot" else body, time.time())
        return self._answer(200, ETag='"x"')

    def _get(self, key: str, _body: bytes, fault: str) -> None:
        if key not in OBJECTS and not (self.folder is not None and (self.folder / key).is_file()):
            return self._fail(404, "NoSuchKey")
        status, (found, start, size, written) = 200, self._bytes(key, self.headers.get("range", ""))
        more = {"Last_Modified": formatdate(written, usegmt=True)}
        if "range" in self.headers:
            status, more["Content_Range"] = 206, f"bytes {start}-{start + len(found) - 1}/{size}"
        if fault == "cut":
            self.out.write(f"HTTP/1.1 {status} -\r\nContent-Length: {len(found)}\r\n\r\n".encode() + found[: len(found) // 2])
            return self.out.close()
        return self._answer(status, found, **more)

    def _bytes(self, key: str, span: str) -> tuple[bytes, int, int, float]:
        """What was asked for, where it begins, the size of the whole and when it was written."""
        file = io.BytesIO(OBJECTS[key][0]) if key in OBJECTS else (self.folder / key).open("rb")
        with file:
            size = file.seek(0, io.SEEK_END)
            first, _dash, last = span.removeprefix("bytes=").partition("-")
            start = int(first or 0) if first or not last else max(0, size - int(last))
            end = min(size, int(last) + 1) if first and last else size
            file.seek(start)
            return file.read(end - start), start, size, OBJECTS[key][1] if key in OBJECTS else 0.0

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


def _age(date: str) -> float:
    return time.time() - calendar.timegm(time.strptime(date, "%Y%m%dT%H%M%SZ"))


async def _serve(told: Path, secure: ssl.SSLContext | None) -> None:
    server = await asyncio.get_running_loop().create_server(Talk, "127.0.0.1", 0, ssl=secure, backlog=512)
    part = told.with_suffix(".part")
    part.write_text(str(server.sockets[0].getsockname()[1]))
    part.rename(told)
    await server.serve_forever()


def main() -> None:
    import uvloop

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("told", type=Path)
    parser.add_argument("access")
    parser.add_argument("secret")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--tls", nargs=2)
    asked = parser.parse_args()
    Talk.access, Talk.secret, Talk.folder = asked.access, asked.secret, asked.folder
    secure = None
    if asked.tls:
        secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        secure.load_cert_chain(*asked.tls)
    uvloop.run(_serve(asked.told, secure))


if __name__ == "__main__":
    main()
