"""The rows behind whose links entities are sought."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from miasto.kernel.observations.sta.schema import THING, Entity, Link
from miasto.kernel.observations.sta.sql import Sql, sql, value


@dataclass(frozen=True)
class Parents:
    """The rows behind whose ``link`` entities are sought, by their internal keys."""

    entity: Entity
    link: Link
    keys: tuple[Any, ...]

    @property
    def array(self) -> str:
        """The PostgreSQL type of the keys."""
        return "uuid[]" if self.entity is THING else "bigint[]"


def of_parents(inner: Sql, parents: Parents | None) -> Sql:
    """The query once for each parent, which it knows as ``p``."""
    if parents is None:
        return inner
    keys = value(list(parents.keys), parents.array)
    return sql("SELECT p.id AS _parent, found.* FROM unnest({}) AS p(id) CROSS JOIN LATERAL ({}) found", keys, inner)
