"""Bytes of a stored file in the range that was asked for (RFC 9110 § 14): a player jumps in a film without reading it all."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

PIECE = 1 << 18
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def ranged(request: HttpRequest, path: Path, *, content_type: str, etag: str) -> HttpResponseBase:
    """The whole file (200), one range of it (206) or a refusal (416). Several ranges at once are answered with the whole."""
    size = path.stat().st_size
    asked = _asked(request, size, etag)
    if asked is None:
        start, end, status = 0, size, 200
    elif asked[0] >= asked[1]:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}", "Accept-Ranges": "bytes"})
    else:
        (start, end), status = asked, 206
    response: Any
    if request.method == "HEAD":
        response = HttpResponse(status=status, content_type=content_type)
    else:
        # a server of ASGI would read a plain iterator to its end before the first byte went out
        pieces: Any = _later(path, start, end) if hasattr(request, "scope") else _pieces(path, start, end)
        response = StreamingHttpResponse(pieces, status=status, content_type=content_type)
    response["Content-Length"] = str(end - start)
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = etag
    if status == 206:
        response["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return response


def _asked(request: HttpRequest, size: int, etag: str) -> tuple[int, int] | None:
    """The half-open range of bytes; None for the whole, an empty one for what cannot be given."""
    found = _RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    condition = request.headers.get("If-Range")
    if found is None or found.group() == "bytes=-" or (condition and condition != etag):
        return None
    first, last = found.groups()
    if not first:
        return max(size - int(last), 0), size if int(last) else 0
    return int(first), min(int(last) + 1, size) if last else size


def _pieces(path: Path, start: int, end: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while start < end and (data := file.read(min(PIECE, end - start))):
            start += len(data)
            yield data


async def _later(path: Path, start: int, end: int) -> AsyncIterator[bytes]:
    pieces = _pieces(path, start, end)
    while (data := await asyncio.to_thread(next, pieces, None)) is not None:
        yield data
