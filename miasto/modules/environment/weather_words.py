"""The weather in plain words."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.numbers import written

# Beaufort's scale in m/s (WMO-No. 8, table 5.1): the lower border of each of its steps from 1 on.
BEAUFORT = (0.3, 1.6, 3.4, 5.5, 8.0, 10.8, 13.9, 17.2, 20.8, 24.5, 28.5, 32.7)
WIND = (
    _("bezwietrznie"),
    _("lekki powiew"),
    _("słaby wiatr"),
    _("łagodny wiatr"),
    _("umiarkowany wiatr"),
    _("dość silny wiatr"),
    _("silny wiatr"),
    _("bardzo silny wiatr"),
    _("gwałtowny wiatr"),
    _("wichura"),
    _("silna wichura"),
    _("gwałtowna wichura"),
    _("huragan"),
)
SIDES = (
    _("z północy"),
    _("z północnego wschodu"),
    _("ze wschodu"),
    _("z południowego wschodu"),
    _("z południa"),
    _("z południowego zachodu"),
    _("z zachodu"),
    _("z północnego zachodu"),
)
HEAT_C, FROST_C, HARD_FROST_C = 30.0, 0.0, -10.0
HEAVY_RAIN_MM = 10.0  # in an hour


def wind_words(speed: float) -> Any:
    """The name of a wind of some m/s (mean of ten minutes or an hour)."""
    return WIND[bisect_right(BEAUFORT, speed)]


def side(direction: float) -> Any:
    """Where the wind blows from, of degrees."""
    return SIDES[int((direction % 360) / 45 + 0.5) % 8]


def hints(temperature: float | None, rain_hour: float | None, wind: float | None) -> list[Any]:
    """What to mind, worst first; nothing on an ordinary day."""
    found = []
    if wind is not None and wind >= BEAUFORT[7]:
        found.append(_("Wieje bardzo mocno. Nie zatrzymuj się pod drzewami i rusztowaniami."))
    if rain_hour is not None and rain_hour >= HEAVY_RAIN_MM:
        found.append(_("Leje. Tunele i zagłębienia ulic mogą być zalane."))
    if temperature is not None:
        if temperature >= HEAT_C:
            found.append(_("Upał. Pij wodę, unikaj słońca w południe i zajrzyj do starszych sąsiadów."))
        elif temperature <= HARD_FROST_C:
            found.append(_("Silny mróz. Jeśli widzisz kogoś bez dachu nad głową, zadzwoń pod 112."))
        elif temperature <= FROST_C:
            found.append(_("Mróz. Na mostach i w cieniu może być ślisko."))
    return found


def said(values: dict[str, float | None]) -> dict[str, Any]:
    """The readings of a station as words and numbers; empty texts where something is not measured."""
    temperature, speed, direction = (values.get(code) for code in ("air_temperature", "wind_speed", "wind_direction"))
    return {
        "temperature": written(temperature) if temperature is not None else "",
        "wind": wind_words(speed) if speed is not None else "",
        "speed": written(speed) if speed is not None else "",
        "side": side(direction) if direction is not None and (speed or 0) >= 0.3 else "",
        "humidity": written(values["humidity"], 0) if values.get("humidity") is not None else "",
        "pressure": written(values["pressure"], 0) if values.get("pressure") is not None else "",
    }
