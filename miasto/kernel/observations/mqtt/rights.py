"""Who is behind a connection, and what may be heard: keys of programs, as over HTTP.

What everybody may see is published under ``out/``, the rest under ``inside/``; a filter of a client becomes one of these.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.db.models.expressions import RawSQL

from miasto.kernel.accounts.selectors import ANONYMOUS, Viewer, viewer_for_key
from miasto.kernel.accounts.services import recognise_key
from miasto.kernel.core import ratelimit
from miasto.kernel.observations.access import ALERTS
from miasto.kernel.observations.models import Datastream
from miasto.kernel.observations.sta.answering import Answer
from miasto.kernel.observations.sta.options import read_options
from miasto.kernel.observations.sta.output import key_of
from miasto.kernel.observations.sta.paths import Resource, read_path
from miasto.kernel.observations.sta.problems import Problem
from miasto.kernel.observations.sta.schema import ENTITIES, OBSERVATION
from miasto.kernel.observations.store import told

INSIDE = "inside/"
WRONG_KEYS_PER_HOUR = 30
STREAMS_MOST = 100  # of a feature of interest
ROOT = "v1.1/"
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
    """A filter of the broker, and what of its messages is told, under the client's own topic.

    ``select``: these properties only; with ``changed`` only where they are others than before (``known``). ``within``: only
    members of the set at this path. ``renamed``: whole messages under the client's topic. ``others``: further filters.
    """

    filter: str
    select: tuple[str, ...] = ()
    changed: bool = False
    within: str = ""
    renamed: bool = False
    known: str = field(default="", compare=False)
    others: tuple[str, ...] = ()

    @property
    def filters(self) -> tuple[str, ...]:
        """All of the broker's filters that it needs."""
        return (self.filter, *self.others)

    @property
    def about(self) -> bool:
        """Whether it is for observations of a feature of interest, to which further data streams may be added."""
        return self.within.endswith("/Observations")

    @property
    def plain(self) -> bool:
        """Whether messages are passed on as the broker gives them."""
        return not (self.select or self.within or self.renamed)


def allowed(asked: str, viewer: Viewer) -> Heard | None:
    """What a client's filter is at the broker; None where it may not be heard, or is not there.

    A stream that not everybody may see is told of from now on, for some minutes: the door asks again while somebody listens.
    """
    name, _mark, query = asked.partition("?")
    if asked.startswith(("$", "/")):
        return None
    if found := _UNIT.fullmatch(name):
        return Heard(INSIDE + name) if not query and _hears(found[1], viewer) else None
    if name.startswith("units/"):
        return None
    if not name.startswith(ROOT) or "+" in name or "#" in name:
        return None if query else Heard(outside() + name)
    try:
        return _of_service(name.removeprefix(ROOT), query, viewer)
    except Problem:
        return None


def _of_service(path: str, query: str, viewer: Viewer) -> Heard | None:
    """A set, an entity, a property, or chosen properties of a set's entities (18-088 § 14.2). Raises ``Problem``."""
    resource = read_path(path)
    last, steps = resource.last, resource.steps
    select = read_options(parse_qsl(query), last.entity).select if query else ()
    if resource.ref or resource.raw or (query and not (select and last.is_set)):
        return None
    if not last.is_set:
        return _of_entity(resource, viewer)
    if len(steps) == 1:
        return Heard(outside() + ROOT + path, select)
    parent = key_of(*Answer(viewer, "").found(steps[:-1]))
    if last.entity is not OBSERVATION:
        return Heard(outside() + ROOT + last.entity.plural, select, within=path)
    if steps[-2].entity is not ENTITIES["Datastream"]:
        return _about(int(parent), path, select, viewer)
    direct = f"{ROOT}Datastreams({parent})/Observations"
    return Heard(_of_stream(int(parent), direct, viewer), select, renamed=direct != ROOT + path)


def _about(feature: int, path: str, select: tuple[str, ...], viewer: Viewer) -> Heard | None:
    """Those of all data streams that the viewer sees whose readings are, or some of whose readings were, about a feature.

    A message does not say what it is about, so of each is asked whether it belongs here. None where there are no such data
    streams, or more than ``STREAMS_MOST``.
    """
    some = RawSQL("SELECT DISTINCT series FROM observations_extra WHERE feature = %s", [feature])
    seen = Datastream.objects.visible_to(viewer).filter(Q(feature=feature) | Q(pk__in=some))
    numbers = list(seen.order_by("pk").values_list("pk", flat=True)[: STREAMS_MOST + 1])
    if not 0 < len(numbers) <= STREAMS_MOST:
        return None
    first, *others = (_of_stream(one, f"{ROOT}Datastreams({one})/Observations", viewer) for one in numbers)
    return Heard(first, select, within=path, others=tuple(others))


def _of_stream(number: int, topic: str, viewer: Viewer) -> str:
    public = Datastream.objects.visible_to(ANONYMOUS).filter(pk=number).exists()
    if not public:
        told.listen(number)
    return (outside() if public else INSIDE) + topic


def _of_entity(resource: Resource, viewer: Viewer) -> Heard | None:
    entity, row = Answer(viewer, "").found(resource.steps)
    number = f"{entity.plural}({key_of(entity, row)})"
    place = outside() if _sees(ANONYMOUS, number) else INSIDE
    if len(resource.part) > 1 or entity is OBSERVATION:
        return None
    if not resource.part:
        path = "/".join(step.link if step.key is None else f"{step.link}({step.key})" for step in resource.steps)
        return Heard(place + ROOT + number, renamed=path != number)
    known = json.dumps(Answer(viewer, "").read(number, [("$select", resource.part[0])]), ensure_ascii=False)
    return Heard(place + ROOT + number, resource.part, changed=True, known=known)


def member(path: str, number: object, viewer: Viewer) -> bool:
    """Whether the entity of this identifier belongs to the set at a path now."""
    return _sees(viewer, f"{path}('{number}')" if isinstance(number, str) else f"{path}({number})")


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
