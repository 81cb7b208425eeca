"""Reading: the draft of a session, categories as they are offered, and the report's questions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext_lazy as _

from miasto.kernel.cases import selectors as cases
from miasto.kernel.core import clock
from miasto.kernel.spec.cases import Question
from miasto.kernel.ui.kept import kept
from miasto.kernel.ui.questions import YES_NO
from miasto.modules.contact_centre.case_type import KEY
from miasto.modules.contact_centre.likeness.guessing import likely_category
from miasto.modules.contact_centre.models import Draft

SUGGESTED = 4


@dataclass
class Group:
    """A group of categories as the list shows it."""

    name: str
    categories: list[Any] = field(default_factory=list)


def draft_of(draft_id: str | None) -> Draft | None:
    """The draft that a session remembers, with its category; None where it is gone or was never there."""
    if not draft_id:
        return None
    return Draft.objects.select_related("category").filter(pk=draft_id).first()


def category_groups() -> list[Group]:
    """The categories to choose from, under the names of their groups, in the profile's order; one query."""
    loose, groups = Group(""), []
    for node in cases.categories(KEY):
        if node.children:
            groups.append(Group(node.category.title, [child.category for child in node.children]))
        else:
            loose.categories.append(node.category)
    return [*groups, loose] if loose.categories else groups


def choosable(groups: Iterable[Group]) -> dict[int, Any]:
    """The categories of the groups by identifier."""
    return {category.id: category for group in groups for category in group.categories}


def suggestions(text: str) -> list[Any]:
    """Categories that fit a text in the writer's own words, best first; none for a text of a few letters."""
    return [found.category for found in likely_category(text, limit=SUGGESTED)]


def questions_of(category: Any) -> list[Question]:
    """The questions of a category as declarations, whatever the profile left out."""
    return [
        Question(
            key=row["key"],
            label=row["label"],
            kind=row.get("kind", "text"),
            hint=row.get("hint", ""),
            required=bool(row.get("required", False)),
            choices=tuple((str(value), label) for value, label in row.get("choices", ())),
            public=bool(row.get("public", False)),
        )
        for row in (category.asked if category else ())
    ]


def shown_answer(question: Question, value: str) -> Any:
    """An answer as people read it."""
    known = dict(YES_NO if question.kind == "boolean" else question.choices)
    if question.kind == "choices":
        return ", ".join(str(known.get(one, one)) for one in value.split(","))
    return known.get(value, value)


def filed(number: str, viewer: Any) -> Any:
    """The case just filed, as its filer sees it; None where this session may not see it."""
    try:
        return cases.case_page(number, viewer)
    except ObjectDoesNotExist:
        return None


def category_choices() -> list[Any]:
    """Categories for the filter of the register: groups with their leaves, by slug; one query."""
    choices: list[Any] = []
    for node in cases.categories(KEY):
        whole = (node.category.slug, _("%(group)s – wszystkie") % {"group": node.category.title})
        leaves = [(child.category.slug, child.category.title) for child in node.children]
        choices.append((node.category.title, [whole, *leaves]) if leaves else (node.category.slug, node.category.title))
    return choices


@dataclass(frozen=True)
class Numbers:
    """What happened lately, and how the last quarter went. ``median_days`` from filing to answer, ``weeks`` oldest first."""

    recent: Any
    filed: int
    median_days: float | None
    in_time_percent: int | None
    weeks: list[cases.Week]


def numbers(days: int = 7, span_days: int = 90) -> Numbers:
    """The numbers of the register and of the home page; at most 3 queries, kept for a minute for all readers."""
    return kept("contact_centre.numbers", (days, span_days), lambda: _numbers(days, span_days))


def _numbers(days: int, span_days: int) -> Numbers:
    today = clock.today()
    rows = cases.statistics(KEY, by="all", since=today - timedelta(days=span_days), until=today)
    whole = rows[0] if rows else None
    answered = whole.answered if whole else 0
    return Numbers(
        recent=cases.recently(KEY, days),
        filed=whole.filed if whole else 0,
        median_days=round(whole.median_days, 1) if whole and whole.median_days is not None else None,
        in_time_percent=round(100 * whole.answered_in_time / answered) if whole and answered else None,
        weeks=cases.by_week(KEY),
    )
