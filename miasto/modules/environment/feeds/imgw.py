"""Answers of the public services of IMGW-PIB (danepubliczne.imgw.pl/api/data), read into plain values.

``hydro`` (gauges), ``synop`` (hourly weather), ``warningshydro``. Numbers come as text.
Raises ``Unreadable`` for another shape.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from miasto.modules.environment.feeds.answers import Unreadable, number

FOR_EVER = "9999"
SYNOP = {  # field -> our code; km/h are not used here: m/s, degrees, %, mm of the last six hours, hPa
    "temperatura": "air_temperature",
    "predkosc_wiatru": "wind_speed",
    "kierunek_wiatru": "wind_direction",
    "wilgotnosc_wzgledna": "humidity",
    "suma_opadu": "rain_total",
    "cisnienie": "pressure",
}


@dataclass(frozen=True)
class Gauge:
    """A gauge now: level (cm), flow (m³/s), water temperature (°C), each with its time or None.

    ``warning`` and ``alarm`` are the levels (cm) that the service has set for it; None where it has set none.
    """

    id: str
    name: str
    river: str
    lat: float | None
    lon: float | None
    level: tuple[datetime, float] | None
    flow: tuple[datetime, float] | None
    temperature: tuple[datetime, float] | None
    warning: float | None = None
    alarm: float | None = None


@dataclass(frozen=True)
class Weather:
    """One report of a synoptic station: values by our code."""

    id: str
    name: str
    time: datetime
    values: Mapping[str, float]


@dataclass(frozen=True)
class Warning:
    """A hydrological warning. ``degree`` 1 to 3; -1 is drought. ``ends`` None where it holds until it is called off."""

    number: str
    degree: int
    event: str
    text: str
    comment: str
    office: str
    published: datetime
    starts: datetime
    ends: datetime | None
    probability: int | None
    catchments: frozenset[str]
    areas: tuple[str, ...]

    @property
    def key(self) -> str:
        """What tells it from others: numbers begin anew each year."""
        return f"{self.published.year}/{self.number}/{self.event}"


def gauges(answer: Any) -> list[Gauge]:
    """The gauges of ``hydro``. Times are UTC, although the answer does not say so.

    That was checked on recorded answers: asked in summer at 20:17 UTC the newest level was of "20:00", asked at 10:59 UTC of
    "10:30", always at most 40 minutes before the UTC time of asking; and the service behind hydro.imgw.pl gives its instants
    with a Z. Since 2026 a row also holds ``stan_ostrzegawczy`` and ``stan_alarmowy``, as a number, as text or null.
    """
    return [
        Gauge(
            str(row["id_stacji"]),
            str(row.get("stacja") or ""),
            str(row.get("rzeka") or ""),
            number(row.get("lat")),
            number(row.get("lon")),
            _timed(row, "stan_wody", "stan_wody_data_pomiaru"),
            _timed(row, "przeplyw", "przeplyw_data"),
            _timed(row, "temperatura_wody", "temperatura_wody_data_pomiaru"),
            *_levels(row),
        )
        for row in _rows(answer, "id_stacji")
    ]


def gauge_history(lines: Iterable[str]) -> list[tuple[datetime, float, float | None]]:
    """(time, level in cm, flow in m³/s) from a CSV of one gauge with the columns of ``hydro``; times are UTC."""
    found = []
    for row in csv.DictReader(lines):
        level = number(row.get("stan_wody_cm"))
        if level is None:
            raise Unreadable("no column stan_wody_cm with numbers")
        found.append((_time(row["stan_wody_data_pomiaru"], UTC), level, number(row.get("przeplyw_m3s"))))
    return sorted(found)


def weather(answer: Any) -> list[Weather]:
    """The reports of ``synop`` (a list, or one station's object); date and hour are UTC."""
    found = []
    for row in _rows([answer] if isinstance(answer, Mapping) else answer, "id_stacji"):
        hour = number(row.get("godzina_pomiaru"))
        if hour is None:
            raise Unreadable("no hour of measurement")
        time = _time(str(row.get("data_pomiaru")), UTC).replace(hour=int(hour))
        values = {code: value for field, code in SYNOP.items() if (value := number(row.get(field))) is not None}
        found.append(Weather(str(row["id_stacji"]), str(row.get("stacja") or ""), time, values))
    return found


def warnings(answer: Any, zone: ZoneInfo) -> list[Warning]:
    """The warnings of ``warningshydro``; times are local. No warnings come as an empty list."""
    return [_warning(row, zone) for row in _rows(answer, "zdarzenie")]


def concerns(warning: Warning, catchments: Iterable[str]) -> bool:
    """Whether a warning names one of the catchments (codes such as "Z_K_SW_216", or the beginning of such a code)."""
    return any(code.startswith(wanted) for code in warning.catchments for wanted in catchments)


def _warning(row: Mapping[str, Any], zone: ZoneInfo) -> Warning:
    areas = row.get("obszary") or []
    ends = str(row.get("data_do") or "")
    probability = number(row.get("prawdopodobienstwo"))
    return Warning(
        number=str(row.get("numer") or ""),
        degree=int(number(row.get("stopień")) or 0),
        event=str(row["zdarzenie"]),
        text=str(row.get("przebieg") or ""),
        comment=str(row.get("komentarz") or ""),
        office=str(row.get("biuro") or ""),
        published=_time(str(row.get("opublikowano")), zone),
        starts=_time(str(row.get("data_od")), zone),
        ends=None if not ends or ends.startswith(FOR_EVER) else _time(ends, zone),
        probability=None if probability is None else int(probability),
        catchments=frozenset(str(code) for area in areas for code in area.get("kod_zlewni") or []),
        areas=tuple(str(area.get("opis") or "") for area in areas),
    )


def _levels(row: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """The warning and the alarm level; a pair that cannot be (the alarm not above the warning) counts as none."""
    warning, alarm = number(row.get("stan_ostrzegawczy")), number(row.get("stan_alarmowy"))
    return (None, None) if warning is not None and alarm is not None and alarm <= warning else (warning, alarm)


def _timed(row: Mapping[str, Any], field: str, at: str) -> tuple[datetime, float] | None:
    value = number(row.get(field))
    return None if value is None or not row.get(at) else (_time(str(row[at]), UTC), value)


def _time(text: str, zone: Any) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)
    except ValueError as error:
        raise Unreadable(f"no time: {text!r}") from error


def _rows(answer: Any, needed: str) -> list[Mapping[str, Any]]:
    if not isinstance(answer, list) or not all(isinstance(row, Mapping) and row.get(needed) is not None for row in answer):
        raise Unreadable(f"no list of rows with {needed!r}")
    return answer
