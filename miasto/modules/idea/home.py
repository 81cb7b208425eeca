"""What the home page and the first page of the panel say of consultations."""

from __future__ import annotations

from typing import Any

from miasto.kernel.accounts.selectors import ANONYMOUS, Viewer
from miasto.kernel.participation import selectors
from miasto.modules.idea.naming import KIND, brand

SHOWN = 3


def section(viewer: Viewer | None) -> dict[str, Any]:
    """The consultations open now; 2 queries."""
    found = selectors.in_state(selectors.processes(ANONYMOUS, KIND), selectors.OPEN)[:SHOWN]
    return {"brand": brand(), "rows": [(one, selectors.open_phase(one)) for one in found]}


def waiting(viewer: Viewer) -> dict[str, Any]:
    """What waits for staff; 1 query."""
    unanswered, unread = selectors.waiting(viewer)
    return {"unanswered": unanswered, "unread": unread}
