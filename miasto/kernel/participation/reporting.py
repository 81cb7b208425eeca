"""The report of a closed process: the same rows on the page, in the CSV and in the PDF. Each remark stands in it once."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from miasto.kernel.core import clock
from miasto.kernel.participation import law
from miasto.kernel.participation.models import Contribution, Decision, Process, Report, ReportFile
from miasto.kernel.participation.remark_models import OUTCOMES, Channel, Status, TextState
from miasto.kernel.ui import printing


@dataclass(frozen=True, slots=True)
class Answered:
    """One decision with the remarks that it answers, by number. ``title`` is that of their group, empty for a single remark."""

    title: str
    outcome: str
    outcome_name: str
    reasons: str
    unit: str
    remarks: list[Contribution]


def public_text(made: Contribution) -> str:
    """What everybody reads of a remark: empty until a person approved it, and where it was kept back."""
    return made.text.published if made.text_state == TextState.APPROVED else ""


def rows(process_id: UUID) -> Any:
    """Every remark of a process by number, with its words, decision, group and what it is about; one query."""
    found = Contribution.objects.filter(process=process_id).order_by("number")
    return found.select_related("text", "decision__unit", "group", "paragraph", "version__document").defer(
        "text__body", "text__answers", "text__folded", "geom", "process"
    )


def answered(process_id: UUID) -> list[Answered]:
    """The remarks under the decision that answers each, in the order of their first numbers; what waits stands nowhere.

    What was written down after the close stands in ``supplements``.
    """
    return _answered(rows(process_id).filter(after_close=False))


def supplements(process_id: UUID) -> list[tuple[date, list[Answered]]]:
    """What was written down after the close, by the local day on which it was; one query."""
    days: dict[date, list[Contribution]] = {}
    for made in rows(process_id).filter(after_close=True).order_by("entered_at", "number"):
        days.setdefault(clock.local(made.entered_at).date(), []).append(made)
    return [(day, _answered(found)) for day, found in days.items()]


def _answered(remarks: Iterable[Contribution]) -> list[Answered]:
    found: dict[UUID, Answered] = {}
    for made in remarks:
        decision: Decision | None = made.decision
        if decision is None:
            continue
        one = found.get(decision.pk)
        if one is None:
            title = made.group.title if made.group else ""
            name = str(Status(decision.outcome).label)
            unit = decision.unit.name if decision.unit else ""
            one = found[decision.pk] = Answered(title, decision.outcome, name, decision.reasons, unit, [])
        one.remarks.append(made)
    return list(found.values())


HEAD = (
    "nr",
    "data",
    "kanal",
    "autor",
    "dokument",
    "wersja",
    "akapit",
    "tresc",
    "grupa",
    "rozstrzygniecie",
    "uzasadnienie",
    "nadana",
    "po_terminie",
    "po_zamknieciu",
)


def table(process: Process) -> Iterator[tuple[Any, ...]]:
    """The ledger as rows of plain values under ``HEAD``; nothing personal."""
    groups = law.author_groups()
    for made in rows(process.pk):
        version = made.version
        yield (
            made.number,
            made.received_on.isoformat(),
            str(Channel(made.channel).label),
            law.name_of(groups, made.author_group),
            version.document.title if version else "",
            version.number if version else "",
            made.paragraph.number if made.paragraph else "",
            public_text(made),
            made.group.title if made.group else "",
            str(Status(made.status).label),
            made.decision.reasons if made.decision else "",
            made.posted_on.isoformat() if made.posted_on else "",
            _("tak") if made.late else _("nie"),
            _("tak") if made.after_close else _("nie"),
        )


def csv_of(process: Process) -> bytes:
    """The ledger as CSV (RFC 4180) in UTF-8 with a byte order mark, so that spreadsheets read Polish letters."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    with translation.override(printing.LANGUAGE):
        writer.writerow(HEAD)
        writer.writerows([tuple(map(_harmless, row)) for row in table(process)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _harmless(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def draw(process_id: UUID, *, anew: bool = False) -> None:
    """Write the CSV and the PDF of a closed process, unless they are there (``anew``: also then). May be called again."""
    report = Report.objects.select_related("process__unit").get(pk=process_id)
    have = set() if anew else set(report.files.values_list("kind", flat=True))
    for kind, make in (("csv", csv_of), ("pdf", pdf_of)):
        if kind not in have:
            data = make(report.process)
            with transaction.atomic():
                ReportFile.objects.update_or_create(report=report, kind=kind, defaults={"data": data, "made_at": clock.now()})


def page_of(process: Process) -> str:
    """The document from which the PDF is drawn."""
    with translation.override(printing.LANGUAGE):
        return printing.page("participation/report/pdf.html", context(process))


def context(process: Process) -> dict[str, Any]:
    """What the report says."""
    return {
        "process": process,
        "figures": process.report.figures,
        "sums": sums(process.report.figures),
        "basis": law.basis(process.basis),
        "phases": list(process.phases.all()),
        "meetings": list(process.meetings.all()),
        "answered": answered(process.pk),
        "supplements": supplements(process.pk),
        "counted_at": process.report.counted_at,
    }


def sums(figures: dict[str, Any]) -> list[tuple[str, list[tuple[str, int]]]]:
    """The figures as (heading, rows) in the reader's language."""
    groups = law.author_groups()
    status = figures["status"]
    outcomes = [(str(label), status.get(key, 0)) for key, label in OUTCOMES if key != Status.LATE or status.get(key)]
    late = figures.get("late", 0)
    return [
        (_("Rozstrzygnięcia"), outcomes),
        (_("Termin"), [(_("w terminie"), figures["remarks"] - late), (_("po terminie"), late)] if late else []),
        (
            _("Jak przyszły uwagi"),
            [(str(label), figures["channel"][key]) for key, label in Channel.choices if key in figures["channel"]],
        ),
        (_("Od kogo"), [(one.name, figures["author_group"][one.key]) for one in groups if one.key in figures["author_group"]]),
    ]


def pdf_of(process: Process) -> bytes:
    """The report as a tagged PDF (PDF/UA-1)."""
    return printing.tagged(page_of(process))
