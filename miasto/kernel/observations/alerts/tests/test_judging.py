"""Readings that were folded raise, keep and clear alerts; people are told by the rule."""

import hmac
import json
import re
from datetime import UTC, datetime, time, timedelta

import pytest
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM, viewer_for_person
from miasto.kernel.accounts.testing import make_person, make_staff, make_unit
from miasto.kernel.core import clock
from miasto.kernel.core.jobs import URGENT_PRIORITY
from miasto.kernel.core.models import OutgoingMail
from miasto.kernel.core.testing import declared, listening
from miasto.kernel.observations.alerts import judging, lifecycle, rules, watch
from miasto.kernel.observations.alerts.telling import SECRETS, Refused, post, quiet_until, tell, tell_late, tell_over
from miasto.kernel.observations.models import Alert, AlertHook, AlertRule, AlertStep, Thing
from miasto.kernel.observations.services import ingest, save_thing
from miasto.kernel.observations.store.reading import Reading
from miasto.kernel.observations.testing import make_datastream
from miasto.kernel.places.testing import make_area
from miasto.kernel.spec.observations import Property

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 12, 10, tzinfo=UTC)
LEVEL = Property(key="trial.level", code="trial_level", name="poziom", definition="x", unit="centimetre", symbol="cm")
RAIN = Property(key="trial.rain", code="trial_rain", name="opad", definition="x", unit="millimetre", symbol="mm")


@pytest.fixture(autouse=True)
def _declared():
    watch.forget()
    with declared(LEVEL, RAIN), clock.at(NOON):
        yield
    watch.forget()


@pytest.fixture
def unit():
    return make_unit(name="Straż")


@pytest.fixture
def gauge(unit):
    return save_thing(Thing(name="Wodowskaz", geom=Point(20.6, 50.9, srid=4326), unit=unit), by=SYSTEM)


def stream(thing, code):
    return make_datastream(thing, code=code)


def square(lon, lat):
    return MultiPolygon(Polygon.from_bbox((lon - 0.01, lat - 0.01, lon + 0.01, lat + 0.01)), srid=4326)


def fold(series, *pairs):
    """Take readings in when the last of them comes: ``(minutes from noon, value)``. How many alerts began or ended."""
    found = [Reading(series.pk, NOON + timedelta(minutes=minutes), float(value)) for minutes, value in pairs]
    before = AlertStep.objects.count()
    with clock.at(max(clock.now(), *(one.time for one in found))):
        ingest(found, by=SYSTEM, wait=True)
    return AlertStep.objects.count() - before


def make_rule(condition, unit=None, **values):
    rule = AlertRule(name="Wysoka woda", condition=condition, unit=unit, **values)
    return rules.save_rule(rule=rule, by=SYSTEM)


HIGH = {"kind": "threshold", "code": "trial_level", "op": ">", "value": 200.0, "clear": 180.0}


def test_a_reading_beyond_the_threshold_raises_one_alert_and_its_return_clears_it(gauge, unit):
    level = stream(gauge, "trial_level")
    make_rule(HIGH, unit)
    level.refresh_from_db()
    assert level.watched
    assert fold(level, (0, 150)) == 0
    assert fold(level, (10, 210)) == 1
    assert fold(level, (20, 260), (30, 190)) == 0
    alert = Alert.objects.get()
    assert (alert.value, alert.peak, alert.raised_at) == (210, 260, NOON + timedelta(minutes=10))
    assert fold(level, (40, 170)) == 1
    alert.refresh_from_db()
    assert alert.state == Alert.State.CLEARED
    assert [step.kind for step in alert.steps.order_by("id")] == ["raised", "cleared"]


def test_the_same_chunk_judged_twice_raises_no_second_alert(gauge, unit):
    level = stream(gauge, "trial_level")
    make_rule(HIGH, unit)
    fold(level, (0, 210))
    fold(level, (0, 210))
    assert Alert.objects.count() == 1


def test_a_rise_and_fall_within_one_chunk_is_not_lost(gauge, unit):
    level = stream(gauge, "trial_level")
    make_rule(HIGH, unit)
    assert fold(level, (0, 150), (5, 250), (10, 150)) == 2
    assert Alert.objects.get().state == Alert.State.CLEARED


