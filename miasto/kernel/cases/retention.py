"""How long the personal data of a closed case are kept, and what makes them anonymous afterwards.

The term is the category's ``retention_months``, its parent's, or the profile's ``limits.retention_months``, counted from the
closing. What a person approved for the public stays, because somebody read it and masked it; the rest of the words, the
people, the answers, the photos that were not shown and the originals of the blurred ones go.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import SYSTEM, Viewer
from miasto.kernel.accounts.services import revoke_links
from miasto.kernel.cases import writing
from miasto.kernel.cases.events import CaseErased
from miasto.kernel.cases.filing import FILER_LINK, MAIL_LINK
from miasto.kernel.cases.models import (
    TO_ANONYMISE,
    Case,
    CaseAnswerData,
    CaseFile,
    CaseHold,
    CaseParty,
    CaseStep,
    CaseText,
    Category,
    Moderation,
)
from miasto.kernel.cases.moderation import ERASED
from miasto.kernel.cases.parties import CO_FILER_LINK, INVITE_LINK
from miasto.kernel.cases.writing import Refused
from miasto.kernel.core import clock, events, mail
from miasto.kernel.core.city import city
from miasto.kernel.discussions import services as discussions
from miasto.kernel.files import selectors as stored
from miasto.kernel.files import services as files

SUPERVISE = "cases.supervise"
MONTHS = 60
AT_ONCE = 200
RUN_MOST = 20_000
REASON_MOST = 300


def default_months() -> int:
    """The city's term in months where a category has none of its own."""
    return city().limit("retention_months", MONTHS)


def months_by_category() -> dict[int, int]:
    """The term of each category in months; one query."""
    rows = {row.pk: row for row in Category.objects.only("id", "parent_id", "retention_months")}

    def months(row: Category | None) -> int:
        if row is None:
            return default_months()
        return row.retention_months or months(rows.get(row.parent_id))

    return {pk: months(row) for pk, row in rows.items()}


def due(until: datetime) -> Any:
    """The cases whose data are to be anonymised up to an instant, held ones left out; a queryset over a partial index."""
    groups: dict[int, list[int]] = defaultdict(list)
    for category, months in months_by_category().items():
        groups[months].append(category)
    wanted = Q(category=None, closed_at__lt=clock.months_before(until, default_months()))
    for months, categories in groups.items():
        wanted |= Q(category__in=categories, closed_at__lt=clock.months_before(until, months))
    shortest = min([default_months(), *groups])
    old = Case.objects.filter(TO_ANONYMISE, closed_at__lt=clock.months_before(until, shortest))
    return old.filter(wanted).exclude(Exists(CaseHold.objects.filter(case=OuterRef("pk"), lifted_at=None)))


def count_due(until: datetime) -> int:
    """How many cases that is."""
    return due(until).count()


def anonymise_due() -> int:
    """Anonymise what is past its term; returns how many cases.

    Each case is a transaction of its own: a killed run loses none and the next goes on where it stood. One case that cannot
    be anonymised does not stop the others; it is tried again tomorrow.
    """
    now, done = clock.now(), 0
    while done < RUN_MOST:
        batch = list(due(now).order_by("closed_at", "id").values_list("pk", flat=True)[:AT_ONCE])
        made = sum(anonymise(case_id=pk, by=SYSTEM) for pk in batch)
        done += made
        if not made:
            break
    return done


@transaction.atomic
def anonymise(*, case_id: Any, by: Viewer) -> bool:
    """Make one closed case anonymous; False where another did it, it was opened again, or it is held."""
    case = Case.objects.select_for_update(of=("self",), skip_locked=True).filter(TO_ANONYMISE, pk=case_id).first()
    if case is None or is_held(case):
        return False
    now = clock.now()
    text = CaseText.objects.filter(case=case)
    text.update(description=ERASED, search=case.search, erased_at=now)
    text.exclude(case__text_state=Moderation.APPROVED).update(published_description="")
    CaseParty.objects.filter(case=case).update(name="", email="", phone="", person=None, erased_at=now)
    CaseAnswerData.objects.filter(case=case, public=False).update(value=ERASED)
    discussions.anonymise(thread_ids=[case.thread_id])
    _remove_unshown(case, by)
    mail.forget_about(case.pk)
    for purpose in (FILER_LINK, MAIL_LINK, CO_FILER_LINK, INVITE_LINK):
        revoke_links(object_id=case.pk, purpose=purpose, by=by)
    case.filer_person, case.anonymised_at = None, now
    if case.text_state == Moderation.WAITING:
        case.text_state = Moderation.WITHHELD
    CaseFile.objects.filter(case=case, state=Moderation.WAITING).update(state=Moderation.WITHHELD)
    case.pending = writing.count_pending(case)
    writing.save(case, "filer_person", "anonymised_at", "text_state", "pending")
    writing.step(case, CaseStep.Kind.ERASED, by)
    writing.record("anonymise", case, by)
    events.publish(CaseErased(case_id=case.pk, case_type=case.case_type))
    return True


