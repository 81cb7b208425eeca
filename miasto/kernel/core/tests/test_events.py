"""Events reach their listeners once, and only after a commit."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from django.db import transaction

from miasto.kernel.core import events, ids, registry
from miasto.kernel.core.models import Delivery
from miasto.kernel.core.module import Module

heard: list[events.Event] = []


@dataclass(frozen=True, kw_only=True)
class BridgeClosed(events.Event):
    bridge: UUID
    day: date
    at: datetime
    by: UUID | None = None
    why: str = ""


def listen(event):
    heard.append(event)


def fail(event):
    heard.append(event)
    raise RuntimeError("the listener failed")


@pytest.fixture
def listeners(monkeypatch):
    def install(*functions):
        made = registry.Registry(
            [("miasto.modules.bridges", Module(slug="bridges", name="", summary="", listens={BridgeClosed: functions}))]
        )
        monkeypatch.setattr(registry, "registry", lambda: made)
        heard.clear()

    return install


def closed():
    return BridgeClosed(bridge=ids.uuid7(), day=date(2026, 5, 12), at=datetime(2026, 5, 12, 10, tzinfo=UTC))


def test_an_event_survives_the_way_through_json():
    event = closed()
    assert BridgeClosed.restore(event.payload()) == event


def test_an_event_refuses_what_is_not_a_plain_value():
    with pytest.raises(TypeError, match="event field why: list is not a plain value"):
        BridgeClosed(bridge=ids.uuid7(), day=date(2026, 1, 1), at=datetime.now(UTC), why=["x"]).payload()


@pytest.mark.django_db
def test_a_listener_hears_a_published_event(listeners, run_jobs):
    listeners(listen)
    event = closed()
    with transaction.atomic():
        events.publish(event)
    run_jobs()
    assert heard == [event]


@pytest.mark.django_db
def test_a_rolled_back_write_tells_nobody(listeners, run_jobs):
    listeners(listen)
    with transaction.atomic():
        events.publish(closed())
        transaction.set_rollback(True)
    run_jobs()
    assert heard == []


@pytest.mark.django_db
def test_a_delivery_repeated_by_the_worker_is_heard_once(listeners):
    listeners(listen)
    name, payload = f"{__name__}.listen", closed().payload()
    uid = str(ids.uuid7())
    first = events.deliver(event=BridgeClosed.event_name, payload=payload, listener=name, uid=uid)
    second = events.deliver(event=BridgeClosed.event_name, payload=payload, listener=name, uid=uid)
    assert (first, second, len(heard)) == (True, False, 1)


@pytest.mark.django_db
def test_a_listener_that_fails_leaves_no_mark_and_is_called_again(listeners):
    listeners(fail)
    arguments = {"event": BridgeClosed.event_name, "payload": closed().payload(), "listener": f"{__name__}.fail"}
    uid = str(ids.uuid7())
    for _ in range(2):
        with pytest.raises(RuntimeError):
            events.deliver(**arguments, uid=uid)
    assert len(heard) == 2
    assert not Delivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_refused(listeners):
    listeners(listen)
    with pytest.raises(RuntimeError, match="outside a transaction"):
        events.publish(closed())
