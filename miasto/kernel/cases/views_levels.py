"""The staff's page of terms: what is late, what will be, who has how much; and the answer to an escalation."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from miasto.kernel.accounts.access import panel
from miasto.kernel.cases import presenting
from miasto.kernel.cases.access import SEE
from miasto.kernel.cases.escalation import SUPERVISE, acknowledge, waiting_for
from miasto.kernel.cases.forecast import MONTHS, WEEKS, overdue_forecast
from miasto.kernel.cases.ladder import FIRST_RESPONSE
from miasto.kernel.cases.level_models import Escalation
from miasto.kernel.cases.types import case_types
from miasto.kernel.core import clock
from miasto.kernel.ui.charts import Pairs

SPANS = (7, 14, 30)


@require_safe
@panel(SEE)
def terms(request: HttpRequest) -> HttpResponse:
    """The terms of the viewer's units; names of people only for who supervises them."""
    types = case_types()
    if not types:
        raise Http404
    kind = next((one for one in types if one.key == request.GET.get("typ")), types[0])
    asked = request.GET.get("dni", "")
    days = int(asked) if asked in {str(span) for span in SPANS} else 14
    supervised = request.viewer.units_with(SUPERVISE)
    found = overdue_forecast(request.viewer, case_type=kind.key, days=days, people_of=supervised)
    context = {
        "forecast": found,
        "days": days,
        "spans": SPANS,
        "kind": kind,
        "types": types,
        "chart": _chart(found.days) if len(found.days) > 1 else None,
        "risks": [(one, presenting.days_words((one.due_on - clock.today()).days)) for one in found.risks],
        "months": MONTHS,
        "weeks": WEEKS,
        "bases": {
            "category": _("ta sama kategoria w tej jednostce"),
            "unit": _("wszystkie sprawy jednostki"),
            "city": _("całe miasto"),
        },
        **escalations(request.viewer),
    }
    return render(request, "cases/terms.html", context)


def _chart(days: list[tuple[Any, int, float]]) -> Pairs:
    return Pairs(
        _("Terminy w najbliższych dniach"),
        _("Dzień"),
        (_("kończy się terminów"), _("spodziewane spóźnienia")),
        [(f"{day:%d.%m}", number, round(late, 1)) for day, number, late in days],
    )


def escalations(viewer: Any) -> dict[str, Any]:
    """What the viewer was told and has not acknowledged, for the page of terms and the first page of the panel; 2 queries."""
    rows, count = waiting_for(viewer)
    return {"escalations": [(one, _why(one)) for one in rows], "escalations_count": count}


def _why(one: Any) -> str:
    if one.rung is not None and one.rung.of == FIRST_RESPONSE:
        return _("nikt jeszcze nie odpowiedział")
    return presenting.days_words((one.due_on - clock.today()).days)


@require_POST
@panel(SUPERVISE)
def known(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """„Przyjmuję do wiadomości”: who was told looks after it."""
    try:
        acknowledge(escalation_id=escalation_id, by=request.viewer)
    except Escalation.DoesNotExist as error:
        raise PermissionDenied from error
    messages.success(request, _("Odnotowaliśmy to w historii sprawy."))
    return redirect("cases_panel:terms")
