"""Models of water networks for EPANET 2 (``.inp``): what the model lets each junction draw, and its patterns, as series.

A small reader of its own: wntr and epyt bring pandas, networkx and a compiled solver for what is here a table of numbers.
Read are [JUNCTIONS], [DEMANDS], [PATTERNS], [TIMES] and [OPTIONS] (EPANET 2.2 User Manual, appendix C); nothing is simulated.
Results of a simulation come as a table (seconds since the beginning and a column for each node).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from miasto.kernel.observations.importing.faults import Unreadable
from miasto.kernel.spec.observations import FileReading, FileSeries

FLOW = {"CFS": "ft³/s", "GPM": "gal/min", "MGD": "Mgal/d", "IMGD": "Mgal(UK)/d", "AFD": "ac·ft/d", "LPS": "l/s", "LPM": "l/min",
        "MLD": "Ml/d", "CMH": "m³/h", "CMD": "m³/d", "CMS": "m³/s"}  # fmt: skip
MOST = 5_000_000
_SECTION = re.compile(r"^\s*\[([A-Z]+)\]", re.MULTILINE | re.IGNORECASE)
_SPAN = re.compile(r"(\d+):(\d{1,2})(?::(\d{1,2}))?")
_UNIT_S = {"SEC": 1, "MIN": 60, "HOU": 3600, "DAY": 86400}


@dataclass
class Network:
    """What of a model makes its demands: times in seconds; ``demands`` are (base, pattern) of each junction."""

    demands: dict[str, list[tuple[float, str]]] = field(default_factory=dict)
    patterns: dict[str, list[float]] = field(default_factory=dict)
    unit: str = "GPM"
    multiplier: float = 1.0
    usual: str = "1"
    duration_s: int = 0
    step_s: int = 3600
    start_s: int = 0


def recognises(text: str) -> bool:
    """Whether it has the sections of an EPANET model."""
    names = {one.upper() for one in _SECTION.findall(text)}
    return "JUNCTIONS" in names and bool(names & {"PIPES", "PATTERNS", "TIMES", "OPTIONS", "RESERVOIRS", "TITLE"})


def network(lines: Iterable[str]) -> Network:
    """The model. Raises ``Unreadable`` with the line of a number that is none."""
    found, section, own = Network(), "", {}
    for number, raw in enumerate(lines, 1):
        line = raw.split(";", 1)[0].strip()
        if match := _SECTION.match(line):
            section = match[1].upper()
            continue
        if not line:
            continue
        try:
            _take(found, own, section, line.split())
        except (ValueError, IndexError) as error:
            raise Unreadable(_("Wiersz %(line)s modelu nie ma postaci, jaką opisuje EPANET.") % {"line": number}) from error
    found.demands |= own  # [DEMANDS] take the place of the junction's own
    return found


def _take(found: Network, own: dict[str, list[tuple[float, str]]], section: str, parts: list[str]) -> None:
    if section == "JUNCTIONS":
        if len(parts) > 2:
            found.demands[parts[0]] = [(float(parts[2]), parts[3] if len(parts) > 3 else "")]
    elif section == "DEMANDS":
        own.setdefault(parts[0], []).append((float(parts[1]), parts[2] if len(parts) > 2 else ""))
    elif section == "PATTERNS":
        found.patterns.setdefault(parts[0], []).extend(float(one) for one in parts[1:])
    elif section == "OPTIONS":
        _option(found, [one.upper() for one in parts], parts)
    elif section == "TIMES":
        _time(found, [one.upper() for one in parts])


def _option(found: Network, names: list[str], parts: list[str]) -> None:
    if names[0] == "UNITS":
        found.unit = names[1]
    elif names[0] == "PATTERN":
        found.usual = parts[1]
    elif names[:2] == ["DEMAND", "MULTIPLIER"]:
        found.multiplier = float(parts[2])


def _time(found: Network, names: list[str]) -> None:
    if names[0] == "DURATION":
        found.duration_s = _seconds(names[1:])
    elif names[:2] == ["PATTERN", "TIMESTEP"]:
        found.step_s = _seconds(names[2:])
    elif names[:2] == ["PATTERN", "START"]:
        found.start_s = _seconds(names[2:])


def _seconds(parts: list[str]) -> int:
    """``24``, ``1.5 HOURS``, ``0:30``, ``1:00:00``; hours where no unit is named."""
    if match := _SPAN.fullmatch(parts[0]):
        return int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3] or 0)
    return round(float(parts[0]) * (_UNIT_S[parts[1][:3]] if len(parts) > 1 else 3600))


def read(lines: Iterable[str], start: datetime, zone: ZoneInfo | None) -> Iterator[FileReading]:
    """Demands of the junctions that have any, and the patterns, from ``start`` (local time of ``zone``; None: UTC).

    Raises ``Unreadable`` for a model with more than five million values.
    """
    found = network(lines)
    if found.unit not in FLOW or found.step_s <= 0:
        raise Unreadable(_("Nieznana jednostka przepływu albo krok czasu modelu: %(unit)s.") % {"unit": found.unit})
    first = start.replace(tzinfo=zone or UTC).astimezone(UTC)
    drawn = {node: rows for node, rows in found.demands.items() if any(base for base, _name in rows)}
    longest = max((len(one) for one in found.patterns.values()), default=1)
    steps = max(1, found.duration_s // found.step_s) if found.duration_s else longest
    if steps * (len(drawn) + len(found.patterns)) > MOST:
        raise Unreadable(_("Model ma więcej niż 5 milionów wartości. Skróć czas symulacji albo wydłuż krok."))
    yield from _series_of(found, drawn, steps, first)


def _series_of(found: Network, drawn: dict[str, list[tuple[float, str]]], steps: int, first: datetime) -> Iterator[FileReading]:
    times = [first + timedelta(seconds=found.step_s * step) for step in range(steps)]
    shift = found.start_s // found.step_s
    for name, factors in found.patterns.items():
        series = FileSeries(key=f"wzorzec {name}", name=f"wzorzec {name}", code="factor", thing="", period_s=found.step_s)
        for step, time in enumerate(times):
            yield FileReading(series, time, factors[(step + shift) % len(factors)], step + 1)
    for node, rows in drawn.items():
        series = FileSeries(
            key=node, code="volume_flow", unit=FLOW[found.unit], thing=node, thing_name=node, period_s=found.step_s
        )
        for step, time in enumerate(times):
            value = found.multiplier * sum(base * _factor(found, name, step + shift) for base, name in rows)
            yield FileReading(series, time, value, step + 1)


def _factor(found: Network, name: str, step: int) -> float:
    """The pattern's multiplier; 1 where neither the junction nor the model names one that there is."""
    factors = found.patterns.get(name or found.usual)
    return factors[step % len(factors)] if factors else 1.0
