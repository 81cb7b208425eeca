"""One run of the forecasts: each hour the next two days of every series, each day a model anew, tried before it is believed.

A group (the series of one property) is done in one transaction, so a run that dies or is stopped leaves whole
groups behind it; the next one trains only those whose models are a day old. Only one run at a time.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction

from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.observations.archive.running import Stopped, alone
from miasto.kernel.observations.forecasting import driving, publishing, trying
from miasto.kernel.observations.forecasting.grid import HOUR, Grid, load
from miasto.kernel.observations.forecasting.learning import Learned, learn
from miasto.kernel.observations.forecasting.models import ForecastModel, ForecastRun, ForecastSkill, Foretold, Method
from miasto.kernel.observations.forecasting.shape import HOURLY, Shape
from miasto.kernel.observations.models import Datastream, ObservedProperty
from miasto.kernel.observations.things import cyclic_codes

LOCK = 5_270_002
SERIES_MOST = 2_000  # of the whole city; the limit "forecast_series" of its profile
AT_ONCE = 500  # series in memory at a time when nothing is learned
TRAINED_FOR = timedelta(hours=23)
SILENT = timedelta(hours=6)  # a series whose newest reading is older is not foretold
KNOWN = 0.6  # the share of the last weeks' hours that must be known
KILLED = "killed"
REASON_MOST = 300
KEPT_SKILLS, KEPT_RUNS = timedelta(days=90), timedelta(days=30)
_log = logging.getLogger(__name__)


class Group(NamedTuple):
    """The series of one observed property (by its key)."""

    observed: int
    series: list[int]


def run(shape: Shape = HOURLY) -> ForecastRun | None:
    """Foretell everything; None where another run is at work.

    A group that fails stops no other: the reason is kept in the run's row, and the first failure is raised in the end.
    """
    with alone(LOCK) as mine:
        if not mine:
            return None
        ForecastRun.objects.filter(state=ForecastRun.State.RUNNING).update(
            state=ForecastRun.State.FAILED, ended_at=clock.now(), reason=KILLED
        )
        made = ForecastRun.objects.create()
        try:
            _all(made, shape)
            made.state = ForecastRun.State.DONE
        except Stopped:
            made.state = ForecastRun.State.CANCELLED
        except Exception as error:
            made.reason = made.reason or _reason(error)
            _end(made, ForecastRun.State.FAILED)
            raise
        _end(made, made.state)
        return made


def _end(made: ForecastRun, state: str) -> None:
    ForecastRun.objects.filter(pk=made.pk).update(state=state, ended_at=clock.now(), done=made.done, reason=made.reason)


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:REASON_MOST]


def ask_to_stop() -> bool:
    """The running run ends at its next step; what it has published stays. False where none runs."""
    return bool(ForecastRun.objects.filter(state=ForecastRun.State.RUNNING).update(asked_to_stop=True))


def _tell(made: ForecastRun) -> None:
    """Keep the progress. Raises ``Stopped`` where somebody asked for it."""
    values = {name: getattr(made, name) for name in ("groups", "done", "trained", "series")}
    ForecastRun.objects.filter(pk=made.pk).update(**values, seen_at=clock.now())
    if ForecastRun.objects.filter(pk=made.pk, asked_to_stop=True).exists():
        raise Stopped


def _all(made: ForecastRun, shape: Shape) -> None:
    now = clock.now()
    end = now.replace(minute=0, second=0, microsecond=0)
    found = groups(now, shape)
    made.groups = len(found)
    failures: list[Exception] = []
    for group in found:
        _tell(made)
        try:
            _group(made, group, now, end, shape)
        except Stopped:
            raise
        except Exception as error:
            failures.append(error)
            made.reason += f"{_named(group)}: {_reason(error)}\n"
            _log.exception("the forecasts of %s failed", _named(group))
        else:
            made.done += 1
    _tell(made)
    _forget(now)
    if failures:
        raise failures[0]


def _named(group: Group) -> str:
    return ObservedProperty.objects.values_list("name", flat=True).get(pk=group.observed)


def _group(made: ForecastRun, group: Group, now: datetime, end: datetime, shape: Shape) -> None:
    model = ForecastModel.objects.filter(observed_property_id=group.observed).first()
    if model is None or now - model.trained_at >= TRAINED_FOR or (model.trees and not Learned(model.trees).fits(shape)):
        made.trained += _train(made, group, end, shape)
    else:
        _foretell(made, model, group, end, shape)


def groups(now: datetime, shape: Shape) -> list[Group]:
    """The series that can be foretold: not silent, known for long enough; watched and public ones first where they are many."""
    since = now - shape.least * HOUR
    streams = Datastream.objects.filter(last_at__gte=now - SILENT, first_at__lte=since)
    streams = streams.exclude(observed_property__code__in=cyclic_codes())
    order = streams.order_by("-watched", "audience", "id").values_list("id", "observed_property_id")
    by_key: dict[int, list[int]] = defaultdict(list)
    for series, observed in order[: city().limit("forecast_series", SERIES_MOST)]:
        by_key[observed].append(series)
    return [Group(*one) for one in sorted(by_key.items())]


def _well_known(grid: Grid, shape: Shape) -> Grid:
    """The series of a grid of which enough hours are known."""
    import numpy as np

    recent = ~np.isnan(grid.values[:, -shape.least :])
    return grid.take(np.flatnonzero((recent.mean(axis=1) >= KNOWN) & recent[:, -SILENT // HOUR :].any(axis=1)))


def _train(made: ForecastRun, group: Group, end: datetime, shape: Shape) -> int:
    """Try a model, keep how good it was, learn from everything, publish. 0 where no series is known well enough."""
    grid = _well_known(load(group.series, end, shape.history), shape)
    key = {"observed_property_id": group.observed}
    if not grid.series:  # it is looked at again tomorrow, not each hour
        ForecastModel.objects.update_or_create(**key, defaults={"trained_at": clock.now(), "trees": "", "series": 0})
        return 0
    tried = trying.try_out(grid, shape, lambda: _tell(made))
    learned = learn(grid, shape)
    _tell(made)
    driven = driving.drive(group.observed, grid, shape)
    at = clock.now()
    with transaction.atomic():
        ForecastModel.objects.update_or_create(
            **key,
            defaults={"trained_at": at, "trees": learned.text, "series": len(grid.series)},
        )
        skills = publishing.keep_skills(grid.series, tried, at)
        driving.keep_skills(driven, at)
        other = {one.series for one in driven}
        skills = [one for one in skills if one.datastream_id not in other]
        Foretold.objects.filter(datastream__in=[one.datastream_id for one in skills if not one.method]).delete()
        made.series += publishing.publish(grid, learned, [one for one in skills if one.method], shape)
        made.series += driving.publish(driven)
    return 1


def _foretell(made: ForecastRun, model: ForecastModel, group: Group, end: datetime, shape: Shape) -> None:
    """Publish the next days by a model that is there."""
    driven: list[driving.Driven] = []
    if driving.drivers_of(group.observed):
        driven = driving.drive(group.observed, _well_known(load(group.series, end, shape.history), shape), shape)
    skills = ForecastSkill.objects.filter(at=model.trained_at, datastream__in=group.series)
    skills = skills.exclude(method__in=("", Method.DRIVEN)).exclude(datastream__in=[one.series for one in driven])
    by_series = {one.datastream_id: one for one in skills}
    wanted = sorted(by_series)
    learned = Learned(model.trees)
    for first in range(0, len(wanted), AT_ONCE):
        grid = load(wanted[first : first + AT_ONCE], end, shape.back)
        made.series += publishing.publish(grid, learned, [by_series[one] for one in grid.series], shape)
        _tell(made)
    made.series += driving.publish(driven)


def _forget(now: datetime) -> None:
    """Old errors and runs go, and forecasts of which nothing is ahead any more."""
    ForecastSkill.objects.filter(at__lt=now - KEPT_SKILLS).delete()
    ForecastRun.objects.filter(started_at__lt=now - KEPT_RUNS).delete()
    Foretold.objects.filter(made_at__lt=now - timedelta(days=4)).delete()
