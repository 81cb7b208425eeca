"""Loads the demo: the profile's map, addresses, people, then each module's own part, in one transaction."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from miasto.demo import people
from miasto.demo.addresses import addresses
from miasto.kernel.accounts.selectors import SYSTEM, current_units, unit_for
from miasto.kernel.accounts.services import import_people
from miasto.kernel.core import clock, discovery, marks
from miasto.kernel.core.city import city
from miasto.kernel.core.registry import registry
from miasto.kernel.places.profile import load_profile
from miasto.kernel.places.services import import_features
from miasto.kernel.spec.accounts import Role

MARK = "demo"
RESIDENTS = "demo.residents"
SEED = 1
ADDRESSES = 20_000
Say = Callable[[str], None]


def loaded() -> bool:
    """Whether this database holds a demo."""
    return bool(marks.get(MARK))


@transaction.atomic
def load(*, seed: int = SEED, say: Say = lambda line: None) -> dict[str, float]:
    """Everything or nothing; returns the seconds of each part. ``say`` hears of each part when it is done."""
    parts: dict[str, float] = {}

    @contextmanager
    def part(name: str) -> Iterable[None]:
        began = time.perf_counter()
        yield
        parts[name] = time.perf_counter() - began
        say(f"  {name}: {parts[name]:.1f} s")

    with part("mapa miasta"):
        load_profile()
    with part("adresy"):
        _load_addresses(seed)
    with part("osoby"):
        _load_people(seed)
    _analyse()
    for _package, module in discovery.declarations():
        if module.demo is not None:
            with part(str(module.name)):
                module.demo(seed=seed)
    _analyse()
    marks.put(MARK, {"seed": seed, "at": clock.now().isoformat()})
    return parts


def _analyse() -> None:
    """Tell the planner what lies in the tables: autovacuum cannot see into this transaction, and guesses cost minutes."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _load_addresses(seed: int) -> None:
    path = city().path("streets.geojson")
    if path is None:
        return
    made = addresses(_features(path), count=ADDRESSES, seed=seed, postcodes=_postcodes())
    import_features(source=made, target="addresses", by=SYSTEM)


def _postcodes() -> tuple[str, int, int]:
    """("25", 1, 900) from the profile's "25-001 – 25-900"; a code that does not exist where the profile says none."""
    ends = str(city().section("postcodes") or "00-001 – 00-900").replace("–", " ").split()
    prefix, first = ends[0].split("-")
    return prefix, int(first), int(ends[-1].split("-")[1])


def _features(path: Path) -> list[dict[str, Any]]:
    return json.loads(path.read_text("utf-8"))["features"]


def _load_people(seed: int) -> None:
    crowd = people.Crowd(seed)
    units = sorted(current_units().select_related("organisation"), key=lambda unit: unit.slug)
    rows = [*_accounts(), *people.staff(units, crowd), *people.operators(crowd)]
    import_people([_allowed(row) for row in rows])
    residents = import_people([{"email": people.ACCOUNTS[0].email}, *people.residents(crowd)])
    marks.put(RESIDENTS, [str(person.pk) for person in residents])


def _accounts() -> list[dict[str, Any]]:
    rows = []
    for account in people.ACCOUNTS:
        roles = [(account.role, unit_for(account.competence) if account.competence else None)] if account.role else []
        rows.append({"email": account.email, "name": account.name, "password": people.PASSWORD, "roles": roles})
    return rows


def _allowed(row: dict[str, Any]) -> dict[str, Any]:
    """The row without roles that no engine or module of this city declares."""
    return {**row, "roles": [(role, unit) for role, unit in row.get("roles", ()) if registry().has(Role, role)]}
