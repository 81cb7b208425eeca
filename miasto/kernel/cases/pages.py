"""Pages of long lists without counting everything: a cursor for the next rows, a count that stops at a bound."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db.models import Q, QuerySet

COUNT_MOST = 1000
R = TypeVar("R")


@dataclass(frozen=True)
class Order:
    """How a list is ordered: one column, then the identifier. ``read`` makes the column's value from a cursor."""

    column: str
    descending: bool
    read: Callable[[str], Any]


def moment(text: str) -> datetime:
    return datetime.fromtimestamp(int(text) / 1_000_000, UTC)


NEWEST = Order("filed_at", True, moment)
SUPPORTED = Order("supporters", True, int)
DUE = Order("due_on", False, date.fromisoformat)


@dataclass(frozen=True)
class Page(Generic[R]):
    """Rows with cursors to the rows after and before (None where there are none).

    ``count`` is exact unless ``count_is_exact`` is False: then there are more than ``count`` rows.
    """

    rows: list[R] = field(default_factory=list)
    next: str | None = None
    previous: str | None = None
    count: int = 0
    count_is_exact: bool = True

    def __len__(self) -> int:
        return len(self.rows)


def cut(found: QuerySet, order: Order, cursor: str, size: int) -> tuple[list[Any], str | None, str | None]:
    """The rows at a cursor, and the cursors of the next and the previous rows. One query; a broken cursor starts anew."""
    place = _parse(cursor, order)
    backwards = place is not None and place[0] == "p"
    descending = order.descending != backwards
    if place is not None:
        found = found.filter(_beyond(order.column, place[1], place[2], descending))
    sign = "-" if descending else ""
    rows = list(found.order_by(f"{sign}{order.column}", f"{sign}id")[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    if not rows:
        return [], None, None
    has_next = more if not backwards else True
    has_previous = more if backwards else place is not None
    return (
        rows,
        _cursor("n", order, rows[-1]) if has_next else None,
        _cursor("p", order, rows[0]) if has_previous else None,
    )


def bounded_count(found: QuerySet, most: int = COUNT_MOST) -> tuple[int, bool]:
    """``(rows, exact)``: counting stops one past ``most``, so that a million rows cost no more than a thousand."""
    count = found.order_by()[: most + 1].count()
    return min(count, most), count <= most


def _beyond(column: str, value: Any, pk: UUID, descending: bool) -> Q:
    way = "lt" if descending else "gt"
    return Q(**{f"{column}__{way}e": value}) & (Q(**{f"{column}__{way}": value}) | Q(**{f"id__{way}": pk}))


def _cursor(way: str, order: Order, row: Any) -> str:
    value = getattr(row, order.column)
    text = str(round(value.timestamp() * 1_000_000)) if isinstance(value, datetime) else str(value)
    return base64.urlsafe_b64encode(f"{way}|{text}|{row.pk.hex}".encode()).decode().rstrip("=")


def _parse(cursor: str, order: Order) -> tuple[str, Any, UUID] | None:
    try:
        way, text, pk = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split("|")
        return (way, order.read(text), UUID(pk)) if way in "np" else None
    except (ValueError, OverflowError, OSError, binascii.Error):
        return None
