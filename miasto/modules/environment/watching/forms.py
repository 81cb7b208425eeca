"""What to watch at an address: the thing, its threshold, the hours, how often; for those without an account an e-mail."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from miasto.kernel.core.numbers import trimmed
from miasto.kernel.places.selectors import geocode
from miasto.kernel.ui.fields import NumberField
from miasto.modules.environment.watching.kinds import INDEX, KINDS, Kind
from miasto.modules.environment.watching.services import Wanted

FREQUENCIES = (
    ("daily", gettext_lazy("najwyżej raz dziennie")),
    ("now", gettext_lazy("za każdym razem, gdy coś przekroczy próg (nie częściej niż co 6 godzin)")),
)
HOURS = tuple((number, f"{number}:00") for number in range(24))


def _limit(kind: Kind) -> forms.Field:
    label = gettext_lazy("Próg")
    if kind.choices:
        return forms.TypedChoiceField(
            label=kind.hint,
            choices=kind.choices,
            coerce=float,
            initial=int(kind.usual),
            required=False,
            empty_value=kind.usual,
            widget=forms.Select(attrs={"hide_optional": True}),
        )
    wrong = _("Wpisz liczbę od %(least)s do %(most)s.") % {"least": trimmed(kind.least), "most": trimmed(kind.most)}
    keys = {"inputmode": "decimal"} if kind.least >= 0 else {}
    return NumberField(
        label=label,
        help_text=kind.hint,
        initial=kind.usual,
        required=False,
        min_value=kind.least,
        max_value=kind.most,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), wrong),
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5", "hide_optional": True, **keys}),
    )


class WatchForm(forms.Form):
    """It is sent by POST only: an address and an e-mail have no place in a URL."""

    adres = forms.CharField(
        label=gettext_lazy("Ulica i numer"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
        error_messages={"required": gettext_lazy("Wpisz ulicę i numer.")},
    )
    co = forms.ChoiceField(label=gettext_lazy("O czym pisać"), widget=forms.RadioSelect, initial=INDEX)
    od = forms.TypedChoiceField(label=gettext_lazy("Pisz od godziny"), choices=HOURS, coerce=int, initial=7)
    do = forms.TypedChoiceField(
        label=gettext_lazy("do godziny"),
        choices=HOURS,
        coerce=int,
        initial=22,
    )
    jak_czesto = forms.ChoiceField(
        label=gettext_lazy("Jak często"), choices=FREQUENCIES, widget=forms.RadioSelect, initial="daily"
    )
    email = forms.EmailField(
        label=gettext_lazy("Twój adres e-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=gettext_lazy("Wyślemy na niego odsyłacz do potwierdzenia. Bez potwierdzenia nie napiszemy."),
        error_messages={
            "required": gettext_lazy("Wpisz adres e-mail."),
            "invalid": gettext_lazy("Wpisz adres e-mail w postaci nazwa@przyklad.pl."),
        },
    )
    conditional = {"co": {key: (f"prog_{key}",) for key in KINDS}}

    def __init__(self, *args: Any, needs_email: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["co"].choices = [(key, kind.name) for key, kind in KINDS.items()]
        for key, kind in KINDS.items():
            self.fields[f"prog_{key}"] = _limit(kind)
        if not needs_email:
            del self.fields["email"]

    def clean_adres(self) -> Any:
        """The place that was meant."""
        found = geocode(self.cleaned_data["adres"].strip(), limit=1)
        if not found:
            raise forms.ValidationError(_("Nie znamy takiego adresu. Sprawdź pisownię albo wpisz samą ulicę."))
        return found[0]

    def wanted(self) -> Wanted:
        """The wish of a valid form."""
        data = self.cleaned_data
        limit = data.get(f"prog_{data['co']}")
        return Wanted(
            label=data["adres"].label,
            lon=data["adres"].lon,
            lat=data["adres"].lat,
            what=data["co"],
            limit=KINDS[data["co"]].usual if limit is None else limit,
            hours=(data["od"], data["do"]),
            daily=data["jak_czesto"] == "daily",
        )
