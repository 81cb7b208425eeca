"""Messages to readings in the store: many at once, and one bad message never holds up the others."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.observations import services
from miasto.kernel.observations.models import Quarantined
from miasto.kernel.observations.mqtt.messages import BadMessage, Said, read
from miasto.kernel.observations.store import checking
from miasto.kernel.observations.store.reading import Reading

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Message:
    """What arrived: the topic without the broker's prefix, the payload, and when."""

    topic: str
    payload: bytes
    arrived: datetime


def take(messages: Sequence[Message]) -> Counter[str]:
    """Make the readings of messages durable, in one transaction; returns how many were ``accepted``, ``quarantined``, ``bad``.

    The broker has settled who may publish. A message that cannot be read, and a reading of a series that there is not, are
    counted and named in the log without what they said. Raises ``Busy`` and database errors: then nothing was taken.
    """
    counts: Counter[str] = Counter()
    said: list[Said] = []
    for message in messages:
        try:
            said += read(message.topic, message.payload, message.arrived)
        except BadMessage as problem:
            counts["bad"] += 1
            _log.warning("a message at %.80r was refused: %s", message.topic, problem)
    with transaction.atomic():
        known = _known(said)
        placed = [(_series(one, known), one) for one in said]
        unknown = {one.series or one.source for series, one in placed if series is None}
        if unknown:
            counts["bad"] += sum(series is None for series, _one in placed)
            _log.warning("there is no data stream %s", ", ".join(f"{one!r:.60}" for one in sorted(unknown, key=str)[:10]))
        good = [(series, one) for series, one in placed if series is not None]
        done = services.ingest(
            [Reading(series, one.time, one.value) for series, one in good if one.value is not None], by=SYSTEM
        )
        no_numbers = checking.quarantine(
            (series, one.time, None, one.raw, Quarantined.Reason.NOT_NUMBER) for series, one in good if one.value is None
        )
    counts["accepted"] += done.accepted
    counts["quarantined"] += done.quarantined + no_numbers
    return counts


def _known(said: Iterable[Said]) -> dict[int | str, int]:
    """Series by number and by source, of those that exist."""
    numbers = {one.series for one in said if one.series is not None and one.series < 2**31}
    sources = {one.source for one in said if one.source is not None}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, source FROM observations_datastream WHERE id = ANY(%s) OR source = ANY(%s)",
            [list(numbers), list(sources)],
        )
        rows = cursor.fetchall()
    return {pk: pk for pk, _source in rows} | {source: pk for pk, source in rows if source is not None}


def _series(one: Said, known: dict[int | str, int]) -> int | None:
    return known.get(one.series if one.series is not None else one.source or "")
