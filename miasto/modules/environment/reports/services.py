"""Making a report: asked for, counted chapter by chapter, told in words, published. Every step bears being called twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import SYSTEM, Viewer, require
from miasto.kernel.core import changes, clock
from miasto.kernel.ui import printing
from miasto.modules.environment.reports.counting import CHAPTERS, FOREWORD
from miasto.modules.environment.reports.models import EnvironmentReport, EnvironmentReportPdf
from miasto.modules.environment.reports.parts import chart_of
from miasto.modules.environment.reports.periods import last_month, span

PERMISSION = "environment.reports"
WORDS_MOST = 4000
State = EnvironmentReport.State
GOING = (State.WAITING, State.COUNTING)


@transaction.atomic
def ask(*, period: str, note: str = "", by: Viewer) -> EnvironmentReport:
    """Have the report of a period that is over counted as a draft; after a published one with a note that everybody reads.

    Raises ``PermissionDenied``, ``ValidationError`` by field.
    """
    require(by, PERMISSION)
    wanted = span(period)
    if wanted is None or not wanted.over:
        raise ValidationError({"period": _("Raport powstaje dopiero po końcu miesiąca albo roku.")})
    held = list(EnvironmentReport.objects.select_for_update().filter(period=period).order_by("version"))
    if held and held[-1].state != State.PUBLISHED:
        raise ValidationError({"period": _("Ten raport już powstaje albo czeka na opublikowanie.")})
    if held and not note.strip():
        raise ValidationError({"note": _("Napisz, co i dlaczego poprawiasz. Przeczyta to każdy, kto otworzy raport.")})
    made = EnvironmentReport.objects.create(
        period=period,
        version=held[-1].version + 1 if held else 1,
        words=held[-1].words if held else {},
        note=note.strip()[:500] if held else "",
        asked_at=clock.now(),
        asked_by_id=by.person_id,
    )
    _record("report_asked", made, by)
    _defer(made, awaited=by.person_id is not None)
    return made


def _defer(report: EnvironmentReport, *, awaited: bool) -> None:
    from miasto.modules.environment import jobs

    jobs.make_report.defer(report_id=str(report.pk), once=f"environment.report:{report.pk}", awaited=awaited)


def ask_last_month() -> bool:
    """The draft of the month before, if nobody has asked for it yet; the calendar calls this every day."""
    period = last_month().key
    if EnvironmentReport.objects.filter(period=period).exists():
        return False
    ask(period=period, by=SYSTEM)
    return True


def make(report_id: UUID) -> None:
    """Count the chapters that are not there yet; a failure is told to the staff, who press the button again."""
    report = EnvironmentReport.objects.filter(pk=report_id, state__in=GOING).first()
    wanted = span(report.period) if report else None
    if report is None or wanted is None:
        return
    try:
        with translation.override(printing.LANGUAGE):
            for _key, count in CHAPTERS[len(report.chapters) :]:
                report.chapters = [*report.chapters, count(wanted)]
                report.state, report.done = State.COUNTING, len(report.chapters)
                report.save(update_fields=["chapters", "state", "done"])
    except Exception:
        EnvironmentReport.objects.filter(pk=report_id, state__in=GOING).update(state=State.FAILED)
        raise
    EnvironmentReport.objects.filter(pk=report_id, state__in=GOING).update(state=State.DRAFT, counted_at=clock.now())


@transaction.atomic
def again(*, report_id: UUID, by: Viewer) -> None:
    """Count a failed report once more."""
    require(by, PERMISSION)
    if EnvironmentReport.objects.filter(pk=report_id, state=State.FAILED).update(state=State.WAITING):
        _defer(EnvironmentReport.objects.get(pk=report_id), awaited=True)


@transaction.atomic
def write(*, report_id: UUID, words: Mapping[str, str], by: Viewer) -> EnvironmentReport:
    """What a person says to the chapters of a draft. Raises ``PermissionDenied``, ``ValidationError`` once it is published."""
    require(by, PERMISSION)
    report = EnvironmentReport.objects.select_for_update().get(pk=report_id)
    if report.state != State.DRAFT:
        raise ValidationError(_("Tego raportu nie można już zmieniać."))
    keys = {FOREWORD, *(key for key, _count in CHAPTERS)}
    report.words = {key: text.strip()[:WORDS_MOST] for key, text in words.items() if key in keys and text.strip()}
    report.save(update_fields=["words"])
    _record("report_written", report, by)
    return report


@transaction.atomic
def publish(*, report_id: UUID, by: Viewer) -> None:
    """Everybody may read it from now on; twice is once. Raises ``PermissionDenied``, ``ValidationError``."""
    from miasto.modules.environment import jobs

    require(by, PERMISSION)
    report = EnvironmentReport.objects.select_for_update().get(pk=report_id)
    if report.state == State.PUBLISHED:
        return
    if report.state != State.DRAFT:
        raise ValidationError(_("Raport nie jest jeszcze policzony."))
    report.state, report.published_at = State.PUBLISHED, clock.now()
    report.save(update_fields=["state", "published_at"])
    _record("report_published", report, by)
    jobs.draw_report.defer(report_id=str(report.pk), once=f"environment.report_pdf:{report.pk}")


def draw(report_id: UUID) -> None:
    """Draw the PDF of a published report unless it is drawn."""
    report = EnvironmentReport.objects.filter(pk=report_id, state=State.PUBLISHED, pdf=None).first()
    if report is not None:
        data = printing.tagged(document(report))
        EnvironmentReportPdf.objects.update_or_create(report=report, defaults={"data": data, "made_at": clock.now()})


def document(report: EnvironmentReport) -> str:
    """The document from which the PDF is drawn."""
    wanted = span(report.period)
    with translation.override(printing.LANGUAGE):
        context = {"report": report, "name": wanted.name if wanted else report.period, **summary(report)}
        context["chapters"] = drawn(told(report))
        return printing.page("environment/reports/pdf.html", context)


def told(report: EnvironmentReport) -> list[dict[str, Any]]:
    """The chapters with what a person said to each (lines of plain text); reports of before had no charts."""
    return [{"charts": [], **one, "words": _lines(report, one["key"])} for one in report.chapters]


def summary(report: EnvironmentReport) -> dict[str, Any]:
    """The report in short: what a person says before all of it, and what each chapter says first, if anything."""
    leads = [(one["key"], one["title"], one["lead"]) for one in report.chapters]
    return {"foreword": _lines(report, FOREWORD), "summary": leads}


def _lines(report: EnvironmentReport, key: str) -> list[str]:
    return [part for part in report.words.get(key, "").split("\n") if part.strip()]


def drawn(chapters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Chapters as templates draw them: charts as ``(kind, chart)``, the cells of a row with the heads of their columns."""
    return [
        {
            **one,
            "charts": [(kept["kind"], chart_of(kept)) for kept in one["charts"]],
            "tables": [{**table, "rows": [_headed(table["heads"], row) for row in table["rows"]]} for table in one["tables"]],
        }
        for one in chapters
    ]


def _headed(heads: list[str], row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "name": row["cells"][0], "told": list(zip(heads[1:], row["cells"][1:], strict=False))}


def _record(action: str, report: EnvironmentReport, by: Viewer) -> None:
    changes.record(
        action=f"environment.{action}",
        kind="environment.report",
        object_id=report.pk,
        actor=by.actor,
        data={"period": report.period, "version": report.version},
    )
