"""Streams of events: told in time, told again after a break, ended where something may have been missed."""

import asyncio
import json
from datetime import timedelta
from types import SimpleNamespace

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, connections
from django.test import RequestFactory

from miasto.kernel.core import changes, clock, ids, live
from miasto.kernel.core.turns import Turns

KIND = "lamps.lamp"
WAIT_S = 20


def change(kind=KIND):
    return changes.record(action="lamp.lit", kind=kind, object_id=ids.uuid7(), actor=changes.SYSTEM)


def opened(last=None, drawn=None, person=None):
    headers = {"Last-Event-ID": last} if last is not None else {}
    request = RequestFactory().get("/na-zywo/", {} if drawn is None else {"drawn": drawn}, headers=headers)
    request.viewer = SimpleNamespace(person_id=person)
    return live.stream(request, kinds=(KIND,), tell=lambda note: {"object": str(note.object_id)})


def run(story):
    """Run an asynchronous story; the connections of its threads are closed with it."""

    async def told():
        try:
            return await asyncio.wait_for(story(), timeout=WAIT_S)
        finally:
            await sync_to_async(connections.close_all)()

    return asyncio.run(told())


async def next_event(frames):
    """The data of the next event, past the marks that keep the connection open."""
    async for frame in frames:
        if b"event: change" in frame:
            return json.loads(frame.decode().split("data: ", 1)[1])
    return None


@pytest.mark.django_db(transaction=True)
def test_a_reader_hears_of_the_kinds_it_asked_for_and_of_no_others():
    async def story():
        frames = aiter(opened().streaming_content)
        assert b"\nid: " in await anext(frames)
        await sync_to_async(change)("lamps.bulb")
        wanted = await sync_to_async(change)()
        heard = await next_event(frames)
        await frames.aclose()
        return wanted, heard

    wanted, heard = run(story)
    assert heard == {"object": str(wanted.object_id)}


@pytest.mark.django_db(transaction=True)
def test_who_comes_back_is_told_what_was_missed_each_object_once():
    first, second = change(), change()
    changes.record(action="lamp.out", kind=KIND, object_id=second.object_id, actor=changes.SYSTEM)

    async def story():
        frames = aiter(opened(last=str(first.id)).streaming_content)
        heard = [await next_event(frames)]
        await sync_to_async(change)()
        heard.append(await next_event(frames))
        await frames.aclose()
        return heard

    heard = run(story)
    assert heard[0] == {"object": str(second.object_id)}
    assert heard[1]["object"] not in (str(first.object_id), str(second.object_id))


def milliseconds(moment):
    return str(int(moment.timestamp() * 1000))


@pytest.mark.django_db(transaction=True)
def test_what_happened_between_a_page_and_its_stream_is_told():
    with clock.at(clock.now() - timedelta(minutes=5)):
        change()
    drawn = milliseconds(clock.now())
    between = change()

    async def story():
        frames = aiter(opened(drawn=drawn).streaming_content)
        heard = [await next_event(frames)]
        after = await sync_to_async(change)()
        heard.append(await next_event(frames))
        await frames.aclose()
        return heard, after

    heard, after = run(story)
    assert heard == [{"object": str(between.object_id)}, {"object": str(after.object_id)}]


@pytest.mark.django_db(transaction=True)
def test_a_stream_that_comes_back_starts_from_what_it_heard_and_not_from_its_page():
    drawn = milliseconds(clock.now())
    change()
    with clock.at(clock.now() + timedelta(minutes=5)):
        heard_last = change()

    async def story():
        frames = aiter(opened(last=str(heard_last.id), drawn=drawn).streaming_content)
        await anext(frames)
        after = await sync_to_async(change)()
        heard = await next_event(frames)
        await frames.aclose()
        return heard, after

    heard, after = run(story)
    assert heard == {"object": str(after.object_id)}


@pytest.mark.parametrize("given", ["²", "x", "9" * 400, "-1", "", "1e3"])
def test_a_senseless_moment_is_none(given):
    assert live._drawn(RequestFactory().get("/", {"drawn": given})) is None


@pytest.mark.django_db(transaction=True)
def test_a_broken_connection_to_the_database_ends_the_stream_so_that_the_browser_asks_again():
    def break_it():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND query LIKE 'LISTEN%'"
            )
            return cursor.rowcount

    async def story():
        frames = aiter(opened().streaming_content)
        await anext(frames)
        assert await sync_to_async(break_it)() == 1
        return [frame async for frame in frames]

    assert run(story) == []


@pytest.mark.parametrize("given", ["²", "x", "9" * 400, "-1", ""])
def test_a_senseless_last_event_id_is_no_number(given):
    assert live.last_event_id(RequestFactory().get("/", headers={"Last-Event-ID": given})) is None


def test_a_reader_who_does_not_keep_up_is_ended_not_left_with_gaps():
    async def story():
        reader = live.Reader()
        for number in range(live.WAITING_MOST + 2):
            reader.give(live.Note(number, "lamp.lit", KIND, ids.uuid7()))
        return reader.lost, reader.notes.qsize()

    assert asyncio.run(story()) == (True, live.WAITING_MOST + 1)


@pytest.mark.django_db(transaction=True)
def test_a_reader_who_could_not_be_served_is_forgotten(monkeypatch):
    monkeypatch.setattr(live, "CONNECT_S", 0.0)

    async def story():
        hub = live.Hub()
        with pytest.raises(TimeoutError):
            await hub.join()
        return hub._readers, hub._task

    assert run(story) == (set(), None)


@pytest.mark.django_db(transaction=True)
def test_streams_are_counted_for_a_person_an_address_and_all_and_given_back(monkeypatch):
    monkeypatch.setattr(live, "turns", Turns(4))
    monkeypatch.setattr(live, "OF_ADDRESS", 2)
    monkeypatch.setattr(live, "OF_PERSON", 1)

    def refused(answer):
        return answer.status_code, answer["Retry-After"]

    async def begun(person=None):
        frames = aiter(opened(person=person).streaming_content)
        assert b"\nid: " in await anext(frames)
        return frames

    async def story():
        kept = [await begun(), await begun()]
        assert refused(opened()) == (429, "30")
        kept.append(await begun("ala"))
        assert refused(opened(person="ala")) == (429, "30")
        kept.append(await begun("ola"))
        assert refused(opened(person="ela")) == (503, "30")
        await kept.pop(0).aclose()
        while live.turns.crowded:  # the turn is given back a moment later
            await asyncio.sleep(0.01)
        both = [aiter(opened().streaming_content) for _twice in range(2)]  # let in while one turn was free
        assert b"\nid: " in await anext(both[0])
        assert [frame async for frame in both[1]] == [b"retry: 30000\n\n"]
        for frames in (*kept, both[0]):
            await frames.aclose()

    run(story)
    assert not live.turns._taken
