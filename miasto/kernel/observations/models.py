"""The entities of OGC SensorThings 1.1 (18-088), and what the city adds to them: who may see, whose, how good.

The readings themselves are no models: ``store`` writes them by COPY and reads them by SQL.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.contrib.gis.db.models import GeometryField
from django.db import models
from django.db.models import Func, Q, Value
from django.utils.translation import gettext_lazy as _

from miasto.kernel.core import clock
from miasto.kernel.observations.access import MANAGE
from miasto.kernel.observations.alert_models import (  # noqa: F401 - Django finds models here
    Alert,
    AlertHook,
    AlertNote,
    AlertPending,
    AlertRule,
    AlertStep,
    HookReadings,
)
from miasto.kernel.observations.analysis.models import (  # noqa: F401 - as those
    Anomaly,
    Calibration,
    SensorHealth,
    ShapeWatch,
)
from miasto.kernel.observations.archive.models import ArchiveFile, ArchiveRun, Forgotten, Retention  # noqa: F401 - as those
from miasto.kernel.observations.forecasting.models import (  # noqa: F401 - as those
    ForecastModel,
    ForecastRun,
    ForecastSkill,
    Foretold,
)
from miasto.kernel.observations.importing.models import (  # noqa: F401 - as those
    FileImport,
    ImportPiece,
    ImportProfile,
    MeterKey,
)
from miasto.kernel.observations.mqtt.models import MqttSession  # noqa: F401 - as those
from miasto.kernel.places.fields import WGS84, Audience, CityObject, CityObjectManager, CityObjectQuerySet

if TYPE_CHECKING:
    from miasto.kernel.accounts.viewer import Viewer

GEOJSON = "application/geo+json"
MEASUREMENT = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"


def visible(viewer: Viewer, prefix: str = "") -> Q:
    """The condition under which a row with an audience, a unit and an owner is seen: public; of the viewer's unit; one's own.

    ``prefix`` is the look-up of the row that carries them ("thing__"). A private row is seen by its owner and by those who
    manage things of its unit, because somebody must mend it and bill by it.
    """
    if viewer.system:
        return Q()

    def among(name: str, units: frozenset | None) -> Q:
        return Q(**{f"{prefix}audience": name}) & (Q() if units is None else Q(**{f"{prefix}unit_id__in": units}))

    seen = Q(**{f"{prefix}audience": Audience.PUBLIC})
    held = {unit_id for _role, unit_id in viewer.grants}
    if held:
        seen |= among(Audience.UNIT, None if None in held else frozenset(held))
    if viewer.holds(MANAGE):
        seen |= among(Audience.PRIVATE, viewer.units_with(MANAGE))
    if viewer.person_id is not None:
        seen |= Q(**{f"{prefix}owner_id": viewer.person_id})
    if viewer.organisation_id is not None:
        seen |= Q(**{f"{prefix}owner_organisation_id": viewer.organisation_id})
    return seen


class ThingQuerySet(CityObjectQuerySet):
    """Reads of things."""

    def visible_to(self, viewer: Viewer) -> Self:
        return self.filter(visible(viewer))


class ThingManager(CityObjectManager.from_queryset(ThingQuerySet)):
    """Things, without the generated geometry of the tiles."""


class Thing(CityObject):
    """A thing that measures or is measured (18-088 § 8.2.1). ``number`` is its ``@iot.id``.

    It may have no place yet; then it has no row in the index of city objects either. ``thing_kind`` is a declared
    ``ThingKind``, ``slug`` the name in the address of its page, ``source`` the key under which a feed knows it ("gios:52").
    """

    kind = "observations.thing"

    geom = GeometryField(_("położenie"), srid=WGS84, null=True, blank=True)
    number = models.BigIntegerField(
        unique=True, editable=False, db_default=Func(Value("observations_thing_number"), function="nextval")
    )
    name = models.CharField(_("nazwa"), max_length=200)
    slug = models.SlugField(max_length=80, unique=True, null=True, blank=True)
    thing_kind = models.CharField(max_length=80, default="observations.thing")
    source = models.CharField(max_length=120, unique=True, null=True, blank=True)
    description = models.TextField(_("opis"), blank=True)
    properties = models.JSONField(default=dict, blank=True)
    owner = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    owner_organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    locations = models.ManyToManyField("observations.Location", related_name="things", blank=True)

    objects = ThingManager()

    class Meta:
        indexes = [models.Index(fields=["thing_kind"], name="thing_kind")]


class Location(models.Model):
    """Where a thing is (§ 8.2.2). ``geom`` is what of ``location`` can be searched; None where that is not GeoJSON."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    encoding_type = models.CharField(max_length=100, default=GEOJSON)
    location = models.JSONField()
    geom = GeometryField(srid=WGS84, null=True)
    properties = models.JSONField(default=dict, blank=True)


class HistoricalLocation(models.Model):
    """That a thing was somewhere from a moment on (§ 8.2.3); written whenever its locations change."""

    id = models.BigAutoField(primary_key=True)
    thing = models.ForeignKey(Thing, on_delete=models.CASCADE, related_name="historical_locations")
    time = models.DateTimeField()
    locations = models.ManyToManyField(Location, related_name="historical_locations")


