"""What of the cases' personal data ends soon, and the orders to keep some of it."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from miasto.kernel.accounts.access import panel
from miasto.kernel.cases import retention as keeping
from miasto.kernel.cases import selectors
from miasto.kernel.cases.views_work import view_for_staff
from miasto.kernel.core import clock

AHEAD = timedelta(days=31)


@require_safe
@panel(keeping.SUPERVISE)
def retention(request: HttpRequest) -> HttpResponse:
    """What the next month will anonymise in the reader's units, and what is held."""
    rows, count = keeping.upcoming(request.viewer, clock.now() + AHEAD)
    context = {
        "rows": rows,
        "count": count,
        "more": count - len(rows),
        "held": keeping.held(request.viewer),
        "terms": keeping.terms(),
    }
    return render(request, "cases/retention.html", context)


@require_POST
@panel(keeping.SUPERVISE)
def change(request: HttpRequest, number: str) -> HttpResponse:
    """Hold the data of a case for a reason, or end the hold."""
    view = view_for_staff(request, number)
    case = selectors.case_for(number, request.viewer)
    try:
        if "lift" in request.POST:
            keeping.lift(case=case, by=request.viewer)
            messages.success(request, _("Dane tej sprawy będą anonimizowane w zwykłym terminie."))
        else:
            keeping.hold(case=case, reason=request.POST.get("reason", ""), by=request.viewer)
            messages.success(request, _("Anonimizacja tej sprawy jest wstrzymana."))
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, message)
    back = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith("/panel/")
    return (
        redirect(back if safe else "cases_panel:retention")
        if "back" in request.POST
        else redirect("cases_panel:case", number=view.number)
    )
