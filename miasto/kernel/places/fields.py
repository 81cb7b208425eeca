"""What every object of the city has in common: the abstract model ``CityObject``."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.contrib.gis.db.models import GeometryField
from django.contrib.gis.db.models.functions import Transform
from django.db import models
from django.db.models import GeneratedField, Q
from django.utils.translation import gettext_lazy as _

from miasto.kernel.core import clock
from miasto.kernel.core.ids import uuid7

if TYPE_CHECKING:
    from miasto.kernel.accounts.viewer import Viewer

WGS84 = 4326
MERCATOR = 3857


class Audience(models.TextChoices):
    """Who may see an object: everybody, the staff of its unit (and of the whole city), or the system alone."""

    PUBLIC = "public", _("wszyscy")
    UNIT = "unit", _("pracownicy jednostki")
    PRIVATE = "private", _("nikt")


class MercatorField(GeneratedField):
    """``geom`` in EPSG:3857, made and kept by PostgreSQL, with a GiST index; vector tiles read it.

    It is never sent back after a write (``db_returning``), since only SQL reads it.
    """

    db_returning = False
    spatial_index = True
    geodetic = False
    geography = False
    geom_type = "GEOMETRY"
    dim = 2

    def __init__(self, **options: Any) -> None:
        options["expression"] = Transform("geom", MERCATOR)
        options["output_field"] = GeometryField(srid=MERCATOR, spatial_index=False)
        options["db_persist"] = True
        super().__init__(**options)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        for option in ("expression", "output_field", "db_persist"):
            del kwargs[option]
        return name, path, args, kwargs


class CityObjectQuerySet(models.QuerySet):
    """Reads of city objects. Every one begins with ``visible_to``."""

    def visible_to(self, viewer: Viewer) -> Self:
        """The rows that this viewer may see: public ones, and those of the units in which the viewer holds a role."""
        if viewer.system:
            return self
        units = {unit_id for _role, unit_id in viewer.grants}
        seen = Q(audience=Audience.PUBLIC)
        if None in units:
            seen |= Q(audience=Audience.UNIT)
        elif units:
            seen |= Q(audience=Audience.UNIT, unit_id__in=units)
        return self.filter(seen)

    def current(self, on: date | None = None) -> Self:
        """The rows that are valid on a local date (default: today); both ends of the validity are included."""
        day = on or clock.today()
        return self.filter(Q(valid_from__isnull=True) | Q(valid_from__lte=day), Q(valid_to__isnull=True) | Q(valid_to__gte=day))


class CityObjectManager(models.Manager.from_queryset(CityObjectQuerySet)):
    """Leaves ``geom_3857`` in the database, as only tiles need it."""

    def get_queryset(self) -> CityObjectQuerySet:
        return super().get_queryset().defer("geom_3857")


class CityObject(models.Model):
    """Anything of the city that has a place. A subclass names its declared kind: ``kind = "rats.trap"``.

    ``geom`` is any geometry in EPSG:4326 (longitude, latitude). ``valid_from`` and ``valid_to`` are local dates, both
    included. Write it only through ``places.services``, which keep ``ObjectIndex`` in step. ``geometry_types`` narrows the
    geometry; ``geocoded`` kinds are found by the geocoder under ``search_names``.
    """

    kind: ClassVar[str] = ""
    geocoded: ClassVar[bool] = False
    geometry_types: ClassVar[tuple[str, ...]] = ()

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    geom = GeometryField(_("położenie"), srid=WGS84)
    geom_3857 = MercatorField()
    address_text = models.CharField(_("adres"), max_length=300, blank=True)
    unit = models.ForeignKey(
        "accounts.Unit", verbose_name=_("jednostka"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    valid_from = models.DateField(_("ważny od"), null=True, blank=True)
    valid_to = models.DateField(_("ważny do"), null=True, blank=True)
    audience = models.CharField(_("widoczność"), max_length=8, choices=Audience.choices, default=Audience.PUBLIC)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now, editable=False)

    objects = CityObjectManager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name by which people know the object; a subclass without a ``name`` must say its own."""
        return str(getattr(self, "name", "") or self.address_text)

    @property
    def kind_label(self) -> str:
        """What this very object is called, where its declared kind is too general; empty to use the kind's name."""
        return ""

    @property
    def search_names(self) -> str:
        """Names under which the geocoder finds the object, if the class is ``geocoded``."""
        return self.label

    def prepare(self) -> None:
        """Fill the columns that follow from others; called before every write. May be overridden."""

    def get_absolute_url(self) -> str:
        return f"/obiekty/{self.pk}/"
