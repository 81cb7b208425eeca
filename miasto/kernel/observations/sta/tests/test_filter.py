"""$filter: the standard's examples, the same answers as a second evaluation, and nothing that random text could break."""

import json

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM
from miasto.kernel.observations.models import Thing
from miasto.kernel.observations.services import save_thing
from miasto.kernel.observations.sta.parsing import parse_filter
from miasto.kernel.observations.sta.serving import serve
from miasto.kernel.observations.sta.tests.conftest import BASE
from miasto.kernel.observations.sta.tests.evaluation import holds
from miasto.kernel.observations.sta.values import Asked

pytestmark = pytest.mark.django_db
HERE = "geography'POINT (20.6 50.9)'"
AROUND = "geography'POLYGON ((20 50, 21 50, 21 51, 20 51, 20 50))'"
quick = settings(max_examples=60, deadline=None, derandomize=True, database=None)


@pytest.mark.parametrize(
    ("path", "condition", "count"),
    [
        ("Things", "name eq 'Stacja'", 1),
        ("Things", "not (name eq 'Stacja')", 0),
        ("Things", "properties/floor eq 3", 1),
        ("Things", "properties/floor add 1 gt 3 and properties/floor mod 2 eq 1", 1),
        ("Things", "properties/tags/0 eq 'a'", 1),
        ("Things", "properties/nothing eq null", 1),
        ("Things", "name in ('a','Stacja')", 1),
        ("Things", "substringof('tacj',name)", 1),
        ("Things", "startswith(tolower(name),'st') and endswith(name,'ja') and length(name) eq 6", 1),
        ("Things", "indexof(name,'c') eq 3 and substring(name,1,2) eq 'ta' and concat(name,'!') eq 'Stacja!'", 1),
        ("Things", "Datastreams/ObservedProperty/name eq 'Temperatura'", 1),
        ("Things", "Datastreams/Observations/result gt 108", 1),
        ("Things", "Datastreams/Observations/result gt 109", 0),
        ("Things", f"geo.distance(Locations/location, {HERE}) lt 0.001", 1),
        ("Locations", f"st_within(location, {AROUND})", 1),
        ("Locations", f"geo.intersects(location, {AROUND}) and not st_disjoint(location, {AROUND})", 1),
        ("Locations", f"st_relate(location, {AROUND}, 'T********')", 1),
        ("Locations", "geo.length(geography'LINESTRING (0 0, 3 4)') eq 5", 1),
        ("Observations", "result gt 5 and result le 7", 2),
        ("Observations", "result eq 5 or result eq 105", 2),
        ("Observations", "Datastream/Thing/name eq 'Stacja'", 20),
        ("Observations", "Datastream/name eq 'Temperatura na rynku' and result lt 3", 3),
        ("Observations", "Datastream/Thing/properties/floor eq result", 1),
        ("Observations", "FeatureOfInterest/name eq 'Rynek'", 20),
        ("Observations", "phenomenonTime ge 2026-03-01T20:00:00Z", 4),
        ("Observations", "phenomenonTime lt 2026-03-01T13:30:00+01:00", 2),
        ("Observations", "phenomenonTime gt 2026-03-01T12:00:00Z sub duration'PT1H'", 20),
        ("Observations", "hour(phenomenonTime) eq 15 and date(phenomenonTime) eq 2026-03-01", 2),
        ("Observations", "phenomenonTime lt now() and year(phenomenonTime) eq 2026", 20),
        ("Observations", "phenomenonTime lt 2026-03-01T14:00:00Z/2026-03-02T14:00:00Z", 4),
        ("Observations", "round(result div 2) eq 2 and ceiling(1.2) eq 2", 2),
        ("Observations", "1 div result gt 0.9", 1),
        ("Observations", "resultTime eq null and parameters/a eq null", 20),
        ("Observations", "id eq 'nonsense'", 0),
        ("Datastreams", "unitOfMeasurement/symbol eq '°C'", 2),
        ("Datastreams", "phenomenonTime gt 2026-02-01T00:00:00Z", 2),
        ("HistoricalLocations", "time gt mindatetime() and Thing/name eq 'Stacja'", 1),
    ],
)
def test_the_operators_and_functions_of_the_standard(world, get, path, condition, count):
    found = get(ANONYMOUS, path, filter=condition, count="true")
    assert (len(found["value"]), found["@iot.count"]) == (count, count)


class Rows(dict):
    """Rows by set; hypothesis prints what it was given."""

    def __repr__(self):
        return "rows"


@pytest.fixture
def rows(world, get):
    """Things with all sorts of properties, and the observations, as the API gives them."""
    for index, own in enumerate(({"a": 1}, {"a": -2.5}, {"a": "x"}, {"a": True}, {"a": None}, {}, {"a": {"b": 1}})):
        save_thing(Thing(name=f"T{index}é", properties=own), by=SYSTEM)
    return Rows(
        Things=get(SYSTEM, "Things", top=1000)["value"],
        Observations=get(SYSTEM, "Observations", top=1000, expand="Datastream")["value"],
    )


numbers = st.one_of(st.integers(-3, 110), st.floats(-5, 120).map(lambda one: round(one, 2))).map(str)
texts = st.sampled_from(["''", "'a'", "'T1é'", "'Stacja'", "'O''Neill; DROP TABLE x --'", "'%s'", "'{}'"])
moments = st.sampled_from(["2026-03-01T12:00:00Z", "2026-03-01T15:30:00+02:00", "2026-03-05T00:00:00Z"])


