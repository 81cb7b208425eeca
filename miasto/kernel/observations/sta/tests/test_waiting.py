"""Who was told to come back later and sends at once is refused unread; small bodies are always read."""

import json
from contextlib import ExitStack
from types import SimpleNamespace

import pytest
from django.test import Client

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.services import issue_key
from miasto.kernel.observations.sta import views
from miasto.kernel.observations.testing import make_datastream

pytestmark = pytest.mark.django_db
PATH = "/api/sta/v1.1/CreateObservations"


def body(stream, count):
    rows = [[f"2026-05-12T08:{number // 60:02}:{number % 60:02}Z", 1.5] for number in range(count)]
    part = {"Datastream": {"@iot.id": stream.pk}, "components": ["phenomenonTime", "result"], "dataArray": rows}
    return json.dumps([part]).encode()


def test_large_bodies_of_one_who_does_not_wait_are_refused_unread_and_others_are_heard(monkeypatch):
    stream = make_datastream()
    plain = [issue_key(name=name, rights=["observations.write"], by=SYSTEM)[1] for name in ("Powódź", "Inny")]
    hasty, other = (Client(headers={"X-API-Key": one}) for one in plain)
    large = body(stream, 3_000)
    assert len(large) > views.LARGE_BODY
    monkeypatch.setenv("MIASTO_READINGS_WAITING", "10")
    first = hasty.post(PATH, large, content_type="application/json")
    assert (first.status_code, int(first["Retry-After"]) >= 1) == (503, True)
    monkeypatch.delenv("MIASTO_READINGS_WAITING")
    again = hasty.post(PATH, b"[" * (views.LARGE_BODY + 1), content_type="application/json")
    assert (again.status_code, again["Retry-After"]) == (429, first["Retry-After"])
    assert hasty.post(PATH, body(stream, 5), content_type="application/json").status_code == 201
    assert other.post(PATH, large, content_type="application/json").status_code == 201
    monkeypatch.setattr(views, "time", SimpleNamespace(monotonic=lambda: float("inf")))
    assert hasty.post(PATH, large, content_type="application/json").status_code == 201


def test_one_more_write_at_once_than_a_client_may_have_is_sent_back_and_others_are_heard():
    stream = make_datastream()
    (busy, plain), (_key, foreign) = (
        issue_key(name=name, rights=["observations.write"], by=SYSTEM) for name in ("Czterech", "Inny")
    )

    def status(key):
        answer = Client(headers={"X-API-Key": key}).post(PATH, body(stream, 5), content_type="application/json")
        return answer.status_code, answer.get("Retry-After")

    with ExitStack() as writing:
        for _write in range(views.WRITES_AT_ONCE - 1):
            assert writing.enter_context(views._writing.take(busy.pk, views.WRITES_AT_ONCE))
        assert status(plain) == (201, None)
        assert writing.enter_context(views._writing.take(busy.pk, views.WRITES_AT_ONCE))
        assert (status(plain), status(foreign)) == ((429, "1"), (201, None))
    assert status(plain) == (201, None)
