"""The page of the open statistics and its downloads. Everything asked is in the address."""

from __future__ import annotations

import csv
import io

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from miasto.kernel.cases import selectors as cases
from miasto.kernel.core import clock
from miasto.modules.contact_centre.reports import tables
from miasto.modules.contact_centre.reports.asking import understood

MOST_ROWS = 15


@require_safe
def statistics(request: HttpRequest) -> HttpResponse:
    """How many, how fast, how often disputed; at most 12 queries, however many cases there are."""
    question = understood(request.GET)
    found = cases.statistics_by_unit_and_category(question.asked)
    units, categories = tables.unit_rows(found, question), tables.category_rows(found, question)
    context = {
        "filter_form": question.form,
        "narrowed": question.narrowed or bool(request.GET.get("okres")),
        "total": found.total,
        "parts": [
            {"key": "jednostki", "rows": units[:MOST_ROWS], "more": units[MOST_ROWS:], "units": True},
            {"key": "kategorie", "rows": categories[:MOST_ROWS], "more": categories[MOST_ROWS:], "units": False},
        ],
        "charts": tables.charts(found),
        "channels": [] if question.narrowed else tables.channels(found.total),
        "definitions": tables.DEFINITIONS,
        "columns": tables.documented(),
        "query": request.GET.urlencode(),
        "first": question.asked.first,
        "last": question.asked.last,
    }
    return render(request, "contact_centre/reports/statistics.html", context)


@require_safe
def as_csv(request: HttpRequest) -> HttpResponse:
    """The same figures as CSV (RFC 4180, UTF-8), with the columns of ``tables.COLUMNS``; empty where nothing is told."""
    question = understood(request.GET)
    out = io.StringIO()
    writer = csv.DictWriter(out, [name for name, _meaning in tables.COLUMNS])
    writer.writeheader()
    writer.writerows(tables.all_rows(cases.statistics_by_unit_and_category(question.asked), question))
    response = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="statystyki.csv"'
    return response


@require_safe
def as_json(request: HttpRequest) -> JsonResponse:
    """The same figures as JSON, null where nothing is told."""
    question = understood(request.GET)
    rows = list(tables.all_rows(cases.statistics_by_unit_and_category(question.asked), question))
    return JsonResponse(
        {
            "first_month": f"{question.asked.first:%Y-%m}",
            "last_month": f"{question.asked.last:%Y-%m}",
            "made_at": clock.now().isoformat(timespec="seconds"),
            "columns": {name: str(meaning) for name, meaning in tables.COLUMNS},
            "rows": rows,
        },
        json_dumps_params={"ensure_ascii": False},
    )
