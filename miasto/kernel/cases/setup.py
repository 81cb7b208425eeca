"""Categories and templates of answers from a city profile, written again and again without harm."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from miasto.kernel.cases.models import AnswerTemplate, Category
from miasto.kernel.cases.outside import sync_bodies
from miasto.kernel.cases.prepared import KIND, audit_id
from miasto.kernel.core.city import city
from miasto.kernel.core.models import Change
from miasto.kernel.spec.cases import QUESTION_KINDS

_TEXTS = (
    "name",
    "hint",
    "competence",
    "keywords",
    "danger",
    "deadline_days",
    "first_response_hours",
    "retention_months",
    "questions",
    "translations",
)
_DEFAULTS: dict[str, Any] = {
    "hint": "", "competence": "", "keywords": [], "danger": False, "deadline_days": None, "first_response_hours": None,
    "retention_months": None,
    "questions": [], "translations": {},
}  # fmt: skip


class CatalogueError(ValueError):
    """The tree of categories or a template is wrong; says which and how."""


@transaction.atomic
def sync_categories(*, case_type: str, tree: Iterable[Mapping[str, Any]]) -> int:
    """Make the categories of a case type what ``tree`` says; returns how many there are.

    A node is ``{"slug", "name", "hint", "competence", "keywords", "danger", "deadline_days", "first_response_hours",
    "retention_months", "questions", "translations", "children": [...]}``; only slug and name are required. What the tree no
    longer names becomes
    inactive, because cases refer to it. Raises ``CatalogueError`` naming the node.
    """
    known = {row.slug: row for row in Category.objects.filter(case_type=case_type)}
    seen: set[str] = set()
    _grow(case_type, tree, None, known, seen)
    Category.objects.filter(case_type=case_type).exclude(slug__in=seen).update(active=False)
    return len(seen)


def _grow(case_type: str, nodes: Iterable[Mapping[str, Any]], parent: Category | None, known: dict, seen: set[str]) -> None:
    for node in nodes:
        slug = _checked(node, seen)
        row = known.get(slug) or Category(case_type=case_type, slug=slug)
        for field in _TEXTS:
            setattr(row, field, node.get(field, _DEFAULTS.get(field)))
        row.parent, row.active, row.order = parent, True, len(seen)
        row.save()
        _grow(case_type, node.get("children", ()), row, known, seen)


def _checked(node: Mapping[str, Any], seen: set[str]) -> str:
    slug = node.get("slug")
    if not slug or not node.get("name"):
        raise CatalogueError(f"category {slug or node.get('name') or node!r}: needs slug and name")
    if slug in seen:
        raise CatalogueError(f"category {slug}: the slug is there twice")
    unknown = set(node) - {*_TEXTS, "slug", "children"}
    if unknown:
        raise CatalogueError(f"category {slug}: unknown fields {', '.join(sorted(unknown))}")
    for question in node.get("questions", ()):
        _check_question(str(slug), question)
    seen.add(slug)
    return str(slug)


def _check_question(slug: str, question: Mapping[str, Any]) -> None:
    if not question.get("key") or not question.get("label") or question.get("kind", "text") not in QUESTION_KINDS:
        raise CatalogueError(f"category {slug}: a question needs key, label and a kind of {', '.join(QUESTION_KINDS)}")
    values = {str(value) for value, _label in question.get("choices", ())}
    if question.get("kind") == "choices" and any("," in value for value in values):
        raise CatalogueError(f"category {slug}: question {question['key']}: a value of several choices has no comma")
    for language, words in question.get("translations", {}).items():
        unknown = set(words.get("choices", {})) - values
        if unknown:
            raise CatalogueError(f"category {slug}: question {question['key']} has no choice {', '.join(unknown)} ({language})")


def sync_profile() -> int:
    """The bodies outside the city of the profile's ``external_bodies.toml``; returns how many."""
    return sync_bodies(rows=city().toml("external_bodies.toml").get("bodies", ()))


@transaction.atomic
def sync_templates(*, case_type: str, templates: Iterable[Mapping[str, Any]]) -> int:
    """Make sure of the answers ``{"slug", "name", "body", "category" (slug, optional)}``; returns how many.

    What staff wrote stays: templates of other slugs, and those of these slugs that somebody changed or switched. Raises
    ``CatalogueError``.
    """
    written = _written_by_staff(case_type)
    categories = dict(Category.objects.filter(case_type=case_type).values_list("slug", "pk"))
    count = 0
    for given in templates:
        missing = [field for field in ("slug", "name", "body") if not given.get(field)]
        if missing:
            raise CatalogueError(f"template {given.get('slug') or given!r}: needs {', '.join(missing)}")
        wanted = given.get("category")
        if wanted and wanted not in categories:
            raise CatalogueError(f"template {given['slug']}: there is no category {wanted!r}")
        count += 1
        if given["slug"] in written:
            continue
        values = {"name": given["name"], "body": given["body"].strip(), "category_id": categories.get(wanted), "active": True}
        AnswerTemplate.objects.update_or_create(case_type=case_type, slug=given["slug"], defaults=values)
    return count


def _written_by_staff(case_type: str) -> set[str]:
    """The slugs of the templates that the audit knows: only staff's changes leave a mark there."""
    slugs = {audit_id(pk): slug for pk, slug in AnswerTemplate.objects.filter(case_type=case_type).values_list("pk", "slug")}
    marked = Change.objects.filter(object_id__in=slugs, kind=KIND).values_list("object_id", flat=True)
    return {slugs[object_id] for object_id in marked}
