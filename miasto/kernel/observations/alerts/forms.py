"""The form of an alert rule: one condition, or two joined, in fields that a person on duty understands."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from miasto.kernel.accounts.selectors import Viewer, current_units
from miasto.kernel.core.registry import registry
from miasto.kernel.observations.access import ALERTS
from miasto.kernel.observations.alert_models import AlertRule, Severity
from miasto.kernel.observations.alerts.conditions import TIMES_MOST
from miasto.kernel.observations.models import Thing
from miasto.kernel.places.selectors import districts
from miasto.kernel.spec.observations import Property, ThingKind

THRESHOLD, CHANGE, ABSENCE, DEVIATION, COMING = "threshold", "change", "absence", "deviation", "coming"
KINDS = (
    (THRESHOLD, _("wartość przekracza próg")),
    (CHANGE, _("wartość szybko się zmienia")),
    (ABSENCE, _("odczyty przestały przychodzić")),
    (DEVIATION, _("wartość odbiega od prognozy")),
    (COMING, _("prognoza przekracza próg")),
)
SIDES = ((">", _("powyżej (rośnie)")), ("<", _("poniżej (spada)")))
JOINS = (("", _("jeden warunek")), ("all", _("oba warunki naraz")), ("any", _("którykolwiek z dwóch warunków")))
NUMBER = {"class": "govuk-input--width-10", "inputmode": "decimal", "hide_optional": True}


def properties() -> list[tuple[str, str]]:
    """Code and name with unit of everything that is observed, by name."""
    found = [(one.code, f"{one.name} ({one.symbol})" if one.symbol else str(one.name)) for one in registry().all(Property)]
    return sorted(found, key=lambda pair: pair[1])


def offer_units(field: forms.ModelChoiceField, viewer: Viewer) -> None:
    """Let a field offer the units in which the viewer handles alerts, and the whole city where that is everywhere."""
    allowed, units = viewer.units_with(ALERTS), current_units().order_by("name")
    field.queryset = units if allowed is None else units.filter(pk__in=allowed)
    if allowed is None:
        field.empty_label = _("całe miasto")


class ConditionFields(forms.Form):
    """One condition."""

    kind = forms.ChoiceField(label=_("Kiedy"), choices=KINDS, widget=forms.RadioSelect)
    code = forms.ChoiceField(label=_("Co mierzymy"), choices=properties)
    op = forms.ChoiceField(
        label=_("W którą stronę"), choices=SIDES, required=False, widget=forms.Select(attrs={"hide_optional": True})
    )
    value = forms.FloatField(label=_("Próg"), required=False, localize=True, widget=forms.TextInput(attrs=NUMBER))
    clear = forms.FloatField(
        label=_("Próg odwołania"),
        help_text=_("Alert kończy się dopiero po jego przekroczeniu w drugą stronę. Puste: ten sam próg."),
        required=False,
        localize=True,
        widget=forms.TextInput(attrs=NUMBER),
    )
    minutes = forms.IntegerField(
        label=_("Czas w minutach"),
        help_text=_("W jakim czasie zaszła zmiana, jak długo nie ma odczytów albo na ile naprzód patrzeć na prognozę."),
        required=False,
        min_value=1,
        max_value=2880,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5", "inputmode": "numeric", "hide_optional": True}),
    )

    times = forms.FloatField(
        label=_("Ile razy bardziej niż zwykle"),
        help_text=_(
            "Błąd prognozy 8 razy na 10 mieści się w jej przedziale. Wpisz na przykład 3: odczyt leży od prognozy trzy razy "
            "dalej niż granica przedziału."
        ),
        required=False,
        localize=True,
        min_value=1,
        max_value=TIMES_MOST,
        widget=forms.TextInput(attrs=NUMBER),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        kind = data.get("kind")
        if kind == DEVIATION and data.get("times") is None and "times" not in self.errors:
            self.add_error("times", _("Podaj, ile razy bardziej niż zwykle ma odbiegać odczyt."))
        if kind in (THRESHOLD, CHANGE, COMING) and data.get("value") is None and "value" not in self.errors:
            self.add_error("value", _("Podaj próg."))
        if kind in (CHANGE, ABSENCE, COMING) and data.get("minutes") is None and "minutes" not in self.errors:
            self.add_error("minutes", _("Podaj czas w minutach."))
        return data

    def json(self) -> dict[str, Any]:
        """The condition of a valid form, as ``alerts.conditions`` reads it."""
        data = self.cleaned_data
        found: dict[str, Any] = {"kind": data["kind"], "code": data["code"]}
        if data["kind"] == ABSENCE:
            return {**found, "after_s": data["minutes"] * 60}
        if data["kind"] == DEVIATION:
            return {**found, "times": data["times"]}
        found |= {"op": data.get("op") or ">", "value": data["value"]}
        if data.get("clear") is not None:
            found["clear"] = data["clear"]
        return {**found, "within_s": data["minutes"] * 60} if data["kind"] in (CHANGE, COMING) else found

    @staticmethod
    def initial_of(given: dict[str, Any]) -> dict[str, Any]:
        """What the fields show of a stored condition."""
        seconds = given.get("within_s") or given.get("after_s")
        return {**given, "minutes": seconds // 60 if seconds else None}


class RuleForm(forms.Form):
    """The rest of a rule."""

    name = forms.CharField(
        label=_("Nazwa"),
        help_text=_("Dyżurny zobaczy ją w wiadomości, na przykład „Bobrza: stan ostrzegawczy”."),
        max_length=120,
    )
    join = forms.ChoiceField(
        label=_("Warunki"), choices=JOINS, widget=forms.RadioSelect(attrs={"hide_optional": True}), required=False
    )
    hold = forms.IntegerField(
        label=_("Od ilu minut warunek ma trwać"),
        help_text=_("Zero: alert od pierwszego odczytu."),
        min_value=0,
        max_value=1440,
        initial=0,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5", "inputmode": "numeric"}),
    )
    thing_kind = forms.ChoiceField(label=_("Rodzaj punktów pomiarowych"), required=False)
    things = forms.ModelMultipleChoiceField(
        label=_("Tylko te punkty"),
        help_text=_("Nie wybieraj żadnego, aby pilnować wszystkich punktów tego rodzaju."),
        queryset=Thing.objects.none(),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )
    areas = forms.ModelMultipleChoiceField(
        label=_("Tylko w tych dzielnicach"),
        help_text=_("Nie wybieraj żadnej, aby pilnować całego miasta."),
        queryset=None,
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )
    severity = forms.TypedChoiceField(
        label=_("Waga"), choices=Severity.choices, coerce=int, initial=Severity.WARNING, widget=forms.RadioSelect
    )
    life = forms.BooleanField(
        label=_("Zagrożenie życia"), help_text=_("Wiadomości idą o każdej porze, także w godzinach ciszy."), required=False
    )
    advice = forms.CharField(label=_("Co robić"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    quiet_from = forms.TimeField(
        label=_("Cisza od"), required=False, widget=forms.TimeInput(attrs={"class": "govuk-input--width-5"})
    )
    quiet_to = forms.TimeField(
        label=_("Cisza do"), required=False, widget=forms.TimeInput(attrs={"class": "govuk-input--width-5"})
    )
    unit = forms.ModelChoiceField(label=_("Jednostka, która odpowiada"), queryset=None, required=False, empty_label=None)
    told = forms.ModelMultipleChoiceField(
        label=_("Kto jeszcze dostaje wiadomości i widzi alert"),
        queryset=None,
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )
    public = forms.BooleanField(label=_("Alert widzą wszyscy mieszkańcy"), required=False)
    active = forms.BooleanField(label=_("Reguła działa"), required=False, initial=True)

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = sorted(((one.key, str(one.name_plural)) for one in registry().all(ThingKind)), key=lambda pair: pair[1])
        self.fields["thing_kind"].choices = [("", _("każdy rodzaj")), *kinds]
        self.fields["things"].queryset = Thing.objects.visible_to(viewer).only("name").order_by("name")
        self.fields["areas"].queryset = districts()
        self.fields["told"].queryset = current_units().order_by("name")
        offer_units(self.fields["unit"], viewer)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if (data.get("quiet_from") is None) != (data.get("quiet_to") is None) and not {"quiet_from", "quiet_to"} & set(
            self.errors
        ):
            self.add_error("quiet_to", _("Podaj początek i koniec ciszy albo zostaw oba pola puste."))
        return data

    def fill(self, rule: AlertRule) -> None:
        """Write what was typed into a rule (not saved)."""
        data = self.cleaned_data
        for name in ("name", "thing_kind", "severity", "life", "advice", "quiet_from", "quiet_to", "unit", "public", "active"):
            setattr(rule, name, data[name])
        rule.hold_s = data["hold"] * 60
