"""Background jobs on procrastinate: deferred in the writer's transaction, retried, taken up after a kill."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import close_old_connections, connection, transaction
from procrastinate import BaseRetryStrategy, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

HEAVY_PRIORITY = -10
AWAITED_PRIORITY = -5
URGENT_PRIORITY = 10
FIRST_PRIORITY = 20
# Queues with places of their own in the worker (how many jobs at once): alerts; telling the broker, people by mail and
# telephone, and partners' servers of them, any of which may be slow; and readings to partners' servers.
APART = {"alerts": 3, "alerts_mqtt": 2, "alerts_people": 6, "alerts_out": 16, "readings_out": 3}
RETRY = RetryStrategy(max_attempts=10, exponential_wait=3)


class Job:
    """A function that the worker runs. It must bear being called twice."""

    def __init__(
        self,
        function: Callable[..., Any],
        name: str,
        queue: str,
        retry: BaseRetryStrategy | bool,
        heavy: bool = False,
        awaited: bool = False,
        urgent: bool = False,
    ) -> None:
        self.function, self.heavy = function, heavy

        def run(**arguments: Any) -> Any:
            _renew_connections()
            try:
                return function(**arguments)
            finally:
                _renew_connections()

        order = {"priority": AWAITED_PRIORITY if awaited else HEAVY_PRIORITY, "lock": "heavy"} if heavy else {}
        if urgent:
            order = {"priority": URGENT_PRIORITY}
        self.task = app.task(name=name, queue=queue, retry=retry, **order)(run)

    def __call__(self, **arguments: Any) -> Any:
        """Run it here and now."""
        return self.function(**arguments)

    def defer(
        self,
        *,
        at: datetime | None = None,
        once: str | None = None,
        after: str | None = None,
        awaited: bool = False,
        first: bool = False,
        **arguments: Any,
    ) -> bool:
        """Queue one run inside the present transaction; ``once`` names runs of which only one may wait at a time.

        Runs of the same ``after`` keep their order: each waits for those before it, also while they wait to be tried again.
        ``awaited`` says of this run of a heavy job that a person waits for it, ``first`` of one of an urgent job that it is
        about a danger to life. Returns False where such a run waits already.
        A heavy one cannot be told its hour, because until then it would hold up all others: let a light one ask for it then.
        """
        if at is not None and self.heavy:
            raise ValueError(f"{self.task.name}: a heavy job that waits for its hour holds up all behind it")
        order: dict[str, Any] = {"priority": AWAITED_PRIORITY} if awaited and self.heavy else {}
        if first:
            order = {"priority": FIRST_PRIORITY}
        if after is not None:
            order["lock"] = after
        configured = self.task.configure(schedule_at=at, queueing_lock=once, **order)
        if once is None:
            configured.defer(**arguments)
            return True
        try:
            with transaction.atomic():
                configured.defer(**arguments)
        except AlreadyEnqueued:
            return False
        return True

    def defer_many(self, runs: Iterable[dict[str, Any]], *, first: bool = False) -> None:
        """Queue a run for each of the arguments inside the present transaction, in one statement."""
        order = {"priority": FIRST_PRIORITY} if first else {}
        self.task.configure(**order).batch_defer(*runs)


def _renew_connections() -> None:
    """Drop broken and outlived connections, as Django does around a request; never inside somebody's transaction."""
    if not connection.in_atomic_block:
        close_old_connections()


def job(
    *,
    name: str,
    queue: str = "default",
    retry: BaseRetryStrategy | bool = RETRY,
    heavy: bool = False,
    awaited: bool = False,
    urgent: bool = False,
) -> Callable[[Callable[..., Any]], Job]:
    """Make a function a background job. Put it in a ``jobs.py``; ``name`` is ``<slug>.<verb>`` and stays stable.

    A ``heavy`` one (seconds of computing) waits until nothing else does, and only one such job runs at a time: nobody's mail
    stands behind a year of printed reports. An ``awaited`` heavy job, for which a person sits before the screen, goes before
    the other heavy ones. Give it ``retry=False`` and a state that says it failed, with a button: a retry that waits for its
    hour would hold up all the heavy jobs behind it, and the person would not know. An ``urgent`` one (an alert) goes before
    everything that waits.
    """
    if urgent and heavy:
        raise ValueError(f"{name}: a heavy job waits for all others, so it cannot be urgent")
    if awaited and not heavy:
        raise ValueError(f"{name}: only a heavy job can be awaited, the others do not wait behind it")

    def wrap(function: Callable[..., Any]) -> Job:
        return Job(function, name, queue, retry, heavy, awaited, urgent)

    return wrap


def periodic(*, name: str, cron: str, queue: str = "default") -> Callable[[Callable[[], Any]], Job]:
    """Make a function without arguments a job that runs by a cron expression (UTC)."""

    def wrap(function: Callable[[], Any]) -> Job:
        made = Job(lambda timestamp=None: function(), name, queue, RETRY)
        app.periodic(cron=cron)(made.task)
        return made

    return wrap


@job(name="core.deliver")
def deliver(*, event: str, payload: dict[str, Any], listener: str, uid: str) -> None:
    """Hand one event to one listener."""
    from miasto.kernel.core import events

    events.deliver(event=event, payload=payload, listener=listener, uid=uid)


@job(name="core.send_mail", queue="mail")
def send_mail(*, mail_id: str) -> None:
    """Hand one queued message to the mail server."""
    from miasto.kernel.core import mail

    mail.send(mail_id)


@job(name="core.send_mail_first", queue="alerts_people", urgent=True)
def send_mail_first(*, mail_id: str) -> None:
    """The same for a message about a danger to life, which stands behind no newsletter."""
    from miasto.kernel.core import mail

    mail.send(mail_id)


@periodic(name="core.poll_mailbox", cron="* * * * *", queue="mail")
def poll_mailbox() -> None:
    """Fetch what came into the IMAP mailbox, where one is set up."""
    from miasto.kernel.core.incoming import imap

    imap.poll()


@periodic(name="core.tidy", cron="17 2 * * *")
def tidy() -> None:
    """Delete finished jobs, old delivery marks and messages sent long ago (they hold addresses)."""
    from miasto.kernel.core import mail

    mail.forget_sent()
    forget_finished(days=7)


def retry_stalled(seconds: float) -> int:
    """Jobs in ``doing`` whose worker gave no sign of life for ``seconds`` become ``todo`` again; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE procrastinate_jobs AS job SET status = 'todo', worker_id = NULL
               WHERE job.status = 'doing' AND NOT EXISTS (
                   SELECT 1 FROM procrastinate_workers AS worker
                   WHERE worker.id = job.worker_id AND worker.last_heartbeat > now() - %s)""",
            [timedelta(seconds=seconds)],
        )
        return cursor.rowcount


def forget_finished(days: int) -> None:
    """Remove jobs that ended, and delivery marks, older than ``days``."""
    from miasto.kernel.core import clock
    from miasto.kernel.core.models import Delivery

    before = clock.now() - timedelta(days=days)
    with connection.cursor() as cursor:
        cursor.execute(
            """DELETE FROM procrastinate_jobs WHERE status IN ('succeeded', 'cancelled', 'aborted') AND id IN (
                   SELECT job_id FROM procrastinate_events GROUP BY job_id HAVING max(at) < %s)""",
            [before],
        )
    Delivery.objects.filter(at__lt=before - timedelta(days=90)).delete()
