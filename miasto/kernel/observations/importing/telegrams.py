"""Telegrams of meters as reading software keeps them: one in a line, in hexadecimal, wired or wireless M-Bus (EN 13757-3, -4).

A line may say when it was received and hold other fields beside. ``pymbusparser`` finds the frames, checks their sums, opens
OMS encryption (AES-128, mode 5) with the meter's key and gives the records with their units. What it does not do right (day 31)
or not at all (is the key the right one?) is done here. Only present values are taken: no maxima, no due dates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from miasto.kernel.observations.importing import faults
from miasto.kernel.observations.importing.faults import Fault
from miasto.kernel.spec.observations import FileReading, FileSeries

_HEX = re.compile(r"(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{2}[ ]?){11,}(?![0-9A-Za-z])")
_TIME = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})?"
    r"|\d{2}\.\d{2}\.\d{4} \d{2}:\d{2}(?::\d{2})?"
)
QUANTITIES = {  # what the telegram calls it -> (our property, the unit as the parser writes it -> as we do)
    "Volume": ("volume", {"m3": "m³", "l": "l"}),
    "Energy": ("energy", {"W.h": "Wh", "J": "J"}),
    "Power": ("power", {"W": "W", "J.h-1": "J/h"}),
    "Volume flow": ("volume_flow", {"m3.h-1": "m³/h", "m3.min-1": "m³/min", "m3.s-1": "m³/s", "l.h-1": "l/h"}),
    "Flow temperature": ("supply_temperature", {"Cel": "°C"}),
    "Return temperature": ("return_temperature", {"Cel": "°C"}),
    "External temperature": ("outside_temperature", {"Cel": "°C"}),
    "Pressure": ("line_pressure", {"bar": "bar"}),
}
STAMP = "Time point (date and time)"
DECRYPTED = "2F2F"


def recognises(text: str) -> bool:
    """Whether most of the first lines hold a telegram that can be read, or one that only lacks its key."""
    lines = [line for line in text.splitlines()[:40] if line.strip()]
    found = [line for line in lines if (match := _HEX.search(line)) and _is_telegram(match[0])]
    return bool(found) and len(found) * 2 >= len(lines)


def _is_telegram(text: str) -> bool:
    plain = text.replace(" ", "")
    wired = re.match(r"68(?P<length>..)(?P=length)68", plain, re.IGNORECASE)
    return bool(wired) or plain[2:4] in ("44", "46", "08", "C4", "c4")


def read(lines: Iterable[str], zone: ZoneInfo | None, keys: Mapping[str, str]) -> Iterator[FileReading | Fault]:
    """The readings of all telegrams. ``zone`` is that of local times (None: UTC); ``keys`` are hexadecimal, by meter number."""
    for number, line in enumerate(lines, 1):
        match = _HEX.search(line)
        if match is None:
            if line.strip() and number > 1:  # the first may name the fields
                yield Fault(number, "", line.strip()[:200], faults.TELEGRAM)
            continue
        yield from _telegram(number, match[0].replace(" ", ""), _received(line, zone), zone, keys)


def _received(line: str, zone: ZoneInfo | None) -> datetime | None:
    match = _TIME.search(line)
    if not match:
        return None
    text = match[0]
    try:
        if "." in text[:3]:
            text = f"{text[6:10]}-{text[3:5]}-{text[:2]}{text[10:]}"
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=zone or UTC)).astimezone(UTC)


def _telegram(
    line: int, text: str, received: datetime | None, zone: ZoneInfo | None, keys: Mapping[str, str]
) -> Iterator[FileReading | Fault]:
    frame = _parsed(text, None)
    if frame is None:
        yield Fault(line, "", text[:200], faults.TELEGRAM)
        return
    meter = frame["meter"]["identity"]
    if frame["security"].get("payload_protection") == "encrypted":
        key = keys.get(meter["id"])
        if key is None:
            yield Fault(line, "", meter["id"], faults.NO_KEY)
            return
        frame = _parsed(text, key)
        if frame is None or not str(frame["security"].get("decrypted_payload_hex", "")).startswith(DECRYPTED):
            yield Fault(line, "", meter["id"], faults.KEY)
            return
    yield from _readings(line, frame, received, zone)


def _parsed(text: str, key: str | None) -> dict[str, Any] | None:
    import pymbusparser

    try:
        frame = pymbusparser.parse(text, key=key, include_enrichment=False)
    except (pymbusparser.MbusParserError, ValueError):
        return None
    whole = (frame.get("meter") or {}).get("identity", {}).get("id")
    return frame if whole and frame.get("security") else None


def _readings(
    line: int, frame: Mapping[str, Any], received: datetime | None, zone: ZoneInfo | None
) -> Iterator[FileReading | Fault]:
    records = [one for one in frame["records"] if one["function"] == "Instantaneous value" and one["storage_number"] == 0]
    stamp = next((one for one in records if one["quantities"] == [STAMP]), None)
    at = received or (_stamped(stamp, zone) if stamp else None)
    if at is None:
        yield Fault(line, "", frame["meter"]["identity"]["id"], faults.NO_TIME)
        return
    for one in records:
        series = _series(frame["meter"]["identity"], one)
        if series is not None and one["value"].get("kind") == "decimal":
            yield FileReading(series, at, float(one["value"]["value"]), line)


def _stamped(record: Mapping[str, Any], zone: ZoneInfo | None) -> datetime | None:
    """Date and time of type F (EN 13757-3, annex A): 32 bits; the meter says itself whether it keeps summer time."""
    data = bytes.fromhex(record["data_hex"].replace(" ", ""))
    if len(data) != 4 or data[0] & 0x80:
        return None
    year = (data[2] >> 5) | (data[3] >> 4) << 3
    try:
        local = datetime(2000 + year % 100, data[3] & 0x0F, data[2] & 0x1F, data[1] & 0x1F, data[0] & 0x3F, tzinfo=UTC)
    except ValueError:
        return None
    if zone is None:
        return local
    if data[1] & 0x80:  # summer time is in force: its offset is an hour more than the standard one
        standard = local.replace(month=1, day=1, tzinfo=zone).utcoffset() or timedelta(0)
        return local.replace(tzinfo=timezone(standard + timedelta(hours=1))).astimezone(UTC)
    return local.replace(tzinfo=zone, fold=1).astimezone(UTC)


def _series(meter: Mapping[str, Any], record: Mapping[str, Any]) -> FileSeries | None:
    known = QUANTITIES.get(record["quantities"][0]) if len(record["quantities"]) == 1 else None
    if known is None or record.get("unit") not in known[1]:
        return None
    code, unit = known[0], known[1][record["unit"]]
    numbered = (("T", record["tariff"]), ("U", record["subunit"]))
    parts = [code, *(f"{letter}{number}" for letter, number in numbered if number)]
    whose = f"{meter['manufacturer_code']} {meter['id']}"
    key = "-".join(parts)
    return FileSeries(
        key=f"{whose} {key}",
        name=" ".join(parts[1:]),
        code=code,
        unit=unit,
        source=f"mbus:{whose.replace(' ', ':')}:{key}",
        thing=whose,
        thing_name=whose,
        thing_source=f"mbus:{whose.replace(' ', ':')}",
    )
