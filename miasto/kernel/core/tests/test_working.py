"""Lanes of the worker: what fills one leaves the places of another."""

import pytest
from django.db import connection
from procrastinate.contrib.django import app

from miasto.kernel.core import jobs, working

pytestmark = pytest.mark.django_db


def next_of(lane):
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name FROM procrastinate_fetch_job_v2(%s, NULL)", [list(lane.queues)])
        return cursor.fetchone()[0]


def test_every_queue_has_one_lane():
    found = [queue for lane in working.lanes(4) for queue in lane.queues]
    assert sorted(found) == sorted({task.queue for task in app.tasks.values()} | set(jobs.APART))


def test_an_alert_finds_a_place_while_all_others_are_taken():
    common, alerts, *_others = working.lanes(4)
    for _time in range(common.places):
        jobs.send_mail.defer(mail_id="0198f2a0-0000-7000-8000-000000000000")
        assert next_of(common) == "core.send_mail"
    urgent = jobs.job(name="core.trial_alert", queue="alerts", urgent=True)(lambda: None)
    urgent.defer()
    assert (next_of(common), next_of(alerts)) == (None, "core.trial_alert")


def test_a_danger_to_life_goes_before_a_thousand_other_alerts():
    told = jobs.job(name="core.trial_told", queue="alerts", urgent=True)(lambda **_: None)
    told.defer_many({"number": number} for number in range(1000))
    life = jobs.job(name="core.trial_life", queue="alerts", urgent=True)(lambda: None)
    life.defer(first=True)
    assert next_of(working.lanes(4)[1]) == "core.trial_life"


def test_a_worker_leaves_periodic_jobs_to_others_and_refuses_a_name_that_none_has(monkeypatch):
    asked = dict(app.periodic_registry.periodic_tasks)
    monkeypatch.setattr(app.periodic_registry, "periodic_tasks", asked)
    working.leave_to_others(["core.tidy"])
    assert ("core.tidy", "") not in asked
    assert ("core.poll_mailbox", "") in asked
    assert "core.tidy" in app.tasks
    with pytest.raises(LookupError, match=r"core\.tidi"):
        working.leave_to_others(["core.tidi", "core.poll_mailbox"])
    assert ("core.poll_mailbox", "") in asked
