"""Observations across the border of the archive: the same answers before and after days have become files."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM
from miasto.kernel.core import clock
from miasto.kernel.observations.archive import moving, running
from miasto.kernel.observations.archive.tests.making import make_day, make_late, quarters
from miasto.kernel.observations.models import Datastream, FeatureOfInterest
from miasto.kernel.observations.sta import cold, observing
from miasto.kernel.observations.sta.bounds import EARLIEST, LATEST, bounds_of
from miasto.kernel.observations.sta.inputs import Observed
from miasto.kernel.observations.sta.parsing import parse_filter
from miasto.kernel.observations.sta.settling import settled
from miasto.kernel.observations.sta.tests.conftest import BASE
from miasto.kernel.observations.sta.times import micros, observation_id
from miasto.kernel.observations.store import flags, rolling
from miasto.kernel.observations.testing import make_datastream, make_thing

pytestmark = pytest.mark.django_db
DAYS = [date(2026, 6, day) for day in (1, 2, 3, 9)]
LAST = DAYS[-1]
NOW = datetime(2026, 6, 11, 12, tzinfo=UTC)
BESIDE = datetime(2026, 6, 2, 1, tzinfo=UTC)


def at(day, hour=0, minute=0):
    return datetime(2026, 6, day, hour, minute, tzinfo=UTC)


@pytest.fixture
def streams(tmp_path, monkeypatch):
    """Three public series and a private one with the same times; what stands beside a reading, and results of another kind."""
    monkeypatch.setenv("MIASTO_ARCHIVE", str(tmp_path / "archive"))
    home, other = (FeatureOfInterest.objects.create(name=name, feature={}) for name in ("Dom", "Obcy"))
    made = [make_datastream(feature=home) for _ in range(3)]
    made.append(make_datastream(make_thing(audience="private"), feature=home))
    for day in DAYS:
        make_day(day, [row for place, one in enumerate(made) for row in quarters(one.pk, day, add=place / 10)])
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE observations_reading SET flags = 1 WHERE series = %s AND time IN (%s, %s)", [made[0].pk, BESIDE, at(9, 1)]
        )
        cursor.executemany(
            "INSERT INTO observations_extra (series, time, n, ends, parameters, feature, result) VALUES (%s,%s,%s,%s,%s,%s,%s)",
            [
                (made[0].pk, BESIDE, 0, at(2, 5), '{"a": 1}', other.pk, None),
                (made[0].pk, at(9, 1), 0, None, '{"a": 2}', other.pk, None),
                (made[1].pk, at(2), 1, None, None, None, '"pada"'),
            ],
        )
    make_late([(made[2].pk, at(1, 3, 7), 55.0, 0), (made[2].pk, at(5, 3, 7), -1.0, 0)])
    Datastream.objects.filter(pk__in=[one.pk for one in made]).update(
        count=len(DAYS) * 96, first_at=moving.start_of(DAYS[0]), last_at=at(9, 23, 45)
    )
    Datastream.objects.filter(pk=made[1].pk).update(count=len(DAYS) * 96 + 1)
    Datastream.objects.filter(pk=made[2].pk).update(count=len(DAYS) * 96 + 2)
    made[0].about, made[0].other = home.pk, other.pk
    return made


def to_archive():
    with clock.at(NOW):
        assert running.run().days >= 3


def pages(path, *options):
    """Every row of a set, page after page."""
    found, link, client = [], f"/api/sta/v1.1/{path}?{'&'.join(options)}", Client()
    while link:
        answer = client.get(link)
        assert answer.status_code == 200, answer.content
        found += [(one["@iot.id"], one["result"]) for one in answer.json()["value"]]
        link = answer.json().get("@iot.nextLink", "").removeprefix("http://testserver")
    return found


SETS = ("Observations", "Datastreams({0})/Observations", "FeaturesOfInterest({home})/Observations")
BY_STREAM = "Datastream/id desc,phenomenonTime"
ORDERS = ("", "phenomenonTime desc", "phenomenonTime asc", "result desc", "result", BY_STREAM, "id desc")
INSIDE = ("$top=3", "$top=3;$orderby=phenomenonTime desc", "$top=2;$orderby=result desc", "$filter=result gt 25;$count=true")
BEHIND = (
    "Observations/result eq 55",
    "Observations/parameters/a eq 1",
    "Observations/phenomenonTime lt 2026-06-01T00:10:00Z",
)
FILTERS = (
    "phenomenonTime ge 2026-06-02T22:00:00Z and phenomenonTime lt 2026-06-09T02:00:00Z",
    "result gt 25",
    "result eq 55 or result eq -1",
    "24.05 lt result and phenomenonTime lt 2026-06-03T00:00:00Z",
    "parameters/a ge 1",
    "phenomenonTime eq 2026-06-02T01:00:00Z/2026-06-02T05:00:00Z",
    "result eq 'pada'",
    "hour(phenomenonTime) eq 3 and not (result lt 24)",
    "Datastream/id eq {1} and round(result) eq 20",
)


def everything(get, streams):
    """Answers that cross the border, in every order, by pages, with filters, counts, expansions and keys."""
    names = {"home": streams[0].about, "other": streams[0].other}
    ids = [one.pk for one in streams]
    found = {}
    for path in (text.format(*ids, **names) for text in SETS):
        for order in ORDERS:
            options = ["$top=500"] + ([f"$orderby={order}"] if order else [])
            found[path, order] = pages(path, *options)
        for text in FILTERS:
            asked = text.format(*ids)
            page = get(ANONYMOUS, path, filter=asked, count="true", top=700)
            found[path, asked] = [one["@iot.id"] for one in page["value"]], page["@iot.count"]
    about = get(ANONYMOUS, f"FeaturesOfInterest({names['other']})/Observations", count="true")
    found["about"] = [one["@iot.id"] for one in about["value"]], about["@iot.count"]
    for inside in INSIDE:
        for path in ("Datastreams", "FeaturesOfInterest"):
            rows = get(ANONYMOUS, path, expand=f"Observations({inside})")["value"]
            found[path, inside] = [
                ([one["@iot.id"] for one in row["Observations"]], row.get("Observations@iot.count")) for row in rows
            ]
    for text in BEHIND:
        found[text] = [one["@iot.id"] for one in get(ANONYMOUS, "Datastreams", filter=text)["value"]]
    for one in (found["Observations", ""][0][0], observation_id(ids[0], BESIDE, 0), observation_id(ids[2], at(1, 3, 7), 0)):
        found[one] = get(ANONYMOUS, f"Observations('{one}')", expand="FeatureOfInterest,Datastream")
    get(ANONYMOUS, f"Observations('{observation_id(ids[3], at(1), 0)}')", 404)
    return found


def test_answers_do_not_tell_where_the_border_of_the_archive_is(streams, get):
    before = everything(get, streams)
    assert len(before["Observations", ""]) == 3 * 4 * 96 + 3
    assert len(dict(before["Observations", "result desc"])) == 3 * 4 * 96 + 3
    make_late([(streams[1].pk, at(2, 4), 99.0, 0), (streams[1].pk, at(2, 5), 0.0, flags.DELETED)])
    with clock.at(NOW):
        moving.move(DAYS[0], lambda *_told: None)
        moving.seal(DAYS[1])  # its readings wait for the move, the late ones lie over them
    sealed = everything(get, streams)
    to_archive()
    assert cold.stamp().sealed is False
    assert everything(get, streams) == sealed
    ids = [key for key, _result in sealed["Observations", ""]]
    gone = observation_id(streams[1].pk, at(2, 5), 0)
    assert sorted(ids) == sorted(key for key, _result in before["Observations", ""] if key != gone)
    assert dict(sealed["Observations", ""])[observation_id(streams[1].pk, at(2, 4), 0)] == 99


def count_hours(stream):
    """The roll-ups that folding would have made, and the counter by them."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO observations_dirty SELECT DISTINCT series, date_trunc('hour', time, 'UTC')
               FROM observations_reading WHERE series = %s""",
            [stream.pk],
        )
    to_archive()
    with clock.at(NOW):
        while rolling.roll_late(shards=range(16)):
            pass
    Datastream.objects.filter(pk=stream.pk).update(count=len(DAYS) * 96)


def test_an_archived_observation_is_corrected_and_taken_away(streams, get):
    one = streams[0]
    count_hours(one)
    with clock.at(NOW):
        observing.rewrite(Observed(series=one.pk, time=at(2, 6), value=77.0), 0, by=SYSTEM)
        observing.remove(one.pk, at(3, 6), 0, by=SYSTEM)
    corrected, gone = observation_id(one.pk, at(2, 6), 0), observation_id(one.pk, at(3, 6), 0)
    for _before_and_after in range(2):
        assert get(SYSTEM, f"Observations('{corrected}')")["result"] == 77
        assert get(SYSTEM, "Observations", filter="result eq 77", count="true")["@iot.count"] == 1
        get(SYSTEM, f"Observations('{gone}')", 404)
        assert gone not in dict(pages(f"Datastreams({one.pk})/Observations", "$top=200"))
        with clock.at(NOW):
            while rolling.roll_late(shards=range(16)):
                pass
            assert running.run().state == "done"
    assert get(SYSTEM, f"Datastreams({one.pk})/Observations", count="true", top=0)["@iot.count"] == len(DAYS) * 96 - 1


def test_the_newest_reading_may_lie_in_the_archive(streams, get):
    one = streams[0]
    with clock.at(NOW + timedelta(days=9)), connection.cursor() as cursor:
        running.run()
        cursor.execute(
            "INSERT INTO observations_latest (series, flags, time, value, received) VALUES (%s, 0, %s, 1, now())",
            [one.pk, at(9, 23, 45)],
        )
        observing.remove(one.pk, at(9, 23, 45), 0, by=SYSTEM)
    newest = get(SYSTEM, f"Datastreams({one.pk})/Observations", orderby="phenomenonTime desc", top=1)["value"][0]
    assert newest["phenomenonTime"] == "2026-06-09T23:30:00Z"
    with connection.cursor() as cursor:
        cursor.execute("SELECT time FROM observations_latest WHERE series = %s", [one.pk])
        assert cursor.fetchone() == (at(9, 23, 30),)


def test_a_question_that_only_everything_answers_is_refused_where_that_is_too_much(streams, get, monkeypatch):
    to_archive()
    monkeypatch.setattr(cold, "MOST", 100)
    get(SYSTEM, "Observations", 400, orderby="hour(phenomenonTime)")
    assert get(SYSTEM, "Observations", filter="result gt 25.9", top=5)["value"]
    assert BASE in get(SYSTEM, "Observations", top=50)["@iot.nextLink"]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("phenomenonTime ge now() sub duration'P2DT12H'", {9}),
        ("phenomenonTime lt 2026-06-01T12:00:00Z add duration'PT12H'", {1}),
        ("date(phenomenonTime) eq 2026-06-02", {2}),
        ("2026-06-02 lt date(phenomenonTime)", {3, 9}),
        ("date(phenomenonTime) le 2026-06-02", {1, 2}),
        ("phenomenonTime ge 2026-06-09", {9}),
        ("year(phenomenonTime) gt 2026", set()),
        ("year(phenomenonTime) lt 2026.5 and date(phenomenonTime) gt 2026-06-08", {9}),
    ],
)
def test_constant_times_are_bounds_for_the_archive(streams, get, text, days):
    """Only the days that can matter are opened; the answer is that of judging every row."""
    to_archive()
    with clock.at(NOW):
        found = bounds_of(_conjuncts(settled(parse_filter(text))))
        rows = get(SYSTEM, "Observations", filter=text, top=2000)["value"]
    assert {int(one["phenomenonTime"][8:10]) for one in rows} - {5} == days
    assert all(found.start <= micros(at(day)) < found.end for day in days)
    assert (found.start, found.end) != (EARLIEST, LATEST)


def _conjuncts(node):
    return [*_conjuncts(node.left), *_conjuncts(node.right)] if getattr(node, "op", "") == "and" else [node]
