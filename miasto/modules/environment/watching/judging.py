"""Which watched thresholds are passed now, and telling of it in steps.

Judging marks rows and writes nothing to anybody. Telling takes ``STEP`` rows every ``STEP_S`` seconds, so even when a smog
reaches everybody at once, never more than ``STEP`` of these messages stand in the queue before somebody else's: alerts of
the engine are jobs with a higher priority, and their mail waits behind a few seconds of ours at most. A killed worker leaves
a whole step or nothing of it; the periodic job goes on.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.urls import reverse

from miasto.kernel.core import clock
from miasto.kernel.core.numbers import written
from miasto.kernel.notifications.services import notify, recipient_of, stop_address, stop_headers
from miasto.modules.environment.watching.kinds import KINDS, Kind
from miasto.modules.environment.watching.models import AddressWatch
from miasto.modules.environment.watching.values import Here, Now

TOPIC = "environment.at_address"
CHUNK = 2000
STEP, STEP_S = 100, 10
APART = timedelta(hours=6)  # between two messages of one watch, also where it may be told each time


def judge() -> int:
    """Compare every confirmed watch with what is at its place now; returns how many passed their threshold just now."""
    now, passed, last = Now(), 0, None
    while True:
        found, last = _judge_chunk(now, last)
        passed += found
        if last is None:
            return passed


@transaction.atomic
def _judge_chunk(now: Now, after: Any) -> tuple[int, Any]:
    rows = AddressWatch.objects.filter(subscription__confirmed_at__isnull=False).order_by("pk")
    rows = rows.filter(pk__gt=after) if after is not None else rows
    chunk = list(rows.select_for_update(of=("self",), skip_locked=True)[:CHUNK])
    moved = [row for row in chunk if _moved(row, now.at(row.geom.x, row.geom.y, row.what))]
    AddressWatch.objects.bulk_update(moved, ["standing", "since", "value", "waiting"], batch_size=500)
    return sum(row.standing for row in moved), chunk[-1].pk if len(chunk) == CHUNK else None


def _moved(row: AddressWatch, here: Here | None) -> bool:
    """Take over what is there now; whether the row changed. Where nothing is known, nothing changes."""
    kind = KINDS.get(row.what)
    if kind is None or here is None:
        return False
    stands = kind.stands(here.value, row.limit, standing=row.standing)
    if stands == row.standing:
        return False
    row.standing = row.waiting = stands  # what is over before it was told (at night, say) is not told any more
    row.since, row.value = (clock.now(), here.value) if stands else (None, None)
    return True


def due() -> QuerySet[AddressWatch]:
    """What is to be told now: within the hours of the watch, at most once a day or not sooner than ``APART``."""
    now = clock.now()
    hour = clock.local(now).hour
    within = Q(hour_from=F("hour_to")) | Q(hour_from__lt=F("hour_to"), hour_from__lte=hour, hour_to__gt=hour)
    within |= Q(hour_from__gt=F("hour_to")) & (Q(hour_from__lte=hour) | Q(hour_to__gt=hour))
    told = Q(told_at=None) | Q(subscription__frequency="now", told_at__lte=now - APART)
    told |= Q(subscription__frequency="daily", told_at__lt=clock.start_of(clock.today()))
    return AddressWatch.objects.filter(within, told, waiting=True, subscription__confirmed_at__isnull=False)


@transaction.atomic
def tell_step() -> int:
    """Tell the next ones and queue the next step while there are more; returns how many were told."""
    from miasto.modules.environment import jobs

    rows = list(due().select_for_update(of=("self",), skip_locked=True).select_related("subscription").order_by("pk")[:STEP])
    now = Now()
    for row in rows:
        _tell(row, now)
    if len(rows) == STEP and due().exists():
        jobs.tell_watches.defer(once="environment.watches", at=clock.now() + timedelta(seconds=STEP_S))
    return len(rows)


def _tell(row: AddressWatch, now: Now) -> None:
    kind, subscription = KINDS[row.what], row.subscription
    here = now.at(row.geom.x, row.geom.y, row.what)
    if here is None or kind.stands(here.value, row.limit, standing=True):  # else it ended while it waited for its hours
        stop = "" if subscription.device_id else stop_address(subscription.pk)
        notify(
            topic=TOPIC,
            to=[recipient_of(subscription)],
            context={**_words(kind, row, here), "stop_url": stop, "inbox_url": reverse(kind.page)},
            url=reverse(kind.page),
            about_id=subscription.pk,
            once=f"watch:{row.pk}:{row.since:%Y%m%d%H%M}" if row.since else None,
            headers=stop_headers(stop) if stop else None,
        )
        row.told_at = clock.now()
    row.waiting = False
    row.save(update_fields=["waiting", "told_at"])


def _words(kind: Kind, row: AddressWatch, here: Here | None) -> dict[str, Any]:
    value = here.value if here else row.value or row.limit
    return {
        "kind": kind,
        "place": row.label,
        "value": Said(kind, value),
        "limit": Said(kind, row.limit, threshold=True),
        "station": here.station if here else "",
        "km": written(here.km) if here and here.station else "",
    }


class Said:
    """A value in the words of whoever reads the message: a template asks for its text within the reader's language."""

    def __init__(self, kind: Kind, value: float, *, threshold: bool = False) -> None:
        self._kind, self._value, self._threshold = kind, value, threshold

    def __str__(self) -> str:
        return self._kind.threshold(self._value) if self._threshold else self._kind.said(self._value)


def names(subjects: Iterable[str]) -> dict[str, str]:
    """What the subscriptions with these subjects watch, in words; one query. For who may see the subscriptions."""
    from miasto.modules.environment.watching.kinds import said_with_name

    rows = AddressWatch.objects.filter(subscription__topic=TOPIC, subscription__subject__in=list(subjects))
    return {row.subscription.subject: said_with_name(row) for row in rows.select_related("subscription") if row.what in KINDS}
