"""Saved answers of GIOŚ and IMGW-PIB as files of readings: the same shapes that are polled, kept by somebody on a disk."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from miasto.kernel.spec.observations import FileReading, FileSeries, ReadingsFormat
from miasto.modules.environment.declared import AIR, RIVER, WEATHER
from miasto.modules.environment.feeds import gios, imgw
from miasto.modules.environment.feeds.answers import Unreadable, document

MEASURED = "Lista danych pomiarowych"
STAND = "Kod stanowiska"
HOUR_S, TEN_MINUTES_S = 3600, 600


def gios_hours(body: bytes, zone: ZoneInfo) -> Iterator[FileReading]:
    """The hours of ``data/getData`` of one stand; its code tells station and pollutant ("MzWarKondrat-PM2.5-1g")."""
    try:
        answer = document(body)
        found = gios.values(answer, zone)
        codes = {str(row[STAND]) for row in answer[MEASURED]}
    except gios.NotOnline as error:
        raise ValueError(_("W tym pliku nie ma pomiarów: stanowisko jest manualne.")) from error
    except (Unreadable, KeyError, TypeError) as error:
        raise ValueError(_("To nie są dane pomiarowe z serwisu GIOŚ.")) from error
    if len(codes) != 1:
        raise ValueError(_("Plik GIOŚ powinien zawierać pomiary z jednego stanowiska."))
    series = _stand(codes.pop())
    for number, one in enumerate(found, 1):
        yield FileReading(series, one.start, one.value, number)


def _stand(code: str) -> FileSeries:
    station, _dash, rest = code.partition("-")
    pollutant = gios.CODES.get(rest.rpartition("-")[0] or rest, "")
    if not pollutant:
        raise ValueError(_("Platforma nie zbiera wskaźnika ze stanowiska %(code)s.") % {"code": code})
    return FileSeries(
        key=code,
        code=pollutant,
        unit="µg/m³",
        source=f"gios-stanowisko:{code}",
        thing=station,
        thing_name=_("Stacja GIOŚ %(code)s") % {"code": station},
        thing_source=f"gios-stacja:{station}",
        thing_kind=AIR,
        period_s=HOUR_S,
    )


def imgw_gauges(body: bytes, zone: ZoneInfo) -> Iterator[FileReading]:
    """Level, flow and temperature of the gauges of ``hydro``; they are the same series as the polled ones."""
    try:
        found = imgw.gauges(document(body))
    except Unreadable as error:
        raise ValueError(_("To nie są dane hydrologiczne IMGW.")) from error
    for number, one in enumerate(found, 1):
        for code, timed in (("water_level", one.level), ("water_flow", one.flow), ("water_temperature", one.temperature)):
            if timed is not None:
                name, place = f"{one.river} – {one.name}", None if one.lat is None or one.lon is None else (one.lon, one.lat)
                yield FileReading(_imgw(one.id, code, name, RIVER, place, TEN_MINUTES_S), *timed, number)


def imgw_weather(body: bytes, zone: ZoneInfo) -> Iterator[FileReading]:
    """The values of the reports of ``synop``."""
    try:
        found = imgw.weather(document(body))
    except Unreadable as error:
        raise ValueError(_("To nie są dane synoptyczne IMGW.")) from error
    for number, one in enumerate(found, 1):
        for code, value in one.values.items():
            yield FileReading(_imgw(one.id, code, f"IMGW – {one.name}", WEATHER, None, HOUR_S), one.time, value, number)


def _imgw(station: str, code: str, name: str, kind: str, place: tuple[float, float] | None, period_s: int) -> FileSeries:
    return FileSeries(
        key=f"{station} {code}",
        code=code,
        source=f"imgw:{station}:{code}",
        thing=station,
        thing_name=name,
        thing_source=f"imgw:{station}",
        thing_kind=kind,
        place=place,
        period_s=period_s,
    )


def _json_with(*words: str):
    """Whether the first bytes are those of a JSON document that names all these."""
    wanted = [word.encode() for word in words]
    return lambda head, name: head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[") and all(word in head for word in wanted)


FORMATS = (
    ReadingsFormat(
        key="environment.gios",
        name=gettext_lazy("dane pomiarowe GIOŚ (JSON)"),
        recognises=_json_with(f'"{MEASURED}"'),
        read=gios_hours,
    ),
    ReadingsFormat(
        key="environment.imgw_hydro",
        name=gettext_lazy("stany wód IMGW (JSON)"),
        recognises=_json_with('"id_stacji"', '"stan_wody"'),
        read=imgw_gauges,
    ),
    ReadingsFormat(
        key="environment.imgw_synop",
        name=gettext_lazy("dane synoptyczne IMGW (JSON)"),
        recognises=_json_with('"id_stacji"', '"data_pomiaru"'),
        read=imgw_weather,
    ),
)
