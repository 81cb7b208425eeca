"""A case that turns out to be something else, or somewhere else: its number and its day of receipt stay."""

from __future__ import annotations

from django.contrib.gis.geos import Point
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.cases import levels, writing
from miasto.kernel.cases.events import CasePlaced, CaseReclassified
from miasto.kernel.cases.filing import first_term
from miasto.kernel.cases.handling import end_waiting
from miasto.kernel.cases.models import Case, CaseStep, CaseText, Category, Progress
from miasto.kernel.cases.routing import route
from miasto.kernel.cases.types import case_type as declared
from miasto.kernel.cases.types import outside_stage, progress_of
from miasto.kernel.cases.writing import Refused
from miasto.kernel.core import events
from miasto.kernel.core.polish import fold
from miasto.kernel.places import selectors as places
from miasto.kernel.spec.cases import CaseType, Stage


@transaction.atomic
def reclassify(*, case: Case, case_type: str, category: Category | None = None, by: Viewer, version: int | None = None) -> Case:
    """Make a case one of another type, with that type's unit and term, counted from the same day of receipt.

    The number stays, because it has been told. The stage stays where the new type has one of the same key, else the case
    begins anew; days for which the clock was held stay added. Raises ``PermissionDenied`` without ``cases.assign``, and
    ``Refused`` for a closed case, a wrong category and a type that needs a place the case has not.
    """
    locked, kind = writing.lock(case, version), declared(case_type)
    writing.require(by, locked, "cases.assign")
    if locked.case_type == kind.key:
        return locked
    _check(locked, kind, category)
    before, before_stage, stage = locked.case_type, locked.stage, _stage(locked, kind)
    locked.case_type, locked.category = kind.key, category
    locked.stage, locked.progress = stage.key, progress_of(stage)
    locked.public = kind.public_register and stage.public
    term = first_term(kind, category, locked.filed_at)
    writing.set_term(locked, writing.term_of(locked).of(term.days, term.working, term.months))
    writing.turn_clock(locked, stage)
    chosen = route(category, (locked.geom.x, locked.geom.y) if locked.geom else None, kind=kind)
    locked.unit = chosen.unit
    locked.assignee_id = None
    if locked.first_response_at is None:
        locked.first_due_at = levels.first_due(kind, category, locked.unit.slug, locked.filed_at)
    locked.pending = writing.count_pending(locked)
    fields = ("case_type", "category", "stage", "progress", "public", "unit", "assignee", "pending", "first_due_at")
    writing.save(locked, *fields, *writing.CLOCK_FIELDS)
    made = writing.step(
        locked,
        CaseStep.Kind.RECLASSIFIED,
        by,
        transition=kind.key[:40],
        from_stage=before_stage,
        to_stage=stage.key,
        unit_id=locked.unit_id,
        category_id=category.pk if category else None,
        rule_id=chosen.rule_id,
    )
    if before_stage == outside_stage(declared(before)) != stage.key:
        end_waiting(locked)
    writing.record("reclassify", locked, by, before=before, type=kind.key)
    events.publish(
        CaseReclassified(case_id=locked.pk, case_type=kind.key, before=before, step_id=made.pk, unit_id=locked.unit_id)
    )
    return locked


def _check(case: Case, kind: CaseType, category: Category | None) -> None:
    if case.progress == Progress.CLOSED:
        raise Refused(_("Ta sprawa jest już zamknięta."), code="closed")
    if category is not None and (category.case_type != kind.key or not category.active):
        raise Refused({"category": _("Wybierz kategorię z listy.")}, code="category")
    if kind.needs_place and category is None:
        raise Refused({"category": _("Wybierz kategorię z listy.")}, code="category")


def _stage(case: Case, kind: CaseType) -> Stage:
    same = next((stage for stage in kind.stages if stage.key == case.stage and not stage.final), None)
    return same or kind.initial


@transaction.atomic
def set_place(
    *, case: Case, point: tuple[float, float], address_text: str = "", by: Viewer, version: int | None = None
) -> Case:
    """Say where a case is: (longitude, latitude), EPSG:4326. Needs ``cases.handle`` or ``cases.assign`` in its unit.

    Raises ``Refused`` for a place outside the city.
    """
    locked = writing.lock(case, version)
    if not {"cases.handle", "cases.assign"} & writing.standing(by, locked).may:
        raise PermissionDenied("cases.handle")
    position = places.reverse(*point)
    if not position.inside:
        raise Refused({"point": _("To miejsce leży poza obszarem miasta. Wskaż miejsce w jego granicach.")}, code="outside")
    locked.geom = Point(*point, srid=4326)
    locked.address_text = (address_text.strip() or position.address_text)[:300]
    locked.district_id = position.district_id
    locked.search = writing.search_of(locked.number, locked.address_text)
    writing.save(locked, "geom", "address_text", "district", "search")
    text = CaseText.objects.get(case=locked)
    text.search = f"{locked.search} {fold(text.description)}"
    text.save(update_fields=["search"])
    writing.step(locked, CaseStep.Kind.PLACED, by)
    writing.record("place", locked, by)
    events.publish(CasePlaced(case_id=locked.pk, case_type=locked.case_type))
    return locked
