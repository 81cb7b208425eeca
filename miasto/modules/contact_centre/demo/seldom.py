"""What happens seldom, made at least once: the demo shows every stage of a report and all that binds people to one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from miasto.kernel.accounts.selectors import SYSTEM, people_in, viewer_for_person
from miasto.kernel.cases import selectors as cases
from miasto.kernel.cases import services
from miasto.kernel.core import clock, marks
from miasto.modules.contact_centre.case_type import KEY
from miasto.modules.contact_centre.demo.lives import Crew, Happening

RESIDENTS = "demo.residents"
SUPERVISE = "cases.supervise"
MISTAKES = (
    "Osoba zgłaszająca zadzwoniła, że pomyliła ulicę, i wysłała nowe zgłoszenie.",
    "To reklama, a nie zgłoszenie.",
)
DISPUTED = "Po dwóch dniach jest tak samo jak przedtem. Proszę przyjechać jeszcze raz."
NEIGHBOURS = (("Halina Wymyślona", "halina@demo.invalid"), ("Marek Zmyślony", "marek@demo.invalid"))
UNTOUCHED = ("assigned", "text_decided")
WATCHED = 3


def cancel_some(reports: Sequence[Any], operators: Sequence[UUID], now: datetime) -> None:
    """The newest reports older than a day that nobody has touched were mistakes: they are cancelled an hour after filing."""
    for words in MISTAKES if operators else ():
        report = next((one for one in reversed(reports) if _untouched(one) and now - one.filed_at > timedelta(days=1)), None)
        if report is None:
            return
        last = max([report.filed_at, *(item.at for item in report.life.happenings)])
        at = min(last + timedelta(hours=1), now - timedelta(minutes=1))
        done = Happening(at, "step", "staff", operators[0], transition="void", words=words, audience="parties")
        report.life.happenings, report.voices = [*report.life.happenings, done], []


def file_together(reports: Sequence[Any]) -> None:
    """Neighbours joined the newest report at work whose filer left an address."""
    for report in reversed(reports):
        if report.email and report.merged_into is None and _at_work(report):
            report.together = NEIGHBOURS
            return


def dispute_one(reports: Sequence[Any], crews: Mapping[str, Crew], now: datetime) -> None:
    """Where no dispute waits for its verdict today (holidays are near), the newest mended matter is disputed."""
    if any(_last_step(report) == "dispute" for report in reports):
        return
    for report in reversed(reports):
        crew = crews.get(report.life.unit) if report.life else None
        if crew and report.merged_into is None and _last_step(report) == "resolve":
            at = max(now - timedelta(minutes=30), report.life.happenings[-1].at)
            said = Happening(at, "step", "filer", transition="dispute", words=DISPUTED, audience="parties")
            told = Happening(at, "assigned", "system", assignee=crew.supervisor)
            report.life.happenings = [*report.life.happenings, said, told]
            return


def leave_no_address(reports: Sequence[Any], bodies: Collection[str], now: datetime) -> None:
    """Who filed the newest matter that one of ``bodies`` has had for a day left no address; ``bind_some`` goes on with it."""
    for report in reversed(reports):
        if report.merged_into is None and _outside(report, bodies, now - timedelta(days=1)):
            report.name, report.email, report.person = "", "", None
            return


def _outside(report: Any, bodies: Collection[str], before: datetime) -> bool:
    last = report.life.happenings[-1] if report.life and report.life.happenings else None
    return last is not None and last.transition == "forward" and last.body in bodies and last.at < before


def _untouched(report: Any) -> bool:
    free = report.merged_into is None and report.retells is None and not report.person
    return free and report.life is not None and all(item.kind in UNTOUCHED for item in report.life.happenings)


def _steps(report: Any) -> list[str]:
    return [item.transition for item in report.life.happenings if item.kind == "step"] if report.life else []


def _last_step(report: Any) -> str:
    return _steps(report)[-1] if _steps(report) else ""


def _at_work(report: Any) -> bool:
    return _steps(report) == ["start"]


def bind_some() -> None:
    """A case whose data are kept for an inspection, a body that has taken a matter on, and cases that a resident watches."""
    found = cases.visible_cases(SYSTEM).filter(case_type=KEY)
    closed = found.filter(stage="closed").order_by("filed_at").first()
    head = people_in([closed.unit_id], SUPERVISE).first() if closed is not None else None
    if head is not None:
        reason = "Kontrola wojewody: akta tej sprawy trzeba zachować do jej zakończenia."
        services.hold_data(case=closed, reason=reason, by=viewer_for_person(head.pk))
    residents = marks.get(RESIDENTS, [])
    if residents:
        viewer = viewer_for_person(UUID(residents[0]))
        for case in found.filter(stage="in_progress", public=True).exclude(filer_person=viewer.person_id)[:WATCHED]:
            services.watch(case=case, by=viewer)
    _take_on()


def _take_on() -> None:
    """The newest forwarded case of a person who left no address: nobody is written to about the demo's past."""
    silent = cases.open_forwardings(open311=False).filter(case__filer_person=None, case__parties__email="")
    row = silent.order_by("-at").first()
    if row is not None:
        words = "Przyjęliśmy zgłoszenie. Ekipa obejrzy miejsce w najbliższych dniach."
        with clock.at(clock.now() - timedelta(hours=20)):
            services.answer_from_body(forwarding=row, outcome="accepted", words=words, by=SYSTEM, reference="AWR/2117")
