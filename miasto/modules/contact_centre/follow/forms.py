"""What to follow: a category, a district, a street; how often; for those without an account an address."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from miasto.kernel.places.selectors import geocode
from miasto.kernel.ui.fields import LongSelect

FREQUENCIES = (("now", _("od razu, gdy coś się wydarzy")), ("daily", _("raz dziennie, rano")))


class FollowForm(forms.Form):
    """The names are seen in the address, as those of the register's filters."""

    kategoria = forms.ChoiceField(label=_("Kategoria"), required=False, widget=LongSelect)
    obszar = forms.ChoiceField(label=_("Dzielnica lub osiedle"), required=False, widget=LongSelect)
    ulica = forms.CharField(
        label=_("Ulica"),
        required=False,
        max_length=120,
        help_text=_("Na przykład: Sienkiewicza. Puste pole: wszystkie ulice."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    jak_czesto = forms.ChoiceField(label=_("Jak często pisać"), choices=FREQUENCIES, widget=forms.RadioSelect, initial="now")
    email = forms.EmailField(
        label=_("Twój adres e-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("Wyślemy na niego odsyłacz do potwierdzenia. Bez potwierdzenia nie napiszemy."),
        error_messages={
            "required": _("Wpisz adres e-mail."),
            "invalid": _("Wpisz adres e-mail w postaci nazwa@przyklad.pl."),
        },
    )

    def __init__(self, *args: Any, categories: Any, districts: Any, needs_email: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kategoria"].choices = [("", _("wszystkie")), *categories]
        self.fields["obszar"].choices = [("", _("całe miasto")), *((str(area.pk), area.name) for area in districts)]
        if not needs_email:
            del self.fields["email"]

    def clean_ulica(self) -> Any:
        """The street that was meant; None where none was typed."""
        typed = self.cleaned_data["ulica"].strip()
        if not typed:
            return None
        found = next((one for one in geocode(typed, limit=5) if one.kind == "street"), None)
        if found is None:
            raise forms.ValidationError(_("Nie znamy takiej ulicy. Sprawdź pisownię."))
        return found
