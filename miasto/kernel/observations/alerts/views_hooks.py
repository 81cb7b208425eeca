"""``/panel/alerty/odbiorcy/``: partners' servers that are told of alerts and of new readings."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from miasto.kernel.accounts.access import panel
from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.core.registry import registry
from miasto.kernel.observations.access import ALERTS
from miasto.kernel.observations.alert_models import AlertHook, Severity
from miasto.kernel.observations.alerts import hooks as partners
from miasto.kernel.observations.alerts.asking import properties
from miasto.kernel.observations.alerts.forms import LONG, offer_units
from miasto.kernel.spec.observations import ThingKind

ALERTING, READING = "alerts", "readings"


class HookForm(forms.Form):
    """A partner's server and what it gets."""

    conditional = {"wants": {ALERTING: ("least",), READING: ("kinds", "codes")}}
    name = forms.CharField(label=gettext_lazy("Czyj to serwer"), max_length=120)
    url = forms.CharField(
        label=gettext_lazy("Adres"),
        help_text=gettext_lazy("Wyślemy tam podpisane zdarzenia CloudEvents 1.0."),
        max_length=500,
        widget=forms.TextInput(attrs={"inputmode": "url", "spellcheck": "false", "autocomplete": "off"}),
    )
    wants = forms.MultipleChoiceField(
        label=gettext_lazy("Co wysyłać"),
        choices=(
            (ALERTING, gettext_lazy("alerty: zgłoszenie, przyjęcie, dopisek i odwołanie")),
            (READING, gettext_lazy("nowe odczyty, zebrane co kilka sekund")),
        ),
        initial=[ALERTING],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Zaznacz, co wysyłać.")},
    )
    least = forms.TypedChoiceField(
        label=gettext_lazy("Od jakiej wagi"),
        choices=Severity.choices,
        coerce=int,
        required=False,
        empty_value=Severity.WARNING,
        initial=Severity.WARNING,
        widget=forms.RadioSelect({"hide_optional": True}),
    )
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Odczyty z jakich punktów"),
        help_text=gettext_lazy("Bez zaznaczenia: ze wszystkich."),
        required=False,
        widget=forms.CheckboxSelectMultiple(LONG),
    )
    codes = forms.MultipleChoiceField(
        label=gettext_lazy("Odczyty jakich wielkości"),
        help_text=gettext_lazy("Bez zaznaczenia: wszystkich."),
        required=False,
        widget=forms.CheckboxSelectMultiple(LONG),
    )
    unit = forms.ModelChoiceField(
        label=gettext_lazy("Jednostka"),
        help_text=gettext_lazy(
            "Partner dostanie alerty, które jej dotyczą, oraz odczyty publiczne i te, które są tylko dla niej. Gdy wybierzesz "
            "całe miasto: wszystkie alerty, a z odczytów tylko publiczne."
        ),
        queryset=None,
        required=False,
        empty_label=None,
        widget=forms.Select({"hide_optional": True}),
    )

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = ((one.key, str(one.name_plural)) for one in registry().all(ThingKind))
        self.fields["kinds"].choices = sorted(kinds, key=lambda pair: pair[1])
        self.fields["codes"].choices = properties()
        offer_units(self.fields["unit"], viewer)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        wants = data.get("wants", [])
        return data | {ALERTING: ALERTING in wants, READING: READING in wants}

    def asked(self) -> dict[str, Any]:
        """What ``hooks.add_hook`` wants to know."""
        return {name: value for name, value in self.cleaned_data.items() if name != "wants"}


@require_http_methods(["GET", "HEAD", "POST"])
@panel(ALERTS)
@never_cache
def hooks(request: HttpRequest) -> HttpResponse:
    """The partners and a form for a new one; the new one's secret is shown once, in the answer to the form."""
    form = HookForm(request.POST or None, viewer=request.viewer)
    made = secret = None
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = partners.add_hook(by=request.viewer, **form.asked())
        except ValidationError as error:
            form.add_error(None, error)
        except PermissionDenied:
            form.add_error("unit", _("W tej jednostce nie obsługujesz alertów."))
        else:
            form = HookForm(viewer=request.viewer)
    rows = [(hook, _readings_of(hook)) for hook in partners.hooks_of(request.viewer)]
    context = {"form": form, "rows": rows, "made": made, "secret": secret}
    return render(request, "observations/alerts/hooks.html", context)


def _readings_of(hook: AlertHook) -> str:
    """Which readings a partner gets, in words; empty where none."""
    if not hook.readings:
        return ""
    names = {one.key: str(one.name_plural) for one in registry().all(ThingKind)} | dict(properties())
    chosen = [names.get(one, one) for one in (*hook.kinds, *hook.codes)]
    return ", ".join(chosen) or (_("wszystkie") if hook.unit_id else _("wszystkie publiczne"))


@require_POST
@panel(ALERTS)
def switch(request: HttpRequest, hook_id: UUID) -> HttpResponse:
    """Stop telling a partner, or tell it again."""
    hook = partners.switch_hook(hook_id=hook_id, active=request.POST.get("active") == "1", by=request.viewer)
    words = _("Włączono: %(name)s.") if hook.active else _("Wyłączono: %(name)s.")
    messages.success(request, words % {"name": hook.name})
    return redirect("observations_alerts:hooks")
