"""What the form of a rule asks of each kind of condition: only what that kind needs, each field with the words of its kind.

A condition is a ``ConditionForm`` with a part for each kind. Only the part of the chosen kind is judged; the others keep what
was typed into them, so that somebody may look at another kind and come back.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.registry import registry
from miasto.kernel.observations.alerts.conditions import TIMES_MOST, WITHIN_MOST_S
from miasto.kernel.spec.observations import Property
from miasto.kernel.ui.fields import NumberField

THRESHOLD, CHANGE, ABSENCE, DEVIATION, COMING = "threshold", "change", "absence", "deviation", "coming"
KINDS = (
    (THRESHOLD, _("odczyt przekracza próg")),
    (CHANGE, _("odczyt szybko rośnie albo spada")),
    (ABSENCE, _("odczyty przestały przychodzić")),
    (DEVIATION, _("odczyt bardzo odbiega od prognozy")),
    (COMING, _("prognoza zapowiada przekroczenie progu")),
)
EXAMPLES = {
    THRESHOLD: _("Na przykład pył PM10 powyżej 150 µg/m³."),
    CHANGE: _("Na przykład rzeka podnosi się o 30 cm w godzinę."),
    ABSENCE: _("Na przykład czujnik milczy od dwóch godzin."),
    DEVIATION: _("Czujnik pokazuje coś, na co nic nie wskazywało."),
    COMING: _("Zanim to się stanie: na przykład rzeka przekroczy stan alarmowy w ciągu 6 godzin."),
}
ABSENT_MOST = 366 * 24 * 60
INLINE = {"group_class": "govuk-radios--inline", "hide_optional": True}
CLEAR_HELP = _("Alert skończy się, gdy odczyt wróci za tę wartość. Puste: za ten sam próg.")


def properties() -> list[tuple[str, str]]:
    """Code and name with unit of everything that is observed, by name."""
    found = [(one.code, f"{one.name} ({one.symbol})" if one.symbol else str(one.name)) for one in registry().all(Property)]
    return sorted(found, key=lambda pair: pair[1])


def typed(form: forms.Form) -> dict[str, Any]:
    """What was typed into a bound form, to be shown in a fresh one that judges nothing yet."""
    return {name: form[name].data for name in form.fields if form[name].data is not None}


def _measured(label: Any, missing: Any, **more: Any) -> NumberField:
    """A number in the unit of the property; the page writes the unit beside it."""
    widget = forms.TextInput({"class": "govuk-input--width-10", "data-measured": "", "hide_optional": True})
    return NumberField(label=label, widget=widget, error_messages={"required": missing}, **more)


def _minutes(label: Any, missing: Any, most: int, **more: Any) -> forms.IntegerField:
    widget = forms.TextInput({"class": "govuk-input--width-5", "inputmode": "numeric"})
    wrong = _("Wpisz liczbę minut od 1 do %(most)d.") % {"most": most}
    errors = {"required": missing, **dict.fromkeys(("invalid", "min_value", "max_value"), wrong)}
    return forms.IntegerField(label=label, widget=widget, min_value=1, max_value=most, error_messages=errors, **more)


class Part(forms.Form):
    """The fields of one kind."""

    kind = ""

    def json(self) -> dict[str, Any]:
        """What the fields of a valid part say, as ``alerts.conditions`` reads it, without kind and code."""
        data = {name: value for name, value in self.cleaned_data.items() if value is not None}
        if "minutes" in data:
            data["after_s" if self.kind == ABSENCE else "within_s"] = data.pop("minutes") * 60
        return data

    @staticmethod
    def initial_of(given: dict[str, Any]) -> dict[str, Any]:
        """What the fields show of a stored condition."""
        seconds = given.get("within_s") or given.get("after_s")
        return {**given, "minutes": max(seconds // 60, 1)} if seconds else given


class ThresholdPart(Part):
    """The newest reading against a value."""

    kind = THRESHOLD
    op = forms.ChoiceField(
        label=_("Alert, gdy odczyt jest"),
        choices=((">", _("powyżej progu")), ("<", _("poniżej progu"))),
        initial=">",
        widget=forms.RadioSelect(INLINE),
    )
    value = _measured(_("Próg"), _("Podaj próg."))
    clear = _measured(_("Próg odwołania"), "", required=False, help_text=CLEAR_HELP)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        value, clear, op = data.get("value"), data.get("clear"), data.get("op")
        if None not in (value, clear) and (clear > value if op == ">" else clear < value):
            above = _("Próg odwołania ma być niższy niż próg alertu albo taki sam.")
            below = _("Próg odwołania ma być wyższy niż próg alertu albo taki sam.")
            self.add_error("clear", above if op == ">" else below)
        return data


class ComingPart(ThresholdPart):
    """A forecast against a value."""

    kind = COMING
    minutes = _minutes(_("Na ile minut naprzód patrzeć"), _("Podaj, na ile minut naprzód patrzeć."), WITHIN_MOST_S // 60)
    field_order = ("op", "value", "minutes", "clear")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["op"].label = _("Alert, gdy prognoza jest")
        self.fields["clear"].help_text = _("Alert skończy się, gdy prognoza wróci za tę wartość. Puste: za ten sam próg.")


class ChangePart(Part):
    """How much within what time."""

    kind = CHANGE
    op = forms.ChoiceField(
        label=_("Alert, gdy odczyt"),
        choices=((">", _("rośnie")), ("<", _("spada"))),
        initial=">",
        widget=forms.RadioSelect(INLINE),
    )
    value = _measured(_("O ile"), _("Podaj, o ile ma się zmienić odczyt."))
    minutes = _minutes(_("W ciągu ilu minut"), _("Podaj, w ciągu ilu minut."), WITHIN_MOST_S // 60)
    clear = _measured(
        _("Zmiana, przy której alert się kończy"),
        "",
        required=False,
        help_text=_("Alert skończy się, gdy odczyt będzie się zmieniał o tyle albo mniej. Puste: o tyle, ile wyżej."),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        value, clear = data.get("value"), data.get("clear")
        if value is not None and value <= 0:
            self.add_error("value", _("Wpisz liczbę większą od zera. Kierunek wybierasz wyżej."))
        elif value is not None and clear is not None and not 0 <= clear <= value:
            self.add_error("clear", _("Wpisz liczbę od zera do zmiany, przy której alert się zaczyna."))
        return data


class AbsencePart(Part):
    """How long nothing has come."""

    kind = ABSENCE
    minutes = _minutes(
        _("Od ilu minut nie ma odczytów"),
        _("Podaj, od ilu minut nie ma odczytów."),
        ABSENT_MOST,
        help_text=_("Godzina to 60, doba to 1440."),
    )


class DeviationPart(Part):
    """How far from what was foretold."""

    kind = DEVIATION
    times = NumberField(
        label=_("Ile razy dalej niż granica przedziału prognozy"),
        help_text=_(
            "W przedziale mieści się 8 odczytów na 10. Wpisz na przykład 3: odczyt leży wtedy od prognozy trzy razy dalej niż "
            "jego granica."
        ),
        min_value=1,
        max_value=TIMES_MOST,
        error_messages={
            "required": _("Podaj, ile razy dalej."),
            **dict.fromkeys(("min_value", "max_value"), _("Wpisz liczbę od 1 do %(most)d.") % {"most": TIMES_MOST}),
        },
        widget=forms.TextInput({"class": "govuk-input--width-5", "inputmode": "decimal"}),
    )


PARTS: dict[str, type[Part]] = {one.kind: one for one in (ThresholdPart, ChangePart, AbsencePart, DeviationPart, ComingPart)}


class ConditionForm(forms.Form):
    """One condition: what is measured, the kind, and what that kind needs (``part``)."""

    code = forms.ChoiceField(label=_("Co mierzymy"), choices=properties)
    kind = forms.ChoiceField(label=_("Kiedy zawiadomić"), choices=KINDS, widget=forms.RadioSelect)
    option_hints = {"kind": EXAMPLES}

    def __init__(self, data: Any = None, *, prefix: str, initial: dict[str, Any], judged: bool = True) -> None:
        super().__init__(data if judged else None, prefix=prefix, initial=initial)
        if data is not None and not judged:
            self.initial = {**initial, **typed(type(self)(data, prefix=prefix, initial={}))}
        self.chosen = str(self["kind"].value() or "")
        self.parts = {kind: self._part(kind, data, judged=judged and kind == self.chosen) for kind in PARTS}

    def _part(self, kind: str, data: Any, *, judged: bool) -> Part:
        name = f"{self.prefix}-{kind}"
        if data is not None:
            bound = PARTS[kind](data, prefix=name)
            return bound if judged else PARTS[kind](prefix=name, initial=typed(bound))
        stored = self.initial if self.initial.get("kind") == kind else {}
        return PARTS[kind](prefix=name, initial=Part.initial_of(stored))

    @property
    def part(self) -> Part | None:
        """The fields of the chosen kind."""
        return self.parts.get(self.chosen)

    def is_valid(self) -> bool:
        """Whether the condition and what its kind asks is filled in; both are judged, so that all errors are told at once."""
        whole, part = super().is_valid(), self.part is not None and self.part.is_valid()
        return whole and part

    def json(self) -> dict[str, Any]:
        """The condition of a valid form."""
        return {"kind": self.chosen, "code": self.cleaned_data["code"], **self.part.json()}  # type: ignore[union-attr]
