"""New readings to partners' servers: who sees what, batches of CloudEvents, once, in order, and not without bound."""

import hmac
import json
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from miasto.kernel.accounts.testing import make_staff, make_unit
from miasto.kernel.core import clock
from miasto.kernel.core.testing import declared, listening
from miasto.kernel.observations.alerts import noting
from miasto.kernel.observations.alerts.posting import post_readings, wake_readings
from miasto.kernel.observations.alerts.telling import SECRETS
from miasto.kernel.observations.models import AlertHook, Datastream, HookReadings
from miasto.kernel.observations.testing import make_datastream, make_thing, put
from miasto.kernel.spec.observations import Property, ThingKind

pytestmark = pytest.mark.django_db
AIR = ThingKind(key="trial.air", name="stacja", name_plural="stacje powietrza")
JOBS = "SELECT args->>'hook_id', scheduled_at FROM procrastinate_jobs WHERE task_name = 'observations.post_readings'"


def make_hook(url="http://192.0.2.1/x", **values):
    known = {"name": "WIOŚ", "secret": SECRETS.seal("tajne"), "alerts": False, "readings": True}
    return AlertHook.objects.create(url=url, **(known | values))


class Partner:
    """A partner's server: what it was sent, and what it answers from now on."""

    def __init__(self):
        self.asked, self.status = [], 204

    def __call__(self, request):
        self.asked.append(request)
        return self.status, {}, b""

    @property
    def events(self):
        return [event for one in self.asked for event in json.loads(one.body)]

    @property
    def results(self):
        return [one["result"] for event in self.events for one in event["data"]["readings"]]


@pytest.fixture
def partner():
    found = Partner()
    with listening(found) as url:
        found.hook = make_hook(url)
        yield found


def send(hook):
    post_readings(hook_id=str(hook.pk))
    hook.refresh_from_db()


def waits(hook):
    return {series for row in HookReadings.objects.filter(hook=hook) for series in row.series}


def test_a_partner_gets_what_everybody_may_see_and_what_is_for_its_unit_alone():
    unit, other = make_unit(name="Straż"), make_unit(name="Szkoły")
    public = make_datastream()
    own = make_datastream(audience="unit", unit=unit)
    of_own_thing = make_datastream(make_thing(audience="unit", unit=unit))
    hidden = [
        make_datastream(audience="unit", unit=other),
        make_datastream(make_thing(audience="unit", unit=other)),
        make_datastream(audience="private", unit=unit),
    ]
    theirs, anybodys = make_hook(unit=unit), make_hook()
    make_hook(active=False), make_hook(readings=False)
    for stream in (public, own, of_own_thing, *hidden):
        put(stream, [1])
    assert waits(theirs) == {public.pk, own.pk, of_own_thing.pk}
    assert waits(anybodys) == {public.pk}
    assert set(noting.waiting()) == {theirs.pk, anybodys.pk}


def test_a_partner_chooses_kinds_of_things_and_properties():
    with declared(AIR):
        air = make_thing(thing_kind=AIR.key)
    dust, heat, river = make_datastream(air, code="dust"), make_datastream(air, code="heat"), make_datastream(code="dust")
    of_air, of_dust = make_hook(kinds=["trial.air"]), make_hook(codes=["dust"])
    both = make_hook(kinds=["trial.air"], codes=["dust"])
    for stream in (dust, heat, river):
        put(stream, [1])
    assert [waits(one) for one in (of_air, of_dust, both)] == [{dust.pk, heat.pk}, {dust.pk, river.pk}, {dust.pk}]


def test_readings_come_as_a_signed_batch_of_cloud_events_once(partner, client):
    stream = make_datastream(code="dust", name="Pył", unit_symbol="µg/m³")
    put(stream, [7, 8.5])
    send(partner.hook)
    (request,) = partner.asked
    assert request.headers["Content-Type"] == "application/cloudevents-batch+json; charset=utf-8"
    assert request.headers["X-Signature-256"] == "sha256=" + hmac.new(b"tajne", request.body, "sha256").hexdigest()
    (event,) = partner.events
    assert (event["specversion"], event["type"], event["datacontenttype"]) == ("1.0", "city.readings.v1", "application/json")
    assert event["subject"] == f"v1.1/Datastreams({stream.pk})"
    data = event["data"]
    assert (data["name"], data["property"], data["unit"]) == ("Pył", "dust", "µg/m³")
    assert [one["result"] for one in data["readings"]] == [7, 8.5]
    path = urlsplit(data["readings"][1]["@iot.selfLink"]).path
    found = client.get(path).json()
    assert found["phenomenonTime"] == data["readings"][1]["phenomenonTime"]
    assert partner.hook.last_ok_at is not None
    assert not HookReadings.objects.exists()
    send(partner.hook)
    assert len(partner.asked) == 1


def test_a_flood_goes_in_posts_of_a_thousand_and_events_of_five_hundred_in_its_order(partner):
    put(make_datastream(), range(1700), step=timedelta(seconds=1))
    send(partner.hook)
    sizes = [[len(event["data"]["readings"]) for event in json.loads(one.body)] for one in partner.asked]
    assert sizes == [[500, 500], [500, 200]]
    assert partner.results == list(range(1700))


