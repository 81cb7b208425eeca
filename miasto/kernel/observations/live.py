"""Readings as they come, to open pages: server-sent events of chosen data streams.

``GET /odczyty/na-zywo/?seria=12&seria=13``. One LISTEN connection for each process hears which series a fold has moved
(``store.folding.MOVED``); who follows one of these is told its newest reading, at most one event a second however many come.
Streams live in the processes of the web server and read the latest values only: no fold and no alert ever waits for them.
The identifier of an event is its moment in milliseconds; who comes back, and a page that was just drawn (``drawn``), is told
at once where something is newer.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from miasto.kernel.core import clock, live
from miasto.kernel.observations.models import Datastream
from miasto.kernel.observations.sta.output import number
from miasto.kernel.observations.sta.times import text_of
from miasto.kernel.observations.store.folding import MOVED
from miasto.kernel.observations.store.reading import latest_received

if TYPE_CHECKING:
    from miasto.kernel.accounts.viewer import Viewer

SERIES_MOST = 60  # of one stream
OF_ADDRESS = 60  # each asks the database once a second while readings come
PAUSE_S = 1.0


def address(series: Iterable[int]) -> str:
    """Where a page hears of these series; empty without any. It holds the moment of the page."""
    wanted = sorted(set(series))[:SERIES_MOST]
    if not wanted:
        return ""
    pairs = [*(("seria", str(one)) for one in wanted), (live.DRAWN, str(_milliseconds(clock.now())))]
    return f"{reverse('observations_live:readings')}?{urlencode(pairs)}"


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


@require_GET
def readings(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """The stream. 404 where one of the series is unknown or not for this viewer; 429 or 503 where too many are open."""
    asked = request.GET.getlist("seria")
    if not 1 <= len(asked) <= SERIES_MOST or not all(one.isascii() and one.isdecimal() and len(one) <= 9 for one in asked):
        raise Http404
    wanted = frozenset(int(one) for one in asked)
    viewer: Viewer = request.viewer
    if Datastream.objects.visible_to(viewer).filter(pk__in=wanted).count() < len(wanted):
        raise Http404
    since = live.last_event_id(request) or live.drawn_at(request)
    return live.answer(request, _events(wanted, viewer, since), of_address=OF_ADDRESS)


def read(payload: str) -> frozenset[int]:
    """The series of a notice."""
    return frozenset(int(one) for one in payload.split(","))


async def _events(wanted: frozenset[int], viewer: Viewer, since: int | None) -> AsyncGenerator[bytes, None]:
    reader = await live.hub(MOVED, read).join(lambda moved: not wanted.isdisjoint(moved))
    try:
        now = asyncio.get_running_loop().time
        ends = now() + live.LIFE_S
        yield f"retry: 2000\nid: {_milliseconds(clock.now())}\n\n".encode()
        if since is not None:
            yield await _frame(wanted, viewer, since)
        while not reader.lost and now() < ends:
            try:
                moved = await asyncio.wait_for(reader.notes.get(), timeout=live.HEARTBEAT_S)
            except TimeoutError:
                yield b": still here\n\n"
                continue
            if moved is None:
                break
            yield await _frame((moved | _waiting(reader)) & wanted, viewer, None)
            await asyncio.sleep(PAUSE_S)
    finally:
        live.hub(MOVED, read).leave(reader)


def _waiting(reader: live.Reader) -> frozenset[int]:
    """The series of all notices that wait; a stream that is to end is told so after them."""
    found: set[int] = set()
    while not reader.notes.empty():
        found |= reader.notes.get_nowait() or frozenset()
    return frozenset(found)


async def _frame(series: frozenset[int], viewer: Viewer, since: int | None) -> bytes:
    at = _milliseconds(clock.now())
    told = await live.ask(newest, series, viewer, since)
    if not told:
        return b": \n\n"
    return f"id: {at}\nevent: change\ndata: {json.dumps({'readings': told})}\n\n".encode()


def newest(series: Iterable[int], viewer: Viewer, since: int | None = None) -> list[dict[str, Any]]:
    """The latest reading of each of the series that the viewer may see now; with ``since`` those received after it."""
    seen = Datastream.objects.visible_to(viewer).filter(pk__in=series).values_list("pk", flat=True)
    after = None
    if since is not None:
        after = datetime.fromtimestamp(since / 1000, tz=UTC) - timedelta(seconds=2)
    return [
        {"series": one.series, "time": text_of(one.time), "value": number(one.value)}
        for one in latest_received(list(seen), after)
    ]
