"""The questions of a survey as data, and what can be wrong with them.

A page is ``{"key", "title", "text", "questions"}``; a question ``{"key", "kind", "label", "hint", "required", "choices",
"rows", "ends", "least", "most", "other", "shapes", "parts", "when"}``; words are ``{"pl": ..., "en": ..., "uk": ...}``, choices
and rows ``[[value, words], ...]``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from miasto.kernel.spec.questions import KINDS, Question

LANGUAGES = ("pl", "en", "uk")
MOST_MARKS, MOST_QUESTIONS = 10, 100
PART_KINDS = ("text", "long_text", "choice", "choices", "boolean", "number", "scale")


@dataclass(frozen=True)
class Page:
    """A page of a survey in one language."""

    key: str
    title: str
    text: str
    questions: tuple[Question, ...]


def in_language(words: Any, language: str) -> str:
    """The words in a language, else in Polish."""
    return str((words or {}).get(language) or (words or {}).get("pl") or "") if isinstance(words, dict) else str(words or "")


def pages_of(survey: Any, language: str = "pl") -> list[Page]:
    """The pages of a survey with their questions in a language."""
    return [
        Page(
            key=row["key"],
            title=in_language(row.get("title"), language),
            text=in_language(row.get("text"), language),
            questions=tuple(question_of(one, language) for one in row["questions"]),
        )
        for row in survey.pages
    ]


def question_of(row: dict[str, Any], language: str) -> Question:
    """A declared question of one row."""

    def words(name: str) -> str:
        return in_language(row.get(name), language)

    def pairs(name: str) -> tuple[tuple[str, str], ...]:
        return tuple((value, in_language(label, language)) for value, label in row.get(name, ()))

    ends = row.get("ends") or ({}, {})
    when = row.get("when")
    marks = row["kind"] == "marks"
    return Question(
        key=row["key"],
        label=words("label"),
        kind=row["kind"],
        hint=words("hint"),
        required=bool(row.get("required")),
        choices=pairs("choices"),
        rows=pairs("rows"),
        other=bool(row.get("other")),
        least=row.get("least"),
        most=min(row.get("most") or 5, MOST_MARKS) if marks else row.get("most"),
        ends=(in_language(ends[0], language), in_language(ends[1], language)),
        shapes=tuple(row.get("shapes", ())),
        parts=tuple(question_of(one, language) for one in row.get("parts", ())),
        when=(when[0], tuple(when[1])) if when else None,
    )


def questions_of(survey: Any, language: str = "pl") -> list[Question]:
    """All questions in their order."""
    return [question for page in pages_of(survey, language) for question in page.questions]


def rows_of(pages: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The question rows in their order, without the parts."""
    for page in pages:
        yield from page["questions"]


def countable(survey: Any, language: str = "pl") -> list[Question]:
    """The questions by which answers can be compared: one of a few answers each."""
    return [one for one in questions_of(survey, language) if one.kind in ("choice", "boolean", "scale")]


def problems(pages: list[dict[str, Any]]) -> list[str]:
    """What must be mended before people are asked, in words for the editor."""
    found: list[str] = []
    seen: set[str] = set()
    if not any(page["questions"] for page in pages):
        return [_("Dodaj przynajmniej jedno pytanie.")]
    for page in pages:
        if not page["questions"]:
            found.append(_("Strona „%(title)s” nie ma pytań.") % {"title": in_language(page.get("title"), "pl") or page["key"]})
    for row in rows_of(pages):
        question = question_of(row, "pl")
        found += [f"„{question.label}”: {text}" for text in _problems_of(question, seen)]
        seen.add(question.key)
    return found


def _problems_of(question: Question, seen: set[str]) -> Iterator[str]:
    if question.kind not in KINDS:
        yield _("nieznany rodzaj pytania.")
    if question.kind in ("choice", "choices", "matrix", "ranking") and len(question.choices) < 2:
        yield _("potrzebne są co najmniej dwie odpowiedzi do wyboru.")
    if question.kind == "matrix" and not question.rows:
        yield _("potrzebny jest co najmniej jeden wiersz.")
    if question.kind == "scale" and not 2 <= len(question.steps) <= 11:
        yield _("skala musi mieć od 2 do 11 stopni.")
    if question.kind == "marks":
        yield from _problems_of_marks(question)
    if question.when and question.when[0] not in seen:
        yield _("warunek wskazuje pytanie, którego wcześniej nie ma.")


def _problems_of_marks(question: Question) -> Iterator[str]:
    if not question.shapes:
        yield _("wybierz, co można zaznaczać: punkty, linie czy obszary.")
    if (question.least or 0) > (question.most or 0):
        yield _("najmniejsza liczba miejsc jest większa niż największa.")
    for part in question.parts:
        if part.kind not in PART_KINDS:
            yield _("o miejsce nie można zapytać w ten sposób.")
        if part.kind in ("choice", "choices") and len(part.choices) < 2:
            yield _("pytanie o miejsce „%(label)s” potrzebuje co najmniej dwóch odpowiedzi.") % {"label": part.label}
