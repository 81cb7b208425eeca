"""Readings as they come to open pages: in time, of the asked series only, and to nobody who may not see them."""

import asyncio
import json
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.test import RequestFactory
from django.urls import reverse

from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.core import clock
from miasto.kernel.core import live as streams
from miasto.kernel.observations import live
from miasto.kernel.observations.selectors import live_address
from miasto.kernel.observations.testing import empty_store, make_datastream, make_thing, put

WAIT_S = 20


@pytest.mark.django_db
def test_unknown_and_private_series_are_refused(client):
    shown, hidden = make_datastream(), make_datastream(make_thing(audience="private"))
    place = reverse("observations_live:readings")
    for query in (f"seria={hidden.pk}", f"seria={shown.pk}&seria={hidden.pk}", "seria=99999999", "seria=x", "seria=-1", ""):
        assert client.get(f"{place}?{query}").status_code == 404, query
    assert client.get(place + "?" + "&".join(f"seria={shown.pk}" for _ in range(live.SERIES_MOST + 1))).status_code == 404
    assert live.newest([shown.pk, hidden.pk], ANONYMOUS) == []


@pytest.mark.django_db
def test_too_many_streams_of_one_address_are_refused(client, monkeypatch):
    shown = make_datastream()
    monkeypatch.setattr(live, "OF_ADDRESS", 0)
    refused = client.get(live_address([shown.pk]))
    assert (refused.status_code, refused["Retry-After"]) == (429, "30")


async def next_event(frames):
    async for frame in frames:
        if b"event: change" in frame:
            return json.loads(frame.decode().split("data: ", 1)[1])["readings"]
    return None


@pytest.mark.django_db(transaction=True)
def test_a_page_hears_of_its_series_and_of_what_came_while_it_was_drawn():
    wanted, other = make_datastream(), make_datastream()
    drawn = live_address([wanted.pk])
    put(wanted, [1.5])
    now = clock.now()

    def opened():
        request = RequestFactory().get(drawn)
        request.viewer = ANONYMOUS
        return live.readings(request)

    async def story():
        try:
            frames = aiter((await sync_to_async(opened)()).streaming_content)
            assert b"\nid: " in await anext(frames)
            heard = [await next_event(frames)]
            await sync_to_async(put)(other, [7.0])
            await sync_to_async(put)(wanted, [2.5], end=now + timedelta(seconds=1))
            heard.append(await next_event(frames))
            await frames.aclose()
            return heard
        finally:
            await sync_to_async(connections.close_all)()

    try:
        before, after = asyncio.run(asyncio.wait_for(story(), WAIT_S))
    finally:
        empty_store()
    assert [(one["series"], one["value"]) for one in before + after] == [(wanted.pk, 1.5), (wanted.pk, 2.5)]
    assert not streams.turns._taken
