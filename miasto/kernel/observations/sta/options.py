"""Query options ($select, $expand, $filter, $orderby, $top, $skip, $count, $resultFormat) as one frozen value."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from miasto.kernel.observations.sta.parsing import parse_filter, parse_orderby
from miasto.kernel.observations.sta.problems import Problem
from miasto.kernel.observations.sta.schema import ENTITIES, OBSERVATION, Entity
from miasto.kernel.observations.sta.settling import settled
from miasto.kernel.observations.sta.syntax import Node, Order

PAGE = 100
LARGEST_PAGE = 1_000
LARGEST_OBSERVATIONS = 10_000
FARTHEST = 2_000_000_000
MOST_EXPANDED = 25
FORMATS = ("dataArray", "GeoJSON")
KNOWN = ("$select", "$expand", "$filter", "$orderby", "$top", "$skip", "$count", "$resultFormat", "$skiptoken")


@dataclass(frozen=True)
class Options:
    """What a request asks of one entity set. ``token`` is the key after which the page begins; ``raw`` the texts themselves."""

    select: tuple[str, ...] = ()
    expand: tuple[Expand, ...] = ()
    filter: Node | None = None
    orderby: tuple[Order, ...] = ()
    top: int = PAGE
    skip: int = 0
    count: bool = False
    token: str = ""
    form: str = ""
    raw: tuple[tuple[str, str], ...] = field(default=(), compare=False)

    def onwards(self, **changed: str) -> str:
        """The query of the next page: as asked, with ``$skip`` or ``$skiptoken`` anew."""
        kept = [(name, text) for name, text in self.raw if name not in ("$skip", "$skiptoken")]
        return urlencode([*kept, *((f"${name}", text) for name, text in changed.items())], safe="$(),/':;=*@")


@dataclass(frozen=True)
class Expand:
    """A link to follow and what to ask there."""

    name: str
    options: Options = Options()


def read_options(pairs: Iterable[tuple[str, str]], entity: Entity) -> Options:
    """The options of a request on an entity set or an entity. Raises ``Problem``; names that begin with no $ are let be."""
    found: dict[str, str] = {}
    for name, text in pairs:
        if not name.startswith("$"):
            continue
        if name not in KNOWN:
            raise Problem(400, _("Nie ma opcji „%(name)s”.") % {"name": name[:40]})
        if name in found:
            raise Problem(400, _("Opcja „%(name)s” jest podana dwa razy.") % {"name": name})
        found[name] = text
    made = _options(found, entity)
    if _expanded(made.expand) > MOST_EXPANDED:
        raise Problem(400, _("Za dużo rozwinięć w $expand."))
    return made


def _options(found: dict[str, str], entity: Entity) -> Options:
    largest = LARGEST_OBSERVATIONS if entity is OBSERVATION else LARGEST_PAGE
    return Options(
        select=_select(found.get("$select", ""), entity),
        expand=_expand(found.get("$expand", ""), entity),
        filter=settled(parse_filter(found["$filter"])) if found.get("$filter", "").strip() else None,
        orderby=parse_orderby(found["$orderby"]) if found.get("$orderby", "").strip() else (),
        top=min(_whole(found, "$top", PAGE), largest),
        skip=_whole(found, "$skip", 0),
        count=_truth(found.get("$count", "false")),
        token=found.get("$skiptoken", ""),
        form=_form(found.get("$resultFormat", "")),
        raw=tuple(found.items()),
    )


def _expanded(expands: tuple[Expand, ...]) -> int:
    return sum(1 + _expanded(one.options.expand) for one in expands)


def _whole(found: dict[str, str], name: str, otherwise: int) -> int:
    text = found.get(name)
    if text is None:
        return otherwise
    if not re.fullmatch(r"[0-9]{1,12}", text.strip()) or int(text) > FARTHEST:
        raise Problem(400, _("Opcja „%(name)s” musi być liczbą całkowitą od zera.") % {"name": name})
    return int(text)


def _truth(text: str) -> bool:
    if text not in ("true", "false"):
        raise Problem(400, _("Opcja $count przyjmuje true albo false."))
    return text == "true"


def _form(text: str) -> str:
    if text and text not in FORMATS:
        raise Problem(400, _("Opcja $resultFormat przyjmuje: %(names)s.") % {"names": ", ".join(FORMATS)})
    return text


def _select(text: str, entity: Entity) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    for name in names:
        if name not in ("id", "@iot.id", "selfLink", "@iot.selfLink") and name not in properties(entity):
            raise _nothing(entity, name)
    return names


def properties(entity: Entity) -> set[str]:
    """Names of an entity's properties and links."""
    return {name.partition("/")[0] for name in entity.fields} | set(entity.links)


