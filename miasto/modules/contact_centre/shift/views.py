"""The operators' page of the hand-over."""

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
from django.views.decorators.http import require_POST, require_safe

from miasto.kernel.accounts.access import panel
from miasto.modules.contact_centre.shift import selectors, services

BOARD = "contact_centre_shift:board"


class EntryForm(forms.Form):
    """A line for the next shift."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Co to jest?"),
        choices=(("note", gettext_lazy("Notatka")), ("task", gettext_lazy("Zadanie do przejęcia"))),
        widget=forms.RadioSelect(attrs={"group_class": "govuk-radios--inline"}),
        initial="note",
    )
    body = forms.CharField(
        label=gettext_lazy("Treść"),
        help_text=gettext_lazy(
            "Nie wpisuj nazwisk, telefonów ani adresów mieszkańców: podaj numer sprawy. Treść znika po 90 dniach."
        ),
        max_length=services.LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Napisz, co ma wiedzieć następna zmiana.")},
    )
    number = forms.CharField(
        label=gettext_lazy("Numer sprawy"),
        required=False,
        max_length=24,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-10"}),
    )


def _page(request: HttpRequest, form: EntryForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "board": selectors.board(request.viewer)}
    return render(request, "contact_centre/shift/board.html", context, status=status)


@panel(services.DUTY)
def board(request: HttpRequest) -> HttpResponse:
    """Who is on duty, what is open, what the last shift left; writing a line."""
    if request.method != "POST":
        return _page(request, EntryForm())
    form = EntryForm(request.POST)
    if form.is_valid():
        try:
            services.write(**form.cleaned_data, by=request.viewer)
        except services.Refused as refused:
            for field, said in refused.message_dict.items():
                form.add_error(None if field == "__all__" else field, said)
        else:
            messages.success(request, _("Zapisane dla następnej zmiany."))
            return redirect(BOARD)
    return _page(request, form, status=422)


@require_safe
@panel(services.DUTY)
def history(request: HttpRequest) -> HttpResponse:
    """The last shifts."""
    return render(request, "contact_centre/shift/history.html", {"shifts": selectors.history(request.viewer)})


@require_POST
@panel(services.DUTY)
def duty(request: HttpRequest) -> HttpResponse:
    """Come on duty or leave."""
    if request.POST.get("leave"):
        services.leave(by=request.viewer)
        messages.success(request, _("Dyżur zakończony. Dziękujemy."))
    else:
        services.begin(by=request.viewer)
        messages.success(request, _("Dyżur rozpoczęty."))
    return redirect(BOARD)


def _act(request: HttpRequest, service: Any, entry_id: UUID, said: str) -> HttpResponse:
    try:
        service(entry_id=entry_id, by=request.viewer)
    except ObjectDoesNotExist as error:
        raise Http404 from error
    except services.Refused as refused:
        messages.warning(request, refused.messages[0])
    else:
        messages.success(request, said)
    return redirect(BOARD)


@require_POST
@panel(services.DUTY)
def take(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """„Przyjmuję”."""
    return _act(request, services.take, entry_id, _("Zadanie jest Twoje."))


@require_POST
@panel(services.DUTY)
def finish(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """„Zrobione”."""
    return _act(request, services.finish, entry_id, _("Zadanie zrobione."))