def test_who_was_away_gets_all_of_it_in_order_when_it_is_back(partner):
    stream, now = make_datastream(), clock.now()
    put(stream, [1, 2])
    partner.status = 503
    send(partner.hook)
    assert (partner.hook.readings_failures, partner.hook.failures) == (1, 0), "alerts are sent as before"
    put(stream, [3], end=now + timedelta(seconds=1))
    send(partner.hook)
    assert len(partner.asked) == 1, "it rests"
    with clock.at(now + timedelta(minutes=1)):
        send(partner.hook)
        assert partner.hook.readings_next_at == clock.now() + timedelta(seconds=9)
    partner.status = 204
    refused, partner.asked = partner.events, []
    with clock.at(now + timedelta(minutes=2)):
        send(partner.hook)
    assert partner.results == [1, 2, 3]
    assert refused[0]["id"] == partner.events[0]["id"]
    assert (partner.hook.readings_failures, partner.hook.readings_next_at) == (0, None)


def test_who_is_away_too_long_loses_the_oldest_and_is_told_what_to_read(partner, monkeypatch, client):
    monkeypatch.setattr(noting, "ROWS_MOST", 10)
    stream, start = make_datastream(), clock.now() - timedelta(hours=1)
    for minute in range(14):
        put(stream, [minute], end=start + timedelta(minutes=minute))
    assert HookReadings.objects.count() <= 11
    send(partner.hook)
    lost, *others = partner.events
    assert lost["type"] == "city.readings.lost.v1"
    first = others[0]["data"]["readings"][0]["result"]
    assert first > 1
    assert [one["data"]["readings"][0]["result"] for one in others] == list(range(first, 14))
    assert lost["data"]["readings"] == first
    address = urlsplit(lost["data"]["read"])
    found = client.get(f"{address.path}?{address.query}").json()["value"]
    assert sorted(one["result"] for one in found) == list(range(first)), "the span holds what was lost and nothing else"
    assert not HookReadings.objects.exists()


def test_many_readings_in_few_rows_are_bounded_too(partner, monkeypatch):
    monkeypatch.setattr(noting, "READINGS_MOST", 1000)
    put(make_datastream(), range(1600), step=timedelta(seconds=1))
    assert sum(HookReadings.objects.values_list("n", flat=True)) <= 1000
    send(partner.hook)
    lost, *others = partner.events
    assert lost["data"]["readings"] + sum(len(one["data"]["readings"]) for one in others) == 1600


def test_what_is_no_longer_public_is_not_sent(partner):
    secret, known = make_datastream(), make_datastream()
    put(secret, [1]), put(known, [2])
    Datastream.objects.filter(pk=secret.pk).update(audience="private")
    send(partner.hook)
    assert partner.results == [2]
    assert not HookReadings.objects.exists()


def test_a_fold_asks_nothing_more_unless_a_partner_wants_readings():
    stream, values = make_datastream(), iter(range(9))

    def queries():
        with CaptureQueriesContext(connection) as found:
            put(stream, [next(values)])
        return [one["sql"] for one in found]

    queries()
    without = queries()
    assert not any("hookreadings" in one for one in without)
    make_hook(readings=False, alerts=True), make_hook(active=False)
    assert len(queries()) == len(without)
    make_hook(), make_hook(kinds=["trial.air"]), make_hook(codes=["dust"])
    assert len(queries()) == len(without) + 5, "the partners, what they want, what is too much; a savepoint"


def test_one_run_is_asked_for_however_often_readings_come(partner, django_capture_on_commit_callbacks):
    stream = make_datastream()
    for value in range(3):
        with django_capture_on_commit_callbacks(execute=True):
            put(stream, [value])
    wake_readings()
    with connection.cursor() as cursor:
        cursor.execute(JOBS)
        ((hook_id, at),) = cursor.fetchall()
    assert hook_id == str(partner.hook.pk)
    assert at <= clock.now() + noting.PAUSE


def test_what_a_killed_process_has_not_asked_for_is_asked_for_within_a_minute(partner):
    put(make_datastream(), [1])
    wake_readings()
    with connection.cursor() as cursor:
        cursor.execute(JOBS)
        assert [row[0] for row in cursor.fetchall()] == [str(partner.hook.pk)]


def test_nothing_is_kept_for_who_was_switched_off(partner):
    put(make_datastream(), [1])
    AlertHook.objects.update(active=False)
    send(partner.hook)
    assert (partner.asked, HookReadings.objects.count()) == ([], 0)


def test_a_partner_of_readings_is_added_in_the_panel(client):
    unit = make_unit(name="Straż")
    client.force_login(make_staff("observations.keeper", unit))
    address = "/panel/alerty/odbiorcy/"
    given = {"name": "WIOŚ", "url": "https://wios.example.invalid/", "unit": str(unit.pk)}
    dust = Property(key="trial.dust", code="dust", name="pył", definition="x", unit="microgram", symbol="µg/m³")
    with declared(dust, AIR):
        assert "Zaznacz, co wysyłać" in client.post(address, given).content.decode()
        client.post(address, {**given, "wants": "readings", "kinds": "trial.air", "codes": "dust"})
        hook = AlertHook.objects.get()
        assert (hook.alerts, hook.readings, hook.kinds, hook.codes) == (False, True, ["trial.air"], ["dust"])
        page = client.get(address).content.decode()
    assert "odczyty: stacje powietrza, pył (µg/m³)" in page
    assert "nie odpowiada" not in page
    AlertHook.objects.update(readings_failures=2)
    noting.wake([hook.pk], at=clock.now() + timedelta(hours=1))
    assert "nie odpowiada" in client.get(address).content.decode()
    client.post(f"{address}{hook.pk}/", {"active": "0"})
    hook.refresh_from_db()
    assert (hook.active, hook.readings_failures) == (False, 0)
    with connection.cursor() as cursor:
        cursor.execute(JOBS)
        assert cursor.fetchone()[1] <= clock.now(), "who is switched does not wait for the hour of the next attempt"
