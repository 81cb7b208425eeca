"""Staff: how far the count of an edition is, its result before the announcement, the protocol, the announcement."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from miasto.kernel.accounts.access import panel as gate
from miasto.kernel.participation.selectors import tallying
from miasto.kernel.participation.services import tallying as counting
from miasto.kernel.participation.services import voting
from miasto.modules.idea.budget import results
from miasto.modules.idea.budget.models import MANAGE, Edition
from miasto.modules.idea.budget.panel_views import edition_of


def _edition(request: HttpRequest, edition_id: UUID) -> Edition:
    edition = edition_of(request, edition_id)
    if edition.election_id is None:
        raise Http404
    return edition


@require_safe
@never_cache
@gate(MANAGE)
def results_page(request: HttpRequest, edition_id: UUID) -> HttpResponse:
    """The state of the count; once it is there, the result as it will be announced."""
    edition = _edition(request, edition_id)
    tally = tallying.tally_of(edition.election_id)
    if tally is None:
        raise Http404
    found = results.of_edition(edition, staff=True)
    context = {
        "edition": edition,
        "here": _("Wyniki"),
        "tally": tally,
        "going": tally.pending,
        "found": found,
        "pools": results.pools(found, edition) if found else [],
        "protocol": found is not None and any(one.name == "protokol.pdf" for one in found.files),
    }
    return render(request, "idea/budget/panel_results.html", context)


@require_POST
@gate(MANAGE)
def count(request: HttpRequest, edition_id: UUID) -> HttpResponse:
    """Count once more, after a failure or a lost job."""
    edition = _edition(request, edition_id)
    try:
        counting.request_tally(election=edition.election_id, by=request.viewer)
    except voting.WrongState as error:
        messages.error(request, error.message)
    return redirect("idea_panel:budget_results", edition_id=edition_id)


@require_POST
@gate(MANAGE)
def announce(request: HttpRequest, edition_id: UUID) -> HttpResponse:
    """Publish the election together with its result."""
    edition = _edition(request, edition_id)
    try:
        counting.publish_results(election=edition.election_id, by=request.viewer)
    except voting.WrongState as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Wyniki są ogłoszone."))
    return redirect("idea_panel:budget_results", edition_id=edition_id)


@require_safe
@never_cache
@gate(MANAGE)
def protocol(request: HttpRequest, edition_id: UUID) -> HttpResponse:
    """The protocol to sign, also before the announcement."""
    edition = _edition(request, edition_id)
    try:
        found = tallying.file(edition.election_id, "protokol.pdf", staff=True)
    except tallying.NotYet:
        raise Http404 from None
    response = HttpResponse(bytes(found.data), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="protokol-{edition.slug}.pdf"'
    return response
