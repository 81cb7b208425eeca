"""What the map shows, as a list: the same objects in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from miasto.kernel.accounts.viewer import Viewer
from miasto.kernel.maps.features import Box
from miasto.kernel.maps.layers import details_of, label_of, layer, layers, select
from miasto.kernel.spec.maps import Layer

EACH = 50


@dataclass(frozen=True)
class Row:
    """One object of the list; ``detail`` says more of it."""

    label: str
    detail: str
    url: str


@dataclass(frozen=True)
class Listed:
    """The objects of one layer in the box: ``EACH`` of them from ``start``, and how many there are."""

    layer: Layer
    rows: list[Row]
    count: int
    start: int

    @property
    def next_start(self) -> int | None:
        """Where the next part begins; None at the end."""
        return self.start + EACH if self.start + EACH < self.count else None

    @property
    def previous_start(self) -> int | None:
        """Where the part before begins; None at the beginning."""
        return max(0, self.start - EACH) if self.start else None


def overlays() -> list[Layer]:
    """The layers that a reader may switch on and off."""
    return [spec for spec in layers() if not spec.basemap]


def chosen(text: str | None) -> list[Layer]:
    """The layers that a comma list of keys names, without unknown ones; None stands for those shown at first."""
    if text is None:
        return [spec for spec in overlays() if spec.on]
    found = [layer(key) for key in dict.fromkeys(text.split(","))]
    return [spec for spec in found if spec is not None and not spec.basemap]


def grouped(specs: Sequence[Layer]) -> list[tuple[str, list[Layer]]]:
    """``(name of the group, layers)`` in order of the first layer of each group."""
    groups: dict[str, list[Layer]] = {}
    for spec in specs:
        groups.setdefault(str(spec.group), []).append(spec)
    return list(groups.items())


def listing(specs: Sequence[Layer], viewer: Viewer, *, box: Box | None = None, start: int = 0) -> list[Listed]:
    """What the layers hold within a box (west, south, east, north in degrees), newest first or by name; one query for all."""
    if not specs:
        return []
    parts, parameters = [], []
    for spec in specs:
        sql, values = _part(spec, viewer, box, start)
        parts.append(f"({sql})")
        parameters += values
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), parameters)
        found = cursor.fetchall()
    return [_listed(spec, [row for row in found if row[0] == spec.key], start) for spec in specs]


def _part(spec: Layer, viewer: Viewer, box: Box | None, start: int) -> tuple[str, list[Any]]:
    columns = {"label": label_of(spec) or "pk"} | {look_up: look_up for look_up in details_of(spec)}
    if spec.datetime:
        columns["datetime"] = spec.datetime
    inner, parameters = select(spec, viewer, columns)
    label = "o.c0::text" if label_of(spec) else "''"
    details = "".join(f", nullif(o.c{number}::text, '')" for number in range(1, 1 + len(details_of(spec))))
    order = f"o.c{len(columns) - 1} DESC NULLS LAST, " if spec.datetime else ""
    where = ""
    bounds: list[Any] = []
    if box is not None:
        where = " WHERE o.m && ST_Transform(ST_MakeEnvelope(%s, %s, %s, %s, 4326), 3857)"
        bounds = list(box)
    sql = (
        f"SELECT %s AS key, o.oid::text, {label}, concat_ws(', ', NULL::text{details}), count(*) OVER () "  # noqa: S608
        f"FROM ({inner}) AS o{where} ORDER BY {order}o.c0, o.oid LIMIT %s OFFSET %s"
    )
    return sql, [spec.key, *parameters, *bounds, EACH, start]


def _listed(spec: Layer, found: list[tuple[Any, ...]], start: int) -> Listed:
    rows = [Row(label or str(spec.name), detail, spec.url.format(id=key)) for _layer, key, label, detail, _count in found]
    return Listed(spec, rows, found[0][4] if found else 0, start)
