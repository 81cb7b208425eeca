"""``/panel/alerty/``: what stands now, one alert with its history, the rules."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from miasto.kernel.accounts.access import panel
from miasto.kernel.accounts.selectors import display_names
from miasto.kernel.core import clock, live
from miasto.kernel.observations.access import ALERTS
from miasto.kernel.observations.alerts import lifecycle, rules
from miasto.kernel.observations.alerts.asking import ConditionForm, typed
from miasto.kernel.observations.alerts.describing import describe, unit_of, valued
from miasto.kernel.observations.alerts.forms import RuleForm
from miasto.kernel.observations.models import Alert, AlertRule

PER_PAGE = 50
ICONS = {"raised": "triangle-alert", "known": "user-check", "comment": "message-square", "cleared": "check"}
FORM_METHODS = ["GET", "HEAD", "POST"]


@require_safe
@panel(ALERTS)
def alerts(request: HttpRequest) -> HttpResponse:
    """What stands, the gravest first; below it what was cleared, the newest first."""
    seen = Alert.objects.visible_to(request.viewer).select_related("rule", "thing")
    standing = list(seen.exclude(state=Alert.State.CLEARED).order_by("-severity", "-raised_at")[:200])
    over = Paginator(seen.filter(state=Alert.State.CLEARED).order_by("-raised_at"), PER_PAGE).get_page(request.GET.get("page"))
    context = {"standing": [_row(one) for one in standing], "over": over, "past": [_row(one) for one in over]}
    return render(request, "observations/alerts/alerts.html", context)


def _row(alert: Alert) -> dict[str, Any]:
    unit = unit_of(alert.code)
    return {"alert": alert, "value": valued(alert.value, unit), "peak": valued(alert.peak, unit)}


@require_safe
@panel(ALERTS)
def follow(request: HttpRequest) -> Any:
    """Server-sent events of alerts that the viewer may see."""
    viewer = request.viewer

    def tell(note: live.Note) -> dict[str, Any] | None:
        found = Alert.objects.visible_to(viewer).filter(pk=note.object_id).values("state", "severity").first()
        return {"id": str(note.object_id), **found} if found else None

    return live.stream(request, kinds=(lifecycle.KIND,), tell=tell)


@require_safe
@panel(ALERTS)
def alert(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    """One alert: what, where, since when, what was done."""
    return _alert_page(request, alert_id)


def _alert_page(request: HttpRequest, alert_id: UUID, error: ValidationError | None = None, text: str = "") -> HttpResponse:
    seen = Alert.objects.visible_to(request.viewer).select_related("rule", "thing")
    found = get_object_or_404(seen, pk=alert_id)
    steps = list(found.steps.select_related("note").order_by("id"))
    names = display_names(step.person_id for step in steps)
    unit = unit_of(found.code)
    context = {
        **_row(found),
        "condition": describe(found.rule.condition),
        "steps": [
            {
                "title": capfirst(step.get_kind_display()),
                "at": step.at,
                "who": names.get(step.person_id, ""),
                "body": step.note.text if hasattr(step, "note") else valued(step.value, unit),
                "state": "done",
                "icon": ICONS[step.kind],
            }
            for step in steps
        ],
        "problem": " ".join(error.messages) if error else "",
        "text": text,
    }
    return render(request, "observations/alerts/alert.html", context, status=422 if error else 200)


@require_POST
@panel(ALERTS)
def act(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    """Take an alert up, or write what was done."""
    text = request.POST.get("text", "")
    try:
        if request.POST.get("do") == "known":
            lifecycle.acknowledge(alert_id=alert_id, by=request.viewer, text=text)
        else:
            lifecycle.comment(alert_id=alert_id, by=request.viewer, text=text)
    except ValidationError as error:
        return _alert_page(request, alert_id, error, text)
    messages.success(request, _("Zapisano."))
    return redirect("observations_alerts:alert", alert_id)


@require_safe
@panel(ALERTS)
def rule_list(request: HttpRequest) -> HttpResponse:
    """The rules of the viewer's units."""
    found = AlertRule.objects.visible_to(request.viewer).select_related("unit").order_by("-active", "-severity", "name")
    rows = [{"rule": one, "condition": describe(one.condition)} for one in found[:500]]
    return render(request, "observations/alerts/rules.html", {"rows": rows})


