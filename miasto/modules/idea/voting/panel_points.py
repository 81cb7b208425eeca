"""Voting points: the committee sets them up; their officers hand papers out and enter the ballots of envelopes."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_safe

from miasto.kernel.accounts.access import panel as gate
from miasto.kernel.core import clock
from miasto.kernel.core.sealed import Sealer, Unreadable
from miasto.kernel.participation.selectors import voting as seen
from miasto.kernel.participation.services import voting
from miasto.modules.idea.voting import ballot_form, forms, panel_forms
from miasto.modules.idea.voting.panel_views import managed

SEALER = Sealer("idea.voting.desk")
SEALED_S = 15 * 60


@gate(seen.ELECTIONS)
def edit(request: HttpRequest, election_id: UUID, point_id: UUID | None = None) -> HttpResponse:
    """A point, new or changed, and its officers."""
    one = managed(request, election_id)
    known = one.points.filter(pk=point_id).first() if point_id else None
    if point_id and known is None:
        raise Http404
    sent = request.POST if request.method == "POST" else None
    form = panel_forms.PointForm(sent, initial=_initial(one, known))
    if sent is not None and form.is_valid():
        data = form.cleaned_data
        asked = {"election": one.pk, "name": data["name"], "address": data["address"], "point": point_id, **form.hours()}
        try:
            row = voting.save_point(**asked, by=request.viewer)
        except voting.Refused as refused:
            form.add_error("closes_on", refused.message)
        else:
            voting.set_officers(point=row.pk, people=[UUID(pk) for pk in data["officers"]], by=request.viewer)
            messages.success(request, _("Punkt zapisany."))
            return redirect("idea_panel:election", election_id=one.pk)
    context = {"election": one, "form": form, "point": known}
    return render(request, "idea/voting/staff_point.html", context, status=422 if sent is not None else 200)


def _initial(one: Any, known: Any) -> dict[str, Any]:
    opens, closes = (clock.local(getattr(known or one, name)) for name in ("opens_at", "closes_at"))
    found: dict[str, Any] = {"opens_on": opens.date(), "opens_at": f"{opens:%H:%M}", "closes_on": closes.date()}
    if known is None:
        return found
    officers = [str(pk) for pk in known.officers.values_list("person", flat=True)]
    return {
        **found,
        "closes_at": f"{closes:%H:%M}",
        "name": known.name,
        "address": known.address,
        "officers": officers,
    }


@require_safe
@gate(seen.PAPERS)
def mine(request: HttpRequest) -> HttpResponse:
    """The points that the officer serves."""
    points = list(seen.points_of(request.viewer).order_by("name"))
    return render(request, "idea/voting/staff_points.html", {"points": points})


def served(request: HttpRequest, point_id: UUID) -> Any:
    """The point of this officer; 404 for everybody else."""
    point = seen.served(point_id, request.viewer)
    if point is None:
        raise Http404
    return point


def _numbers(point: Any) -> dict[str, int]:
    return seen.paper_counts(point.election_id).get(point.pk, {})


@never_cache
@sensitive_post_parameters()
@sensitive_variables()
@gate(seen.PAPERS)
def desk(request: HttpRequest, point_id: UUID) -> HttpResponse:
    """Who came: whether a paper may be handed out, and the envelope's code when it is. The details are not stored."""
    point = served(request, point_id)
    if request.POST.get("do") in ("hand", "instead"):
        return _hand_out(request, point)
    sent = request.POST if request.method == "POST" else None
    form = forms.PersonForm(sent, rules=point.election.voter_rules())
    context: dict[str, Any] = {"point": point, "election": point.election, "form": form, "numbers": _numbers(point)}
    if sent is not None and form.is_valid():
        identity = form.identity()
        context |= {
            "standing": seen.standing(point=point, identity=identity),
            "sealed": SEALER.seal(json.dumps([str(point.pk), identity, clock.now().timestamp() + SEALED_S])),
            "guardian": point.election.voter_rules().needs_guardian(form.cleaned_data["born"], clock.today()),
        }
        return render(request, "idea/voting/staff_standing.html", context)
    return render(request, "idea/voting/staff_desk.html", context, status=422 if sent is not None else 200)


def _hand_out(request: HttpRequest, point: Any) -> HttpResponse:
    try:
        place, identity, until = json.loads(SEALER.unseal(request.POST.get("sealed", "")))
    except (Unreadable, ValueError):
        place, identity, until = "", "", 0
    if place != str(point.pk) or until < clock.now().timestamp():
        messages.error(request, _("Minęło za dużo czasu. Wpisz dane z dokumentu jeszcze raz."))
        return redirect("idea_panel:desk", point_id=point.pk)
    try:
        code = voting.hand_out(point=point, identity=identity, by=request.viewer, instead=request.POST["do"] == "instead")
    except voting.Refused as refused:
        messages.error(request, refused.message)
        return redirect("idea_panel:desk", point_id=point.pk)
    context = {"point": point, "election": point.election, "code": code, "qr": _qr(code)}
    return render(request, "idea/voting/staff_handed.html", context)


def _qr(text: str) -> str:
    import segno

    return str(segno.make(text, error="q", micro=False).svg_data_uri(scale=6, border=4, dark="#000", light="#fff"))


@never_cache
@sensitive_post_parameters()
@gate(seen.PAPERS)
def envelope(request: HttpRequest, point_id: UUID) -> HttpResponse:
    """An envelope is opened by its code and its ballot entered, or noted as given back without one."""
    point = served(request, point_id)
    form = panel_forms.EnvelopeForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"point": point, "election": point.election, "form": form, "numbers": _numbers(point)}
    if request.method != "POST" or not form.is_valid():
        return render(request, "idea/voting/staff_envelope.html", context, status=422 if form.is_bound else 200)
    try:
        return _opened(request, point, form.cleaned_data["code"], context)
    except voting.Refused as refused:
        form.add_error("code", refused.message)
        return render(request, "idea/voting/staff_envelope.html", context, status=422)


def _opened(request: HttpRequest, point: Any, code: str, context: dict[str, Any]) -> HttpResponse:
    row, do = seen.open_envelope(point=point, code=code, by=request.viewer), request.POST.get("do", "")
    if do == "return":
        voting.give_back(point=point, code=code, by=request.viewer)
        messages.success(request, _("Zapisano: koperta bez ważnego głosu."))
        return redirect("idea_panel:envelope", point_id=point.pk)
    if row.state != "out":
        raise voting.Refused("done", _("Ta koperta jest już załatwiona: %(state)s.") % {"state": row.get_state_display()})
    pools = seen.ballot_paper(point.election_id)
    choices, problems = ballot_form.posted(pools, request.POST) if do == "enter" else ({}, [])
    if do == "enter" and not problems:
        try:
            row = voting.enter(point=point, code=code, ballot=choices, by=request.viewer)
        except voting.InvalidBallot as invalid:
            problems = [error.message for error in invalid.errors]
        else:
            _tell(request, row)
            return redirect("idea_panel:envelope", point_id=point.pk)
    called = point.election.called
    more = {"code": code, "problems": problems, "sections": ballot_form.sections(pools, choices, called)}
    more["limits"] = ballot_form.limits_of(point.election.limits, called)
    return render(request, "idea/voting/staff_paper.html", {**context, **more}, status=422 if problems else 200)


def _tell(request: HttpRequest, row: Any) -> None:
    if row.state == "outvoted":
        text = _("Ta osoba zagłosowała potem przez internet i tamten głos się liczy. Zapisano, że koperty nie policzono.")
        messages.warning(request, text)
    else:
        messages.success(request, _("Głos z koperty jest w urnie."))
