"""$batch (18-088 § 11): several requests in one, groups of them all or nothing.

As JSON (OData JSON format 4.01 § 19); ``multipart`` brings the other form to this one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import groupby
from typing import Any
from urllib.parse import unquote, urlsplit

from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from miasto.kernel.observations.sta.answering import Value
from miasto.kernel.observations.sta.problems import Problem
from miasto.kernel.observations.sta.values import Asked, Told

MOST = 1_000
Serve = Callable[[Asked], Told]
_REFERENCE = re.compile(r"\$([\w.:,;-]+)")


class _Undone(Exception):
    """A request of a group failed: the group is undone."""


def batch(body: Any, base: str, serve: Serve) -> dict[str, Any]:
    """The responses in the order of the requests. Raises ``Problem`` for a wrong document."""
    requests = body.get("requests") if isinstance(body, dict) else None
    if not isinstance(requests, list) or not all(isinstance(one, dict) for one in requests):
        raise Problem(400, _("$batch: potrzebna jest tablica requests."))
    if len(requests) > MOST:
        raise Problem(413, _("Naraz można przysłać najwyżej %(most)d zapytań.") % {"most": MOST})
    if len({str(one.get("id")) for one in requests}) < len(requests):
        raise Problem(400, _("$batch: każde zapytanie ma własne id."))
    made: dict[str, str] = {}
    responses: list[dict[str, Any]] = []
    numbered = enumerate(requests)
    for _group, parts in groupby(numbered, key=lambda pair: pair[1].get("atomicityGroup") or f"\0{pair[0]}"):
        group = [one for _place, one in parts]
        responses += _together(group, base, serve, made)
    return {"responses": responses}


def _together(group: list[dict[str, Any]], base: str, serve: Serve, made: dict[str, str]) -> list[dict[str, Any]]:
    known = dict(made)
    answers: list[dict[str, Any]] = []
    try:
        with transaction.atomic():
            for one in group:
                answers.append(_one(one, base, serve, known))
                if len(group) > 1 and answers[-1]["status"] >= 400:
                    raise _Undone
    except _Undone:
        failed = answers[-1]
        undone = {"code": 424, "type": "error", "message": _("Inne zapytanie tej samej grupy się nie powiodło.")}
        return [failed if one.get("id") == failed["id"] else _answer(one, Told(424, undone)) for one in group]
    made.update(known)
    return answers


def _one(one: dict[str, Any], base: str, serve: Serve, made: dict[str, str]) -> dict[str, Any]:
    name = str(one.get("id", ""))
    try:
        told = serve(_asked(one, base, made))
        if isinstance(told.body, Value):
            told = Told(told.status, told.body.found, told.headers)
    except Problem as problem:
        told = Told(problem.status, problem.body())
    location = told.headers.get("Location")
    if location:
        made[name] = location.removeprefix(base)
    return _answer(one, told)


def _answer(one: dict[str, Any], told: Told) -> dict[str, Any]:
    location = told.headers.get("Location")
    answer: dict[str, Any] = {"id": one.get("id"), "status": told.status}
    if one.get("atomicityGroup"):
        answer["atomicityGroup"] = one["atomicityGroup"]
    if location:
        answer |= {"location": location, "headers": {"location": location}}
    return answer if told.body is None else {**answer, "body": told.body}


def _asked(one: dict[str, Any], base: str, made: dict[str, str]) -> Asked:
    method, url, body = one.get("method"), one.get("url"), one.get("body")
    if not isinstance(method, str) or not isinstance(url, str) or len(url) > 20_000:
        raise Problem(400, _("$batch: każde zapytanie ma method i url."))
    url = _resolved(url, made)
    for before in (base, urlsplit(base).path, "/v1.1/"):
        url = url.removeprefix(before)
    path, _mark, query = url.partition("?")
    path = unquote(path).strip("/")
    if path.startswith(("$batch", "http:", "https:")):
        raise Problem(400, _("$batch: ten adres jest tu niedozwolony."))
    pairs = tuple((name, text) for name, texts in QueryDict(query).lists() for text in texts)
    return Asked(method.upper()[:20], path, pairs, _with_references(body, made), _kind(one.get("headers")))


def _kind(headers: Any) -> str:
    found = {str(name).lower(): text for name, text in headers.items()} if isinstance(headers, dict) else {}
    return str(found.get("content-type", "application/json"))


def _resolved(url: str, made: dict[str, str]) -> str:
    """``$1/Datastreams`` after the request 1 made an entity."""
    found = _REFERENCE.match(url.lstrip("/"))
    return made[found[1]] + url.lstrip("/")[found.end() :] if found and found[1] in made else url


def _with_references(body: Any, made: dict[str, str]) -> Any:
    """``{"@iot.id": "$1"}`` in a body becomes the key of what the request 1 made."""
    if isinstance(body, list):
        return [_with_references(one, made) for one in body]
    if isinstance(body, dict):
        return {name: _with_references(one, made) for name, one in body.items()}
    if isinstance(body, str) and body.startswith("$") and body[1:] in made:
        key = made[body[1:]].partition("(")[2].rstrip(")")
        return key.strip("'") if key.startswith("'") else int(key)
    return body
