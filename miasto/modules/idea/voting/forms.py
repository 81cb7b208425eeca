"""Forms of who votes. What they hold is used for the key of the box and stored nowhere."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from miasto.kernel.core import clock
from miasto.kernel.participation.services import voting
from miasto.kernel.ui.fields import DateParts
from miasto.modules.idea.voting.addresses import in_register, with_flat

NONE = "-"
OLDEST = 120


class PersonForm(forms.Form):
    """A person as the register of addresses and the box know them; ``identity()`` is the one text of all channels."""

    given_name = forms.CharField(
        label=_("Imię"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
        error_messages={"required": _("Wpisz imię.")},
    )
    family_name = forms.CharField(
        label=_("Nazwisko"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
        error_messages={"required": _("Wpisz nazwisko.")},
    )
    born = forms.DateField(
        label=_("Data urodzenia"),
        help_text=_("Na przykład 27 3 1985"),
        widget=DateParts(),
        error_messages={
            "required": _("Wpisz datę urodzenia."),
            "invalid": _("Takiej daty nie ma. Sprawdź dzień, miesiąc i rok."),
        },
    )
    address = forms.CharField(
        label=_("Ulica i numer domu"),
        help_text=_("Adres, pod którym mieszkasz"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "address-line1"}),
        error_messages={"required": _("Wpisz ulicę i numer domu.")},
    )
    pick = forms.ChoiceField(label=_("Który to adres?"), required=False, widget=forms.RadioSelect)
    flat = forms.CharField(
        label=_("Numer mieszkania"),
        help_text=_("Zostaw puste, jeśli w domu nie ma numerów mieszkań."),
        max_length=10,
        required=False,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-4", "hide_optional": True}),
    )

    def __init__(self, *args: Any, rules: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rules = rules
        self.alike: list[str] = []
        posted = self.data.get(self.add_prefix("address"), "") if self.is_bound else ""
        self._offer(in_register(posted[:150]) if posted.strip() else (None, []))

    def _offer(self, found: tuple[str | None, list[str]]) -> None:
        """Addresses like the one that was typed, to choose from; no such field where there are none."""
        self.found, self.alike = found
        if not self.alike:
            del self.fields["pick"]
            return
        self.fields["pick"].choices = [*((one, one) for one in self.alike), (NONE, _("żaden z nich – wpiszę inaczej"))]

    def clean_born(self) -> date:
        """A day on which somebody who lives may be born, old enough to vote."""
        born, today = self.cleaned_data["born"], clock.today()
        if born > today or today.year - born.year > OLDEST:
            raise forms.ValidationError(_("Sprawdź datę urodzenia."))
        if self.rules.too_young(born, today):
            text = _("W tym głosowaniu można głosować od %(n)d lat.") % {"n": self.rules.least_age}
            raise forms.ValidationError(text)
        return born

    def clean(self) -> dict[str, Any]:
        """The address must be one of the register."""
        data = super().clean()
        if data.get("address") and self.found is None:
            picked = data.get("pick")
            if picked and picked != NONE:
                self.found = picked
            elif self.alike:
                text = _("Nie ma dokładnie takiego adresu. Wybierz swój z listy albo popraw ten wpis.")
                self.add_error("pick" if picked != NONE else "address", text)
            else:
                self.add_error("address", _("Nie ma takiego adresu w mieście. Sprawdź nazwę ulicy i numer domu."))
        return data

    def identity(self) -> str:
        """The person's text for the key; only after ``is_valid``."""
        data = self.cleaned_data
        return voting.identity_text(
            given_name=data["given_name"],
            family_name=data["family_name"],
            born=data["born"],
            place=with_flat(str(self.found), data["flat"]),
        )


class AccountForm(PersonForm):
    """The same from the voter: with a statement of residence and, for a child, a parent's or guardian's consent."""

    resident = forms.BooleanField(
        label=_("Oświadczam, że mieszkam pod tym adresem"),
        error_messages={"required": _("Bez tego oświadczenia nie można głosować.")},
    )
    guardian_name = forms.CharField(
        label=_("Imię i nazwisko rodzica albo opiekuna"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "hide_optional": True}),
    )
    guardian_agrees = forms.BooleanField(
        label=_("Jestem rodzicem albo opiekunem prawnym tej osoby i zgadzam się, żeby zagłosowała"), required=False
    )

    GUARDIAN = ("guardian_name", "guardian_agrees")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.rules.guardian_under is None:
            for name in self.GUARDIAN:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """A child's vote needs both the name and the consent."""
        data = super().clean()
        born = data.get("born")
        if born and self.rules.needs_guardian(born, clock.today()):
            if not data.get("guardian_name"):
                self.add_error("guardian_name", _("Wpisz, kto zgadza się na głosowanie dziecka."))
            if not data.get("guardian_agrees"):
                self.add_error("guardian_agrees", _("Dziecko głosuje za zgodą rodzica albo opiekuna."))
        return data


class DetailsForm(AccountForm):
    """The same with the telephone that gets the code."""

    phone = forms.CharField(
        label=_("Numer telefonu komórkowego"),
        help_text=_("Wyślemy na niego SMS z kodem."),
        max_length=24,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel", "class": "govuk-input--width-20"}),
        error_messages={"required": _("Wpisz numer telefonu komórkowego.")},
    )

    def clean_phone(self) -> str:
        """Digits with the country's code."""
        try:
            return voting.number_of(self.cleaned_data["phone"])
        except voting.BadNumber:
            raise forms.ValidationError(_("Wpisz numer telefonu, na przykład 600 100 200.")) from None


class CodeForm(forms.Form):
    """The code from the text message."""

    code = forms.CharField(
        label=_("Kod z SMS-a"),
        max_length=12,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "class": "govuk-input--width-5",
                "spellcheck": "false",
            }
        ),
        error_messages={"required": _("Wpisz kod z SMS-a.")},
    )