def _remove_unshown(case: Case, by: Viewer) -> None:
    """Photos that nobody approved, and the originals of the blurred ones."""
    rows: Any = CaseFile.objects.filter(case=case)
    shown = set(rows.filter(state=Moderation.APPROVED).values_list("file_id", flat=True))
    every = {pk for pair in rows.values_list("file_id", "original_id") for pk in pair if pk}
    for file in stored.files_by_id(every - shown).values():
        files.remove(file=file, by=by)


def is_held(case: Case) -> bool:
    """Whether somebody ordered to keep the data."""
    return CaseHold.objects.filter(case=case.pk, lifted_at=None).exists()


def current_hold(case_id: Any) -> CaseHold | None:
    """The order to keep the data of a case, if there is one."""
    return CaseHold.objects.filter(case=case_id, lifted_at=None).first()


@transaction.atomic
def hold(*, case: Case, reason: str, by: Viewer) -> CaseHold:
    """Keep the data of a case past its term, for a reason. Needs ``cases.supervise`` in the unit; once for a case."""
    locked = writing.lock(case, None)
    writing.require(by, locked, SUPERVISE)
    words = " ".join(reason.split())
    if not words or len(words) > REASON_MOST:
        raise Refused({"reason": _("Podaj powód, najwyżej %(most)d znaków.") % {"most": REASON_MOST}}, code="reason")
    if is_held(locked):
        raise Refused(_("Anonimizacja tej sprawy jest już wstrzymana."), code="held")
    made = CaseHold.objects.create(case=locked, reason=words, since=clock.now(), placed_by=by.person_id)
    writing.record("hold_data", locked, by)
    return made


@transaction.atomic
def lift(*, case: Case, by: Viewer) -> bool:
    """End the hold of a case; False where there is none. Needs ``cases.supervise`` in the unit."""
    locked = writing.lock(case, None)
    writing.require(by, locked, SUPERVISE)
    lifted = CaseHold.objects.filter(case=locked, lifted_at=None).update(lifted_at=clock.now(), lifted_by=by.person_id)
    if lifted:
        writing.record("lift_data_hold", locked, by)
    return bool(lifted)


@dataclass(frozen=True)
class DueRow:
    """A case of the list of what is anonymised next."""

    number: str
    category: str
    unit_name: str
    closed_at: datetime
    months: int


def upcoming(viewer: Viewer, until: datetime, most: int = 100) -> tuple[list[DueRow], int]:
    """What of the viewer's units will be anonymised up to an instant: the first ``most`` and the count."""
    units = viewer.units_with(SUPERVISE)
    found = due(until) if units is None else due(until).filter(unit__in=units)
    months = months_by_category()
    rows = found.select_related("category", "unit").order_by("closed_at", "id")[:most]
    made = [
        DueRow(
            case.number,
            case.category.title if case.category else "",
            case.unit.name,
            case.closed_at,
            months.get(case.category_id or 0, default_months()),
        )
        for case in rows
    ]
    return made, found.count()


def held(viewer: Viewer) -> list[CaseHold]:
    """The holds of the viewer's units, latest first."""
    units = viewer.units_with(SUPERVISE)
    rows = CaseHold.objects.filter(lifted_at=None).select_related("case__category", "case__unit").order_by("-since")
    return list(rows if units is None else rows.filter(case__unit__in=units))


def terms() -> list[tuple[str, int]]:
    """``(name of the group, months)`` of the categories that differ from the city's term, and the term itself first."""
    names = dict(Category.objects.filter(active=True, retention_months__isnull=False).values_list("name", "retention_months"))
    return [("", default_months()), *sorted(names.items())]
