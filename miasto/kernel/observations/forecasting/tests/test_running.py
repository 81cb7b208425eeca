"""The job: what it publishes, what it leaves alone, how it dies; the reads; rules of alerts that hang on forecasts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.core import clock
from miasto.kernel.core.testing import declared
from miasto.kernel.observations import selectors
from miasto.kernel.observations.alerts import rules, watch
from miasto.kernel.observations.alerts.asking import ConditionForm
from miasto.kernel.observations.alerts.conditions import parse
from miasto.kernel.observations.alerts.describing import describe
from miasto.kernel.observations.archive.running import Stopped
from miasto.kernel.observations.forecasting import learning, running
from miasto.kernel.observations.forecasting.jobs import forecast, forecast_hourly
from miasto.kernel.observations.forecasting.models import ForecastModel, ForecastRun, ForecastSkill, Foretold
from miasto.kernel.observations.forecasting.reading import expected
from miasto.kernel.observations.forecasting.shape import DAY
from miasto.kernel.observations.forecasting.tests.test_methods import TINY
from miasto.kernel.observations.models import Alert, AlertRule, ObservedProperty
from miasto.kernel.observations.testing import make_datastream, make_thing, put
from miasto.kernel.spec.observations import Property

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 12, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
SHAPE = replace(TINY, trees=8, windows=5, step=24)
HOURS = 36 * DAY
FLOW = Property(key="trial.flow", code="trial_flow", name="przepływ", definition="x", unit="litre", symbol="l")
FAR = {"kind": "deviation", "code": "trial_flow", "times": 3.0}


@pytest.fixture(autouse=True)
def _noon():
    watch.forget()
    with declared(FLOW), clock.at(NOON):
        yield
    watch.forget()


def daily(seed=0):
    """A day that repeats, a little shaken: the mean of four weeks foretells it best, or the model."""
    wave = 20 + 10 * np.sin(np.arange(HOURS) * 2 * np.pi / DAY)
    return wave + np.random.default_rng(seed).normal(scale=0.5, size=HOURS)


def filled_stream(values, *, end=NOON, **columns):
    """An hourly stream whose last full hour before ``end`` is known."""
    stream = make_datastream(code="trial_flow", **columns)
    put(stream, list(values), end=end - HOUR, step=HOUR, history=True)
    return stream


@pytest.fixture
def stream():
    return filled_stream(daily())


def test_a_run_foretells_what_it_knows_and_keeps_how_good_it_was(stream):
    noise = filled_stream(np.random.default_rng(5).normal(size=HOURS))
    short = filled_stream(daily()[: 10 * DAY])
    made = running.run(SHAPE)
    assert (made.state, made.groups, made.done, made.trained, made.series) == ("done", 1, 1, 1, 1)
    found = selectors.forecast(stream.pk)
    assert [one.at for one in found.points] == [NOON + hour * HOUR for hour in range(SHAPE.horizon)]
    assert all(one.low < one.value < one.high for one in found.points)
    wave = [20 + 10 * np.sin((HOURS + hour) * 2 * np.pi / DAY) for hour in range(SHAPE.horizon)]
    assert np.abs(np.array([one.value for one in found.points]) - wave).max() < 3
    assert (found.trials, found.made_at) == (1, NOON)
    assert 0 < found.error <= found.baseline_error
    assert 0.5 < found.covered <= 1
    assert found.method_name
    assert selectors.forecast(noise.pk) is None
    assert selectors.forecast(short.pk) is None
    skill = ForecastSkill.objects.get(datastream=noise)
    assert (skill.method, skill.halves, skill.baseline) == ("", [], "level")
    assert skill.hours == SHAPE.windows * SHAPE.horizon
    assert not ForecastSkill.objects.filter(datastream=short).exists()


def test_the_next_hour_foretells_anew_without_learning_and_keeps_what_was_foretold(stream):
    running.run(SHAPE)
    before = selectors.forecast(stream.pk)
    model = ForecastModel.objects.get()
    with clock.at(NOON + 2 * HOUR):
        put(stream, [30.0, 33.0], end=NOON + HOUR, step=HOUR)
        made = running.run(SHAPE)
        found = selectors.forecast(stream.pk)
    assert (made.trained, made.series) == (0, 1)
    assert ForecastModel.objects.get().trained_at == model.trained_at
    assert found.past == before.points[:2]
    assert found.points[0].at == NOON + 2 * HOUR
    with clock.at(NOON + 24 * HOUR):
        put(stream, [20.0], end=NOON + 23 * HOUR)
        assert running.run(SHAPE).trained == 1
        assert ForecastSkill.objects.filter(datastream=stream).count() == 2


def test_a_series_whose_last_hours_have_not_come_is_foretold_from_where_it_ends():
    late = filled_stream(daily(), end=NOON - 3 * HOUR)
    running.run(SHAPE)
    row = Foretold.objects.get(datastream=late)
    assert row.first_at == NOON - 3 * HOUR
    found = selectors.forecast(late.pk)
    assert (found.points[0].at, len(found.points)) == (NOON, SHAPE.horizon - 3)


def test_a_model_of_other_features_is_learned_anew(stream):
    running.run(replace(SHAPE, lags=(1, 2, 24)))
    with clock.at(NOON + timedelta(minutes=1)):
        assert running.run(SHAPE).trained == 1
        assert running.run(SHAPE).trained == 0


def test_what_is_never_negative_is_not_foretold_so():
    stream = filled_stream(np.maximum(daily() - 20, 0))
    running.run(SHAPE)
    assert min(one.low for one in selectors.forecast(stream.pk).points) == 0


def test_an_old_forecast_is_not_shown(stream):
    running.run(SHAPE)
    with clock.at(NOON + 7 * HOUR):
        assert selectors.forecast(stream.pk) is None


def test_a_run_that_was_asked_to_stop_publishes_nothing_half(stream, monkeypatch):
    def asked(grid, shape, seed=0, learn=learning.learn):
        assert running.ask_to_stop()
        return learn(grid, shape, seed=seed)

    monkeypatch.setattr(learning, "learn", asked)
    assert running.run(SHAPE).state == "cancelled"
    assert not Foretold.objects.exists()
    assert not ForecastModel.objects.exists()
    assert not running.ask_to_stop()


def test_a_run_that_fails_says_so_and_the_one_after_a_killed_one_goes_on(stream, monkeypatch):
    killed = ForecastRun.objects.create()
    with monkeypatch.context() as patch:
        patch.setattr(running, "learn", lambda *_given: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            running.run(SHAPE)
    killed.refresh_from_db()
    assert killed.state == "failed"
    assert ForecastRun.objects.order_by("id").last().state == "failed"
    assert not ForecastSkill.objects.exists()
    assert running.run(SHAPE).state == "done"
    assert selectors.forecast(stream.pk) is not None


def test_groups_done_before_a_stop_stay_and_are_not_learned_again(stream, monkeypatch):
    other = make_datastream(code="trial_other")
    put(other, list(daily(1)), end=NOON - HOUR, step=HOUR, history=True)

    def tell(made, told=running._tell):
        told(made)
        if made.done == 1:
            raise Stopped

    with monkeypatch.context() as patch:
        patch.setattr(running, "_tell", tell)
        assert running.run(SHAPE).state == "cancelled"
    assert Foretold.objects.count() == 1
    made = running.run(SHAPE)
    assert (made.trained, made.done, Foretold.objects.count()) == (1, 2, 2)


def test_the_hourly_job_asks_once_and_without_series_does_nothing():
    forecast_hourly()
    forecast_hourly()
    with connection.cursor() as cursor:
        cursor.execute("SELECT priority, lock FROM procrastinate_jobs WHERE task_name = 'observations.forecast'")
        assert [row[1] for row in cursor.fetchall()] == ["heavy"]
    forecast()
    assert ForecastRun.objects.get().state == "done"


def test_of_a_direction_nothing_is_foretold(stream):
    assert [group.series for group in running.groups(clock.now(), SHAPE)] == [[stream.pk]]
    with declared(replace(FLOW, key="trial.side", code="trial_side", cyclic=True)):
        ObservedProperty.objects.filter(pk=stream.observed_property_id).update(code="trial_side")
        assert running.groups(clock.now(), SHAPE) == []


def test_a_group_that_is_hardly_known_is_looked_at_once_a_day():
    rare = make_datastream(code="trial_flow")
    put(rare, list(daily()[::6]), end=NOON - HOUR, step=6 * HOUR, history=True)
    assert running.run(SHAPE).trained == 0
    assert ForecastModel.objects.get().trees == ""
    assert running.run(SHAPE).state == "done"


def deviating(thing, value, half):
    """A stream of a thing of which 100 was foretold for each hour since yesterday."""
    stream = make_datastream(thing, code="trial_flow")
    values = {"values": [value] * 72, "halves": [half] * 72, "made_at": NOON, "method": "model"}
    Foretold.objects.create(datastream=stream, start=NOON - 24 * HOUR, first_at=NOON, **values)
    return stream


def make_rule():
    return rules.save_rule(rule=AlertRule(name="Nietypowy przepływ", condition=FAR), by=SYSTEM)


def test_a_reading_far_from_its_forecast_raises_an_alert_and_its_return_clears_it():
    stream = deviating(make_thing(), 100.0, 5.0)
    make_rule()
    put(stream, [114.0], end=NOON - timedelta(minutes=30))
    assert not Alert.objects.exists()
    put(stream, [116.0], end=NOON - timedelta(minutes=20))
    alert = Alert.objects.get()
    assert (alert.open, alert.value) == (True, 116.0)
    put(stream, [80.0], end=NOON - timedelta(minutes=10))
    alert.refresh_from_db()
    assert alert.open
    put(stream, [90.0])
    alert.refresh_from_db()
    assert not alert.open


def test_where_nothing_is_foretold_nothing_deviates():
    stream = make_datastream(code="trial_flow")
    make_rule()
    put(stream, [1e6])
    assert not Alert.objects.exists()


def test_a_rule_of_silence_or_deviation_stands_while_its_reading_deviates():
    from miasto.kernel.observations.alerts import judging

    stream = deviating(make_thing(), 100.0, 5.0)
    either = {"kind": "any", "of": [FAR, {"kind": "absence", "code": "trial_flow", "after_s": 1800}]}
    rules.save_rule(rule=AlertRule(name="Przepływ", condition=either), by=SYSTEM)
    put(stream, [200.0])
    judging.look_for_silence()
    assert Alert.objects.get().open


def test_a_rule_of_deviation_is_tried_on_what_had_been_foretold():
    stream = deviating(make_thing(), 100.0, 5.0)
    put(stream, [100.0, 120.0, 100.0, 70.0, 100.0], step=HOUR)
    assert rules.try_rule(AlertRule(name="x", condition=FAR)).count == 2
    assert expected([stream.pk])[stream.pk].at(NOON + 48 * HOUR) is None
    assert expected([stream.pk])[stream.pk].at(NOON - 25 * HOUR) is None


@pytest.mark.parametrize("times", [0.5, 101, None, "3", True])
def test_a_wrong_multiple_is_refused(times):
    with pytest.raises(ValidationError):
        parse({**FAR, "times": times}, known={"trial_flow"})


def test_the_form_takes_a_deviation_and_it_is_told_in_words():
    fields = {"a-kind": "deviation", "a-code": "trial_flow"}
    form = ConditionForm({**fields, "a-deviation-times": "3,5"}, prefix="a", initial={})
    assert form.is_valid()
    assert form.json() == {**FAR, "times": 3.5}
    assert parse(form.json(), known={"trial_flow"}).json() == form.json()
    assert describe(form.json()) == "przepływ: odczyt odbiega od prognozy ponad 3,5 razy bardziej niż zwykle"
    assert "ponad 3 razy" in describe(FAR)
    assert ConditionForm(prefix="a", initial=FAR).part.initial["times"] == 3.0
    assert "times" in ConditionForm(fields, prefix="a", initial={}).part.errors


COMING = {"kind": "coming", "code": "trial_flow", "op": ">", "value": 120.0, "within_s": 6 * 3600, "clear": 110.0}


def foresee(stream, values, method="model"):
    Foretold.objects.update_or_create(
        datastream=stream,
        defaults={
            "values": values, "halves": [5.0] * len(values), "made_at": NOON, "method": method, "start": NOON, "first_at": NOON,
        },
    )  # fmt: skip


def test_a_level_that_is_foretold_to_be_passed_within_the_hours_raises_an_alert_before_it_is():
    stream = make_datastream(make_thing(), code="trial_flow")
    rules.save_rule(rule=AlertRule(name="Nadchodzi", condition=COMING), by=SYSTEM)
    foresee(stream, [100.0] * 8 + [130.0] * 4)  # in eight hours: too far away
    put(stream, [100.0], end=NOON - timedelta(minutes=40))
    assert not Alert.objects.exists()
    foresee(stream, [100.0] * 4 + [130.0] * 4, method="usual")  # a plain rule raises nothing
    put(stream, [101.0], end=NOON - timedelta(minutes=30))
    assert not Alert.objects.exists()
    foresee(stream, [100.0] * 4 + [130.0] * 4)
    put(stream, [102.0], end=NOON - timedelta(minutes=20))
    alert = Alert.objects.get()
    assert alert.open
    foresee(stream, [115.0] * 8)  # below the edge, above where it is called off
    put(stream, [103.0], end=NOON - timedelta(minutes=10))
    alert.refresh_from_db()
    assert alert.open
    foresee(stream, [105.0] * 8)
    put(stream, [104.0])
    alert.refresh_from_db()
    assert not alert.open


def test_the_form_takes_what_is_coming_and_it_is_told_in_words():
    typed = {"op": ">", "value": "120", "clear": "110", "minutes": "360"}
    fields = {"a-kind": "coming", "a-code": "trial_flow", **{f"a-coming-{name}": value for name, value in typed.items()}}
    form = ConditionForm(fields, prefix="a", initial={})
    assert form.is_valid()
    assert form.json() == COMING
    assert parse(form.json(), known={"trial_flow"}).json() == COMING
    assert describe(COMING) == "przepływ: prognoza przekracza 120\u00a0l w ciągu 6 godzin"
    assert "minutes" in ConditionForm({**fields, "a-coming-minutes": ""}, prefix="a", initial={}).part.errors
    with pytest.raises(ValidationError):
        parse({**COMING, "clear": 130.0}, known={"trial_flow"})


def test_a_group_too_short_to_learn_from_is_left_to_plain_rules_and_fails_nobody():
    short = filled_stream(daily()[: 30 * DAY])
    made = running.run(SHAPE)
    assert (made.state, made.reason) == ("done", "")
    assert ForecastModel.objects.get().trees == ""
    assert ForecastSkill.objects.get(datastream=short).method in ("day", "week", "usual")
    assert running.run(SHAPE).trained == 0


def test_a_group_that_fails_stops_no_other_and_its_reason_is_kept(stream, monkeypatch):
    other = make_datastream(code="trial_other")
    put(other, list(daily(1)), end=NOON - HOUR, step=HOUR, history=True)
    once = iter([True])

    def learn(grid, shape):
        if next(once, False):
            raise ValueError("zepsute")
        return learning.learn(grid, shape)

    monkeypatch.setattr(running, "learn", learn)
    with pytest.raises(ValueError, match="zepsute"):
        running.run(SHAPE)
    made = ForecastRun.objects.get()
    assert (made.state, made.done, made.groups) == ("failed", 1, 2)
    assert "ValueError: zepsute" in made.reason
    assert Foretold.objects.count() == 1


def test_the_model_is_shown_for_as_long_as_it_wins_from_the_first_hour_on():
    from miasto.kernel.observations.forecasting import baselines, trying

    rng = np.random.default_rng(1)
    errors = {name: rng.normal(loc=10.0, size=(10, 1, 24)) for name in baselines.NAMES}
    errors["still"] -= 1.0
    errors["model"] = np.concatenate([rng.normal(loc=5.0, size=(10, 1, 6)), rng.normal(loc=20.0, size=(10, 1, 18))], axis=2)
    tried = trying.judged(errors, TINY)
    assert (tried.method, tried.ahead, tried.baseline) == (["model"], [6], ["still"])
    assert tried.model_error[0] < 6
    assert tried.model_by_band[0][1] > 15
