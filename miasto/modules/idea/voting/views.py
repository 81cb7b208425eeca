"""Public pages of a vote: what it is about, who votes and by what it is confirmed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from miasto.kernel.accounts.access import login_required
from miasto.kernel.accounts.selectors import contact_of
from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.core.ratelimit import TooMany, limited
from miasto.kernel.participation.selectors import voting as seen
from miasto.kernel.participation.services import voting
from miasto.kernel.ui import printing
from miasto.modules.idea.naming import brand
from miasto.modules.idea.voting import carrying, counted, forms
from miasto.modules.idea.voting.ballot_form import limits_of, sections

Channel, State = voting.Channel, seen.State


def found(election_id: UUID) -> Any:
    """The election for everybody; 404 for one that is being prepared."""
    one = seen.elections().filter(pk=election_id).first()
    if one is None:
        raise Http404
    return one


def stage_of(one: Any) -> str:
    """Where the vote stands by the clock: ahead, open, ended (closed or about to be), opened or published."""
    if one.state in (State.KEYED, State.OPEN):
        now = clock.now()
        if now >= one.closes_at:
            return "ended"
        return "open" if one.state == State.OPEN and now >= one.opens_at else "ahead"
    return {State.CLOSED: "ended", State.TALLIED: "opened", State.PUBLISHED: "published"}[one.state]


STAGES = {
    "ahead": (gettext_lazy("jeszcze się nie zaczęło"), "blue"),
    "open": (gettext_lazy("można głosować"), "green"),
    "ended": (gettext_lazy("zakończone, urna zapieczętowana"), "yellow"),
    "opened": (gettext_lazy("urna otwarta, liczymy głosy"), "yellow"),
    "published": (gettext_lazy("wyniki ogłoszone"), "grey"),
}


def channels_of(one: Any) -> dict[str, bool]:
    """Which ways of voting this election really has here: a code needs a carrier."""
    return {
        "account": Channel.ACCOUNT in one.channels,
        "identity": Channel.IDENTITY in one.channels and voting.sms_available(),
        "paper": Channel.PAPER in one.channels,
    }


def base(one: Any, **more: Any) -> dict[str, Any]:
    """What every page of an election shows."""
    stage = stage_of(one)
    name, colour = STAGES[stage]
    return {"brand": brand(), "election": one, "stage": stage, "stage_name": name, "stage_colour": colour, **more}


def going() -> list[dict[str, Any]]:
    """Cards of the votes that go on now, for the module's home page; 1 query."""
    now = clock.now()
    rows = seen.elections().filter(state=State.OPEN, opens_at__lte=now, closes_at__gt=now)[:3]
    return [base(one) for one in rows]


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All votes, those that go on first."""
    cards = [{**base(one), "channels": channels_of(one)} for one in seen.elections()[:50]]
    return render(request, "idea/voting/list.html", {"brand": brand(), "cards": cards})


@require_safe
def election(request: HttpRequest, election_id: UUID) -> HttpResponse:
    """One vote: what it is about, how to vote, what keeps it secret, what can be checked."""
    one = found(election_id)
    pools = seen.ballot_paper(one.pk)
    context = base(
        one,
        channels=channels_of(one),
        sections=sections(pools, {}, one.called),
        limits=limits_of(one.limits, one.called),
        rules=one.voter_rules(),
        points=list(one.points.order_by("name")),
        holders=one.key_holders.count(),
        turnout=seen.turnout(one.pk),
        root=seen.root(one.pk),
        ticket=carrying.ticket_of(request, one.pk) is not None,
        result=[] if one.url else counted.lines(one.pk),
        downloads=[] if one.url else counted.downloads(one.pk),
    )
    return render(request, "idea/voting/election.html", context)


def not_now(request: HttpRequest, one: Any) -> HttpResponse:
    """The clear sentence of a vote that takes nothing now."""
    return render(request, "idea/voting/not_now.html", base(one), status=409)


@require_safe
@never_cache
def start(request: HttpRequest, election_id: UUID) -> HttpResponse:
    """The choice of the way; straight to the ballot for who has been confirmed in this browser."""
    one = found(election_id)
    if stage_of(one) != "open":
        return not_now(request, one)
    if carrying.ticket_of(request, one.pk):
        return redirect("idea:ballot", election_id=one.pk)
    context = base(one, channels=channels_of(one), rules=one.voter_rules(), points=list(one.points.order_by("name")))
    return render(request, "idea/voting/start.html", context)


@login_required
@never_cache
@sensitive_post_parameters()
@sensitive_variables()
@limited("idea.vote.person", limit=city().limit("vote_tries_per_hour", 30), per_s=3600)
def by_account(request: HttpRequest, election_id: UUID) -> HttpResponse:
    """Who is logged in completes who they are; the same details as in every other way of voting."""
    one = found(election_id)
    if stage_of(one) != "open" or Channel.ACCOUNT not in one.channels:
        return not_now(request, one)
    sent = request.POST if request.method == "POST" else None
    form = forms.AccountForm(sent, rules=one.voter_rules(), initial=_known(request))
    if sent is not None and form.is_valid():
        voter, mark = voting.marks_of(election=one.pk, identity=form.identity())
        try:
            ticket = voting.admit(
                election=one.pk, channel=Channel.ACCOUNT, voter=voter, mark=mark, holder=str(request.viewer.person_id)
            )
        except voting.Refused as refused:
            form.add_error(None, refused.message)
        else:
            return carrying.put_ticket(redirect("idea:ballot", election_id=one.pk), request, one.pk, ticket)
    return _person_page(request, one, form, sent)


def _known(request: HttpRequest) -> dict[str, str]:
    """What the account knows of its holder."""
    given, _space, family = ((contact_of(request.viewer.person_id) or {}).get("name") or "").strip().partition(" ")
    return {"given_name": given, "family_name": family.strip()}


def _person_page(request: HttpRequest, one: Any, form: Any, sent: Any) -> HttpResponse:
    context = base(one, form=form, rules=one.voter_rules(), by_phone="phone" in form.fields)
    return render(request, "idea/voting/person.html", context, status=422 if sent is not None else 200)


@never_cache
@sensitive_post_parameters()
@sensitive_variables()
@limited("idea.vote.person", limit=city().limit("vote_tries_per_hour", 30), per_s=3600)
def by_details(request: HttpRequest, election_id: UUID) -> HttpResponse:
    """Without an account: who votes, and the number that gets a code."""
    one = found(election_id)
    if stage_of(one) != "open" or not channels_of(one)["identity"]:
        return not_now(request, one)
    sent = request.POST if request.method == "POST" else None
    form = forms.DetailsForm(sent, rules=one.voter_rules())
    if sent is not None and form.is_valid():
        voter, mark = voting.marks_of(election=one.pk, identity=form.identity())
        answer = _send(request, one, voter.hex(), mark.hex(), form.cleaned_data["phone"])
        if isinstance(answer, HttpResponse):
            return answer
        form.add_error("phone", answer)
    return _person_page(request, one, form, sent)


def _send(request: HttpRequest, one: Any, voter: str, mark: str, number: str) -> HttpResponse | str:
    """Send a code and go to where it is typed, or the sentence of what went wrong."""
    try:
        name = voting.send_code(election=one.pk, number=number)
    except TooMany:
        return _("Na ten numer wysłaliśmy już tyle kodów, ile można w tym czasie. Spróbuj za godzinę albo podaj inny numer.")
    except voting.NotSent:
        return _("Nie udało się wysłać SMS-a. Sprawdź numer i spróbuj jeszcze raz za chwilę.")
    until = clock.now().timestamp() + carrying.PENDING_S
    pending = carrying.Pending(str(one.pk), voter, mark, number, str(name), until)
    return carrying.put_pending(redirect("idea:code", election_id=one.pk), request, pending)


@never_cache
@sensitive_post_parameters()
@sensitive_variables()
@limited("idea.vote.code", limit=city().limit("vote_codes_per_hour", 60), per_s=3600)
def code(request: HttpRequest, election_id: UUID) -> HttpResponse:
    """The code from the text message; another one may be asked for."""
    one = found(election_id)
    pending = carrying.pending_of(request, one.pk)
    if stage_of(one) != "open":
        return not_now(request, one)
    if pending is None:
        return redirect("idea:start", election_id=one.pk)
    form, over = forms.CodeForm(request.POST if "code" in request.POST else None), False
    if "again" in request.POST:
        answer = _send(request, one, pending.voter, pending.mark, pending.number)
        if isinstance(answer, HttpResponse):
            messages.success(request, _("Wysłaliśmy nowy kod. Poprzedni już nie działa."))
            return answer
        messages.error(request, answer)
    elif form.is_bound and form.is_valid():
        answer, over = _confirmed(request, one, pending, form)
        if answer is not None:
            return answer
    context = base(one, form=form, over=over, ending=pending.number[-3:])
    return render(request, "idea/voting/code.html", context, status=422 if request.method == "POST" else 200)


def _confirmed(request: HttpRequest, one: Any, pending: Any, form: Any) -> tuple[HttpResponse | None, bool]:
    try:
        voting.check_code(election=one.pk, name=UUID(pending.code), typed=form.cleaned_data["code"])
        ticket = voting.admit(
            election=one.pk,
            channel=Channel.IDENTITY,
            voter=bytes.fromhex(pending.voter),
            mark=bytes.fromhex(pending.mark),
            holder=pending.number,
        )
    except voting.WrongCode as wrong:
        form.add_error("code", wrong.message)
        return None, wrong.over
    except voting.Refused as refused:
        form.add_error(None, refused.message)
        return None, True
    return carrying.put_ticket(redirect("idea:ballot", election_id=one.pk), request, one.pk, ticket), False


@require_POST
@never_cache
def leave(request: HttpRequest, election_id: UUID) -> HttpResponse:
    """End in this browser: the right to cast is forgotten."""
    one = found(election_id)
    messages.success(request, _("Zakończono. Następna osoba na tym urządzeniu zacznie od początku."))
    return carrying.leave(redirect("idea:election", election_id=one.pk), one.pk)


def _with_consent(election_id: UUID) -> Any:
    """The election, where its rules ask for a guardian's consent; 404 where they do not."""
    one = found(election_id)
    if one.voter_rules().guardian_under is None:
        raise Http404
    return one


@require_safe
def consent(request: HttpRequest, election_id: UUID) -> HttpResponse:
    """The form of a parent's or guardian's consent, to be printed and brought to a voting point."""
    one = _with_consent(election_id)
    return render(request, "idea/voting/consent.html", base(one, rules=one.voter_rules()))


@require_safe
@limited("idea.voting.consent", limit=60, per_s=600, methods=("GET",))
def consent_pdf(request: HttpRequest, election_id: UUID) -> HttpResponse:
    """The same form as a tagged PDF."""
    one = _with_consent(election_id)
    data = printing.drawn_once(printing.page("idea/voting/consent/pdf.html", {"election": one, "rules": one.voter_rules()}))
    response = HttpResponse(data, content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="zgoda-opiekuna.pdf"'
    return response
