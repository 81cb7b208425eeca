"""Forms of those who run the budget."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from miasto.kernel.accounts.selectors import current_units
from miasto.kernel.ui.fields import DateParts, MultipleFileField
from miasto.modules.idea.budget.editions import EditionRow, rules_of
from miasto.modules.idea.budget.forms import MoneyField
from miasto.modules.idea.budget.models import Edition
from miasto.modules.idea.budget.presets import presets
from miasto.modules.idea.budget.states import CheckKind, Outcome, PhaseKind, RealisationStage
from miasto.modules.idea.budget.supporting import SupporterRow

MOST = 10_000_000
# Numbers of the rules that have fields of their own in the form; the JSON beside them does not repeat them.
OWN = {
    "support": ("proposals", _("Ile osób musi poprzeć projekt")),
    "verification_days": ("verification", _("Dni na ocenę projektu, od złożenia")),
    "opinion_days": ("verification", _("Dni na opinię jednostki")),
    "correction_days": ("verification", _("Dni na poprawki autora")),
    "appeal_days": ("verification", _("Dni na odwołanie")),
    "min_votes": ("counting", _("Najmniej głosów (na karcie z punktami: punktów), żeby projekt mógł wygrać")),
}
DAY_WRONG = {"invalid": _("Wpisz datę, na przykład 15 9 2026.")}


class EditionForm(forms.Form):
    """An edition: words, money, phases, rules. The rules start from a preset and may be changed as data (JSON)."""

    title = forms.CharField(label=_("Nazwa"), max_length=200, error_messages={"required": _("Wpisz nazwę.")})
    slug = forms.SlugField(
        label=_("Skrót w adresie"),
        help_text=_("Małe litery, cyfry i łączniki, na przykład: 2026."),
        max_length=60,
        error_messages={"required": _("Wpisz skrót."), "invalid": _("Użyj małych liter, cyfr i łączników.")},
    )
    year = forms.IntegerField(label=_("Rok"), min_value=2000, max_value=2100)
    summary = forms.CharField(
        label=_("O tej edycji"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )
    total = MoneyField(label=_("Pieniądze do podziału (zł)"), error_messages={"required": _("Podaj kwotę.")})
    unit = forms.UUIDField(
        label=_("Jednostka, która prowadzi budżet"),
        widget=forms.Select,
        error_messages={"required": _("Wybierz jednostkę."), "invalid": _("Wybierz jednostkę.")},
    )
    preset = forms.ChoiceField(
        label=_("Wzór zasad"),
        required=False,
        widget=forms.RadioSelect(attrs={"group_class": "ui-choices", "hide_optional": True}),
    )
    rules = forms.CharField(
        label=_("Zasady jako dane (JSON)"),
        help_text=_("Puste pole: zasady wybranego wzoru. Liczby z pól powyżej są ważniejsze. Błędy pokażemy po zapisaniu."),
        required=False,
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = current_units().order_by("name").values_list("pk", "name")
        self.fields["unit"].widget.choices = [("", "–"), *rows]
        self.fields["preset"].choices = [(one.key, one.name) for one in presets()]
        for kind in PhaseKind:
            for end, label in (("from", _("od")), ("to", _("do"))):
                name = f"{kind.value}_{end}"
                self.fields[name] = forms.DateField(
                    label=f"{kind.label.capitalize()} – {label}", required=False, widget=DateParts, error_messages=DAY_WRONG
                )
        for name, (_section, label) in OWN.items():
            self.fields[name] = forms.IntegerField(
                label=label,
                required=False,
                min_value=0,
                max_value=MOST,
                widget=forms.NumberInput(attrs={"class": "govuk-input--width-5", "hide_optional": True}),
                help_text="" if self.initial else _("Puste pole: tyle, ile we wzorze."),
            )
        last = ("preset", *OWN, "rules")
        self.order_fields([*(name for name in self.fields if name not in last), *last])
        if self.initial:
            del self.fields["preset"]

    def row(self) -> EditionRow:
        """The edition to be; raises ``ValidationError`` for rules that are no JSON."""
        data = self.cleaned_data
        phases = {}
        for kind in PhaseKind.values:
            first, last = data.get(f"{kind}_from"), data.get(f"{kind}_to")
            if first and last:
                phases[kind] = (first, last)
            elif first or last:
                raise ValidationError({f"{kind}_to": [_("Podaj obie daty etapu.")]})
        return EditionRow(
            slug=data["slug"],
            year=data["year"],
            title=data["title"],
            summary=data["summary"],
            total=data["total"],
            unit_id=data["unit"],
            rules=self._rules(),
            phases=phases,
        )

    def _rules(self) -> dict[str, Any]:
        """The rules of the JSON, else of the preset, with the numbers that have fields of their own."""
        found = self._written()
        for name, (section, _label) in OWN.items():
            value = self.cleaned_data.get(name)
            part = found.get(section, {})
            if value is not None and isinstance(part, dict):
                found[section] = {**part, name: value}
        return found

    def _written(self) -> dict[str, Any]:
        text = self.cleaned_data.get("rules", "").strip()
        if not text:
            found = {one.key: one for one in presets()}.get(self.cleaned_data.get("preset") or "")
            return found.rules.as_json() if found else {}
        try:
            read = json.loads(text)
        except ValueError as error:
            raise ValidationError({"rules": [_("To nie jest poprawny JSON.")]}) from error
        if not isinstance(read, dict):
            raise ValidationError({"rules": [_("To nie jest poprawny JSON.")]})
        return read


def initial_of(edition: Edition) -> dict[str, Any]:
    """The values of a saved edition."""
    found = {name: getattr(edition, name) for name in ("title", "slug", "year", "summary", "total")}
    rules = rules_of(edition).as_json()
    found |= {name: rules[section].pop(name) for name, (section, _label) in OWN.items()}
    found |= {"unit": edition.unit_id, "rules": json.dumps(rules, ensure_ascii=False, indent=2)}
    for one in edition.phases.all():
        found[f"{one.kind}_from"], found[f"{one.kind}_to"] = one.starts_on, one.ends_on
    return found


class WordsForm(forms.Form):
    """Words that go with a step."""

    text = forms.CharField(
        max_length=6000, widget=forms.Textarea(attrs={"rows": 4}), error_messages={"required": _("Napisz uzasadnienie.")}
    )

    def __init__(self, *args: Any, label: Any = "", hint: Any = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label, self.fields["text"].help_text = label or _("Uzasadnienie"), hint


class OpinionForm(forms.Form):
    """A unit's opinion."""

    outcome = forms.ChoiceField(
        label=_("Opinia"),
        choices=Outcome.choices,
        widget=forms.RadioSelect(attrs={"group_class": "govuk-radios--inline"}),
        error_messages={"required": _("Wybierz, jaka jest opinia.")},
    )
    text = forms.CharField(
        label=_("Uzasadnienie"),
        help_text=_("Przeczytają je wszyscy."),
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Napisz uzasadnienie.")},
    )
    cost = MoneyField(
        label=_("Koszt według jednostki (zł)"), help_text=_("Tylko jeśli jest inny niż w projekcie."), required=False
    )


