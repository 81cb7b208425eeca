"""What the cases hold of a person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.cases.models import Case, Supporter, Watcher
from miasto.kernel.cases.moderation import erase_personal
from miasto.kernel.core import mail


def export(person_id: UUID) -> list[dict[str, Any]]:
    """Each case that a person filed: words, answers, contact, place and stage."""
    found = Case.objects.filter(filer_person=person_id).select_related("text", "category").order_by("filed_at")
    return [_row(case) for case in found.prefetch_related("parties", "answers", "files")]


def _row(case: Case) -> dict[str, Any]:
    return {
        "number": case.number,
        "filed_at": case.filed_at.isoformat(),
        "category": case.category.name if case.category else "",
        "stage": case.stage,
        "address": case.address_text,
        "position": [case.geom.x, case.geom.y] if case.geom else None,
        "description": case.text.description,
        "answers": {row.question: row.value for row in case.answers.all()},
        "contact": [
            {"name": row.name, "email": row.email, "phone": row.phone} for row in case.parties.all() if row.role == "filer"
        ],
        "files": [str(row.file_id) for row in case.files.all()],
    }


def erase(person_id: UUID) -> int:
    """Overwrite the personal rows of each of those cases; returns how many."""
    found = list(Case.objects.filter(filer_person=person_id))
    for case in found:
        erase_personal(case=case, by=SYSTEM)
    return len(found)


def export_followed(person_id: UUID) -> list[dict[str, Any]]:
    """The cases that a person supports or watches."""
    supported = Supporter.objects.filter(person=person_id).order_by("at")
    watched = Watcher.objects.filter(person=person_id).order_by("at")
    rows = [("supported", at, number) for at, number in supported.values_list("at", "case__number")]
    rows += [("watched", at, number) for at, number in watched.values_list("at", "case__number")]
    return [{"what": what, "at": at.isoformat(), "number": number} for what, at, number in rows]


def erase_followed(person_id: UUID) -> int:
    """Forget whom and where to tell; a voice stays counted, without a person. Returns how many rows."""
    rows = list(Supporter.objects.filter(person=person_id))
    for row in rows:
        mail.forget_about(row.pk)
        Supporter.objects.filter(pk=row.pk).update(who=f"erased:{row.pk.hex[:25]}", person=None, email="", confirmed_at=None)
    return len(rows) + Watcher.objects.filter(person=person_id).delete()[0]
