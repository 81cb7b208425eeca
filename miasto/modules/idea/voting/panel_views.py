"""The committee: a vote is prepared, gets its key, is opened, closed, and its box opened. No page knows a partial result."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from miasto.kernel.accounts.access import panel as gate
from miasto.kernel.core import clock
from miasto.kernel.participation.selectors import tallying
from miasto.kernel.participation.selectors import voting as seen
from miasto.kernel.participation.services import tallying as counting
from miasto.kernel.participation.services import voting
from miasto.modules.idea.voting import counted, panel_forms

HOME = "idea_panel:election"
PER_PAGE = 30
State = seen.State


def managed(request: HttpRequest, election_id: UUID) -> Any:
    """The election for the committee; 404 for everybody else."""
    one = seen.managed(request.viewer).filter(pk=election_id).first()
    if one is None:
        raise Http404
    return one


@require_safe
@gate(seen.ELECTIONS)
def index(request: HttpRequest) -> HttpResponse:
    """All votes."""
    page = Paginator(seen.managed(request.viewer), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "idea/voting/staff_list.html", {"page": page})


@gate(seen.ELECTIONS)
def new(request: HttpRequest) -> HttpResponse:
    """A vote of its own, with one pool."""
    sent = request.POST if request.method == "POST" else None
    first = {"channels": ["account", "identity"], "double_votes": "last_electronic", "kind": "approval", "most": 1}
    form = panel_forms.ElectionForm(sent, initial=first)
    if sent is not None and form.is_valid():
        made = counted.create(**form.asked(), by=request.viewer)
        messages.success(request, _("Zapisano. Teraz zrób klucz komisji."))
        return redirect(HOME, election_id=made.pk)
    return render(request, "idea/voting/staff_new.html", {"form": form}, status=422 if sent is not None else 200)


@require_safe
@gate(seen.ELECTIONS)
def election(request: HttpRequest, election_id: UUID) -> HttpResponse:
    """The workbench: where the vote stands, what comes next, papers by point."""
    one = managed(request, election_id)
    papers = seen.paper_counts(one.pk)
    points = [(point, point.counts or papers.get(point.pk)) for point in one.points.order_by("name")]
    context = {
        "election": one,
        "ended": clock.now() >= one.closes_at,
        "pools": seen.ballot_paper(one.pk),
        "holders": list(one.key_holders.order_by("number")),
        "points": points,
        "missing": sum((numbers or {}).get("missing", 0) for _point, numbers in points),
        "turnout": seen.turnout(one.pk),
        "root": seen.root(one.pk),
        "paper": voting.Channel.PAPER in one.channels,
        "agree": _agree(one.counts),
        "tally": tallying.tally_of(one.pk),
        "result": counted.lines(one.pk, staff=True),
    }
    return render(request, "idea/voting/staff_election.html", context)


def _agree(counts: dict[str, Any]) -> bool:
    """Whether every ballot of the bulletin is accounted for."""
    return counts.get("sealed") == sum(counts.get(name, 0) for name in ("counted", "unreadable", "missing"))


@never_cache
@sensitive_variables()
@gate(seen.ELECTIONS)
def keys(request: HttpRequest, election_id: UUID) -> HttpResponse:
    """Make the key; the answer to the form is the only place where the shares are ever seen.

    The form names the key that there is, so that a reloaded page does not make the shown shares void.
    """
    one = managed(request, election_id)
    present = bytes(one.public_key).hex() if one.public_key else ""
    sent = request.POST if request.method == "POST" else None
    holders = "\n".join(row.function for row in one.key_holders.order_by("number"))
    form = panel_forms.KeyForm(sent, initial={"present": present, "holders": holders, "threshold": one.threshold or 3})
    if sent is not None and form.is_valid():
        if form.cleaned_data["present"] != present:
            messages.error(request, _("Klucz już zrobiono. Części widać tylko raz, zaraz po zrobieniu."))
            return redirect(HOME, election_id=one.pk)
        try:
            shares = voting.make_keys(
                election=one.pk,
                threshold=form.cleaned_data["threshold"],
                holders=form.cleaned_data["holders"],
                by=request.viewer,
            )
        except voting.WrongState as wrong:
            messages.error(request, wrong.message)
            return redirect(HOME, election_id=one.pk)
        shown = [(one_share, one_share.words.split(), one_share.qr()) for one_share in shares]
        return render(request, "idea/voting/staff_shares.html", {"election": one, "shares": shown})
    context = {"election": one, "form": form, "made": bool(present)}
    return render(request, "idea/voting/staff_keys.html", context, status=422 if sent is not None else 200)


def _act(request: HttpRequest, election_id: UUID, act: Any, said: str) -> HttpResponse:
    one = managed(request, election_id)
    try:
        act(election=one.pk, by=request.viewer)
    except voting.WrongState as wrong:
        messages.error(request, wrong.message)
    else:
        messages.success(request, said)
    return redirect(HOME, election_id=election_id)


@require_POST
@gate(seen.ELECTIONS)
def open_box(request: HttpRequest, election_id: UUID) -> HttpResponse:
    """Set the box up: ballots are taken from the first instant of the vote."""
    return _act(request, election_id, voting.open_election, _("Urna stoi. Głosy przyjmiemy od chwili otwarcia."))


@require_POST
@gate(seen.ELECTIONS)
def close_box(request: HttpRequest, election_id: UUID) -> HttpResponse:
    """Close by hand what the platform closes by itself."""
    return _act(request, election_id, voting.close_election, _("Urna zamknięta. Biuletyn jest ogłoszony."))


@never_cache
@sensitive_post_parameters()
@sensitive_variables()
@gate(seen.ELECTIONS)
def box(request: HttpRequest, election_id: UUID) -> HttpResponse:
    """Open the box with the shares of enough members. What was typed is never drawn back."""
    one = managed(request, election_id)
    if one.state != State.CLOSED:
        return redirect(HOME, election_id=one.pk)
    sent = request.POST if request.method == "POST" else None
    form = panel_forms.SharesForm(sent, threshold=one.threshold)
    if sent is not None and form.is_valid():
        try:
            number = voting.tally(election=one.pk, shares=form.shares(), by=request.viewer)
        except voting.WrongShares as wrong:
            form.add_error(f"share{wrong.share}" if wrong.share else None, wrong.message)
        except voting.WrongState as wrong:
            messages.error(request, wrong.message)
            return redirect(HOME, election_id=one.pk)
        else:
            messages.success(request, _("Urna otwarta. Głosów do policzenia: %(n)d.") % {"n": number})
            return redirect(HOME, election_id=one.pk)
    context = {"election": one, "form": form, "root": seen.root(one.pk)}
    return render(request, "idea/voting/staff_box.html", context, status=422 if sent is not None else 200)


@require_POST
@gate(seen.ELECTIONS)
def count(request: HttpRequest, election_id: UUID) -> HttpResponse:
    """Count once more, after a failure or a lost job."""
    return _act(request, election_id, counting.request_tally, _("Liczymy głosy."))


@require_POST
@gate(seen.ELECTIONS)
def announce(request: HttpRequest, election_id: UUID) -> HttpResponse:
    """Publish a vote of its own together with its result; votes of the budget are announced by their editions."""
    if managed(request, election_id).url:
        raise Http404
    return _act(request, election_id, counting.publish_results, _("Wyniki są ogłoszone."))
