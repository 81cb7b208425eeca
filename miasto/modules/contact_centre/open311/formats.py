"""GeoReport v2 documents: one tree of plain values, written as XML or, by the Spark convention, as JSON.

A tree is ``("services", "service", [row, …])`` for a list (JSON: an array) or ``("service_definition", row)`` for one thing
(JSON: an object). A row is a dict; a value that is itself a list is ``("value", [row, …])`` with the name of its elements.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from django.http import HttpResponse

from miasto.kernel.core import clock

TYPES = {"xml": "text/xml; charset=utf-8", "json": "application/json; charset=utf-8"}
UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
Tree = tuple[Any, ...]


def w3(moment: datetime) -> str:
    """A moment on the city's clock with its offset, to the second (W3C NOTE-datetime)."""
    return clock.local(moment).replace(microsecond=0).isoformat()


def answer(tree: Tree, kind: str, status: int = 200) -> HttpResponse:
    """The response with a tree in the wanted format (``xml`` or ``json``)."""
    body = as_json(tree) if kind == "json" else as_xml(tree)
    response = HttpResponse(body, content_type=TYPES[kind], status=status)
    response["Access-Control-Allow-Origin"] = "*"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def problems(status: int, kind: str, *descriptions: str) -> HttpResponse:
    """The error document of the standard: an array, whatever the number of errors."""
    rows = [{"code": status, "description": words} for words in descriptions]
    return answer(("errors", "error", rows), kind, status)


def as_json(tree: Tree) -> bytes:
    """The tree without its outermost name (Spark convention); UTF-8."""
    plain: Any = [_plain(row) for row in tree[2]] if len(tree) == 3 else _plain(tree[1])
    return json.dumps(plain, ensure_ascii=False, indent=1).encode("utf-8", "replace")


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value[1]]
    return {name: _plain(item) for name, item in value.items()} if isinstance(value, Mapping) else value


def as_xml(tree: Tree) -> bytes:
    """The tree as XML without a namespace, with the declaration that the standard asks for."""
    root = Element(tree[0])
    if len(tree) == 3:
        _write_list(root, tree[1], tree[2])
    else:
        _write_row(root, tree[1])
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode").encode("utf-8", "replace") + b"\n"


def _write_list(parent: Element, name: str, rows: Sequence[Any]) -> None:
    for row in rows:
        child = SubElement(parent, name)
        if isinstance(row, Mapping):
            _write_row(child, row)
        else:
            child.text = _text(row)


def _write_row(parent: Element, row: Mapping[str, Any]) -> None:
    for name, value in row.items():
        child = SubElement(parent, name)
        if isinstance(value, tuple):
            _write_list(child, *value)
        else:
            child.text = _text(value)


def _text(value: Any) -> str | None:
    """A value as XML 1.0 may hold it: letters that it cannot hold are left out."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return UNWRITABLE.sub("", str(value))
