"""``/panel/dziennik/``: the log of changes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from miasto.kernel.accounts import log as journal
from miasto.kernel.accounts.access import panel


class LogFilter(forms.Form):
    """What the log shows."""

    czesc = forms.ChoiceField(label=_("Część platformy"), required=False, widget=forms.Select(attrs={"hide_optional": True}))
    osoba = forms.CharField(
        label=_("Pracownik"), required=False, max_length=100, widget=forms.TextInput(attrs={"hide_optional": True})
    )
    od = forms.DateField(
        label=_("Od dnia"), required=False, widget=forms.DateInput(attrs={"type": "date", "hide_optional": True})
    )
    do = forms.DateField(
        label=_("Do dnia"), required=False, widget=forms.DateInput(attrs={"type": "date", "hide_optional": True})
    )
    obiekt = forms.UUIDField(
        label=_("Identyfikator obiektu"), required=False, widget=forms.TextInput(attrs={"hide_optional": True})
    )
    przed = forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["czesc"].choices = [("", _("wszystkie")), *journal.engine_choices()]


@require_safe
@panel("accounts.log")
@never_cache
def log(request: HttpRequest) -> HttpResponse:
    """A page of the log, newest first."""
    form = LogFilter(request.GET or None)
    wanted = form.cleaned_data if form.is_bound and form.is_valid() else {}
    entries, older = journal.find(
        engine=wanted.get("czesc", ""),
        who=wanted.get("osoba", ""),
        since=wanted.get("od"),
        until=wanted.get("do"),
        object_id=wanted.get("obiekt"),
        before=wanted.get("przed"),
    )
    query = request.GET.copy()
    query["przed"] = str(older or "")
    newest = request.GET.copy()
    newest.pop("przed", None)
    context = {
        "form": form,
        "entries": entries,
        "older": f"?{query.urlencode()}" if older else "",
        "newest": f"?{newest.urlencode()}" if wanted.get("przed") else "",
    }
    return render(request, "accounts/panel/log.html", context)
