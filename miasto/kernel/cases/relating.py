"""Merging duplicates into one case, and splitting a case among several units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.cases import family, writing
from miasto.kernel.cases.access import standing
from miasto.kernel.cases.events import CaseMerged, CaseOpened, CaseSplit, CaseUnmerged
from miasto.kernel.cases.filing import DESCRIPTION_MOST, new_case
from miasto.kernel.cases.handling import PARTIES, move, post
from miasto.kernel.cases.models import Case, CaseStep, CaseText, Category, Moderation, Progress, Relation
from miasto.kernel.cases.types import case_type
from miasto.kernel.cases.writing import Refused
from miasto.kernel.core import clock, events
from miasto.kernel.core.polish import fold
from miasto.kernel.spec.cases import MERGE, UNMERGE, Transition

ASSIGN = "cases.assign"
PARTS_MOST = 10


@transaction.atomic
def merge(*, duplicates: Iterable[Case], into: Case, by: Viewer, version: int | None = None) -> Case:
    """Close cases as duplicates of another, in which they go on; returns that case.

    Where ``into`` is itself a duplicate, the case in which it goes on is taken. The filers of the duplicates and everybody
    whom they concern are told every further step of it. Needs the right to the case type's "merge" step in each duplicate's
    unit, and that the viewer may know of ``into``. ``version`` is that of the one duplicate. Raises ``Refused`` (nothing is
    merged then), ``PermissionDenied``, ``Conflict``.
    """
    family.one_at_a_time()
    asked = list(dict.fromkeys(case.pk for case in duplicates))
    main_id = family.root_of(into.pk)
    rows = family.locked([*asked, main_id])
    main = rows[main_id]
    _check_main(main, by)
    for pk in asked:
        if version is not None and rows[pk].version != version:
            raise writing.Conflict
        _merge_one(rows[pk], main, by)
    main.supporters = family.count_supporters(main.pk)
    writing.save(main, "supporters")
    return main


def _check_main(main: Case, by: Viewer) -> None:
    if not Case.objects.visible_to(by).filter(pk=main.pk).exists():
        raise PermissionDenied("cases.visible")
    if main.progress == Progress.CLOSED:
        raise Refused({"into": _("Sprawa %(number)s jest już zakończona.") % {"number": main.number}}, code="closed")


def _merge_one(case: Case, main: Case, by: Viewer) -> None:
    step = _merge_step(case, main, by)
    Relation.objects.create(case=case, main=main, kind=Relation.Kind.DUPLICATE_OF, stage_before=case.stage, at=clock.now())
    move(case, step, by=by, other_id=main.pk)
    writing.step(main, CaseStep.Kind.LINKED, by, other_id=case.pk)
    writing.record("merge", case, by, into=main.pk)
    made = _last_step(case)
    events.publish(CaseMerged(case_id=case.pk, case_type=case.case_type, into_id=main.pk, step_id=made))


def _merge_step(case: Case, main: Case, by: Viewer) -> Transition:
    """The step that closes a duplicate; raises where it may not be one."""
    if case.pk == main.pk:
        raise Refused({"into": _("Sprawy nie można połączyć z nią samą.")}, code="same")
    if case.case_type != main.case_type:
        raise Refused({"into": _("Można łączyć tylko sprawy tego samego rodzaju.")}, code="type")
    step = case_type(case.case_type).effect(MERGE, case.stage)
    if step is None:
        words = _("Sprawy %(number)s nie można połączyć z inną na tym etapie.")
        raise Refused({"into": words % {"number": case.number}}, code="stage")
    _require_step(case, step, by)
    if Relation.objects.filter(kind=Relation.Kind.PART_OF).filter(case=case).exists():
        raise Refused({"into": _("%(number)s jest częścią innej sprawy.") % {"number": case.number}}, code="part")
    if family.open_parts(case.pk):
        words = _("Sprawa %(number)s ma otwarte części. Połącz z inną sprawą każdą z nich albo je zakończ.")
        raise Refused({"into": words % {"number": case.number}}, code="parts")
    return step


def _require_step(case: Case, step: Transition, by: Viewer) -> None:
    may = standing(by, case).may
    if not any(who in may for who in step.by):
        raise PermissionDenied(step.by[0])


def _last_step(case: Case) -> int:
    return CaseStep.objects.filter(case=case).order_by("-id").values_list("pk", flat=True)[0]


@transaction.atomic
def unmerge(*, case: Case, reason: str, by: Viewer, version: int | None = None) -> Case:
    """A case was no duplicate after all: it goes back to the stage in which it was merged; the filer reads the reason.

    Needs the right to the case type's "unmerge" step (supervisors). Raises ``Refused``, ``PermissionDenied``, ``Conflict``.
    """
    family.one_at_a_time()
    relation = Relation.objects.filter(case=case.pk, kind=Relation.Kind.DUPLICATE_OF).first()
    if relation is None:
        raise Refused(_("Ta sprawa nie jest połączona z inną."), code="not_merged")
    rows = family.locked([case.pk, relation.main_id])
    locked, main = rows[case.pk], rows[relation.main_id]
    if version is not None and locked.version != version:
        raise writing.Conflict
    step = _unmerge_step(locked, relation.stage_before, by)
    if not reason.strip():
        raise Refused({"reason": _("Podaj powód.")}, code="needs")
    relation.delete()
    move(locked, step, by=by, comment=post(locked, reason, PARTIES, by, False), other_id=main.pk)
    writing.step(main, CaseStep.Kind.UNLINKED, by, other_id=locked.pk)
    for one in (locked, main):
        one.supporters = family.count_supporters(one.pk)
        writing.save(one, "supporters")
    _recount_above(main.pk)
    writing.record("unmerge", locked, by, main=main.pk)
    events.publish(CaseUnmerged(case_id=locked.pk, case_type=locked.case_type, from_id=main.pk, step_id=_last_step(locked)))
    return locked


def _unmerge_step(case: Case, before: str, by: Viewer) -> Transition:
    kind = case_type(case.case_type)
    step = kind.effect(UNMERGE, case.stage)
    if step is None:
        raise Refused(_("Tej sprawy nie można już rozłączyć."), code="stage")
    _require_step(case, step, by)
    known = {stage.key for stage in kind.stages if not stage.final}
    return replace(step, target=before) if before in known else step


def _recount_above(case_id: UUID) -> None:
    """The case in which the former main case itself goes on has lost some of those whom it concerns."""
    root = family.root_of(case_id)
    if root != case_id:
        Case.objects.filter(pk=root).update(supporters=family.count_supporters(root))


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a case: for whom, what is to be done there (everybody reads it), under which category (None: the same)."""

    unit: Any
    words: str
    category: Category | None = None


