"""Reads the arguments of GeoReport v2: what is wrong with them is said as the standard wants it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from miasto.kernel.core import clock
from miasto.kernel.core.city import city

SPAN = timedelta(days=90)
MOST = 1000
RADIUS_M, RADIUS_MOST_M = 1000.0, 50_000.0
_DATE = re.compile(
    r"^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)$",
)


class Problem(Exception):
    """Why a request cannot be answered: the HTTP status and one sentence for each thing that is wrong."""

    def __init__(self, status: int, *descriptions: str) -> None:
        super().__init__(*descriptions)
        self.status, self.descriptions = status, descriptions


@dataclass(frozen=True)
class Asked:
    """Arguments as text; an empty one is the same as none ("Optional Arguments" of the standard)."""

    values: Mapping[str, list[str]]

    def one(self, name: str) -> str:
        """The last value given, without space around it."""
        found = self.values.get(name) or [""]
        return found[-1].strip()

    def many(self, name: str) -> list[str]:
        """All values: repeated, comma-separated or both; without repetitions, in their order."""
        parts = [part.strip() for value in self.values.get(name, []) for part in value.split(",")]
        return list(dict.fromkeys(part for part in parts if part))


def asked(querydict: Any) -> Asked:
    """The arguments of a query string or form; raises ``Problem`` for letters that no text may hold."""
    values = {str(name): [str(value) for value in querydict.getlist(name)] for name in querydict}
    if any("\x00" in text or _broken(text) for name, found in values.items() for text in (name, *found)):
        raise Problem(400, _("Zapytanie zawiera niedozwolone znaki. Wyślij tekst w kodowaniu UTF-8."))
    return Asked(values)


def _broken(text: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in text)


def jurisdiction() -> str:
    """Our ``jurisdiction_id``: the host of the city's main website, from the profile."""
    return str(city().section("open311").get("jurisdiction_id", "") or city().slug)


def check_jurisdiction(args: Asked) -> None:
    """One jurisdiction is served, so none need be named; raises ``Problem`` 404 for another one."""
    named = args.one("jurisdiction_id")
    if named and named.lower() != jurisdiction().lower():
        raise Problem(404, _("jurisdiction_id: nie obsługujemy jurysdykcji „%(id)s”.") % {"id": named[:60]})


def moment(args: Asked, name: str) -> datetime | None:
    """A date with time and zone (W3C NOTE-datetime); None where it is not given; raises ``Problem`` 400."""
    text = args.one(name).replace(" ", "+")  # a + that nobody encoded
    if not text:
        return None
    found = _DATE.match(text)
    try:
        if found:
            clean = text.replace("Z", "+00:00")
            return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", _padded(clean))).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    words = _("%(name)s: wpisz datę i godzinę ze strefą, na przykład 2026-01-01T00:00:00Z.")
    raise Problem(400, words % {"name": name})


def _padded(text: str) -> str:
    return re.sub(r"\.(\d{1,6})(?!\d)", lambda part: "." + part.group(1).ljust(6, "0"), text)


def span(args: Asked) -> tuple[datetime, datetime]:
    """``start_date`` and ``end_date``: at most 90 days; where one is missing, the 90 days beside the other.

    Raises ``Problem`` 400 for more days, and for an end before the start.
    """
    start, end = moment(args, "start_date"), moment(args, "end_date")
    return _span(start, end)


def _span(start: datetime | None, end: datetime | None) -> tuple[datetime, datetime]:
    if start is None and end is None:
        end = clock.now()
    try:
        first = start if start is not None else _known(end) - SPAN
        last = end if end is not None else _known(start) + SPAN
    except OverflowError:
        raise Problem(400, _("start_date i end_date: ta data jest poza zakresem.")) from None
    if last < first:
        raise Problem(400, _("end_date jest wcześniejsza niż start_date."))
    if last - first > SPAN:
        raise Problem(400, _("start_date i end_date: zakres może obejmować najwyżej 90 dni."))
    return first, last


def _known(value: datetime | None) -> datetime:
    assert value is not None
    return value


def number(args: Asked, name: str, *, least: float, most: float) -> float | None:
    """A number within limits; None where it is not given; raises ``Problem`` 400."""
    text = args.one(name)
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not least <= value <= most:
        words = _("%(name)s: wpisz liczbę od %(least)s do %(most)s.")
        raise Problem(400, words % {"name": name, "least": f"{least:g}", "most": f"{most:g}"})
    return value


def place(args: Asked) -> tuple[float, float] | None:
    """``long`` and ``lat`` as (longitude, latitude); both or neither. Raises ``Problem`` 400."""
    lat, lon = number(args, "lat", least=-90, most=90), number(args, "long", least=-180, most=180)
    if (lat is None) != (lon is None):
        raise Problem(400, _("lat i long trzeba podać razem."))
    return None if lat is None or lon is None else (lon, lat)


def near(args: Asked) -> tuple[float, float, float] | None:
    """``lat``, ``long`` and ``radius`` in metres (1000 where it is not given)."""
    point = place(args)
    radius = number(args, "radius", least=1, most=RADIUS_MOST_M)
    return None if point is None else (*point, radius if radius is not None else RADIUS_M)


def page(args: Asked) -> tuple[int, int]:
    """``page`` and ``page_size`` as (offset, limit)."""
    size = int(number(args, "page_size", least=1, most=MOST) or MOST)
    return (int(number(args, "page", least=1, most=100_000) or 1) - 1) * size, size


def ended(args: Asked) -> bool | None:
    """``status``: closed or not; None for both. Raises ``Problem`` 400 for another word."""
    words = {word.lower() for word in args.many("status")}
    if unknown := words - {"open", "closed"}:
        raise Problem(400, _("status: wpisz open albo closed, a nie „%(status)s”.") % {"status": sorted(unknown)[0][:40]})
    return None if len(words) != 1 else words == {"closed"}


def flag(args: Asked, *names: str) -> bool:
    """Whether any of the arguments says true."""
    return any(args.one(name).lower() in ("true", "1", "yes") for name in names)


def attributes(args: Asked) -> dict[str, list[str]]:
    """``attribute[code]=value`` and ``attribute[code][]=value``: the answers by code."""
    found: dict[str, list[str]] = {}
    for name, values in args.values.items():
        if match := re.fullmatch(r"attribute\[([^\[\]]{1,80})\](?:\[\d*\])?", name):
            given: Iterable[str] = (value.strip() for value in values)
            found.setdefault(match.group(1), []).extend(value for value in given if value)
    return found
