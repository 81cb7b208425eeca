"""Forms around related cases: "me too", merging, splitting, forwarding, the answer of a body outside."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from miasto.kernel.accounts.selectors import current_units
from miasto.kernel.cases.case_page import CaseView
from miasto.kernel.cases.forms import category_choices, photos_field, text_field
from miasto.kernel.cases.related import external_bodies
from miasto.kernel.cases.relating import Part

ROWS = 3


class SupportForm(forms.Form):
    """ "Me too", with an address only for who wants to be told."""

    email = forms.EmailField(
        label=_("Adres e-mail (nieobowiązkowo)"),
        help_text=_("Wpisz go tylko wtedy, gdy chcesz dostawać wiadomości o tej sprawie. Najpierw poprosimy o potwierdzenie."),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "hide_optional": True}),
        error_messages={"invalid": _("Wpisz adres e-mail w postaci nazwa@przyklad.pl.")},
    )


class MergeForm(forms.Form):
    """Into which case."""

    into = forms.CharField(
        label=_("Numer sprawy, która idzie dalej"),
        help_text=_("Tę sprawę zamkniemy, a osoba zgłaszająca będzie dostawać wiadomości o tamtej."),
        max_length=24,
        error_messages={"required": _("Wpisz numer sprawy.")},
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20", "autocomplete": "off", "spellcheck": "false"}),
    )


class ReasonForm(forms.Form):
    """A reason that the filer reads."""

    reason = text_field(_("Powód"), _("Przeczyta go także osoba zgłaszająca."), rows=3, empty=_("Podaj powód."))


class SplitForm(forms.Form):
    """Up to three parts; an empty row is none."""

    def __init__(self, *args: Any, case: CaseView, named: Any = None, categories: Any = None, **kwargs: Any) -> None:
        """``named`` and ``categories`` are choices of units and categories that the page has read already."""
        super().__init__(*args, auto_id="split_%s", **kwargs)
        self.units = {} if named else {str(row.pk): row for row in current_units().order_by("name")}
        found = named or [(pk, row.name) for pk, row in self.units.items()]
        units = [("", _("wybierz jednostkę")), *found]
        known = categories if categories is not None else category_choices(case.type.key)
        categories = [("", _("ta sama co w sprawie głównej")), *known]
        hide = {"hide_optional": True}
        for number in range(1, ROWS + 1):
            self.fields[f"unit_{number}"] = forms.ChoiceField(
                label=_("Jednostka"), required=False, choices=units, widget=forms.Select(attrs=hide)
            )
            self.fields[f"words_{number}"] = text_field(
                _("Co ma zrobić?"), _("Przeczytają to wszyscy. Nie wpisuj danych osobowych."), required=False, rows=2
            )
            self.fields[f"words_{number}"].widget.attrs.update(hide)
            self.fields[f"category_{number}"] = forms.ChoiceField(
                label=_("Kategoria"), required=False, choices=categories, widget=forms.Select(attrs=hide)
            )

    @property
    def rows(self) -> list[tuple[int, list[Any]]]:
        """The fields of each part."""
        return [(n, [self[f"{name}_{n}"] for name in ("unit", "words", "category")]) for n in range(1, ROWS + 1)]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        filled = [n for n in range(1, ROWS + 1) if data.get(f"unit_{n}") or data.get(f"words_{n}")]
        for n in filled:
            if not data.get(f"unit_{n}"):
                self.add_error(f"unit_{n}", _("Wybierz jednostkę dla tej części."))
            if not data.get(f"words_{n}") and f"words_{n}" not in self.errors:
                self.add_error(f"words_{n}", _("Napisz, co jest do zrobienia."))
        if not filled and not self.errors:
            self.add_error("unit_1", _("Wybierz jednostkę i napisz, co ma zrobić."))
        self.filled = filled
        return data

    def parts(self, categories: dict[str, Any]) -> list[Part]:
        """What was asked; ``categories`` by identifier as text."""
        data = self.cleaned_data
        return [
            Part(self.units[data[f"unit_{n}"]], data[f"words_{n}"], categories.get(data[f"category_{n}"])) for n in self.filled
        ]


class ForwardForm(forms.Form):
    """To whom, and the public answer that says so."""

    body = forms.ChoiceField(label=_("Instytucja"), error_messages={"required": _("Wybierz instytucję.")})
    words = text_field(
        _("Odpowiedź dla wszystkich"),
        _("Napisz, komu i dlaczego przekazujesz sprawę. Przeczyta to osoba zgłaszająca, instytucja i każdy na stronie sprawy."),
        empty=_("Napisz, komu i dlaczego przekazujesz sprawę."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="forward_%s", **kwargs)
        self.bodies = {str(row.pk): row for row in external_bodies()}
        rows = [(pk, f"{row.name} – {row.purpose}" if row.purpose else row.name) for pk, row in self.bodies.items()]
        self.fields["body"].choices = [("", _("wybierz instytucję")), *rows]


class OutsideForm(forms.Form):
    """The answer of a body outside, by itself or as staff writes it down."""

    OUTCOMES = (
        ("accepted", _("Przyjmujemy sprawę i pracujemy nad nią")),
        ("done", _("Sprawa jest załatwiona")),
        ("refused", _("To nie jest nasza sprawa")),
    )
    outcome = forms.ChoiceField(
        label=_("Odpowiedź"),
        choices=OUTCOMES,
        widget=forms.RadioSelect(attrs={"legend_class": "govuk-fieldset__legend--s"}),
        error_messages={"required": _("Wybierz odpowiedź.")},
    )
    words = text_field(
        _("Co zrobiono albo dlaczego sprawa należy do kogoś innego?"),
        _("Odpowiedź przeczyta osoba zgłaszająca, a po sprawdzeniu wszyscy."),
        required=False,
    )
    photos = photos_field()
    reference = forms.CharField(
        label=_("Numer sprawy w instytucji"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20"}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("outcome") in ("done", "refused") and not (data.get("words") or "").strip():
            self.add_error("words", _("Napisz, co zostało zrobione albo dlaczego sprawa należy do kogoś innego."))
        return data


class BodyForm(forms.Form):
    """A body outside the city."""

    name = forms.CharField(label=_("Nazwa"), max_length=160, error_messages={"required": _("Podaj nazwę.")})
    purpose = forms.CharField(label=_("Za co odpowiada"), max_length=300, required=False)
    email = forms.EmailField(
        label=_("Adres e-mail"),
        help_text=_("Na ten adres wysyłamy przekazane sprawy z odsyłaczem do odpowiedzi."),
        required=False,
        error_messages={"invalid": _("Wpisz adres e-mail w postaci nazwa@przyklad.pl.")},
    )
    phone = forms.CharField(label=_("Telefon"), max_length=30, required=False)
    answer_days = forms.IntegerField(
        label=_("Po ilu dniach milczenia przypomnieć?"),
        min_value=1,
        max_value=365,
        initial=14,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-4"}),
    )
    open311_endpoint = forms.URLField(
        label=_("Adres Open311"),
        help_text=_("Jeśli instytucja przyjmuje sprawy przez Open311 GeoReport v2, wyślemy je tam zamiast e-mailem."),
        required=False,
        assume_scheme="https",
    )
    open311_jurisdiction = forms.CharField(label=_("Jurysdykcja Open311 (jurisdiction_id)"), max_length=120, required=False)
    open311_key_env = forms.CharField(
        label=_("Zmienna środowiska z kluczem Open311"),
        help_text=_("Sam klucz nie jest zapisywany na platformie."),
        max_length=80,
        required=False,
    )
    active = forms.BooleanField(label=_("Można jej przekazywać sprawy"), required=False, initial=True)