@require_http_methods(FORM_METHODS)
@panel(ALERTS)
def rule(request: HttpRequest, rule_id: UUID | None = None) -> HttpResponse:
    """A new rule, or a change of one; it can be tried on the last days before it is saved.

    Without scripts the button ``show`` gives the fields of the kind that was chosen, and judges nothing yet.
    """
    seen = AlertRule.objects.visible_to(request.viewer)
    found = get_object_or_404(seen, pk=rule_id) if rule_id else AlertRule(condition={})
    form, first, second = _forms(request, found)
    tried, wrong = None, False
    if form.is_bound:
        wrong = not _valid(form, first, second)
        if not wrong:
            form.fill(found)
            if first is not None and second is not None:
                found.condition = _joined(form.cleaned_data["join"], first, second)
            tried = _done(request, found, form)
            if isinstance(tried, HttpResponse):
                return tried
            wrong = bool(form.errors)
    context = {"form": form, "first": first, "second": second, "rule": found, "tried": tried, "words": _words(tried)}
    context |= {"whole": describe(found.condition) if first is None else "", "joined": bool(form["join"].value())}
    return render(request, "observations/alerts/rule.html", context, status=422 if wrong else 200)


def _done(request: HttpRequest, rule: AlertRule, form: RuleForm) -> HttpResponse | rules.Tried | None:
    """Save a rule and go to the list, or try it; what is wrong is written into the form."""
    data = {name: list(form.cleaned_data[name]) for name in ("things", "areas")}
    try:
        if "try" in request.POST:
            return rules.try_rule(rule, **data)
        rules.save_rule(rule=rule, by=request.viewer, told=list(form.cleaned_data["told"]), **data)
    except ValidationError as error:
        form.add_error(None, error.messages)
    except PermissionDenied:
        form.add_error("unit", _("W tej jednostce nie obsługujesz alertów."))
    else:
        messages.success(request, _("Zapisano regułę „%(name)s”.") % {"name": rule.name})
        return redirect("observations_alerts:rules")
    return None


def _forms(request: HttpRequest, rule: AlertRule) -> tuple[RuleForm, ConditionForm | None, ConditionForm | None]:
    """The form and its two conditions; none where the stored condition is one that the form cannot show: it stays as it is."""
    stored = rule.condition or {"kind": "threshold"}
    parts = stored["of"] if stored.get("kind") in ("all", "any") else [stored]
    given = request.POST if request.method == "POST" else None
    judged = "show" not in request.POST
    form = RuleForm(given, viewer=request.viewer, initial=_initial(rule, stored, parts))
    if not judged:
        form = RuleForm(viewer=request.viewer, initial=typed(form))
    if len(parts) > 2 or any("of" in part for part in parts):
        return form, None, None
    first = ConditionForm(given, prefix="a", initial=parts[0], judged=judged)
    other = parts[1] if len(parts) > 1 else {"kind": "threshold"}
    return form, first, ConditionForm(given, prefix="b", initial=other, judged=judged and bool(form["join"].value()))


def _initial(rule: AlertRule, stored: dict[str, Any], parts: list[dict[str, Any]]) -> dict[str, Any]:
    plain = ("name", "thing_kind", "severity", "life", "advice", "quiet_from", "quiet_to", "unit", "public", "active")
    initial = {name: getattr(rule, name) for name in plain}
    initial |= {"join": stored["kind"] if len(parts) > 1 else "", "hold": rule.hold_s // 60}
    if not rule._state.adding:
        initial |= {"things": rule.things.all(), "told": rule.told.all(), "areas": rule.areas.all()}
    return initial


def _valid(form: RuleForm, first: ConditionForm | None, second: ConditionForm | None) -> bool:
    """Whether all that counts is filled in; the second condition counts only where two are joined."""
    fine = [form.is_valid()]
    if first is not None and second is not None:
        fine.append(first.is_valid())
        if form.data.get("join"):
            fine.append(second.is_valid())
    return all(fine)


def _joined(join: str, first: ConditionForm, second: ConditionForm) -> dict[str, Any]:
    return {"kind": join, "of": [first.json(), second.json()]} if join else first.json()


def _words(tried: rules.Tried | None) -> str:
    if tried is None:
        return ""
    if not tried.readings:
        return _("Od trzech dni nie ma odczytów, na których można wypróbować tę regułę.")
    days = (clock.now() - tried.since).days
    raised = ngettext("%(n)d alert", "%(n)d alertów", tried.count) % {"n": tried.count}
    return _("W ostatnich %(days)d dniach ta reguła dałaby: %(raised)s.") % {"days": days, "raised": raised}
