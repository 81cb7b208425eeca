"""Lasting sessions: who is away keeps its subscriptions, and messages of QoS 1 and 2 wait for it at the broker.

Only with a key, and within bounds: a week, so many clients of a key; the broker keeps at most ``launch.broker.WAITING_MOST``
messages of each. At the return every filter is judged anew, so what a key may no longer hear is not delivered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.core import clock
from miasto.kernel.core.ids import uuid7
from miasto.kernel.observations.mqtt import rights
from miasto.kernel.observations.mqtt.models import MqttSession
from miasto.kernel.observations.store import told

LASTS = timedelta(days=7)
OF_ONE_KEY = 1000
CLIENT_LONGEST = 256
_STREAM = re.compile(rf"{rights.INSIDE}v1\.1/Datastreams\((\d+)\)/Observations")


class TooMany(Exception):
    """The key has as many lasting sessions as one may have."""


@dataclass(frozen=True)
class Kept:
    """A session as it was left: its name at the broker, what is still heard, and the broker's filters that no longer are.

    ``fresh`` are filters that the broker does not know yet, because something has become public or was added meanwhile.
    """

    name: str
    heard: dict[str, rights.Heard] = field(default_factory=dict)
    gone: tuple[str, ...] = ()
    fresh: tuple[str, ...] = ()


def left(viewer: Viewer, client: str) -> Kept | None:
    """The session that this client left behind."""
    row = MqttSession.objects.filter(key_id=viewer.api_key, client=client).first()
    if row is None:
        return None
    MqttSession.objects.filter(pk=row.pk).update(seen_at=clock.now())
    found = {name: rights.allowed(name, viewer) for name in dict.fromkeys(name for name, _at_broker in row.filters)}
    heard = {name: one for name, one in found.items() if one}
    still = {one for each in heard.values() for one in each.filters}
    known = {at_broker for _name, at_broker in row.filters}
    return Kept(row.name, heard, tuple(known - still), tuple(still - known))


@transaction.atomic
def begin(viewer: Viewer, client: str) -> str:
    """A new session's name at the broker. Raises ``TooMany``."""
    assert viewer.api_key is not None
    if MqttSession.objects.filter(key_id=viewer.api_key).count() >= OF_ONE_KEY:
        raise TooMany
    made, _new = MqttSession.objects.get_or_create(
        key_id=viewer.api_key, client=client, defaults={"name": f"session-{uuid7().hex}"}
    )
    return made.name


def save(name: str, heard: dict[str, rights.Heard]) -> None:
    """Keep what a session listens to."""
    filters = [[asked, at_broker] for asked, one in heard.items() for at_broker in one.filters]
    series = sorted({int(found[1]) for _asked, one in filters if (found := _STREAM.fullmatch(one))})
    MqttSession.objects.filter(name=name).update(filters=filters, series=series, seen_at=clock.now())


def forget(viewer: Viewer, client: str) -> str | None:
    """The session is over; its name at the broker, where it must be ended too."""
    row = MqttSession.objects.filter(key_id=viewer.api_key, client=client).first()
    if row is None:
        return None
    row.delete()
    return row.name


def look_after(here: Iterable[UUID | str]) -> None:
    """Once a minute: streams of those who are away are told of, ``here`` are seen, and who never came back is forgotten."""
    now = clock.now()
    MqttSession.objects.filter(name__in=list(here), seen_at__lt=now - timedelta(hours=1)).update(seen_at=now)
    MqttSession.objects.filter(seen_at__lt=now - LASTS - timedelta(days=1)).delete()
    for series in {one for row in MqttSession.objects.exclude(series=[]).values_list("series", flat=True) for one in row}:
        told.listen(series)
