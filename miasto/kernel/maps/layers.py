"""A declared layer as SQL: which rows a viewer may see, with which columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.core.exceptions import EmptyResultSet
from django.db.models import F, Func, Model, QuerySet, TextField

from miasto.kernel.accounts.viewer import ANONYMOUS, Viewer
from miasto.kernel.core.registry import registry
from miasto.kernel.spec.maps import Layer

LABELS = ("name", "title", "label", "number", "address")
DETAILS = ("category", "kind_name", "address")


def layers() -> list[Layer]:
    """Every declared layer, in drawing order."""
    return registry().all(Layer)


def layer(key: str) -> Layer | None:
    """The layer of that key, or None."""
    return registry().get(Layer, key) if registry().has(Layer, key) else None


def model_of(spec: Layer) -> type[Model]:
    """The model behind a layer; raises ``LookupError`` where no such model is installed."""
    return apps.get_model(spec.model)


def rows(spec: Layer, viewer: Viewer = ANONYMOUS) -> QuerySet:
    """The objects of the layer that the viewer may see and that are valid today."""
    found = model_of(spec)._default_manager.visible_to(viewer)
    if hasattr(found, "current"):
        found = found.current()
    return found.filter(**spec.where).order_by()


class _Bare(Func):
    """A column as it is stored; Django would wrap a geometry in a cast, which no index answers."""

    template = "%(expressions)s"
    output_field = TextField()


def select(spec: Layer, viewer: Viewer, columns: Mapping[str, str], narrowed: QuerySet | None = None) -> tuple[str, list[Any]]:
    """A SELECT of the layer's rows and its parameters.

    Its columns are ``oid`` (the key), ``m`` (EPSG:3857), ``g`` (EPSG:4326), and ``c0``, ``c1``... for the look-ups in
    ``columns``. It has no bounds: the caller wraps it, and PostgreSQL still uses the indexes of the table.
    """
    query = rows(spec, viewer) if narrowed is None else narrowed
    made: dict[str, Any] = {"oid": F("pk"), "m": _Bare(F("geom_3857")), "g": _Bare(F("geom"))}
    made |= {f"c{number}": F(look_up) for number, look_up in enumerate(columns.values())}
    try:
        sql, parameters = query.annotate(**made).values(*made).query.sql_with_params()
    except EmptyResultSet:  # Django knows that nothing can match
        empty = {"oid": "uuid", "m": "geometry", "g": "geometry"}
        return "SELECT " + ", ".join(f"NULL::{empty.get(name, 'text')} AS {name}" for name in made) + " WHERE false", []
    return sql, list(parameters)


def label_of(spec: Layer) -> str:
    """The look-up of the property that names an object of the layer in a list; empty where it has none."""
    for name in LABELS:
        if name in spec.properties:
            return spec.properties[name]
    return next(iter(spec.properties.values()), "")


def details_of(spec: Layer) -> list[str]:
    """The look-ups of the properties that say more of an object beside its label."""
    return [spec.properties[name] for name in DETAILS if name in spec.properties and spec.properties[name] != label_of(spec)]