@transaction.atomic
def split(
    *, case: Case, parts: Sequence[Part | tuple[Category | None, Any, str]], by: Viewer, version: int | None = None
) -> list[Case]:
    """Give parts of a case to several units, each as a case with its own number, category and clock; returns them.

    A part is a ``Part`` or ``(category or None, unit, words)``. The main case stays with its unit and cannot end while parts
    are open unless somebody says why; its filer is the filer of the parts and reads of them on one page. Needs
    ``cases.assign``. Raises ``Refused``, ``PermissionDenied``, ``Conflict``.
    """
    locked = writing.lock(case, version)
    writing.require(by, locked, ASSIGN)
    wanted = [part if isinstance(part, Part) else Part(part[1], part[2], part[0]) for part in parts]
    _check_split(locked, wanted)
    made = [_make_part(locked, part, by) for part in wanted]
    writing.save(locked)
    steps = [writing.step(locked, CaseStep.Kind.SPLIT, by, other_id=part.pk) for part in made]
    writing.record("split", locked, by, parts=[part.number for part in made])
    events.publish(CaseSplit(case_id=locked.pk, case_type=locked.case_type, step_id=steps[0].pk, parts=len(made)))
    return made


def _check_split(case: Case, parts: Sequence[Part]) -> None:
    if case.progress == Progress.CLOSED:
        raise Refused(_("Zakończonej sprawy nie można podzielić."), code="closed")
    if family.main_of_part(case.pk):
        raise Refused(_("Części sprawy nie dzieli się dalej. Podziel sprawę główną."), code="part")
    if not 1 <= len(parts) <= PARTS_MOST:
        raise Refused(_("Podaj od jednej do %(most)d części.") % {"most": PARTS_MOST}, code="parts")
    for part in parts:
        if not part.words.strip() or len(part.words) > DESCRIPTION_MOST:
            raise Refused({"words": _("Napisz przy każdej części, co jest do zrobienia.")}, code="words")
        if part.category is not None and (part.category.case_type != case.case_type or not part.category.active):
            raise Refused({"category": _("Wybierz kategorię z listy.")}, code="category")


def _make_part(main: Case, part: Part, by: Viewer) -> Case:
    """A new case about the same place, for the same filer; nothing of the filer's words or contact is copied."""
    kind, words = case_type(main.case_type), part.words.replace("\r\n", "\n").strip()
    made = new_case(
        kind,
        part.category or main.category,
        unit=part.unit,
        geom=main.geom,
        address_text=main.address_text,
        district_id=main.district_id,
        object_id=main.object_id,
        channel=main.channel,
        filer_person_id=main.filer_person_id,
        text_state=Moderation.APPROVED,
        by=by,
    )
    CaseText.objects.create(case=made, description=words, published_description=words, search=f"{made.search} {fold(words)}")
    Relation.objects.create(case=made, main=main, kind=Relation.Kind.PART_OF, at=clock.now())
    writing.step(
        made,
        CaseStep.Kind.FILED,
        by,
        to_stage=made.stage,
        unit_id=made.unit_id,
        category_id=made.category_id,
        other_id=main.pk,
    )
    writing.record("part", made, by, main=main.pk)
    events.publish(CaseOpened(case_id=made.pk, case_type=made.case_type, unit_id=made.unit_id))
    return made
