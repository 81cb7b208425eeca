"""A respondent's sheet: the answers of all pages as the form carries them, without an account or a row in the database.

Everything given so far travels in the form itself (hidden fields of the other pages), so that it works without JavaScript and
the city keeps nothing of somebody who does not send.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib.gis.geos import GEOSGeometry
from django.http import QueryDict
from django.utils.translation import ngettext

from miasto.kernel.places.selectors import DrawnRules, checked_shape
from miasto.kernel.spec.questions import OTHER, TEXT_KINDS, Question
from miasto.kernel.ui.questions import Block, QuestionsForm, question_fields
from miasto.modules.idea.surveys.services import AnswerRow, MarkRow
from miasto.modules.idea.surveys.structure import MOST_MARKS, Page, pages_of

RULES = DrawnRules(most_vertices=1500, most_area_m2=60_000_000)
FIND = ("find", "from", "to", "as")
INDEX = 999


class MarkForm(QuestionsForm):
    """One marked place: its geometry, how it was marked, and the questions on it."""

    geom = forms.CharField(widget=forms.HiddenInput)
    way = forms.CharField(widget=forms.HiddenInput, required=False)
    label = forms.CharField(widget=forms.HiddenInput, required=False, max_length=300)

    def __init__(self, *args: Any, shapes: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shapes = shapes

    def clean_geom(self) -> GEOSGeometry:
        """The checked geometry, EPSG:4326."""
        return checked_shape(self.cleaned_data["geom"], shapes=self.shapes, rules=RULES)

    @property
    def shape_errors(self) -> list[str]:
        """What is wrong with the shape."""
        return [str(error) for error in self.errors.get("geom", [])]

    @property
    def place(self) -> str:
        """The words of the list way."""
        return str(self["label"].value() or "")

    @property
    def number(self) -> str:
        """The index of the place in the form (``__n__`` in the empty form, which the page's script fills)."""
        return str(self.prefix or "-0").rsplit("-", 1)[1]


@dataclass
class MapBlock:
    """A question with places: the forms of those marked, an empty one for the page's script, what a search found."""

    question: Question
    marks: list[MarkForm]
    empty: MarkForm
    errors: list[str] = field(default_factory=list)
    found: list[Any] = field(default_factory=list)
    asked: dict[str, str] = field(default_factory=dict)
    missing: str = ""
    when: tuple[str, str] | None = None

    @property
    def full(self) -> bool:
        """Whether no more places may be marked."""
        return len(self.marks) >= (self.question.most or MOST_MARKS)


class Sheet:
    """The answers given so far to a survey in a language; ``data`` is what the form sent (None: nothing yet)."""

    def __init__(self, survey: Any, data: QueryDict | None, *, language: str = "pl", strict: bool = True) -> None:
        self.survey, self.language, self.strict = survey, language, strict
        self.pages: list[Page] = pages_of(survey, language)
        self.data = data.copy() if data is not None else QueryDict(mutable=True)
        self._forms: dict[int, QuestionsForm] = {}
        self._maps: dict[int, list[MapBlock]] = {}
        self.checked: set[int] = set()

    # Reading

    def form(self, at: int) -> QuestionsForm:
        """The form of a page, bound once something of the page was sent."""
        if at not in self._forms:
            questions = [one for one in self.pages[at].questions if one.kind != "marks"]
            bound = self.data if at in self.checked or self._touched(questions) else None
            self._forms[at] = QuestionsForm(
                bound, questions=questions, earlier=self.earlier(at), strict=self.strict and at in self.checked
            )
        return self._forms[at]

    def _touched(self, questions: list[Question]) -> bool:
        return any(name in self.data or f"{name}_0" in self.data for one in questions for name in question_fields(one))

    def earlier(self, at: int) -> dict[str, Any]:
        """The answers of the pages before."""
        given: dict[str, Any] = {}
        for before in range(at):
            form = self.form(before)
            if form.is_bound:
                form.is_valid()
                given |= form.answers()
        return given

    def answers(self) -> dict[str, Any]:
        """All answers given so far."""
        return self.earlier(len(self.pages))

    def maps(self, at: int) -> list[MapBlock]:
        """The questions of a page that are answered on the map."""
        if at not in self._maps:
            self._maps[at] = [self._map(one, at) for one in self.pages[at].questions if one.kind == "marks"]
        return self._maps[at]

    def _map(self, question: Question, at: int) -> MapBlock:
        numbers = self.numbers(question.key)
        strict = self.strict and at in self.checked
        marks = [self._mark(question, f"{question.key}-{number}", strict=strict) for number in numbers]
        block = MapBlock(question, marks, self._mark(question, f"{question.key}-__n__", empty=True, strict=self.strict))
        block.asked = {name: self.data.get(f"{question.key}-{name}", "")[:200] for name in FIND}
        same = {one.key: one for one in self.pages[at].questions}
        if question.when and question.when[0] in same:
            block.when = (question.when[0], ",".join(question.when[1]))
        return block

    def _mark(self, question: Question, prefix: str, *, strict: bool, empty: bool = False) -> MarkForm:
        data = None if empty else self.data
        return MarkForm(data, prefix=prefix, shapes=question.shapes, questions=question.parts, strict=strict)

    def numbers(self, key: str) -> list[int]:
        """The indexes of the places marked for a question, in order."""
        pattern = re.compile(rf"{re.escape(key)}-(\d{{1,3}})-geom")
        found = {int(match[1]) for name in self.data if (match := pattern.fullmatch(name)) and self.data[name]}
        return sorted(found)[:MOST_MARKS]

    # Changing

    def add(self, key: str, geom: GEOSGeometry, *, label: str = "", way: str = "list") -> None:
        """Another place of a question."""
        number = max(self.numbers(key), default=-1) + 1
        if number > INDEX:
            return
        self.data[f"{key}-{number}-geom"] = _short(geom)
        self.data[f"{key}-{number}-way"] = way
        self.data[f"{key}-{number}-label"] = label[:300]
        for name in FIND:
            self.data.pop(f"{key}-{name}", None)
        self._maps.clear()

    def drop(self, key: str, number: int) -> None:
        """Take a place away with what was said of it."""
        for name in [name for name in self.data if name.startswith(f"{key}-{number}-")]:
            del self.data[name]
        self._maps.clear()

    # Checking

    def check(self, at: int) -> bool:
        """Whether a page is answered as it must be; its errors are then at its fields."""
        self.checked.add(at)
        self._forms.pop(at, None)
        self._maps.pop(at, None)
        good = self.form(at).is_valid()
        answers = {**self.earlier(at), **self.form(at).answers()}
        for block in self.maps(at):
            good = self._check_map(block, answers) and good
        return good

    def _check_map(self, block: MapBlock, answers: dict[str, Any]) -> bool:
        if not block.question.asked(answers):
            return True
        least = (block.question.least or int(block.question.required)) if self.strict else 0
        count = len(block.marks)
        if count < least:
            text = ngettext("Zaznacz co najmniej %(n)d miejsce.", "Zaznacz co najmniej %(n)d miejsc.", least)
            block.errors.append(text % {"n": least})
        if count > (block.question.most or MOST_MARKS):
            most = block.question.most or MOST_MARKS
            text = ngettext("Zaznacz najwyżej %(n)d miejsce.", "Zaznacz najwyżej %(n)d miejsc.", most)
            block.errors.append(text % {"n": most})
        wrong = [mark for mark in block.marks if not mark.is_valid()]
        return not wrong and not block.errors

    def first_wrong(self) -> int | None:
        """The first page that is not answered as it must be; None where all are."""
        wrong = [at for at in range(len(self.pages)) if not self.check(at)]
        return wrong[0] if wrong else None

    # Drawing

    def items(self, at: int) -> list[Block | MapBlock]:
        """The questions of a page in order that are put to this person, as the page draws them."""
        earlier = self.earlier(at)
        blocks = {one.question.key: one for one in self.form(at).blocks()}
        maps = {one.question.key: one for one in self.maps(at)}
        own = {one.key for one in self.pages[at].questions}
        return [
            blocks.get(one.key) or maps[one.key]
            for one in self.pages[at].questions
            if (one.when and one.when[0] in own) or one.asked(earlier)
        ]

    def carried(self, at: int) -> list[tuple[str, str]]:
        """(name, value) of what was given on the other pages."""
        kept = []
        for number, page in enumerate(self.pages):
            if number == at:
                continue
            names = {name for one in page.questions for name in question_fields(one)}
            marks = tuple(f"{one.key}-" for one in page.questions if one.kind == "marks")
            for name, values in self.data.lists():
                stem = re.sub(r"_[012]$", "", name)
                if stem in names or (marks and re.match(r"\w+-\d{1,3}-", name) and name.startswith(marks)):
                    kept += [(name, value) for value in values if value]
        return kept

    def empty_page(self, at: int) -> bool:
        """Whether nothing of a page is put to this person."""
        return not self.items(at)

    # Sending

    def row(self) -> AnswerRow:
        """What was answered; every page must have been checked."""
        answers, texts = split(self.answers(), [one for page in self.pages for one in page.questions])
        marks = []
        for at in range(len(self.pages)):
            for block in self.maps(at):
                if block.question.asked(self.answers()):
                    marks += [_mark_row(block.question, mark) for mark in block.marks]
        return AnswerRow(answers=answers, texts=texts, marks=tuple(marks), language=self.language)


def split(given: dict[str, Any], questions: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """What can be counted and what is in somebody's own words."""
    free = {one.key for one in questions if one.kind in TEXT_KINDS}
    words = {key: value for key, value in given.items() if key in free or key.endswith(f"-{OTHER}")}
    return {key: value for key, value in given.items() if key not in words}, words


def _mark_row(question: Question, mark: MarkForm) -> MarkRow:
    answers, texts = split(mark.answers(), question.parts)
    return MarkRow(
        question=question.key,
        geom=mark.cleaned_data["geom"],
        way="list" if mark.cleaned_data["way"] == "list" else "map",
        label=mark.cleaned_data["label"],
        answers=answers,
        texts=texts,
    )


def _short(geom: GEOSGeometry) -> str:
    """GeoJSON with six decimals (11 cm)."""

    def rounded(part: Any) -> Any:
        return round(part, 6) if isinstance(part, float) else [rounded(one) for one in part]

    value = json.loads(geom.geojson)
    return json.dumps({"type": value["type"], "coordinates": rounded(value["coordinates"])}, separators=(",", ":"))