def test_a_late_reading_does_not_clear_what_newer_ones_raised(gauge, unit):
    level = stream(gauge, "trial_level")
    make_rule(HIGH, unit)
    fold(level, (30, 250))
    fold(level, (10, 100))
    assert Alert.objects.get().open


def test_two_properties_of_one_thing_are_judged_together(gauge, unit):
    level, rain = stream(gauge, "trial_level"), stream(gauge, "trial_rain")
    make_rule({"kind": "all", "of": [HIGH, {"kind": "threshold", "code": "trial_rain", "op": ">", "value": 5.0}]}, unit)
    assert fold(level, (0, 250)) == 0
    assert fold(rain, (5, 9)) == 1


def test_silence_raises_an_alert_and_the_next_reading_clears_it(gauge, unit):
    level = stream(gauge, "trial_level")
    make_rule({"kind": "absence", "code": "trial_level", "after_s": 3600}, unit)
    fold(level, (0, 100))
    assert judging.look_for_silence() == 0
    with clock.at(NOON + timedelta(minutes=61)):
        assert judging.look_for_silence() == 1
        assert judging.look_for_silence() == 0
        assert fold(level, (61, 100)) == 1
    assert not Alert.objects.get().open


def test_a_rise_goes_on_while_silence_is_looked_for(gauge, unit):
    level = stream(gauge, "trial_level")
    rise = {"kind": "change", "code": "trial_level", "op": ">", "value": 30.0, "within_s": 3600}
    make_rule({"kind": "any", "of": [rise, {"kind": "absence", "code": "trial_level", "after_s": 7200}]}, unit)
    assert fold(level, (0, 100), (10, 150)) == 1
    with clock.at(NOON + timedelta(minutes=11)):
        assert judging.look_for_silence() == 0
    assert Alert.objects.get().open


def test_readings_that_no_rule_watches_cost_one_query(gauge, django_assert_num_queries):
    level = stream(gauge, "trial_level")
    with django_assert_num_queries(1):
        judging.judge([Reading(level.pk, NOON, 900.0)] * 1000)


def test_a_watched_reading_below_the_threshold_costs_no_query_of_its_own(gauge, unit, django_assert_num_queries):
    level = stream(gauge, "trial_level")
    make_rule(HIGH, unit)
    judging.judge([Reading(level.pk, NOON, 10.0)])
    with django_assert_num_queries(3):
        judging.judge([Reading(level.pk, NOON + timedelta(seconds=n), 10.0) for n in range(500)])


def test_people_of_the_rules_units_are_told_before_all_other_work(gauge, unit, run_jobs):
    brigade = make_unit(name="Policja")
    make_staff("observations.keeper", unit, email="straz@example.invalid")
    make_staff("observations.keeper", brigade, email="policja@example.invalid")
    make_staff("observations.keeper", make_unit(name="Szkoły"), email="szkola@example.invalid")
    level = stream(gauge, "trial_level")
    rule = make_rule(HIGH, unit, advice="Zamknij bulwar.")
    rules.save_rule(rule=rule, by=SYSTEM, told=[brigade])
    fold(level, (0, 210))
    with connection.cursor() as cursor:
        cursor.execute("SELECT priority FROM procrastinate_jobs WHERE task_name = 'observations.tell_alert'")
        assert cursor.fetchall() == [(URGENT_PRIORITY,)]
    run_jobs()
    mails = OutgoingMail.objects.filter(subject__contains="Wysoka woda")
    assert set(mails.values_list("to", flat=True)) == {"straz@example.invalid", "policja@example.invalid"}
    assert "Zamknij bulwar." in mails[0].text


@pytest.mark.parametrize(("life", "quiet"), [(False, True), (True, False)])
def test_quiet_hours_never_mute_a_danger_to_life(life, quiet, unit):
    rule = AlertRule(life=life, quiet_from=time(22), quiet_to=time(6))
    night = datetime(2026, 5, 12, 22, tzinfo=UTC)
    assert (quiet_until(rule, night) is not None) == quiet
    assert quiet_until(rule, NOON) is None


