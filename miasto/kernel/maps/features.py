"""Features of a layer as GeoJSON (RFC 7946) text made by PostgreSQL, page by page in the order of their keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from django.core.exceptions import FieldError, ValidationError
from django.db import DataError, connection, transaction
from django.db.models import BooleanField, QuerySet

from miasto.kernel.accounts.viewer import Viewer
from miasto.kernel.maps.layers import model_of, rows, select
from miasto.kernel.spec.maps import Layer

Box = tuple[float, float, float, float]
_DIGITS = 7
_MERCATOR_LATITUDE = 85.06


class BadQuery(ValueError):
    """The question cannot be answered; says which parameter and why."""


@dataclass(frozen=True)
class Query:
    """What is asked of a collection. Boxes are (west, south, east, north) in degrees; ``after`` is the last key seen."""

    limit: int = 10
    boxes: tuple[Box, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    equal: dict[str, str] = field(default_factory=dict)
    after: str = ""


@dataclass(frozen=True)
class Page:
    """Features as JSON text, and the key after which the next page begins (empty on the last page)."""

    features: list[str]
    after: str


def page(spec: Layer, viewer: Viewer, query: Query) -> Page:
    """One page of a layer's features; one query. Raises ``BadQuery``."""
    where, parameters = _conditions(spec, query)
    sql, start = _feature_sql(spec, viewer, _narrowed(spec, viewer, query))
    sql += f"{where} ORDER BY o.oid LIMIT %s"
    found = _fetch(sql, [*start, *parameters, query.limit + 1])
    more = len(found) > query.limit
    kept = found[: query.limit]
    return Page([text for _key, text in kept], str(kept[-1][0]) if more else "")


def feature(spec: Layer, viewer: Viewer, key: str) -> str | None:
    """One feature as JSON text; None where there is none for this viewer."""
    try:
        narrowed = rows(spec, viewer).filter(pk=model_of(spec)._meta.pk.to_python(key))
    except (ValidationError, ValueError):
        return None
    sql, parameters = _feature_sql(spec, viewer, narrowed)
    found = _fetch(sql, parameters)
    return found[0][1] if found else None


def _feature_sql(spec: Layer, viewer: Viewer, narrowed: QuerySet) -> tuple[str, list[Any]]:
    columns = {f"p{number}": look_up for number, look_up in enumerate(spec.properties.values())}
    if spec.datetime:
        columns["time"] = spec.datetime
    inner, parameters = select(spec, viewer, columns, narrowed)
    pairs = ", ".join(f"%s, o.c{number}" for number in range(len(spec.properties)))
    sql = (
        'SELECT o.oid, \'{"type":"Feature","id":\' || to_json(o.oid)::text || \',"geometry":\' || '  # noqa: S608
        f"coalesce(ST_AsGeoJSON(o.g, {_DIGITS}), 'null') || ',\"properties\":' || json_build_object({pairs})::text || '}}' "
        f"FROM ({inner}) AS o WHERE true"
    )
    return sql, [*spec.properties, *parameters]


def _narrowed(spec: Layer, viewer: Viewer, query: Query) -> QuerySet:
    found = rows(spec, viewer)
    for name, value in query.equal.items():
        try:
            found = found.filter(**{spec.properties[name]: _typed(spec, spec.properties[name], value)})
        except (ValueError, TypeError, ValidationError, FieldError) as error:
            raise BadQuery(f"{name}: {value!r} is not a value of this property") from error
    if query.after:
        try:
            found = found.filter(pk__gt=model_of(spec)._meta.pk.to_python(query.after))
        except (ValueError, ValidationError) as error:
            raise BadQuery("cursor: take it from a next link") from error
    return found


def _typed(spec: Layer, look_up: str, value: str) -> Any:
    """JSON's true and false for the model's boolean fields; everything else is converted by the field itself."""
    meta = model_of(spec)._meta
    names = {one.name for one in meta.get_fields()}
    if look_up in names and isinstance(meta.get_field(look_up), BooleanField):
        if value not in ("true", "false"):
            raise ValueError(value)
        return value == "true"
    return value


def _conditions(spec: Layer, query: Query) -> tuple[str, list[Any]]:
    sql, parameters = "", []
    if query.boxes:
        each = []
        for west, south, east, north in query.boxes:
            low, high = (max(-_MERCATOR_LATITUDE, min(_MERCATOR_LATITUDE, value)) for value in (south, north))
            each.append(
                "(o.m && ST_Transform(ST_MakeEnvelope(%s, %s, %s, %s, 4326), 3857)"
                " AND ST_Intersects(o.g, ST_MakeEnvelope(%s, %s, %s, %s, 4326)))"
            )
            parameters += [west, low, east, high, west, south, east, north]
        sql += f" AND ({' OR '.join(each)})"
    if spec.datetime:
        moment = f"o.c{len(spec.properties)}"
        for limit, sign in ((query.since, ">="), (query.until, "<=")):
            if limit is not None:
                sql += f" AND ({moment} IS NULL OR {moment} {sign} %s)"
                parameters.append(limit)
    return sql, parameters


def _fetch(sql: str, parameters: list[Any]) -> list[tuple[Any, str]]:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall()
    except (DataError, ValueError) as error:
        raise BadQuery("a value is out of range") from error


def moment(text: str, *, end: bool = False) -> datetime | None:
    """An RFC 3339 date-time or full-date, open where empty or ``..``; a date means its first or its last instant (UTC)."""
    if text in ("", ".."):
        return None
    try:
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text), time.max if end else time.min, tzinfo=UTC)
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadQuery(f"datetime: {text!r} is no RFC 3339 date-time") from error
    if found.tzinfo is None or "T" not in text.upper():
        raise BadQuery(f"datetime: {text!r} has no time zone")
    try:
        return found.astimezone(UTC)
    except OverflowError as error:
        raise BadQuery(f"datetime: {text!r} is out of range") from error


def interval(text: str) -> tuple[datetime | None, datetime | None]:
    """``(since, until)`` of OGC API Features Part 1, 7.15.4: an instant or two ends parted by ``/``."""
    ends = text.split("/")
    if len(ends) > 2 or text in ("", ".."):
        raise BadQuery("datetime: give an instant or an interval start/end")
    since, until = moment(ends[0]), moment(ends[-1], end=True)
    if since and until and since > until:
        raise BadQuery("datetime: the interval ends before it begins")
    return since, until


def boxes(text: str) -> tuple[Box, ...]:
    """The boxes of a ``bbox`` of 4 or 6 numbers (CRS84); two where it crosses the antimeridian."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError as error:
        raise BadQuery("bbox: four or six numbers are wanted") from error
    if len(numbers) == 6:
        numbers = [numbers[0], numbers[1], numbers[3], numbers[4]]
    if len(numbers) != 4:
        raise BadQuery("bbox: four or six numbers are wanted")
    west, south, east, north = numbers
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise BadQuery("bbox: west, south, east, north in degrees are wanted")
    if west > east:
        return ((west, south, 180.0, north), (-180.0, south, east, north))
    return ((west, south, east, north),)
