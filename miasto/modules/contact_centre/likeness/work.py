"""Similar reports on the page on which staff handle a case."""

from __future__ import annotations

from typing import Any

from miasto.kernel.accounts.selectors import Viewer
from miasto.modules.contact_centre.likeness.drawing import drawing
from miasto.modules.contact_centre.likeness.duplicates import likely_duplicates

LEAST = 0.2
SHOWN = 4
MERGE = "cases.assign"


def similar(case: Any, viewer: Viewer) -> dict[str, Any] | None:
    """The unfinished reports that may tell of the same thing as this one; None for a finished case. 3 queries."""
    if case.lon is None or case.progress not in ("open", "waiting"):
        return None
    found = likely_duplicates(
        category=case.category,
        point=(case.lon, case.lat),
        text=case.original or "",
        address=case.address_text,
        object_id=case.object_id,
        filed_at=case.filed_at,
        exclude=case.id,
        viewer=viewer,
        least=LEAST,
        limit=SHOWN,
    )
    if not found:
        return None
    others = [((one.case.lon, one.case.lat), one.metres) for one in found]
    return {"found": found, "map": drawing((case.lon, case.lat), others), "may_merge": MERGE in case.may}