def grammar(number, text, moment):
    """Conditions over expressions of three kinds."""
    number = st.recursive(
        number,
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from(["add", "sub", "mul", "div", "mod"]), inner).map(lambda x: f"({' '.join(x)})"),
            inner.map(lambda x: f"floor({x})"),
        ),
        max_leaves=4,
    )
    text = st.one_of(text, text.map(lambda x: f"tolower({x})"), st.tuples(text, text).map(lambda x: f"concat({x[0]},{x[1]})"))
    number = st.one_of(number, text.map(lambda x: f"length({x})"), moment.map(lambda x: f"hour({x})"))
    sign = st.sampled_from(["eq", "ne", "gt", "ge", "lt", "le"])
    primitive = st.one_of(
        *(st.tuples(one, sign, one).map(" ".join) for one in (number, moment)),
        # which text is the greater one is the collation's matter, not Python's
        st.tuples(text, st.sampled_from(["eq", "ne"]), text).map(" ".join),
        st.tuples(text, text).map(lambda x: f"startswith({x[0]},{x[1]})"),
        st.tuples(text, text).map(lambda x: f"substringof({x[0]},{x[1]})"),
        st.tuples(number, number, number).map(lambda x: f"{x[0]} in ({x[1]},{x[2]})"),
    )
    return st.recursive(
        primitive,
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda x: f"({' '.join(x)})"),
            inner.map(lambda x: f"not ({x})"),
        ),
        max_leaves=5,
    )


of_things = grammar(
    st.one_of(numbers, st.sampled_from(["id", "properties/a", "properties/a/b"])), st.one_of(texts, st.just("name")), moments
)
of_observations = grammar(
    st.one_of(numbers, st.just("result"), st.just("Datastream/id")),
    st.one_of(texts, st.just("Datastream/name")),
    st.one_of(moments, st.just("phenomenonTime")),
)


@quick
@given(st.one_of(st.tuples(st.just("Things"), of_things), st.tuples(st.just("Observations"), of_observations)))
def test_sql_answers_as_the_syntax_read_in_python(rows, get, asked):
    path, condition = asked
    node = parse_filter(condition)
    # a number of JSON compared with a JSON text has no answer in SQL either, so the same rows are found
    expected = {str(row["@iot.id"]) for row in rows[path] if holds(node, row) is True}
    found = get(SYSTEM, path, filter=condition, top=1000)["value"]
    assert {str(row["@iot.id"]) for row in found} == expected


OPTIONS = st.sampled_from(["$filter", "$orderby", "$expand", "$select", "$top", "$skip", "$skiptoken", "$resultFormat"])
WORDS = st.sampled_from(
    [
        "name",
        "result",
        "Datastreams",
        "Locations/location",
        "eq",
        "and",
        "not",
        "(",
        ")",
        ",",
        "/",
        "'",
        "''",
        "1",
        "-",
        "1e400",
    ]
    + ["geography'POINT (1 1)'", "duration'P1D'", "2026-01-01T00:00:00Z", "null", "true", "st_contains(", "$filter=", ";", "--"]
    + ["properties/a", "%s", "%", "{}", "\x00", "\ud800", "in", "mul", "9999999999999999999999", "'a'", "id", "phenomenonTime"]
)


@quick
@given(
    path=st.sampled_from(["Things", "Observations", "Locations", "Datastreams", "Things(1)"]),
    option=OPTIONS,
    text=st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=14).map(" ".join), st.lists(WORDS, max_size=8).map("".join)),
)
def test_no_text_is_more_than_a_wrong_question(world, path, option, text):
    told = serve(Asked("GET", path, ((option, text),)), viewer=ANONYMOUS, base=BASE)
    assert told.status in (200, 400, 404)
    json.dumps(told.body, default=str)


@quick
@given(st.text(max_size=80))
def test_no_path_is_more_than_a_wrong_address(world, path):
    assert serve(Asked("GET", path), viewer=ANONYMOUS, base=BASE).status in (200, 400, 404)


@pytest.mark.parametrize(
    "text", ["(" * 3000 + "1" + ")" * 3000, "not " * 2000 + "true", " or ".join(["result eq 1"] * 2000), "a" * 9000, "'" * 7999]
)
def test_what_is_too_deep_or_too_long_is_refused(world, get, text):
    assert get(ANONYMOUS, "Observations", 400, filter=text)["message"]


def test_a_hundred_alternatives_are_answered(world, get):
    text = " or ".join(f"result eq {one}" for one in range(40))
    assert len(get(ANONYMOUS, "Observations", filter=text)["value"]) == 10


def test_text_that_looks_like_sql_stays_text(world, get):
    before = Thing.objects.count()
    for text in ("'; DELETE FROM observations_thing; --", "%s", "{}", "\\'", '"'):
        quoted = text.replace("'", "''")
        assert get(SYSTEM, "Things", filter=f"name eq '{quoted}'")["value"] == []
        assert get(SYSTEM, "Things", filter=f"properties/a eq '{quoted}'")["value"] == []
    assert Thing.objects.count() == before
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM observations_reading")
        assert cursor.fetchone()[0] == 40
