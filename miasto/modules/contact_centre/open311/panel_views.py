"""Keys of programs: the list, a new key shown once, switching off."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from miasto.kernel.accounts.access import panel
from miasto.kernel.accounts.selectors import all_keys, api_rights, current_units
from miasto.kernel.accounts.services import issue_key, switch_key
from miasto.modules.contact_centre.open311.keys import FILE, UPDATE

PERMISSION = "accounts.api_keys"


class KeyForm(forms.Form):
    """Whose program it is and what it may do."""

    name = forms.CharField(
        label=gettext_lazy("Czyj to program"),
        help_text=gettext_lazy("Na przykład: aplikacja „Moja ulica”, Stowarzyszenie Nasze Miasto."),
        max_length=120,
        error_messages={"required": gettext_lazy("Wpisz, czyj to program.")},
    )
    rights = forms.MultipleChoiceField(
        label=gettext_lazy("Co wolno temu programowi"),
        choices=lambda: [(one.key, one.name) for one in api_rights()],
        initial=[FILE, UPDATE],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Wybierz, co wolno temu programowi.")},
    )
    unit = forms.ModelChoiceField(
        label=gettext_lazy("Jednostka, której punkty pomiarowe obsługuje"),
        help_text=gettext_lazy("Bez wyboru: całe miasto. Zgłoszeń to nie dotyczy."),
        queryset=None,
        required=False,
        empty_label=gettext_lazy("całe miasto"),
    )
    per_hour = forms.IntegerField(
        label=gettext_lazy("Ile zapytań z tym kluczem w ciągu godziny"),
        min_value=1,
        max_value=100_000,
        initial=100,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-5"}),
        error_messages={
            "required": gettext_lazy("Wpisz liczbę od 1 do 100 000."),
            "invalid": gettext_lazy("Wpisz liczbę od 1 do 100 000."),
            "min_value": gettext_lazy("Wpisz liczbę od 1 do 100 000."),
            "max_value": gettext_lazy("Wpisz liczbę od 1 do 100 000."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = current_units().order_by("name")


@panel(PERMISSION)
def keys(request: HttpRequest) -> HttpResponse:
    """All keys, the active ones first; one query."""
    names = {one.key: one.name for one in api_rights()}
    rows = [(row, [names[right] for right in row.rights if right in names]) for row in all_keys(request.viewer)]
    endpoint = request.build_absolute_uri("/api/open311/v2/discovery.xml")
    return render(request, "contact_centre/open311/keys.html", {"rows": rows, "endpoint": endpoint})


@never_cache
@panel(PERMISSION)
def issue(request: HttpRequest) -> HttpResponse:
    """A new key. Its value is on the answer to the form and nowhere else."""
    form = KeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        key, plain = issue_key(by=request.viewer, **form.cleaned_data)
        return render(request, "contact_centre/open311/issued.html", {"key": key, "plain": plain})
    return render(request, "contact_centre/open311/key.html", {"form": form})


@require_POST
@panel(PERMISSION)
def switch(request: HttpRequest, key_id: UUID) -> HttpResponse:
    """Switch a key off or on again."""
    try:
        key = all_keys(request.viewer).get(pk=key_id)
    except ObjectDoesNotExist:
        raise Http404 from None
    switch_key(key_id=key.pk, active=not key.active, by=request.viewer)
    messages.success(request, _("Klucz jest wyłączony.") if key.active else _("Klucz jest włączony."))
    return redirect("contact_centre_keys:list")
