"""Messages to observations in the store: many at once, and one bad message never holds up the others.

They go the way of the API (``sta.observing.write``): numbers through the ingest, other results, intervals, qualities and
parameters into the table of extras, under the rights of who sends them.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from miasto.kernel.accounts.selectors import SYSTEM, Viewer
from miasto.kernel.observations.importing.units import factor
from miasto.kernel.observations.ingest import UnknownSeries
from miasto.kernel.observations.models import Datastream, Quarantined
from miasto.kernel.observations.mqtt.messages import BadMessage, Said, read
from miasto.kernel.observations.sta import observing
from miasto.kernel.observations.sta.exchange import Observed, Problem, parse_at, parse_observation
from miasto.kernel.observations.store import checking
from miasto.kernel.observations.things import feature_of

_log = logging.getLogger(__name__)
_homeless: set[int] = set()  # data streams whose thing has no place: their readings are about nothing in particular
HOMELESS_MOST = 100_000
Known = dict[int | str, tuple[int, bool, str]]


class Verdict(StrEnum):
    """What became of an observation; the gravest of a message is the message's."""

    ACCEPTED = "accepted"
    QUARANTINED = "quarantined"
    BAD = "bad"
    FORBIDDEN = "forbidden"


_GRAVITY = {verdict: place for place, verdict in enumerate(Verdict)}


@dataclass(frozen=True, slots=True)
class Message:
    """What arrived: the topic without the broker's prefix, the payload, when, and whose it is."""

    topic: str
    payload: bytes
    arrived: datetime
    by: Viewer = SYSTEM


@dataclass
class Taken:
    """What became of messages: ``verdicts`` in their order, ``counts`` of their observations by verdict."""

    verdicts: list[Verdict]
    counts: Counter[str] = field(default_factory=Counter)

    def note(self, place: int, verdict: Verdict) -> None:
        """One observation of the message at ``place`` has met this."""
        self.counts[verdict.value] += 1
        if _GRAVITY[verdict] > _GRAVITY[self.verdicts[place]]:
            self.verdicts[place] = verdict


def take(messages: Sequence[Message]) -> Taken:
    """Make the observations of messages durable, in one transaction; returns what became of them.

    A message that cannot be read, an observation of a data stream that there is not, or into which its sender may not write,
    is counted and named in the log without what it said. Raises ``Busy`` and database errors: then nothing was taken.
    """
    taken = Taken([Verdict.ACCEPTED] * len(messages))
    with transaction.atomic():
        for by, places in _by_sender(messages).items():
            said = list(_said(messages, places, taken))
            _take(said, by, taken)
    return taken


def urgent(messages: Sequence[Message]) -> set[int]:
    """Places of the messages that are wholly about series which a rule about a danger to life reads; one query."""
    about: dict[int, set[int | str]] = {}
    for place, message in enumerate(messages):
        with suppress(BadMessage):
            said = list(read(message.topic, message.payload, message.arrived))
            about[place] = {one.series or one.source or "" for one in said}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, source FROM observations_datastream WHERE life AND (id = ANY(%s) OR source = ANY(%s))",
            [
                [one for names in about.values() for one in names if isinstance(one, int) and one < 2**31],
                [one for names in about.values() for one in names if isinstance(one, str)],
            ],
        )
        grave = {name for row in cursor.fetchall() for name in row}
    return {place for place, names in about.items() if names and names <= grave}


def _by_sender(messages: Sequence[Message]) -> dict[Viewer, list[int]]:
    found: dict[Viewer, list[int]] = {}
    for place, message in enumerate(messages):
        found.setdefault(message.by, []).append(place)
    return found


def _said(messages: Sequence[Message], places: Iterable[int], taken: Taken) -> Iterable[tuple[int, Said]]:
    for place in places:
        message = messages[place]
        try:
            for one in read(message.topic, message.payload, message.arrived):
                yield place, one
        except BadMessage as problem:
            taken.note(place, Verdict.BAD)
            _log.warning("a message at %.80r was refused: %s", message.topic, problem)


