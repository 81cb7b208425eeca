"""``/panel/alerty/odbiorcy/``: partners' servers that are told of alerts."""

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
from miasto.kernel.observations.access import ALERTS
from miasto.kernel.observations.alert_models import Severity
from miasto.kernel.observations.alerts import hooks as partners
from miasto.kernel.observations.alerts.forms import offer_units


class HookForm(forms.Form):
    """A partner's server."""

    name = forms.CharField(label=gettext_lazy("Czyj to serwer"), max_length=120)
    url = forms.CharField(
        label=gettext_lazy("Adres"),
        help_text=gettext_lazy("Wyślemy tam zdarzenie CloudEvents 1.0 przy każdym alercie i jego odwołaniu."),
        max_length=500,
        widget=forms.TextInput(attrs={"inputmode": "url", "spellcheck": "false", "autocomplete": "off"}),
    )
    least = forms.TypedChoiceField(
        label=gettext_lazy("Od jakiej wagi"),
        choices=Severity.choices,
        coerce=int,
        initial=Severity.WARNING,
        widget=forms.RadioSelect,
    )
    unit = forms.ModelChoiceField(
        label=gettext_lazy("Jednostka"),
        queryset=None,
        required=False,
        empty_label=None,
        widget=forms.Select({"hide_optional": True}),
    )

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_units(self.fields["unit"], viewer)


@require_http_methods(["GET", "HEAD", "POST"])
@panel(ALERTS)
@never_cache
def hooks(request: HttpRequest) -> HttpResponse:
    """The partners and a form for a new one; the new one's secret is shown once, in the answer to the form."""
    form = HookForm(request.POST or None, viewer=request.viewer)
    made = secret = None
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = partners.add_hook(by=request.viewer, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        except PermissionDenied:
            form.add_error("unit", _("W tej jednostce nie obsługujesz alertów."))
        else:
            form = HookForm(viewer=request.viewer)
    context = {"form": form, "rows": partners.hooks_of(request.viewer), "made": made, "secret": secret}
    return render(request, "observations/alerts/hooks.html", context)


@require_POST
@panel(ALERTS)
def switch(request: HttpRequest, hook_id: UUID) -> HttpResponse:
    """Stop telling a partner, or tell it again."""
    hook = partners.switch_hook(hook_id=hook_id, active=request.POST.get("active") == "1", by=request.viewer)
    words = _("Włączono: %(name)s.") if hook.active else _("Wyłączono: %(name)s.")
    messages.success(request, words % {"name": hook.name})
    return redirect("observations_alerts:hooks")
