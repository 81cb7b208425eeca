"""Arrays of observations parsed as columns give what the way of one by one gives; what is unusual is left to that way."""

import json

import pytest

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.observations.selectors import hot
from miasto.kernel.observations.sta import columns
from miasto.kernel.observations.sta.arrays import MOST, create_observations
from miasto.kernel.observations.store import folding
from miasto.kernel.observations.testing import make_datastream

pytestmark = pytest.mark.django_db
BASE = "http://testserver/api/sta/v1.1/"
TIME, RESULT, RESULT_TIME = "phenomenonTime", "result", "resultTime"


@pytest.fixture(autouse=True)
def _noon(tuesday_noon):
    return tuesday_noon


def array(series, names, *rows):
    return {"Datastream": {"@iot.id": series}, "components": names, "dataArray": [list(row) for row in rows]}


def usual(series):
    return [
        array(series, [TIME, RESULT], ("2026-05-12T09:00:00Z", 1), ("2026-05-12T11:10:00+02:00", 2.5)),
        array(series, [TIME, RESULT], ("2026-05-12T09:20:00.5Z", -3)),
        array(series, [RESULT, TIME], (1e300, "2026-05-12T09:30:00Z"), (4, "2026-05-12T09:31:00Z")),
        array(series, [TIME, RESULT, RESULT_TIME], ("2026-05-12T09:40:00Z", 5, "2026-05-12T09:40:00Z")),
        array(series, [TIME, RESULT]),
    ]  # fmt: skip


def test_both_ways_store_and_answer_the_same():
    found = []
    for way in (lambda raw: columns.read(raw, MOST), json.loads):
        stream = make_datastream(most=1e200)
        body = way(json.dumps(usual(stream.pk)).encode())
        told = create_observations(body, viewer=SYSTEM, base=BASE)
        folding.fold_all()
        stream.refresh_from_db()
        kept = [one._replace(series=0) for one in hot([stream.pk], stream.first_at, stream.last_at.replace(hour=23))]
        found.append(([one.replace(f"'{stream.pk}-", "'") for one in told], kept, stream.count))
    assert found[0] == found[1]
    assert found[0][0].count("error") == 1
    assert found[0][2] == 5


@pytest.mark.parametrize(
    "body",
    [
        {},
        [{}],
        [array(1, [TIME, RESULT], ("2026-05-12T09:00:00Z", "pada"))],
        [array(1, [TIME, RESULT], ("2026-05-12T09:00:00Z", "1.5"))],
        [array(1, [TIME, RESULT], ("2026-05-12T09:00:00Z", True))],
        [array(1, [TIME, RESULT], ("2026-05-12T09:00:00Z", None))],
        [array(1, [TIME, RESULT], ("2026-05-12T09:00:00Z/2026-05-12T10:00:00Z", 1))],
        [array(1, [TIME, RESULT], ("nie czas", 1))],
        [array(1, [TIME, RESULT], (None, 1))],
        [array(1, [TIME, RESULT], ("2026-05-12T09:00:00Z", 1, 2))],
        [array(1, [TIME, RESULT, "parameters"], ("2026-05-12T09:00:00Z", 1, {}))],
        [array(1, [TIME, RESULT, RESULT_TIME], ("2026-05-12T09:00:00Z", 1, "2026-05-12T09:00:01Z"))],
        [array(1, [RESULT], (1,))],
        [array(2**40, [TIME, RESULT], ("2026-05-12T09:00:00Z", 1))],
        [array("1", [TIME, RESULT], ("2026-05-12T09:00:00Z", 1))],
        [{**array(1, [TIME, RESULT]), "FeatureOfInterest": {"@iot.id": 1}}],
    ],
)
def test_what_is_unusual_is_left_to_the_other_way(body):
    assert columns.read(json.dumps(body).encode(), MOST) is None


def test_numbers_beyond_json_and_too_many_are_left_to_the_other_way():
    assert (
        columns.read(b'[{"Datastream":{"@iot.id":1},"components":["phenomenonTime","result"],"dataArray":[["x",NaN]]}]', MOST)
        is None
    )
    rows = [("2026-05-12T09:00:00Z", 1)] * 3
    assert columns.read(json.dumps([array(1, [TIME, RESULT], *rows)]).encode(), 2) is None
    assert len(columns.read(json.dumps([array(1, [TIME, RESULT], *rows)]).encode(), 3).batch) == 3
