"""Conversations that wait, on the first page of the panel."""

from __future__ import annotations

from typing import Any

from miasto.kernel.accounts.selectors import Viewer
from miasto.modules.contact_centre.messages import selectors

FIRST = 3


def desk(viewer: Viewer) -> dict[str, Any]:
    """How many conversations wait, and those that wait longest; 2 queries."""
    waiting = selectors.counts(viewer).get("waiting", 0)
    rows, _more = selectors.rows(viewer, state="waiting") if waiting else ([], False)
    return {"waiting": waiting, "rows": rows[:FIRST]}
