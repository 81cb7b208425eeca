"""Looking for unusual hours, every hour: a robust z for all series, the course of the day for those a keeper chose.

The hourly means of the last eight weeks say what is usual; judged are the newest ``LOOK``. A stretch that goes on from one
look to the next stays one row. What came before the first look of a stream is not judged: nobody would go and see.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Mod

from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.observations.analysis import anomalies, shapes
from miasto.kernel.observations.analysis.models import Anomaly, ShapeWatch
from miasto.kernel.observations.models import Datastream
from miasto.kernel.observations.store.reading import hours
from miasto.kernel.observations.things import cyclic_codes

if TYPE_CHECKING:
    import numpy as np

HOUR = timedelta(hours=1)
LOOK = timedelta(hours=48)
HISTORY = timedelta(weeks=8)
APART = timedelta(hours=3)
AT_ONCE = 100
SERIES_MOST, TURNS = 2_000, 24
SHAPE_Z = 6.0
HOUR_US = 3_600_000_000
BEGAN = datetime(1970, 1, 1, tzinfo=UTC)


class Found(NamedTuple):
    """A stretch of one series, not yet kept."""

    kind: str
    start: datetime
    end: datetime
    value: float
    usual: float | None
    score: float
    hours: int


def find_all() -> int:
    """Look at the streams whose turn it is; returns how many stretches are new.

    Watched and public ones every hour, up to the limit "anomaly_series" of the profile; every other once a day, which is
    within what one look covers: a city of half a million meters has 20,000 of them an hour, not all.
    """
    now = clock.now()
    end = now.replace(minute=0, second=0, microsecond=0)
    chosen = set(ShapeWatch.objects.values_list("datastream_id", flat=True))
    alive = Datastream.objects.filter(last_at__gte=now - LOOK).exclude(observed_property__code__in=cyclic_codes())
    first = alive.order_by("-watched", "audience", "id").values_list("id", flat=True)
    turn = alive.annotate(turn=Mod(F("id"), Value(TURNS))).filter(turn=now.hour % TURNS).values_list("id", flat=True)
    wanted = sorted({*first[: city().limit("anomaly_series", SERIES_MOST)], *turn})
    parts = (wanted[start : start + AT_ONCE] for start in range(0, len(wanted), AT_ONCE))
    return sum(_look(_resolutions(part), end, chosen) for part in parts)


def _resolutions(series: list[int]) -> dict[int, float]:
    rows = Datastream.objects.filter(pk__in=series).values_list("id", "resolution")
    return {one: resolution or 0.0 for one, resolution in rows}


def _look(chunk: dict[int, float], end: datetime, chosen: set[int]) -> int:
    import numpy as np

    times: dict[int, list[int]] = {series: [] for series in chunk}
    values: dict[int, list[float]] = {series: [] for series in chunk}
    for one in hours(chunk, end - HISTORY, end):
        times[one.series].append((one.start - BEGAN) // timedelta(microseconds=1))  # type: ignore[operator]
        values[one.series].append(one.mean)
    found = {
        series: found_in(np.array(times[series]), np.array(values[series]), end, resolution, shape=series in chosen)
        for series, resolution in chunk.items()
    }
    return keep({series: rows for series, rows in found.items() if rows})


def found_in(
    times: np.ndarray, values: np.ndarray, end: datetime, resolution: float = 0.0, *, shape: bool = False
) -> list[Found]:
    """The unusual stretches of the last ``LOOK`` of one series: hours (microseconds since 1970, sorted) and their means."""
    import numpy as np

    first = int(np.searchsorted(times, (end - LOOK - BEGAN) // timedelta(microseconds=1)))
    found: list[Found] = []
    profile = anomalies.fit(times[:first], values[:first], resolution=resolution)
    if profile is not None and np.median(np.abs(values[:first] - np.median(values[:first]))) > 0:  # rain has no usual spread
        recent, at = values[first:], times[first:]
        usual = profile.centre[at // HOUR_US % profile.period]
        found += _stretches(Anomaly.Kind.VALUE, at, recent, anomalies.scores(profile, at, recent), usual, anomalies.Z)
    if shape and len(values) >= 2 * shapes.LEAST:
        z = np.maximum(shapes.scores(values)[first:], 0.0)
        found += _stretches(Anomaly.Kind.SHAPE, times[first:], values[first:], z, None, SHAPE_Z)
    return found


def _stretches(
    kind: str, times: np.ndarray, values: np.ndarray, z: np.ndarray, usual: np.ndarray | None, threshold: float
) -> list[Found]:
    import numpy as np

    made = []
    for one in anomalies.stretches(times, z, threshold=threshold, apart=APART // timedelta(microseconds=1)):
        inside = np.flatnonzero((times >= one.start) & (times <= one.end))
        worst = inside[np.argmax(np.abs(z[inside]))]
        made.append(
            Found(
                kind, _moment(one.start), _moment(one.end), float(values[worst]),
                float(usual[worst]) if usual is not None else None, float(one.worst), one.readings,
            )
        )  # fmt: skip
    return made


def _moment(micros: int) -> datetime:
    return BEGAN + timedelta(microseconds=int(micros))


@transaction.atomic
def keep(found: dict[int, list[Found]]) -> int:
    """Keep stretches: a known one that goes on gets its new end and its worst hour, unless somebody has judged it.

    Returns how many are new. Two looks at once are harmless: a stretch stands once for its series, kind and beginning.
    """
    earliest = min((one.start for rows in found.values() for one in rows), default=None)
    if earliest is None:
        return 0
    known: dict[tuple[int, str], list[Anomaly]] = {}
    for row in Anomaly.objects.select_for_update().filter(datastream__in=found, end__gte=earliest - APART).order_by("start"):
        known.setdefault((row.datastream_id, row.kind), []).append(row)
    new = []
    for series, rows in found.items():
        for one in rows:
            before = next(
                (
                    row
                    for row in known.get((series, one.kind), [])
                    if row.start - APART <= one.end and one.start <= row.end + APART
                ),
                None,
            )
            if before is None:
                new.append(Anomaly(datastream_id=series, **one._asdict()))
            elif before.state == Anomaly.State.FOUND:
                _go_on(before, one)
    Anomaly.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def _go_on(before: Anomaly, one: Found) -> None:
    before.end = max(before.end, one.end)
    before.hours = max(before.hours, one.hours)
    if abs(one.score) > abs(before.score):
        before.value, before.usual, before.score = one.value, one.usual, one.score
    before.save(update_fields=["end", "hours", "value", "usual", "score"])
