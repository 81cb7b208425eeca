"""The protocol of the results: the paper that a committee signs, drawn from the stored result."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import translation

from miasto.kernel.core.money import zloty
from miasto.kernel.participation.tallying import files, selectors
from miasto.kernel.participation.tallying.models import PoolCount, TallyFile
from miasto.kernel.participation.voting.models import Channel
from miasto.kernel.ui import printing


def draw(election: UUID) -> None:
    """Write the PDF of a counted election, unless it is there. May be killed and called again."""
    if TallyFile.objects.filter(tally=election, name=files.PROTOCOL).exists():
        return
    data = pdf_of(selectors.results(election, staff=True))
    with transaction.atomic():
        found = selectors.results(election, staff=True)
        if all(one.name != files.PROTOCOL for one in found.files):
            files.row(found.tally, files.PROTOCOL, found.tally.election.title, data).save()


def page_of(found: selectors.Results) -> str:
    """The document from which the PDF is drawn."""
    with translation.override(printing.LANGUAGE):
        return printing.page("participation/tally/pdf.html", context(found))


def context(found: selectors.Results) -> dict[str, Any]:
    """What the protocol says."""
    election = found.tally.election
    bulletin = getattr(election, "bulletin", None)
    return {
        "tally": found.tally,
        "election": election,
        "numbers": election.counts,
        "channels": [(str(Channel(key).label), many) for key, many in sorted(found.turnout.items())],
        "root": bytes(bulletin.root).hex() if bulletin else "",
        "holders": list(election.key_holders.order_by("number")),
        "counts": [(one, _rows(one), zloty(one.budget), zloty(one.cost), zloty(one.left)) for one in found.counts],
        "files": [one for one in found.files if one.name != files.PROTOCOL],
    }


def _rows(one: PoolCount) -> list[tuple[Any, str, str]]:
    return [
        (row, zloty(row.option.cost), " ".join(filter(None, (selectors.reason(row.reason), selectors.missing(row)))))
        for row in one.results.all()
    ]


def pdf_of(found: selectors.Results) -> bytes:
    """The protocol as a tagged PDF (PDF/UA-1)."""
    return printing.tagged(page_of(found))
