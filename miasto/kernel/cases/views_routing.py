"""Routing in the panel: the rules in force, a draft with its check and trial, and the versions before."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from miasto.kernel.accounts.access import panel
from miasto.kernel.accounts.selectors import current_units, display_names
from miasto.kernel.cases import routing_plans, routing_trial
from miasto.kernel.cases.forms import category_choices
from miasto.kernel.cases.models import Category, RoutingPlan
from miasto.kernel.cases.related import external_bodies
from miasto.kernel.cases.routing import conditions
from miasto.kernel.cases.types import case_types
from miasto.kernel.cases.uploads import refuse
from miasto.kernel.places.selectors import ROAD_OWNERS, STREET_CLASSES, areas, kind_name
from miasto.kernel.ui.fields import DateParts

MANAGE = "cases.routing"
COUNTS = (("100", "100"), ("300", "300"), ("1000", "1000"))


def _case_type() -> Any:
    """The type of case whose routes are set here: the first that has a public register, for others go by competence."""
    found = next((kind for kind in case_types() if kind.public_register and kind.needs_place), None)
    if found is None:
        raise Http404
    return found


class RuleForm(forms.Form):
    """One rule: conditions, then where the case goes."""

    category = forms.ChoiceField(label=_("Kategoria"), required=False)
    area = forms.ChoiceField(label=_("Obszar"), required=False)
    owner = forms.ChoiceField(label=_("Kto zarządza drogą"), required=False)
    street_class = forms.ChoiceField(label=_("Klasa ulicy"), required=False)
    unit = forms.ChoiceField(label=_("Jednostka, która dostanie sprawę"), required=False)
    body = forms.ChoiceField(
        label=_("Instytucja spoza miasta"),
        help_text=_("Jednostka zobaczy podpowiedź, żeby przekazać tam sprawę. O przekazaniu decyduje człowiek."),
        required=False,
    )
    priority = forms.IntegerField(
        label=_("Priorytet"),
        help_text=_("Od 0 do 100. Gdy pasuje kilka reguł, decyduje wyższy priorytet, a przy równym – bardziej szczegółowa."),
        min_value=0,
        max_value=100,
        initial=50,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-3"}),
    )
    valid_from = forms.DateField(label=_("Obowiązuje od"), required=False, widget=DateParts())
    valid_to = forms.DateField(label=_("Obowiązuje do"), required=False, widget=DateParts())
    note = forms.CharField(label=_("Notatka dla pracowników"), max_length=200, required=False)

    def __init__(self, *args: Any, case_type: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.units = {str(row.pk): row for row in current_units().order_by("name")}
        self.bodies = {str(row.pk): row for row in external_bodies()}
        self.areas = {str(row.pk): row for row in areas()}
        self.categories = {str(row.pk): row for row in Category.objects.filter(case_type=case_type, active=True)}
        nodes = [(pk, row.title) for pk, row in self.categories.items() if row.parent_id is None]
        named_areas = [(pk, f"{row.name} ({kind_name(row.area_kind)})") for pk, row in self.areas.items()]
        choices = {
            "category": [("", _("każda")), (_("Całe grupy"), nodes), *category_choices(case_type)],
            "area": [("", _("całe miasto")), *named_areas],
            "owner": [("", _("każdy")), *ROAD_OWNERS.items()],
            "street_class": [("", _("każda")), *STREET_CLASSES.items()],
            "unit": [("", _("ta, która odpowiada za kategorię")), *((pk, row.name) for pk, row in self.units.items())],
            "body": [("", _("żadna")), *((pk, row.name) for pk, row in self.bodies.items())],
        }
        for name, rows in choices.items():
            self.fields[name].choices = rows
            self.fields[name].widget.attrs["hide_optional"] = True

    @property
    def values(self) -> dict[str, Any]:
        """The arguments of ``save_rule``."""
        data = dict(self.cleaned_data)
        for name, known in (("category", self.categories), ("area", self.areas), ("unit", self.units), ("body", self.bodies)):
            data[name] = known.get(data[name])
        return data


@require_safe
@panel(MANAGE)
def routes(request: HttpRequest, number: int | None = None) -> HttpResponse:
    """The rules in force and the draft; with a number, an older version to read."""
    plans = routing_plans.plans()
    active = next((plan for plan in plans if plan.state == RoutingPlan.State.ACTIVE), None)
    draft = next((plan for plan in plans if plan.state == RoutingPlan.State.DRAFT), None)
    old = next((plan for plan in plans if plan.number == number), None) if number else None
    if number and old is None:
        raise Http404
    draft_rules = routing_plans.rules_of(draft)
    people = display_names(pk for plan in plans for pk in (plan.made_by, plan.switched_by))
    context = {
        "active": active,
        "draft": draft,
        "old": old,
        "rules": _told(routing_plans.rules_of(old or active)),
        "draft_rules": _told(draft_rules),
        "plans": [(plan, people.get(plan.switched_by or plan.made_by, "")) for plan in plans],
    }
    return render(request, "cases/routes.html", context)


def _told(rules: list[Any]) -> list[dict[str, Any]]:
    wrong: dict[UUID, list[Any]] = {}
    for problem in routing_trial.problems(rules):
        wrong.setdefault(problem.rule_id, []).append(problem)
    return [{"rule": rule, "words": conditions(rule), "problems": wrong.get(rule.pk, [])} for rule in rules]


@require_POST
@panel(MANAGE)
def draft(request: HttpRequest) -> HttpResponse:
    """Begin a draft, throw it away, or switch it on."""
    do = request.POST.get("do", "")
    calls = {
        "open": (routing_plans.open_draft, _("Możesz zmieniać reguły. Nic się nie zmieni, dopóki ich nie włączysz.")),
        "discard": (routing_plans.discard_draft, _("Porzucono zmiany.")),
        "switch_on": (routing_plans.switch_on, _("Nowe reguły obowiązują od teraz.")),
    }
    if do not in calls:
        raise Http404
    call, done = calls[do]
    try:
        call(by=request.viewer)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, done)
    return redirect("cases_panel:routes")


@require_http_methods(["GET", "HEAD", "POST"])
@panel(MANAGE)
def rule(request: HttpRequest, rule_id: UUID | None = None) -> HttpResponse:
    """A rule of the draft: new, changed or taken out."""
    kind = _case_type()
    row = _rule_of_draft(rule_id) if rule_id else None
    if request.method == "POST" and "delete" in request.POST and row is not None:
        routing_plans.delete_rule(rule_id=row.pk, by=request.viewer)
        messages.success(request, _("Usunięto regułę z wersji roboczej."))
        return redirect("cases_panel:routes")
    form = RuleForm(request.POST or None, case_type=kind.key, initial=_initial(row))
    if request.method == "POST" and form.is_valid():
        try:
            routing_plans.save_rule(rule_id=rule_id, case_type=kind.key, by=request.viewer, **form.values)
        except ValidationError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Zapisano regułę w wersji roboczej."))
            return redirect("cases_panel:routes")
    return render(request, "cases/route_rule.html", {"form": form, "row": row})


def _rule_of_draft(rule_id: UUID) -> Any:
    found = RoutingPlan.objects.filter(state=RoutingPlan.State.DRAFT).first()
    row = next((one for one in routing_plans.rules_of(found) if one.pk == rule_id), None)
    if row is None:
        raise Http404
    return row


def _initial(row: Any) -> dict[str, Any]:
    if row is None:
        return {}
    keys = {name: str(getattr(row, f"{name}_id") or "") for name in ("category", "area", "unit", "body")}
    plain = ("owner", "street_class", "priority", "valid_from", "valid_to", "note")
    return {**keys, **{name: getattr(row, name) for name in plain}}


class TrialForm(forms.Form):
    """On how many cases, or at which place."""

    ile = forms.ChoiceField(label=_("Ile ostatnich zgłoszeń sprawdzić"), choices=COUNTS, required=False, initial="300")
    kategoria = forms.ChoiceField(label=_("Kategoria w wybranym miejscu"), required=False)
    lat = forms.FloatField(label=_("Szerokość geograficzna"), min_value=-85, max_value=85, required=False, localize=False)
    lon = forms.FloatField(label=_("Długość geograficzna"), min_value=-180, max_value=180, required=False, localize=False)

    def __init__(self, *args: Any, case_type: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kategoria"].choices = [("", _("wybierz kategorię")), *category_choices(case_type)]
        for field in self.fields.values():
            field.widget.attrs["hide_optional"] = True


@require_safe
@panel(MANAGE)
def trial(request: HttpRequest) -> HttpResponse:
    """What the draft would change: for the newest cases, or at one place. Nothing is written."""
    kind = _case_type()
    form = TrialForm(request.GET or None, case_type=kind.key)
    asked = form.cleaned_data if form.is_valid() else {}
    now_rules, new_rules = _both()
    context = {
        "form": form,
        "draft": bool(RoutingPlan.objects.filter(state=RoutingPlan.State.DRAFT).exists()),
        "point": _at_point(kind, asked, now_rules, new_rules),
        "trial": _on_cases(request, kind, asked, now_rules, new_rules),
        "geojson_url": f"{reverse('cases_panel:route_trial_map')}?ile={asked.get('ile') or 300}",
    }
    return render(request, "cases/route_trial.html", context)


def _both() -> tuple[list[Any], list[Any]]:
    """The rules in force and those of the draft; without a draft the same twice."""
    plans = {plan.state: plan for plan in routing_plans.plans() if plan.state != RoutingPlan.State.RETIRED}
    now_rules = routing_plans.rules_of(plans.get(RoutingPlan.State.ACTIVE))
    made = plans.get(RoutingPlan.State.DRAFT)
    return now_rules, routing_plans.rules_of(made) if made else now_rules


def _on_cases(request: HttpRequest, kind: Any, asked: dict[str, Any], now_rules: Any, new_rules: Any) -> routing_trial.Trial:
    count = int(asked.get("ile") or 300)
    return routing_trial.try_on_cases(request.viewer, case_type=kind.key, now_rules=now_rules, new_rules=new_rules, count=count)


def _at_point(kind: Any, asked: dict[str, Any], now_rules: Any, new_rules: Any) -> routing_trial.PointTrial | None:
    if asked.get("lon") is None or asked.get("lat") is None or not asked.get("kategoria"):
        return None
    category = Category.objects.select_related("parent").filter(pk=asked["kategoria"], case_type=kind.key).first()
    if category is None:
        return None
    return routing_trial.try_at_point(
        case_type=kind.key,
        category=category,
        point=(asked["lon"], asked["lat"]),
        now_rules=now_rules,
        new_rules=new_rules,
    )


@require_safe
@panel(MANAGE)
def trial_map(request: HttpRequest) -> JsonResponse:
    """The cases that would go elsewhere, as GeoJSON (RFC 7946)."""
    kind = _case_type()
    count = request.GET.get("ile", "")
    found = _on_cases(request, kind, {"ile": count if count in dict(COUNTS) else "300"}, *_both())
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [row.lon, row.lat]},
            "properties": {
                "label": f"{row.number}: {row.before} → {row.after}",
                "url": reverse("cases_panel:case", args=[row.number]),
                "colour": "#c2410c",
            },
        }
        for row in found.moved
        if row.lon is not None
    ]
    return JsonResponse({"type": "FeatureCollection", "features": features}, content_type="application/geo+json")
