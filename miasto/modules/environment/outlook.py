"""What a chart of a station shows beside what was measured: the forecast, filled gaps, unusual hours, all with their words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from miasto.kernel.core import clock
from miasto.kernel.core.numbers import written
from miasto.kernel.observations import selectors
from miasto.kernel.observations.selectors import Datastream, Forecast, Reading, RollUp, Silence, Unusual
from miasto.kernel.observations.services import declared_property
from miasto.kernel.ui.time_charts import Band, Line, Spot
from miasto.modules.environment import means
from miasto.modules.environment.periods import Period

HOUR = timedelta(hours=1)
WEEKS_FOR_GAPS = timedelta(weeks=4)
FILLED, FORETOLD, UNUSUAL = "filled", "forecast", "unusual"
SPOTS_MOST = 9
SHARE = 0.8  # which the interval is made for; what it held in the trials is told
MORNING, EVENING = (6, 9), (18, 21)
SILENCES = {
    Silence.WAITING: gettext_lazy("Prognoza jeszcze się liczy. Zajrzyj za kilka minut."),
    Silence.SHORT: gettext_lazy("Prognozy nie ma: ta stacja mierzy za krótko albo właśnie milczy."),
    Silence.NO_BETTER: gettext_lazy("Prognozy nie pokazujemy: w próbach nie była lepsza od prostej reguły."),
}


@dataclass(frozen=True)
class Outlook:
    """The parts of a chart and the sentences below it."""

    lines: list[Line]
    bands: list[Band]
    spots: list[Spot]
    notes: dict[Any, str]
    now: datetime | None
    said: list[str]
    foretold: bool
    forecast: Forecast | None = None


def outlook(stream: Datastream, when: Period, measured: list[tuple[Any, float]]) -> Outlook:
    """What belongs beside the ``measured`` points of a stream; three queries, one more where an hour is missing."""
    code, now = stream.observed_property.code, clock.now()
    found = selectors.unusual([stream.pk], now - when.span, now)
    spots = _spots(stream, found, dict(measured), when)
    if not when.hourly or not means.is_plain(code):
        return Outlook([], [], spots, {}, None, [], foretold=False)
    holes = any(later - sooner > HOUR for (sooner, _one), (later, _other) in pairwise(measured))
    lines, notes = _gaps(stream, now - when.span, now) if holes else ([], {})
    forecast = selectors.forecast(stream.pk)
    if forecast is None or not forecast.points:
        return Outlook(lines, [], spots, notes, None, [str(SILENCES[selectors.silence(stream.pk)])], foretold=False)
    ahead = min(when.span, timedelta(hours=48))
    made, bands = _ahead(forecast, measured, now + ahead)
    said = _said(stream, forecast, measured)
    return Outlook([*lines, made], bands, spots, notes, now, said, foretold=forecast.by_model, forecast=forecast)


def _ahead(forecast: Forecast, measured: list[tuple[Any, float]], until: datetime) -> tuple[Line, list[Band]]:
    """The line of what comes, from the last measured point on; the band only of a model that was better than plain rules."""
    last = measured[-1:] if measured and forecast.points[0].at - measured[-1][0] <= 2 * HOUR else []
    coming = [one for one in forecast.points if one.at <= until and (not last or one.at > last[0][0])]
    points = [*last, *((one.at, one.value) for one in coming)]
    joined = frozenset(at for at, _value in last)
    if not forecast.by_model:
        return Line(_("zwykle o tej porze"), points, kind="usual", joined=joined), []
    held = round(10 * (forecast.covered if forecast.covered is not None else SHARE))
    name = _("pasmo, które w próbach objęło %(n)s na 10 godzin") % {"n": held}
    band = Band(name, [(one.at, one.low, one.high) for one in coming])
    return Line(_("prognoza"), points, kind="forecast", joined=joined), [band]


def _gaps(stream: Datastream, start: datetime, end: datetime) -> tuple[list[Line], dict[Any, str]]:
    """Hours that nobody measured, as they may have been, drawn between their measured neighbours."""
    rows = selectors.hours([stream.pk], start - WEEKS_FOR_GAPS, end + HOUR)
    every = filled_hours(rows)
    shown = [one for one in every if one.time >= start]
    points: list[tuple[Any, float | None]] = []
    joined, notes = set(), {}
    for place, one in enumerate(shown):
        if not is_filled(one):
            continue
        notes[one.time] = _("uzupełnione, nie zmierzone")
        if place and not is_filled(shown[place - 1]):
            before = shown[place - 1]
            points += [(before.time, None), (before.time, before.value)]
            joined.add(before.time)
        points.append((one.time, one.value))
        if place + 1 < len(shown) and not is_filled(shown[place + 1]):
            points.append((shown[place + 1].time, shown[place + 1].value))
            joined.add(shown[place + 1].time)
    return ([Line(_("uzupełniona luka"), points, kind="filled", joined=frozenset(joined))] if notes else []), notes


def filled_hours(rows: list[RollUp]) -> list[Reading]:
    """The hourly means of one stream with flagged values in their gaps."""
    readings = [Reading(one.series, one.start, one.mean) for one in rows]  # type: ignore[arg-type]
    return selectors.filled(readings, HOUR) if len(readings) >= 2 else readings


def is_filled(one: Reading) -> bool:
    """Whether nobody measured it."""
    return one.flags != 0


def _spots(stream: Datastream, found: list[Unusual], by_instant: dict[Any, float], when: Period) -> list[Spot]:
    spots = []
    for one in found[-SPOTS_MOST:]:
        inside = [at for at in by_instant if _within(at, one, when)]
        if inside:
            at = min(inside, key=lambda at: abs(by_instant[at] - one.value))
            spots.append(Spot(at, by_instant[at], reason(stream, one)))
    return spots


def _within(at: Any, one: Unusual, when: Period) -> bool:
    if when.hourly:
        return one.start <= at <= one.end
    return clock.local(one.start).date() <= at <= clock.local(one.end).date()


def reason(stream: Datastream, one: Unusual) -> str:
    """What is unusual, in a sentence."""
    decimals, unit = declared_property(stream.observed_property.code).decimals, stream.unit_symbol
    hours = ngettext("%(count)s godzina", "%(count)s godzin", one.hours) % {"count": one.hours}
    said = {"when": date_format(clock.local(one.start), "j.m, H:i"), "hours": hours, "state": one.state_name}
    if one.usual is None:
        return _("%(when)s (%(hours)s): doba nie przypominała żadnej wcześniejszej – %(state)s.") % said
    said |= {"value": f"{written(one.value, decimals)}\u00a0{unit}", "usual": f"{written(one.usual, decimals)}\u00a0{unit}"}
    if one.value > one.usual:
        return _("%(when)s (%(hours)s): do %(value)s, a zwykle o tej porze około %(usual)s – %(state)s.") % said
    return _("%(when)s (%(hours)s): tylko %(value)s, a zwykle o tej porze około %(usual)s – %(state)s.") % said


def _said(stream: Datastream, forecast: Forecast, measured: list[tuple[Any, float]]) -> list[str]:
    """The sentences below a chart: where it goes, when it was foretold, how far it is usually off."""
    declared = declared_property(stream.observed_property.code)
    at = date_format(clock.local(forecast.made_at), "H:i")
    if not forecast.by_model:
        return [
            _("Kropki pokazują, jak bywa o tej porze (%(rule)s). To nie jest prognoza: model nie był od tej reguły lepszy.")
            % {"rule": forecast.method_name}
        ]
    present = measured[-1][1] if measured else None
    said = []
    if present is not None:
        said = [direction(str(declared.name), forecast, present, declared.decimals, stream.unit_symbol)]
        said.append(highest(forecast, present, declared.decimals, stream.unit_symbol))
    if forecast.error is not None:
        values = {"at": at, "error": f"{written(forecast.error, declared.decimals)}\u00a0{stream.unit_symbol}"}
        said.append(_("To prognoza z godz. %(at)s. Zwykle myli się o ±%(error)s.") % values)
    if forecast.method == "driven":
        said.append(_("Liczymy ją z deszczu, który już spadł: jeśli spadnie więcej, będzie inaczej."))
    return [one for one in said if one]


def direction(name: str, forecast: Forecast, present: float, decimals: int, unit: str) -> str:
    """ "Do jutra rana: pył PM10 raczej wzrośnie, do około 45 µg/m³." Empty where the forecast does not reach that far."""
    here = clock.local(forecast.points[0].at)
    to_evening = here.hour < MORNING[1] + 3
    hours = EVENING if to_evening else MORNING
    day = here.date() if to_evening or here.hour < MORNING[0] else here.date() + timedelta(days=1)
    values = [
        one.value
        for one in forecast.points
        if (local := clock.local(one.at)).date() == day and hours[0] <= local.hour < hours[1]
    ]
    when = _("Do wieczora") if to_evening else _("Do rana") if day == here.date() else _("Do jutra rana")
    if not values:
        values = [forecast.points[-1].value]
        when = _("Do godz. %(hour)s") % {"hour": date_format(clock.local(forecast.points[-1].at + HOUR), "H:i")}
    then = sum(values) / len(values)
    words = {"when": when, "name": name, "value": f"{written(then, decimals)}\u00a0{unit}"}
    error = forecast.error or 0.0
    if abs(then - present) <= error:
        if _over_a_hill(forecast, max(then, present) + error, day, hours[0]):
            return _("%(when)s: %(name)s najpierw wzrośnie, a potem spadnie do około %(value)s.") % words
        return _("%(when)s: %(name)s raczej bez dużych zmian, około %(value)s.") % words
    if then > present:
        return _("%(when)s: %(name)s raczej wzrośnie, do około %(value)s.") % words
    return _("%(when)s: %(name)s raczej spadnie, do około %(value)s.") % words


def _over_a_hill(forecast: Forecast, height: float, day: date, hour: int) -> bool:
    """Whether an hour before that of the day is foretold above a height."""
    placed = ((clock.local(one.at), one.value) for one in forecast.points)
    return any(value > height for at, value in placed if (at.date(), at.hour) < (day, hour))


def direction_of(stream: Datastream) -> str:
    """Where a stream goes from its newest hour on, in a sentence; empty where no model foretells it. Four queries at most."""
    forecast = selectors.forecast(stream.pk)
    if forecast is None or not forecast.by_model or not forecast.points:
        return ""
    now = clock.now()
    rows = selectors.hours([stream.pk], now - 3 * HOUR, now)
    declared = declared_property(stream.observed_property.code)
    return direction(str(declared.name), forecast, rows[-1].mean, declared.decimals, stream.unit_symbol) if rows else ""


def highest(forecast: Forecast, present: float, decimals: int, unit: str) -> str:
    """The highest hour of the next day, where it stands out from now by more than the forecast is usually off."""
    top = max(forecast.points[:24], key=lambda one: one.value)
    if top.value - present <= (forecast.error or 0.0):
        return ""
    words = {"value": f"{written(top.value, decimals)}\u00a0{unit}", "at": date_format(clock.local(top.at), "H:i")}
    return _("Najwięcej, około %(value)s, spodziewamy się około %(at)s.") % words


def flagged_hours(
    streams: Mapping[str, Datastream], start: datetime, end: datetime
) -> Iterator[tuple[str, datetime, float, str]]:
    """``(code, beginning of the hour, value, flag)``: measured hours, filled gaps, unusual ones, and forecasts by the model.

    Gaps are filled and forecasts shown where an hour is a mean of numbers (``means.is_plain``). Two queries, those of
    ``means.hours`` where it is not, and two where forecasts are asked for (an interval that reaches into the future).
    """
    codes = {stream.pk: code for code, stream in streams.items()}
    plain: dict[int, list[RollUp]] = {series: [] for series, code in codes.items() if means.is_plain(code)}
    for row in selectors.hours(plain, start, end) if plain else ():
        plain[row.series].append(row)
    hours = {series: filled_hours(rows) for series, rows in plain.items()}
    others = means.hours((one for one in streams.values() if one.pk not in plain), start, end)
    hours |= {series: [Reading(series, *row) for row in rows] for series, rows in others.items()}
    odd: dict[int, list[Unusual]] = {series: [] for series in codes}
    for one in selectors.unusual(codes, start, end):
        odd[one.series].append(one)
    ahead = selectors.forecasts(plain) if end > clock.now() else {}
    for series, code in codes.items():
        for one in hours[series]:
            strange = any(stretch.start <= one.time <= stretch.end for stretch in odd[series])
            yield code, one.time, one.value, FILLED if is_filled(one) else UNUSUAL if strange else ""
        forecast = ahead.get(series)
        if forecast is not None and forecast.by_model:
            last = hours[series][-1].time if hours[series] else start
            yield from ((code, one.at, one.value, FORETOLD) for one in forecast.points if last < one.at < end)
