"""The result of an edition: everything that was counted, how to count it again, and what one's own vote brought."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from miasto.kernel.participation.selectors import tallying, voting
from miasto.modules.idea.budget import results
from miasto.modules.idea.budget.models import Edition
from miasto.modules.idea.budget.views import edition_of, page


def _announced(request: HttpRequest, slug: str) -> tuple[Edition, tallying.Results]:
    edition = edition_of(request, slug)
    found = results.of_edition(edition)
    if found is None:
        raise Http404
    return edition, found


@require_safe
def results_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Winners, money, turnout, each loser's reason, the files and the way to count them again."""
    edition, found = _announced(request, slug)
    pools = results.pools(found, edition)
    whole = next((one for one, _url in results.downloads(found) if one.name == "wszystkie.pb"), None)
    return page(
        request,
        "idea/budget/results.html",
        edition=edition,
        here=_("Wyniki"),
        found=found,
        pools=pools,
        turnout=results.turnout(found),
        ballots=sum(found.turnout.values()),
        winners=sum(len(one.winners) for one in pools),
        cost=sum(one.count.cost for one in pools),
        left=sum(one.count.left for one in pools),
        rule=results.RULES[found.counts[0].figures["rule"]]() if found.counts else "",
        downloads=results.downloads(found),
        example=(whole or found.files[0]).name if found.files else "",
        script=reverse("tallying:script"),
        root=voting.root(found.tally.pk),
        bulletin=reverse("voting:bulletin", args=[found.tally.pk]),
        machine=f"/api/participation/elections/{found.tally.pk}/result/",
    )


@require_safe
def my_vote(request: HttpRequest, slug: str) -> HttpResponse:
    """What my vote brought: computed by the reader's own device from the choice kept there; the page knows nobody's vote."""
    edition, found = _announced(request, slug)
    return page(
        request,
        "idea/budget/my_vote.html",
        edition=edition,
        here=_("Co dał mój głos"),
        election=found.tally.pk,
        source=reverse("tallying:brought", args=[found.tally.pk]),
        shares=any(one.figures["share"] for one in found.counts),
        script=reverse("tallying:script"),
    )
