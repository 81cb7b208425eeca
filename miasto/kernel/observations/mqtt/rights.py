"""Who is behind a connection, and what may be heard: keys of programs, as over HTTP.

What everybody may see is published under ``out/``, the rest under ``inside/``; a filter of a client becomes one of these.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl
from uuid import UUID

from django.conf import settings

from miasto.kernel.accounts.selectors import ANONYMOUS, Viewer, viewer_for_key
from miasto.kernel.accounts.services import recognise_key
from miasto.kernel.core import ratelimit
from miasto.kernel.observations.access import ALERTS
from miasto.kernel.observations.models import Datastream
from miasto.kernel.observations.sta.answering import Answer
from miasto.kernel.observations.sta.options import read_options
from miasto.kernel.observations.sta.paths import read_path
from miasto.kernel.observations.sta.problems import Problem
from miasto.kernel.observations.sta.schema import OBSERVATION
from miasto.kernel.observations.store import told

INSIDE = "inside/"
WRONG_KEYS_PER_HOUR = 30
_OBSERVATIONS = re.compile(r"v1\.1/(?:Datastreams\((\d{1,9})\)/)?Observations")
_ENTITY = re.compile(r"v1\.1/([A-Z]\w+\(\d{1,18}\))")
_UNIT = re.compile(r"units/([a-z0-9-]{1,100})/alerts/.+")


def outside() -> str:
    """The prefix of what everybody may see."""
    return os.environ.get("MIASTO_MQTT_OUT", "out/")


class WrongKey(Exception):
    """No such key, or too many wrong ones from this address."""


def enter(password: bytes | None, who: str) -> Viewer:
    """The program of a key (the password, with any user name); nobody in particular without one. Raises ``WrongKey``."""
    if not password:
        return ANONYMOUS
    key = recognise_key(password.decode("utf-8", "replace"))
    if key is None:
        try:
            limit = WRONG_KEYS_PER_HOUR * settings.RATE_LIMIT_FACTOR
            ratelimit.hit(name="mqtt.wrong_key", who=who, limit=limit, per_s=3600)
        except ratelimit.TooMany:
            pass
        raise WrongKey
    return viewer_for_key(key)


def still(viewers: Iterable[Viewer]) -> dict[UUID, Viewer]:
    """Who the programs of these keys are now; one whose key was switched off is missing."""
    from miasto.kernel.accounts.models import ApiKey

    keys = ApiKey.objects.filter(pk__in={one.api_key for one in viewers if one.api_key}, active=True)
    return {key.pk: viewer_for_key(key) for key in keys}


@dataclass(frozen=True)
class Heard:
    """A filter of the broker; with ``select`` the properties that are wanted of each observation."""

    filter: str
    select: tuple[str, ...] = ()


def allowed(asked: str, viewer: Viewer) -> Heard | None:
    """What a client's filter is at the broker; None where it may not be heard, or is not there.

    A stream that not everybody may see is told of from now on, for some minutes: the door asks again while somebody listens.
    """
    name, _mark, query = asked.partition("?")
    if asked.startswith(("$", "/")):
        return None
    select: tuple[str, ...] = ()
    if query:
        try:
            select = read_options(parse_qsl(query), OBSERVATION).select
        except Problem:
            return None
        if not _OBSERVATIONS.fullmatch(name) or not select:
            return None
    if (found := _OBSERVATIONS.fullmatch(name)) and found[1]:
        stream = Datastream.objects.visible_to(viewer).filter(pk=found[1]).first()
        if stream is None:
            return None
        public = Datastream.objects.visible_to(ANONYMOUS).filter(pk=stream.pk).exists()
        if not public:
            told.listen(stream.pk)
        return Heard((outside() if public else INSIDE) + name, select)
    if found := _ENTITY.fullmatch(name):
        return next(
            (Heard(place + name) for who, place in ((ANONYMOUS, outside()), (viewer, INSIDE)) if _sees(who, found[1])), None
        )
    if found := _UNIT.fullmatch(name):
        return Heard(INSIDE + name) if _hears(found[1], viewer) else None
    return None if name.startswith("units/") else Heard(outside() + name, select)


def _sees(viewer: Viewer, path: str) -> bool:
    try:
        return bool(Answer(viewer, "").found(read_path(path).steps))
    except Problem:
        return False


def _hears(slug: str, viewer: Viewer) -> bool:
    from miasto.kernel.accounts.selectors import Unit

    if not viewer.holds(ALERTS):
        return False
    units = viewer.units_with(ALERTS)
    found = Unit.objects.filter(slug=slug).first()
    return found is not None and (units is None or found.pk in units)
