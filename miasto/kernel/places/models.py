"""The index of all city objects, and the objects of the area itself: areas, places, waters, streets, addresses."""

from __future__ import annotations

from django.contrib.gis.db.models import GeometryField
from django.contrib.gis.geos import Point
from django.contrib.postgres.indexes import GistIndex, OpClass
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from miasto.kernel.places.fields import Audience, CityObject, CityObjectManager, MercatorField
from miasto.kernel.places.kinds import AreaKind, kind_name
from miasto.kernel.places.names import number_norm, split_type, street_label, street_norm

EMPTY = ""


class ObjectIndex(models.Model):
    """One row for each city object of any kind, with the object's own key: what everything else refers to.

    ``norm`` (the folded name) and ``lookup`` (its words and their lemmas, folded) are filled for geocoded kinds only.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    kind = models.CharField(max_length=80)
    label = models.CharField(max_length=300)
    geom = GeometryField(srid=4326)
    geom_3857 = MercatorField()
    audience = models.CharField(max_length=8, choices=Audience.choices)
    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, null=True, related_name="+")
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    norm = models.CharField(max_length=300, default=EMPTY)
    lookup = models.CharField(max_length=900, default=EMPTY)

    objects = CityObjectManager()

    class Meta:
        indexes = [
            models.Index(fields=["kind", "label"], name="objectindex_kind"),
            GistIndex(OpClass("lookup", "gist_trgm_ops"), name="objectindex_lookup", condition=~Q(norm=EMPTY)),
            models.Index(OpClass("norm", "text_pattern_ops"), name="objectindex_norm", condition=~Q(norm=EMPTY)),
        ]

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return f"/obiekty/{self.pk}/"


class SourcedObject(CityObject):
    """An object that may come from a file. ``source_key`` is its key there, by which a second load finds it again."""

    source_key = models.CharField(_("klucz w źródle"), max_length=200, blank=True)
    name = models.CharField(_("nazwa"), max_length=200)
    geocoded = True

    class Meta:
        abstract = True


class Area(SourcedObject):
    """An area of the map: the city, a commune, a district, a county; also a park or a forest. ``geom`` is a MultiPolygon."""

    Kind = AreaKind
    kind = "places.area"
    geometry_types = ("MultiPolygon",)

    area_kind = models.CharField(_("rodzaj"), max_length=20, choices=Kind.choices)
    code = models.CharField(_("kod"), max_length=40, blank=True)
    parent = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="parts")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["area_kind", "source_key"], condition=~Q(source_key=EMPTY), name="area_source")
        ]

    @property
    def kind_label(self) -> str:
        return kind_name(self.area_kind)


class Place(SourcedObject):
    """A place that people know by name: a school, an office, a stop. Its geometry may be of any type."""

    kind = "places.place"

    place_kind = models.CharField(_("rodzaj"), max_length=40)
    attributes = models.JSONField(_("dane dodatkowe"), default=dict, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["place_kind", "source_key"], condition=~Q(source_key=EMPTY), name="place_source")
        ]

    @property
    def kind_label(self) -> str:
        return kind_name(self.place_kind)


class Waterway(SourcedObject):
    """A river (a line) or a body of water (a polygon); its name may be empty."""

    kind = "places.waterway"

    water_kind = models.CharField(_("rodzaj"), max_length=40, default="river")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source_key"], condition=~Q(source_key=EMPTY), name="waterway_source")]

    @property
    def label(self) -> str:
        return self.name or str(_("woda bez nazwy"))

    @property
    def search_names(self) -> str:
        return self.name


class Street(SourcedObject):
    """A street with its whole course as a MultiLineString. ``norm`` is the folded name without the prefix (ul., al., pl.)."""

    kind = "places.street"
    geometry_types = ("MultiLineString",)

    prefix = models.CharField(_("skrót rodzaju"), max_length=12, blank=True)
    street_class = models.CharField(_("klasa"), max_length=20, default="local")
    owner = models.CharField(_("zarządca"), max_length=20, blank=True, default=EMPTY)
    locality = models.CharField(_("miejscowość"), max_length=100, blank=True)
    norm = models.CharField(max_length=200, editable=False)

    class Meta:
        indexes = [models.Index(fields=["norm"], name="street_norm")]
        constraints = [models.UniqueConstraint(fields=["source_key"], condition=~Q(source_key=EMPTY), name="street_source")]

    def prepare(self) -> None:
        self.norm = street_norm(self.name)

    @property
    def label(self) -> str:
        """``"ul. Długa"``; names that say themselves what they are ("Plac Wolności") go without the prefix."""
        return street_label(self.prefix, self.name)

    @property
    def search_names(self) -> str:
        return split_type(self.name)[1]


class Address(CityObject):
    """One numbered address. ``number_norm`` is the folded number without spaces ("12A/3" is "12a/3"). ``geom`` is a Point."""

    kind = "places.address"
    geometry_types = ("Point",)

    street = models.ForeignKey(Street, on_delete=models.PROTECT, null=True, blank=True, related_name="addresses")
    number = models.CharField(_("numer"), max_length=20)
    postcode = models.CharField(_("kod pocztowy"), max_length=6, blank=True)
    district = models.ForeignKey(Area, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    locality = models.CharField(_("miejscowość"), max_length=100, blank=True)
    number_norm = models.CharField(max_length=20, editable=False)

    class Meta:
        indexes = [models.Index("street", OpClass("number_norm", "text_pattern_ops"), name="address_number")]
        constraints = [
            models.UniqueConstraint(fields=["street", "locality", "number_norm"], nulls_distinct=False, name="address_once")
        ]

    def prepare(self) -> None:
        self.number_norm = number_norm(self.number)
        self.address_text = f"{self.street.label if self.street else self.locality} {self.number}".strip()

    @property
    def label(self) -> str:
        return self.address_text

    @property
    def point(self) -> Point:
        return self.geom