def _nothing(entity: Entity, name: str) -> Problem:
    return Problem(400, _("%(entity)s nie ma własności „%(name)s”.") % {"name": name[:60], "entity": entity.name})


def _expand(text: str, entity: Entity, depth: int = 0) -> tuple[Expand, ...]:
    if depth > 8:
        raise Problem(400, _("Za dużo rozwinięć w $expand."))
    made: dict[str, Expand] = {}
    for item in split(text, ","):
        one = _item(item.strip(), entity, depth)
        made[one.name] = _merged(made[one.name], one) if one.name in made else one
    return tuple(made.values())


def _item(text: str, entity: Entity, depth: int) -> Expand:
    found = re.match(r"(\w+)(?:/(.+)|\((.*)\))?\Z", text, re.DOTALL)
    if not found:
        raise Problem(400, _("Nie rozumiemy opcji $expand: %(text)s.") % {"text": text[:60]})
    name, further, inner = found.groups()
    if name not in entity.links:
        raise Problem(400, _("%(entity)s nie ma połączenia „%(name)s”.") % {"name": name[:60], "entity": entity.name})
    target = ENTITIES[entity.links[name].target]
    if further:
        return Expand(name, Options(expand=_expand(further, target, depth + 1)))
    return Expand(name, _inner(inner, target, depth) if inner else Options())


def _inner(text: str, entity: Entity, depth: int) -> Options:
    found = {}
    for part in split(text, ";"):
        name, equals, value = part.partition("=")
        name = name.strip()
        if not equals or name not in KNOWN[:-2] or name in found:
            raise Problem(400, _("Nie rozumiemy opcji $expand: %(text)s.") % {"text": part[:60]})
        found[name] = value.strip()
    expand = _expand(found.get("$expand", ""), entity, depth + 1)
    made = _options({name: value for name, value in found.items() if name != "$expand"}, entity)
    return replace(made, expand=expand, raw=tuple(found.items()))


def _merged(one: Expand, other: Expand) -> Expand:
    """The same link twice: the options of the first that has any, the further links of both."""
    first, second = (one.options, other.options) if one.options.raw else (other.options, one.options)
    links: dict[str, Expand] = {}
    for item in (*first.expand, *second.expand):
        links[item.name] = _merged(links[item.name], item) if item.name in links else item
    return Expand(one.name, replace(first, expand=tuple(links.values())))


def split(text: str, separator: str) -> list[str]:
    """The parts of a text between separators that stand outside brackets and quotes; none for an empty text."""
    parts, depth, quoted, start = [], 0, False, 0
    for place, sign in enumerate(text):
        if sign == "'":
            quoted = not quoted
        elif not quoted and sign in "()":
            depth += 1 if sign == "(" else -1
        elif not quoted and depth == 0 and sign == separator:
            parts.append(text[start:place])
            start = place + 1
        if depth < 0:
            break
    if depth or quoted:
        raise Problem(400, _("Nawiasy albo cudzysłowy nie są domknięte."))
    return [*parts, text[start:]] if text.strip() else []
