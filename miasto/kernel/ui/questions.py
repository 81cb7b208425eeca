"""Forms made of declared questions: their fields, their answers, and which of them are put to whom.

One engine for the questions of a case's category and for surveys. A field is named by its question: ``q1``; of a row of a
matrix or of a ranked choice ``q1-row``; of an answer in one's own words ``q1-other``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from miasto.kernel.spec.questions import OTHER, TEXT_KINDS, Question
from miasto.kernel.ui.fields import DateParts

YES_NO = (("true", _("Tak")), ("false", _("Nie")))
LONGEST = {"text": 500, "long_text": 4000, OTHER: 200}


class SeveralField(forms.MultipleChoiceField):
    """Several of the choices; kept and given as their values with commas between."""

    widget = forms.CheckboxSelectMultiple

    def prepare_value(self, value: Any) -> Any:
        return value.split(",") if isinstance(value, str) else value

    def clean(self, value: Any) -> str:
        return ",".join(super().clean(value))


def _common(question: Question) -> dict[str, Any]:
    return {
        "label": question.label,
        "help_text": question.hint,
        "required": question.required,
        "error_messages": {"required": _("Odpowiedz na to pytanie.")},
    }


def _choices(question: Question) -> list[tuple[str, Any]]:
    return [*question.choices, *([(OTHER, _("Inna odpowiedź"))] if question.other else [])]


def _choice(question: Question) -> forms.Field:
    return forms.ChoiceField(choices=_choices(question), widget=forms.RadioSelect, **_common(question))


def _several(question: Question) -> forms.Field:
    return SeveralField(choices=_choices(question), **_common(question))


def _boolean(question: Question) -> forms.Field:
    return forms.ChoiceField(choices=YES_NO, widget=forms.RadioSelect, **_common(question))


def _number(question: Question) -> forms.Field:
    field = forms.DecimalField(
        localize=True,
        min_value=question.least,
        max_value=question.most,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "govuk-input--width-5"}),
        **_common(question),
    )
    field.error_messages |= {
        "invalid": _("Wpisz liczbę."),
        "min_value": _("Wpisz liczbę nie mniejszą niż %(limit_value)s."),
        "max_value": _("Wpisz liczbę nie większą niż %(limit_value)s."),
    }
    return field


def _scale(question: Question) -> forms.Field:
    low, high = question.steps[0], question.steps[-1]
    words = {low: question.ends[0], high: question.ends[1]}
    steps = [(str(n), f"{n} – {words[n]}" if words.get(n) else str(n)) for n in question.steps]
    widget = forms.RadioSelect(attrs={"group_class": "govuk-radios--inline ui-scale"})
    return forms.ChoiceField(choices=steps, widget=widget, **_common(question))


def _date(question: Question) -> forms.Field:
    field = forms.DateField(widget=DateParts, **_common(question))
    field.error_messages["invalid"] = _("Wpisz pełną datę, na przykład 7 5 2026.")
    return field


def _long(question: Question) -> forms.Field:
    return forms.CharField(max_length=LONGEST["long_text"], widget=forms.Textarea(attrs={"rows": 4}), **_common(question))


_MAKERS: dict[str, Callable[[Question], forms.Field]] = {
    "choice": _choice,
    "choices": _several,
    "boolean": _boolean,
    "number": _number,
    "scale": _scale,
    "date": _date,
    "long_text": _long,
}


def question_field(question: Question) -> forms.Field:
    """The field of a question that has one; a matrix and a ranking have several (``question_fields``)."""
    make = _MAKERS.get(question.kind)
    return make(question) if make else forms.CharField(max_length=LONGEST["text"], **_common(question))


def question_fields(question: Question) -> dict[str, forms.Field]:
    """All fields of a question by name; none for marks, which the page of the map makes."""
    if question.kind == "marks":
        return {}
    if question.kind == "matrix":
        common = {"required": question.required, "error_messages": {"required": _("Zaznacz odpowiedź w tym wierszu.")}}
        widget = {"group_class": "govuk-radios--inline", "hide_optional": True}
        return {
            f"{question.key}-{row}": forms.ChoiceField(
                label=label, choices=question.choices, widget=forms.RadioSelect(attrs=widget), **common
            )
            for row, label in question.rows
        }
    if question.kind == "ranking":
        places = [("", "–"), *((str(n), str(n)) for n in range(1, len(question.choices) + 1))]
        return {
            f"{question.key}-{value}": forms.ChoiceField(label=label, choices=places, required=False)
            for value, label in question.choices
        }
    fields = {question.key: question_field(question)}
    if question.other and question.kind in ("choice", "choices"):
        fields[f"{question.key}-{OTHER}"] = forms.CharField(
            label=_("Napisz, jaka"),
            max_length=LONGEST[OTHER],
            required=False,
            widget=forms.TextInput(attrs={"hide_optional": True}),
        )
    return fields


@dataclass(frozen=True)
class Block:
    """A question as a page draws it. ``when`` is ``(field name, values with commas)`` of the answer on which it depends."""

    question: Question
    fields: list[Any]
    when: tuple[str, str] | None
    lead: str

    @property
    def errors(self) -> list[str]:
        """The errors of a question with several fields, each once."""
        return list(dict.fromkeys(str(error) for field in self.fields for error in field.errors))


class QuestionsForm(forms.Form):
    """The form of some questions. ``earlier`` are answers given before (on other pages), on which some of these may depend.

    Not ``strict``: nothing is required (a paper that staff write down is as it is).
    """

    def __init__(
        self,
        *args: Any,
        questions: Iterable[Question],
        earlier: Mapping[str, Any] | None = None,
        strict: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.questions = list(questions)
        self.earlier = dict(earlier or {})
        self.strict = strict
        self.conditional: dict[str, dict[str, tuple[str, ...]]] = {}
        for question in self.questions:
            self.fields.update(question_fields(question))
            if f"{question.key}-{OTHER}" in self.fields:
                self.conditional[question.key] = {OTHER: (f"{question.key}-{OTHER}",)}
        if not strict:
            for field in self.fields.values():
                field.widget.attrs["hide_optional"] = field.required  # still said to be required, where it is
                field.required = False

    def clean(self) -> dict[str, Any]:
        """Errors of questions that are not put to this person are taken back; rankings and own words are checked."""
        data = super().clean() or {}
        self._answers: dict[str, Any] = {}
        for question in self.questions:
            names = list(question_fields(question))
            if not question.asked({**self.earlier, **self._answers}):
                for name in names:
                    self._errors.pop(name, None)
                continue
            answer = self._answer(question, data)
            if answer not in (None, "", [], {}):
                self._answers[question.key] = answer
            own = f"{question.key}-{OTHER}"
            if own in names and OTHER in str(answer or "").split(","):
                if data.get(own):
                    self._answers[own] = data[own]
                elif self.strict:
                    self.add_error(own, gettext("Napisz swoją odpowiedź albo wybierz inną."))
        return data

    def _answer(self, question: Question, data: dict[str, Any]) -> Any:
        if question.kind == "matrix":
            given = {row: data.get(f"{question.key}-{row}") for row, _label in question.rows}
            return {row: value for row, value in given.items() if value}
        if question.kind == "ranking":
            return self._ranked(question, data)
        value = data.get(question.key)
        return None if value in (None, "") else str(value)

    def _ranked(self, question: Question, data: dict[str, Any]) -> list[str]:
        places = {value: data.get(f"{question.key}-{value}") for value, _label in question.choices}
        given = [int(place) for place in places.values() if place]
        if not given and not (question.required and self.strict):
            return []
        if sorted(given) != list(range(1, len(places) + 1)):
            first = f"{question.key}-{question.choices[0][0]}"
            self.add_error(first, gettext("Daj każdej pozycji inny numer, od 1 do %(n)d.") % {"n": len(places)})
            return []
        return sorted(places, key=lambda value: int(places[value] or 0))

    def answers(self) -> dict[str, Any]:
        """The answers by question: texts, ``{row: value}`` of a matrix, a list of a ranking; own words under ``key-other``."""
        return self._answers

    def blocks(self) -> list[Block]:
        """The questions in order, with their fields, for ``ui/questions/blocks.html``."""
        known = {question.key: question for question in self.questions}
        taken = {name for rules in self.conditional.values() for names in rules.values() for name in names}
        made = []
        for question in self.questions:
            fields = [self[name] for name in question_fields(question) if name not in taken]
            depends = known.get(question.when[0]) if question.when else None
            when = (self.add_prefix(depends.key), ",".join(question.when[1])) if depends and question.when else None
            made.append(Block(question, fields, when, _lead(depends, question) if depends else ""))
        return made


def _lead(depends: Question, question: Question) -> str:
    """For whom the question is, where the page cannot hide it from the others."""
    labels = [str(label) for value, label in labels_of(depends) if value in (question.when or ("", ()))[1]]
    return gettext("Pytanie dla osób, które na „%(question)s” odpowiedziały: %(answers)s.") % {
        "question": depends.label,
        "answers": ", ".join(labels),
    }


def labels_of(question: Question) -> list[tuple[str, Any]]:
    """(value, words) of every answer that can be counted."""
    if question.kind == "boolean":
        return list(YES_NO)
    if question.kind == "scale":
        return [(str(n), str(n)) for n in question.steps]
    return _choices(question)


def is_counted(question: Question) -> bool:
    """Whether the answers are some of a few, so that they can be counted."""
    return question.kind not in (*TEXT_KINDS, "marks")
