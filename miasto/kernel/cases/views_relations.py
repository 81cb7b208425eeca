"""Staff's pages around a case: merge, split, forward and its answers, and the bodies outside."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from miasto.kernel.accounts.access import panel
from miasto.kernel.cases import selectors, services
from miasto.kernel.cases.access import SEE
from miasto.kernel.cases.forms_relations import BodyForm, ForwardForm, MergeForm, OutsideForm, ReasonForm, SplitForm
from miasto.kernel.cases.models import Case, Category, ExternalBody, Forwarding
from miasto.kernel.cases.uploads import collect, complain, refuse
from miasto.kernel.cases.views_work import carry_out, view_for_staff
from miasto.kernel.core import clock
from miasto.kernel.ui.lists import cursor_urls

MANAGE = "cases.routing"


@require_POST
@panel("cases.assign")
def merge(request: HttpRequest, number: str) -> HttpResponse:
    """Close the case as a duplicate of another."""
    view = view_for_staff(request, number)
    form = MergeForm(request.POST)

    def call(version: int | None) -> None:
        services.merge(
            duplicates=[selectors.case_for(number, request.viewer)],
            into=_case_called(form.cleaned_data["into"], request),
            by=request.viewer,
            version=version,
        )

    return carry_out(request, view, "merge", form, form, call, _("Połączono sprawy."))


def _case_called(number: str, request: HttpRequest) -> Case:
    try:
        return selectors.case_for(number, request.viewer)
    except Case.DoesNotExist:
        raise services.Refused({"into": _("Nie ma sprawy o tym numerze.")}, code="unknown") from None


@require_POST
@panel("cases.supervise")
def unmerge(request: HttpRequest, number: str) -> HttpResponse:
    """Undo a merge."""
    view = view_for_staff(request, number)
    form = ReasonForm(request.POST)

    def call(version: int | None) -> None:
        case = selectors.case_for(number, request.viewer)
        services.unmerge(case=case, reason=form.cleaned_data["reason"], by=request.viewer, version=version)

    return carry_out(request, view, "unmerge", form, form, call, _("Rozłączono sprawy."))


@require_POST
@panel("cases.assign")
def split(request: HttpRequest, number: str) -> HttpResponse:
    """Give parts to several units."""
    view = view_for_staff(request, number)
    form = SplitForm(request.POST, case=view)

    def call(version: int | None) -> None:
        categories = {str(row.pk): row for row in Category.objects.filter(case_type=view.type.key).select_related("parent")}
        case = selectors.case_for(number, request.viewer)
        services.split(case=case, parts=form.parts(categories), by=request.viewer, version=version)

    return carry_out(request, view, "split", form, form, call, _("Podzielono sprawę na części."))


@require_POST
@panel("cases.handle")
def forward(request: HttpRequest, number: str) -> HttpResponse:
    """Send the case to a body outside."""
    view = view_for_staff(request, number)
    form = ForwardForm(request.POST)

    def call(version: int | None) -> None:
        services.forward(
            case=selectors.case_for(number, request.viewer),
            to=form.bodies[form.cleaned_data["body"]],
            words=form.cleaned_data["words"],
            by=request.viewer,
            version=version,
        )

    return carry_out(request, view, "forward", form, form, call, _("Przekazano sprawę. Czekamy na odpowiedź."))


@require_POST
@panel("cases.handle")
def outside_answer(request: HttpRequest, number: str) -> HttpResponse:
    """Write down what a body outside said by telephone or letter."""
    view = view_for_staff(request, number)
    row = get_object_or_404(Forwarding, case=view.id, state__in=Forwarding.OPEN)
    basket = collect(request)
    form = OutsideForm(request.POST, request.FILES, auto_id="outside_%s")
    complain(form, basket)

    def call(version: int | None) -> None:
        data = form.cleaned_data
        services.answer_from_body(
            forwarding=row,
            outcome=data["outcome"],
            words=data["words"],
            reference=data["reference"],
            file_ids=basket.ids,
            by=request.viewer,
        )

    return carry_out(request, view, "outside_answer", form, (form, basket), call, _("Zapisano odpowiedź instytucji."))


@require_safe
@panel(SEE)
def waiting(request: HttpRequest) -> HttpResponse:
    """Forwarded cases that wait for an answer."""
    page = selectors.waiting_outside(request.viewer, cursor=request.GET.get("strona", ""))
    today = clock.today()
    rows = [(row, (today - clock.local(row.answered_at or row.at).date()).days) for row in page.rows]
    return render(request, "cases/waiting.html", {"page": page, "rows": rows, **cursor_urls(request, page)})


@require_POST
@panel("cases.handle")
def remind(request: HttpRequest, forwarding_id: UUID) -> HttpResponse:
    """Remind a silent body now."""
    row = get_object_or_404(Forwarding.objects.select_related("case"), pk=forwarding_id)
    view_for_staff(request, row.case.number)
    try:
        services.remind_body(forwarding=row, by=request.viewer)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Wysłaliśmy przypomnienie."))
    return redirect("cases_panel:waiting")


@require_safe
@panel(MANAGE)
def bodies(request: HttpRequest) -> HttpResponse:
    """The bodies outside the city."""
    return render(request, "cases/bodies.html", {"rows": selectors.external_bodies(active=False)})


@require_http_methods(["GET", "HEAD", "POST"])
@panel(MANAGE)
def body(request: HttpRequest, body_id: UUID | None = None) -> HttpResponse:
    """One body: new, or changed."""
    row = get_object_or_404(ExternalBody, pk=body_id) if body_id else None
    form = BodyForm(request.POST or None, initial=_initial(row))
    if request.method == "POST" and form.is_valid():
        try:
            services.save_body(body=row, by=request.viewer, **form.cleaned_data)
        except ValidationError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Zapisano instytucję."))
            return redirect("cases_panel:bodies")
    return render(request, "cases/body.html", {"form": form, "row": row})


def _initial(row: ExternalBody | None) -> dict[str, Any]:
    if row is None:
        return {}
    return {name: getattr(row, name) for name in BodyForm.base_fields}
