"""What may be read of a result, and from when. Everything here begins with the announcement, or with ``staff=True``.

``staff``: the caller has checked that the reader prepares the announcement; then a counted result is read before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from miasto.kernel.core.money import zloty
from miasto.kernel.participation.counting import recount
from miasto.kernel.participation.tallying.models import OptionResult, PoolCount, Tally, TallyFile
from miasto.kernel.participation.voting.selectors import NotYet

SCRIPT = Path(recount.__file__)
POINTED = ("cumulative", "ordinal")


@dataclass(frozen=True)
class Results:
    """A result: its counts by number, each with ``results`` (winners first, then by strength), and the files without data."""

    tally: Tally
    counts: list[PoolCount]
    files: list[TallyFile]

    @property
    def turnout(self) -> dict[str, int]:
        """Ballots by channel, as the close of the box published them."""
        return self.tally.election.counts.get("channels", {})


def tally_of(election: UUID) -> Tally | None:
    """How far the counting of an election is, for those who run it; ``None`` where nothing is planned."""
    return Tally.objects.select_related("election").filter(pk=election).first()


def _tallies(staff: bool) -> Any:
    found = Tally.objects.select_related("election")
    return found.counted() if staff else found.announced()


def results(election: UUID | None, *, staff: bool = False) -> Results:
    """The result with 4 queries. Raises ``NotYet`` before the announcement, whatever is there already."""
    rows = OptionResult.objects.select_related("option__pool").order_by("-won", "place", "-score", "option__number")
    counts = PoolCount.objects.order_by("number").prefetch_related(Prefetch("results", rows))
    files = TallyFile.objects.defer("data").order_by("id")
    found = _tallies(staff).prefetch_related(Prefetch("counts", counts), Prefetch("files", files)).filter(pk=election).first()
    if found is None:
        raise NotYet
    return Results(found, list(found.counts.all()), list(found.files.all()))


def announced(elections: Iterable[UUID]) -> set[UUID]:
    """Which of the elections have a result that everybody may read."""
    return set(Tally.objects.announced().filter(pk__in=list(elections)).values_list("pk", flat=True))


def result_of(object_id: UUID) -> OptionResult | None:
    """The announced result of a module's own thing (a project), with its count; ``None`` where there is none to be seen."""
    shown = Tally.objects.announced().values("pk")
    found = OptionResult.objects.filter(option__object_id=object_id, count__tally__in=shown)
    return found.select_related("count__tally", "option__pool").first()


def file(election: UUID, name: str, *, staff: bool = False) -> TallyFile:
    """One file with its data. Raises ``NotYet`` before the announcement and where there is no such file."""
    found = TallyFile.objects.filter(tally__in=_tallies(staff).filter(pk=election), name=name).first()
    if found is None:
        raise NotYet
    return found


def script() -> bytes:
    """The script that repeats a result, as it is downloaded."""
    return SCRIPT.read_bytes()


def brought(found: Results) -> dict[str, Any]:
    """What a voter's own device needs to say what a ballot brought: the same for all voters, exact numbers as text.

    A purchase is ``[key, price of a point]`` in the currency, in the order of purchases: each of its voters pays the price
    times the points, or what is left (``counting.explain``).
    """
    return {
        "election": str(found.tally.pk),
        "counts": [
            {
                "name": one.name,
                "pools": one.pools,
                "rule": one.figures["rule"],
                "share": one.figures["share"],
                "purchases": one.figures["purchases"],
                "longest": one.figures["longest"],
            }
            for one in found.counts
        ],
        "projects": {
            row.key: {
                "name": row.option.name,
                "won": row.won,
                "place": row.place,
                "reason": reason(row.reason),
                "missing": missing(row),
            }
            for one in found.counts
            for row in one.results.all()
        },
    }


def missing(row: OptionResult) -> str:
    """How near a loser was, in words: votes, money, both or nothing."""
    parts = [_missing_votes(row)] if row.missing_votes else []
    if row.missing_money:
        parts.append(zloty(row.missing_money))
    return _("Zabrakło: %(what)s.") % {"what": _(" albo ").join(parts)} if parts else ""


def _missing_votes(row: OptionResult) -> str:
    """Votes or points; whole ballots of points where equal shares were counted again with more of them."""
    words = ngettext("%(n)d głosu", "%(n)d głosów", row.missing_votes)
    if row.count.vote_type in POINTED:
        words = ngettext("%(n)d punktu", "%(n)d punktów", row.missing_votes)
        if row.count.figures["rule"] == "equal-shares" and row.reason != "below-threshold":
            words = ngettext(
                "%(n)d głosu tylko na niego, z największą liczbą punktów",
                "%(n)d głosów tylko na niego, z największą liczbą punktów",
                row.missing_votes,
            )
    return words % {"n": row.missing_votes}


def reason(code: str) -> str:
    """The reason in the reader's language."""
    return str(REASONS[code]())


REASONS = {
    "won": lambda: _("Zmieścił się w puli, gdy przyszła jego kolej."),
    "won-greedy": lambda: _("Zmieścił się w pieniądzach, które zostały po podziale na równe części."),
    "shared": lambda: _("Głosujący na niego złożyli się na cały koszt ze swoich części puli."),
    "free": lambda: _("Nic nie kosztuje i ma głosy."),
    "below-threshold": lambda: _("Nie osiągnął najmniejszej wymaganej liczby głosów."),
    "does-not-fit": lambda: _("Nie zmieścił się w pieniądzach, które zostały, gdy przyszła jego kolej."),
    "above-budget": lambda: _("Kosztuje więcej, niż jest w całej puli."),
    "pool-full": lambda: _("Nie zmieścił się w limicie swojej puli."),
    "excluded": lambda: _("Wygrał wcześniej projekt, z którym się wyklucza."),
    "stopped": lambda: _("Liczenie zakończył wcześniej projekt, który się nie zmieścił."),
    "supporters-short": lambda: _("Głosującym na niego zabrakło pieniędzy z ich części puli."),
    "no-votes": lambda: _("Nikt na niego nie głosował."),
}
