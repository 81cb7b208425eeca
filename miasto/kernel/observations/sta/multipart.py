"""$batch as multipart/mixed (18-088 § 11, OData 4.0 protocol § 11.7).

Requests of HTTP stand in parts; a change set is a part that has parts itself.
"""

from __future__ import annotations

import json
import re
from email import policy
from email.message import Message
from email.parser import BytesParser
from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext as _

from miasto.kernel.core.ids import uuid7
from miasto.kernel.observations.sta.answering import Value
from miasto.kernel.observations.sta.inputs import decode
from miasto.kernel.observations.sta.problems import Problem

_LINE = re.compile(r"([A-Za-z]{1,10}) (\S{1,20000})(?: HTTP/\d(?:\.\d)?)?\r?\n?\Z")
_END = re.compile(rb"\r?\n\r?\n")
_PARSER = BytesParser(policy=policy.HTTP)


def requests_of(raw: bytes, kind: str) -> list[dict[str, Any]]:
    """The requests as the JSON form has them; ``raw`` is the body and ``kind`` its content type. Raises ``Problem``.

    A part without a Content-ID gets an id that cannot be referred to. A change set is an ``atomicityGroup``.
    """
    found: list[dict[str, Any]] = []
    for place, part in enumerate(_parts(raw, kind)):
        if part.get_content_type() == "multipart/mixed":
            inside = _inside(part)
            found += [_request(one, f" {place}.{within}", f"set {place}") for within, one in enumerate(inside)]
        else:
            found.append(_request(part, f" {place}", None))
    return found


def _parts(raw: bytes, kind: str) -> list[Message]:
    message = _PARSER.parsebytes(b"Content-Type: " + kind.encode("latin-1", "replace") + b"\r\n\r\n" + raw)
    if not message.is_multipart() or message.defects:
        raise Problem(400, _("$batch: treść nie jest poprawnym multipart/mixed z granicą podaną w Content-Type."))
    return _inside(message)


def _inside(part: Message) -> list[Message]:
    found = part.get_payload()
    if not isinstance(found, list):
        raise Problem(400, _("$batch: treść nie jest poprawnym multipart/mixed z granicą podaną w Content-Type."))
    return found


def _request(part: Message, otherwise: str, group: str | None) -> dict[str, Any]:
    if part.get_content_type() != "application/http":
        raise Problem(400, _("$batch: każda część ma typ application/http albo, grupa zmian, multipart/mixed."))
    raw = part.get_payload(decode=True) or b""
    head, *rest = _END.split(raw.lstrip(b"\r\n"), maxsplit=1)
    line, _newline, headers = head.partition(b"\n")
    found = _LINE.match(line.decode("utf-8", "replace"))
    if not found:
        raise Problem(400, _("$batch: część nie zaczyna się od wiersza zapytania, na przykład „GET Things(1) HTTP/1.1”."))
    method, url = found[1].upper(), found[2]
    if group and method == "GET":
        raise Problem(400, _("$batch: w grupie zmian nie może być odczytów."))
    named = _PARSER.parsebytes(headers + b"\r\n\r\n", headersonly=True)
    body = rest[0].strip() if rest else b""
    made: dict[str, Any] = {
        "id": str(part.get("Content-ID") or named.get("Content-ID") or otherwise),
        "method": method,
        "url": url,
        "headers": {"content-type": str(named.get("Content-Type", "application/json"))},
    }
    if body:
        made["body"] = decode(body)
    return made if group is None else {**made, "atomicityGroup": group}


def response_of(responses: list[dict[str, Any]]) -> tuple[bytes, str]:
    """The answers as ``(body, content type)``. Of a change set that failed only what failed is told, in its place."""
    boundary, made = f"batch_{uuid7().hex}", []
    place = 0
    while place < len(responses):
        group = responses[place].get("atomicityGroup")
        together = [one for one in responses[place:] if group and one.get("atomicityGroup") == group] or [responses[place]]
        place += len(together)
        failed = [one for one in together if one["status"] >= 400 and one["status"] != 424]
        if group and not failed:
            made.append(_change_set(together))
        else:
            made.append(_part(failed[0] if failed else together[0]))
    return _joined(made, boundary), f"multipart/mixed;boundary={boundary}"


def _change_set(responses: list[dict[str, Any]]) -> bytes:
    boundary = f"changeset_{uuid7().hex}"
    return f"Content-Type: multipart/mixed;boundary={boundary}\r\n\r\n".encode() + _joined(map(_part, responses), boundary)


def _joined(parts: Any, boundary: str) -> bytes:
    mark = f"--{boundary}".encode()
    return b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts) + mark + b"--\r\n"


def _part(one: dict[str, Any]) -> bytes:
    status = one["status"]
    phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""
    name = str(one["id"])
    lines = ["Content-Type: application/http", *([] if name.startswith(" ") else [f"Content-ID: {name}"]), ""]
    body = b""
    head = [f"HTTP/1.1 {status} {phrase}".rstrip()]
    if "body" in one:
        found = one["body"]
        body = json.dumps(found.found if isinstance(found, Value) else found, ensure_ascii=False, default=str).encode()
        head.append("Content-Type: application/json")
    if "location" in one:
        head.append(f"Location: {one['location']}")
    head.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, *head, "", ""]).encode() + body
