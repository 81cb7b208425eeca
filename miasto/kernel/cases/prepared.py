"""Prepared answers that staff write themselves."""

from __future__ import annotations

from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.accounts.services import require
from miasto.kernel.cases.models import AnswerTemplate
from miasto.kernel.core import changes
from miasto.kernel.core.polish import fold

PERMISSION = "cases.templates"
KIND = "cases.template"


@transaction.atomic
def save_template(
    *, template: AnswerTemplate | None, case_type: str, name: str, body: str, category_id: int | None, by: Viewer
) -> AnswerTemplate:
    """Write a new prepared answer or change one; raises ``PermissionDenied``, ``ValidationError`` for a name that is taken."""
    require(by, PERMISSION)
    others = AnswerTemplate.objects.filter(case_type=case_type, name__iexact=name)
    if others.exclude(pk=template.pk if template else None).exists():
        raise ValidationError({"name": _("Szablon o tej nazwie już jest.")})
    row = template or AnswerTemplate(case_type=case_type, slug=_free_slug(case_type, name))
    row.name, row.body, row.category_id = name.strip(), body.strip(), category_id
    row.save()
    _record("cases.template_saved", row, by)
    return row


@transaction.atomic
def switch_template(*, template: AnswerTemplate, active: bool, by: Viewer) -> AnswerTemplate:
    """Switch a prepared answer on or off; it stays, because it may be wanted again."""
    require(by, PERMISSION)
    template.active = active
    template.save(update_fields=["active"])
    _record("cases.template_switched", template, by, active=active)
    return template


def _free_slug(case_type: str, name: str) -> str:
    stem = slugify(fold(name))[:70] or "szablon"
    taken = set(AnswerTemplate.objects.filter(case_type=case_type, slug__startswith=stem).values_list("slug", flat=True))
    return next(
        slug for number in range(1, len(taken) + 2) if (slug := stem if number == 1 else f"{stem}-{number}") not in taken
    )


def _record(action: str, row: AnswerTemplate, by: Viewer, **data: Any) -> None:
    data = {"template": row.pk, **data}
    changes.record(action=action, kind=KIND, object_id=audit_id(row.pk), actor=by.actor, data=data)


def audit_id(template_id: int) -> UUID:
    """The audit names objects by UUID; a template's is made of its number and stays the same."""
    return uuid5(NAMESPACE_URL, f"{KIND}/{template_id}")
