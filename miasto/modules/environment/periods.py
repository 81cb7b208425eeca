"""The values of a stream over the periods that pages offer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from miasto.kernel.core import clock
from miasto.kernel.observations.selectors import Datastream
from miasto.modules.environment import means

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Period:
    """A stretch of time up to now: ``key`` in the address, whether it is shown by hours or by civil days."""

    key: str
    name: Any
    span: timedelta
    hourly: bool


PERIODS = (
    Period("24h", _("24 godziny"), timedelta(hours=24), True),
    Period("7d", _("7 dni"), timedelta(days=7), True),
    Period("30d", _("30 dni"), timedelta(days=30), False),
    Period("rok", _("rok"), timedelta(days=365), False),
)


def period(key: str | None) -> Period:
    """The period of a key; a day where there is no such key."""
    return next((one for one in PERIODS if one.key == key), PERIODS[0])


def points(streams: Sequence[Datastream], chosen: Period) -> means.Hours | means.Days:
    """(beginning of the hour, or day) and value by series, oldest first; the queries of ``means``."""
    if chosen.hourly:
        now = clock.now()
        return means.hours(streams, now - chosen.span, now + HOUR)
    return means.days(streams, clock.today() - chosen.span, clock.today())
