"""When the open statistics are counted: what happened notes the case, jobs count (``figures``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from miasto.kernel.cases import figures
from miasto.kernel.cases.events import (
    CaseAssigned,
    CaseCommented,
    CaseOpened,
    CasePlaced,
    CaseRecategorised,
    CaseReclassified,
    CasesImported,
    CaseStepTaken,
)
from miasto.kernel.core.jobs import job, periodic

Listens = Mapping[type, tuple[Callable[[Any], Any], ...]]
COUNTED = (CaseOpened, CaseStepTaken, CaseAssigned, CaseRecategorised, CaseReclassified, CasePlaced, CaseCommented)


def count_case(event: Any) -> None:
    """What happened changes the open statistics: the job counts the case anew."""
    figures.note(event.case_id)


def count_imported(event: CasesImported) -> None:
    """Many cases came at once: everything is counted from the beginning, once for imports that follow each other."""
    count_everything.defer(once="cases.count_everything")


def also_counting(listens: Listens) -> Listens:
    """The listeners of the engine with those that count."""
    more: dict[type, tuple[Callable[[Any], Any], ...]] = {
        **dict.fromkeys(COUNTED, (count_case,)),
        CasesImported: (count_imported,),
    }
    return {event: (*listens.get(event, ()), *more.get(event, ())) for event in {**listens, **more}}


@periodic(name="cases.count", cron="*/5 * * * *")
def count() -> int:
    """Count the cases that changed into the open statistics; returns how many."""
    return figures.count_noted()


@job(name="cases.count_everything")
def count_everything() -> None:
    """Count the open statistics from the beginning (after an import, or where they were never counted)."""
    figures.count_all()


def begin_counting() -> None:
    """Have a city counted that has cases and no figures yet: an older one that got this table."""
    if figures.is_uncounted():
        count_everything.defer(once="cases.count_everything")
