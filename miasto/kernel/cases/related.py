"""What is read of the cases that belong together, of forwarded ones, and of why a unit has a case."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer, unit_names
from miasto.kernel.cases import routing
from miasto.kernel.cases.models import Case, CaseStep, ExternalBody, Forwarding, Moderation, Relation, RoutingRule
from miasto.kernel.cases.pages import Order, Page, bounded_count, cut, moment
from miasto.kernel.cases.types import stage_of
from miasto.kernel.spec.cases import Stage

MAIN, DUPLICATE, PART, SIBLING = "main", "duplicate", "part", "sibling"
OLDEST = Order("at", False, moment)
WAITING_SIZE = 50


@dataclass(frozen=True, slots=True)
class RelatedCase:
    """A case bound to another. ``text`` is what everybody may read of it, ``answer`` the last public answer of its unit."""

    id: UUID
    number: str
    title: str
    stage: Stage
    progress: str
    unit_name: str
    filed_at: datetime
    answer: str = ""
    text: str = ""

    @property
    def url(self) -> str:
        return f"/sprawy/{self.number}/"

    @property
    def panel_url(self) -> str:
        return f"/panel/sprawy/{self.number}/"

    @property
    def is_open(self) -> bool:
        return self.progress in ("open", "waiting")


@dataclass(frozen=True, slots=True)
class Related:
    """The cases around one case that its viewer may know of.

    ``merged_into`` is where a duplicate goes on, ``part_of`` the case of which this is a part; ``duplicates`` and ``parts``
    belong to this one, ``siblings`` are the other parts of the same case.
    """

    merged_into: RelatedCase | None = None
    part_of: RelatedCase | None = None
    duplicates: list[RelatedCase] = field(default_factory=list)
    parts: list[RelatedCase] = field(default_factory=list)
    siblings: list[RelatedCase] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.merged_into or self.part_of or self.duplicates or self.parts)

    @property
    def ids(self) -> set[UUID]:
        """All of them."""
        above = [one for one in (self.merged_into, self.part_of) if one]
        return {one.id for one in (*above, *self.duplicates, *self.parts, *self.siblings)}

    @property
    def open_parts(self) -> list[RelatedCase]:
        return [part for part in self.parts if part.is_open]


def related(case: Any, viewer: Viewer) -> Related:
    """The cases bound to a case (anything with ``id``), cut down to what the viewer may know; 1 query for most, at most 4."""
    rows = list(Relation.objects.filter(Q(case=case.id) | Q(main=case.id)).values_list("case_id", "main_id", "kind"))
    if not rows:
        return Related()
    part_of = next((main for one, main, kind in rows if one == case.id and kind == Relation.Kind.PART_OF), None)
    siblings = _parts_of(part_of) - {case.id} if part_of else set()
    ids = {pk for one, main, _kind in rows for pk in (one, main)} | siblings
    known = {row.id: row for row in _cases(ids - {case.id}, viewer)}
    into = next((main for one, main, kind in rows if one == case.id and kind == Relation.Kind.DUPLICATE_OF), None)
    below = [(one, kind) for one, main, kind in rows if main == case.id]
    return Related(
        merged_into=known.get(into) if into else None,
        part_of=known.get(part_of) if part_of else None,
        duplicates=_sorted(known, (one for one, kind in below if kind == Relation.Kind.DUPLICATE_OF)),
        parts=_sorted(known, (one for one, kind in below if kind == Relation.Kind.PART_OF)),
        siblings=_sorted(known, siblings),
    )


def _parts_of(case_id: UUID) -> set[UUID]:
    return set(Relation.objects.filter(main=case_id, kind=Relation.Kind.PART_OF).values_list("case_id", flat=True))


def _sorted(known: dict[UUID, RelatedCase], ids: Iterable[UUID]) -> list[RelatedCase]:
    return sorted((known[pk] for pk in ids if pk in known), key=lambda row: row.number)


def _cases(ids: set[UUID], viewer: Viewer) -> list[RelatedCase]:
    found = Case.objects.visible_to(viewer).filter(pk__in=ids).select_related("category", "text").defer("geom")
    cases = list(found.annotate(unit_name=F("unit__name")))
    answers = _answers([case.pk for case in cases])
    return [
        RelatedCase(
            id=case.pk,
            number=case.number,
            title=case.category.title if case.category else case.number,
            stage=stage_of(case),
            progress=case.progress,
            unit_name=case.unit_name,
            filed_at=case.filed_at,
            answer=answers.get(case.pk, ""),
            text=case.text.published_description if case.text_state == Moderation.APPROVED else "",
        )
        for case in cases
    ]


def _answers(case_ids: list[UUID]) -> dict[UUID, str]:
    """The last public words of staff in each case; one query."""
    said: Any = CaseStep.objects.filter(
        case__in=case_ids, by_filer=False, comment__audience="public", comment__state="published"
    )
    return dict(said.order_by("id").values_list("case", "comment__text__body"))


@dataclass(frozen=True, slots=True)
class ForwardedView:
    """One forwarding of a case, as everybody may see it."""

    id: UUID
    body: str
    phone: str
    state: str
    at: datetime
    answered_at: datetime | None
    reminders: int

    @property
    def is_open(self) -> bool:
        return self.state in Forwarding.OPEN


def forwardings_of(case: Any) -> list[ForwardedView]:
    """To whom a case was forwarded, newest first; 1 query. For somebody who may see the case."""
    rows = Forwarding.objects.filter(case=case.id).select_related("body").order_by("-at", "-id")
    return [
        ForwardedView(row.pk, row.body.name, row.body.phone, row.state, row.at, row.answered_at, row.reminders) for row in rows
    ]


def forwarding(forwarding_id: UUID) -> Forwarding:
    """One forwarding with its body and case, for a service; raises ``Forwarding.DoesNotExist``."""
    return Forwarding.objects.select_related("body", "case__category", "case__unit", "case__text").get(pk=forwarding_id)


def open_forwardings(*, open311: bool | None = None) -> QuerySet[Forwarding]:
    """Forwardings whose bodies have not answered for good; ``open311`` picks those that go (or do not go) by Open311."""
    found = Forwarding.objects.filter(state__in=Forwarding.OPEN).select_related("body", "case")
    if open311 is None:
        return found
    return found.exclude(body__open311_endpoint="") if open311 else found.filter(body__open311_endpoint="")


def waiting_outside(viewer: Viewer, *, cursor: str = "", size: int = WAITING_SIZE) -> Page[Forwarding]:
    """The forwarded cases of the viewer's units that wait for an answer, the longest silence first; 2 queries."""
    units = viewer.units_with("cases.see_unit")
    found = Forwarding.objects.filter(state__in=Forwarding.OPEN)
    if units is not None:
        found = found.filter(case__unit__in=units)
    count, exact = bounded_count(found)
    shown = found.select_related("body", "case__category", "case__unit").defer("case__geom", "case__geom_3857")
    rows, after, before = cut(shown, OLDEST, cursor, size)
    return Page(rows, after, before, count, exact)


