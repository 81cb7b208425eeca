"""The crest of a river that rises, in plain words: when, how high, and whether it may reach a mark."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from miasto.kernel.core import clock
from miasto.kernel.core.numbers import written
from miasto.kernel.observations import selectors
from miasto.kernel.observations.selectors import Forecast
from miasto.modules.environment.law.rivers import Marks

HOUR = timedelta(hours=1)
LEAST_RISE = 5.0  # cm; less is no wave


@dataclass(frozen=True)
class Crest:
    """The highest level that is foretold (cm) with its interval; ``at`` None: it rises on beyond the hours foretold.

    ``until`` is the end of what is foretold, ``made_at`` when it was.
    """

    at: datetime | None
    level: float
    low: float
    high: float
    until: datetime
    made_at: datetime
    marks: Marks

    @property
    def words(self) -> str:
        """When and how high."""
        low, high = metres(self.low), metres(self.high)
        if self.at is None:
            until = date_format(clock.local(self.until), "H:i")
            return _("Woda rośnie. Do %(until)s sięgnie %(low)s–%(high)s m, a kulminacja przyjdzie później.") % {
                "until": until, "low": low, "high": high,
            }  # fmt: skip
        when = _when(self.at)
        return _("Kulminacja około %(when)s, poziom %(low)s–%(high)s m.") % {"when": when, "low": low, "high": high}

    @property
    def threat(self) -> str:
        """Which mark it will or may reach; empty where none."""
        official = self.marks.official
        names = (
            (self.marks.alarm, _("stan alarmowy") if official else _("próg alarmowy miasta")),
            (self.marks.warning, _("stan ostrzegawczy") if official else _("próg ostrzegawczy miasta")),
        )
        for level, name in names:
            if level is not None and self.low >= level:
                return _("Najpewniej przekroczy %(mark)s.") % {"mark": name}
            if level is not None and self.high >= level:
                return _("Może przekroczyć %(mark)s.") % {"mark": name}
        return ""

    @property
    def tag(self) -> str:
        """The colour of what threatens."""
        if self.marks.alarm is not None and self.high >= self.marks.alarm:
            return "red"
        return "orange" if self.marks.warning is not None and self.high >= self.marks.warning else ""


def metres(level: float) -> str:
    """Centimetres as metres, "2,9"; a decimetre is as much as a forecast knows, below a metre a centimetre."""
    return written(level / 100, 2 if abs(level) < 100 else 1)


def _when(at: datetime) -> str:
    local, today = clock.local(at), clock.today()
    hour = date_format(local, "H:i")
    if local.date() == today:
        return hour
    return _("%(hour)s jutro") % {"hour": hour} if local.date() == today + timedelta(days=1) else date_format(local, "j.m, H:i")


def crest_of(forecast: Forecast | None, present: float | None, marks: Marks) -> Crest | None:
    """The crest that is still to come; None where nothing is foretold by a model or the water does not rise."""
    if forecast is None or not forecast.by_model or not forecast.points or present is None:
        return None
    points = forecast.points
    top = max(points, key=lambda one: one.value)
    if top.value - present < LEAST_RISE:
        return None
    later = points[-1].at == top.at
    return Crest(
        None if later else top.at + HOUR / 2, top.value, max(top.low, present), top.high, points[-1].at + HOUR,
        forecast.made_at, marks,
    )  # fmt: skip


def crests(gauges: list[Any]) -> dict[int, Crest]:
    """The crests of gauges (``GaugeNow``) by series; two queries for all."""
    series = {one.station.streams["water_level"].pk: one for one in gauges}
    found = selectors.forecasts(series)
    made = {key: crest_of(found.get(key), one.level, one.marks) for key, one in series.items()}
    return {key: one for key, one in made.items() if one is not None}
