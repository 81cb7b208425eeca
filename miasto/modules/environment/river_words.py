"""How a gauge stands, in words and numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from miasto.kernel.core import clock
from miasto.kernel.core.numbers import written
from miasto.kernel.observations import selectors
from miasto.kernel.observations.selectors import Datastream, Grade
from miasto.kernel.ui.time_charts import Mark
from miasto.modules.environment.crests import Crest
from miasto.modules.environment.law.rivers import Marks, State, rate, state, tendency
from miasto.modules.environment.stations import Station

FRESH = timedelta(hours=6)  # gauges of the national network report every hour or rarer at night
STATES = {
    State.UNKNOWN: (_("bez progów"), "grey"),
    State.NORMAL: (_("poniżej progów"), "green"),
    State.WARNING: (_("stan ostrzegawczy"), "orange"),
    State.ALARM: (_("stan alarmowy"), "red"),
}
OWN = {State.WARNING: _("próg ostrzegawczy miasta"), State.ALARM: _("próg alarmowy miasta")}
TENDENCIES = {
    "rising": (_("rośnie"), "trending-up"),
    "falling": (_("opada"), "trending-down"),
    "steady": (_("bez zmian"), "move-right"),
    "": (_("nie wiadomo"), "circle-help"),
}


@dataclass
class GaugeNow:
    """A gauge as its row shows it; ``crest`` is what is to come, where that is known."""

    station: Station
    marks: Marks
    level: float | None
    at: datetime | None
    state: State
    speed: float | None
    crest: Crest | None = None

    @property
    def river(self) -> str:
        return str(self.station.thing.properties.get("river", ""))

    @property
    def indicative(self) -> bool:
        """Whether the gauge is a cheap sensor and not one of the national network."""
        return self.station.streams["water_level"].grade == Grade.INDICATIVE

    @property
    def state_name(self) -> Any:
        """Named after who set the marks."""
        own = None if self.marks.official else OWN.get(self.state)
        return own or STATES[self.state][0]

    @property
    def tag(self) -> str:
        return STATES[self.state][1]

    @property
    def trend(self) -> Any:
        return TENDENCIES[tendency(self.speed)][0]

    @property
    def trend_icon(self) -> str:
        return TENDENCIES[tendency(self.speed)][1]

    @property
    def speed_text(self) -> str:
        """ "3,5" (cm an hour) where the water moves, else nothing."""
        return written(abs(self.speed)) if self.speed is not None and tendency(self.speed) in ("rising", "falling") else ""

    @property
    def level_text(self) -> str:
        return written(self.level, 0) if self.level is not None else "–"

    @property
    def missing(self) -> str:
        """How many centimetres are missing to the warning level."""
        if self.level is None or self.marks.warning is None or self.state != State.NORMAL:
            return ""
        return written(self.marks.warning - self.level, 0)


def mark_lines(marks: Marks) -> tuple[Mark, ...]:
    """The levels as lines on a chart, named after who set them."""
    official = (_("stan ostrzegawczy"), _("stan alarmowy"))
    names = zip((marks.warning, marks.alarm), official if marks.official else OWN.values(), ("warning", "alarm"), strict=True)
    return tuple(Mark(value, name, kind) for value, name, kind in names if value is not None)


def marks_of(stream: Datastream) -> Marks:
    """The levels kept with the stream (from the profile or the service)."""
    held = stream.properties
    return Marks(held.get("warning"), held.get("alarm"), bool(held.get("official")), str(held.get("source", "")))


def gauges_now(stations: Iterable[Station]) -> list[GaugeNow]:
    """The gauges with their states and tendencies, the worst first; one query more."""
    found = [one for one in stations if "water_level" in one.streams]
    now = clock.now()
    series = [one.streams["water_level"].pk for one in found]
    readings: dict[int, list[tuple[datetime, float]]] = {}
    for row in selectors.hot(series, now - FRESH, now + timedelta(minutes=10)):
        readings.setdefault(row.series, []).append((row.time, row.value))
    made = [_now(one, readings.get(one.streams["water_level"].pk, [])) for one in found]
    return sorted(made, key=lambda one: (-one.state, one.river, one.station.thing.name))


def _now(one: Station, readings: list[tuple[datetime, float]]) -> GaugeNow:
    marks = marks_of(one.streams["water_level"])
    at, level = readings[-1] if readings else (None, None)
    return GaugeNow(one, marks, level, at, state(level, marks) if level is not None else State.UNKNOWN, rate(readings))