def test_in_quiet_hours_people_are_told_when_they_end_of_what_still_stands(gauge, unit):
    make_staff("observations.keeper", unit, email="straz@example.invalid")
    level = stream(gauge, "trial_level")
    make_rule(HIGH, unit, quiet_from=time(11), quiet_to=time(13))
    fold(level, (0, 210))
    alert = str(Alert.objects.get().pk)
    tell(alert_id=alert)
    assert not OutgoingMail.objects.filter(subject__contains="Wysoka woda").exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT scheduled_at FROM procrastinate_jobs WHERE task_name = 'observations.tell_alert_late'")
        assert cursor.fetchone()[0] == datetime(2026, 5, 12, 11, tzinfo=UTC)
    tell_late(alert_id=alert)
    assert OutgoingMail.objects.filter(subject__contains="Wysoka woda").count() == 1


def test_people_are_told_of_every_alert_and_of_each_once(gauge, unit):
    make_staff("observations.keeper", unit, email="straz@example.invalid")
    level = stream(gauge, "trial_level")
    make_rule(HIGH, unit)
    fold(level, (0, 210), (1, 100), (2, 210), (3, 100))
    alerts = [str(alert.pk) for alert in Alert.objects.all()]
    for alert in [*alerts, *alerts]:
        tell(alert_id=alert)
        tell_over(alert_id=alert)
    assert (len(alerts), OutgoingMail.objects.count()) == (2, 4)


def test_of_an_alert_that_keeps_coming_back_people_are_told_a_few_times_and_it_ends_once_it_is_calm(client, gauge, unit):
    client.force_login(make_staff("observations.keeper", unit))
    level = stream(gauge, "trial_level")
    make_rule(HIGH, unit)
    for minute in range(40):
        fold(level, (minute, 100 if minute % 2 else 210))
    assert [one.returns for one in Alert.objects.order_by("raised_at")] == [0, 1, 2, 3]
    alert = Alert.objects.get(returns=3)
    assert alert.open
    assert alert.calm_since == NOON + timedelta(minutes=39)
    assert "Ten alert co chwilę wraca" in client.get(f"/panel/alerty/{alert.pk}/").content.decode()
    for minutes, ended in ((48, 0), (49, 1), (50, 0)):
        with clock.at(NOON + timedelta(minutes=minutes)):
            assert judging.end_the_calm() == ended
    alert.refresh_from_db()
    assert alert.cleared_at == NOON + timedelta(minutes=49)
    assert [step.kind for step in alert.steps.order_by("id")] == ["raised", "cleared"]


def test_a_danger_to_life_comes_to_the_telephone_too(gauge, unit, run_jobs, settings, tmp_path):
    settings.MAILBOX = str(tmp_path)
    make_staff("observations.keeper", unit, phone="600 100 200")
    make_staff("observations.keeper", unit)
    level = stream(gauge, "trial_level")
    rule = make_rule(HIGH, unit)
    fold(level, (0, 210), (1, 100))
    run_jobs()
    assert not list(tmp_path.glob("*.sms*"))
    rule.life = True
    rules.save_rule(rule=rule, by=SYSTEM)
    fold(level, (5, 210))
    run_jobs()
    (message,) = tmp_path.glob("*.sms*")
    assert "48600100200" in message.read_text("utf-8")
    assert "Wysoka woda: Wodowskaz" in message.read_text("utf-8")


def test_a_partner_gets_a_signed_cloud_event(gauge, unit, run_jobs):
    level, got = stream(gauge, "trial_level"), []

    def answer(request):
        got.append(request)
        return 204, {}, b""

    make_rule(HIGH, unit)
    with listening(answer) as url:
        AlertHook.objects.create(name="CZK", url=url, secret=SECRETS.seal("tajne"), least=1)
        fold(level, (0, 210))
        run_jobs()
    (request,) = got
    assert request.headers["Content-Type"].startswith("application/cloudevents+json")
    assert request.headers["X-Signature-256"] == "sha256=" + hmac.new(b"tajne", request.body, "sha256").hexdigest()
    event = json.loads(request.body)
    assert (event["specversion"], event["type"], event["data"]["value"]) == ("1.0", "city.alert.raised.v1", 210.0)
    assert AlertHook.objects.get().last_ok_at is not None


def test_a_partner_whose_secret_nobody_can_read_any_more_is_shown_as_one_that_fails(gauge, unit):
    level = stream(gauge, "trial_level")
    make_rule(HIGH, unit)
    fold(level, (0, 210))
    hook = AlertHook.objects.create(name="CZK", url="https://x.invalid", secret="spoiled", least=1)
    with pytest.raises(Refused):
        post(hook_id=str(hook.pk), alert_id=str(Alert.objects.get().pk), what="raised")
    hook.refresh_from_db()
    assert hook.failures == 1


