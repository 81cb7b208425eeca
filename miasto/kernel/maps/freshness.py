"""On which tables the public tiles of a layer depend, so that they are kept until one of those changes."""

from __future__ import annotations

import re
from collections.abc import Iterable

from miasto.kernel.accounts.viewer import ANONYMOUS
from miasto.kernel.core import freshness
from miasto.kernel.maps.layers import layers, select
from miasto.kernel.spec.maps import Layer

_TABLE = re.compile(r'(?:FROM|JOIN) \(*"(\w+)"')


def tables_in(sql: str) -> frozenset[str]:
    """The tables that a statement made by Django reads."""
    return frozenset(_TABLE.findall(sql))


def tables_of(spec: Layer) -> frozenset[str]:
    """The tables on which the public tiles of a layer depend."""
    return tables_in(select(spec, ANONYMOUS, {name: name for name in spec.tile})[0])


def install_triggers(specs: Iterable[Layer] | None = None) -> list[str]:
    """Make the tables behind the layers tell of their changes; returns those that did not yet. May be repeated."""
    return freshness.tell_of(table for spec in (layers() if specs is None else specs) for table in tables_of(spec))
