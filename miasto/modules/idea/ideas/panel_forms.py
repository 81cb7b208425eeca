"""Forms of the city's side of ideas."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from miasto.kernel.accounts.selectors import current_units
from miasto.kernel.core.money import grosze, zloty
from miasto.kernel.participation.selectors import Fate
from miasto.kernel.ui.fields import DateParts
from miasto.modules.idea.budget.models import Project
from miasto.modules.idea.ideas import rules, selectors
from miasto.modules.idea.ideas.fates import fate_of
from miasto.modules.idea.ideas.handling import CHOICES
from miasto.modules.idea.ideas.models import State

SEEN = _("Zobaczą to wszyscy. Bez danych osób.")


def _words(label: Any, rows: int = 3, most: int = 600, hint: Any = SEEN) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=most,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": _("Napisz to w kilku słowach.")},
    )


class ReasonForm(forms.Form):
    """A reason for everybody."""

    reason = _words(_("Dlaczego?"))


class OpinionForm(forms.Form):
    """Whom to ask, and what."""

    unit = forms.ModelChoiceField(
        label=_("Jednostka"),
        queryset=None,
        empty_label=_("wybierz jednostkę"),
        error_messages={"required": _("Wybierz jednostkę.")},
    )
    question = _words(_("O co pytamy"), rows=4, most=2000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = current_units().order_by("name")


class DropForm(forms.Form):
    """Why an opinion is no longer needed."""

    reason = _words(_("Dlaczego opinia nie jest już potrzebna?"))


class CostForm(forms.Form):
    """What it would cost, typed in zlotys."""

    cost = forms.CharField(
        label=_("Koszt wykonania (zł)"),
        max_length=20,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-10", "inputmode": "decimal"}),
    )
    yearly = forms.CharField(
        label=_("Koszt utrzymania na rok (zł)"), max_length=20, required=False,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-10", "inputmode": "decimal"}),
    )  # fmt: skip
    note = _words(_("Co policzono i kto to policzył"))

    def _money(self, name: str) -> int | None:
        text = self.cleaned_data.get(name, "")
        if not text:
            return None
        try:
            return grosze(text)
        except ValueError:
            raise forms.ValidationError(now("Wpisz kwotę, na przykład 12 500 albo 12 500,50.")) from None

    def clean_cost(self) -> int | None:
        return self._money("cost")

    def clean_yearly(self) -> int | None:
        return self._money("yearly")


def cost_initial(idea: Any) -> dict[str, Any]:
    """What the form shows of a known cost."""
    if idea.cost is None:
        return {}
    yearly = zloty(idea.cost_yearly) if idea.cost_yearly is not None else ""
    return {"cost": zloty(idea.cost), "yearly": yearly, "note": idea.cost_note}


class ExtendForm(forms.Form):
    """Another promised day."""

    due_on = forms.DateField(
        label=_("Nowy termin"),
        widget=DateParts,
        error_messages={"required": _("Podaj datę."), "invalid": _("Podaj prawdziwą datę.")},
    )
    reason = _words(_("Dlaczego potrzeba więcej czasu?"))


class DecideForm(forms.Form):
    """The decision, its reasons, and whose it is."""

    state = forms.ChoiceField(label=_("Decyzja"), widget=forms.RadioSelect, error_messages={"required": _("Wybierz decyzję.")})
    reasons = _words(_("Uzasadnienie"), rows=6, most=6000)
    decided_by = forms.CharField(
        label=_("Kto zdecydował"),
        help_text=_("Na przykład: Prezydent Miasta, Wydział Zieleni. Funkcja, nie nazwisko."),
        max_length=200,
    )

    def __init__(self, *args: Any, idea: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        allowed = CHOICES.get(State(idea.state), ())
        self.fields["state"].choices = [(one.value, str(one.label).capitalize()) for one in allowed]


class OutcomeForm(forms.Form):
    """What came of an idea."""

    target = forms.ChoiceField(
        label=_("Konsultacje albo projekt budżetu"),
        help_text=_("Na ich stronie pokażemy, że wynikły z tego pomysłu, a dalszy ciąg projektu dopisze się sam."),
        required=False,
    )
    url = forms.CharField(
        label=_("Albo adres strony"),
        help_text=_("Na przykład inwestycji lub zgłoszenia. Może być spoza platformy (https://…)."),
        max_length=500,
        required=False,
    )
    title = forms.CharField(
        label=_("Jak się to nazywa"), help_text=_("Zostaw puste, jeśli to konsultacje lub projekt: weźmiemy ich tytuł."),
        max_length=200, required=False,
    )  # fmt: skip
    fate = forms.ChoiceField(label=_("Na jakim etapie"), choices=Fate.choices)
    text = forms.CharField(
        label=_("Co z tym będzie"), help_text=SEEN, max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, viewer: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.viewer = viewer
        self.fields["target"].choices = [("", _("wybierz z listy")), *selectors.targets(viewer)]

    def clean(self) -> dict[str, Any]:
        """A choice of the list is its page and its object; without one there must be an address."""
        data = super().clean() or {}
        target = data.pop("target", "")
        if target:
            data["url"], data["target_id"] = selectors.address_of(target, self.viewer)
        else:
            data["target_id"] = selectors.project_at(data.get("url", ""))
        if not data.get("url"):
            self.add_error("url", _("Wybierz z listy albo wklej adres strony."))
        project = Project.objects.filter(pk=data["target_id"]).first() if data["target_id"] else None
        if project is not None:
            data["fate"], words = fate_of(project)
            data["text"] = data.get("text") or words
        return data


class FollowForm(forms.Form):
    """How an outcome went on."""

    fate = forms.ChoiceField(label=_("Na jakim etapie"), choices=Fate.choices)
    text = forms.CharField(
        label=_("Co się zmieniło"), help_text=SEEN, max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class HideForm(forms.Form):
    """For which rule an idea is hidden."""

    rule = forms.ChoiceField(label=_("Zasada"), error_messages={"required": _("Wybierz zasadę.")})
    note = _words(_("Co dokładnie ją łamie"), hint=_("Przeczyta to autor i każdy, kto otworzy adres pomysłu."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rule"].choices = [(one.key, one.name) for one in rules.publication_rules()]


class MergeForm(forms.Form):
    """Into which idea a duplicate goes."""

    number = forms.IntegerField(
        label=_("Numer pomysłu, do którego dołączyć"),
        min_value=1,
        max_value=2**31 - 1,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5", "inputmode": "numeric"}),
        error_messages={"required": _("Podaj numer."), "invalid": _("Podaj numer.")},
    )
    reason = _words(_("Dlaczego to ten sam pomysł?"))


class ReplyForm(forms.Form):
    """What the city writes under an idea."""

    body = _words(_("Odpowiedź w imieniu urzędu"), rows=3, most=2000)
