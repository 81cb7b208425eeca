"""What the standard has no words for: ``@miasto.…`` in the body of a thing, a data stream or an observed property.

Of a thing: its declared ``kind``, which says on which pages it stands, and the ``slug`` of its page. Of a data stream: the
``source`` by which MQTT's short topics and feeds know it, the ``grade`` of its method, the ``period`` that one reading is about
(ISO 8601), the ``resolution`` of the instrument, and what cannot be: readings outside ``least`` to ``most``, and moves by more
than ``jump``. Of an observed property: the ``code`` of a declared one, which is then meant.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from miasto.kernel.core.registry import registry
from miasto.kernel.observations.importing import units
from miasto.kernel.observations.models import Datastream, Grade, ObservedProperty, Thing
from miasto.kernel.observations.sta import times
from miasto.kernel.observations.sta.inputs import CODE, OWN, wrong
from miasto.kernel.observations.sta.problems import Problem
from miasto.kernel.observations.things import property_of
from miasto.kernel.spec.observations import Property

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z", re.ASCII)
_SOURCE = re.compile(r"[^\s#+\x00]{1,120}\Z")
COLUMNS = {"kind": "thing_kind"}


def set_own(row: Thing | Datastream, name: str, body: Any) -> None:
    """Put what a body says in the city's own words on a thing or data stream. Raises ``Problem``."""
    for own in OWN.get(name, ()) if isinstance(body, dict) else ():
        if own in body:
            short = own.rpartition(".")[2]
            setattr(row, COLUMNS.get(short, short), _READ[short](own, body[own]))
    for column in ("slug", "source"):
        value = getattr(row, column) if f"@miasto.{column}" in OWN.get(name, ()) else None
        if value and type(row)._base_manager.filter(**{column: value}).exclude(pk=row.pk).exists():
            raise Problem(409, _("%(name)s „%(value)s” ma już inny obiekt.") % {"name": f"@miasto.{column}", "value": value})
    if isinstance(row, Datastream) and row.least is not None and row.most is not None and row.least >= row.most:
        raise wrong("@miasto.most", _("koniec zakresu musi leżeć nad jego początkiem"))


def declared_in(body: Any) -> ObservedProperty | None:
    """The declared property that a body means by its code or by its public definition; None where it means none."""
    if not isinstance(body, dict):
        return None
    if CODE in body:
        try:
            return property_of(str(body[CODE]))
        except KeyError:
            raise wrong(CODE, _("Nieznana wielkość: %(code)s.") % {"code": str(body[CODE])[:60]}) from None
    found = [one.code for one in registry().all(Property) if one.definition == body.get("definition")]
    return property_of(found[0]) if len(found) == 1 else None


def set_unit(stream: Datastream) -> None:
    """The unit of a declared property as we write it; the platform counts in it. Raises ``Problem`` for another one."""
    code = stream.observed_property.code
    declared = next((one for one in registry().all(Property) if one.code == code), None)
    if declared is None or not declared.symbol:
        return
    if units.factor(stream.unit_symbol, declared.symbol) != 1:
        raise wrong("unitOfMeasurement", _("tej wielkości potrzebna jest jednostka %(unit)s") % {"unit": declared.symbol})
    stream.unit_symbol = declared.symbol


def _text(pattern: re.Pattern[str]) -> Callable[[str, Any], str | None]:
    def read(name: str, found: Any) -> str | None:
        if found is None:
            return None
        if not isinstance(found, str) or not pattern.match(found):
            raise wrong(name, _("Takiego tekstu nie można tu wpisać."))
        return found

    return read


def _kind(name: str, found: Any) -> str:
    if not isinstance(found, str):
        raise wrong(name, _("potrzebny jest tekst"))
    return found


def _grade(name: str, found: Any) -> str:
    if found not in Grade.values:
        raise wrong(name, _("możliwe wartości: %(names)s") % {"names": ", ".join(Grade.values)})
    return str(found)


def _period(name: str, found: Any) -> Any:
    try:
        made = times.duration(found or "PT0S")
    except (ValueError, TypeError):
        raise wrong(name, _("to nie jest czas trwania ISO 8601")) from None
    if made < times.MICROSECOND * 0:
        raise wrong(name, _("to nie jest czas trwania ISO 8601"))
    return made


def _number(name: str, found: Any) -> float | None:
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found):
        raise wrong(name, _("potrzebna jest liczba"))
    return float(found)


def _positive(name: str, found: Any) -> float | None:
    made = _number(name, found)
    if made is not None and made <= 0:
        raise wrong(name, _("potrzebna jest liczba większa od zera"))
    return made


_READ: dict[str, Callable[[str, Any], Any]] = {
    "kind": _kind,
    "slug": _text(_SLUG),
    "source": _text(_SOURCE),
    "grade": _grade,
    "period": _period,
    "resolution": _positive,
    "least": _number,
    "most": _number,
    "jump": _positive,
}
