"""Conditions of alert rules: parsed from JSON, written back, judged on a view of one thing's readings. No database here.

The JSON is one of::

    {"kind": "threshold", "code": "pm10", "op": ">", "value": 150, "clear": 120}
    {"kind": "change", "code": "water_level", "op": ">", "value": 30, "within_s": 3600, "clear": 5}
    {"kind": "absence", "code": "pm10", "after_s": 7200}
    {"kind": "deviation", "code": "pm10", "times": 3.0}
    {"kind": "coming", "code": "water_level", "op": ">", "value": 320, "within_s": 21600, "clear": 300}
    {"kind": "all" | "any", "of": [condition, ...]}

``value`` and ``clear`` are in the unit of the property. A condition that holds goes on holding until ``clear`` is passed
(hysteresis); without ``clear`` it is ``value`` itself. ``times`` counts half-widths of a forecast's interval. What is
``coming`` is foretold for the next ``within_s`` seconds, by a model that was better than plain rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite
from typing import Any, NamedTuple, Protocol

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

FRESH = timedelta(hours=2)
DEEPEST, MOST = 3, 8
WITHIN_MOST_S = 2 * 24 * 3600
TIMES_MOST = 100.0


class Sample(NamedTuple):
    """A reading: its instant and its value."""

    time: datetime
    value: float


class View(Protocol):
    """What is known of one thing at the instant ``at``."""

    at: datetime

    def latest(self, code: str) -> Sample | None:
        """The newest reading of a property up to ``at``."""

    def since(self, code: str, start: datetime) -> list[Sample]:
        """The readings of a property from ``start`` to ``at``, the oldest first."""

    def expected(self, code: str) -> tuple[float, float] | None:
        """What was foretold for the hour of the newest reading, and the half-width of its interval; None: nothing was."""

    def coming(self, code: str, span: timedelta) -> list[float]:
        """What a model foretells from ``at`` on for this time; empty where none does."""


class Condition(Protocol):
    """What a rule waits for."""

    def holds(self, view: View, *, active: bool) -> bool:
        """Whether it is so; ``active`` says that it was (then it ends only where ``clear`` is passed)."""

    def json(self) -> dict[str, Any]:
        """As it is stored."""

    def parts(self) -> Iterator[Condition]:
        """Itself, or the conditions it is made of."""


def _beyond(op: str, value: float, edge: float) -> bool:
    return value > edge if op == ">" else value < edge


@dataclass(frozen=True, slots=True)
class Threshold:
    """The newest reading, at most ``FRESH`` old, is above (or below) a value."""

    code: str
    op: str
    value: float
    clear: float | None = None

    def crossed(self, value: float, *, active: bool = False) -> bool:
        """Whether one value is beyond the edge, which is ``clear`` once the alert stands."""
        return _beyond(self.op, value, self.clear if active and self.clear is not None else self.value)

    def holds(self, view: View, *, active: bool) -> bool:
        newest = view.latest(self.code)
        return newest is not None and view.at - newest.time <= FRESH and self.crossed(newest.value, active=active)

    def json(self) -> dict[str, Any]:
        found = {"kind": "threshold", "code": self.code, "op": self.op, "value": self.value}
        return found if self.clear is None else {**found, "clear": self.clear}

    def parts(self) -> Iterator[Condition]:
        yield self


@dataclass(frozen=True, slots=True)
class Change:
    """Within the last ``within_s`` seconds the value rose (``>``) or fell (``<``) by more than ``value``."""

    code: str
    op: str
    value: float
    within_s: int
    clear: float | None = None

    def holds(self, view: View, *, active: bool) -> bool:
        found = view.since(self.code, view.at - timedelta(seconds=self.within_s))
        if len(found) < 2:
            return False
        values = [one.value for one in found]
        moved = values[-1] - min(values) if self.op == ">" else max(values) - values[-1]
        return moved > (self.clear if active and self.clear is not None else self.value)

    def json(self) -> dict[str, Any]:
        found = {"kind": "change", "code": self.code, "op": self.op, "value": self.value, "within_s": self.within_s}
        return found if self.clear is None else {**found, "clear": self.clear}

    def parts(self) -> Iterator[Condition]:
        yield self


@dataclass(frozen=True, slots=True)
class Absence:
    """No reading has come for ``after_s`` seconds, though there were some before."""

    code: str
    after_s: int

    def holds(self, view: View, *, active: bool) -> bool:
        newest = view.latest(self.code)
        return newest is not None and view.at - newest.time > timedelta(seconds=self.after_s)

    def json(self) -> dict[str, Any]:
        return {"kind": "absence", "code": self.code, "after_s": self.after_s}

    def parts(self) -> Iterator[Condition]:
        yield self


@dataclass(frozen=True, slots=True)
class Deviation:
    """The newest reading, at most ``FRESH`` old, is further from its forecast than ``times`` the half-width of the interval.

    Where nothing is foretold, it is never so.
    """

    code: str
    times: float

    def holds(self, view: View, *, active: bool) -> bool:
        newest = view.latest(self.code)
        if newest is None or view.at - newest.time > FRESH:
            return False
        found = view.expected(self.code)
        return found is not None and abs(newest.value - found[0]) > self.times * found[1]

    def json(self) -> dict[str, Any]:
        return {"kind": "deviation", "code": self.code, "times": self.times}

    def parts(self) -> Iterator[Condition]:
        yield self


@dataclass(frozen=True, slots=True)
class Coming:
    """A model foretells that the value will be above (or below) an edge within the next ``within_s`` seconds.

    The sensor must be alive (its newest reading at most ``FRESH`` old); where no model foretells, it is never so.
    """

    code: str
    op: str
    value: float
    within_s: int
    clear: float | None = None

    def holds(self, view: View, *, active: bool) -> bool:
        newest = view.latest(self.code)
        if newest is None or view.at - newest.time > FRESH:
            return False
        edge = self.clear if active and self.clear is not None else self.value
        return any(_beyond(self.op, one, edge) for one in view.coming(self.code, timedelta(seconds=self.within_s)))

    def json(self) -> dict[str, Any]:
        found = {"kind": "coming", "code": self.code, "op": self.op, "value": self.value, "within_s": self.within_s}
        return found if self.clear is None else {**found, "clear": self.clear}

    def parts(self) -> Iterator[Condition]:
        yield self


@dataclass(frozen=True, slots=True)
class Several:
    """All of some conditions, or any of them."""

    every: bool
    of: tuple[Condition, ...]

    def holds(self, view: View, *, active: bool) -> bool:
        judge = all if self.every else any
        return judge(one.holds(view, active=active) for one in self.of)

    def json(self) -> dict[str, Any]:
        return {"kind": "all" if self.every else "any", "of": [one.json() for one in self.of]}

    def parts(self) -> Iterator[Condition]:
        for one in self.of:
            yield from one.parts()


def codes(condition: Condition) -> set[str]:
    """The properties that a condition reads."""
    return {part.code for part in condition.parts()}  # type: ignore[attr-defined]


def foretold(condition: Condition) -> frozenset[str]:
    """The properties whose forecasts a condition needs."""
    return frozenset(part.code for part in condition.parts() if isinstance(part, Deviation | Coming))


def lookback(condition: Condition) -> timedelta:
    """How far back from an instant readings can matter (absence asks for the newest one however old)."""
    spans = [timedelta(seconds=part.within_s) for part in condition.parts() if isinstance(part, Change)]
    return max([FRESH, *spans])


def parse(given: Any, *, known: set[str]) -> Condition:
    """The condition in a JSON value; ``known`` are the codes there are. Raises ``ValidationError`` that says where and what."""
    counted: list[Condition] = []
    found = _parse(given, known, (), counted)
    if len(counted) > MOST:
        raise ValidationError(_("Reguła może mieć najwyżej %(most)d warunków.") % {"most": MOST})
    return found


def _wrong(path: tuple[int, ...], words: str) -> ValidationError:
    where = ".".join(str(step + 1) for step in path)
    return ValidationError(_("Warunek %(where)s: %(what)s") % {"where": where, "what": words} if path else words)


def _parse(given: Any, known: set[str], path: tuple[int, ...], counted: list[Condition]) -> Condition:
    if not isinstance(given, Mapping):
        raise _wrong(path, _("Warunek ma być obiektem."))
    kind = given.get("kind")
    if kind in ("all", "any"):
        return _several(given, known, path, counted)
    readers = {"threshold": _threshold, "change": _change, "absence": _absence, "deviation": _deviation, "coming": _coming}
    if kind not in readers:
        raise _wrong(path, _("Nieznany rodzaj warunku."))
    if given.get("code") not in known:
        raise _wrong(path, _("Nieznana wielkość: %(code)s.") % {"code": given.get("code")})
    found = readers[kind](given, path)
    counted.append(found)
    return found


def _several(given: Mapping[str, Any], known: set[str], path: tuple[int, ...], counted: list[Condition]) -> Several:
    parts = given.get("of")
    if not isinstance(parts, list) or len(parts) < 2:
        raise _wrong(path, _("Do połączenia trzeba co najmniej dwóch warunków."))
    if len(path) >= DEEPEST:
        raise _wrong(path, _("Warunki są zagnieżdżone zbyt głęboko."))
    return Several(given["kind"] == "all", tuple(_parse(one, known, (*path, n), counted) for n, one in enumerate(parts)))


def _threshold(given: Mapping[str, Any], path: tuple[int, ...]) -> Threshold:
    op, value = _op(given, path), _number(given, "value", path)
    clear = _number(given, "clear", path) if given.get("clear") is not None else None
    if clear is not None and clear != value and not _beyond(op, value, clear):
        raise _wrong(path, _("Próg odwołania leży po niewłaściwej stronie progu alertu."))
    return Threshold(str(given["code"]), op, value, clear)


def _coming(given: Mapping[str, Any], path: tuple[int, ...]) -> Coming:
    edge = _threshold(given, path)
    return Coming(edge.code, edge.op, edge.value, _seconds(given, "within_s", path), edge.clear)


def _change(given: Mapping[str, Any], path: tuple[int, ...]) -> Change:
    value, seconds = _number(given, "value", path), _seconds(given, "within_s", path)
    clear = _number(given, "clear", path) if given.get("clear") is not None else None
    if value <= 0:
        raise _wrong(path, _("Zmiana ma być większa od zera."))
    if clear is not None and not 0 <= clear <= value:
        raise _wrong(path, _("Zmiana, przy której alert się kończy, ma leżeć między zerem a progiem alertu."))
    return Change(str(given["code"]), _op(given, path), value, seconds, clear)


def _absence(given: Mapping[str, Any], path: tuple[int, ...]) -> Absence:
    return Absence(str(given["code"]), _seconds(given, "after_s", path, most=366 * 24 * 3600))


def _deviation(given: Mapping[str, Any], path: tuple[int, ...]) -> Deviation:
    times = _number(given, "times", path)
    if not 1 <= times <= TIMES_MOST:
        raise _wrong(path, _("Odchylenie od prognozy ma być od 1 do %(most)d razy większe niż zwykle.") % {"most": TIMES_MOST})
    return Deviation(str(given["code"]), times)


def _op(given: Mapping[str, Any], path: tuple[int, ...]) -> str:
    if given.get("op") not in (">", "<"):
        raise _wrong(path, _("Podaj, czy alert jest powyżej, czy poniżej progu."))
    return str(given["op"])


def _number(given: Mapping[str, Any], name: str, path: tuple[int, ...]) -> float:
    value = given.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise _wrong(path, _("Próg ma być liczbą."))
    return float(value)


def _seconds(given: Mapping[str, Any], name: str, path: tuple[int, ...], most: int = WITHIN_MOST_S) -> int:
    value = given.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= most:
        raise _wrong(path, _("Czas ma być liczbą sekund od 1 do %(most)d.") % {"most": most})
    return value
