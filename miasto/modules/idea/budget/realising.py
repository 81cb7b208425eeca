"""The winners followed to the end: what the unit that does the work enters, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.core import clock
from miasto.kernel.files import services as files
from miasto.modules.idea.budget.models import MANAGE, VERIFY, ProjectFile, Realisation, RealisationEntry
from miasto.modules.idea.budget.states import RealisationStage, StepKind
from miasto.modules.idea.budget.writing import Refused, step

MOST_PHOTOS = 6


@dataclass(frozen=True)
class NewsRow:
    """How the work stands. Money in grosze; ``text`` and photos are published."""

    stage: str
    planned: int
    spent: int
    text: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    unit_id: UUID | None = None
    file_ids: Sequence[UUID] = ()


def may_report(viewer: Viewer, realisation: Realisation) -> bool:
    """Whether the viewer writes of this work: whoever runs the budget, and the unit that does it."""
    if viewer.holds(MANAGE):
        return True
    units = viewer.units_with(VERIFY)
    return units is None or realisation.unit_id in units


@transaction.atomic
def report(*, realisation: Realisation, row: NewsRow, by: Viewer) -> RealisationEntry:
    """Enter how the work stands; followers are told. Raises ``Refused`` by field."""
    found = Realisation.objects.select_for_update().get(pk=realisation.pk)
    if not may_report(by, found):
        raise PermissionDenied(VERIFY)
    _check(row)
    for name in ("stage", "planned", "spent", "starts_on", "ends_on"):
        setattr(found, name, getattr(row, name))
    if row.unit_id is not None:
        found.unit_id = row.unit_id
    found.updated_at = clock.now()
    found.save()
    made = RealisationEntry.objects.create(
        realisation=found, at=clock.now(), stage=row.stage, spent=row.spent, text=row.text.strip()
    )
    _photos(found, made, row.file_ids, by)
    step(found.project, StepKind.REALISATION, by, text=row.text, unit_id=found.unit_id)
    return made


def _check(row: NewsRow) -> None:
    wrong = {}
    if row.stage not in RealisationStage.values:
        wrong["stage"] = _("Wybierz etap.")
    if row.planned <= 0:
        wrong["planned"] = _("Podaj planowany koszt.")
    if row.spent < 0:
        wrong["spent"] = _("Wydatki nie mogą być mniejsze od zera.")
    if row.starts_on and row.ends_on and row.ends_on < row.starts_on:
        wrong["ends_on"] = _("Koniec prac nie może być przed początkiem.")
    if row.stage == RealisationStage.STOPPED and not row.text.strip():
        wrong["text"] = _("Napisz, dlaczego prace są wstrzymane.")
    if len(row.file_ids) > MOST_PHOTOS:
        wrong["files"] = _("Można dodać najwyżej %(most)d zdjęć.") % {"most": MOST_PHOTOS}
    if wrong:
        raise Refused(wrong)


def _photos(realisation: Realisation, entry: RealisationEntry, ids: Sequence[UUID], by: Viewer) -> None:
    try:
        files.attach(file_ids=list(ids), owner_id=realisation.project_id, by=by)
    except LookupError as error:
        raise Refused({"files": _("Któregoś ze zdjęć już nie mamy. Dodaj je jeszcze raz.")}) from error
    ProjectFile.objects.bulk_create(
        ProjectFile(project_id=realisation.project_id, entry=entry, file_id=one, order=order) for order, one in enumerate(ids)
    )