def test_partners_of_every_unit_that_a_rule_names_get_every_step(gauge, unit, run_jobs):
    level, got = stream(gauge, "trial_level"), []

    def answer(request):
        got.append(json.loads(request.body))
        return 204, {}, b""

    _with_steps(level, unit)
    with listening(answer) as url:
        AlertHook.objects.update(url=url)
        run_jobs()
    assert [one["type"] for one in got] == [f"city.alert.{kind}.v1" for kind in STEPS]
    assert len({one["id"] for one in got}) == 4
    assert "Kowalski" not in json.dumps(got)


def test_a_partner_that_is_away_gets_nothing_of_an_alert_before_what_came_first(gauge, unit):
    _with_steps(stream(gauge, "trial_level"), unit)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE task_name <> 'observations.post_alert'")
        taken = "SELECT args->>'what' FROM procrastinate_fetch_job_v2(ARRAY['alerts_out'], NULL)"
        cursor.execute(taken)
        assert cursor.fetchone() == ("raised",)
        cursor.execute("UPDATE procrastinate_jobs SET status = 'todo', scheduled_at = now() + '1 hour' WHERE status = 'doing'")
        cursor.execute(taken)
        assert cursor.fetchone() == (None,)
        cursor.execute("DELETE FROM procrastinate_jobs WHERE scheduled_at IS NOT NULL")
        cursor.execute(taken)
        assert cursor.fetchone() == ("known",)


STEPS = ("raised", "acknowledged", "commented", "cleared")


def _with_steps(level, unit):
    """An alert that lived its whole life; the partner's unit is only told of it, another has nothing to do with it."""
    police, other = make_unit(name="Policja"), make_unit(name="Szkoły")
    rules.save_rule(rule=make_rule(HIGH, unit), told=[police], by=SYSTEM)
    for whose in (police, other):
        secret = SECRETS.seal("tajne")
        AlertHook.objects.create(name=whose.name, url="https://x.invalid", secret=secret, least=1, unit=whose)
    keeper = viewer_for_person(make_staff("observations.keeper", unit).pk)
    fold(level, (0, 210))
    found = Alert.objects.get()
    lifecycle.acknowledge(alert_id=found.pk, by=keeper, text="Jadę.")
    lifecycle.comment(alert_id=found.pk, by=keeper, text="Jan Kowalski zamknął kładkę.")
    fold(level, (10, 100))


def test_a_rule_of_a_district_watches_only_what_lies_in_it(client, gauge, unit):
    here = make_area(area_kind="district", name="Nadrzecze", geom=square(20.6, 50.9))
    there = make_area(area_kind="district", name="Zarzecze", geom=square(20.7, 50.9))
    far = save_thing(Thing(name="Drugi", geom=Point(20.7, 50.9, srid=4326), unit=unit), by=SYSTEM)
    level, other = stream(gauge, "trial_level"), stream(far, "trial_level")
    rule = rules.save_rule(rule=AlertRule(name="Woda", condition=HIGH, unit=unit), areas=[here], by=SYSTEM)
    level.refresh_from_db(), other.refresh_from_db()
    assert (level.watched, other.watched) == (True, False)
    assert (fold(level, (-9, 210)), fold(other, (-9, 210))) == (1, 0)
    assert [rules.try_rule(rule, areas=[one]).count for one in (here, there)] == [1, 1]
    assert rules.try_rule(rule, areas=[here, there]).count == 2
    client.force_login(make_staff("observations.keeper", unit))
    page = client.get(f"/panel/alerty/reguly/{rule.pk}/").content.decode()
    assert re.search(f'value="{here.pk}"[^>]* checked', page)
    assert re.search(f'value="{there.pk}" (?![^>]*checked)', page)


def test_a_partner_is_added_in_the_panel_and_switched_off(client, unit):
    client.force_login(make_staff("observations.keeper", unit))
    address = "/panel/alerty/odbiorcy/"
    given = {"name": "Straż pożarna", "url": "https://straz.example.invalid/alerty", "wants": "alerts", "least": "2"}
    given["unit"] = str(unit.pk)
    page = client.post(address, given).content.decode()
    hook = AlertHook.objects.get()
    assert SECRETS.unseal(hook.secret) in page
    assert hook.secret not in client.get(address).content.decode()
    assert SECRETS.unseal(hook.secret) not in client.get(address).content.decode()
    client.post(f"{address}{hook.pk}/", {"active": "0"})
    hook.refresh_from_db()
    assert not hook.active
    assert "bez hasła" in client.post(address, {**given, "url": "ftp://x"}).content.decode()
    client.force_login(make_staff("observations.keeper", make_unit(name="Szkoły")))
    assert client.post(f"{address}{hook.pk}/", {"active": "1"}).status_code == 403
    assert "Straż pożarna" not in client.get(address).content.decode()


