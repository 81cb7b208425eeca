"""Create, update and delete as the standard has them (18-088 § 10): deep insert, links to what exists, PATCH and PUT."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from miasto.kernel.core import clock
from miasto.kernel.observations import models
from miasto.kernel.observations.sta import city, observing, times, writing
from miasto.kernel.observations.sta.answering import Answer
from miasto.kernel.observations.sta.inputs import OF_OBSERVATION, Observed, check_result, columns_of, key_in, observed, wrong
from miasto.kernel.observations.sta.options import Options
from miasto.kernel.observations.sta.output import Row, properties_of
from miasto.kernel.observations.sta.paths import Step, read_key
from miasto.kernel.observations.sta.problems import Problem
from miasto.kernel.observations.sta.schema import (
    DATASTREAM,
    ENTITIES,
    FEATURE_OF_INTEREST,
    MULTI_DATASTREAM,
    OBSERVATION,
    OBSERVED_PROPERTY,
    SERIES,
    THING,
    Entity,
)
from miasto.kernel.observations.things import feature_of

if TYPE_CHECKING:
    from miasto.kernel.accounts.viewer import Viewer

DEEPEST = 6


class Inserter:
    """Writes for one viewer; within one request."""

    def __init__(self, viewer: Viewer, base: str) -> None:
        self.viewer, self.answer, self.depth = viewer, Answer(viewer, base), 0

    def create(self, entity: Entity, body: Any, owner: tuple[str, Any] | None = None) -> Any:
        """A new row of an entity from a body, with all that is inside. ``owner`` is the link and row behind which it is made.

        For an observation what was written. Raises ``Problem``.
        """
        if entity is OBSERVATION:
            return self.observe([body], owner)
        writing.demand_manager(self.viewer)
        self.depth += 1
        if self.depth > DEEPEST:
            raise Problem(400, _("Treść zapytania jest zbyt zagnieżdżona."))
        row = getattr(self, f"_create_{entity.name.lower()}", self._create_plain)(entity, body, owner)
        self.depth -= 1
        return row

    def _create_plain(self, entity: Entity, body: Any, owner: tuple[str, Any] | None) -> Any:
        row = city.declared_in(body) if entity is OBSERVED_PROPERTY else None
        if row is None:
            row = writing.put_entity(writing.MODELS[entity.name](**columns_of(entity, body)), by=self.viewer)
        for kind in SERIES if entity.name == "Sensor" else SERIES[:1]:
            for part in _parts(body, kind.plural):
                self.create(kind, part, (entity.name, row))
        if body.get("Observations"):
            raise wrong("Observations", _("obserwacje zakłada się przez ich serię"))
        return row

    def _create_thing(self, entity: Entity, body: Any, owner: tuple[str, Any] | None) -> models.Thing:
        columns = columns_of(entity, body)
        thing = models.Thing(**columns, **writing.access_of(body, self.viewer, created=True))
        city.set_own(thing, "Thing", body)
        locations = self._all(ENTITIES["Location"], body, "Locations")
        if owner is not None and owner[0] == "Location":
            locations = [*locations, owner[1]]
        writing.put_thing(thing, by=self.viewer, locations=locations or None)
        for part in _parts(body, "HistoricalLocations"):
            self.create(ENTITIES["HistoricalLocation"], part, ("Thing", thing))
        for kind in SERIES:
            for part in _parts(body, kind.plural):
                self.create(kind, part, ("Thing", thing))
        return thing

    def _create_location(self, entity: Entity, body: Any, owner: tuple[str, Any] | None) -> models.Location:
        row = writing.put_entity(models.Location(**columns_of(entity, body)), by=self.viewer)
        things = [self._linked_or_new(THING, part, None) for part in _parts(body, "Things")]
        for thing in [*things, *([owner[1]] if owner else [])]:
            writing.put_thing(thing, by=self.viewer, locations=[row])
        return row

    def _create_historicallocation(self, entity: Entity, body: Any, owner: tuple[str, Any] | None) -> Any:
        thing = self._one(THING, body, "Thing", owner)
        writing.demand_over(thing.unit_id, self.viewer)
        row = models.HistoricalLocation(thing=thing, **columns_of(entity, body))
        writing.put_entity(row, by=self.viewer)
        row.locations.set(self._all(ENTITIES["Location"], body, "Locations"))
        return row

    def _create_datastream(self, entity: Entity, body: Any, owner: tuple[str, Any] | None) -> models.Datastream:
        stream = models.Datastream(**columns_of(entity, body))
        stream.thing = self._one(THING, body, "Thing", owner)
        stream.sensor = self._one(ENTITIES["Sensor"], body, "Sensor", owner)
        stream.observed_property = self._one(ENTITIES["ObservedProperty"], body, "ObservedProperty", owner)
        access = writing.access_of(body, self.viewer, created=False)
        for column, value in access.items():
            setattr(stream, column, value)
        city.set_own(stream, "Datastream", body)
        city.set_unit(stream)
        writing.put_stream(stream, by=self.viewer)
        parts = _parts(body, "Observations")
        if parts:
            self.observe(parts, ("Datastream", stream))
        return stream

    def _create_multidatastream(self, entity: Entity, body: Any, owner: tuple[str, Any] | None) -> models.Datastream:
        stream = models.Datastream(**columns_of(entity, body))
        stream.thing = self._one(THING, body, "Thing", owner)
        stream.sensor = self._one(ENTITIES["Sensor"], body, "Sensor", owner)
        parts = self._all(ENTITIES["ObservedProperty"], body, "ObservedProperties")
        self._put_multi(stream, {}, parts, body)
        if found := _parts(body, "Observations"):
            self.observe(found, ("MultiDatastream", stream))
        return stream

    def _put_multi(self, stream: models.Datastream, before: dict[str, Any], parts: list[Any], body: Any) -> None:
        """A MultiDatastream whose types, units and properties are as many. Raises ``Problem``."""
        multi = stream.multi = {**before, **(stream.multi or {})}
        if not len(multi["types"]) == len(multi["units"]) == len(parts):
            names = "multiObservationDataTypes, unitOfMeasurements, ObservedProperties"
            raise wrong(names, _("tych tablic musi być tyle samo elementów"))
        if before and stream.count and before["types"] != multi["types"]:
            raise Problem(409, _("Seria ma już obserwacje. Rodzajów ich wyników nie można zmienić."))
        for column, value in writing.access_of(body, self.viewer, created=False).items():
            setattr(stream, column, value)
        stream.observed_property = parts[0]
        writing.put_stream(stream, by=self.viewer, parts=parts)

    def _all(self, entity: Entity, body: Any, name: str) -> list[Any]:
        return [self._linked_or_new(entity, part, None) for part in _parts(body, name)]

    def _one(self, entity: Entity, body: Any, name: str, owner: tuple[str, Any] | None) -> Any:
        """The row of a link that must be there: named in the body, or behind which the entity is made."""
        if isinstance(body, dict) and body.get(name) is not None:
            return self._linked_or_new(entity, body[name], None)
        if owner is not None and owner[0] == name:
            return owner[1]
        raise wrong(name, _("brakuje tego połączenia"))

    def _linked_or_new(self, entity: Entity, body: Any, owner: tuple[str, Any] | None) -> Any:
        key = key_in(body)
        return self.create(entity, body, owner) if key is None else self.existing(entity, key)

    def existing(self, entity: Entity, key: Any) -> Any:
        """The row with a key that the viewer sees. Raises ``Problem`` 400, since it stands in a body."""
        try:
            row = self.answer.step(Step(entity.plural, entity, True, read_key(str(key), entity)), None, Options())
        except Problem as problem:
            raise Problem(400, problem.message) from None
        return model_of(entity, row)

    def observe(self, bodies: list[Any], owner: tuple[str, Any] | None) -> observing.Written:
        """Observations of one or several data streams. Raises ``Problem``."""
        found = [self.observed(body, owner, clock.now()) for body in bodies]
        return observing.write(found, by=self.viewer, wait=True)

    def observed(self, body: Any, owner: tuple[str, Any] | None, now: datetime) -> Observed:
        """An observation that arrived at ``now``, still to be written. Raises ``Problem``."""
        if not isinstance(body, dict):
            raise Problem(400, _("%(entity)s: potrzebny jest obiekt JSON.") % {"entity": "Observation"})
        stream = self.stream(body, owner)
        made = observed(body, stream.pk, now, self.feature(body.get("FeatureOfInterest"), stream, owner))
        if stream.multi is not None:
            check_result(stream.multi["types"], made.result)
        return made

    def stream(self, body: dict[str, Any], owner: tuple[str, Any] | None) -> models.Datastream:
        """The data stream that the body of an observation names, or behind which it is made.

        Who may write into it need not see it: the write asks for the right.
        """
        kind = next((one for one in SERIES if body.get(one.name) is not None), None)
        if kind is None:
            if owner is not None and owner[0] in ("Datastream", "MultiDatastream"):
                return owner[1]
            raise wrong("Datastream", _("brakuje tego połączenia"))
        key = key_in(body[kind.name])
        if key is None:
            return self.create(kind, body[kind.name])
        number = int(key) if isinstance(key, int) or str(key).isdecimal() else 0
        rows = models.Datastream.every.select_related("thing").filter(multi__isnull=kind is DATASTREAM)
        stream = rows.filter(pk=min(number, 2**31 - 1)).first()
        if stream is None:
            raise Problem(400, _("Nie ma obiektu %(name)s.") % {"name": f"{kind.plural}({str(key)[:20]})"})
        observing.demand_writable({stream.pk}, self.viewer)
        return stream

    def feature(self, body: Any, stream: models.Datastream, owner: tuple[str, Any] | None) -> int | None:
        """The feature that an observation names; None where it is that of the stream, made from the thing's location."""
        if body is not None and key_in(body) is None:
            made = models.FeatureOfInterest(**columns_of(FEATURE_OF_INTEREST, body))
            return int(writing.put_feature(made, by=self.viewer).pk)
        home = feature_of(stream)
        if body is None:
            named = owner[1].pk if owner is not None and owner[0] == "FeatureOfInterest" else None
        else:
            named = self._feature_key(key_in(body), home)
        return None if home is not None and named == home.pk else named

    def _feature_key(self, key: Any, home: models.FeatureOfInterest | None) -> int:
        if home is not None and str(key) == str(home.pk):
            return int(home.pk)
        return int(self.existing(FEATURE_OF_INTEREST, key).pk)

    def update(self, entity: Entity, row: Row, body: Any, *, replace: bool) -> None:
        """PATCH what a body names; PUT (``replace``) all properties. Raises ``Problem``."""
        if entity is OBSERVATION:
            self._update_observation(row, body, replace=replace)
            return
        writing.demand_manager(self.viewer)
        model = model_of(entity, row)
        before = getattr(model, "multi", None)
        for column, value in columns_of(entity, body, partial=not replace).items():
            setattr(model, column, value)
        if isinstance(model, models.Thing):
            self._update_thing(model, body)
        elif entity is MULTI_DATASTREAM:
            self._update_multi(model, before, body)
        elif isinstance(model, models.Datastream):
            self._update_stream(model, body)
        else:
            writing.put_entity(model, by=self.viewer)
            if isinstance(model, models.HistoricalLocation) and _parts(body, "Locations"):
                model.locations.set(self._all(ENTITIES["Location"], body, "Locations"))
            elif isinstance(model, models.Location):
                self._move_here(model, body)

    def _move_here(self, location: models.Location, body: Any) -> None:
        """The things that a location names stand there from now on; one that does so already has not moved."""
        for thing in self._all(THING, body, "Things"):
            if list(thing.locations.values_list("pk", flat=True)) != [location.pk]:
                writing.put_thing(thing, by=self.viewer, locations=[location])

    def _update_thing(self, thing: models.Thing, body: Any) -> None:
        writing.demand_over(thing.unit_id, self.viewer)
        for column, value in writing.access_of(body, self.viewer, created=False).items():
            setattr(thing, column, value)
        city.set_own(thing, "Thing", body)
        locations = self._all(ENTITIES["Location"], body, "Locations") if "Locations" in body else None
        if locations is not None and {one.pk for one in locations} == set(thing.locations.values_list("pk", flat=True)):
            locations = None  # it has not moved
        writing.put_thing(thing, by=self.viewer, locations=locations)

    def _update_stream(self, stream: models.Datastream, body: Any) -> None:
        writing.demand_over(stream.unit_id or stream.thing.unit_id, self.viewer)
        for name, column in (("Thing", "thing"), ("Sensor", "sensor"), ("ObservedProperty", "observed_property")):
            if body.get(name) is not None:
                setattr(stream, column, self._linked_or_new(ENTITIES[name], body[name], None))
        for column, value in writing.access_of(body, self.viewer, created=False).items():
            setattr(stream, column, value)
        city.set_own(stream, "Datastream", body)
        city.set_unit(stream)
        writing.put_stream(stream, by=self.viewer)

    def _update_multi(self, stream: models.Datastream, before: Any, body: Any) -> None:
        writing.demand_over(stream.unit_id or stream.thing.unit_id, self.viewer)
        for name, column in (("Thing", "thing"), ("Sensor", "sensor")):
            if body.get(name) is not None:
                setattr(stream, column, self._linked_or_new(ENTITIES[name], body[name], None))
        parts = self._all(ENTITIES["ObservedProperty"], body, "ObservedProperties")
        parts = parts or [one.observed_property for one in stream.parts.select_related("observed_property").order_by("place")]
        self._put_multi(stream, before, parts, body)

    def _update_observation(self, row: Row, body: Any, *, replace: bool) -> None:
        if not isinstance(body, dict):
            raise Problem(400, _("%(entity)s: potrzebny jest obiekt JSON.") % {"entity": "Observation"})
        series = row["series"]
        stream = models.Datastream.every.select_related("thing").get(pk=series)
        observing.demand_writable({series}, self.viewer)
        named = {} if replace else properties_of(OBSERVATION, row)
        asked = {name: value for name, value in body.items() if name not in OF_OBSERVATION}
        feature = self.feature(body.get("FeatureOfInterest") or {"id": row["_FeatureOfInterest"]}, stream, None)
        made = observed({"phenomenonTime": times.text_of(row["time"]), **named, **asked}, series, clock.now(), feature)
        if made.time != row["time"] or (made.value is None) != (row["value"] is None):
            raise Problem(409, _("Czasu i rodzaju wyniku nie można zmienić. Usuń obserwację i dodaj nową."))
        if stream.multi is not None:
            check_result(stream.multi["types"], made.result)
        written = observing.rewrite(made, row["n"], by=self.viewer)
        if written.reasons:
            raise Problem(400, _("Takiego odczytu nie może być: %(why)s.") % {"why": reason_text(written.reasons[0])})

    def remove(self, entity: Entity, row: Row) -> None:
        """DELETE. Raises ``Problem``."""
        if entity is OBSERVATION:
            observing.remove(row["series"], row["time"], row["n"], by=self.viewer)
        else:
            writing.remove(model_of(entity, row), by=self.viewer)


def reason_text(reason: str) -> str:
    """Why a reading is in quarantine, in words."""
    return str(models.Quarantined.Reason(reason).label)


def model_of(entity: Entity, row: Row) -> Any:
    """The model of a row that was read, for writing it."""
    rows = models.Datastream.every if entity in SERIES else writing.MODELS[entity.name].objects
    if entity in (*SERIES, ENTITIES["HistoricalLocation"]):
        rows = rows.select_related("thing")
    return rows.get(pk=row["_pk"])


def key_of_model(entity: Entity, row: Any) -> int:
    """The ``@iot.id`` of a model."""
    return int(row.number if entity is THING else row.pk)


def _parts(body: Any, name: str) -> list[Any]:
    found = body.get(name) if isinstance(body, dict) else None
    if found is None:
        return []
    if not isinstance(found, list):
        raise wrong(name, _("potrzebna jest tablica"))
    return found
