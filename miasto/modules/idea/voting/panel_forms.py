"""Forms of the committee and of a voting point."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from miasto.kernel.accounts.selectors import people_in
from miasto.kernel.core import clock
from miasto.kernel.participation.selectors import voting as seen
from miasto.kernel.participation.services import voting
from miasto.kernel.ui.fields import DateParts
from miasto.modules.idea.voting import counted

KINDS = (
    (voting.Kind.APPROVAL.value, _("wybór kilku")),
    (voting.Kind.KNAPSACK.value, _("wybór w granicach kwoty")),
    (voting.Kind.POINTS.value, _("rozdanie punktów")),
    (voting.Kind.ORDINAL.value, _("ustawienie w kolejności")),
)
NUMBER = {"inputmode": "numeric", "class": "govuk-input--width-5"}


def day(label: Any) -> forms.DateField:
    """A day in three fields."""
    return forms.DateField(label=label, widget=DateParts(), error_messages={"required": _("Wpisz datę.")})


def hour(label: Any, initial: str) -> forms.TimeField:
    """A full hour and minutes."""
    widget = forms.TextInput(attrs={"class": "govuk-input--width-5", "placeholder": ""})
    errors = {"required": _("Wpisz godzinę."), "invalid": _("Wpisz godzinę, na przykład 8:00.")}
    return forms.TimeField(label=label, initial=initial, widget=widget, error_messages=errors, input_formats=["%H:%M", "%H.%M"])


def moment(date: Any, at: time) -> datetime:
    """A local day and hour as an instant."""
    return datetime.combine(date, at, tzinfo=clock.zone())


class ElectionForm(forms.Form):
    """A vote with one pool, made by hand; votes of the budget are made by their editions."""

    title = forms.CharField(label=_("Tytuł"), max_length=200)
    about = forms.CharField(label=_("O czym decydujemy?"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000)
    opens_on, opens_at = day(_("Początek: dzień")), hour(_("Początek: godzina"), "8:00")
    closes_on, closes_at = day(_("Koniec: dzień")), hour(_("Koniec: godzina"), "20:00")
    channels = forms.MultipleChoiceField(
        label=_("Jak można głosować"), choices=voting.Channel.choices, widget=forms.CheckboxSelectMultiple
    )
    double_votes = forms.ChoiceField(
        label=_("Gdy ktoś zagłosuje dwoma sposobami"), choices=voting.DoubleVotes.choices, widget=forms.RadioSelect
    )
    kind = forms.ChoiceField(label=_("Rodzaj karty"), choices=KINDS, widget=forms.RadioSelect)
    most = forms.IntegerField(label=_("Ile najwyżej można wybrać"), required=False, min_value=1, widget=forms.TextInput(NUMBER))
    points = forms.IntegerField(
        label=_("Ile punktów do rozdania"), required=False, min_value=1, max_value=1000, widget=forms.TextInput(NUMBER)
    )
    winners = forms.IntegerField(
        label=_("Ile propozycji wygra"),
        help_text=_("Gdy propozycje nie mają kosztów: wygrają te z największą liczbą głosów."),
        required=False,
        min_value=1,
        widget=forms.TextInput(NUMBER),
    )
    budget = forms.IntegerField(
        label=_("Kwota w złotych"),
        help_text=_("Gdy propozycje mają koszty: wygrają te z największą liczbą głosów, które się w niej zmieszczą."),
        required=False,
        min_value=1,
        widget=forms.TextInput(NUMBER),
    )
    options = forms.CharField(
        label=_("Propozycje"),
        help_text=_("Każda w osobnym wierszu, w kolejności na karcie. Koszt w złotych można dopisać po kresce: nazwa | koszt."),
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    least_age = forms.IntegerField(
        label=_("Od ilu lat"), required=False, min_value=0, max_value=120, widget=forms.TextInput(NUMBER)
    )
    guardian_under = forms.IntegerField(
        label=_("Do ilu lat potrzebna zgoda rodzica"), required=False, min_value=1, max_value=18, widget=forms.TextInput(NUMBER)
    )
    most_per_phone = forms.IntegerField(
        label=_("Ile głosów potwierdzi jeden numer telefonu"),
        initial=1,
        min_value=1,
        max_value=20,
        widget=forms.TextInput(NUMBER),
    )
    turnout_shown = forms.BooleanField(label=_("W trakcie pokazuj, ile głosów jest w urnie"), required=False)

    conditional = {
        "kind": {
            voting.Kind.POINTS.value: ("points",),
        }
    }

    def clean_options(self) -> tuple[voting.NewOption, ...]:
        """Options by line, two at least."""
        found = []
        for line in filter(None, map(str.strip, self.cleaned_data["options"].splitlines())):
            name, _bar, cost = line.partition("|")
            digits = "".join(cost.split())
            if digits and not (digits.isascii() and digits.isdigit() and len(digits) < 10):
                raise forms.ValidationError(_("Koszt musi być liczbą całkowitą złotych: „%(line)s”.") % {"line": line[:80]})
            option = voting.NewOption(number=len(found) + 1, name=name.strip()[:300], cost=int(digits or 0) * 100)
            found.append(option)
        if len(found) < 2:
            raise forms.ValidationError(_("Wpisz co najmniej dwie propozycje."))
        if any(one.cost for one in found) and not all(one.cost for one in found):
            raise forms.ValidationError(_("Podaj koszt każdej propozycji albo żadnej."))
        return tuple(found)

    def clean(self) -> dict[str, Any]:
        """The end after the beginning and ahead; what the kind of ballot needs."""
        data = super().clean()
        if all(data.get(name) for name in ("opens_on", "opens_at", "closes_on", "closes_at")):
            data["from"], data["to"] = moment(data["opens_on"], data["opens_at"]), moment(data["closes_on"], data["closes_at"])
            if data["to"] <= data["from"]:
                self.add_error("closes_on", _("Koniec musi być po początku."))
            elif data["to"] <= clock.now():
                self.add_error("closes_on", _("Ten termin już minął."))
        if data.get("kind") == voting.Kind.POINTS.value and not data.get("points"):
            self.add_error("points", _("Wpisz liczbę."))
        if data.get("options"):
            self._clean_prize(data)
        return data

    def _clean_prize(self, data: dict[str, Any]) -> None:
        """Costs need money, and what costs nothing a number of winners that leaves somebody out."""
        options = data["options"]
        if options[0].cost:
            if not data.get("budget"):
                self.add_error("budget", _("Podaj, ile pieniędzy jest do wydania."))
        elif data.get("kind") == voting.Kind.KNAPSACK.value:
            self.add_error("options", _("Przy wyborze w granicach kwoty każda propozycja musi mieć koszt."))
        elif not data.get("winners"):
            self.add_error("winners", _("Podaj, ile propozycji wygra."))
        elif data["winners"] >= len(options):
            self.add_error("winners", _("Wygrać musi mniej propozycji, niż jest na karcie."))

    def asked(self) -> dict[str, Any]:
        """The arguments of ``counted.create``."""
        data = self.cleaned_data
        paid = bool(data["options"][0].cost)
        pool = voting.NewPool(
            number=1,
            name=data["title"],
            options=data["options"] if paid else counted.with_tokens(data["options"]),
            kind=voting.Kind(data["kind"]),
            most=data["most"],
            budget=data["budget"] * 100 if data["kind"] == voting.Kind.KNAPSACK.value else None,
            points=data["points"] if data["kind"] == voting.Kind.POINTS.value else None,
        )
        names = ("title", "about", "channels", "double_votes", "turnout_shown")
        return {
            **{name: data[name] for name in names},
            "opens_at": data["from"],
            "closes_at": data["to"],
            "pools": (pool,),
            "called": voting.OptionKind.PROPOSAL,
            "voters": voting.VoterRules(data["least_age"], data["guardian_under"], data["most_per_phone"]),
            "winners": data["winners"],
            "money": data["budget"] * 100 if paid else None,
        }


class KeyForm(forms.Form):
    """Who keeps the key, and how many of them open the box."""

    holders = forms.CharField(
        label=_("Kto dostaje część klucza"),
        help_text=_("Funkcje w komisji, bez nazwisk, każda w osobnym wierszu: od 2 do 16."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    threshold = forms.IntegerField(
        label=_("Ile części razem otwiera urnę"), min_value=2, max_value=16, initial=3, widget=forms.TextInput(NUMBER)
    )
    present = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_holders(self) -> list[str]:
        """Functions, each different."""
        found = [one.strip()[:200] for one in self.cleaned_data["holders"].splitlines() if one.strip()]
        if not 2 <= len(found) <= 16 or len(set(found)) < len(found):
            raise forms.ValidationError(_("Wpisz od 2 do 16 różnych funkcji."))
        return found

    def clean(self) -> dict[str, Any]:
        """No more shares to open than there are."""
        data = super().clean()
        if data.get("threshold") and data.get("holders") and data["threshold"] > len(data["holders"]):
            self.add_error("threshold", _("Części nie może otwierać więcej niż jest ich razem."))
        return data


class SharesForm(forms.Form):
    """The shares that open the box: words typed or scanned as text. Never drawn back with what was typed."""

    def __init__(self, *args: Any, threshold: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(1, threshold + 1):
            self.fields[f"share{number}"] = forms.CharField(
                label=_("Część %(n)d") % {"n": number},
                max_length=400,
                widget=forms.Textarea(
                    attrs={"rows": 2, "autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}
                ),
                error_messages={"required": _("Wpisz 20 słów tej części.")},
            )

    def shares(self) -> list[str]:
        """The words of each share."""
        return [self.cleaned_data[name] for name in self.fields]


class PointForm(forms.Form):
    """A voting point and who serves it."""

    name = forms.CharField(label=_("Nazwa"), max_length=200)
    address = forms.CharField(label=_("Adres"), max_length=200)
    opens_on, opens_at = day(_("Wydaje karty od: dzień")), hour(_("Od godziny"), "8:00")
    closes_on, closes_at = day(_("Wydaje karty do: dzień")), hour(_("Do godziny"), "16:00")
    officers = forms.MultipleChoiceField(
        label=_("Obsługa punktu"),
        help_text=_("Co najmniej dwie osoby: kopertę otwiera ktoś inny niż ten, kto wydał kartę."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = people_in(None, seen.PAPERS)
        self.fields["officers"].choices = [(str(one.pk), one.name or one.email) for one in people]

    def hours(self) -> dict[str, datetime]:
        """When the point hands out papers."""
        data = self.cleaned_data
        return {
            "opens_at": moment(data["opens_on"], data["opens_at"]),
            "closes_at": moment(data["closes_on"], data["closes_at"]),
        }


class EnvelopeForm(forms.Form):
    """The code of an envelope."""

    code = forms.CharField(
        label=_("Kod koperty"),
        help_text=_("12 znaków z nadruku, na przykład 7K3M-9QWX-2HTB"),
        max_length=30,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20", "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Wpisz kod koperty.")},
    )