def external_bodies(*, active: bool = True) -> list[ExternalBody]:
    """The bodies outside the city, in order; 1 query."""
    rows = ExternalBody.objects.all()
    return list(rows.filter(active=True) if active else rows)


def supporters_count(case_id: UUID) -> int:
    """How many people a case concerns besides its filer: "me too" and the filers of its duplicates."""
    return Case.objects.filter(pk=case_id).values_list("supporters", flat=True).first() or 0


@dataclass(frozen=True, slots=True)
class Why:
    """Why a unit has a case, for staff. ``body_id`` is to whom the rule says it should be forwarded."""

    text: str
    at: datetime
    rule_id: UUID | None = None
    body_id: UUID | None = None
    body: str = ""


def why_here(case: Any) -> Why | None:
    """Why the unit of a case (a ``CaseView``) has it; at most 3 queries. Only for staff."""
    step = CaseStep.objects.filter(case=case.id, unit_id__isnull=False).order_by("-id").first()
    if step is None:
        return None
    rule = routing.named(RoutingRule.objects.filter(pk=step.rule_id)).first() if step.rule_id else None
    if rule is not None:
        return Why(routing.explain(rule), step.at, rule.pk, rule.body_id, rule.body.name if rule.body else "")
    if step.kind == CaseStep.Kind.ASSIGNED:
        name = unit_names([step.acting_unit_id]).get(step.acting_unit_id, "")
        return Why(_("Przekazała ją jednostka: %(unit)s.") % {"unit": name or _("Platforma")}, step.at)
    if step.other_id:
        return Why(_("Wydzielono ją jako część innej sprawy."), step.at)
    if not case.category_name:
        return Why(_("Za takie sprawy odpowiada ta jednostka."), step.at)
    return Why(_("Za kategorię „%(name)s” odpowiada ta jednostka.") % {"name": case.category_name}, step.at)
