"""The report of a closed consultation: page, PDF, CSV. And the ledger as CSV while it goes on."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from miasto.kernel.participation import selectors
from miasto.modules.idea.naming import brand
from miasto.modules.idea.views import found

PER_PAGE = 50


def _closed(request: HttpRequest, slug: str) -> Any:
    process = found(request, slug)
    if process.closed_at is None:
        raise Http404
    return process


@require_safe
def report(request: HttpRequest, slug: str) -> HttpResponse:
    """What came of it, the numbers, and each decision with the remarks that it answers."""
    process = _closed(request, slug)
    figures = process.report.figures
    page = Paginator(selectors.decisions(process), PER_PAGE).get_page(request.GET.get("page"))
    found_rows = selectors.answered(page, process)
    context = {
        "brand": brand(),
        "process": process,
        "figures": figures,
        "sums": selectors.sums(figures),
        "page": page,
        "rows": [
            (one, decision.size - len(one.remarks), selectors.COLOURS[one.outcome])
            for decision, one in zip(page, found_rows, strict=True)
        ],
        "basis": selectors.law.basis(process.basis),
        "supplements": [
            (day, [(one, 0, selectors.COLOURS[one.outcome]) for one in rows]) for day, rows in selectors.supplements(process.pk)
        ],
    }
    return render(request, "idea/report.html", context)


@require_safe
def pdf(request: HttpRequest, slug: str) -> HttpResponse:
    """The report as PDF; while it is being drawn a page that says so."""
    return _drawn(request, slug, "pdf", "application/pdf")


@require_safe
def report_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """The report as CSV; while it is being written a page that says so."""
    return _drawn(request, slug, "csv", "text/csv; charset=utf-8")


def _drawn(request: HttpRequest, slug: str, kind: str, content_type: str) -> HttpResponse:
    process = _closed(request, slug)
    data = selectors.report_file(process, kind)
    if data is None:
        response = render(request, "idea/drawing.html", {"brand": brand(), "process": process}, status=503)
        response["Retry-After"] = "60"
        return response
    response = HttpResponse(data, content_type=content_type)
    response["Content-Disposition"] = f'inline; filename="raport-{process.slug}.{kind}"'
    return response


@require_safe
def ledger_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """The whole public ledger as it stands now."""
    process = found(request, slug)
    response = HttpResponse(selectors.csv_of(process), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="uwagi-{process.slug}.csv"'
    return response
