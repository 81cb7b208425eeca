"""Similar reports on the page on which staff handle a case."""

from __future__ import annotations

from typing import Any

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.cases import selectors as cases
from miasto.modules.contact_centre.likeness.drawing import drawing
from miasto.modules.contact_centre.likeness.duplicates import likely_duplicates
from miasto.modules.contact_centre.likeness.guessing import likely_category

LEAST = 0.2
SURE = 0.6
SHOWN = 4
MERGE = "cases.assign"


def similar(case: Any, viewer: Viewer) -> dict[str, Any] | None:
    """The unfinished reports that may tell of the same thing as this one and are not bound to it; None for a finished case.

    4 queries, more where the case has relations.
    """
    if case.lon is None or case.progress not in ("open", "waiting"):
        return None
    found = likely_duplicates(
        category=case.category,
        point=(case.lon, case.lat),
        text=case.original or "",
        address=case.address_text,
        object_id=case.object_id,
        filed_at=case.filed_at,
        exclude={case.id, *cases.related(case, viewer).ids},
        viewer=viewer,
        least=LEAST,
        limit=SHOWN,
    )
    if not found:
        return None
    others = [((one.case.lon, one.case.lat), one.metres) for one in found]
    return {"found": found, "map": drawing((case.lon, case.lat), others), "may_merge": MERGE in case.may}


def other_category(case: Any, viewer: Viewer) -> dict[str, Any] | None:
    """Another category that the words speak of, where the model is sure of it; None where all fits. 2 queries, 3 at most."""
    if case.category is None or "cases.assign" not in case.may or case.stage.final or not case.original:
        return None
    best = next(iter(likely_category(case.original, limit=1)), None)
    if best is None or not best.learned or best.probability < SURE or best.category.pk == case.category.pk:
        return None
    return {"category": best.category, "percent": round(100 * best.probability)}