class AskForm(forms.Form):
    """Another unit asked for its opinion."""

    check_kind = forms.ChoiceField(
        label=_("O co pytamy"), choices=[one for one in CheckKind.choices if one[0] != CheckKind.FORMAL.value]
    )
    unit = forms.UUIDField(label=_("Jednostka"), widget=forms.Select, error_messages={"invalid": _("Wybierz jednostkę.")})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].widget.choices = [("", "–"), *current_units().order_by("name").values_list("pk", "name")]


class PaperForm(forms.Form):
    """Names from a paper list, one in a line."""

    rows = forms.CharField(
        label=_("Osoby z papierowej listy"),
        help_text=_("Jedna osoba w wierszu: imię i nazwisko, średnik, adres zamieszkania."),
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Wpisz co najmniej jedną osobę.")},
    )

    def clean_rows(self) -> list[SupporterRow]:
        found = []
        for number, line in enumerate(self.cleaned_data["rows"].splitlines(), 1):
            if not line.strip():
                continue
            name, mark, address = line.partition(";")
            if not mark or len(name.split()) < 2 or not address.strip():
                words = _("Wiersz %(n)d: wpisz imię i nazwisko, średnik i adres.")
                raise forms.ValidationError(words % {"n": number})
            found.append(SupporterRow(name.strip(), address.strip()))
        return found


class CommitForm(forms.Form):
    """What is published before the draw."""

    source = forms.CharField(
        label=_("Publiczne zdarzenie, którego wynik rozstrzygnie losowanie"),
        help_text=_("Na przykład: wynik losowania Lotto z 12 września 2026, sześć liczb rosnąco."),
        max_length=300,
        error_messages={"required": _("Podaj zdarzenie.")},
    )


class DrawForm(forms.Form):
    """The result of the public event."""

    event = forms.CharField(
        label=_("Wynik zdarzenia, dokładnie tak jak go ogłoszono"),
        max_length=200,
        error_messages={"required": _("Wpisz wynik zdarzenia.")},
    )


class NewsForm(forms.Form):
    """How the work on a winner stands."""

    stage = forms.ChoiceField(label=_("Etap"), choices=RealisationStage.choices)
    planned = MoneyField(label=_("Planowany koszt (zł)"), error_messages={"required": _("Podaj planowany koszt.")})
    spent = MoneyField(label=_("Wydano do tej pory (zł)"), error_messages={"required": _("Podaj, ile wydano.")})
    starts_on = forms.DateField(label=_("Początek prac"), required=False, widget=DateParts, error_messages=DAY_WRONG)
    ends_on = forms.DateField(label=_("Koniec prac"), required=False, widget=DateParts, error_messages=DAY_WRONG)
    text = forms.CharField(label=_("Co nowego?"), max_length=3000, required=False, widget=forms.Textarea(attrs={"rows": 4}))
    files = MultipleFileField(label=_("Zdjęcia"), required=False)
