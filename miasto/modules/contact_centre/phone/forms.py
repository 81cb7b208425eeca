"""The forms of the console."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from miasto.kernel.accounts.selectors import current_units
from miasto.kernel.cases import selectors as cases
from miasto.kernel.core import clock
from miasto.modules.contact_centre.phone.models import Outcome
from miasto.modules.contact_centre.phone.numbers import e164
from miasto.modules.contact_centre.phone.services import TEXT_MOST

ENDINGS = (
    ("", _("wybierz")),
    (Outcome.ANSWERED.value, _("udzielono odpowiedzi")),
    (Outcome.CONNECTED.value, _("połączono z jednostką")),
    (Outcome.CALL_BACK.value, _("oddzwonimy")),
    (Outcome.EMERGENCY.value, _("skierowano do 112")),
    (Outcome.WRONG_NUMBER.value, _("pomyłka")),
    (Outcome.SILENT.value, _("cisza w słuchawce")),
    (Outcome.ABUSIVE.value, _("rozmowa obraźliwa")),
)


SHORTCUTS = (
    ("Alt+N", _("numer i nazwisko")),
    ("Alt+C", _("co mówi rozmówca")),
    ("Alt+K", _("kategoria")),
    ("Alt+M", _("miejsce")),
    ("Alt+P", _("odpowiedź z poradnika")),
    ("Alt+W", _("wynik rozmowy")),
    ("Ctrl+Enter", _("wyślij zgłoszenie")),
)


class NumberField(forms.CharField):
    """A telephone number, kept as E.164."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"inputmode": "tel", "autocomplete": "off", "class": "govuk-input--width-20", "hide_optional": True}
        super().__init__(max_length=30, required=False, widget=forms.TextInput(attrs=attrs), **kwargs)

    def clean(self, value: Any) -> str:
        """The number as it is kept."""
        try:
            return e164(super().clean(value))
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None


class StartForm(forms.Form):
    """A call that comes without an announcement of the exchange."""

    number = NumberField(label=_("Numer rozmówcy"), help_text=_("Zostaw puste, jeśli numer jest zastrzeżony."))


class ExtensionForm(forms.Form):
    """Where the operator sits."""

    extension = forms.CharField(
        label=_("Twój numer wewnętrzny"),
        help_text=_("Rozmowy z centrali otworzą się tutaj same. Wyczyść, gdy kończysz dyżur."),
        max_length=10,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-5", "hide_optional": True}),
    )


def _short(label: Any, most: int, **attrs: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off", "hide_optional": True, **attrs})
    return forms.CharField(label=label, max_length=most, required=False, widget=widget)


def _long(label: Any, rows: int, hint: Any = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, "hide_optional": True})
    return forms.CharField(label=label, help_text=hint, max_length=TEXT_MOST, required=False, widget=widget)


class CallForm(forms.Form):
    """What is typed while the caller speaks. Nothing is required: what a report needs is asked when it is sent."""

    number = NumberField(label=_("Numer"))
    name = _short(_("Imię i nazwisko"), 120)
    words = _long(_("Co mówi rozmówca"), 4)
    category_other = forms.ChoiceField(
        label=_("Inna kategoria"), required=False, widget=forms.Select(attrs={"hide_optional": True})
    )
    place = _short(_("Miejsce"), 200)
    lon = forms.FloatField(required=False, min_value=-180, max_value=180, widget=forms.HiddenInput)
    lat = forms.FloatField(required=False, min_value=-90, max_value=90, widget=forms.HiddenInput)
    email = forms.EmailField(
        label=_("E-mail do odpowiedzi"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "hide_optional": True}),
        error_messages={"invalid": _("Wpisz adres e-mail w całości, na przykład jan@przyklad.pl.")},
    )
    together = _short(_("E-maile osób, które zgłaszają wspólnie"), 1000)
    notes = _long(_("Notatki z rozmowy"), 2, _("Tylko dla operatorów. Znikają po 90 dniach."))
    outcome = forms.ChoiceField(
        label=_("Wynik rozmowy"), choices=ENDINGS, required=False, widget=forms.Select(attrs={"hide_optional": True})
    )
    unit = forms.ChoiceField(label=_("Połączono z"), required=False, widget=forms.Select(attrs={"hide_optional": True}))
    call_back_at = forms.DateTimeField(
        label=_("Oddzwonić"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "hide_optional": True}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": _("Podaj dzień i godzinę.")},
    )

    def __init__(self, *args: Any, groups: Any, keep_days: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: list[Any] = [("", _("wybierz z listy"))]
        choices += [(group.name or _("Pozostałe"), [(str(row.id), row.title) for row in group.categories]) for group in groups]
        self.fields["category_other"].choices = choices
        units = current_units().order_by("name").values_list("id", "name")
        self.fields["unit"].choices = [("", _("wybierz jednostkę")), *((str(pk), name) for pk, name in units)]
        self.fields["notes"].help_text = _("Tylko dla operatorów. Znikają po %(days)d dniach.") % {"days": keep_days}

    def clean_together(self) -> list[str]:
        """The addresses of those who file together."""
        return cases.addresses(self.cleaned_data["together"])

    def clean_call_back_at(self) -> Any:
        """The moment, read on the city's clock."""
        at = self.cleaned_data["call_back_at"]
        return at.replace(tzinfo=clock.zone()) if at is not None and at.tzinfo is None else at
