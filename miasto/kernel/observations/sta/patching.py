"""JSON Patch (RFC 6902) of an entity's properties: add, replace, remove, copy, move, test."""

from __future__ import annotations

import copy
from typing import Any

from django.utils.translation import gettext as _

from miasto.kernel.observations.sta.problems import Problem

MOST = 100


def patched(found: dict[str, Any], operations: Any) -> dict[str, Any]:
    """The properties after the operations, those that changed. Raises ``Problem``."""
    if not isinstance(operations, list) or len(operations) > MOST or not all(isinstance(one, dict) for one in operations):
        raise Problem(400, _("Potrzebna jest tablica operacji JSON Patch."))
    made = copy.deepcopy(found)
    for one in operations:
        try:
            _apply(made, one)
        except (KeyError, IndexError, ValueError, TypeError, AttributeError):
            raise Problem(400, _("Tej operacji JSON Patch nie da się wykonać: %(op)s.") % {"op": str(one)[:100]}) from None
    changed = {name: one for name, one in made.items() if name not in found or found[name] != one}
    return changed | {name: None for name in found if name not in made}


def _apply(document: dict[str, Any], one: dict[str, Any]) -> None:
    op, path = one["op"], _steps(one["path"])
    if op == "test":
        if _at(document, path) != one["value"]:
            raise ValueError(op)
    elif op in ("add", "replace"):
        _put(document, path, one["value"], exists=op == "replace")
    elif op == "remove":
        _take(document, path)
    elif op in ("copy", "move"):
        source = _steps(one["from"])
        value = copy.deepcopy(_at(document, source))
        if op == "move":
            _take(document, source)
        _put(document, path, value, exists=False)
    else:
        raise ValueError(op)


def _steps(pointer: str) -> list[str]:
    if not pointer.startswith("/"):
        raise ValueError(pointer)
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/")]


def _at(document: Any, path: list[str]) -> Any:
    for step in path:
        document = document[int(step)] if isinstance(document, list) else document[step]
    return document


def _put(document: Any, path: list[str], value: Any, *, exists: bool) -> None:
    parent, last = _at(document, path[:-1]), path[-1]
    if isinstance(parent, list):
        if exists:
            parent[int(last)] = value
        else:
            parent.insert(len(parent) if last == "-" else int(last), value)
    else:
        if exists and last not in parent:
            raise KeyError(last)
        parent[last] = value


def _take(document: Any, path: list[str]) -> None:
    parent, last = _at(document, path[:-1]), path[-1]
    del parent[int(last) if isinstance(parent, list) else last]
