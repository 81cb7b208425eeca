"""The graph of related cases: which case a duplicate goes on in, what was merged into a case, which parts it has."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection

from miasto.kernel.cases.models import Case, Progress, Relation, Supporter

DUPLICATE, PART = Relation.Kind.DUPLICATE_OF, Relation.Kind.PART_OF
# UNION, not UNION ALL: even a cycle, which the services never make, would end.
_ABOVE = """
WITH RECURSIVE above (id) AS (
    SELECT %s::uuid
    UNION SELECT relation.main_id FROM cases_relation AS relation JOIN above ON relation.case_id = above.id
    WHERE relation.kind = 'duplicate_of'
)
SELECT above.id FROM above LEFT JOIN cases_relation AS relation ON relation.case_id = above.id
    AND relation.kind = 'duplicate_of' WHERE relation.id IS NULL"""
_BELOW = """
WITH RECURSIVE below (id) AS (
    SELECT %s::uuid
    UNION SELECT relation.case_id FROM cases_relation AS relation JOIN below ON relation.main_id = below.id
    WHERE relation.kind = 'duplicate_of'
)
SELECT id FROM below"""


def one_at_a_time() -> None:
    """Whoever changes relations waits for the others until their commit: two merges at once could close a circle."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('cases.relations'))")


def root_of(case_id: UUID) -> UUID:
    """The case in which this one goes on: itself, unless it was merged into another; one query."""
    found = _ids(_ABOVE, case_id)
    return found[0] if found else case_id


def family_of(case_id: UUID) -> list[UUID]:
    """The case and everything that was merged into it, directly or not; one query."""
    return _ids(_BELOW, case_id)


def _ids(statement: str, case_id: UUID) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [case_id])
        return [row[0] for row in cursor.fetchall()]


def main_of_part(case_id: UUID) -> UUID | None:
    """The case of which this one is a part; None where it is none."""
    return Relation.objects.filter(case=case_id, kind=PART).values_list("main_id", flat=True).first()


def open_parts(case_id: UUID) -> list[str]:
    """The numbers of the parts of a case that are still being worked on."""
    found: Any = Relation.objects.filter(main=case_id, kind=PART, case__progress__in=(Progress.OPEN, Progress.WAITING))
    return list(found.order_by("case__number").values_list("case__number", flat=True))


def count_supporters(case_id: UUID) -> int:
    """Whom a case concerns besides its filer: each person or device once, and each case that was merged into it."""
    ids = family_of(case_id)
    return Supporter.objects.filter(case__in=ids).values("who").distinct().count() + len(ids) - 1


def locked(ids: Iterable[UUID]) -> dict[UUID, Case]:
    """The rows of some cases, locked until the commit, always in the same order."""
    rows = Case.objects.select_for_update(of=("self",)).select_related("thread", "category")
    return {case.pk: case for case in rows.filter(pk__in=set(ids)).order_by("pk")}
