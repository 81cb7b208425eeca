"""How good the forecasts are, over the series that a reader may see: by part of the horizon, by day, against the baselines."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import fmean
from typing import TYPE_CHECKING

from django.db.models import Avg, Count
from django.db.models.functions import TruncDate

from miasto.kernel.core import clock
from miasto.kernel.observations.forecasting.models import ForecastSkill, Method
from miasto.kernel.observations.forecasting.shape import HOURLY
from miasto.kernel.observations.models import Datastream

if TYPE_CHECKING:
    from miasto.kernel.accounts.viewer import Viewer

BY_MODEL = (Method.MODEL, Method.DRIVEN)
NEWEST, HISTORY = timedelta(days=2), timedelta(days=90)


@dataclass(frozen=True)
class Part:
    """A part of the horizon: mean errors of model and best plain rule over ``series``; ``shown`` are those by the model."""

    first: int
    last: int
    model: float
    baseline: float
    series: int
    shown: int

    @property
    def gain(self) -> int:
        """By how many per cent the model's error is less (below zero: it is more)."""
        return round(100 * (1 - self.model / self.baseline)) if self.baseline else 0


@dataclass(frozen=True)
class Skill:
    """The newest trials of the series of one property. ``rules`` counts which plain rule was the best of how many series."""

    trained_at: datetime
    series: int
    by_model: int
    by_rule: int
    nothing: int
    covered: float | None
    hours: int
    parts: list[Part]
    rules: list[tuple[str, int]]


def codes(viewer: Viewer) -> list[str]:
    """The properties of which there were trials in the last two days; one query."""
    rows = ForecastSkill.objects.filter(datastream__in=_seen(viewer), at__gte=clock.now() - NEWEST)
    return sorted({code for code in rows.values_list("datastream__observed_property__code", flat=True).distinct() if code})


def skill(code: str, viewer: Viewer) -> Skill | None:
    """The newest trial of each series of a property; one query. None where there was none in the last two days."""
    rows = ForecastSkill.objects.filter(
        datastream__in=_seen(viewer), datastream__observed_property__code=code, at__gte=clock.now() - NEWEST
    )
    found = list(rows.order_by("datastream", "-at").distinct("datastream"))
    if not found:
        return None
    by_model = [one for one in found if one.method in BY_MODEL]
    covers = [one.covered for one in by_model if one.covered is not None]
    return Skill(
        trained_at=max(one.at for one in found),
        series=len(found),
        by_model=len(by_model),
        by_rule=sum(bool(one.method) and one.method not in BY_MODEL for one in found),
        nothing=sum(not one.method for one in found),
        covered=fmean(covers) if covers else None,
        hours=sum(one.hours for one in found),
        parts=_parts(found),
        rules=Counter(one.baseline for one in found).most_common(),
    )


def _parts(found: list[ForecastSkill]) -> list[Part]:
    parts, first = [], 0
    for place, last in enumerate(HOURLY.bands):
        pairs = [
            (one.model_by_band[place], one.baseline_by_band[place])
            for one in found
            if len(one.model_by_band) > place and None not in (one.model_by_band[place], one.baseline_by_band[place])
        ]
        if pairs:
            shown = sum(one.method in BY_MODEL and one.ahead >= last for one in found)
            model, baseline = (fmean(values) for values in zip(*pairs, strict=True))
            parts.append(Part(first + 1, last, model, baseline, len(pairs), shown))
        first = last
    return parts


def history(code: str, viewer: Viewer) -> list[tuple[date, float, float, int]]:
    """``(day, model's mean error, best plain rule's, series)`` of what the model foretold, of the last 90 days; one query."""
    rows = ForecastSkill.objects.filter(
        datastream__in=_seen(viewer), datastream__observed_property__code=code, method__in=BY_MODEL,
        at__gte=clock.now() - HISTORY,
    ).annotate(day=TruncDate("at", tzinfo=clock.zone()))  # fmt: skip
    means = rows.values("day").annotate(model=Avg("model_error"), baseline=Avg("baseline_error"), series=Count("id"))
    return [(row["day"], row["model"], row["baseline"], row["series"]) for row in means.order_by("day")]


def _seen(viewer: Viewer):
    return Datastream.objects.visible_to(viewer).values("id")
