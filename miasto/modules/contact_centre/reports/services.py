"""Making the monthly report: asked for, counted once, drawn. Each part bears being killed and being called again."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import SYSTEM, Viewer, require, unit_names
from miasto.kernel.cases import selectors as cases
from miasto.kernel.cases.services import count_noted
from miasto.kernel.core import changes, clock
from miasto.modules.contact_centre.case_type import KEY
from miasto.modules.contact_centre.reports import tables
from miasto.modules.contact_centre.reports.asking import months_back, this_month
from miasto.modules.contact_centre.reports.models import MonthlyReport, ReportPdf
from miasto.modules.contact_centre.reports.months import month_name

ISSUE = "contact_centre.issue_reports"
KIND = "contact_centre.monthly_report"
LANGUAGE = "pl"


class Refused(ValidationError):
    """The report cannot be asked for; the words are for the reader."""


@transaction.atomic
def ask(*, month: date, note: str = "", by: Viewer) -> MonthlyReport:
    """Have the report of a past month made: the first one, or a corrected version with a note that everybody reads.

    Raises ``PermissionDenied`` without the permission, ``Refused`` for a month that is not over, for a correction without a
    note, and while a version of this month is being made.
    """
    require(by, ISSUE)
    if month.day != 1 or month >= this_month():
        raise Refused(_("Raport powstaje dopiero po końcu miesiąca."), code="month")
    versions = list(MonthlyReport.objects.select_for_update().filter(month=month).order_by("version"))
    if versions and versions[-1].state == MonthlyReport.State.WAITING:
        raise Refused(_("Ten raport właśnie powstaje."), code="busy")
    if versions and not note.strip():
        raise Refused(_("Napisz, co i dlaczego poprawiasz. Przeczyta to każdy, kto otworzy raport."), code="note")
    made = MonthlyReport.objects.create(
        month=month,
        version=versions[-1].version + 1 if versions else 1,
        note=note.strip() if versions else "",
        asked_at=clock.now(),
        asked_by_id=by.person_id,
    )
    changes.record(
        action="contact_centre.report_asked",
        kind=KIND,
        object_id=made.pk,
        actor=by.actor,
        data={"month": f"{month:%Y-%m}", "version": made.version},
    )
    _defer(made, awaited=by.person_id is not None)
    return made


def _defer(report: MonthlyReport, *, awaited: bool = False) -> None:
    from miasto.modules.contact_centre.reports import jobs

    jobs.make.defer(report_id=str(report.pk), once=f"contact_centre.report:{report.pk}", awaited=awaited)


def ask_last_month() -> bool:
    """Have the report of the month before made, if nobody has yet; the calendar calls this every day. False if it is there."""
    month = months_back(this_month(), 1)
    if MonthlyReport.objects.filter(month=month).exists():
        return False
    ask(month=month, by=SYSTEM)
    return True


def make(report_id: UUID) -> None:
    """Count the figures of a report unless they are counted, then draw its PDF unless it is drawn."""
    count_noted()
    _count(report_id)
    _draw(report_id)


@transaction.atomic
def _count(report_id: UUID) -> None:
    report = MonthlyReport.objects.select_for_update().get(pk=report_id)
    if report.figures:
        return
    report.figures, report.counted_at = collect(report.month), clock.now()
    report.state = MonthlyReport.State.DRAWING
    report.save(update_fields=["figures", "counted_at", "state"])


def _draw(report_id: UUID) -> None:
    from miasto.modules.contact_centre.reports import drawing

    report = MonthlyReport.objects.get(pk=report_id)
    if report.state == MonthlyReport.State.READY:
        return
    data = drawing.pdf(report)
    with transaction.atomic():
        ReportPdf.objects.update_or_create(report=report, defaults={"data": data, "made_at": clock.now()})
        MonthlyReport.objects.filter(pk=report.pk).update(state=MonthlyReport.State.READY)


def collect(month: date) -> dict[str, Any]:
    """The figures of a month as plain values, names in the city's language; about ten queries."""
    with translation.override(LANGUAGE):
        found = _statistics(month, month)
        year = _statistics(months_back(month, 11), month)
        return {
            "total": tables.row_of(found.total),
            "before": tables.row_of(_statistics(*[months_back(month, 1)] * 2).total),
            "year_before": tables.row_of(_statistics(*[months_back(month, 12)] * 2).total),
            "open_at_end": cases.open_at_end(KEY, month),
            "units": _named(found.by_unit, unit_names(found.by_unit)),
            "categories": _named(found.by_category, _category_names()),
            "months": [
                {"month": f"{one:%Y-%m}", "name": month_name(one), **tables.row_of(sums)} for one, sums in year.by_month.items()
            ],
            "channels": tables.channels(found.total),
        }


def _statistics(first: date, last: date) -> cases.Statistics:
    return cases.statistics_by_unit_and_category(cases.Asked(case_type=KEY, first=first, last=last))


def _category_names() -> dict[Any, str]:
    nodes = cases.categories(KEY)
    flat = [node.category for node in nodes] + [child.category for node in nodes for child in node.children]
    return {category.pk: category.title for category in flat}


def _named(sums: dict[Any, cases.Sum], names: dict[Any, str]) -> list[dict[str, Any]]:
    return [tables.row_of(one, key=str(key), name=names.get(key, "–")) for key, one in sums.items()]
