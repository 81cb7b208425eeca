"""Thresholds at an address: only a confirmed owner is told, once for each crossing, in steps that hold nobody up."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.apps import apps
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from miasto.kernel.accounts.testing import make_viewer
from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.places.testing import make_street
from miasto.modules.environment.tests.conftest import station
from miasto.modules.environment.watching import judging, privacy, services
from miasto.modules.environment.watching.kinds import KINDS
from miasto.modules.environment.watching.models import AddressWatch
from miasto.modules.environment.watching.values import Now

pytestmark = pytest.mark.django_db
__all__ = ["station"]
Subscription = apps.get_model("notifications", "Subscription")
Change, OutgoingMail = apps.get_model("core", "Change"), apps.get_model("core", "OutgoingMail")
NOW = datetime(2026, 2, 10, 14, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
PAGE = "/powietrze/powiadomienia/"
ANSWERS = {"adres": "Próbna", "co": "pm10", "prog_pm10": "80", "od": "0", "do": "0", "jak_czesto": "now"}


@pytest.fixture
def smog(station):
    """Makes the air of the whole city as bad as said, up to an hour: ``smog(120)``."""
    made = {}

    def make(value, *, now=NOW):
        from miasto.kernel.accounts.selectors import SYSTEM
        from miasto.kernel.observations.selectors import Datastream, Reading
        from miasto.kernel.observations.services import import_history

        start = now.replace(minute=0, second=0, microsecond=0) - HOUR
        if not made:
            for number in range(4):
                made[number] = station("air", f"s{number}", {"pm10": [value], "pm25": [10]}, now=now, east=0.01 * number)
            return
        series = Datastream.objects.filter(thing__in=made.values(), observed_property__code="pm10")
        import_history([Reading(one.pk, start, float(value)) for one in series], by=SYSTEM)

    return make


def wanted(**fields):
    lon, lat = city().centre
    values = {"label": "ul. Próbna 1", "lon": lon, "lat": lat, "what": "pm10", "limit": 80.0, "daily": False}
    return services.Wanted(**values | fields)


def watched(**fields):
    """A watch of somebody with an account: it needs no confirmation."""
    return services.watch(wanted=wanted(**fields), by=make_viewer())


def at(moment, work):
    with clock.at(moment):
        return work()


@pytest.mark.parametrize(
    ("what", "limit", "before", "value", "stands"),
    [
        ("pm10", 80, False, 79.9, False),
        ("pm10", 80, False, 80, True),
        ("pm10", 80, True, 76, True),
        ("pm10", 80, True, 75, False),
        ("frost", 0, False, 0.4, False),
        ("frost", 0, False, 0, True),
        ("frost", 0, True, 0.9, True),
        ("frost", 0, True, 1, False),
        ("index", 3, False, 2, False),
        ("index", 3, False, 3, True),
        ("index", 3, True, 2, False),
        ("river", 1, False, 1, True),
        ("river", 2, False, 1, False),
    ],
)
def test_reaching_a_threshold_counts_and_what_stands_ends_beyond_the_gap(what, limit, before, value, stands):
    assert KINDS[what].stands(value, limit, standing=before) is stands


def test_a_crossing_is_told_once_and_again_only_after_it_was_over(smog):
    at(NOW, lambda: smog(120))
    row = at(NOW, watched)
    assert [at(NOW, judging.judge), at(NOW, judging.tell_step), at(NOW, judging.judge), at(NOW, judging.tell_step)] == [
        1,
        1,
        0,
        0,
    ]
    for hours, value, passed in ((7, 78, 0), (8, 60, 0), (9, 100, 1)):
        moment = NOW + hours * HOUR
        at(moment, lambda moment=moment, value=value: smog(value, now=moment))
        assert at(moment, judging.judge) == passed, value
    assert at(NOW + 9 * HOUR, judging.tell_step) == 1
    row.refresh_from_db()
    assert row.told_at == NOW + 9 * HOUR


def test_outside_its_hours_a_watch_waits_and_what_is_over_by_then_is_not_told(smog):
    at(NOW, lambda: smog(120))
    at(NOW, lambda: watched(hours=(20, 7)))  # 14:20 UTC is 15:20 here
    assert at(NOW, judging.judge) == 1
    assert at(NOW, judging.tell_step) == 0
    evening = NOW + 5 * HOUR
    at(evening, lambda: smog(120, now=evening))
    assert at(evening, judging.tell_step) == 1
    at(NOW, lambda: watched(hours=(21, 7), limit=110.0))
    assert at(evening, judging.judge) == 1
    late = NOW + 7 * HOUR
    at(late, lambda: smog(20, now=late))
    assert at(late, judging.judge) == 0
    assert at(late, judging.tell_step) == 0


def test_a_daily_watch_is_told_once_a_day(smog):
    at(NOW, lambda: smog(120))
    row = at(NOW, lambda: watched(daily=True))
    at(NOW, judging.judge)
    assert at(NOW, judging.tell_step) == 1
    AddressWatch.objects.filter(pk=row.pk).update(waiting=True)
    assert at(NOW + 7 * HOUR, judging.tell_step) == 0
    tomorrow = NOW + 10 * HOUR
    at(tomorrow, lambda: smog(120, now=tomorrow))
    assert at(tomorrow, judging.tell_step) == 1


def test_where_nothing_is_measured_nothing_is_told_and_nothing_ends(smog):
    at(NOW, lambda: smog(120))
    at(NOW, watched)
    at(NOW, judging.judge)
    assert at(NOW + 9 * HOUR, judging.judge) == 0
    assert AddressWatch.objects.get().standing


def test_the_value_is_that_of_the_page_of_the_address(smog, client):
    make_street(name="Próbna")
    at(NOW, lambda: smog(123))
    lon, lat = city().centre
    assert round(at(NOW, lambda: Now().at(lon, lat, "pm10").value)) == 123
    text = at(NOW, lambda: client.get("/powietrze/adres/", {"q": "Próbna"})).content.decode()
    assert "<strong>123</strong>" in text


def test_what_few_stations_measure_is_that_of_the_nearest_and_says_so(station):
    lon, lat = city().centre
    with clock.at(NOW):
        station("air", "blisko", {"no2": [40]}, now=NOW, east=0.01)
        station("air", "dalej", {"no2": [90]}, now=NOW, east=0.05)
        station("noise", "ulica", {"laeq": [60.0] * 24}, now=NOW)
        station("river", "most", {"water_level": [150]}, now=NOW, properties={"warning": 100, "alarm": 200})
        now = Now()
        assert (now.at(lon, lat, "no2").value, now.at(lon, lat, "no2").station) == (40, "Stacja blisko")
        assert round(now.at(lon, lat, "night").value) == 60
        assert now.at(lon, lat, "river").value == 1
        assert now.at(lon + 1, lat, "river") is None


def test_an_address_is_written_to_only_after_its_owner_confirmed_and_one_link_ends_it(smog, client, run_jobs):
    make_street(name="Próbna")
    with clock.at(NOW):
        smog(120)
        answer = client.post(PAGE, {**ANSWERS, "email": "ola@przyklad.pl"})
        assert answer.status_code == 302
        run_jobs()
        assert judging.judge() == 0
        (asked,) = mail.outbox
        link = re.search(r"https?://[^/\s]+(/obserwuj/[^/\s]+/)", asked.body).group(1)
        owner = Client()
        assert "pył PM10: 80\u00a0µg/m³ lub więcej" in owner.get(link, follow=True).content.decode()
        row = AddressWatch.objects.get()
        owner.post(f"/obserwuj/zmiana/{row.subscription_id}/", {"confirm": "1"})
        assert judging.judge() == 1
        assert judging.tell_step() == 1
        run_jobs()
        message = mail.outbox[-1]
        assert message.subject == "Twój próg: pył PM10 – 120 µg/m³"
        assert "Próbna" in message.body
        stop = re.search(r"<https?://[^/]+([^>]+)>", message.extra_headers["List-Unsubscribe"]).group(1)
        assert Client().post(stop).status_code == 204
    assert not AddressWatch.objects.exists()
    assert not Subscription.objects.exists()


def test_no_stranger_ends_what_another_watches(smog):
    row = at(NOW, watched)
    assert Client().post(f"/obserwuj/zmiana/{row.subscription_id}/", {"stop": "1"}).status_code == 403
    assert AddressWatch.objects.exists()


def test_the_trace_holds_neither_the_address_nor_the_e_mail(client):
    make_street(name="Próbna")
    client.post(PAGE, {**ANSWERS, "email": "ola@przyklad.pl"})
    held = repr(list(Change.objects.values_list("data", flat=True))) + repr(list(Subscription.objects.values("subject")))
    assert "róbna" not in held
    assert "ola@" not in held


def test_a_form_sent_twice_is_one_watch_and_wrong_answers_are_told_by_field(client):
    make_street(name="Próbna")
    for _again in range(2):
        client.post(PAGE, {**ANSWERS, "email": "ola@przyklad.pl"})
    assert AddressWatch.objects.count() == 1
    text = client.post(PAGE, {**ANSWERS, "adres": "Nie Ma Takiej", "prog_pm10": "5"}).content.decode()
    for words in ("Nie znamy takiego adresu", "Wpisz liczbę od 10 do 1000", "Wpisz adres e-mail"):
        assert words in text


def test_a_person_exports_and_erases_what_they_watch(smog):
    viewer = make_viewer()
    services.watch(wanted=wanted(), by=viewer)
    (held,) = privacy.export(viewer.person_id)
    assert held["address"] == "ul. Próbna 1"
    assert privacy.erase(viewer.person_id) == 1
    assert not Subscription.objects.filter(person=viewer.person_id).exists()


def test_a_storm_is_judged_in_few_queries_and_written_in_steps(smog, monkeypatch):
    at(NOW, lambda: smog(120))
    rows = [
        Subscription(topic=judging.TOPIC, subject=str(n), email=f"a{n}@przyklad.pl", created_at=NOW, confirmed_at=NOW)
        for n in range(600)
    ]
    Subscription.objects.bulk_create(rows)
    sample = services.watch(wanted=wanted(), by=make_viewer())
    AddressWatch.objects.bulk_create(
        AddressWatch(subscription=one, label="ul. Próbna 1", geom=sample.geom, what="pm10", limit=80) for one in rows
    )
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert at(NOW, judging.judge) == 601
    assert len(queries) <= 12
    monkeypatch.setattr(judging, "STEP", 20)
    assert at(NOW, judging.tell_step) == 20
    assert OutgoingMail.objects.count() <= 20
    assert AddressWatch.objects.filter(waiting=True).count() == 581
