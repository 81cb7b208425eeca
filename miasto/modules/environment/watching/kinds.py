"""What can be watched at an address: the words, the thresholds offered, and when one is passed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from miasto.kernel.core.numbers import written
from miasto.modules.environment.law.air_index import NAMES, AirClass
from miasto.modules.environment.law.rivers import State
from miasto.modules.environment.river_words import STATES

INDEX, RIVER, NIGHT = "index", "river", "night"


@dataclass(frozen=True)
class Kind:
    """One thing to watch. A number has ``least`` and ``most``; a class or a state has ``choices``.

    ``gap`` is the hysteresis: a passed threshold counts as over only when the value is that much on the other side.
    ``falling`` ones are passed downwards (frost). ``page`` is the name of the public page that shows more.
    """

    key: str
    name: Any
    hint: Any
    usual: float
    unit: str = ""
    least: float = 0.0
    most: float = 0.0
    gap: float = 0.0
    falling: bool = False
    choices: tuple[tuple[int, Any], ...] = ()
    page: str = "environment_air:now"
    code: str = ""

    def stands(self, value: float, limit: float, *, standing: bool) -> bool:
        """Whether the threshold is passed: reaching it counts, and what stands ends only beyond the gap."""
        above, border = (-value, -limit) if self.falling else (value, limit)
        return above > border - self.gap if standing and self.gap else above >= border

    def said(self, value: float) -> str:
        """A value in words: "złe", "123 µg/m³"."""
        if self.choices:
            return str(dict(self.choices).get(round(value), "–"))
        return f"{written(value, 0)}\u00a0{self.unit}"

    def threshold(self, limit: float) -> str:
        """The threshold in words."""
        return _("%(value)s lub mniej") % {"value": self.said(limit)} if self.falling else self.over(limit)

    def over(self, limit: float) -> str:
        """The threshold of what rises: "zły lub gorszy", "50 µg/m³ lub więcej"."""
        words = {INDEX: _("%(value)s lub gorszy"), RIVER: _("%(value)s lub wyższy")}
        return words.get(self.key, _("%(value)s lub więcej")) % {"value": self.said(limit)}


CLASSES = tuple((int(one), NAMES[one]) for one in AirClass)
LEVELS = ((int(State.WARNING), STATES[State.WARNING][0]), (int(State.ALARM), STATES[State.ALARM][0]))
DUST = gettext_lazy("Średnia z godziny, w µg/m³.")
KINDS = {
    one.key: one
    for one in (
        Kind(
            INDEX,
            gettext_lazy("indeks powietrza"),
            gettext_lazy("Od jakiego indeksu pisać?"),
            int(AirClass.SUFFICIENT),
            choices=CLASSES,
        ),
        Kind("pm10", gettext_lazy("pył PM10"), DUST, 80, "µg/m³", 10, 1000, gap=5, code="pm10"),
        Kind("pm25", gettext_lazy("pył PM2,5"), DUST, 55, "µg/m³", 5, 1000, gap=3, code="pm25"),
        Kind("no2", gettext_lazy("dwutlenek azotu (NO₂)"), DUST, 150, "µg/m³", 10, 1000, gap=8, code="no2"),
        Kind("o3", gettext_lazy("ozon (O₃)"), DUST, 120, "µg/m³", 20, 500, gap=5, code="o3"),
        Kind(
            RIVER,
            gettext_lazy("stan najbliższej rzeki"),
            gettext_lazy("Od jakiego stanu pisać?"),
            int(State.WARNING),
            choices=LEVELS,
            page="environment_water:now",
        ),
        Kind(
            NIGHT,
            gettext_lazy("hałas w nocy"),
            gettext_lazy("Średnia z nocy (22–6) z najbliższego miernika, w dB. Napiszemy rano."),
            55,
            "dB",
            30,
            100,
            gap=1,
            page="environment_noise:now",
            code="laeq",
        ),
        Kind(
            "wind",
            gettext_lazy("silny wiatr"),
            gettext_lazy("Średnia prędkość w m/s. Od 17 m/s łamią się gałęzie."),
            17,
            "m/s",
            3,
            60,
            gap=2,
            page="environment_weather:now",
            code="wind_speed",
        ),
        Kind(
            "rain",
            gettext_lazy("ulewa"),
            gettext_lazy("Deszcz w milimetrach na godzinę. Od 10 mm zalewa niskie miejsca."),
            10,
            "mm/h",
            1,
            100,
            gap=1,
            page="environment_weather:now",
            code="rain",
        ),
        Kind(
            "frost",
            gettext_lazy("mróz"),
            gettext_lazy("Temperatura w stopniach, na przykład 0 albo −10."),
            0,
            "°C",
            -40,
            10,
            gap=1,
            falling=True,
            page="environment_weather:now",
            code="air_temperature",
        ),
    )
}


def said_with_name(row: Any) -> str:
    """A watch as lists of subscriptions name it: "pył PM10: 80 µg/m³ lub więcej, ul. Długa 5, w godzinach 6–22"."""
    kind = KINDS[row.what]
    parts = [f"{kind.name}: {kind.threshold(row.limit)}", row.label]
    if row.hour_from != row.hour_to:
        parts.append(_("w godzinach %(hours)s") % {"hours": f"{row.hour_from}–{row.hour_to}"})
    if row.standing:
        parts.append(_("teraz przekroczony"))
    return ", ".join(parts)
