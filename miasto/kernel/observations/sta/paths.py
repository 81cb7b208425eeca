"""Resource paths (18-088 § 9.2): ``Datastreams(1)/Thing/Locations/$ref``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from miasto.kernel.observations.sta.options import properties
from miasto.kernel.observations.sta.problems import Problem
from miasto.kernel.observations.sta.schema import ENTITIES, OBSERVATION, PLURALS, Entity

LONGEST = 20
_SEGMENT = re.compile(r"(\w+)(?:\((.*)\))?\Z", re.DOTALL)


@dataclass(frozen=True)
class Step:
    """One entity or set: ``link`` is the name by which it was reached (the plural for the first); ``key`` the given key."""

    link: str
    entity: Entity
    many: bool
    key: int | str | None = None

    @property
    def is_set(self) -> bool:
        """Whether many entities are meant."""
        return self.many and self.key is None


@dataclass(frozen=True)
class Resource:
    """What a path names: steps to an entity or a set, then a property's name and parts, ``$value`` or ``$ref``."""

    steps: tuple[Step, ...]
    part: tuple[str, ...] = ()
    raw: bool = False
    ref: bool = False

    @property
    def last(self) -> Step:
        """The entity or set asked for."""
        return self.steps[-1]


def read_path(text: str) -> Resource:
    """The resource of a path. Raises ``Problem`` 404 for what the service cannot have."""
    segments = text.strip("/").split("/")
    if len(segments) > LONGEST:
        raise Problem(404, _("Ten adres jest za długi."))
    ref = segments[-1] == "$ref"
    raw = segments[-1] == "$value"
    if ref or raw:
        segments = segments[:-1]
    steps: list[Step] = []
    while segments and (step := _step(segments[0], steps)):
        steps.append(step)
        segments = segments[1:]
    made = Resource(tuple(steps), tuple(segments), raw=raw, ref=ref)
    _check(made, text)
    return made


def _check(resource: Resource, text: str) -> None:
    if not resource.steps:
        raise Problem(404, _("Nie ma zbioru „%(name)s”.") % {"name": text[:60]})
    if any(step.is_set for step in resource.steps[:-1]):
        raise Problem(404, _("Przed dalszą częścią adresu trzeba wskazać jeden obiekt, na przykład Things(1)."))
    wrong_property = resource.part and (
        resource.last.is_set
        or resource.ref
        or resource.part[0] not in properties(resource.last.entity) | {"id", "@iot.id", "selfLink"}
    )
    if wrong_property or (resource.raw and not resource.part):
        raise Problem(404, _("Nie ma takiego adresu: %(text)s.") % {"text": text[:100]})


def _step(segment: str, before: list[Step]) -> Step | None:
    found = _SEGMENT.match(segment)
    if not found:
        raise Problem(404, _("Nie ma takiego adresu: %(text)s.") % {"text": segment[:60]})
    name, key = found.groups()
    if not before:
        entity, many = PLURALS.get(name), True
    else:
        link = before[-1].entity.links.get(name)
        entity, many = (ENTITIES[link.target], link.many) if link else (None, False)
    if entity is None or (key is not None and not many):
        if before and key is None:
            return None
        raise Problem(404, _("Nie ma zbioru „%(name)s”.") % {"name": name[:60]})
    return Step(name, entity, many, None if key is None else read_key(key, entity))


def read_key(text: str, entity: Entity) -> int | str:
    """The key between brackets: a whole number; for an observation its quoted identifier. Raises ``Problem`` 404."""
    if entity is OBSERVATION:
        if re.fullmatch(r"'[\d-]{1,40}'", text):
            return text[1:-1]
    elif re.fullmatch(r"'?[0-9]{1,18}'?", text) and (text[0] == "'") == (text[-1] == "'"):
        return int(text.strip("'"))
    raise Problem(404, _("Nie ma obiektu %(name)s(%(key)s).") % {"name": entity.plural, "key": text[:40]})
