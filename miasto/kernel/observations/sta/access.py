"""Who sees which entity, as SQL. Everything begins with ``visible_to`` of things and data streams (docs/adr/0009)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from miasto.kernel.observations.access import MANAGE
from miasto.kernel.observations.models import Datastream, Thing
from miasto.kernel.observations.sta.sql import TRUE, Sql, sql

if TYPE_CHECKING:
    from miasto.kernel.accounts.viewer import Viewer

_THINGS_AT = "SELECT at.thing_id FROM observations_thing_locations at WHERE at.location_id = {t}.id"
_THINGS_THAT_WERE = """SELECT past.thing_id FROM observations_historicallocation past
    JOIN observations_historicallocation_locations was ON was.historicallocation_id = past.id WHERE was.location_id = {t}.id"""
_STREAMS_ABOUT = "SELECT s.id FROM observations_datastream s WHERE s.feature_id = {t}.id"
_STREAMS_OF = "SELECT s.id FROM observations_datastream s WHERE s.observed_property_id = {t}.id"
_MULTI_STREAMS_OF = "SELECT part.datastream_id FROM observations_datastreampart part WHERE part.observed_property_id = {t}.id"
_READINGS_ABOUT = "SELECT x.series FROM observations_extra x WHERE x.feature = {t}.id"


class Sight:
    """What one viewer sees. ``of(entity, alias)`` is the condition on a row of that entity."""

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self.things = _keys(Thing.objects.visible_to(viewer))
        self.streams = _keys(Datastream.every.visible_to(viewer))
        self.keeper = viewer.holds(MANAGE)

    def of(self, entity: str, alias: str) -> Sql:
        """The condition under which the viewer sees a row; for an observation that of its data stream."""
        if self.viewer.system:
            return TRUE
        return getattr(self, f"_{entity.lower()}")(alias)

    def _thing(self, t: str) -> Sql:
        return sql(f"{t}.id IN ({{}})", self.things)

    def _datastream(self, t: str) -> Sql:
        return sql(f"{t}.id IN ({{}})", self.streams)

    _multidatastream = _datastream

    def _observation(self, t: str) -> Sql:
        return sql(f"{t}.series IN ({{}})", self.streams)

    def _historicallocation(self, t: str) -> Sql:
        return sql(f"{t}.thing_id IN ({{}})", self.things)

    def _location(self, t: str) -> Sql:
        return self._used(t, self.things, _THINGS_AT, _THINGS_THAT_WERE)

    def _featureofinterest(self, t: str) -> Sql:
        return self._used(t, self.streams, _STREAMS_ABOUT, _READINGS_ABOUT)

    def _sensor(self, t: str) -> Sql:
        return self._used(t, self.streams, "SELECT s.id FROM observations_datastream s WHERE s.sensor_id = {t}.id")

    def _observedproperty(self, t: str) -> Sql:
        """A declared property is public; one that a client made is seen with the streams that use it."""
        return sql(f"{t}.code IS NOT NULL OR {{}}", self._used(t, self.streams, _STREAMS_OF, _MULTI_STREAMS_OF))

    def _used(self, t: str, seen: Sql, *users: str) -> Sql:
        """Something the viewer sees uses it; what nothing uses yet is seen by those who manage."""
        using = " UNION ALL ".join(users).replace("{t}", t)
        used = sql(f"EXISTS (SELECT 1 FROM ({using}) AS used(id) WHERE used.id IN ({{}}))", seen)  # noqa: S608 - constants
        return sql(f"({{}} OR NOT EXISTS ({using}))", used) if self.keeper else used


def _keys(rows: Any) -> Sql:
    text, params = rows.values("pk").query.sql_with_params()
    return Sql(text, tuple(params))
