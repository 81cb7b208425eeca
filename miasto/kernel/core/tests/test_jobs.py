"""Jobs: queued once where asked, and taken up again after a worker was killed."""

import pytest
from django.db import connection

from miasto.kernel.core import clock, jobs

pytestmark = pytest.mark.django_db


def states():
    with connection.cursor() as cursor:
        cursor.execute("SELECT status::text FROM procrastinate_jobs ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def test_a_job_that_may_wait_only_once_is_queued_once():
    assert jobs.tidy.defer(once="tidy") is True
    assert jobs.tidy.defer(once="tidy") is False
    assert states() == ["todo"]


def test_a_job_left_by_a_dead_worker_is_taken_up_and_one_of_a_living_worker_is_left_alone():
    jobs.send_mail.defer(mail_id="0198f2a0-0000-7000-8000-000000000000")
    jobs.send_mail.defer(mail_id="0198f2a0-0000-7000-8000-000000000001")
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now()) RETURNING id")
        living = cursor.fetchone()[0]
        cursor.execute("SELECT id FROM procrastinate_jobs ORDER BY id")
        (first,), (second,) = cursor.fetchall()
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE id = %s", [living, first])
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", [second])
    assert jobs.retry_stalled(30) == 1
    assert states() == ["doing", "todo"]


def test_a_heavy_job_waits_behind_the_others_and_runs_alone():
    plain, heavy = jobs.job(name="core.trial_plain")(lambda: None), jobs.job(name="core.trial_heavy", heavy=True)(lambda: None)
    assert heavy.task.priority < plain.task.priority
    assert (heavy.task.lock, plain.task.lock) == ("heavy", None)
    with pytest.raises(ValueError, match="holds up all behind it"):
        heavy.defer(at=clock.now())


def test_work_that_a_person_waits_for_goes_before_the_heavy_work_that_was_queued_earlier():
    report = jobs.job(name="core.trial_report", heavy=True)(lambda: None)
    awaited = jobs.job(name="core.trial_awaited", heavy=True, awaited=True)(lambda: None)
    report.defer()
    report.defer(awaited=True)
    awaited.defer()
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name FROM procrastinate_fetch_job_v2(NULL, NULL)")
        assert cursor.fetchone() == ("core.trial_report",)
        cursor.execute("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE status = 'doing'")
        cursor.execute("SELECT task_name, priority FROM procrastinate_fetch_job_v2(NULL, NULL)")
        assert cursor.fetchone() == ("core.trial_awaited", jobs.AWAITED_PRIORITY)
        cursor.execute("SELECT task_name FROM procrastinate_fetch_job_v2(NULL, NULL)")
        assert cursor.fetchone() == (None,), "only one heavy job at a time"
    with pytest.raises(ValueError, match="only a heavy job"):
        jobs.job(name="core.trial_light", awaited=True)(lambda: None)
