"""The form of an alert rule, in words that a person on duty understands; its conditions are in ``alerts.asking``."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from miasto.kernel.accounts.selectors import Viewer, current_units
from miasto.kernel.core.registry import registry
from miasto.kernel.observations.access import ALERTS
from miasto.kernel.observations.alert_models import AlertRule, Severity
from miasto.kernel.observations.models import Thing
from miasto.kernel.places.selectors import districts
from miasto.kernel.spec.observations import ThingKind

JOINS = (
    ("", _("nie, ten wystarczy")),
    ("all", _("tak, oba muszą zachodzić naraz")),
    ("any", _("tak, wystarczy którykolwiek z dwóch")),
)
PLAIN = {"hide_optional": True}
HOUR = {"type": "time", "class": "govuk-input--width-10", **PLAIN}
LONG = {"group_class": "govuk-checkboxes--small ui-long-choices", "hide_optional": True}


def offer_units(field: forms.ModelChoiceField, viewer: Viewer) -> None:
    """Let a field offer the units in which the viewer handles alerts, and the whole city where that is everywhere."""
    allowed, units = viewer.units_with(ALERTS), current_units().order_by("name")
    field.queryset = units if allowed is None else units.filter(pk__in=allowed)
    if allowed is None:
        field.empty_label = _("całe miasto")


class RuleForm(forms.Form):
    """The rest of a rule."""

    name = forms.CharField(
        label=_("Nazwa"),
        help_text=_("Dyżurny zobaczy ją w wiadomości, na przykład „Bobrza: stan ostrzegawczy”."),
        max_length=120,
        error_messages={"required": _("Nazwij regułę tak, żeby dyżurny od razu wiedział, o co chodzi.")},
    )
    join = forms.ChoiceField(
        label=_("Czy jest drugi warunek"),
        choices=JOINS,
        widget=forms.RadioSelect({"hide_optional": True}),
        required=False,
        initial="",
    )
    hold = forms.IntegerField(
        label=_("Przez ile minut ma tak być, zanim powstanie alert"),
        help_text=_("Zero: alert od pierwszego takiego odczytu."),
        min_value=0,
        max_value=1440,
        initial=0,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), _("Wpisz liczbę minut od 0 do 1440.")),
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5", "inputmode": "numeric"}),
    )
    thing_kind = forms.ChoiceField(label=_("Rodzaj punktów pomiarowych"), required=False, widget=forms.Select(PLAIN))
    areas = forms.ModelMultipleChoiceField(
        label=_("Tylko w tych dzielnicach"),
        help_text=_("Bez zaznaczenia: w całym mieście."),
        queryset=None,
        required=False,
        widget=forms.CheckboxSelectMultiple(LONG),
    )
    things = forms.ModelMultipleChoiceField(
        label=_("Tylko te punkty"),
        help_text=_("Bez zaznaczenia: wszystkie punkty tego rodzaju, także nowe."),
        queryset=Thing.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple(LONG),
    )
    severity = forms.TypedChoiceField(
        label=_("Waga"), choices=Severity.choices, coerce=int, initial=Severity.WARNING, widget=forms.RadioSelect
    )
    life = forms.BooleanField(
        label=_("Zagrożenie życia"), help_text=_("Wiadomości idą o każdej porze, także w godzinach ciszy."), required=False
    )
    advice = forms.CharField(
        label=_("Co robić"),
        help_text=_("Dyżurny przeczyta to w wiadomości i na stronie alertu."),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    unit = forms.ModelChoiceField(
        label=_("Jednostka, która odpowiada"), queryset=None, required=False, empty_label=None, widget=forms.Select(PLAIN)
    )
    told = forms.ModelMultipleChoiceField(
        label=_("Kto jeszcze dostaje wiadomości i widzi alert"),
        queryset=None,
        required=False,
        widget=forms.CheckboxSelectMultiple(LONG),
    )
    public = forms.BooleanField(label=_("Alert widzą wszyscy mieszkańcy"), required=False)
    quiet_from = forms.TimeField(label=_("Cisza od"), required=False, widget=forms.TimeInput(HOUR, format="%H:%M"))
    quiet_to = forms.TimeField(label=_("Cisza do"), required=False, widget=forms.TimeInput(HOUR, format="%H:%M"))
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
