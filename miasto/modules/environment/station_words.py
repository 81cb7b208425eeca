"""What a station that measures no air says first: the answer in words, when it was measured, and how good the reading is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from miasto.kernel.core.numbers import written
from miasto.kernel.observations.selectors import Grade
from miasto.modules.environment.declared import NOISE, RIVER, WEATHER
from miasto.modules.environment.law.rivers import State
from miasto.modules.environment.river_words import GaugeNow, gauges_now
from miasto.modules.environment.stations import Station
from miasto.modules.environment.weather_words import hints, said


@dataclass(frozen=True)
class Answer:
    """A sentence, what follows from it, and when it was read; ``tone`` is the colour of its edge (a class of the air)."""

    headline: str
    hint: str
    at: datetime | None
    indicative: bool
    tone: str = ""


def answer_of(one: Station, *, over: bool | None = None) -> Answer | None:
    """The answer of a gauge (one query), a weather station or a meter of noise (``over``: louder than the law allows)."""
    if one.thing.thing_kind == RIVER and "water_level" in one.streams:
        return _river(gauges_now([one])[0])
    if one.thing.thing_kind == WEATHER and one.value("air_temperature") is not None:
        return _weather(one)
    if one.thing.thing_kind == NOISE and one.value("laeq") is not None:
        return _noise(one, over)
    return None


def _indicative(one: Station, code: str) -> bool:
    return one.streams[code].grade == Grade.INDICATIVE


def _river(gauge: GaugeNow) -> Answer:
    indicative = gauge.indicative
    if gauge.level is None:
        return Answer(_("Nie wiemy, jak wysoko jest tu woda."), _("Od sześciu godzin nie ma odczytu."), None, indicative)
    headline, tone = {
        State.ALARM: (_("Woda przekroczyła próg alarmowy."), "4"),
        State.WARNING: (_("Woda przekroczyła próg ostrzegawczy."), "3"),
        State.NORMAL: (_("Woda jest poniżej progu ostrzegawczego."), "0"),
        State.UNKNOWN: (_("Poziom wody: %(level)s cm.") % {"level": gauge.level_text}, ""),
    }[gauge.state]
    words = {"level": gauge.level_text, "trend": gauge.trend}
    parts = [_("Poziom %(level)s cm, %(trend)s.") % words if gauge.speed is not None else _("Poziom %(level)s cm.") % words]
    if gauge.missing:
        parts.append(_("Do ostrzegawczego brakuje %(missing)s cm.") % {"missing": gauge.missing})
    if gauge.state == State.ALARM:
        parts.append(_("Nie wchodź na wały ani mosty nad wezbraną wodą. W zagrożeniu dzwoń pod 112."))
    elif gauge.state == State.WARNING:
        parts.append(_("Nie zbliżaj się do brzegu."))
    return Answer(headline, " ".join(parts), gauge.at, indicative, tone)


def _weather(one: Station) -> Answer:
    values = {code: one.value(code) for code in one.streams}
    words = said(values)
    headline = f"{words['temperature']}\u00a0°C" + (f", {words['wind']}" if words["wind"] else "")
    told = [str(hint) for hint in hints(values.get("air_temperature"), None, values.get("wind_speed"))]
    if words["side"]:
        told.insert(0, _("Wieje %(side)s, %(speed)s m/s.") % {"side": words["side"], "speed": words["speed"]})
    return Answer(headline, " ".join(told), one.latest["air_temperature"].time, _indicative(one, "air_temperature"))


def _noise(one: Station, over: bool | None) -> Answer:
    headline = _("Teraz %(level)s dB.") % {"level": written(one.latest["laeq"].value, 0)}
    hint = "" if over is None else _("Średnia z miesiąca mieści się w tym, co wolno.")
    if over:
        hint = _("Średnia z miesiąca jest wyższa niż poziom, który prawo dopuszcza dla roku.")
    return Answer(headline, hint, one.latest["laeq"].time, _indicative(one, "laeq"), "3" if over else "")
