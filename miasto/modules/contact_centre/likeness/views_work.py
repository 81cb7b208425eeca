"""Merging a report into a similar one."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from miasto.kernel.accounts.access import panel
from miasto.kernel.cases import selectors as cases
from miasto.kernel.cases import services
from miasto.modules.contact_centre.likeness.work import MERGE


@require_POST
@panel(MERGE)
def merge(request: HttpRequest, number: str) -> HttpResponse:
    """Close the case of this number as a duplicate of ``other``; the page's ``version`` guards against a change meanwhile."""
    try:
        case, other = (cases.case_for(one, request.viewer) for one in (number, request.POST.get("other", "")))
    except ObjectDoesNotExist as error:
        raise Http404 from error
    try:
        main = services.merge(duplicates=[case], into=other, by=request.viewer, version=_version(request))
    except services.Conflict as conflict:
        messages.warning(request, str(conflict))
        return redirect("cases_panel:case", number=number)
    except ValidationError as error:
        for words in error.messages:
            messages.error(request, words)
        return redirect("cases_panel:case", number=number)
    messages.success(request, _("Sprawa %(number)s toczy się dalej w tej sprawie.") % {"number": case.number})
    return redirect("cases_panel:case", number=main.number)


def _version(request: HttpRequest) -> int:
    """The version of the case that the page showed; one that no case has where the form brings none."""
    given = request.POST.get("version", "")
    return int(given) if given.isdecimal() and len(given) < 10 else -1
