"""Terms of keeping: which rule counts, and what is gone the day after."""

from datetime import UTC, date, datetime, timedelta

import pytest

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.core import clock
from miasto.kernel.observations.archive import retention, running
from miasto.kernel.observations.archive.models import ArchiveFile, Retention
from miasto.kernel.observations.services import import_history
from miasto.kernel.observations.store import folding
from miasto.kernel.observations.store.reading import Reading, days, hours, readings
from miasto.kernel.observations.testing import make_datastream

pytestmark = pytest.mark.django_db
THEN = datetime(2026, 6, 1, 10, 0, tzinfo=UTC)
EVER = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


def archive_at(moment):
    with clock.at(moment):
        running.run()
        folding.fold_all()


def held(series):
    """``(readings, hours, days)`` that are left of a series."""
    first, last = date(2020, 1, 1), date(2100, 1, 1)
    return len(readings([series], *EVER)), len(hours([series], *EVER)), len(days([series], first, last))


def test_each_stream_loses_what_its_terms_end_and_the_others_nothing():
    public, private = make_datastream().pk, make_datastream(audience="private").pk
    ruled = make_datastream()
    with clock.at(THEN + timedelta(days=10)):
        import_history([Reading(series, THEN, 5.0) for series in (public, private, ruled.pk)], by=SYSTEM)
        retention.save_rule(Retention(datastream=ruled, readings_days=30, hours_days=60, days_days=90))
    archive_at(THEN + timedelta(days=30))
    assert held(ruled.pk) == (1, 1, 1)
    archive_at(THEN + timedelta(days=31))
    assert (held(ruled.pk), held(public), held(private)) == ((0, 1, 1), (1, 1, 1), (1, 1, 1))
    archive_at(THEN + timedelta(days=61))
    assert held(ruled.pk) == (0, 0, 1)
    archive_at(THEN + timedelta(days=91))
    assert held(ruled.pk) == (0, 0, 0)
    archive_at(THEN + timedelta(days=3 * 366 + 1))
    assert (held(private), held(public)) == ((0, 0, 1), (1, 1, 1))
    archive_at(THEN + timedelta(days=5 * 366 + 1))
    assert held(public) == (0, 1, 1)
    assert not ArchiveFile.objects.filter(replaced_at=None).exists()


def test_a_file_is_looked_into_once_for_each_term(monkeypatch):
    import_history([Reading(make_datastream().pk, THEN, 5.0)], by=SYSTEM)
    retention.save_rule(Retention(datastream=make_datastream(), readings_days=30))
    archive_at(THEN + timedelta(days=40))
    assert ArchiveFile.objects.get().kept_days == 30
    monkeypatch.setattr(retention, "_prune", None)
    archive_at(THEN + timedelta(days=41))


def test_the_nearest_rule_counts():
    stream = make_datastream(audience="private")
    other = make_datastream(observed_property=stream.observed_property)
    assert retention.terms()[stream.pk] == retention.Terms(3 * 366, 3 * 366, None)
    assert retention.terms()[other.pk] == retention.Terms(5 * 366, 20 * 366, None)
    kinds = (
        {},
        {"audience": "private"},
        {"observed_property": stream.observed_property},
        {"observed_property": stream.observed_property, "audience": "private"},
        {"datastream": stream},
    )
    for number, kind in enumerate(kinds, 1):
        retention.save_rule(Retention(readings_days=number, **kind))
        assert retention.terms()[stream.pk].readings == number
    assert retention.terms()[other.pk].readings == 3
