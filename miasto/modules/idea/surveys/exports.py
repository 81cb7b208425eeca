"""Results as CSV (RFC 4180) in UTF-8 with a byte order mark, so that spreadsheets read Polish letters."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer
from miasto.modules.idea.surveys import selectors
from miasto.modules.idea.surveys.models import Survey


def csv_of(rows: Iterable[list[Any]]) -> bytes:
    """Rows as a file; no cell is taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([[_harmless(value) for value in row] for row in rows])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def public_rows(survey: Survey, language: str) -> Iterable[list[Any]]:
    """What everybody may know of the answers: question, answer, how many people; nothing of one person."""
    yield [_("Pytanie"), _("Wiersz"), _("Odpowiedź"), _("Liczba")]
    for one in selectors.results(survey, exact=False, language=language):
        for label, count in one.rows:
            if one.columns:
                yield from (
                    [str(one.question.label), str(label), str(name), n] for name, n in zip(one.columns, count, strict=True)
                )
            else:
                yield [str(one.question.label), "", str(label), count]
        for words in one.words:
            yield [str(one.question.label), _("własnymi słowami"), words, 1]
    for found in selectors.map_results(survey, exact=False, language=language):
        for cell in found.cells:
            yield [str(found.question.label), _("okolica"), cell.name, cell.count]
        for part in found.parts:
            yield from ([str(found.question.label), str(part.question.label), str(label), n] for label, n in part.rows)


def staff_rows(survey: Survey, viewer: Viewer) -> Iterable[list[Any]]:
    """Every answer in a row of its own."""
    return selectors.raw_rows(survey, viewer)
