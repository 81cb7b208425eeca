"""The ballot: chosen, shown once more, cast. Nothing is a vote before the last press; a repeated one gives the same receipt."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID, uuid4

from asgiref.sync import sync_to_async
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from miasto.kernel.participation.selectors import voting as seen
from miasto.kernel.participation.services import voting
from miasto.modules.idea.voting import ballot_form, carrying
from miasto.modules.idea.voting.views import base, found, not_now, stage_of

STEP = 16 * 1024
SHORTEST = 64


def padded(response: HttpResponse) -> HttpResponse:
    """The answer as long as any other of its kind: what was chosen does not show in its length."""
    left = -(len(response.content) + SHORTEST) % STEP + SHORTEST
    response.content += f"<!-- {get_random_string(left - 9)} -->".encode()
    return response


@never_cache
@sensitive_post_parameters()
@sensitive_variables()
def ballot(request: HttpRequest, election_id: UUID) -> HttpResponse:
    """The form; posted, it is shown once more as a whole (or with what is wrong); ``do=edit`` leads back from there."""
    one = found(election_id)
    if stage_of(one) != "open":
        return not_now(request, one)
    ticket = carrying.ticket_of(request, one.pk)
    if ticket is None:
        return redirect("idea:start", election_id=one.pk)
    pools = seen.ballot_paper(one.pk)
    if request.method != "POST":
        return _form(request, one, pools, {}, [], ticket)
    if request.POST.get("do") == "edit":
        return _form(request, one, pools, ballot_form.unpacked(request.POST.get("ballot", "")), [], ticket)
    choices, problems = ballot_form.posted(pools, request.POST)
    return _looked_at(request, one, pools, choices, problems, ticket)


def _looked_at(request: HttpRequest, one: Any, pools: Any, choices: Any, problems: list[str], ticket: Any) -> HttpResponse:
    if not problems:
        try:
            voting.validate(one.rules(), choices)
        except voting.InvalidBallot as invalid:
            problems = [error.message for error in invalid.errors]
    if problems:
        return _form(request, one, pools, choices, problems, ticket)
    return _summary(request, one, pools, choices, str(uuid4()))


def _form(request: HttpRequest, one: Any, pools: Any, choices: Any, problems: list[str], ticket: Any) -> HttpResponse:
    context = base(
        one,
        sections=ballot_form.sections(pools, choices, one.called),
        limits=ballot_form.limits_of(one.limits, one.called),
        rules_json=json.dumps(_rules(one, pools)),
        problems=problems,
        fresh=request.method != "POST",
        has_voted=seen.has_voted(election=one.pk, voter=ticket.voter),
        options=sum(len(pool.options) for pool in pools),
    )
    return padded(render(request, "idea/voting/ballot.html", context, status=422 if problems else 200))


def _rules(one: Any, pools: Any) -> dict[str, Any]:
    """What of the rules the page's script counts with; money in grosze."""
    names = ("number", "name", "most", "budget", "points", "most_points")
    return {
        "pools": [{**{name: getattr(pool.rule, name) for name in names}, "kind": str(pool.rule.kind)} for pool in pools],
        "limits": one.limits,
    }


def _summary(request: HttpRequest, one: Any, pools: Any, choices: Any, asked: str, problem: str = "") -> HttpResponse:
    packed = ballot_form.packed(choices)
    context = base(
        one,
        sections=ballot_form.sections(pools, choices, one.called),
        packed=packed,
        asked=asked,
        # the two hidden fields together are always as long as the longest ballot
        padding="x" * max(0, _longest(pools) - len(packed)),
        problem=problem,
    )
    return padded(render(request, "idea/voting/summary.html", context, status=503 if problem else 200))


def _longest(pools: Any) -> int:
    return 64 + sum(12 + 16 * len(pool.options) for pool in pools)


@require_POST
@never_cache
@sensitive_post_parameters()
@sensitive_variables()
async def cast(request: HttpRequest, election_id: UUID) -> HttpResponse:
    """Put the ballot into the box and show the receipt. Ballots that come together are committed together."""
    one, ticket = await sync_to_async(_right)(request, election_id)
    if ticket is None:
        return await sync_to_async(_started_anew)(request, one)
    choices, asked = ballot_form.unpacked(request.POST.get("ballot", "")), _key(request.POST.get("request", ""))
    if asked is None:
        return redirect("idea:ballot", election_id=one.pk)
    try:
        receipt = await voting.batcher().cast(
            election=one.pk, voter_key=ticket.voter, ballot=choices, channel=ticket.channel, request=asked
        )
    except (voting.InvalidBallot, voting.Refused, Error) as error:
        return await sync_to_async(_not_taken)(request, one, choices, asked, error)
    return await sync_to_async(_receipt)(request, one, choices, receipt)


def _right(request: HttpRequest, election_id: UUID) -> tuple[Any, Any]:
    one = found(election_id)
    return one, carrying.ticket_of(request, one.pk)


def _started_anew(request: HttpRequest, one: Any) -> HttpResponse:
    """The right has grown old: the voter is confirmed once more, nothing was cast."""
    if stage_of(one) != "open":
        return not_now(request, one)
    return render(request, "idea/voting/refused.html", base(one, message="", again=True), status=403)


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _not_taken(request: HttpRequest, one: Any, choices: Any, asked: UUID, error: Exception) -> HttpResponse:
    """What the box did not take, in a sentence; where only the database was away, the same form with the same key again."""
    pools = seen.ballot_paper(one.pk)
    if isinstance(error, voting.InvalidBallot):
        problems = [one_error.message for one_error in error.errors]
        return _form(request, one, pools, choices, problems, carrying.ticket_of(request, one.pk))
    if isinstance(error, voting.Refused) and error.code != "busy":
        context = base(one, message=error.message, again=False)
        return render(request, "idea/voting/refused.html", context, status=409)
    problem = _("Nie udało się przyjąć głosu. Spróbuj jeszcze raz: głos policzymy raz, nawet jeśli tamten jednak dotarł.")
    return _summary(request, one, pools, choices, str(asked), problem)


def _receipt(request: HttpRequest, one: Any, choices: Any, receipt: Any) -> HttpResponse:
    context = base(
        one,
        sections=ballot_form.sections(seen.ballot_paper(one.pk), choices, one.called),
        receipt=receipt.as_json(),
        receipt_json=json.dumps(receipt.as_json()),
        choices_json=ballot_form.packed(choices),
        groups=[receipt.number.hex[at : at + 4] for at in range(0, 32, 4)],
    )
    return padded(render(request, "idea/voting/receipt.html", context))
