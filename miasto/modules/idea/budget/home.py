"""What the budget adds to pages that are not its own."""

from __future__ import annotations

from typing import Any

from miasto.modules.idea.budget.models import Project


def case_part(case: Any, viewer: Any) -> dict[str, Any] | None:
    """The project of which a case is; one query."""
    project = Project.objects.visible_to(viewer).filter(pk=case.object_id).first() if case.object_id else None
    return {"project": project} if project is not None else None
