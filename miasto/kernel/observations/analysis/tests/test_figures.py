"""Anomalies, gaps, health and calibration as pure functions."""

import math
import random
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from miasto.kernel.observations.analysis import anomalies, calibrating, finding, gaps
from miasto.kernel.observations.analysis.health import State, drift, health, stuck_hours
from miasto.kernel.observations.store.flags import FILLED
from miasto.kernel.observations.store.reading import Reading, RollUp

START = datetime(2026, 6, 1, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


def wave(weeks):
    """Hourly means with a day's rhythm, a weekend's and noise."""
    dice = random.Random(3)
    times = np.arange(weeks * 168) * anomalies.HOUR_US + 1_780_272_000_000_000
    hours = times // anomalies.HOUR_US
    daily = 10 * np.sin(hours % 24 / 24 * 2 * math.pi)
    weekend = np.where(hours % 168 // 24 >= 5, 15, 0)
    return times, 50 + daily + weekend + np.array([dice.gauss(0, 1) for _time in times])


def looked(times, values, resolution=0.0):
    end = datetime.fromtimestamp(int(times[-1]) / 1e6, UTC) + timedelta(hours=1)
    return finding.found_in(times, values, end, resolution)


def test_a_rhythm_is_no_anomaly_and_a_break_in_it_is():
    times, values = wave(6)
    assert looked(times, values) == []
    values[-12:-4] += 30
    [found] = looked(times, values)
    assert found.hours == 8
    assert found.end - found.start == timedelta(hours=7)
    assert found.score > 10
    assert found.usual == pytest.approx(found.value - 30, abs=4)


def test_a_short_history_judges_nothing():
    times, values = wave(1)
    values[-1] = 9999
    assert looked(times[-90:], values[-90:]) == []
    assert looked(times, values)


def test_the_last_digit_of_a_quiet_series_is_no_anomaly():
    times, values = wave(2)
    values = np.round(7 + (values - values.mean()) / 1000, 1) + 0.1 * (np.arange(len(times)) % 7 == 0)
    values[-20:] += 0.2
    assert anomalies.stretches(times, anomalies.scores(anomalies.fit(times, values), times, values))
    profile = anomalies.fit(times, values, resolution=0.1)
    assert anomalies.stretches(times, anomalies.scores(profile, times, values)) == []


def series(values, step=QUARTER):
    return [Reading(1, START + step * place, value) for place, value in enumerate(values) if value is not None]


def test_a_short_gap_is_a_line_and_flagged():
    found = gaps.filled(series([0.0, 1.0, 2.0, None, None, 5.0]), QUARTER)
    assert [(one.value, one.flags) for one in found] == [(0, 0), (1, 0), (2, 0), (3, FILLED), (4, FILLED), (5, 0)]
    assert found[3].time == START + 3 * QUARTER


def test_a_long_gap_follows_other_weeks_and_stays_open_where_there_are_none():
    hour = timedelta(hours=1)
    values = [float(place % 24) for place in range(14 * 24)]
    values[200:212] = [None] * 12
    found = gaps.filled(series(values, hour), hour)
    assert [one.value for one in found] == [float(place % 24) for place in range(14 * 24)]
    assert sum(one.flags for one in found) == 12 * FILLED
    short = series([1.0] * 5 + [None] * 12 + [1.0] * 5, hour)
    assert gaps.filled(short, hour) == short


@given(st.lists(st.one_of(st.none(), st.floats(-100, 100)), min_size=3, max_size=60))
def test_filling_keeps_every_reading_and_its_order(values):
    rows = series(values)
    found = gaps.filled(rows, QUARTER)
    assert [one for one in found if not one.flags & FILLED] == rows
    assert [one.time for one in found] == sorted({one.time for one in found})


def rolled(values):
    return [RollUp(1, START + timedelta(hours=place), 4, low, high, (low + high) / 2, high) for place, (low, high) in values]


def judged(hours, *, last=None, quarantined=0, drift=None, still=12):
    now = START + timedelta(hours=48)
    return health(
        now=now, span=timedelta(hours=48), step=QUARTER, last_at=last or now, hours=hours, quarantined=quarantined, drift=drift,
        still_hours=still,
    )  # fmt: skip


def test_a_sensor_is_judged_by_the_worst_of_its_signs():
    well = rolled(enumerate([(1.0, 2.0)] * 48))
    now = START + timedelta(hours=48)
    assert judged(well).state == State.WELL
    assert judged(well, last=now - timedelta(hours=2)).state == State.SILENT
    assert judged(well, last=now - timedelta(hours=1)).state == State.WELL
    assert judged(well[:30]).state == State.GAPS
    assert judged(well[:30]).came == pytest.approx(30 / 48)
    assert judged(well, quarantined=20).state == State.REFUSED
    assert judged(well, drift=-4.0).state == State.DRIFTING
    stuck = rolled(enumerate([(1.0, 2.0)] * 30 + [(5.0, 5.0)] * 18))
    assert (judged(stuck).state, judged(stuck).stuck_hours) == (State.STUCK, 18)
    assert [judged(stuck, still=hours).state for hours in (18, 36, 0)] == [State.STUCK, State.WELL, State.WELL]
    assert stuck_hours(rolled(enumerate([(0.0, 0.0)] * 30))) == 0
    nothing = health(now=now, span=timedelta(days=2), step=None, last_at=None, hours=[], quarantined=0)
    assert (nothing.state, nothing.came) == (State.NEW, None)
    week = timedelta(days=7)
    laboratory = health(now=now, span=timedelta(days=2), step=week, last_at=now - week, hours=[], quarantined=0)
    assert (laboratory.state, laboratory.came) == (State.WELL, None)


def pairs(count, gain=1.0, offset=0.0, noise=1.0):
    dice = random.Random(5)
    truth = [20 + 15 * math.sin(place / 10) + dice.gauss(0, 3) for place in range(count)]
    return [((one + dice.gauss(0, noise) - offset) / gain, one) for one in truth]


def test_drift_is_seen_against_the_reference_and_noise_is_none():
    steady = pairs(400)
    assert abs(drift(steady)) < 1
    moved = [(ours + (6 if place > 250 else 0), theirs) for place, (ours, theirs) in enumerate(steady)]
    assert drift(moved) > 3
    assert drift(steady[:40]) is None


def test_a_line_is_found_in_spite_of_wild_hours_and_undone_to_the_raw_value():
    known = pairs(400, gain=0.5, offset=4.0, noise=0.5)
    wild = [(ours * (8 if place % 20 == 0 else 1), theirs) for place, (ours, theirs) in enumerate(known)]
    fit = calibrating.line(wild)
    assert (fit.gain, fit.offset) == (pytest.approx(0.5, abs=0.03), pytest.approx(4.0, abs=1.0))
    assert fit.helps
    assert fit.raw(fit.value(12.5)) == pytest.approx(12.5)
    assert calibrating.line(known[:50]) is None
    assert calibrating.line([(3.0, theirs) for _ours, theirs in known]) is None
    assert not calibrating.line(pairs(400, noise=0.0)).helps
