"""What is held of the people who handle alerts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from miasto.kernel.observations.models import AlertNote, AlertStep


def export(person_id: UUID) -> list[dict[str, Any]]:
    """The steps that a person took, with the words."""
    steps = AlertStep.objects.filter(person_id=person_id).select_related("note", "alert__rule").order_by("id")
    return [
        {
            "alert": step.alert.rule.name,
            "at": step.at.isoformat(),
            "step": step.kind,
            "text": step.note.text if hasattr(step, "note") else "",
        }
        for step in steps
    ]


def erase(person_id: UUID) -> int:
    """Forget who it was and what was written; the step and its time stay."""
    AlertNote.objects.filter(step__person_id=person_id).update(text="")
    return AlertStep.objects.filter(person_id=person_id).update(person=None)
