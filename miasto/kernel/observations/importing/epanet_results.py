"""Results of a simulation as EPANET 2 writes them (``.out``): prolog, energy, a block for each reporting period, epilog.

The layout is that of the EPANET 2.2 manual, appendix C.3, with the pressure units as the program numbers them (0 psi, 1 kPa,
2 m). All numbers are of four bytes, little-endian. The energy of pumps, settings, reaction rates and friction factors are left
out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO
from zoneinfo import ZoneInfo

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from miasto.kernel.observations.importing.chunks import SIZE, Chunk, Known
from miasto.kernel.observations.importing.epanet import FLOW
from miasto.kernel.observations.importing.faults import VALUE as NO_NUMBER
from miasto.kernel.observations.importing.faults import Fault, Unreadable
from miasto.kernel.observations.store.batch import micros
from miasto.kernel.spec.observations import FileSeries

MAGIC = 516_114_521
MAGIC_BYTES = MAGIC.to_bytes(4, "little")
EPILOG = 28
MOST_PARTS = 1_000_000
NODE, LINK = "node", "link"
NAMES = {
    "demand": gettext_lazy("pobór w węźle"),
    "head": gettext_lazy("wysokość linii ciśnienia"),
    "pressure": gettext_lazy("ciśnienie w węźle"),
    "quality": gettext_lazy("jakość wody w węźle"),
    "flow": gettext_lazy("przepływ w odcinku"),
    "velocity": gettext_lazy("prędkość w odcinku"),
    "headloss": gettext_lazy("strata na 1000 jednostek długości"),
    "link_quality": gettext_lazy("średnia jakość wody w odcinku"),
    "status": gettext_lazy("stan odcinka (numer EPANET)"),
}
USUAL = ("demand", "pressure", "flow", "velocity")  # what is taken where nobody chose
_OF_NODES = ("demand", "head", "pressure", "quality")
_OF_LINKS = ("flow", "velocity", "headloss", "link_quality", "status", "setting", "reaction", "friction")
_UNITS = ("CFS", "GPM", "MGD", "IMGD", "AFD", "LPS", "LPM", "MLD", "CMH", "CMD", "CMS")
_PRESSURE = ("psi", "kPa", "mH₂O")
_US = 5  # flow units before this one mean feet
_HEADER = np.dtype([(name, "<i4") for name in (
    "magic", "version", "nodes", "tanks", "links", "pumps", "valves", "quality", "trace", "flow", "pressure", "statistics",
    "start_s", "step_s", "duration_s",
)])  # fmt: skip


@dataclass(frozen=True)
class Prolog:
    """What a file says of itself: names of nodes and links in their order, units, seconds to the first period and between."""

    nodes: tuple[str, ...]
    links: tuple[str, ...]
    units: dict[str, str]
    codes: dict[str, str]
    start_s: int
    step_s: int

    @property
    def period_bytes(self) -> int:
        """Of one reporting period."""
        return 4 * (len(_OF_NODES) * len(self.nodes) + len(_OF_LINKS) * len(self.links))


def recognises(sample: bytes) -> bool:
    """Whether it begins as such a file does."""
    return sample[:4] == MAGIC_BYTES


def _cut() -> Unreadable:
    return Unreadable(
        _("Plik wyników EPANET jest niepełny: symulacja nie dobiegła końca albo plik ucięto. Wykonaj obliczenia jeszcze raz.")
    )


def _take(file: BinaryIO, size: int) -> bytes:
    found = file.read(size)
    if len(found) < size:
        raise _cut()
    return found


def prolog(file: BinaryIO) -> Prolog:
    """Read up to the first reporting period. Raises ``Unreadable``."""
    head = np.frombuffer(_take(file, _HEADER.itemsize), dtype=_HEADER)[0]
    counts = [int(head[name]) for name in ("nodes", "tanks", "links", "pumps", "valves")]
    if head["magic"] != MAGIC or min(counts) < 0 or max(counts) > MOST_PARTS or not counts[0] > 0:
        raise Unreadable(_("To nie są wyniki programu EPANET 2 albo plik jest uszkodzony."))
    if not (0 <= head["flow"] < len(_UNITS) and 0 <= head["pressure"] < len(_PRESSURE) and 0 <= head["quality"] < 4):
        raise Unreadable(_("Wyniki EPANET są w jednostkach, których nie znamy. Zapisz je w SI: LPS i metry."))
    if head["statistics"]:
        raise Unreadable(
            _("To wyniki w postaci statystyki, nie w czasie. W modelu ustaw „Statistic None” i policz jeszcze raz.")
        )
    nodes, tanks, links, pumps, _valves = counts
    _take(file, 3 * 80 + 2 * 260)
    _chemical, unit = _text(_take(file, 32)), _text(_take(file, 32))
    names = [_text(_take(file, 32)) for _place in range(nodes + links)]
    _take(file, 12 * links + 8 * tanks + 4 * nodes + 8 * links + 28 * pumps + 4)
    units, codes = _measures(int(head["flow"]), int(head["pressure"]), int(head["quality"]), unit)
    return Prolog(tuple(names[:nodes]), tuple(names[nodes:]), units, codes, int(head["start_s"]), int(head["step_s"]))


def _text(raw: bytes) -> str:
    return raw.split(b"\0", 1)[0].decode("utf-8", "replace").strip()


def _measures(flow: int, pressure: int, quality: int, unit: str) -> tuple[dict[str, str], dict[str, str]]:
    """``(unit, property)`` of each quantity; quality only where it was simulated."""
    feet = flow < _US
    units = {
        "demand": FLOW[_UNITS[flow]],
        "flow": FLOW[_UNITS[flow]],
        "head": "ft" if feet else "m",
        "headloss": "",
        "status": "",
    }
    units |= {"pressure": _PRESSURE[pressure], "velocity": "ft/s" if feet else "m/s"}
    codes = {"demand": "volume_flow", "flow": "volume_flow", "head": "head", "pressure": "line_pressure"}
    codes |= {"velocity": "flow_speed", "headloss": "factor", "status": "factor"}
    if quality:
        code, said = {1: ("substance", unit or "mg/l"), 2: ("water_age", "h"), 3: ("water_share", "%")}[quality]
        codes |= {"quality": code, "link_quality": code}
        units |= {"quality": said, "link_quality": said}
    return units, codes


def chosen(found: Prolog, parts: Sequence[str]) -> list[str]:
    """Which quantities are taken: those asked for, else the usual ones, with the quality of nodes where there is one."""
    wanted = parts or (*USUAL, "quality")
    return [name for name in NAMES if name in wanted and name in found.codes]


def read(
    file: BinaryIO, start: datetime, zone: ZoneInfo | None, parts: Sequence[str], known: Known, most: int | None = None
) -> Iterator[Chunk]:
    """Chunks of whole periods from ``start`` (local time of ``zone``; None: UTC), of the first ``most`` periods where given.

    ``parts`` are keys of ``NAMES``. Series go into ``known``. Raises ``Unreadable`` for a file that is cut.
    """
    found = prolog(file)
    first = micros(start.replace(tzinfo=zone or UTC).astimezone(UTC)) + found.start_s * 1_000_000
    places, series = _series(found, chosen(found, parts), known)
    held: list[np.ndarray] = []
    count = done = 0
    while len(block := file.read(found.period_bytes)) == found.period_bytes:
        held.append(np.frombuffer(block, dtype="<f4")[places])
        count += 1
        if len(held) * len(places) >= SIZE or count == most:
            yield _chunk(held, series, first, found.step_s, done)
            held, done = [], count
        if count == most:
            return
    if len(block) != EPILOG or block[-4:] != MAGIC_BYTES:
        raise _cut()
    if held:
        yield _chunk(held, series, first, found.step_s, done)


def _series(found: Prolog, parts: list[str], known: Known) -> tuple[np.ndarray, np.ndarray]:
    """``(places in a period's block, places in known)`` of all series."""
    places, series, begin = [], [], 0
    for names, quantities, kind in ((found.nodes, _OF_NODES, NODE), (found.links, _OF_LINKS, LINK)):
        for quantity in quantities:
            if quantity in parts:
                places += range(begin, begin + len(names))
                series += [_known(found, kind, name, quantity, known) for name in names]
            begin += len(names)
    return np.array(places, dtype=np.int64), np.array(series, dtype=np.int32)


def _known(found: Prolog, kind: str, name: str, quantity: str, known: Known) -> int:
    thing = name if kind == NODE else _("odcinek %(name)s") % {"name": name}
    one = FileSeries(
        key=f"{kind} {name} {quantity}",
        name=str(NAMES[quantity]),
        code=found.codes[quantity],
        unit=found.units[quantity],
        thing=name if kind == NODE else f"link {name}",
        thing_name=thing,
        period_s=found.step_s,
    )
    known[one.key] = len(known.all)
    known.all.append(one)
    return known[one.key]


def _chunk(held: list[np.ndarray], series: np.ndarray, first: int, step_s: int, done: int) -> Chunk:
    """Readings of consecutive periods; ``line`` is the number of the period. What is no number is refused."""
    values = np.concatenate(held).astype(np.float64)
    period = done + np.repeat(np.arange(len(held), dtype=np.int64), len(series))
    good = np.isfinite(values)
    return Chunk(
        np.tile(series, len(held))[good],
        (first + step_s * 1_000_000 * period)[good],
        values[good],
        period[good] + 1,
        np.zeros(int(good.sum()), dtype=np.int64),
        [Fault(int(period[at]) + 1, "", str(values[at]), NO_NUMBER) for at in np.flatnonzero(~good)],
        rows=len(held),
    )
