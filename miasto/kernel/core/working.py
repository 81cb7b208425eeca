"""The worker: lanes of jobs side by side, each with places of its own; a database that goes away is waited for.

Whatever fills one lane (a flood of mail, reports, a partner's server that does not answer) takes no place of another, so an
alert finds a free one. Nothing in the lane of alerts waits for anybody outside; who talks to others has a lane for that.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import DatabaseError, close_old_connections
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException
from procrastinate.psycopg_connector import PsycopgConnector

from miasto.kernel.core.jobs import APART, retry_stalled

HEARTBEAT_S = 2
STALLED_AFTER_S = 10
LOOK_EVERY_S = 3
GRACE_S = 8
LEAVE_AFTER_S = 15
AGAIN_AFTER_S = 1.0
LOCKED_S = 1.0  # between two looks of the common lane: nobody tells a heavy job that the one before it has ended
AWAY = (ConnectorException, psycopg.Error, OSError, TimeoutError)

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Lane:
    """Queues and how many of their jobs run at once."""

    name: str
    queues: tuple[str, ...]
    places: int


def lanes(concurrency: int) -> list[Lane]:
    """One lane for each queue that stands apart, and one of ``concurrency`` places for all others."""
    app.perform_import_paths()
    others = sorted({task.queue for task in app.tasks.values()} - set(APART))
    return [Lane("worker", tuple(others), concurrency), *(Lane(name, (name,), places) for name, places in APART.items())]


def leave_to_others(names: Iterable[str]) -> None:
    """This process no longer asks for these periodic jobs when their hour comes; it still runs what others asked for.

    Raises ``LookupError`` with the names that no periodic job has.
    """
    app.perform_import_paths()
    asked, left = app.periodic_registry.periodic_tasks, set(names)
    if unknown := left - {name for name, _ in asked}:
        raise LookupError(", ".join(sorted(unknown)))
    for key in [key for key in asked if key[0] in left]:
        del asked[key]


def run_once(concurrency: int) -> None:
    """Run what waits now, of every lane. Raises what is wrong with the database."""
    working = app.with_connector(app.connector.get_worker_connector())
    working.run_worker(concurrency=concurrency, wait=False, **_settings())


def run(concurrency: int) -> None:
    """Run jobs until the process is told to stop. While the database is away it looks for it every second."""
    stop = threading.Event()
    taker = threading.Thread(target=take_up_stalled, args=(stop,), name="stalled jobs", daemon=True)
    taker.start()
    asyncio.run(_run(lanes(concurrency)))
    stop.set()


async def _run(found: list[Lane]) -> None:
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    loop.set_default_executor(ThreadPoolExecutor(sum(lane.places for lane in found) + 4, thread_name_prefix="job"))

    def stop() -> None:
        over.set()
        leaver = threading.Timer(LEAVE_AFTER_S, _leave)
        leaver.daemon = True
        leaver.start()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    while not over.is_set():
        try:
            await _work(found, over)
        except AWAY as error:
            _log.warning("the database is away (%s); jobs wait for it", type(error).__name__)
            await _pause(over)


def _leave() -> None:
    """End at once: a job goes on past its time, or the database that would be told of the end is gone as well.

    Whoever looks for stalled jobs takes up what was cut off, as after a kill.
    """
    _log.warning("jobs did not end in %s s; they are left to be taken up again", LEAVE_AFTER_S)
    os._exit(1)


async def _pause(over: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(over.wait(), AGAIN_AFTER_S)
    except TimeoutError:
        return


async def _work(found: list[Lane], over: asyncio.Event) -> None:
    """All lanes until one of them loses the database (raised), or until it is over."""
    parameters = connector_params("default")
    # the pool below would ask for half a minute, ever more rarely
    await (await psycopg.AsyncConnection.connect(**parameters)).close()
    connector = PsycopgConnector(kwargs=parameters, min_size=len(found) + 2, max_size=2 * len(found) + 4)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(connector.close_async)
        # not replace_connector: a job that defers another must do so on Django's connection, inside its own transaction
        working = await stack.enter_async_context(app.with_connector(connector).open_async())
        running = [asyncio.create_task(_lane(working, lane), name=lane.name) for lane in found]
        waiting = asyncio.create_task(over.wait())
        await asyncio.wait([*running, waiting], return_when=asyncio.FIRST_COMPLETED)
        for one in (*running, waiting):
            one.cancel()
        ends = await asyncio.gather(*running, return_exceptions=True)
        waiting.cancel()
    if not over.is_set():
        raise next((end for end in ends if isinstance(end, AWAY)), ConnectionError("a lane ended"))


async def _lane(working: Any, lane: Lane) -> None:
    words = _settings() | {"install_signal_handlers": False}
    if lane.name not in APART:
        words["fetch_job_polling_interval"] = LOCKED_S
    await working.run_worker_async(name=lane.name, queues=list(lane.queues), concurrency=lane.places, **words)


def _settings() -> dict[str, Any]:
    return {
        "delete_jobs": "never",
        "shutdown_graceful_timeout": GRACE_S,
        "update_heartbeat_interval": HEARTBEAT_S,
        "stalled_worker_timeout": STALLED_AFTER_S,
    }


def take_up_stalled(stop: threading.Event) -> None:
    """Put back, every few seconds, the jobs whose worker was killed, so that a restart does not wait for a minute's job."""
    while not stop.wait(LOOK_EVERY_S):
        try:
            retry_stalled(STALLED_AFTER_S)
        except DatabaseError:
            _log.warning("the database is away; looking for stalled jobs again in %s s", LOOK_EVERY_S)
        finally:
            close_old_connections()
