"""Staff: reading requests for consultations and answering them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from miasto.kernel.accounts.access import panel
from miasto.kernel.participation import selectors as participation
from miasto.modules.idea.naming import KIND, brand
from miasto.modules.idea.requests import services
from miasto.modules.idea.requests.forms import AnswerForm, RefuseForm
from miasto.modules.idea.requests.models import MANAGE, ConsultationRequest, Fate
from miasto.modules.idea.requests.views import COLOURS
from miasto.modules.idea.views_remark import refuse

PER_PAGE = 30
PROCESSES = 100


@require_safe
@panel(MANAGE)
def index(request: HttpRequest) -> HttpResponse:
    """The requests to one's units, newest first."""
    page = Paginator(ConsultationRequest.objects.managed_by(request.viewer), PER_PAGE).get_page(request.GET.get("page"))
    context = {"brand": brand(), "page": page, "rows": [(one, COLOURS[one.fate]) for one in page]}
    return render(request, "idea/requests/staff_list.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@panel(MANAGE)
def one(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """One request: publish it or not, and answer it when it has its signatures."""
    row = ConsultationRequest.objects.managed_by(request.viewer).filter(pk=request_id).select_related("author").first()
    if row is None:
        raise Http404
    sent = request.POST if request.method == "POST" else None
    do = request.POST.get("do", "")
    seen = participation.staff_processes(request.viewer, KIND)[:PROCESSES]
    processes = [(str(found.pk), found.title) for found in seen]
    initial = {"fate": row.fate, "reasons": row.reasons, "process": str(row.process_id or "")}
    form = AnswerForm(sent if do == "answer" else None, processes=processes, initial=initial if row.answered_at else {})
    refusal = RefuseForm(sent if do == "refuse" else None)
    if sent is not None:
        try:
            if _done(request, row, do, form, refusal):
                return redirect("idea_panel:request", request_id=row.pk)
        except ValidationError as error:
            refuse(refusal if do == "refuse" else form, error)
    context = {
        "brand": brand(),
        "row": row,
        "colour": COLOURS[row.fate],
        "form": form,
        "refusal": refusal,
        "unread": row.fate == Fate.CHECKED,
        "to_answer": row.reached_at is not None,
    }
    return render(request, "idea/requests/staff_request.html", context, status=422 if sent is not None else 200)


def _done(request: HttpRequest, row: Any, do: str, form: Any, refusal: Any) -> bool:
    if do == "publish":
        services.publish(request=row, by=request.viewer)
        messages.success(request, _("Opublikowano. Wniosek zbiera podpisy."))
        return True
    if do == "refuse" and refusal.is_valid():
        services.refuse(request=row, reasons=refusal.cleaned_data["reasons"], by=request.viewer)
        messages.success(request, _("Autor dostanie wiadomość."))
        return True
    if do == "answer" and form.is_valid():
        data = form.cleaned_data
        services.answer(
            request=row,
            accepted=data["fate"] == Fate.ACCEPTED,
            reasons=data["reasons"],
            process_id=UUID(data["process"]) if data["process"] else None,
            by=request.viewer,
        )
        messages.success(request, _("Odpowiedź opublikowana."))
        return True
    return False