class Sensor(models.Model):
    """An instrument or procedure (§ 8.2.5)."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    encoding_type = models.CharField(max_length=100, default="text/html")
    metadata = models.JSONField(default=str)
    properties = models.JSONField(default=dict, blank=True)


class ObservedProperty(models.Model):
    """What is observed (§ 8.2.6). ``code`` ties it to a declared ``Property``; one that a client made has none."""

    id = models.BigAutoField(primary_key=True)
    code = models.CharField(max_length=40, unique=True, null=True)
    name = models.CharField(max_length=200)
    definition = models.CharField(max_length=500)
    description = models.TextField(blank=True)
    properties = models.JSONField(default=dict, blank=True)


class FeatureOfInterest(models.Model):
    """What an observation is about (§ 8.2.8). Where a client names none, it is made from the thing's location."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    encoding_type = models.CharField(max_length=100, default=GEOJSON)
    feature = models.JSONField()
    geom = GeometryField(srid=WGS84, null=True)
    properties = models.JSONField(default=dict, blank=True)


class Grade(models.TextChoices):
    """How good the readings are: counted as the law counts them, or only a hint."""

    REFERENCE = "reference", _("metoda referencyjna")
    EQUIVALENT = "equivalent", _("metoda równoważna referencyjnej")
    INDICATIVE = "indicative", _("pomiar wskaźnikowy")


class DatastreamQuerySet(models.QuerySet):
    """Reads of data streams: both the stream and its thing must be seen."""

    def visible_to(self, viewer: Viewer) -> Self:
        return self.filter(visible(viewer), visible(viewer, "thing__"))


class DatastreamManager(models.Manager.from_queryset(DatastreamQuerySet)):
    """Series of numbers, without the MultiDatastreams."""

    def get_queryset(self) -> DatastreamQuerySet:
        return super().get_queryset().filter(multi__isnull=True)


class Datastream(models.Model):
    """A series of readings of one property by one sensor of one thing (§ 8.2.4). Its ``id`` is the series of the store.

    ``source`` is the key under which a feed knows it ("gios:3765"). ``period`` is the time that one reading is about and
    ``resolution`` the smallest step of the instrument, both as the sensor states them. Impossible readings are those outside
    ``least``..``most`` or that moved by more than ``jump`` (units of the property) since the previous reading, at most an
    hour before. ``watched`` series stand before others in the queue, because alert rules read them, and before
    these those that rules about a danger to ``life`` read or that are judged together with them. ``count``,
    ``first_at`` and ``last_at`` are maintained by the store.

    A row with ``multi`` is a MultiDatastream (§ 8.3): ``{"types": [...], "units": [...]}`` in the order of its ``parts``. Its
    results are arrays, none of them a reading, so only ``every`` knows it; its own property is that of the first part.
    """

    id = models.AutoField(primary_key=True)
    thing = models.ForeignKey(Thing, on_delete=models.CASCADE, related_name="datastreams")
    sensor = models.ForeignKey(Sensor, on_delete=models.PROTECT, related_name="datastreams")
    observed_property = models.ForeignKey(ObservedProperty, on_delete=models.PROTECT, related_name="datastreams")
    feature = models.ForeignKey(FeatureOfInterest, on_delete=models.SET_NULL, null=True, related_name="+")
    source = models.CharField(max_length=120, unique=True, null=True, blank=True)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    unit_name = models.CharField(max_length=100, blank=True)
    unit_symbol = models.CharField(max_length=40, blank=True)
    unit_definition = models.CharField(max_length=500, blank=True)
    observation_type = models.CharField(max_length=200, default=MEASUREMENT)
    observed_area = GeometryField(srid=WGS84, null=True)
    properties = models.JSONField(default=dict, blank=True)
    audience = models.CharField(max_length=8, choices=Audience.choices, default=Audience.PUBLIC)
    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    owner = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    owner_organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    grade = models.CharField(max_length=10, choices=Grade.choices, default=Grade.INDICATIVE)
    period = models.DurationField(default=timedelta(0))
    resolution = models.FloatField(null=True)
    least = models.FloatField(null=True)
    most = models.FloatField(null=True)
    jump = models.FloatField(null=True)
    watched = models.BooleanField(default=False)
    life = models.BooleanField(default=False)
    count = models.BigIntegerField(default=0)
    first_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    multi = models.JSONField(null=True, blank=True)

    objects = DatastreamManager()
    every = DatastreamQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["observed_property", "grade"], name="datastream_property")]

    @property
    def lane(self) -> int:
        """In which lane of the store its readings wait (``store.locks``)."""
        return 2 if self.life else int(self.watched)


class DatastreamPart(models.Model):
    """What stands at one ``place`` (from 0) of the results of a MultiDatastream."""

    id = models.BigAutoField(primary_key=True)
    datastream = models.ForeignKey(Datastream, on_delete=models.CASCADE, related_name="parts")
    place = models.PositiveSmallIntegerField()
    observed_property = models.ForeignKey(ObservedProperty, on_delete=models.PROTECT, related_name="parts")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["datastream", "place"], name="datastream_part_once")]


class Quarantined(models.Model):
    """A reading that cannot be: kept with the reason until somebody releases or rejects it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("czeka")
        RELEASED = "released", _("przyjęto")
        REJECTED = "rejected", _("odrzucono")

    class Reason(models.TextChoices):
        FUTURE = "future", _("czas z przyszłości")
        PAST = "past", _("czas sprzed 1900 roku")
        RANGE = "range", _("poza zakresem czujnika")
        UNIT = "unit", _("inna jednostka")
        JUMP = "jump", _("nieprawdopodobny skok")
        NOT_NUMBER = "number", _("to nie liczba")

    id = models.BigAutoField(primary_key=True)
    datastream = models.ForeignKey(Datastream, on_delete=models.CASCADE, related_name="+")
    time = models.DateTimeField()
    value = models.FloatField(null=True)
    raw = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=8, choices=Reason.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    received_at = models.DateTimeField(default=clock.now)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["datastream", "time", "reason"], name="quarantined_once")]
        indexes = [models.Index(fields=["id"], condition=Q(state="waiting"), name="quarantined_waiting")]