def test_who_handles_an_alert_and_who_may_not(gauge, unit):
    level = stream(gauge, "trial_level")
    make_rule(HIGH, unit)
    fold(level, (0, 210))
    alert = Alert.objects.get()
    keeper = viewer_for_person(make_staff("observations.keeper", unit).pk)
    stranger = viewer_for_person(make_staff("observations.keeper", make_unit(name="Szkoły")).pk)
    for viewer in (ANONYMOUS, stranger):
        assert not Alert.objects.visible_to(viewer).exists()
        with pytest.raises(PermissionDenied):
            lifecycle.acknowledge(alert_id=alert.pk, by=viewer)
    lifecycle.acknowledge(alert_id=alert.pk, by=keeper, text="Jadę na miejsce.")
    lifecycle.acknowledge(alert_id=alert.pk, by=keeper)
    lifecycle.comment(alert_id=alert.pk, by=keeper, text="Bulwar zamknięty.")
    alert.refresh_from_db()
    assert alert.state == Alert.State.ACKNOWLEDGED
    assert [step.kind for step in alert.steps.order_by("id")] == ["raised", "known", "comment"]
    with pytest.raises(ValidationError):
        lifecycle.comment(alert_id=alert.pk, by=keeper, text="  ")


def test_switching_a_rule_off_clears_what_it_raised(gauge, unit):
    level = stream(gauge, "trial_level")
    rule = make_rule(HIGH, unit)
    fold(level, (0, 210))
    rule.active = False
    rules.save_rule(rule=rule, by=SYSTEM)
    assert not Alert.objects.get().open
    level.refresh_from_db()
    assert not level.watched


def test_a_rule_is_tried_on_the_last_days_without_raising_anything(gauge, unit):
    level = stream(gauge, "trial_level")
    fold(level, (-300, 150), (-200, 210), (-100, 150), (-50, 250))
    tried = rules.try_rule(AlertRule(name="x", condition=HIGH, unit=unit))
    assert tried.count == 2
    assert not Alert.objects.exists()


def test_the_panel_takes_a_rule_tries_it_and_shows_an_alert(client, gauge, unit):
    person = make_staff("observations.keeper", unit)
    client.force_login(person)
    level = stream(gauge, "trial_level")
    fold(level, (-60, 150), (-30, 260))
    form = {"name": "Bobrza wysoka", "a-kind": "threshold", "a-code": "trial_level", "a-threshold-op": ">"}
    form |= {"a-threshold-value": "200,5", "join": "", "hold": "0", "severity": "3", "unit": str(unit.pk), "active": "on"}
    page = client.post("/panel/alerty/reguly/nowa/", {**form, "try": "1"})
    assert "1 alert." in page.content.decode()
    assert not AlertRule.objects.exists()
    assert client.post("/panel/alerty/reguly/nowa/", form).status_code == 302
    assert AlertRule.objects.get().condition == {"kind": "threshold", "code": "trial_level", "op": ">", "value": 200.5}
    fold(level, (0, 300))
    alert = Alert.objects.get()
    assert "Bobrza wysoka" in client.get("/panel/alerty/").content.decode()
    page = client.get(f"/panel/alerty/{alert.pk}/")
    assert "poziom powyżej 200,5\u00a0cm" in page.content.decode()
    client.post(f"/panel/alerty/{alert.pk}/zapisz/", {"do": "known", "text": "Jadę."})
    assert "Jadę." in client.get(f"/panel/alerty/{alert.pk}/").content.decode()
    wrong = client.post("/panel/alerty/reguly/nowa/", {**form, "a-threshold-value": ""})
    assert "Podaj próg." in wrong.content.decode()


def test_nobody_else_gets_into_the_panel(client, gauge):
    assert client.get("/panel/alerty/").status_code == 302
    client.force_login(make_person())
    assert client.get("/panel/alerty/").status_code == 403
