"""The parts that modules add to the pages of a case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from miasto.kernel.cases.access import holds
from miasto.kernel.cases.case_page import CaseView
from miasto.kernel.core.registry import registry
from miasto.kernel.spec.cases import CasePart


@dataclass(frozen=True)
class ShownPart:
    """A part to be included: its template and what that reads as ``part``."""

    key: str
    template: str
    values: dict[str, Any]


def parts_of(view: CaseView, viewer: Any, where: str) -> list[ShownPart]:
    """The declared parts of a page of this case that the viewer may see and that have something to show, in order."""
    wanted = [part for part in registry().all(CasePart) if part.where == where and part.case_type == view.type.key]
    shown = []
    for part in sorted(wanted, key=lambda one: (one.order, one.key)):
        if part.permission and not holds(viewer, part.permission, view.unit_id):
            continue
        values = part.context(view, viewer)
        if values is not None:
            shown.append(ShownPart(part.key, part.template, values))
    return shown
