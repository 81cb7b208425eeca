"""The one way in which rows of city objects are written: checked, derived columns filled, the index in step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from miasto.kernel.core import clock
from miasto.kernel.core.registry import registry
from miasto.kernel.places import bulk
from miasto.kernel.places.fields import WGS84, Audience, CityObject
from miasto.kernel.places.models import Address, ObjectIndex, Street
from miasto.kernel.places.names import lookup_text, plain
from miasto.kernel.spec.places import ObjectKind


def check(obj: CityObject) -> None:
    """Raise ``ValidationError`` for what no object may have, ``TypeError`` for a class that declares no kind."""
    if not registry().has(ObjectKind, obj.kind):
        raise TypeError(f"{type(obj).__name__}.kind is {obj.kind!r}; declare ObjectKind(key={obj.kind!r}, ...)")
    geom = obj.geom
    if geom is None or geom.empty:
        raise ValidationError({"geom": _("Podaj położenie.")})
    if geom.srid not in (None, WGS84):
        raise ValidationError({"geom": _("Położenie musi być podane w układzie WGS 84 (EPSG:4326).")})
    if obj.geometry_types and geom.geom_type not in obj.geometry_types:
        raise ValidationError({"geom": _("Niewłaściwy rodzaj geometrii: %(type)s.") % {"type": geom.geom_type}})
    if obj.audience not in Audience.values:
        raise ValidationError({"audience": _("Nieznana widoczność.")})
    if obj.valid_from and obj.valid_to and obj.valid_to < obj.valid_from and obj._state.adding:
        raise ValidationError({"valid_to": _("Koniec ważności nie może poprzedzać początku.")})


def index_values(obj: CityObject) -> dict[str, Any]:
    """The columns of the index's row that belongs to an object."""
    names = obj.search_names if obj.geocoded else ""
    return {
        "id": obj.pk,
        "kind": obj.kind,
        "label": obj.label[:300],
        "geom": obj.geom,
        "audience": obj.audience,
        "unit_id": obj.unit_id,
        "valid_from": obj.valid_from,
        "valid_to": obj.valid_to,
        "norm": plain(names)[:300] if names else "",
        "lookup": lookup_text(names) if names else "",
    }


def index_row(obj: CityObject) -> ObjectIndex:
    """The row of the index that belongs to an object."""
    return ObjectIndex(**index_values(obj))


def write_one(obj: CityObject) -> bool:
    """Write one object and its index row; returns whether it is new."""
    created = obj._state.adding
    obj.prepare()
    check(obj)
    obj.updated_at = clock.now()
    renamed = not created and isinstance(obj, Street) and _renamed([obj])
    obj.save(force_insert=created)
    row = index_row(obj)
    row._state.adding = created
    row.save(force_insert=created)
    if renamed:
        relabel_addresses(renamed)
    return created


def write_many(objs: Sequence[Any], *, prepared: bool = False) -> int:
    """Write objects of one class and their index rows, one statement each; returns how many were new or different.

    ``prepared`` skips ``prepare`` and ``check`` for rows that the loaders have made complete.
    """
    now = clock.now()
    for obj in objs:
        if not prepared:
            obj.prepare()
            check(obj)
        obj.updated_at = now
    if not objs:
        return 0
    model = type(objs[0])
    renamed = _renamed(objs) if model is Street else []
    drawn = [bulk.geometry_text(obj.geom) for obj in objs]
    rows = (bulk.row(model, {**_stored(obj), "geom": text}) for obj, text in zip(objs, drawn, strict=True))
    written = bulk.upsert(model, rows, unless_only=("updated_at",))
    entries = (bulk.row(ObjectIndex, {**index_values(obj), "geom": text}) for obj, text in zip(objs, drawn, strict=True))
    bulk.upsert(ObjectIndex, entries)
    for obj in objs:
        obj._state.adding = False
    if renamed:
        relabel_addresses(renamed)
    return written


def _stored(obj: CityObject) -> dict[str, Any]:
    """The columns of an object, fetched where they were deferred (but for the generated one, which is never written)."""
    late = obj.get_deferred_fields() - {"geom_3857"}
    return {**vars(obj), **{name: getattr(obj, name) for name in late}}


def relabel_addresses(streets: Iterable[Any]) -> None:
    """Write the addresses of these streets anew, after their names changed."""
    addresses = list(Address.objects.filter(street_id__in=[street.pk for street in streets]).select_related("street"))
    if addresses:
        write_many(addresses)


def _renamed(streets: Sequence[Any]) -> list[Any]:
    """Those of the streets whose stored label is another."""
    before = dict(ObjectIndex.objects.filter(pk__in=[street.pk for street in streets]).values_list("pk", "label"))
    return [street for street in streets if street.pk in before and before[street.pk] != street.label[:300]]
