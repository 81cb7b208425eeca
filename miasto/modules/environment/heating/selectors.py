"""What may be told of the inventory: to everybody counts that reveal no household, to staff the rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Max, QuerySet
from django.db.models.functions import ExtractYear

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.core import clock
from miasto.kernel.places.selectors import districts
from miasto.modules.environment.heating.kinds import BOILERS, GROUPS, NONE, SMOKY, SOLID
from miasto.modules.environment.heating.models import HeatingImport, HeatingSource
from miasto.modules.environment.heating.services import PERMISSION
from miasto.modules.environment.heating.suppress import LEAST, TOTAL, protected

YEARS = 6
KEPT_S = 3600
ELSEWHERE = "elsewhere"


@dataclass(frozen=True)
class Public:
    """The public view. ``cells`` is ``{(district or TOTAL, group or TOTAL): count or None}``; None is not told.

    ``changes`` are ``(year, installed, removed, removed boilers below class 3)``; ``classes`` the boilers by class.
    """

    as_of: date | None
    cells: dict[Any, int | None]
    districts: list[tuple[Any, str]]
    classes: dict[str, int | None]
    changes: list[tuple[int, int | None, int | None, int | None]]

    @property
    def total(self) -> int | None:
        return self.cells.get((TOTAL, TOTAL))


def public() -> Public:
    """Counts per district and group, boilers by class, and changes by year. No household can be read out.

    Sources whose address is not known stand as a row of their own. Counted once for each state of the inventory: two queries,
    six more where it is new.
    """
    found: Public = kept_for("public", _public)
    return found


def kept_for(name: str, make: Callable[[], Any]) -> Any:
    """What is made of the inventory, kept until it changes, at most an hour; two queries."""
    held = HeatingSource.objects.aggregate(n=Count("pk"), last=Max("pk"), seen=Max("seen_on"), gone=Count("removed_on"))
    imports = HeatingImport.objects.filter(state=HeatingImport.State.DONE)
    done = imports.order_by("-made_at").values_list("pk", flat=True).first()
    key = f"environment.heating.{name}.{clock.today().year}.{done}." + "-".join(str(value) for value in held.values())
    kept = cache.get(key)
    if kept is None:
        kept = make()
        cache.set(key, kept, KEPT_S)
    return kept


def _public() -> Public:
    standing = HeatingSource.objects.filter(removed_on=None)
    rows = standing.values_list("district", "group").annotate(n=Count("pk")).order_by()
    counted = {(district or ELSEWHERE, group): n for district, group, n in rows if group in GROUPS}
    names = {pk: name for pk, name in districts().values_list("pk", "name") if any(key[0] == pk for key in counted)}
    keys = [*names, *([ELSEWHERE] if any(key[0] == ELSEWHERE for key in counted) else [])]
    table = {(key, group): counted.get((key, group), 0) for key in keys for group in GROUPS}
    boilers = dict(standing.filter(kind__in=BOILERS).values_list("boiler_class").annotate(n=Count("pk")).order_by())
    as_of = HeatingImport.objects.filter(state=HeatingImport.State.DONE).aggregate(day=Max("as_of"))["day"]
    if as_of is None:
        as_of = HeatingSource.objects.aggregate(day=Max("seen_on"))["day"]
    cells = protected(table) if table else {}
    return Public(
        as_of,
        cells,
        [(key, names.get(key, "")) for key in keys],
        _classes(boilers, counted, cells),
        _changes(),
    )


def _classes(boilers: dict[str, int], counted: dict[Any, int], cells: dict[Any, int | None]) -> dict[str, int | None]:
    """Boilers by class. What the groups hide must not be computed from them, nor the other sources for solid fuel."""
    solid = sum(n for (_key, group), n in counted.items() if group in (SOLID, SMOKY))
    told = protected({("", key): n for key, n in {**boilers, "rest": solid - sum(boilers.values())}.items()})
    if cells.get((TOTAL, SMOKY), 0) is None:
        told["", NONE] = None
    return {key: told["", key] for key in boilers}


def _told(count: int) -> int | None:
    """A count that is told only where it is 0 or at least ``LEAST``."""
    return None if 0 < count < LEAST else count


def _changes() -> list[tuple[int, int | None, int | None, int | None]]:
    first = clock.today().year - YEARS + 1
    begun = HeatingSource.objects.filter(started_on__year__gte=first)
    installed = _by_year(begun, "started_on")
    over = HeatingSource.objects.filter(removed_on__year__gte=first)
    removed, smoky = _by_year(over, "removed_on"), _by_year(over.filter(group=SMOKY), "removed_on")
    years = range(first, clock.today().year + 1)
    return [(year, *(_told(one.get(year, 0)) for one in (installed, removed, smoky))) for year in years]


def _by_year(rows: QuerySet[HeatingSource], column: str) -> dict[int, int]:
    return dict(rows.values_list(ExtractYear(column)).annotate(n=Count("pk")).order_by())


def sources(viewer: Viewer) -> QuerySet[HeatingSource]:
    """The rows of the inventory, for staff with the permission; nobody else sees any."""
    return HeatingSource.objects.all() if viewer.system or viewer.holds(PERMISSION) else HeatingSource.objects.none()


def unmatched(viewer: Viewer) -> QuerySet[HeatingSource]:
    """Standing sources whose address the geocoder does not know, by address."""
    return sources(viewer).filter(removed_on=None, geom=None).order_by("address", "pk")


def imports(viewer: Viewer) -> QuerySet[HeatingImport]:
    """The exports taken over, newest first, without their content."""
    held = HeatingImport.objects.defer("data").order_by("-made_at")
    return held if viewer.system or viewer.holds(PERMISSION) else held.none()
