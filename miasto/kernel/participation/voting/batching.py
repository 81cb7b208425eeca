"""Group commit: ballots that come in while a transaction is being written go together into the next one.

A ballot that comes alone waits for nothing. Each is answered only after the commit that holds it. A broken connection is tried
once more, which the senders' request keys make safe.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from django.db import Error, InterfaceError, OperationalError, connection

from miasto.kernel.participation.voting.casting import Refused, Vote, prepare, take
from miasto.kernel.participation.voting.receipts import Receipt
from miasto.kernel.participation.voting.rules import InvalidBallot

MOST = 100
Result = Receipt | Exception


@dataclass(slots=True)
class _Asked:
    election: UUID
    voter_key: bytes
    channel: str
    request: UUID
    ballot: Mapping[Any, Any] = field(repr=False)
    answer: asyncio.Future[Receipt] = field(repr=False)


class Batcher:
    """The queue of one event loop, and one thread with one connection that writes it out."""

    def __init__(self) -> None:
        self._waiting: list[_Asked] = []
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ballots")
        self._writer: asyncio.Task[None] | None = None

    async def cast(
        self, *, election: UUID, voter_key: bytes, ballot: Mapping[Any, Any], channel: str, request: UUID
    ) -> Receipt:
        """As ``casting.cast``."""
        loop = asyncio.get_running_loop()
        asked = _Asked(election, voter_key, channel, request, ballot, loop.create_future())
        self._waiting.append(asked)
        if self._writer is None or self._writer.done():
            self._writer = loop.create_task(self._write())
        return await asked.answer

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            await self._write_one(loop)
        self._writer = None

    async def _write_one(self, loop: asyncio.AbstractEventLoop) -> None:
        batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        try:
            results: list[Result] = await loop.run_in_executor(self._thread, self._job, batch)
        except Exception as error:  # whoever waits is told, whatever it was
            results = [error] * len(batch)
        for asked, result in zip(batch, results, strict=True):
            if asked.answer.done():
                continue
            if isinstance(result, Exception):
                asked.answer.set_exception(result)
            else:
                asked.answer.set_result(result)

    def _job(self, batch: list[_Asked]) -> list[Result]:
        results = _written(batch)
        if not self._waiting:
            _rest()
        return results


_batchers: WeakKeyDictionary[asyncio.AbstractEventLoop, Batcher] = WeakKeyDictionary()


def batcher() -> Batcher:
    """The batcher of the running event loop."""
    return _batchers.setdefault(asyncio.get_running_loop(), Batcher())


def _rest() -> None:
    """Nobody waits: the connection goes back to the pool, or is closed where there is none."""
    with suppress(Error):
        connection.close()


def _written(batch: list[_Asked]) -> list[Result]:
    """What came of each ballot of the batch: a receipt after the commit, or the error to raise."""
    try:
        return _attempt(batch)
    except (OperationalError, InterfaceError):
        _rest()  # the server was restarted meanwhile, or a deadlock was resolved at our cost
    try:
        return _attempt(batch)
    except (OperationalError, InterfaceError):
        _rest()
        raise


def _attempt(batch: list[_Asked]) -> list[Result]:
    results: dict[int, Result] = {}
    votes: dict[UUID, list[tuple[int, Vote]]] = {}
    for place, asked in enumerate(batch):
        try:
            vote = prepare(
                election=asked.election,
                voter_key=asked.voter_key,
                ballot=asked.ballot,
                channel=asked.channel,
                request=asked.request,
            )
        except (InvalidBallot, Refused) as error:
            results[place] = error
        else:
            votes.setdefault(asked.election, []).append((place, vote))
    for election, prepared in votes.items():
        taken = take(election=election, votes=[vote for _place, vote in prepared])
        results.update({place: result for (place, _vote), result in zip(prepared, taken, strict=True)})
    return [results[place] for place in range(len(batch))]
