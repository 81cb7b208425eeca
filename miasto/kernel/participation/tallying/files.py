"""The files that are published with a result: ballots (``.pb``), results as CSV and as JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from miasto.kernel.participation.counting import publishing, report
from miasto.kernel.participation.tallying.counting import Counted, Paper, words
from miasto.kernel.participation.tallying.models import Tally, TallyFile

WHOLE, TABLE, MACHINE, PROTOCOL = "wszystkie.pb", "wyniki.csv", "wyniki.json", "protokol.pdf"
HEAD = (
    "Pula", "Numer", "Projekt", "Koszt (zł)", "Głosy", "Punkty", "Wynik", "Kolejność", "Powód",
    "Zabrakło głosów", "Zabrakło złotych",
)  # fmt: skip
TYPES = {
    "pb": "text/plain; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "pdf": "application/pdf",
}


def content_type(name: str) -> str:
    """The media type by the end of the name."""
    return TYPES[name.rpartition(".")[2]]


def rows(tally: Tally, paper: Paper, made: Sequence[Counted], whole: bytes | None) -> Iterator[TallyFile]:
    """All files but the protocol, unsaved, in the order in which they are listed."""
    for one in made:
        if one.file is not whole:
            yield row(tally, f"pula-{one.number}.pb", one.name, one.file)
    if whole is not None:
        yield row(tally, WHOLE, tally.election.title, whole)
    yield row(tally, TABLE, tally.election.title, table(paper, made))
    yield row(tally, MACHINE, tally.election.title, machine(tally, made))


def row(tally: Tally, name: str, title: str, data: bytes) -> TallyFile:
    """A file with its hash."""
    return TallyFile(tally=tally, name=name, title=title, data=data, size=len(data), sha256=publishing.sha256(data))


def table(paper: Paper, made: Sequence[Counted]) -> bytes:
    """One row for each project (RFC 4180, UTF-8 with a byte order mark, so that spreadsheets read Polish letters)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEAD)
    options = paper.by_key()
    for one in made:
        for decision in sorted(one.result.decisions, key=lambda found: (not found.won, found.order or 0, found.project)):
            project, election = one.result.election.projects[decision.project], one.result.election
            option, missing = options[project.id], decision.missing_money
            writer.writerow(
                [
                    _harmless(option.pool.name),
                    option.number,
                    _harmless(option.name),
                    _money(Fraction(option.cost, 100)),
                    election.votes[decision.project],
                    election.scores[decision.project],
                    "wybrany" if decision.won else "niewybrany",
                    decision.order or "",
                    words(decision.reason),
                    _plain(one.missing_votes(decision)),
                    "" if missing is None else _money(missing),
                ]
            )
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _plain(value: int | None) -> int | str:
    return "" if value is None else value


def _money(amount: Fraction) -> str:
    """Zlotys with two places and the Polish comma; what is not whole grosze is rounded up."""
    whole, rest = divmod(-(-amount.numerator * 100 // amount.denominator), 100)
    return f"{whole},{rest:02d}"


def _harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def machine(tally: Tally, made: Sequence[Counted]) -> bytes:
    """Everything that the count says, with the keys of ``python -m miasto count --json``."""
    told: list[dict[str, Any]] = []
    for one in made:
        found = report.as_dict(one.result)
        for decision, project in zip(one.result.decisions, found["projects"], strict=True):
            project["missing_votes"] = one.missing_votes(decision)
        told.append({"name": one.name, "pools": [pool.number for pool in one.pools], **found})
    election = {"election": str(tally.election_id), "title": tally.election.title, "turnout": tally.election.counts}
    return json.dumps({**election, "counts": told}, ensure_ascii=False, indent=1).encode()
