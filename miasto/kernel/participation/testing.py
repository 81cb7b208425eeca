"""Factories for tests: a kind of process, a process with its documents and phases, remarks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from typing import Any

from django.contrib.gis.geos import Point

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM
from miasto.kernel.accounts.testing import make_unit
from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.core.polish import fold
from miasto.kernel.core.registry import registry
from miasto.kernel.participation import law, reporting, services
from miasto.kernel.participation.closing import figures
from miasto.kernel.participation.models import (
    Contribution,
    ContributionAuthor,
    ContributionText,
    Decision,
    Document,
    Paragraph,
    Phase,
    Process,
    Report,
)
from miasto.kernel.participation.voting.testing import make_election, make_open_election  # noqa: F401 - for modules' tests
from miasto.kernel.spec.participation import ProcessKind

_numbers = count(1)
KIND = "participation.trial"
TRIAL = ProcessKind(
    key=KIND,
    name="próba",
    name_plural="próby",
    url="/proba/{slug}/",
    remark_url="/proba/{slug}/uwagi/{number}/",
    link_url="/proba/s/{token}/",
    panel_url="/panel/proba/{id}/",
)
TEXT = "# Rozdział 1\n\nPierwszy akapit.\n\nDrugi akapit.\n\nTrzeci akapit."


@contextmanager
def declared(kind: ProcessKind = TRIAL) -> Iterator[ProcessKind]:
    """A kind of process for the length of a block."""
    known = registry()._specs[ProcessKind]
    before = dict(known)
    known[kind.key] = kind
    try:
        yield kind
    finally:
        known.clear()
        known.update(before)


def row_of(**fields: Any) -> services.ProcessRow:
    """A row with two phases: remarks from today for as long as the first basis wants, then answers."""
    basis = law.basis(fields.get("basis", law.bases()[0].key))
    start = fields.pop("starts_on", clock.today())
    end = law.earliest_end(basis, start)
    phases = [
        services.PhaseRow(name="Uwagi", starts_on=start, ends_on=end, actions=[Phase.Action.REMARK]),
        services.PhaseRow(name="Odpowiedzi", starts_on=end + timedelta(days=1), ends_on=end + timedelta(days=30)),
    ]
    values = {
        "title": f"Konsultacje próbne {next(_numbers)}",
        "decided": "Czy park będzie większy.",
        "decided_when": "w czerwcu",
        "decided_by": "Rada Miasta",
        "basis": basis.key,
        "initiator": law.initiators()[0].key,
        "author_groups": [one.key for one in law.author_groups()],
        "phases": phases,
        **fields,
    }
    if "unit_id" not in values:
        values["unit_id"] = make_unit().pk
    return services.ProcessRow(**values)


def make_process(*, kind: str = KIND, published: bool = True, **fields: Any) -> Process:
    """A process with facts and a subject document of four paragraphs, published by default."""
    made = services.create_process(process_kind=kind, row=row_of(**fields), by=SYSTEM)
    services.add_document(process=made, title="Fakty", role=Document.Role.FACTS, text="Tak jest dziś.", by=SYSTEM)
    services.add_document(process=made, title="Projekt", role=Document.Role.SUBJECT, text=TEXT, by=SYSTEM)
    return services.publish_process(process=made, by=SYSTEM) if published else made


def remark(process: Process, body: str = "Proszę o więcej drzew.", *, by: Any = ANONYMOUS, **fields: Any) -> Any:
    """A remark sent through the page; returns it. ``author`` and ``target`` as in ``services.RemarkRow``."""
    fields.setdefault("author_group", process.author_groups[0])
    return services.contribute(process=process, row=services.RemarkRow(body=body, **fields), by=by).contribution


def many_remarks(process: Process, upto: int, *, words: str = "Proszę o więcej drzew.") -> None:
    """So many published remarks in a process, written in bulk: to its paragraphs in turn, every third with a place."""
    there = Contribution.objects.filter(process=process).count()
    about = list(Paragraph.objects.filter(version__document__process=process, version__document__role="subject", heading=False))
    lon, lat = city().centre
    rows = [
        Contribution(
            process=process, number=number, channel="web", author_group=process.author_groups[0], received_on=clock.today(),
            entered_at=clock.now(), text_state="approved", paragraph=about[number % len(about)],
            version_id=about[number % len(about)].version_id,
            geom=Point(lon + number % 100 / 5000, lat + number % 70 / 5000, srid=4326) if number % 3 == 0 else None,
        )
        for number in range(there + 1, upto + 1)
    ]  # fmt: skip
    Contribution.objects.bulk_create(rows, batch_size=1000)
    texts = [ContributionText(contribution=row, body=words, published=words, folded=fold(words)) for row in rows]
    ContributionText.objects.bulk_create(texts, batch_size=1000)
    ContributionAuthor.objects.bulk_create([ContributionAuthor(contribution=row) for row in rows], batch_size=1000)
    Process.objects.filter(pk=process.pk).update(last_number=upto)


def answer_all(process: Process) -> None:
    """Each remark of a process answered by a decision of its own, the process closed, its report counted (anew)."""
    Process.objects.filter(pk=process.pk).update(closed_at=None)
    rows = list(Contribution.objects.filter(process=process, decision=None))
    for row in rows:
        row.decision = Decision(process=process, outcome="accepted", reasons="Tak zrobimy.", at=clock.now())
        row.status = "accepted"
    Decision.objects.bulk_create([row.decision for row in rows], batch_size=1000)
    Contribution.objects.bulk_update(rows, ["decision", "status"], batch_size=1000)
    Process.objects.filter(pk=process.pk).update(closed_at=clock.now(), outcome="Drzewa będą.")
    values = {"figures": figures(process), "counted_at": clock.now()}
    Report.objects.update_or_create(process=process, defaults=values)


def after_the_phases(process: Process) -> Any:
    """The clock held on the day after the last phase."""
    last = max(phase.ends_on for phase in process.phases.all())
    return clock.at(clock.start_of(last + timedelta(days=1)) + timedelta(hours=12))


def draw_report(process: Process) -> None:
    """What the job does after a close."""
    reporting.draw(process.pk)
