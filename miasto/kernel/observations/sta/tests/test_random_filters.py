"""Random $filters on result and time, whose answers cross the border of the archive, against a plain list."""

import operator
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.core import clock
from miasto.kernel.observations.archive import running
from miasto.kernel.observations.archive.models import ArchiveFile
from miasto.kernel.observations.archive.tests.making import make_day, make_late
from miasto.kernel.observations.models import Datastream
from miasto.kernel.observations.sta.times import observation_id
from miasto.kernel.observations.store import flags, partitions
from miasto.kernel.observations.testing import make_datastream

pytestmark = pytest.mark.django_db
START = datetime(2026, 6, 1, tzinfo=UTC)
HOURS = 24 * 5
OPERATORS = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}


@pytest.fixture
def told(tmp_path, monkeypatch):
    """Three days in files, one as of former years, two hot ones, and late readings over the files; what should be told."""
    monkeypatch.setenv("MIASTO_ARCHIVE", str(tmp_path / "archive"))
    one, other = (make_datastream().pk for _ in range(2))
    rows = {(series, hour): float((hour * 7 + series % 2) % 11) for series in (one, other) for hour in range(HOURS)}
    for number in range(HOURS // 24):
        day = date(2026, 6, 1 + number)
        make_day(day, [(series, _at(hour), value, 0) for (series, hour), value in rows.items() if hour // 24 == number])
    with clock.at(START + timedelta(days=6, hours=1)):
        running.run()
    assert len(partitions.existing()) == 2
    ArchiveFile.objects.filter(day=date(2026, 6, 2)).update(begins=None, groups=None)
    late = {(one, 5): 7.0, (other, 30): -1.0, (one, 70): 0.0}
    make_late([(series, _at(hour), value, 0) for (series, hour), value in late.items()])
    make_late([(other, _at(6), 0.0, flags.DELETED)])
    Datastream.objects.filter(pk__in=[one, other]).update(count=HOURS, first_at=START, last_at=_at(HOURS - 1))
    del rows[other, 6]
    return rows | late


def _at(hour):
    return START + timedelta(hours=hour)


results = st.tuples(st.just("result"), st.sampled_from(sorted(OPERATORS)), st.integers(-2, 12))
instants = st.tuples(st.just("phenomenonTime"), st.sampled_from(sorted(OPERATORS)), st.integers(-3, HOURS + 3))
trees = st.recursive(
    results | instants,
    lambda parts: st.tuples(st.sampled_from(["and", "or"]), parts, parts) | st.tuples(st.just("not"), parts),
    max_leaves=5,
)


def _text(tree):
    if tree[0] == "not":
        return f"not ({_text(tree[1])})"
    if tree[0] in ("and", "or"):
        return f"({_text(tree[1])}) {tree[0]} ({_text(tree[2])})"
    return f"{tree[0]} {tree[1]} {tree[2] if tree[0] == 'result' else f'{_at(tree[2]):%Y-%m-%dT%H:%M:%SZ}'}"


def _holds(tree, hour, value):
    if tree[0] == "not":
        return not _holds(tree[1], hour, value)
    if tree[0] in ("and", "or"):
        found = [_holds(one, hour, value) for one in tree[1:]]
        return all(found) if tree[0] == "and" else any(found)
    return OPERATORS[tree[1]](value if tree[0] == "result" else hour, tree[2])


def test_random_filters_are_answered_as_by_a_plain_list(told, get):
    series = sorted({one for one, _hour in told})

    @settings(max_examples=25)
    @given(tree=trees, alone=st.booleans(), newest=st.booleans(), top=st.sampled_from([3, 50, 500]))
    def ask(tree, alone, newest, top):
        path = f"Datastreams({series[0]})/Observations" if alone else "Observations"
        order = "phenomenonTime desc" if newest else "phenomenonTime asc"
        page = get(ANONYMOUS, path, filter=_text(tree), orderby=order, count="true", top=top)
        plain = [
            (hour, one, value)
            for (one, hour), value in told.items()
            if (not alone or one == series[0]) and _holds(tree, hour, value)
        ]
        plain.sort(key=lambda row: (-row[0] if newest else row[0], row[1]))
        found = [(one["@iot.id"], one["result"]) for one in page["value"]]
        assert page["@iot.count"] == len(plain)
        assert found == [(observation_id(one, _at(hour), 0), value) for hour, one, value in plain[:top]]

    ask()