def _take(said: Sequence[tuple[int, Said]], by: Viewer, taken: Taken) -> None:
    known = _known(one for _place, one in said)
    writable = _writable({series for series, _homed, _unit in known.values()}, by)
    places: list[int] = []
    found: list[Observed] = []
    for place, one in said:
        try:
            made = _asked(one, by) if one.path is not None else _in_our_unit(one, _observed(one, known, writable), known)
            if made is None:
                taken.note(place, Verdict.QUARANTINED)
                continue
            found.append(made)
            places.append(place)
        except (PermissionDenied, UnknownSeries, Problem) as problem:
            forbidden = isinstance(problem, PermissionDenied) or getattr(problem, "status", 0) == 403
            taken.note(place, Verdict.FORBIDDEN if forbidden else Verdict.BAD)
            about = one.path or one.source or one.series
            _log.warning("an observation of %.80r was refused: %s", about, type(problem).__name__ if forbidden else problem)
    if not found:
        return
    _give_homes({series for series, homed, _unit in known.values() if not homed and series in writable})
    written = observing.write(found, by=by, wait=False)
    for index, place in enumerate(places):
        taken.note(place, Verdict.QUARANTINED if index in written.reasons else Verdict.ACCEPTED)


def _in_our_unit(one: Said, made: Observed, known: Known) -> Observed | None:
    """The number in the unit of its data stream, turned into it where the sender names another.

    None where that cannot be: then it waits in quarantine as it was said.
    """
    if not one.unit or made.value is None:
        return made
    times = factor(one.unit, known[one.source or ""][2])
    if times is not None:
        return replace(made, value=made.value * times)
    said = f"{made.value:g} {one.unit}"
    checking.quarantine([(made.series, made.time, made.value, said, Quarantined.Reason.UNIT)])
    return None


def _known(said: Iterable[Said]) -> Known:
    """Series by number and by source, of those that exist, whether what their readings are about is known, and their unit."""
    numbers, sources = set(), set()
    for one in said:
        if one.series is not None and one.series < 2**31:
            numbers.add(one.series)
        elif one.source is not None:
            sources.add(one.source)
    if not numbers and not sources:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT id, source, feature_id IS NOT NULL, unit_symbol FROM observations_datastream
               WHERE id = ANY(%s) OR source = ANY(%s)""",
            [list(numbers), list(sources)],
        )
        rows = cursor.fetchall()
    by_number: Known = {pk: (pk, homed, unit) for pk, _source, homed, unit in rows}
    return by_number | {source: (pk, homed, unit) for pk, source, homed, unit in rows if source}


def _writable(series: set[int], by: Viewer) -> set[int]:
    """Those into which the sender may write."""
    import numpy as np

    if by.system or not series:
        return series
    streams = checking.streams_of(np.array(sorted(series), dtype=np.int64), by)
    return set(streams.series[streams.writable].tolist())


def _observed(one: Said, known: Known, writable: set[int]) -> Observed:
    found = known.get(one.series if one.series is not None else one.source or "")
    if found is None:
        raise UnknownSeries([one.series or 0])
    if found[0] not in writable:
        raise PermissionDenied
    return parse_observation(one.body, found[0], one.arrived)


@transaction.atomic
def _asked(one: Said, by: Viewer) -> Observed:
    """What brings entities along, or names them by a path; a savepoint, because it may write them."""
    return parse_at(one.path or "", one.body, by=by, now=one.arrived)


def _give_homes(series: set[int]) -> None:
    """What their readings are about is the thing's location (18-088 § 8.2.8), made at the first reading as over HTTP."""
    new = series - _homeless
    if not new:
        return
    for stream in Datastream.objects.select_related("thing", "feature").filter(pk__in=new):
        feature_of(stream)
    if len(_homeless) > HOMELESS_MOST:
        _homeless.clear()
    _homeless.update(new)
