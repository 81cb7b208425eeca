"""The forms of a booking."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from miasto.modules.contact_centre.forms import PHONE


class TimeForm(forms.Form):
    """The chosen time: the beginning as ISO 8601 in UTC."""

    at = forms.CharField(max_length=40, error_messages={"required": _("Wybierz termin.")})

    def clean_at(self) -> datetime:
        """The moment."""
        try:
            moment = datetime.fromisoformat(self.cleaned_data["at"])
        except ValueError:
            raise forms.ValidationError(_("Wybierz termin.")) from None
        if moment.tzinfo is None:
            raise forms.ValidationError(_("Wybierz termin."))
        return moment


class BookingForm(TimeForm):
    """Who wants to talk and about what."""

    name = forms.CharField(
        label=_("Imię i nazwisko"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Wpisz imię i nazwisko.")},
    )
    email = forms.EmailField(
        label=_("Adres e-mail"),
        help_text=_("Wyślemy na niego potwierdzenie, odsyłacz do pokoju rozmowy i przypomnienie."),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={
            "required": _("Wpisz adres e-mail."),
            "invalid": _("Wpisz adres e-mail w całości, na przykład jan@przyklad.pl."),
        },
    )
    phone = forms.CharField(
        label=_("Telefon"),
        help_text=_("Pracownik napisze SMS, gdyby coś się zmieniło."),
        max_length=20,
        required=False,
        validators=[PHONE],
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel", "class": "govuk-input--width-20"}),
    )
    topic = forms.CharField(
        label=_("Czego dotyczy rozmowa"),
        help_text=_("Kilka słów wystarczy, na przykład: dowód osobisty, odpady, zasiłek."),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["at", "name", "email", "phone", "topic"])
