"""The abstract syntax of $filter and $orderby (18-088 § 9.3.3.5): frozen values that know where they stood in the text."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What an expression yields. ``JSON`` is known only from row to row: a result, a property of one's own."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    INSTANT = "instant"
    INTERVAL = "interval"
    DATE = "date"
    TIME = "time"
    DURATION = "duration"
    GEOMETRY = "geometry"
    JSON = "json"
    KEY = "key"
    NULL = "null"


@dataclass(frozen=True, kw_only=True)
class Node:
    """A part of an expression that begins at the 1-based position ``at``."""

    at: int = field(default=0, compare=False)


@dataclass(frozen=True, kw_only=True)
class Literal(Node):
    """A constant. An interval's value is a pair of instants, a geometry's its WKT."""

    kind: Kind
    value: Any = None


@dataclass(frozen=True, kw_only=True)
class Path(Node):
    """A property, after navigation: ``Datastream/ObservedProperty/name``."""

    steps: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Call(Node):
    """A function of the standard."""

    name: str
    args: tuple[Node, ...]


@dataclass(frozen=True, kw_only=True)
class Binary(Node):
    """``op``: and or eq ne gt ge lt le add sub mul div mod."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, kw_only=True)
class Not(Node):
    """Denial."""

    operand: Node


@dataclass(frozen=True, kw_only=True)
class Member(Node):
    """``left in (item, ...)``."""

    left: Node
    items: tuple[Node, ...]


@dataclass(frozen=True)
class Order:
    """One term of $orderby."""

    by: Node
    descending: bool = False


Instants = tuple[datetime, datetime]
LOGICAL = ("and", "or")
COMPARISONS = ("eq", "ne", "gt", "ge", "lt", "le")
ADDITIVE = ("add", "sub")
MULTIPLICATIVE = ("mul", "div", "mod")
WORDS = frozenset((*LOGICAL, *COMPARISONS, *ADDITIVE, *MULTIPLICATIVE, "not", "in"))
