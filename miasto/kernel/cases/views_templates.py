"""Prepared answers: the list, writing one, switching one off."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from miasto.kernel.accounts.access import panel
from miasto.kernel.cases import services
from miasto.kernel.cases.forms import TemplateForm
from miasto.kernel.cases.models import AnswerTemplate
from miasto.kernel.cases.types import case_types
from miasto.kernel.cases.uploads import refuse

PERMISSION = "cases.templates"


def _type() -> Any:
    types = case_types()
    if not types:
        raise Http404
    return types[0]


@panel(PERMISSION)
def templates(request: HttpRequest) -> HttpResponse:
    """All prepared answers."""
    rows = AnswerTemplate.objects.select_related("category").order_by("-active", "name")
    return render(request, "cases/templates.html", {"rows": rows})


@panel(PERMISSION)
def template(request: HttpRequest, template_id: int | None = None) -> HttpResponse:
    """Write a new prepared answer or change one."""
    row = get_object_or_404(AnswerTemplate, pk=template_id) if template_id else None
    kind = row.case_type if row else _type().key
    if request.method == "POST":
        form = TemplateForm(request.POST, case_type=kind)
        if form.is_valid() and _saved(form, row, kind, request):
            messages.success(request, _("Zapisano szablon."))
            return redirect("cases_panel:templates")
    else:
        initial = {"name": row.name, "body": row.body, "category": row.category_id} if row else None
        form = TemplateForm(case_type=kind, initial=initial)
    return render(request, "cases/template.html", {"form": form, "row": row})


def _saved(form: TemplateForm, row: AnswerTemplate | None, kind: str, request: HttpRequest) -> bool:
    try:
        services.save_template(template=row, case_type=kind, by=request.viewer, **_values(form))
    except ValidationError as error:
        refuse(form, error)
        return False
    return True


def _values(form: TemplateForm) -> dict[str, Any]:
    data = form.cleaned_data
    category = int(data["category"]) if data["category"] else None
    return {"name": data["name"], "body": data["body"].replace("\r\n", "\n"), "category_id": category}


@require_POST
@panel(PERMISSION)
def switch(request: HttpRequest, template_id: int) -> HttpResponse:
    """Switch a prepared answer off or on again."""
    row = get_object_or_404(AnswerTemplate, pk=template_id)
    services.switch_template(template=row, active=not row.active, by=request.viewer)
    messages.success(request, _("Szablon jest wyłączony.") if not row.active else _("Szablon jest włączony."))
    return redirect("cases_panel:templates")
