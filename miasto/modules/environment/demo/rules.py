"""Alert rules of the demo city, and a sensor that fell silent: one alert always stands."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

from django.contrib.gis.geos import Point

from miasto.kernel.accounts.selectors import SYSTEM, unit_for
from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.observations.selectors import AlertRule, Reading, Sensor, Thing
from miasto.kernel.observations.services import (
    import_history,
    keep_readings,
    look_for_silence,
    save_datastream,
    save_rule,
    save_thing,
)
from miasto.kernel.places.selectors import districts
from miasto.modules.environment.demo.sites import COMPETENCE


def load() -> None:
    """The rules of the profile's ``demo_alerts.toml``; nothing where a city has none."""
    profile = city().toml("demo_alerts.toml")
    if not profile:
        return
    _silent(profile["silent"])
    for row in profile["rules"]:
        _rule(row)
    look_for_silence()
    keep_readings(code="laeq", readings_days=365, hours_days=5 * 365, by=SYSTEM)  # noise is judged by its hours


def _rule(row: dict[str, Any]) -> None:
    quiet = [time.fromisoformat(one) for one in row.get("quiet", ())] or [None, None]
    rule = AlertRule(
        name=row["name"],
        advice=row["advice"],
        condition=row["condition"],
        hold_s=60 * row.get("hold_min", 0),
        thing_kind=row["thing_kind"],
        severity=row["severity"],
        life=row.get("life", False),
        public=row.get("public", False),
        quiet_from=quiet[0],
        quiet_to=quiet[1],
        unit=unit_for(COMPETENCE),
    )
    things = list(Thing.objects.filter(slug__in=row.get("things", ())))
    areas = [one for one in districts() if one.name in row.get("districts", ())]
    save_rule(rule=rule, told=[unit_for(one) for one in row.get("told", ())], things=things, areas=areas, by=SYSTEM)


def _silent(row: dict[str, Any]) -> None:
    thing = save_thing(
        Thing(
            name=row["name"],
            slug=row["slug"],
            thing_kind=f"environment.{row['kind']}",
            source=f"demo:{row['slug']}",
            description=row["description"],
            geom=Point(*row["at"], srid=4326),
            unit=unit_for(COMPETENCE),
        ),
        by=SYSTEM,
    )
    sensor = Sensor.objects.create(name="czujnik optyczny")
    stream = save_datastream(
        thing=thing,
        code=row["code"],
        sensor=sensor,
        name=row["code"].upper(),
        source=f"demo:{row['slug']}:{row['code']}",
        period=timedelta(minutes=1),
        by=SYSTEM,
    )
    last = (clock.now() - timedelta(hours=row["hours_ago"])).replace(minute=0, second=0, microsecond=0)
    history = [Reading(stream.pk, last - timedelta(hours=back), row["value"]) for back in range(48)]
    import_history(history, by=SYSTEM)
