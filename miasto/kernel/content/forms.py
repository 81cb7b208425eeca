"""Forms of the panel: the week of an office, and a day unlike others."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from miasto.kernel.accounts.tree import unit_choices
from miasto.kernel.content.hours import WEEKDAYS, parse_spans, spans_text
from miasto.kernel.content.models import Office
from miasto.kernel.ui.fields import DateParts


class SpansField(forms.CharField):
    """Hours as people type them; gives a tuple of (opens, closes)."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return parse_spans(text)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


class OfficeForm(forms.Form):
    """Where a unit receives people, and the hours of each weekday."""

    address = forms.CharField(label=_("Adres"), max_length=200, required=False)
    directions = forms.CharField(
        label=_("Jak trafić"), max_length=240, required=False, help_text=_("Na przykład: parter, pokój 3.")
    )
    directions_en = forms.CharField(label=_("Jak trafić, po angielsku"), max_length=240, required=False)
    open_on_holidays = forms.BooleanField(label=_("Czynne także w dni ustawowo wolne od pracy"), required=False)

    def __init__(self, *args: Any, office: Office | None = None, **kwargs: Any) -> None:
        initial = (
            {name: getattr(office, name) for name in ("address", "directions", "directions_en", "open_on_holidays")}
            if office
            else {}
        )
        weekly: dict[int, list[Any]] = {}
        for span in office.spans.all() if office else ():
            weekly.setdefault(span.weekday, []).append((span.opens, span.closes))
        initial |= {f"day_{number}": spans_text(spans) for number, spans in weekly.items()}
        super().__init__(*args, initial=initial, **kwargs)
        for number, name in enumerate(WEEKDAYS):
            widget = forms.TextInput(attrs={"class": "govuk-input--width-20", "autocomplete": "off", "hide_optional": True})
            self.fields[f"day_{number}"] = SpansField(
                label=str(name).capitalize(), max_length=60, required=False, widget=widget
            )

    @property
    def place_fields(self) -> list[Any]:
        return [self[name] for name in ("address", "directions", "directions_en", "open_on_holidays")]

    @property
    def day_fields(self) -> list[Any]:
        return [self[f"day_{number}"] for number in range(7)]

    @property
    def weekly(self) -> list[Any]:
        """The spans of Monday to Sunday."""
        return [self.cleaned_data[f"day_{number}"] for number in range(7)]


class SpecialDayForm(forms.Form):
    """A day on which a unit, or every unit, is closed or open at other hours."""

    unit = forms.ChoiceField(label=_("Kogo to dotyczy"), required=False, widget=forms.Select(attrs={"hide_optional": True}))
    day = forms.DateField(label=_("Dzień"), widget=DateParts())
    hours = forms.CharField(
        label=_("Godziny w tym dniu"),
        max_length=60,
        required=False,
        help_text=_("Na przykład 7:30–12:00. Puste pole: nieczynne cały dzień."),
    )
    reason = forms.CharField(
        label=_("Powód"), max_length=160, help_text=_("Zobaczą go mieszkańcy. Na przykład: inwentaryzacja.")
    )
    reason_en = forms.CharField(label=_("Powód po angielsku"), max_length=160, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].choices = [("", _("wszystkie jednostki")), *unit_choices()]
