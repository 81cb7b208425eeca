"""The desk of publication: what waits, and one case's texts and photos beside what the public would see of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from miasto.kernel.accounts.access import panel
from miasto.kernel.cases import publishing, selectors, services
from miasto.kernel.cases.models import CaseFile
from miasto.kernel.cases.moderation import MODERATE
from miasto.kernel.cases.views_work import view_for_staff
from miasto.kernel.files import services as files

SQUARES = [[f"{row}-{column}" for column in range(publishing.GRID[1])] for row in range(publishing.GRID[0])]


@require_safe
@panel(MODERATE)
def desk(request: HttpRequest) -> HttpResponse:
    """The cases of which something waits, oldest first."""
    rows, count = publishing.waiting(request.viewer)
    return render(request, "cases/publishing_desk.html", {"rows": rows, "count": count, "more": count - len(rows)})


@require_safe
@panel(MODERATE)
@never_cache
def case(request: HttpRequest, number: str) -> HttpResponse:
    """Everything of one case on which a person decides."""
    return _page(request, _view(request, number))


def _view(request: HttpRequest, number: str) -> selectors.CaseView:
    view = view_for_staff(request, number)
    if MODERATE not in view.may:
        raise Http404
    return view


def _page(request: HttpRequest, view: selectors.CaseView, status: int = 200, **sent: Any) -> HttpResponse:
    works = publishing.texts(view)
    key, edited = sent.get("text", (None, ""))
    context = {
        "case": view,
        "texts": [(work, edited if work.key == key else work.proposed) for work in works],
        "photos": publishing.photos(view, sent.get("chosen")),
        "preview": sent.get("preview"),
        "problem": sent.get("problem", ""),
        "squares": SQUARES,
    }
    return render(request, "cases/publishing.html", context, status=status)


@require_POST
@panel(MODERATE)
def text(request: HttpRequest, number: str, comment_id: str = "") -> HttpResponse:
    """Publish the description or a message as edited, or withhold it."""
    view = _view(request, number)
    publish, edited = request.POST.get("decision") == "publish", request.POST.get("edited", "")
    case = selectors.case_for(number, request.viewer)
    try:
        if comment_id:
            services.decide_comment(
                case=case, comment_id=UUID(comment_id), publish=publish, edited=edited if publish else None, by=request.viewer
            )
        else:
            services.decide_text(
                case=case, publish=publish, edited=edited if publish else None, by=request.viewer, version=_version(request)
            )
    except (ValidationError, services.Conflict) as error:
        problem = str(error) if isinstance(error, services.Conflict) else " ".join(error.messages)
        status = 409 if isinstance(error, services.Conflict) else 200
        return _page(request, _view(request, number), status, text=(comment_id, edited), problem=problem)
    messages.success(request, _("Opublikowano tekst.") if publish else _("Tekst nie będzie publikowany."))
    return _next(request, view.number)


@require_POST
@panel(MODERATE)
def photo(request: HttpRequest, number: str, photo_id: int) -> HttpResponse:
    """Publish a photo with the chosen boxes blurred, withhold it, or show what would be published."""
    view = _view(request, number)
    row = get_object_or_404(CaseFile.objects.select_related("file", "original"), pk=photo_id, case_id=view.id)
    boxes, decision = _boxes(request, row), request.POST.get("decision")
    if decision == "preview":
        return _page(request, view, chosen={row.pk: boxes}, preview=row.pk)
    publish = decision == "publish"
    try:
        services.decide_file(case_file=row, publish=publish, boxes=boxes if publish else None, by=request.viewer)
    except ValidationError as error:
        return _page(request, view, chosen={row.pk: boxes}, problem=" ".join(error.messages))
    messages.success(request, _("Opublikowano zdjęcie.") if publish else _("Zdjęcie nie będzie publikowane."))
    return _next(request, view.number)


@require_safe
@panel(MODERATE)
@never_cache
def preview(request: HttpRequest, number: str, photo_id: int) -> HttpResponse:
    """The photo as it would be published with the boxes of the address; kept nowhere."""
    view = _view(request, number)
    row = get_object_or_404(CaseFile.objects.select_related("file", "original"), pk=photo_id, case_id=view.id)
    data = files.preview(row.original or row.file, _boxes(request, row))
    if not data:
        raise Http404
    return HttpResponse(data, content_type="image/jpeg")


def _boxes(request: HttpRequest, row: CaseFile) -> list[files.Box]:
    plain, sent = row.original or row.file, request.POST if request.method == "POST" else request.GET
    return publishing.boxes_from(
        sent.getlist("box"),
        sent.getlist("cell"),
        whole="whole" in sent,
        width=plain.width or 1,
        height=plain.height or 1,
    )


def _version(request: HttpRequest) -> int:
    given = request.POST.get("version", "")
    return int(given) if given.isdecimal() and len(given) <= 9 else -1


def _next(request: HttpRequest, number: str) -> HttpResponse:
    """The same case while something of it waits, else the oldest that waits, else the empty desk."""
    case = selectors.case_for(number, request.viewer)
    if case.pending:
        return redirect("cases_publishing:case", number=number)
    after = publishing.waiting_cases(request.viewer).order_by("filed_at", "id").values_list("number", flat=True).first()
    return redirect(reverse("cases_publishing:case", args=[after]) if after else reverse("cases_publishing:desk"))
