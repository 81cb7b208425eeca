"""The law as data: bases with their minimum times and forms, who may take part, who may ask for a process.

All of it comes from the profile's ``participation.toml``. A time counts from the day after the start (Civil Code art. 111 § 2),
so that the last day must lie at least ``min_days`` after the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from miasto.kernel.core.city import city

FILE = "participation.toml"
AUTHOR_FIELDS = ("name", "organisation", "email", "phone", "postal_address")


@dataclass(frozen=True)
class Field:
    """A field of a statutory form. ``key`` is one of ``AUTHOR_FIELDS`` or that of an answer; ``kind`` text, lines or choice."""

    key: str
    label: str
    kind: str = "text"
    hint: str = ""
    required: bool = False
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Basis:
    """A legal basis. ``act`` cites it; ``fields`` are those of the statutory form, empty where any form will do."""

    key: str
    name: str
    act: str
    min_days: int
    rounds: int = 1
    form: str = ""
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True)
class Choice:
    """A group of authors or an initiator. ``signatures`` is how many people an initiator needs (0: not counted)."""

    key: str
    name: str
    hint: str = ""
    signatures: int = 0


@cache
def _profile() -> dict[str, Any]:
    return city().toml(FILE)


def _said(row: dict[str, Any], field: str) -> str:
    words = row.get("translations", {}).get((get_language() or "pl").split("-")[0], {})
    return str(words.get(field) or row.get(field, ""))


def bases() -> list[Basis]:
    """The legal bases of the profile, in its order, in the reader's language."""
    return [_basis(row) for row in _profile().get("bases", [])]


def _basis(row: dict[str, Any]) -> Basis:
    form = str(row.get("form", ""))
    fields = tuple(_field(one) for one in _profile().get("forms", {}).get(form, {}).get("fields", []))
    return Basis(row["key"], _said(row, "name"), row["act"], int(row["min_days"]), int(row.get("rounds", 1)), form, fields)


def _field(row: dict[str, Any]) -> Field:
    labels = row.get("translations", {}).get((get_language() or "pl").split("-")[0], {}).get("choices", {})
    choices = tuple((str(value), str(labels.get(value, label))) for value, label in row.get("choices", []))
    hint, required = _said(row, "hint"), bool(row.get("required"))
    return Field(row["key"], _said(row, "label"), row.get("kind", "text"), hint, required, choices)


def form_name(key: str) -> str:
    """What a statutory form is called; empty for none."""
    return _said(_profile().get("forms", {}).get(key, {}), "name")


def basis(key: str) -> Basis:
    """One basis; raises ``KeyError``."""
    return _one(bases(), key)


def author_groups() -> list[Choice]:
    """Who may take part."""
    return [Choice(row["key"], _said(row, "name"), _said(row, "hint")) for row in _profile().get("author_groups", [])]


def initiators() -> list[Choice]:
    """Who may ask for a process."""
    rows = _profile().get("initiators", [])
    return [Choice(row["key"], _said(row, "name"), _said(row, "hint"), int(row.get("signatures", 0))) for row in rows]


def name_of(choices: list[Choice], key: str) -> str:
    """The name of a choice; its key where the profile knows it no more."""
    return next((one.name for one in choices if one.key == key), key)


def _one(found: list[Basis], key: str) -> Basis:
    one = next((row for row in found if row.key == key), None)
    if one is None:
        raise KeyError(f"{FILE} has no basis {key!r}")
    return one


def earliest_end(found: Basis, starts_on: date) -> date:
    """The first local date on which remarks that begin to be taken on ``starts_on`` may end."""
    return starts_on + timedelta(days=found.min_days)


def check_dates(found: Basis, starts_on: date, ends_on: date) -> None:
    """Raise ``ValidationError`` where the law wants more time for remarks than from one local date to another."""
    if ends_on >= earliest_end(found, starts_on):
        return
    least = ngettext("co najmniej %(n)d dzień", "co najmniej %(n)d dni", found.min_days) % {"n": found.min_days}
    words = _(
        "Na uwagi trzeba dać %(least)s, nie licząc dnia rozpoczęcia (%(act)s). "
        "Jeśli zaczynasz %(start)s, najwcześniejszy koniec to %(end)s."
    )
    earliest = earliest_end(found, starts_on)
    values = {"least": least, "act": found.act, "start": _day(starts_on), "end": _day(earliest)}
    raise ValidationError({"phases": words % values}, code="too_short")


def _day(day: date) -> str:
    return f"{day.day}.{day.month:02d}.{day.year}"
