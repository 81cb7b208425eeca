"""Organisations, units and competences of the city's profile, brought into the database.

What an administrator changed by hand stays: a field is written only where the profile says something else than at the last run.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import transaction

from miasto.kernel.accounts.models import Competence, Organisation, Unit
from miasto.kernel.core import clock, marks
from miasto.kernel.core.city import ProfileError, city

MARK = "accounts.profile"
UNIT_FIELDS = ("name", "short_name", "email", "phone", "valid_from", "valid_to")


@transaction.atomic
def sync_profile() -> None:
    """Make or update organisations, units and competences from the profile; idempotent. Raises ``ProfileError``."""
    before: dict[str, Any] = marks.get(MARK, {})
    now: dict[str, Any] = {}
    organisations = _sync_organisations(before, now)
    units = _sync_units(before, now, organisations)
    _sync_competences(units)
    marks.put(MARK, now)


def _sync_organisations(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Organisation]:
    known = {row.slug: row for row in Organisation.objects.all()}
    for row in city().rows("organisations"):
        slug = _field(row, "slug", "organisations")
        kind = row.get("kind", Organisation.Kind.CITY)
        if kind not in Organisation.Kind.values:
            raise _wrong("organisations", f"{slug}: kind {kind!r} is none of {', '.join(Organisation.Kind.values)}")
        wanted = {"name": _field(row, "name", "organisations"), "kind": kind}
        known[slug] = _write(known.get(slug) or Organisation(slug=slug), f"organisation:{slug}", wanted, before, now)
    return known


def _sync_units(before: dict[str, Any], now: dict[str, Any], organisations: dict[str, Organisation]) -> dict[str, Unit]:
    known = {row.slug: row for row in Unit.objects.all()}
    waiting = city().rows("units")
    while waiting:
        ready = [row for row in waiting if not row.get("parent") or row["parent"] in known]
        if not ready:
            missing = sorted({row["parent"] for row in waiting})
            raise _wrong("units", f"no unit {', '.join(missing)}, or a circle of parents")
        for row in ready:
            _sync_unit(row, known, organisations, before, now)
        waiting = [row for row in waiting if row not in ready]
    return known


def _sync_unit(
    row: dict[str, Any],
    known: dict[str, Unit],
    organisations: dict[str, Organisation],
    before: dict[str, Any],
    now: dict[str, Any],
) -> None:
    slug = _field(row, "slug", "units")
    parent = known[row["parent"]] if row.get("parent") else None
    organisation = organisations.get(row["organisation"]) if row.get("organisation") else None
    if organisation is None and parent is not None and not row.get("organisation"):
        organisation = parent.organisation
    if organisation is None:
        raise _wrong("units", f"{slug}: organisation {row.get('organisation')!r} is not among the organisations")
    unit = known.get(slug) or Unit(slug=slug)
    unit.organisation, unit.parent = organisation, parent
    wanted = {name: row.get(name, None if name.startswith("valid") else "") for name in UNIT_FIELDS}
    wanted["name"] = _field(row, "name", "units")
    known[slug] = _write(unit, f"unit:{slug}", wanted, before, now)


def _write(obj: Any, key: str, wanted: dict[str, Any], before: dict[str, Any], now: dict[str, Any]) -> Any:
    plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in wanted.items()}
    last = before.get(key, {})
    for name, value in wanted.items():
        if obj._state.adding or plain[name] != last.get(name):
            setattr(obj, name, value)
    obj.save()
    now[key] = plain
    return obj


def _sync_competences(units: dict[str, Unit]) -> None:
    wanted: dict[str, list[dict[str, Any]]] = {}
    for row in city().rows("competences"):
        unit = row.get("unit")
        if unit not in units:
            raise _wrong("competences", f"{row.get('key')}: no unit {unit!r}")
        wanted.setdefault(_field(row, "key", "competences"), []).append(row)
    held: dict[str, list[Competence]] = {}
    for competence in Competence.objects.all():
        held.setdefault(competence.key, []).append(competence)
    for key in sorted(wanted.keys() | held.keys()):
        _sync_competence(key, wanted.get(key, []), held.get(key, []), units)


def _sync_competence(key: str, rows: list[dict[str, Any]], held: list[Competence], units: dict[str, Unit]) -> None:
    today = clock.today()
    kept: set[int] = set()
    starts: list[date] = []
    for row in rows:
        unit, since, until = units[row["unit"]], row.get("since"), row.get("until")
        match = next((one for one in held if one.unit_id == unit.id and _same_time(one, since, today)), None)
        if match is None:
            since = since or (today if held else None)
            match = Competence(key=key, unit=unit, since=since)
            starts.append(since or today)
        if match.pk is None or match.until != until:
            match.until = until
            match.save()
        kept.add(match.pk)
    end = min(starts, default=today) - timedelta(days=1)
    for competence in held:
        if competence.pk not in kept and (competence.until is None or competence.until > end):
            competence.until = end
            competence.save(update_fields=["until"])


def _same_time(competence: Competence, since: date | None, today: date) -> bool:
    if since is not None:
        return competence.since == since
    return competence.until is None or competence.until >= today


def _field(row: dict[str, Any], name: str, table: str) -> Any:
    if not row.get(name):
        raise _wrong(table, f"{row.get('slug') or row.get('key') or row}: the field {name} is missing")
    return row[name]


def _wrong(table: str, problem: str) -> ProfileError:
    return ProfileError(f"{city().folder / 'city.toml'}: {table}: {problem}")
