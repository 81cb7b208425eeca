"""A partner's server that hangs holds its own turns, and those of nobody else."""

import pytest
from procrastinate.jobs import Job

from miasto.kernel.core import clock
from miasto.kernel.observations.alerts import telling
from miasto.kernel.observations.alerts.turns import Turns
from miasto.kernel.observations.models import Alert, AlertHook, AlertRule
from miasto.kernel.observations.testing import make_thing


def test_each_receiver_has_so_many_and_a_danger_to_life_its_own():
    turns = Turns(each=2, plain=3, failing=1)
    with turns.take("a", life=False) as first, turns.take("a", life=False) as second, turns.take("a", life=False) as third:
        assert (first, second, third) == (True, True, False)
        with turns.take("b", life=False) as other, turns.take("c", life=False) as one_too_many:
            assert (other, one_too_many) == (True, False), "three are on their way altogether"
            with turns.take("a", life=True) as grave, turns.take("c", life=True) as another:
                assert (grave, another) == (True, True)
    with turns.take("a", life=False) as again, turns.take("b", life=True, failing=True) as failing:
        assert (again, failing) == (True, True)
        with turns.take("c", life=True, failing=True) as another, turns.take("b", life=True, failing=True) as twice:
            assert (another, twice) == (False, False), "those that fail hold one place altogether"


@pytest.fixture
def alert(db):
    rule = AlertRule.objects.create(name="Wysoka woda", condition={"kind": "absence", "code": "x", "minutes": 5}, life=True)
    now = clock.now()
    return Alert.objects.create(rule=rule, thing=make_thing(), severity=3, raised_at=now, seen_at=now, last_at=now)


def make_hook(**values):
    return AlertHook.objects.create(name="CZK", url="http://192.0.2.1/x", secret=telling.SECRETS.seal("s"), least=1, **values)


def test_who_has_not_answered_what_is_on_its_way_comes_again_later(alert, monkeypatch):
    hook, sent = make_hook(), []
    monkeypatch.setattr(telling, "_post", lambda *_: sent.append(1))
    words = {"hook_id": str(hook.pk), "alert_id": str(alert.pk), "what": "raised"}
    with telling.TURNS.take(str(hook.pk), life=True), telling.TURNS.take(str(hook.pk), life=True):
        with pytest.raises(telling.NoTurn):
            telling.post(**words)
        assert sent == []
    telling.post(**words)
    assert sent == [1]


def test_who_refused_the_last_one_has_one_turn(alert, monkeypatch):
    hook, sent = make_hook(failures=1), []
    monkeypatch.setattr(telling, "_post", lambda *_: sent.append(1))
    words = {"hook_id": str(hook.pk), "alert_id": str(alert.pk), "what": "raised"}
    with telling.TURNS.take(str(hook.pk), life=True, failing=True), pytest.raises(telling.NoTurn):
        telling.post(**words)
    telling.post(**words)
    assert sent == [1]


def test_a_partner_is_tried_for_two_days_and_a_turn_is_asked_for_soon():
    def pause(error, attempts):
        job = Job(id=1, status="doing", queue="x", lock=None, queueing_lock=None, task_name="x", attempts=attempts)
        decision = telling.Patience().get_retry_decision(exception=error, job=job)
        return decision and round((decision.retry_at - clock.now()).total_seconds())

    assert [pause(telling.NoTurn(), attempts) for attempts in (0, 1, 20)] == [5, 7, 120]
    waits = [pause(telling.Refused(), attempts) for attempts in range(60)]
    assert (waits[:3], sum(waits) > 2 * 86400) == ([3, 9, 27], True)
    assert pause(telling.Refused(), 60) is None
