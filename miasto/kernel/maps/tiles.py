"""Mapbox Vector Tiles (specification 2.1) made by PostGIS, one statement for each tile.

At low zooms points that would lie within about four pixels of each other are thinned to one, lines and polygons are
simplified to half a pixel, and what is smaller is left out; from ``FULL_ZOOM`` on a tile holds everything.
"""

from __future__ import annotations

import threading
from typing import Any

import psycopg
from django.db import connection
from django.db.models import QuerySet

from miasto.kernel.accounts.viewer import Viewer
from miasto.kernel.core import clock
from miasto.kernel.core.freshness import own_connection
from miasto.kernel.maps.layers import rows, select
from miasto.kernel.spec.maps import Layer

EXTENT = 4096
BUFFER = 64
FULL_ZOOM = 14
WORLD_M = 40_075_016.6855785
THIN_PX = 4
SIMPLE_POINTS = 12
MEDIA_TYPE = "application/vnd.mapbox-vector-tile"


class NoSuchTile(LookupError):
    """The tile is outside the grid of its zoom, or the layer has no tiles at this zoom."""


def check(spec: Layer, z: int, x: int, y: int) -> None:
    """Raises ``NoSuchTile`` for a tile that cannot exist."""
    if not (spec.min_zoom <= z <= spec.max_zoom and 0 <= x < 2**z and 0 <= y < 2**z):
        raise NoSuchTile(f"{spec.key}: {z}/{x}/{y}")


def statement(spec: Layer, viewer: Viewer, z: int) -> tuple[str, list[Any]]:
    """The SQL of any tile of one zoom; append ``[z, x, y, margin] + [z, x, y]`` as ``tile_parameters`` says."""
    columns = {name: name for name in spec.tile}
    inner, parameters = select(spec, viewer, columns, _narrowed(spec, viewer, z))
    named = "".join(f', o.c{number} AS "{name}"' for number, name in enumerate(columns))
    kept = "".join(f", o.c{number}" for number in range(len(columns)))
    pixel = WORLD_M / 2**z / 512
    geometry = _geometry(spec, z, pixel)
    bounded = f"SELECT * FROM ({inner}) AS o WHERE o.m && ST_TileEnvelope(%s, %s, %s, margin => %s)"  # noqa: S608 - made of declarations only
    if spec.geometry == "point" and z < FULL_ZOOM:
        cell = THIN_PX * pixel
        bounded = (
            f"SELECT DISTINCT ON (cell) o.oid, o.m{kept} FROM (SELECT o.oid, {_POINT} AS m{kept} FROM ({bounded}) AS o) AS o, "  # noqa: S608
            f"LATERAL (SELECT (floor(ST_X(o.m) / {cell})::bigint << 32) + floor(ST_Y(o.m) / {cell})::bigint AS cell) AS grid "
            "ORDER BY cell, o.oid"
        )
    elif z < FULL_ZOOM:
        bounded += f" AND ST_XMax(o.m) - ST_XMin(o.m) + ST_YMax(o.m) - ST_YMin(o.m) > {pixel}"
    shape = f"ST_AsMVTGeom({geometry}, ST_TileEnvelope(%s, %s, %s), {EXTENT}, {BUFFER}, true)"
    drawn = f"SELECT {shape} AS geom, o.oid::text AS id{named} FROM ({bounded}) AS o"  # noqa: S608
    return f"SELECT ST_AsMVT(tile, '{spec.key}', {EXTENT}, 'geom') FROM ({drawn}) AS tile", parameters  # noqa: S608


def _narrowed(spec: Layer, viewer: Viewer, z: int) -> QuerySet | None:
    return rows(spec, viewer).filter(spec.far(clock.today())) if spec.far and z < spec.far_below else None


def tile_parameters(parameters: list[Any], z: int, x: int, y: int) -> list[Any]:
    """The parameters of ``statement`` for one tile, in the order of its placeholders."""
    return [z, x, y, *parameters, z, x, y, BUFFER / EXTENT]


def render(spec: Layer, viewer: Viewer, z: int, x: int, y: int) -> bytes:
    """The tile for a viewer; empty where nothing is there. Raises ``NoSuchTile``."""
    check(spec, z, x, y)
    sql, parameters = statement(spec, viewer, z)
    return run(sql, tile_parameters(parameters, z, x, y))


def run(sql: str, parameters: list[Any]) -> bytes:
    """Ask for one tile."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return bytes(cursor.fetchone()[0] or b"")


class Reader:
    """Reads tiles over connections of its own, one for each thread.

    They stay open (a small tile takes less time than opening one) and bring the tile as bytes, where Django's bring it in
    hexadecimal, twice as long. Statements are not prepared: a plan that fits every zoom fits none.
    """

    def __init__(self) -> None:
        self._kept = threading.local()
        self._all: list[psycopg.Connection] = []

    def bytes(self, sql: str, parameters: list[Any]) -> bytes:
        """One tile. A connection that broke meanwhile is replaced once; raises ``psycopg.Error``."""
        try:
            return self._ask(sql, parameters)
        except psycopg.OperationalError:
            return self._ask(sql, parameters)

    def close(self) -> None:
        """Close every connection."""
        for one in self._all:
            one.close()

    def _ask(self, sql: str, parameters: list[Any]) -> bytes:
        found = getattr(self._kept, "connection", None)
        if found is None or found.closed:
            found = self._kept.connection = psycopg.connect(**own_connection(), autocommit=True)
            self._all = [*(one for one in self._all if not one.closed), found]
        return found.execute(sql, parameters, prepare=False, binary=True).fetchone()[0] or b""


_POINT = "CASE geometrytype(o.m) WHEN 'POINT' THEN o.m ELSE ST_PointOnSurface(o.m) END"


def _geometry(spec: Layer, z: int, pixel: float) -> str:
    if spec.geometry == "point":
        return "o.m" if z < FULL_ZOOM else _POINT
    if z >= FULL_ZOOM:
        return "o.m"
    return f"CASE WHEN ST_NPoints(o.m) > {SIMPLE_POINTS} THEN ST_Simplify(o.m, {pixel / 2}) ELSE o.m END"
